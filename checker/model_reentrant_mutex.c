/* A mutex that its holder may acquire again, and releases as often. The state is the number of the
 * holder and how often it is held; empty while it is free. */
#include "checker/model_common.h"

enum { ACQUIRE, RELEASE };

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    symbol f = symbol_canonical(op->f);
    model_op_start(out);
    if (f != F_ACQUIRE && f != F_RELEASE)
        return ERR_INPUT;
    value_ref process = value_ref_int(op->process);
    out->opaque = true;
    out->code = f == F_ACQUIRE ? ACQUIRE : RELEASE;
    if (!model_number(context, op->argument == VALUE_REF_NIL ? process : op->argument,
                      &out->argument))
        return ERR_NOMEM;
    return model_outcome(op);
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    int32_t times = length > 0 ? words[1] : 0;
    (void)choice;
    if (length > 0 && words[0] != op->argument)
        return MODEL_REFUSED;
    if (op->code == RELEASE && times == 0)
        return MODEL_REFUSED;
    int32_t after[] = {op->argument, op->code == ACQUIRE ? times + 1 : times - 1};
    return state_table_intern(&context->states, after, after[1] > 0 ? 2 : 0);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ACQUIRE, F_RELEASE, F_NONE};

const struct model model_reentrant_mutex = {
    .name = "reentrant-mutex",
    .doc = "acquire [owner] any number of times, release as often; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
