/* Operations of queues and stacks, compiled alike: all of them add one element, or take one.
 * Private to their models.
 *
 * An element that a crashed operation added, and that nobody is known to have taken, is never of
 * use: whatever can be linearized with it can be without it and without the crashed operation that
 * took it. */
#ifndef CHECKER_MODEL_CONTAINER_H
#define CHECKER_MODEL_CONTAINER_H

#include "checker/model_common.h"

enum container_code {
    CONTAINER_ADD,     /* argument: the number of the element */
    CONTAINER_MAY_ADD, /* the same of a crashed operation; those that follow take */
    CONTAINER_TAKE,    /* argument: the number of the element taken */
    CONTAINER_TAKE_ANY,
    CONTAINER_IS_EMPTY,
};

/* As model->compile. `adds` and `takes` are the canonical names of the operations. */
int container_compile(struct model_context *context, const struct operation *op, symbol adds,
                      symbol takes, struct model_op *out);

/* Whether the operation is a crashed one that adds what nobody took. */
bool container_is_useless(const struct model_context *context, const struct model_op *op);

/* Of an operation that takes, where the first word of a state is what would be taken:
 * MODEL_REFUSED, or the state where there was nothing to be taken and the operation says so; 0:
 * take the first. */
static inline int32_t container_glance(const struct model_context *context, int32_t state,
                                       const struct model_op *op)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    if (op->code == CONTAINER_IS_EMPTY)
        return length == 0 ? state : MODEL_REFUSED;
    if (length == 0 || (op->code == CONTAINER_TAKE && words[0] != op->argument))
        return MODEL_REFUSED;
    return 0;
}

#endif
