/* One order in which the calls of an accepted search took effect.
 *
 * The trace of a search (trace.h) names the calls that it had to put somewhere in particular, each
 * with the return before which it did so. What is left are calls that change nothing anybody sees:
 * those that leave the state as it is, and those that overwrite everything, or are possible in
 * every state, and are overwritten at once. Each of them is put where it may be: the former where
 * the state allows it, the latter right before another one that overwrites everything.
 *
 * O(n * calls at the same time), 40 bytes a call meanwhile. Not thread-safe. */
#ifndef CHECKER_LINEAR_ORDER_H
#define CHECKER_LINEAR_ORDER_H

#include "checker/calls.h"
#include "checker/trace.h"

struct linear_order {
    uint32_t *numbers; /* of the operations (struct call), in order; from the budget */
    uint32_t count;
    uint32_t capacity; /* the same as count, once it is made */
};

/* The order of a path of the trace that accepts all calls: it ends in `node`, and its events are
 * indexes of calls->events. ERR_NOMEM, ERR_TIMEOUT: nothing is left to free. */
int linear_order_make(struct linear_order *out, const struct model *model,
                      struct model_context *context, const struct calls *calls,
                      const struct trace *trace, uint32_t node);

/* Puts in those operations of the object that took effect but were compiled to nothing at all: they
 * may happen in any state and change none. ERR_NOMEM: the order is as it was. O(n log n). */
int linear_order_complete(struct linear_order *order, const struct object *object,
                          const struct model *model, const struct model_context *context);

void linear_order_fini(struct linear_order *order, struct budget *budget);

#endif
