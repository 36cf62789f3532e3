/* A semaphore. The state is how many permits are held. */
#include "checker/model_common.h"

enum { ACQUIRE, RELEASE };

static int64_t permits(const struct model_context *context)
{
    return context->semantics->permits > 0 ? context->semantics->permits : 1;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    symbol f = symbol_canonical(op->f);
    int64_t amount = 1;
    model_op_start(out);
    if (f != F_ACQUIRE && f != F_RELEASE)
        return ERR_INPUT;
    int outcome = model_outcome(op);
    if (outcome == MODEL_SAYS_NOTHING)
        return outcome;
    if (op->argument != VALUE_REF_NIL &&
        (!model_integer(context, op->argument, &amount) || amount <= 0 || amount > UINT32_MAX))
        return ERR_INPUT;
    out->opaque = true;
    out->code = f == F_ACQUIRE ? ACQUIRE : RELEASE;
    out->argument = (int32_t)(uint32_t)amount;
    return outcome;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    int64_t held = model_amount(context, state), amount = (uint32_t)op->argument;
    (void)choice;
    held += op->code == ACQUIRE ? amount : -amount;
    if (held < 0 || held > permits(context))
        return MODEL_REFUSED;
    return model_amount_state(context, held);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    return model_remembered_step(context, state, op, choice, work);
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    (void)max;
    states[0] = model_amount_state(context, 0);
    return states[0] < 0 ? ERR_NOMEM : 1;
}

static int anywhere(struct model_context *context, int32_t *states, int max)
{
    int64_t count = permits(context) + 1;
    if (count > max)
        return 0;
    for (int64_t held = 0; held < count; held++) {
        states[held] = model_amount_state(context, held);
        if (states[held] < 0)
            return ERR_NOMEM;
    }
    return (int)count;
}

static const symbol functions[] = {F_ACQUIRE, F_RELEASE, F_NONE};

const struct model model_semaphore = {
    .name = "semaphore",
    .doc = "acquire [n], release [n]: so many permits at once; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
};
