/* A set that only grows, and is read as a whole. The state is the numbers of its elements. An
 * element that no read ever saw ends all reading: what else is in the set then does not matter. */
#include "checker/model_bits.h"

enum { READ, ADD, MAY_ADD };
enum { SEEN = 1 };    /* what is marked */
enum { UNREAD = -2 }; /* the only word of the state after which no read is possible */

/* Numbers and marks the elements; they are in low .. high. */
static int mark_all(struct model_context *context, struct value collection, int32_t *low,
                    int32_t *high)
{
    int32_t number;
    for (uint32_t i = 0; i < collection.count; i++) {
        value_ref ref = model_part(context, collection.items[i]);
        if (ref == VALUE_REF_NOMEM || !model_number(context, ref, &number) ||
            model_mark(context, SEEN, number) != 0)
            return ERR_NOMEM;
        *low = i == 0 || number < *low ? number : *low;
        *high = i == 0 || number > *high ? number : *high;
    }
    return 0;
}

/* The state of a set of these elements, or MODEL_NOMEM. */
static int32_t state_of(struct model_context *context, struct value collection)
{
    struct bits_draft draft;
    int32_t low = 0, high = 0;
    if (mark_all(context, collection, &low, &high) != 0 || !bits_draft(context, low, high, &draft))
        return MODEL_NOMEM;
    for (uint32_t i = 0; i < collection.count; i++) {
        value_ref ref = model_part(context, collection.items[i]);
        bits_add(&draft, value_numbers_find(&context->values, ref));
    }
    return bits_intern(context, &draft);
}

static int compile_read(struct model_context *context, const struct operation *op,
                        struct model_op *out)
{
    if (op->outcome != OP_OK || op->result == VALUE_REF_NIL)
        return MODEL_SAYS_NOTHING;
    struct value collection = value_pool_get(context->pool, op->result);
    if (collection.kind != VALUE_LIST && collection.kind != VALUE_SET)
        return ERR_INPUT;
    out->code = READ;
    out->pure = true;
    out->argument = state_of(context, collection);
    return out->argument < 0 ? ERR_NOMEM : MODEL_HAPPENED;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    model_op_start(out);
    out->opaque = true;
    if (op->f == F_READ)
        return compile_read(context, op, out);
    if (op->f != F_ADD)
        return ERR_INPUT;
    out->code = op->outcome == OP_OK ? ADD : MAY_ADD;
    return model_number(context, op->argument, &out->argument) ? model_outcome(op) : ERR_NOMEM;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    (void)choice;
    if (length > 0 && words[0] == UNREAD)
        return state;
    if (model_is_marked(context, SEEN, op->argument))
        return bits_put(context, state, op->argument, true);
    int32_t unread = UNREAD;
    return op->code == MAY_ADD ? MODEL_REFUSED : state_table_intern(&context->states, &unread, 1);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == READ)
        return state == op->argument ? state : MODEL_REFUSED;
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ADD, F_READ, F_NONE};

const struct model model_grow_only_set = {
    .name = "grow-only-set",
    .doc = "add, read of the whole set; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
