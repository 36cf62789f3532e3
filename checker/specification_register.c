/* A register, and one with compare-and-set. The state is the value it holds. */
#include "checker/specification_common.h"

static enum specification_step begin(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state)
{
    const struct history_semantics *semantics = context->semantics;
    value_ref first = semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL;
    if (choice == 0)
        return specification_begin_with(first, 0, state);
    if (choice == 1 && semantics->initial_may_be_nil && first != VALUE_REF_NIL)
        return specification_begin_with(VALUE_REF_NIL, 0, state);
    return SPECIFICATION_NO_CHOICE;
}

bool specification_cas(const struct specification_context *context, const struct operation *op,
                       value_ref *expected, value_ref *next)
{
    return value_pool_pair(context->values, operation_value(op), expected, next) ||
           value_pool_pair(context->values, op->argument, expected, next);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    const struct history_semantics *semantics = context->semantics;
    if (op->f == F_CAS && op->outcome == OP_FAIL)
        return semantics->failed_cas_differs ? SPECIFICATION_MUST : SPECIFICATION_NOTHING;
    if (op->f != F_READ)
        return specification_usual_effect(op);
    bool silent =
        op->outcome != OP_OK || (op->result == VALUE_REF_NIL && semantics->nil_read_is_unknown);
    return silent ? SPECIFICATION_NOTHING : SPECIFICATION_MUST;
}

static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    value_ref *value = &state->items[0], expected = VALUE_REF_NIL, next = VALUE_REF_NIL;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (op->f == F_WRITE) {
        *value = operation_value(op);
        return SPECIFICATION_APPLIED;
    }
    if (op->f == F_READ)
        return *value == op->result ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    if (!specification_cas(context, op, &expected, &next))
        return SPECIFICATION_REFUSED;
    if (op->outcome == OP_FAIL)
        return *value != expected ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    if (*value != expected)
        return SPECIFICATION_REFUSED;
    *value = next;
    return SPECIFICATION_APPLIED;
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    value_ref expected, next;
    if (op->f != F_CAS)
        return op->f == F_READ;
    return op->outcome == OP_FAIL ||
           (specification_cas(context, op, &expected, &next) && expected == next);
}

static int accepts_register(const struct specification_context *context, const struct operation *op,
                            struct errbuf *err)
{
    (void)context;
    if (op->f == F_READ || op->f == F_WRITE)
        return 0;
    return specification_unknown("register", "read and write", op, err);
}

static int accepts_cas_register(const struct specification_context *context,
                                const struct operation *op, struct errbuf *err)
{
    value_ref expected, next;
    if (op->f == F_READ || op->f == F_WRITE)
        return 0;
    if (op->f != F_CAS)
        return specification_unknown("cas-register", "read, write and cas", op, err);
    if (effect(context, op) == SPECIFICATION_NOTHING ||
        specification_cas(context, op, &expected, &next))
        return 0;
    return specification_odd_value(context,
                                   "the value of a cas must be a list of two, "
                                   "[expected new]",
                                   operation_value(op), err);
}

const struct specification specification_register = {
    .model = "register",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts_register,
};

const struct specification specification_cas_register = {
    .model = "cas-register",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts_cas_register,
};
