/* From a refuted history to the few operations that show it.
 *
 * Only sound reductions are made (calls.h), so what is left cannot be linearized because the whole
 * cannot: the prefix up to the return that could not be got past; the latest moment such that what
 * follows it cannot be linearized from any state; then, greedily, calls whose absence nothing that
 * is left can notice; and if there are still many, values that may be written by anybody. */
#ifndef CHECKER_WITNESS_H
#define CHECKER_WITNESS_H

#include "checker/linear.h"

struct arena;

struct witness {
    const uint32_t *invokes; /* positions of the invocations, in order; in the arena */
    uint32_t count;
    uint32_t failing; /* position of the invocation that cannot be placed ... */
    uint32_t last;    /* ... and of its completion; what completes later is still open */
    bool any_state;   /* operations that completed before `first` are left out, whatever state
                         they left behind; those open at `first` may have happened before it */
    uint32_t first;   /* a position in the history; 0 unless any_state */
    /* Operations that write one of these are left out: it holds however often they are written.
     * In the arena; the values are the history's. */
    const struct value *free_values;
    uint32_t free_count;
};

/* Fills *out. *window receives the calls before the last, greedy reduction: all that happened at
 * the time; the caller frees it with calls_fini. found must be LINEAR_INVALID. Adds to *steps. Ends
 * early, with a larger witness, when time runs out. ERR_NOMEM leaves nothing to free. */
int witness_find(const struct linear_input *input, const struct linear_result *found,
                 struct arena *arena, struct witness *out, struct calls *window, uint64_t *steps);

#endif
