/* Sets. The state is the elements, sorted by reference. */
#include "checker/specification_common.h"

#include <stdlib.h>

/* --- linear-set: one element at a time --- */

/* contains answers -> bool, or [v bool]. */
static bool contains_answer(const struct specification_context *context, const struct operation *op,
                            bool *answer)
{
    value_ref element, flag = op->result;
    if (value_pool_pair(context->values, op->result, &element, &flag) && element != op->argument)
        return false;
    *answer = flag == VALUE_REF_TRUE;
    return flag == VALUE_REF_TRUE || flag == VALUE_REF_FALSE;
}

static enum specification_effect effect_linear(const struct specification_context *context,
                                               const struct operation *op)
{
    (void)context;
    if (op->f == F_CONTAINS && op->outcome != OP_OK)
        return SPECIFICATION_NOTHING;
    return specification_usual_effect(op);
}

/* add and remove -> true or false say whether the set changed; other results say nothing. */
static bool answer_fits(const struct operation *op, bool changed)
{
    if (op->outcome != OP_OK || (op->result != VALUE_REF_TRUE && op->result != VALUE_REF_FALSE))
        return true;
    return (op->result == VALUE_REF_TRUE) == changed;
}

static enum specification_step apply_linear(const struct specification_context *context,
                                            const struct operation *op, uint32_t choice,
                                            struct specification_state *state)
{
    uint32_t at = specification_state_place(state, op->argument);
    bool there = specification_state_has(state, at, op->argument), answer = false;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (op->f == F_CONTAINS) {
        bool fits = contains_answer(context, op, &answer) && answer == there;
        return fits ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    }
    bool changes = (op->f == F_ADD) != there;
    if (!answer_fits(op, changes))
        return SPECIFICATION_REFUSED;
    if (changes && there)
        specification_state_remove(state, at);
    else if (changes && !specification_state_insert(state, at, op->argument))
        return SPECIFICATION_NOMEM;
    return SPECIFICATION_APPLIED;
}

static bool observes_linear(const struct specification_context *context, const struct operation *op)
{
    (void)context;
    return op->f == F_CONTAINS || (op->outcome == OP_OK && op->result == VALUE_REF_FALSE);
}

static int accepts_linear(const struct specification_context *context, const struct operation *op,
                          struct errbuf *err)
{
    bool answer;
    if (op->f != F_ADD && op->f != F_REMOVE && op->f != F_CONTAINS)
        return specification_unknown("linear-set", "add, remove and contains", op, err);
    if (op->f != F_CONTAINS || op->outcome != OP_OK || contains_answer(context, op, &answer))
        return 0;
    return specification_odd_value(
        context, "the answer of contains must be true or false, or [element true]", op->result,
        err);
}

const struct specification specification_linear_set = {
    .model = "linear-set",
    .begin = specification_begin_empty,
    .effect = effect_linear,
    .apply = apply_linear,
    .observes = observes_linear,
    .accepts = accepts_linear,
};

/* --- grow-only-set: read all at once --- */

static enum specification_effect effect_grow_only(const struct specification_context *context,
                                                  const struct operation *op)
{
    (void)context;
    if (op->f == F_READ && (op->outcome != OP_OK || op->result == VALUE_REF_NIL))
        return SPECIFICATION_NOTHING;
    return specification_usual_effect(op);
}

static int compare(const void *a, const void *b)
{
    value_ref x = *(const value_ref *)a, y = *(const value_ref *)b;
    return x < y ? -1 : x > y;
}

/* The elements of a collection, sorted, each once. */
static bool collect(const struct specification_context *context, value_ref ref,
                    struct specification_state *out)
{
    struct value collection = value_pool_get(context->values, ref);
    for (uint32_t i = 0; i < collection.count; i++) {
        value_ref item = value_pool_intern(context->values, collection.items[i]);
        if (item == VALUE_REF_NOMEM || !specification_state_insert(out, out->count, item))
            return false;
    }
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, compare);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->count; i++)
        if (i == 0 || out->items[i] != out->items[i - 1])
            out->items[kept++] = out->items[i];
    out->count = kept;
    return true;
}

static enum specification_step apply_grow_only(const struct specification_context *context,
                                               const struct operation *op, uint32_t choice,
                                               struct specification_state *state)
{
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (op->f == F_ADD) {
        uint32_t at = specification_state_place(state, op->argument);
        bool done = specification_state_has(state, at, op->argument) ||
                    specification_state_insert(state, at, op->argument);
        return done ? SPECIFICATION_APPLIED : SPECIFICATION_NOMEM;
    }
    struct specification_state seen = {0};
    enum specification_step step = SPECIFICATION_NOMEM;
    if (collect(context, op->result, &seen))
        step =
            specification_state_equal(&seen, state) ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    specification_state_fini(&seen);
    return step;
}

static bool observes_grow_only(const struct specification_context *context,
                               const struct operation *op)
{
    (void)context;
    return op->f == F_READ;
}

static int accepts_grow_only(const struct specification_context *context,
                             const struct operation *op, struct errbuf *err)
{
    if (op->f != F_ADD && op->f != F_READ)
        return specification_unknown("grow-only-set", "add and read", op, err);
    uint32_t kind = value_pool_get(context->values, op->result).kind;
    bool silent = op->f == F_ADD || effect_grow_only(context, op) == SPECIFICATION_NOTHING;
    if (silent || kind == VALUE_LIST || kind == VALUE_SET)
        return 0;
    return specification_odd_value(context, "a read of a set must be a list or a set", op->result,
                                   err);
}

const struct specification specification_grow_only_set = {
    .model = "grow-only-set",
    .begin = specification_begin_empty,
    .effect = effect_grow_only,
    .apply = apply_grow_only,
    .observes = observes_grow_only,
    .accepts = accepts_grow_only,
};
