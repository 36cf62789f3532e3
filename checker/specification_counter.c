/* A counter. The state is its value. */
#include "checker/specification_common.h"

bool specification_amount(const struct specification_context *context, const struct operation *op,
                          int64_t *out)
{
    bool steps = symbol_canonical(op->f) == F_INCREMENT || symbol_canonical(op->f) == F_DECREMENT;
    *out = 1;
    if (!(steps && op->argument == VALUE_REF_NIL) &&
        !specification_integer(context, op->argument, out))
        return false;
    if (symbol_canonical(op->f) == F_DECREMENT)
        *out = (int64_t)(0 - (uint64_t)*out);
    return true;
}

bool specification_new_value(const struct specification_context *context,
                             const struct operation *op, int64_t *out)
{
    return op->outcome == OP_OK && op->result != op->argument &&
           specification_integer(context, op->result, out);
}

static enum specification_step begin(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state)
{
    value_ref first = context->semantics->initial;
    bool given = context->semantics->initial_is_given;
    int64_t number;
    if (!given || !specification_integer(context, first, &number))
        first = value_ref_int(0);
    return specification_begin_with(first, choice, state);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    (void)context;
    if (op->f == F_READ && (op->outcome != OP_OK || op->result == VALUE_REF_NIL))
        return SPECIFICATION_NOTHING;
    return specification_usual_effect(op);
}

static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    int64_t value = 0, amount = 0, said = 0;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (op->f == F_READ)
        return state->items[0] == op->result ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    if (!specification_integer(context, state->items[0], &value) ||
        !specification_amount(context, op, &amount))
        return SPECIFICATION_REFUSED;
    int64_t after = (int64_t)((uint64_t)value + (uint64_t)amount);
    if (specification_new_value(context, op, &said) && said != after)
        return SPECIFICATION_REFUSED;
    value_ref ref = specification_intern_integer(context, after);
    if (ref == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    state->items[0] = ref;
    return SPECIFICATION_APPLIED;
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    int64_t amount;
    return op->f == F_READ || (specification_amount(context, op, &amount) && amount == 0);
}

static int accepts(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err)
{
    int64_t number;
    symbol f = symbol_canonical(op->f);
    if (f != F_READ && f != F_ADD && f != F_INCREMENT && f != F_DECREMENT)
        return specification_unknown("linear-counter", "add, increment, decrement and read", op,
                                     err);
    if (effect(context, op) == SPECIFICATION_NOTHING)
        return 0;
    if (f != F_READ && !specification_amount(context, op, &number))
        return specification_odd_value(context, "a counter is changed by an integer", op->argument,
                                       err);
    if (f == F_READ && !specification_integer(context, op->result, &number))
        return specification_odd_value(context, "a counter's value is an integer", op->result, err);
    return 0;
}

const struct specification specification_linear_counter = {
    .model = "linear-counter",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts,
};
