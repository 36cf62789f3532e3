/* A counter. The state is its value; amounts are numbers of states as well. */
#include "checker/model_common.h"

enum {
    CHANGE,      /* by the argument */
    CHANGE_FROM, /* it was the argument, and became the result */
    READ,        /* it was the argument */
};

/* As a sum that wraps. */
static int64_t sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t negative(int64_t amount)
{
    return (int64_t)(0 - (uint64_t)amount);
}

static int compile_read(struct model_context *context, const struct operation *op,
                        struct model_op *out)
{
    int64_t value;
    if (op->outcome != OP_OK || op->result == VALUE_REF_NIL)
        return MODEL_SAYS_NOTHING;
    if (!model_integer(context, op->result, &value))
        return ERR_INPUT;
    out->code = READ;
    out->pure = true;
    out->argument = model_amount_state(context, value);
    return out->argument < 0 ? ERR_NOMEM : MODEL_HAPPENED;
}

/* The change came to `said`: so it is known what was there before. */
static int compile_answered(struct model_context *context, int64_t amount, int64_t said,
                            struct model_op *out)
{
    out->pure = amount == 0;
    out->code = out->pure ? READ : CHANGE_FROM;
    out->argument = model_amount_state(context, sum(said, negative(amount)));
    out->result = out->pure ? 0 : model_amount_state(context, said);
    return out->argument < 0 || out->result < 0 ? ERR_NOMEM : MODEL_HAPPENED;
}

/* An answer that repeats the argument, as Jepsen's clients give it, says nothing. */
static int compile_change(struct model_context *context, const struct operation *op, symbol f,
                          struct model_op *out)
{
    int64_t amount = 1, said;
    bool given = f == F_ADD || op->argument != VALUE_REF_NIL;
    int outcome = model_outcome(op);
    if (outcome == MODEL_SAYS_NOTHING)
        return outcome;
    if (given && !model_integer(context, op->argument, &amount))
        return ERR_INPUT;
    if (f == F_DECREMENT)
        amount = negative(amount);
    if (outcome == MODEL_HAPPENED && op->result != op->argument &&
        model_integer(context, op->result, &said))
        return compile_answered(context, amount, said, out);
    if (amount == 0)
        return MODEL_SAYS_NOTHING;
    out->code = CHANGE;
    out->argument = model_amount_state(context, amount);
    return out->argument < 0 ? ERR_NOMEM : outcome;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    symbol f = symbol_canonical(op->f);
    model_op_start(out);
    out->opaque = true;
    if (f == F_READ)
        return compile_read(context, op, out);
    if (f == F_ADD || f == F_INCREMENT || f == F_DECREMENT)
        return compile_change(context, op, f, out);
    return ERR_INPUT;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)choice;
    return model_amount_state(
        context, sum(model_amount(context, state), model_amount(context, op->argument)));
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == CHANGE)
        return model_remembered_step(context, state, op, choice, work);
    if (state != op->argument)
        return MODEL_REFUSED;
    return op->code == READ ? state : op->result;
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    int64_t value;
    (void)max;
    if (!context->semantics->initial_is_given ||
        !model_integer(context, context->semantics->initial, &value))
        value = 0;
    states[0] = model_amount_state(context, value);
    return states[0] < 0 ? ERR_NOMEM : 1;
}

static const symbol functions[] = {F_READ, F_ADD, F_INCREMENT, F_DECREMENT, F_NONE};

const struct model model_linear_counter = {
    .name = "linear-counter",
    .doc = "add, increment, decrement, read; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = initial,
};
