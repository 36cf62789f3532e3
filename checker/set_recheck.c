/* The second opinion on a finding of set_check.c; see set_check.h. */
#include "checker/set_check.h"

static bool is_of(const struct key_group *group, const struct op *op)
{
    return op->process >= 0 && op->type == OP_INVOKE && op->has_key == group->has_key &&
           (!op->has_key || value_equal(op->key, group->key));
}

static uint32_t count_in(struct value collection, struct value element)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < collection.count; i++)
        count += value_equal(collection.items[i], element);
    return count;
}

static const struct op *ok_of(const struct history *history, const uint32_t *partner, uint32_t at)
{
    if (at >= history->count || partner[at] == HISTORY_UNPAIRED)
        return NULL;
    const struct op *end = &history->ops[partner[at]];
    return end->type == OP_OK ? end : NULL;
}

/* Whether a read of this object that was invoked later succeeded with an answer. */
static bool is_read_later(const struct history *history, const uint32_t *partner,
                          const struct key_group *group, uint32_t read)
{
    for (uint32_t at = read + 1; at < history->count; at++) {
        const struct op *end = ok_of(history, partner, at);
        if (is_of(group, &history->ops[at]) && history->ops[at].f == F_READ && end &&
            !value_is_nil(end->value))
            return true;
    }
    return false;
}

/* Whether some add that did not fail can have added element before position `until`. */
static bool can_have_been_added(const struct history *history, const uint32_t *partner,
                                const struct key_group *group, struct value element, uint32_t until)
{
    for (uint32_t at = 0; at < until && at < history->count; at++) {
        const struct op *op = &history->ops[at];
        if (!is_of(group, op) || op->f != F_ADD)
            continue;
        const struct op *end = partner[at] == HISTORY_UNPAIRED ? NULL : &history->ops[partner[at]];
        if (end && end->type == OP_FAIL)
            continue;
        bool renamed = end && end->type == OP_OK && !value_is_nil(end->value);
        if (value_equal(renamed ? end->value : op->value, element))
            return true;
    }
    return false;
}

static bool is_lost(const struct history *history, const uint32_t *partner,
                    const struct key_group *group, const struct set_finding *finding,
                    const struct op *read_end)
{
    const struct op *add_end = ok_of(history, partner, finding->add);
    if (!add_end || !is_of(group, &history->ops[finding->add]) ||
        history->ops[finding->add].f != F_ADD)
        return false;
    struct value added =
        value_is_nil(add_end->value) ? history->ops[finding->add].value : add_end->value;
    return value_equal(added, finding->element) && add_end->index < (int64_t)finding->read &&
           count_in(read_end->value, finding->element) == 0 &&
           !is_read_later(history, partner, group, finding->read);
}

bool set_recheck(const struct history *history, const uint32_t *partner,
                 const struct key_group *group, enum set_fault fault,
                 const struct set_finding *finding)
{
    const struct op *read_end = ok_of(history, partner, finding->read);
    if (!read_end || !is_of(group, &history->ops[finding->read]) ||
        history->ops[finding->read].f != F_READ ||
        (read_end->value.kind != VALUE_LIST && read_end->value.kind != VALUE_SET))
        return false;
    uint32_t seen = count_in(read_end->value, finding->element);
    switch (fault) {
    case SET_LOST:
        return is_lost(history, partner, group, finding, read_end);
    case SET_UNEXPECTED:
        return seen > 0 && !can_have_been_added(history, partner, group, finding->element,
                                                (uint32_t)read_end->index);
    case SET_DUPLICATE:
        return seen > 1;
    default:
        return false;
    }
}
