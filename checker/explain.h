/* The words for a refutation: which operations, what the failing one says, and what it could have
 * said instead. Text goes to the arena; NULL when that, or the memory, is full. */
#ifndef CHECKER_EXPLAIN_H
#define CHECKER_EXPLAIN_H

#include "checker/model.h"
#include "checker/object.h"
#include "checker/specification.h"
#include "checker/verify.h"

struct arena;
struct budget;
struct strbuf;

struct explain_input {
    const struct object *object;
    const struct model *model;
    const struct specification *specification;
    const struct history_semantics *semantics;
    const struct refutation *refutation; /* until is never POSITION_NONE */
    uint32_t failing;                    /* number of the operation that cannot be placed */
    struct budget *budget;               /* pays for the trying of other answers, and ends it */
    uint64_t steps_max;                  /* of the trying */
};

/* All in the arena. */
struct explained {
    const char *cause; /* one sentence: "read 5 by process 4 (1.215 s to 1.220 s) is impossible: the
                          value could only be 7" */
    const char *text;  /* several lines, for people; the cause is the first */
    /* What the failing operation could have answered, or a cas could have found, and nothing else;
     * NULL if that is not known. */
    const value_ref *possible;
    uint32_t possible_count;
    /* What the object could have been when it completed: "[3 4]". Some of them, if they are many;
     * none if that is not known. */
    const char *const *states;
    uint32_t state_count;
};

/* ERR_NOMEM. */
int explain_refutation(const struct explain_input *input, struct arena *arena,
                       struct explained *out);

/* "1.215 s", or "event 12" when no times were recorded. */
void explain_moment(struct strbuf *out, const struct operations *all, position at);

#endif
