/* A stack.
 *
 * Where all operations are known, pushes are announced (model.h), and in which order those that
 * overlap took effect is decided only when their elements are popped (stack_state.h): the orders
 * of pushes, which multiply, need not be told apart. The state is the segment that is now, and
 * three words for each element.
 *
 * Else the state is the number of the top element and that of the state below it; empty for the
 * empty stack: so a step costs the same whatever the height. */
#include "checker/model_stack.h"

/* --- pushes that are announced --- */

bool model_stack_open(struct model_context *context, int32_t state, struct stack_state *out,
                      int32_t **scratch)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    uint32_t count = length / STACK_WORDS, now = length ? (uint32_t)words[0] : 0;
    int32_t *draft = state_table_draft(&context->states, (count + 1) * (STACK_WORDS + 1) + now + 4);
    if (!draft)
        return false;
    *out = (struct stack_state){
        .items = (struct pushed *)(void *)draft, .count = count, .now = (int32_t)now};
    *scratch = draft + (size_t)(count + 1) * (STACK_WORDS + 1);
    words = state_table_get(&context->states, state, &length);
    for (uint32_t i = 0; i < count; i++)
        out->items[i] = (struct pushed){.number = words[1 + STACK_WORDS * i],
                                        .first = words[2 + STACK_WORDS * i],
                                        .last = words[3 + STACK_WORDS * i]};
    return true;
}

/* Of the draft that model_stack_open made. */
static int32_t intern(struct model_context *context, struct stack_state *state, int32_t *scratch)
{
    int32_t *words = (int32_t *)(void *)state->items;
    stack_state_normalise(state, scratch);
    if (state->count == 0 && state->now == 0)
        return state_table_intern_draft(&context->states, 0);
    struct pushed next = state->count ? state->items[0] : (struct pushed){0};
    for (uint32_t i = 0; i < state->count; i++) {
        struct pushed item = next;
        if (i + 1 < state->count)
            next = state->items[i + 1];
        words[1 + STACK_WORDS * i] = item.number;
        words[2 + STACK_WORDS * i] = item.first;
        words[3 + STACK_WORDS * i] = item.last;
    }
    words[0] = state->now;
    return state_table_intern_draft(&context->states, 1 + STACK_WORDS * state->count);
}

static int32_t step_announced(struct model_context *context, int32_t state,
                              const struct model_op *op)
{
    struct stack_state stack;
    int32_t *scratch;
    if (container_is_useless(context, op))
        return state;
    if (!model_stack_open(context, state, &stack, &scratch))
        return MODEL_NOMEM;
    if (!op->returned)
        stack_state_push(&stack, (struct pushed){.number = op->argument, .last = op->result});
    else if (stack_state_returned(&stack, op->result) == stack.count)
        return state;
    return intern(context, &stack, scratch);
}

static int32_t pop(struct model_context *context, int32_t state, const struct model_op *op,
                   uint32_t choice)
{
    struct stack_state stack;
    int32_t *scratch, segment;
    if (!model_stack_open(context, state, &stack, &scratch))
        return MODEL_NOMEM;
    if (op->code == CONTAINER_IS_EMPTY)
        return stack_state_empty(&stack) ? intern(context, &stack, scratch) : MODEL_REFUSED;
    uint32_t at =
        stack_state_choose(&stack, op->code == CONTAINER_TAKE ? &op->argument : NULL, choice);
    if (at == stack.count)
        return MODEL_NO_CHOICE;
    stack_state_pop(&stack, at, &segment);
    return intern(context, &stack, scratch);
}

/* As model_remembered_step, for operations that branch and have an argument. */
static int32_t step_other(struct model_context *context, int32_t state, const struct model_op *op,
                          uint32_t choice)
{
    uint64_t label =
        (uint64_t)op->code << 60 | (uint64_t)choice << 32 | (uint64_t)(uint32_t)op->argument;
    int32_t next = step_memo_find(&context->states.memo, state, label);
    if (next)
        return next;
    next = pop(context, state, op, choice);
    if (next != MODEL_NOMEM)
        step_memo_add(&context->states.memo, state, label, next);
    return next;
}

/* --- pushes that are not --- */

static int32_t step_known(struct model_context *context, int32_t state, const struct model_op *op)
{
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

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (!context->announces)
        return step_known(context, state, op);
    return op->announced ? step_announced(context, state, op)
                         : step_other(context, state, op, choice);
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    int rc = container_compile(context, op, F_PUSH, F_POP, out);
    if (rc < 0 || rc == MODEL_SAYS_NOTHING || !context->announces)
        return rc;
    out->pure = false; /* that the stack is empty says when pushes took effect */
    out->announced = out->code <= CONTAINER_MAY_ADD;
    out->branches = out->code == CONTAINER_TAKE || out->code == CONTAINER_TAKE_ANY;
    if (out->announced)
        out->result =
            stack_open(out->code == CONTAINER_ADD ? op->complete : (uint32_t)STACK_CRASHED + 1);
    return rc;
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
