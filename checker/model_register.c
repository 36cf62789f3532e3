/* A register (read, write), and one with compare-and-set. The state is the value it holds. */
#include "checker/check.h"
#include "checker/model.h"
#include "core/err.h"
#include "core/errbuf.h"

static int intern(struct model_context *context, struct value value, int32_t *out,
                  struct errbuf *err)
{
    *out = value_table_intern(&context->values, value);
    return *out < 0 ? errbuf_set(err, ERR_NOMEM, "no memory for the values of a register") : 0;
}

static int compile_read(struct model_context *context, const struct op *completion,
                        struct model_op *out, struct errbuf *err)
{
    if (!completion || completion->type != OP_OK)
        return MODEL_SAYS_NOTHING;
    if (value_is_nil(completion->value) && context->semantics->nil_read_is_unknown)
        return MODEL_SAYS_NOTHING;
    out->pure = true;
    int rc = intern(context, completion->value, &out->needs, err);
    return rc != 0 ? rc : MODEL_HAPPENED;
}

static int compile_write(struct model_context *context, const struct op *invocation,
                         const struct op *completion, struct model_op *out, struct errbuf *err)
{
    if (completion && completion->type == OP_FAIL)
        return MODEL_SAYS_NOTHING;
    bool ok = completion && completion->type == OP_OK;
    /* A completion without a value does not take the invocation's away. */
    struct value value =
        ok && !value_is_nil(completion->value) ? completion->value : invocation->value;
    out->blind = true;
    int rc = intern(context, value, &out->gives, err);
    if (rc != 0)
        return rc;
    return ok ? MODEL_HAPPENED : MODEL_MAY_HAPPEN;
}

static int compile_failed_cas(struct model_context *context, struct value expected,
                              struct model_op *out, struct errbuf *err)
{
    if (!context->semantics->failed_cas_differs)
        return MODEL_SAYS_NOTHING;
    out->pure = true;
    int rc = intern(context, expected, &out->avoids, err);
    return rc != 0 ? rc : MODEL_HAPPENED;
}

static int compile_cas(struct model_context *context, const struct op *invocation,
                       const struct op *completion, struct model_op *out, struct errbuf *err)
{
    struct value expected, next;
    bool ok = completion && completion->type == OP_OK;
    bool read = (ok && value_as_pair(completion->value, &expected, &next)) ||
                value_as_pair(invocation->value, &expected, &next);
    if (!read)
        return errbuf_set(err, ERR_INPUT,
                          "event %lld: the value of a cas must be a list of two, [expected new]",
                          (long long)invocation->index);
    if (completion && completion->type == OP_FAIL)
        return compile_failed_cas(context, expected, out, err);
    int rc = intern(context, expected, &out->needs, err);
    if (rc == 0)
        rc = intern(context, next, &out->gives, err);
    if (rc != 0)
        return rc;
    if (out->needs == out->gives) { /* [a a] changes nothing: it is a read of a */
        out->gives = MODEL_NONE;
        out->pure = true;
    }
    if (ok)
        return MODEL_HAPPENED;
    return out->pure ? MODEL_SAYS_NOTHING : MODEL_MAY_HAPPEN;
}

static int unknown_operation(const char *model, const char *known, const struct op *invocation,
                             struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "event %lld: a %s has no operation \"%s\"; it has %s",
                      (long long)invocation->index, model, symbol_name(invocation->f), known);
}

static const struct model_op nothing = {
    .needs = MODEL_NONE, .gives = MODEL_NONE, .avoids = MODEL_NONE};

static int compile_register(struct model_context *context, const struct op *invocation,
                            const struct op *completion, struct model_op *out, struct errbuf *err)
{
    *out = nothing;
    if (invocation->f == F_READ)
        return compile_read(context, completion, out, err);
    if (invocation->f == F_WRITE)
        return compile_write(context, invocation, completion, out, err);
    return unknown_operation("register", "read and write", invocation, err);
}

static int compile_cas_register(struct model_context *context, const struct op *invocation,
                                const struct op *completion, struct model_op *out,
                                struct errbuf *err)
{
    *out = nothing;
    if (invocation->f == F_READ)
        return compile_read(context, completion, out, err);
    if (invocation->f == F_WRITE)
        return compile_write(context, invocation, completion, out, err);
    if (invocation->f == F_CAS)
        return compile_cas(context, invocation, completion, out, err);
    return unknown_operation("cas-register", "read, write and cas", invocation, err);
}

/* From MODEL_ANY everything is possible. What `avoids` proves of it is forgotten: that accepts a
 * little more, and so never turns a valid history into an invalid one. */
static int32_t step(struct model_context *context, int32_t state, const struct model_op *op)
{
    (void)context;
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
    states[count++] = value_table_intern(
        &context->values, semantics->initial_is_given ? semantics->initial : value_nil());
    if (semantics->initial_may_be_nil && count < max)
        states[count++] = value_table_intern(&context->values, value_nil());
    for (int i = 0; i < count; i++)
        if (states[i] < 0)
            return ERR_NOMEM;
    return count;
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
};

const struct model model_cas_register = {
    .name = "cas-register",
    .functions = cas_register_functions,
    .doc = "one value: read, write, cas [expected new]; linearizable",
    .compile = compile_cas_register,
    .step = step,
    .initial = initial,
};
