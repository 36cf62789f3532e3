/* A stack. The state is the number of the top element and that of the state below it; empty for the
 * empty stack: so a step costs the same whatever the height. */
#include "checker/model_container.h"

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    return container_compile(context, op, F_PUSH, F_POP, out);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)choice;
    if (op->code == CONTAINER_ADD || op->code == CONTAINER_MAY_ADD) {
        int32_t words[] = {op->argument, state};
        return container_is_useless(context, op) ? MODEL_REFUSED
                                                 : state_table_intern(&context->states, words, 2);
    }
    int32_t glance = container_glance(context, state, op);
    if (glance)
        return glance;
    uint32_t length;
    return state_table_get(&context->states, state, &length)[1];
}

static const symbol functions[] = {F_PUSH, F_POP, F_NONE};

const struct model model_stack = {
    .name = "stack",
    .doc = "push, pop of the newest element; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
