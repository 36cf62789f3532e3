/* Queues and the stack. The state is the elements: of the FIFO queue the head first, of the stack
 * the top last, of the priority queue ascending, of the unordered queue sorted by reference. */
#include "checker/specification_common.h"

#include <string.h>

bool specification_adds(const struct operation *op)
{
    return symbol_canonical(op->f) == F_ENQUEUE || op->f == F_PUSH;
}

bool specification_found_nothing(const struct specification_context *context, value_ref ref)
{
    struct value value = value_pool_get(context->values, ref);
    bool text = value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD;
    return value.kind == VALUE_NIL || (text && strcmp(value.text, "empty") == 0);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    (void)context;
    return specification_usual_effect(op);
}

/* Only an answer that there was nothing leaves all as it was. */
static bool observes(const struct specification_context *context, const struct operation *op)
{
    return !specification_adds(op) && op->outcome == OP_OK &&
           specification_found_nothing(context, op->result);
}

static enum specification_step inserted(struct specification_state *state, uint32_t at,
                                        value_ref item)
{
    return specification_state_insert(state, at, item) ? SPECIFICATION_APPLIED
                                                       : SPECIFICATION_NOMEM;
}

/* Takes the element at `at` if that is what the operation answered; a crashed one takes anything.
 * From an empty object only nothing can be taken. */
static enum specification_step take(const struct specification_context *context,
                                    const struct operation *op, uint32_t at,
                                    struct specification_state *state)
{
    bool empty = op->outcome == OP_OK && specification_found_nothing(context, op->result);
    if (state->count == 0)
        return empty || op->outcome == OP_INFO ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    if (op->outcome == OP_OK && (empty || state->items[at] != op->result))
        return SPECIFICATION_REFUSED;
    specification_state_remove(state, at);
    return SPECIFICATION_APPLIED;
}

static enum specification_step apply_fifo(const struct specification_context *context,
                                          const struct operation *op, uint32_t choice,
                                          struct specification_state *state)
{
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (specification_adds(op))
        return inserted(state, state->count, op->argument);
    return take(context, op, 0, state);
}

static enum specification_step apply_stack(const struct specification_context *context,
                                           const struct operation *op, uint32_t choice,
                                           struct specification_state *state)
{
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (specification_adds(op))
        return inserted(state, state->count, op->argument);
    return take(context, op, state->count - 1, state);
}

/* The first element larger than this one. */
static uint32_t priority_place(const struct specification_context *context,
                               const struct specification_state *state, int64_t priority)
{
    uint32_t low = 0, high = state->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int64_t there = 0;
        specification_integer(context, state->items[middle], &there);
        if (there <= priority)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum specification_step apply_priority(const struct specification_context *context,
                                              const struct operation *op, uint32_t choice,
                                              struct specification_state *state)
{
    int64_t priority;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (!specification_adds(op))
        return take(context, op, state->count - 1, state);
    if (!specification_integer(context, op->argument, &priority))
        return SPECIFICATION_REFUSED;
    return inserted(state, priority_place(context, state, priority), op->argument);
}

/* The place of the choice-th different element; false if there are fewer. */
static bool different_element(const struct specification_state *state, uint32_t choice,
                              uint32_t *at)
{
    uint32_t seen = 0;
    for (*at = 0; *at < state->count; ++*at)
        if (*at == 0 || state->items[*at] != state->items[*at - 1])
            if (seen++ == choice)
                return true;
    return false;
}

static enum specification_step apply_unordered(const struct specification_context *context,
                                               const struct operation *op, uint32_t choice,
                                               struct specification_state *state)
{
    uint32_t at =
        specification_state_place(state, specification_adds(op) ? op->argument : op->result);
    bool takes_any = !specification_adds(op) && op->outcome == OP_INFO && state->count > 0;
    if (takes_any ? !different_element(state, choice, &at) : choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (specification_adds(op))
        return inserted(state, at, op->argument);
    if (at == state->count && at > 0)
        return SPECIFICATION_REFUSED;
    return take(context, op, at, state);
}

/* Nobody could tell such an element from the answer that there was none. */
static int accepts_element(const struct specification_context *context, const struct operation *op,
                           struct errbuf *err)
{
    if (!specification_adds(op) || op->outcome == OP_FAIL ||
        !specification_found_nothing(context, op->argument))
        return 0;
    return specification_odd_value(context,
                                   "an element must be something else than nil or empty, the "
                                   "answers that there was none",
                                   op->argument, err);
}

static int accepts_queue(const struct specification_context *context, const struct operation *op,
                         struct errbuf *err)
{
    symbol f = symbol_canonical(op->f);
    if (f == F_ENQUEUE || f == F_DEQUEUE)
        return accepts_element(context, op, err);
    return specification_unknown("queue", "enqueue and dequeue", op, err);
}

static int accepts_stack(const struct specification_context *context, const struct operation *op,
                         struct errbuf *err)
{
    if (op->f == F_PUSH || op->f == F_POP)
        return accepts_element(context, op, err);
    return specification_unknown("stack", "push and pop", op, err);
}

static int accepts_priority(const struct specification_context *context, const struct operation *op,
                            struct errbuf *err)
{
    int64_t priority;
    int rc = accepts_queue(context, op, err);
    if (rc != 0 || op->outcome == OP_FAIL)
        return rc;
    bool speaks = specification_adds(op) ||
                  (op->outcome == OP_OK && !specification_found_nothing(context, op->result));
    value_ref value = specification_adds(op) ? op->argument : op->result;
    if (!speaks || specification_integer(context, value, &priority))
        return 0;
    return specification_odd_value(context, "the elements of a priority queue must be integers",
                                   value, err);
}

const struct specification specification_fifo_queue = {
    .model = "fifo-queue",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_fifo,
    .observes = observes,
    .accepts = accepts_queue,
};

const struct specification specification_unordered_queue = {
    .model = "unordered-queue",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_unordered,
    .observes = observes,
    .accepts = accepts_queue,
};

const struct specification specification_priority_queue = {
    .model = "priority-queue",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_priority,
    .observes = observes,
    .accepts = accepts_priority,
};

const struct specification specification_stack = {
    .model = "stack",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_stack,
    .observes = observes,
    .accepts = accepts_stack,
};
