/* What an object could have been, and answered, where one of its operations cannot be placed: found
 * by following its specification through everything that happened before, completion by completion.
 *
 * Nothing is left out, so that what is not found is not possible. A past that is long, or in which
 * too much overlapped, is not followed: then nothing is said. */
#ifndef CHECKER_EXPLAIN_STATES_H
#define CHECKER_EXPLAIN_STATES_H

#include "checker/object.h"
#include "checker/specification.h"

struct budget;
struct strbuf;

enum { EXPLAIN_STATES_MAX = 8, EXPLAIN_ANSWERS_MAX = 32 };

struct explain_past {
    const struct object *object;
    const struct specification *specification;
    struct specification_context context;
    uint32_t failing; /* number of the operation; it completed */
    struct budget *budget;
    uint64_t steps_max;
};

struct explain_states {
    /* What it could be when the failing operation completed, had that not been there. */
    struct specification_state states[EXPLAIN_STATES_MAX];
    uint32_t shown, count; /* of all; 0: not known */
    /* What the failing operation could have answered. Known only of those that ask. */
    value_ref answers[EXPLAIN_ANSWERS_MAX];
    uint32_t answer_count;
    bool answers_known;
};

/* Fills *out in every case; explain_states_fini gives it back. */
void explain_find_states(const struct explain_past *past, struct explain_states *out);
void explain_states_fini(struct explain_states *states);

/* "the queue could hold [3 4] or [4 3]", "the mutex could be free": all that is shown. */
void explain_put_states(struct strbuf *out, const struct explain_past *past,
                        const struct explain_states *states);

/* One of them: "[3 4]", "free". */
void explain_put_state(struct strbuf *out, const struct explain_past *past,
                       const struct specification_state *state);

#endif
