/* A mutex that anybody releases, and one that only its holder does. The state is the number of a
 * value: of its holder, or of what stands for "free" and "held". It could be said in needs and
 * gives, but then witnesses would be made smaller as those of registers are, which for a mutex is
 * no proof (verify.h). */
#include "checker/model_common.h"

/* In the mutex, who holds it does not matter. No owner is nil: that means the process. */
enum { FREE = VALUE_REF_NIL, HELD = VALUE_REF_TRUE };

/* argument is the state it needs, result the one it leaves. */
static int compile(struct model_context *context, const struct operation *op, value_ref holder,
                   struct model_op *out)
{
    symbol f = symbol_canonical(op->f);
    model_op_start(out);
    if (f != F_ACQUIRE && f != F_RELEASE)
        return ERR_INPUT;
    int outcome = model_outcome(op);
    if (outcome == MODEL_SAYS_NOTHING)
        return outcome;
    bool acquires = f == F_ACQUIRE;
    out->opaque = true;
    if (!model_number(context, acquires ? FREE : holder, &out->argument) ||
        !model_number(context, acquires ? holder : FREE, &out->result))
        return ERR_NOMEM;
    return outcome;
}

static int compile_mutex(struct model_context *context, const struct operation *op,
                         struct model_op *out)
{
    return compile(context, op, HELD, out);
}

/* Processes are small numbers, and as such equal to owners that are given as these. */
static int compile_owned(struct model_context *context, const struct operation *op,
                         struct model_op *out)
{
    value_ref process = value_ref_int(op->process);
    return compile(context, op, op->argument == VALUE_REF_NIL ? process : op->argument, out);
}

/* From MODEL_ANY everything is possible, and proves what was. */
static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)context;
    (void)choice;
    return state == op->argument || state == MODEL_ANY ? op->result : MODEL_REFUSED;
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    (void)max;
    return model_number(context, FREE, &states[0]) ? 1 : ERR_NOMEM;
}

static int anywhere(struct model_context *context, int32_t *states, int max)
{
    (void)context;
    (void)max;
    states[0] = MODEL_ANY;
    return 1;
}

static const symbol functions[] = {F_ACQUIRE, F_RELEASE, F_NONE};

const struct model model_mutex = {
    .name = "mutex",
    .doc = "acquire, release, by anybody; linearizable",
    .functions = functions,
    .compile = compile_mutex,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
};

const struct model model_owned_mutex = {
    .name = "owned-mutex",
    .doc = "acquire [owner], release by that owner only; linearizable",
    .functions = functions,
    .compile = compile_owned,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
};
