/* What happened before each committed transaction by session order and reads-from: for each session
 * how many of its transactions did (a vector clock; Fidge 1988, Mattern 1989).
 *
 * Clocks are made place by place, and forgotten once the next of the session and all readers have
 * taken from them (Møldrup & Pavlogiannis, "AWDIT", PLDI 2025). Sessions are gone through in
 * *columns*, of as many as the memory allows, 16 at least: one pass over all places for each
 * column. Time sessions * (places + reads) / 4 or so, and once for each element of a list that a
 * session reads first; memory 8 bytes a place and the clocks in use at one time: those of an
 * element until all sessions that read it have. */
#ifndef TRANSACTIONS_SESSION_CLOCKS_H
#define TRANSACTIONS_SESSION_CLOCKS_H

#include "transactions/committed.h"

#include <stdbool.h>
#include <stdint.h>

struct session_clocks {
    const struct committed *done;
    struct budget *budget;
    uint32_t width; /* sessions of a column */
    uint32_t base;  /* the first session of this one */
    uint32_t *uses; /* by place: who takes from its clock */
    uint32_t *left; /* of them, in this pass */
    uint32_t *rows; /* by place: which row its clock is */
    uint32_t *free; /* rows in nobody's use */
    uint32_t row_count, free_count;
    int32_t *numbers;
};

/* bytes: all clocks together may take so much, if 16 sessions do; 0 = as much as is usual, or a
 * part of what is left of the budget. Errors: ERR_NOMEM. To be freed also after an error. */
int session_clocks_init(struct session_clocks *clocks, const struct committed *done, size_t bytes,
                        struct budget *budget);
void session_clocks_fini(struct session_clocks *clocks);

/* Begins a pass over all places for the sessions from `base` on. */
void session_clocks_begin(struct session_clocks *clocks, uint32_t base);

/* The clock of everything before this place, once every place before it was entered and left. The
 * clocks of those it read from stay until it is left. */
const int32_t *session_clocks_enter(struct session_clocks *clocks, uint32_t place);
void session_clocks_leave(struct session_clocks *clocks, uint32_t place);

static inline const int32_t *session_clocks_of(const struct session_clocks *clocks, uint32_t place)
{
    return clocks->numbers + (size_t)clocks->rows[place] * clocks->width;
}

/* Whether a session is in this column. */
static inline bool session_clocks_cover(const struct session_clocks *clocks, uint32_t session)
{
    return session - clocks->base < clocks->width;
}

/* Whether a transaction is among those that a clock counts; its session is in this column. */
static inline bool session_clocks_count(const struct session_clocks *clocks, const int32_t *clock,
                                        const struct committed_txn *txn)
{
    return clock[txn->session - clocks->base] > (int32_t)txn->turn;
}

#endif
