/* The second opinion on a finding of set_check.c; see set_check.h. */
#include "checker/set_check.h"

static uint32_t count_in(struct value collection, struct value element)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < collection.count; i++)
        count += value_equal(collection.items[i], element);
    return count;
}

static const struct operation *get(const struct object *object, uint32_t number, symbol f)
{
    if (number >= object->count || object->ops[number].f != f ||
        object->ops[number].outcome != OP_OK)
        return NULL;
    return &object->ops[number];
}

/* Whether a read that was invoked later succeeded with an answer. */
static bool is_read_later(const struct object *object, uint32_t read)
{
    for (uint32_t i = read + 1; i < object->count; i++)
        if (get(object, i, F_READ) && object->ops[i].result != VALUE_REF_NIL)
            return true;
    return false;
}

/* Whether some add that did not fail can have added the element before `until`. */
static bool can_have_been_added(const struct object *object, value_ref element, position until)
{
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke < until; i++) {
        const struct operation *op = &object->ops[i];
        bool renamed = op->outcome == OP_OK && op->result != VALUE_REF_NIL;
        if (op->f == F_ADD && op->outcome != OP_FAIL &&
            (renamed ? op->result : op->argument) == element)
            return true;
    }
    return false;
}

static bool is_lost(const struct object *object, const struct set_finding *finding, uint32_t seen)
{
    const struct operation *add = get(object, finding->add, F_ADD);
    if (!add)
        return false;
    value_ref added = add->result == VALUE_REF_NIL ? add->argument : add->result;
    return added == finding->element && add->complete < object->ops[finding->read].invoke &&
           seen == 0 && !is_read_later(object, finding->read);
}

bool set_recheck(const struct object *object, enum set_fault fault,
                 const struct set_finding *finding)
{
    const struct operation *read = get(object, finding->read, F_READ);
    if (!read)
        return false;
    struct value collection = value_pool_get(object->values, read->result);
    if (collection.kind != VALUE_LIST && collection.kind != VALUE_SET)
        return false;
    uint32_t seen = count_in(collection, value_pool_get(object->values, finding->element));
    switch (fault) {
    case SET_LOST:
        return is_lost(object, finding, seen);
    case SET_UNEXPECTED:
        return seen > 0 && !can_have_been_added(object, finding->element, read->complete);
    case SET_DUPLICATE:
        return seen > 1;
    default:
        return false;
    }
}
