/* A register (read, write), and one with compare-and-set. The state is the number of the value it
 * holds. */
#include "checker/model.h"
#include "core/err.h"

static int compile_read(struct model_context *context, const struct operation *op,
                        struct model_op *out)
{
    if (op->outcome != OP_OK)
        return MODEL_SAYS_NOTHING;
    if (op->result == VALUE_REF_NIL && context->semantics->nil_read_is_unknown)
        return MODEL_SAYS_NOTHING;
    out->pure = true;
    out->needs = value_numbers_add(&context->values, op->result);
    return out->needs < 0 ? ERR_NOMEM : MODEL_HAPPENED;
}

static int compile_write(struct model_context *context, const struct operation *op,
                         struct model_op *out)
{
    if (op->outcome == OP_FAIL)
        return MODEL_SAYS_NOTHING;
    out->blind = true;
    out->gives = value_numbers_add(&context->values, operation_value(op));
    if (out->gives < 0)
        return ERR_NOMEM;
    return op->outcome == OP_OK ? MODEL_HAPPENED : MODEL_MAY_HAPPEN;
}

static int compile_failed_cas(struct model_context *context, value_ref expected,
                              struct model_op *out)
{
    if (!context->semantics->failed_cas_differs)
        return MODEL_SAYS_NOTHING;
    out->pure = true;
    out->avoids = value_numbers_add(&context->values, expected);
    return out->avoids < 0 ? ERR_NOMEM : MODEL_HAPPENED;
}

/* [a a] changes nothing: it is a read of a. */
static int compile_cas(struct model_context *context, const struct operation *op,
                       struct model_op *out)
{
    value_ref expected, next;
    bool ok = op->outcome == OP_OK;
    if (!(ok && value_pool_pair(context->pool, op->result, &expected, &next)) &&
        !value_pool_pair(context->pool, op->argument, &expected, &next))
        return ERR_INPUT;
    if (op->outcome == OP_FAIL)
        return compile_failed_cas(context, expected, out);
    out->pure = expected == next;
    if (out->pure && !ok)
        return MODEL_SAYS_NOTHING;
    out->needs = value_numbers_add(&context->values, expected);
    if (!out->pure)
        out->gives = value_numbers_add(&context->values, next);
    if (out->needs < 0 || (!out->pure && out->gives < 0))
        return ERR_NOMEM;
    return ok ? MODEL_HAPPENED : MODEL_MAY_HAPPEN;
}

static const struct model_op nothing = {
    .needs = MODEL_NONE, .gives = MODEL_NONE, .avoids = MODEL_NONE};

static int compile_register(struct model_context *context, const struct operation *op,
                            struct model_op *out)
{
    *out = nothing;
    if (op->f == F_READ)
        return compile_read(context, op, out);
    if (op->f == F_WRITE)
        return compile_write(context, op, out);
    return ERR_INPUT;
}

static int compile_cas_register(struct model_context *context, const struct operation *op,
                                struct model_op *out)
{
    *out = nothing;
    return op->f == F_CAS ? compile_cas(context, op, out) : compile_register(context, op, out);
}

/* From MODEL_ANY everything is possible. What `avoids` proves of it is forgotten: that accepts a
 * little more, and so never turns a valid history into an invalid one. */
static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)context;
    (void)choice;
    if (state != MODEL_ANY) {
        if (op->needs != MODEL_NONE && op->needs != state)
            return MODEL_REFUSED;
        if (op->avoids == state)
            return MODEL_REFUSED;
    }
    if (op->gives != MODEL_NONE)
        return op->gives;
    return op->needs != MODEL_NONE ? op->needs : state;
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    const struct history_semantics *semantics = context->semantics;
    int count = 0;
    states[count++] = value_numbers_add(
        &context->values, semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL);
    if (semantics->initial_may_be_nil && count < max)
        states[count++] = value_numbers_add(&context->values, VALUE_REF_NIL);
    for (int i = 0; i < count; i++)
        if (states[i] < 0)
            return ERR_NOMEM;
    return count;
}

static int anywhere(struct model_context *context, int32_t *states, int max)
{
    (void)context;
    (void)max;
    states[0] = MODEL_ANY;
    return 1;
}

static const symbol register_functions[] = {F_READ, F_WRITE, F_NONE};
static const symbol cas_register_functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};

const struct model model_register = {
    .name = "register",
    .functions = register_functions,
    .doc = "one value: read, write; linearizable",
    .compile = compile_register,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
    .holds_value = true,
};

const struct model model_cas_register = {
    .name = "cas-register",
    .functions = cas_register_functions,
    .doc = "one value: read, write, cas [expected new]; linearizable",
    .compile = compile_cas_register,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
    .holds_value = true,
};
