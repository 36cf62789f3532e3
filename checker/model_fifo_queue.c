/* A queue, first in first out. The state is the numbers of its elements, the head first. */
#include "checker/model_container.h"

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    return container_compile(context, op, F_ENQUEUE, F_DEQUEUE, out);
}

static int32_t add(struct model_context *context, int32_t state, int32_t element)
{
    uint32_t length;
    state_table_get(&context->states, state, &length);
    int32_t *draft = state_table_draft(&context->states, length + 1);
    if (!draft)
        return MODEL_NOMEM;
    const int32_t *words = state_table_get(&context->states, state, &length);
    memcpy(draft, words, length * sizeof *draft);
    draft[length] = element;
    return state_table_intern_draft(&context->states, length + 1);
}

static int32_t take(struct model_context *context, int32_t state)
{
    uint32_t length;
    state_table_get(&context->states, state, &length);
    int32_t *draft = state_table_draft(&context->states, length - 1);
    if (!draft)
        return MODEL_NOMEM;
    const int32_t *words = state_table_get(&context->states, state, &length);
    memcpy(draft, words + 1, (length - 1) * sizeof *draft);
    return state_table_intern_draft(&context->states, length - 1);
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)choice;
    if (op->code == CONTAINER_ADD || op->code == CONTAINER_MAY_ADD)
        return container_is_useless(context, op) ? MODEL_REFUSED
                                                 : add(context, state, op->argument);
    return take(context, state);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code >= CONTAINER_TAKE) {
        int32_t glance = container_glance(context, state, op);
        if (glance)
            return glance;
    }
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ENQUEUE, F_DEQUEUE, F_NONE};

const struct model model_fifo_queue = {
    .name = "fifo-queue",
    .doc = "enqueue, dequeue of the oldest element; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
