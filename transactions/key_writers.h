/* Who wrote each key, in order of places, as far as a pass over the places has come; and which of
 * them are of a session, or happened before by session clocks.
 *
 * Looking for them goes back from the last writer. Where that takes long the writers of each
 * session are searched instead, for which they are sorted once by key and session. 4 bytes for a
 * write and 8 for a key, and 8 and 8 more then. */
#ifndef TRANSACTIONS_KEY_WRITERS_H
#define TRANSACTIONS_KEY_WRITERS_H

#include "transactions/session_clocks.h"

struct key_writers {
    const struct committed *done;
    struct budget *budget;
    uint32_t *first;  /* of each key's writers; one more */
    uint32_t *passed; /* where the next one of the key is, in this pass */
    uint32_t *places; /* by key, ascending */
    uint32_t *sorted; /* by key, then session, then place; NULL until it is needed */
    uint32_t *groups; /* of `sorted`: where each session's part ends, at its first */
    uint32_t *stamps; /* by session of the column: the last question that found one of it */
    uint32_t question;
    uint32_t stamp_count;
};

/* Errors: ERR_NOMEM. To be freed also after an error. */
int key_writers_init(struct key_writers *writers, const struct committed *done,
                     struct budget *budget);
void key_writers_fini(struct key_writers *writers);

/* Before a pass; and after each place of it. */
void key_writers_begin(struct key_writers *writers);
void key_writers_pass(struct key_writers *writers, uint32_t place);

/* The last of a session so far, if its place is not before `after`; otherwise PLACE_NONE, also
 * without memory: then *rc is ERR_NOMEM. Errors: ERR_NOMEM. */
uint32_t key_writers_of_session(struct key_writers *writers, uint32_t key, uint32_t session,
                                uint32_t after, int *rc);

/* One question: writers of a key that a clock counts. */
struct visible_writers {
    struct key_writers *writers;
    const struct session_clocks *clocks;
    const int32_t *clock; /* they are in this one ... */
    const int32_t *known; /* ... and not in this one; NULL: none */
    uint32_t key;
    uint32_t after;     /* their places are not before this one */
    uint32_t at, steps; /* where in `places`; how far back the search may go */
    uint32_t group, group_end;
    bool is_by_session;
};

void visible_writers_begin(struct visible_writers *search);

/* The next one: the last of its session; of another session each time. PLACE_NONE if there is none
 * left; PLACE_NONE too, and *rc is ERR_NOMEM, without memory. */
uint32_t visible_writers_next(struct visible_writers *search, int *rc);

#endif
