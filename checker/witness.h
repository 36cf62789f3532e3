/* From a refuted history to the few operations that show it.
 *
 * Only sound reductions are made (calls.h), so what is left cannot be linearized because the whole
 * cannot: the prefix up to the return that could not be got past; the latest moment such that what
 * follows it cannot be linearized from any state; then, greedily, calls whose absence nothing that
 * is left can notice, or all calls on one element; and if there are still many, values that may be
 * written by anybody. */
#ifndef CHECKER_WITNESS_H
#define CHECKER_WITNESS_H

#include "checker/linear.h"
#include "checker/verify.h"

struct witness {
    struct refutation refutation; /* its arrays are from the budget */
    uint32_t failing;             /* the number of the operation that cannot be placed */
};

/* Fills *out, which the caller gives back with witness_fini. found must be LINEAR_INVALID. Adds to
 * *steps. Ends early, with a larger witness, when time runs out. ERR_NOMEM leaves nothing to free.
 */
int witness_find(const struct linear_input *input, const struct object *object,
                 const struct linear_result *found, struct witness *out, uint64_t *steps);

void witness_fini(struct witness *witness, struct budget *budget);

#endif
