#include "checker/model_container.h"

enum { TAKEN = 1 }; /* what is marked */

/* Answers that there was nothing: nil, "empty" or :empty. */
static bool is_empty_answer(const struct model_context *context, value_ref ref)
{
    if (value_ref_is_int(ref))
        return false;
    struct value value = value_pool_get(context->pool, ref);
    bool is_text = value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD;
    return value.kind == VALUE_NIL || (is_text && strcmp(value.text, "empty") == 0);
}

static int compile_take(struct model_context *context, const struct operation *op,
                        struct model_op *out)
{
    if (op->outcome == OP_INFO) {
        out->code = CONTAINER_TAKE_ANY;
        return MODEL_MAY_HAPPEN;
    }
    if (is_empty_answer(context, op->result)) {
        out->code = CONTAINER_IS_EMPTY;
        out->pure = true;
        return MODEL_HAPPENED;
    }
    out->code = CONTAINER_TAKE;
    if (!model_number(context, op->result, &out->argument) ||
        model_mark(context, TAKEN, out->argument) != 0)
        return ERR_NOMEM;
    return MODEL_HAPPENED;
}

int container_compile(struct model_context *context, const struct operation *op, symbol adds,
                      symbol takes, struct model_op *out)
{
    symbol f = symbol_canonical(op->f);
    model_op_start(out);
    out->opaque = true;
    if (f != adds && f != takes)
        return ERR_INPUT;
    if (op->outcome == OP_FAIL)
        return MODEL_SAYS_NOTHING;
    if (f == takes)
        return compile_take(context, op, out);
    if (is_empty_answer(context, op->argument))
        return ERR_INPUT;
    out->code = op->outcome == OP_OK ? CONTAINER_ADD : CONTAINER_MAY_ADD;
    return model_number(context, op->argument, &out->argument) ? model_outcome(op) : ERR_NOMEM;
}

bool container_is_useless(const struct model_context *context, const struct model_op *op)
{
    return op->code == CONTAINER_MAY_ADD && !model_is_marked(context, TAKEN, op->argument);
}
