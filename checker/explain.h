/* The words for a witness: which operations, what the failing one says, and what it could have
 * said instead. Text goes to the arena; NULL when that is full. */
#ifndef CHECKER_EXPLAIN_H
#define CHECKER_EXPLAIN_H

#include "checker/witness.h"

struct arena;
struct strbuf;

struct explain_input {
    const struct history *history;
    const uint32_t *partner;
    const struct key_group *group;
    const struct witness *witness;
    const struct linear_input *linear; /* of the whole object */
    struct calls *window; /* as witness_find gives it; changed, and restored, meanwhile */
};

/* One sentence: "read 5 by process 4 (1.215 s to 1.220 s) is impossible: the value could only be
 * 7". */
const char *explain_cause(const struct explain_input *input, struct arena *arena);

/* Several lines, for people. cause as above. */
const char *explain_witness(const struct explain_input *input, const char *cause,
                            struct arena *arena);

/* "write 7", "read 5", "cas 1 to 2": an operation with its outcome's value. */
void explain_operation(struct strbuf *out, const struct op *invocation,
                       const struct op *completion);

/* "1.215 s", or "event 12" when no times were recorded. */
void explain_moment(struct strbuf *out, const struct op *event);

#endif
