/* One key of a store of texts, as Porcupine's kv: put replaces, append adds at the end, get answers
 * all of it. The state is the text. */
#include "checker/specification_common.h"

#include "core/strbuf.h"

static value_ref text_of(const struct specification_context *context, value_ref ref)
{
    return ref == VALUE_REF_NIL ? value_pool_intern(context->values, value_string("")) : ref;
}

static enum specification_step begin(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state)
{
    value_ref first =
        context->semantics->initial_is_given ? context->semantics->initial : VALUE_REF_NIL;
    if (value_pool_get(context->values, first).kind != VALUE_STRING)
        first = VALUE_REF_NIL;
    return specification_begin_with(text_of(context, first), choice, state);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    (void)context;
    if (op->f == F_GET && op->outcome != OP_OK)
        return SPECIFICATION_NOTHING;
    return specification_usual_effect(op);
}

static value_ref joined(const struct specification_context *context, value_ref first,
                        value_ref second)
{
    struct value a = value_pool_get(context->values, first);
    struct value b = value_pool_get(context->values, second);
    struct strbuf text = STRBUF_INIT;
    value_ref ref = VALUE_REF_NOMEM;
    strbuf_add(&text, a.text, a.count);
    strbuf_add(&text, b.text, b.count);
    if (strbuf_ok(&text))
        ref = value_pool_intern(context->values,
                                value_text(VALUE_STRING, text.text ? text.text : "", text.length));
    strbuf_fini(&text);
    return ref;
}

static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    value_ref after = text_of(context, op->f == F_GET ? op->result : op->argument);
    if (after == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    if (op->f == F_GET)
        return state->items[0] == after ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    if (op->f == F_APPEND)
        after = joined(context, state->items[0], after);
    if (after == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    state->items[0] = after;
    return SPECIFICATION_APPLIED;
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    struct value value = value_pool_get(context->values, op->argument);
    return op->f == F_GET || (op->f == F_APPEND && (value.kind == VALUE_NIL || value.count == 0));
}

static int accepts(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err)
{
    if (op->f != F_GET && op->f != F_PUT && op->f != F_APPEND)
        return specification_unknown("kv", "get, put and append", op, err);
    value_ref ref = op->f == F_GET ? op->result : op->argument;
    uint32_t kind = value_pool_get(context->values, ref).kind;
    if (effect(context, op) == SPECIFICATION_NOTHING || kind == VALUE_NIL || kind == VALUE_STRING)
        return 0;
    return specification_odd_value(context, "the values of a kv must be texts", ref, err);
}

const struct specification specification_kv = {
    .model = "kv",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts,
};
