/* Several registers that are read and written together. The state is what the registers that were
 * never written hold, then register, value, register, value, ... sorted by register. */
#include "checker/specification_common.h"

#include <string.h>

/* The list of a txn; for read [k v] and write [k v] the pair. nil: it has no value. */
static value_ref parts_of(const struct operation *op)
{
    return operation_value(op);
}

uint32_t specification_part_count(const struct specification_context *context,
                                  const struct operation *op)
{
    struct value list = value_pool_get(context->values, parts_of(op));
    return op->f != F_TXN ? 1 : list.kind == VALUE_LIST ? list.count : 0;
}

static bool part_kind(struct value f, bool *writes)
{
    if (f.kind != VALUE_STRING && f.kind != VALUE_KEYWORD)
        return false;
    *writes = strcmp(f.text, "w") == 0 || strcmp(f.text, "write") == 0;
    return *writes || strcmp(f.text, "r") == 0 || strcmp(f.text, "read") == 0;
}

bool specification_part(const struct specification_context *context, const struct operation *op,
                        uint32_t index, struct specification_part *out)
{
    if (op->f != F_TXN) {
        out->writes = op->f == F_WRITE;
        return value_pool_pair(context->values, parts_of(op), &out->name, &out->value);
    }
    struct value list = value_pool_get(context->values, parts_of(op));
    struct value part = list.items[index];
    if (part.kind != VALUE_LIST || part.count != 3 || !part_kind(part.items[0], &out->writes))
        return false;
    out->name = value_pool_intern(context->values, part.items[1]);
    out->value = value_pool_intern(context->values, part.items[2]);
    return true;
}

bool specification_part_speaks(const struct specification_context *context,
                               const struct operation *op, const struct specification_part *part)
{
    if (part->writes)
        return true;
    bool unknown = part->value == VALUE_REF_NIL && context->semantics->nil_read_is_unknown;
    return op->outcome == OP_OK && !unknown;
}

static enum specification_step begin(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state)
{
    return specification_register.begin(context, choice, state);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    struct specification_part part;
    for (uint32_t i = 0; i < specification_part_count(context, op); i++)
        if (specification_part(context, op, i, &part) &&
            specification_part_speaks(context, op, &part))
            return specification_usual_effect(op);
    return SPECIFICATION_NOTHING;
}

/* Where the register's value is, or where the register belongs. */
static bool find(const struct specification_state *state, value_ref name, uint32_t *at)
{
    for (*at = 1; *at < state->count && state->items[*at] < name;)
        *at += 2;
    return *at < state->count && state->items[*at] == name;
}

static enum specification_step apply_part(const struct specification_part *part,
                                          struct specification_state *state)
{
    uint32_t at;
    bool found = find(state, part->name, &at);
    if (!part->writes) {
        value_ref held = found ? state->items[at + 1] : state->items[0];
        return held == part->value ? SPECIFICATION_APPLIED : SPECIFICATION_REFUSED;
    }
    if (found)
        state->items[at + 1] = part->value;
    else if (!specification_state_insert(state, at, part->value) ||
             !specification_state_insert(state, at, part->name))
        return SPECIFICATION_NOMEM;
    return SPECIFICATION_APPLIED;
}

static enum specification_step apply_all(const struct specification_context *context,
                                         const struct operation *op,
                                         struct specification_state *state)
{
    struct specification_part part;
    for (uint32_t i = 0; i < specification_part_count(context, op); i++) {
        if (!specification_part(context, op, i, &part))
            return SPECIFICATION_REFUSED;
        if (part.name == VALUE_REF_NOMEM || part.value == VALUE_REF_NOMEM)
            return SPECIFICATION_NOMEM;
        if (!specification_part_speaks(context, op, &part))
            continue;
        enum specification_step step = apply_part(&part, state);
        if (step != SPECIFICATION_APPLIED)
            return step;
    }
    return SPECIFICATION_APPLIED;
}

static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    struct specification_state after = {0};
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    enum specification_step step = SPECIFICATION_NOMEM;
    if (specification_state_copy(&after, state))
        step = apply_all(context, op, &after);
    if (step == SPECIFICATION_APPLIED) {
        struct specification_state before = *state;
        *state = after;
        after = before;
    }
    specification_state_fini(&after);
    return step;
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    struct specification_part part;
    for (uint32_t i = 0; i < specification_part_count(context, op); i++)
        if (specification_part(context, op, i, &part) && part.writes)
            return false;
    return true;
}

static int accepts(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err)
{
    struct specification_part part;
    if (op->f != F_TXN && op->f != F_READ && op->f != F_WRITE)
        return specification_unknown("multi-register", "txn, read and write", op, err);
    if (specification_usual_effect(op) == SPECIFICATION_NOTHING)
        return 0;
    if (op->f == F_TXN && value_pool_get(context->values, parts_of(op)).kind != VALUE_LIST)
        return specification_odd_value(context,
                                       "the value of a txn must be a list such as "
                                       "[[read x nil] [write y 1]]",
                                       parts_of(op), err);
    for (uint32_t i = 0; i < specification_part_count(context, op); i++)
        if (!specification_part(context, op, i, &part))
            return specification_odd_value(context,
                                           op->f == F_TXN
                                               ? "each part of a txn must be [read register value] "
                                                 "or [write register value]"
                                               : "the value must be [register value]",
                                           parts_of(op), err);
    return 0;
}

const struct specification specification_multi_register = {
    .model = "multi-register",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts,
};
