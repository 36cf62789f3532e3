/* Sets that are read as a whole, against slow definitions of what they promise. */
#include "property/checker_worlds.h"

enum { ELEMENTS = 4 };

static uint32_t times_in(const struct world *world, const struct operation *op, int64_t element)
{
    struct value answer = value_pool_get(world->pool, op->result);
    uint32_t times = 0;
    for (uint32_t i = 0; i < answer.count; i++)
        times += answer.items[i].integer == element;
    return times;
}

static bool is_read(const struct operation *op)
{
    return op->f == F_READ && op->outcome == OP_OK && op->result != VALUE_REF_NIL;
}

static bool adds(const struct operation *op, int64_t element)
{
    return op->f != F_READ && op->argument == value_ref_int((int32_t)element);
}

/* What is in: state[element]. Reads now and then miss an element, have one too many, or one
 * twice. */
static value_ref tell_elements(struct world *world, const struct operation *op, uint64_t lies)
{
    int64_t items[2 * ELEMENTS + 2];
    size_t count = 0;
    if (op->f != F_READ) {
        if (op->outcome == OP_OK || (op->outcome == OP_INFO && world_chance(world, 50)))
            world->state[value_ref_as_int(op->argument)] = 1;
        return op->argument;
    }
    if (world_chance(world, 5))
        return VALUE_REF_NIL;
    for (int64_t i = 0; i < ELEMENTS; i++) {
        if ((world->state[i] != 0) != world_chance(world, lies))
            items[count++] = i;
        if (count > 0 && world_chance(world, lies / 5))
            items[count++] = i;
    }
    return world_list(world, items, count);
}

/* --- set-full --- */

static void ask_full(struct world *world, struct operation *op)
{
    if (world->count == 0)
        world->options.linearizable = world_chance(world, 30);
    op->f = world_chance(world, 55) ? F_READ : F_ADD;
    if (op->f == F_ADD)
        op->argument = value_ref_int((int32_t)world_below(world, ELEMENTS));
}

static value_ref tell_full(struct world *world, const struct operation *op)
{
    return tell_elements(world, op, 5);
}

static bool makes_known(const struct world *world, const struct operation *op, int64_t element)
{
    return is_read(op) ? times_in(world, op, element) > 0
                       : op->outcome == OP_OK && adds(op, element);
}

/* Whether a read lacks the element though it was known; it may be later that it was there. */
static bool misses(const struct world *world, const struct object *object,
                   const struct operation *read, int64_t element, bool never_after)
{
    bool known = false, later = false;
    if (!is_read(read) || times_in(world, read, element) > 0)
        return false;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        known = known || (makes_known(world, op, element) && op->complete < read->invoke);
        later = later ||
                (is_read(op) && times_in(world, op, element) > 0 && op->complete > read->invoke);
    }
    return known && !(never_after && later);
}

static bool is_from_nowhere(const struct world *world, const struct object *object,
                            const struct operation *read, int64_t element)
{
    if (!is_read(read) || times_in(world, read, element) == 0)
        return false;
    for (uint32_t i = 0; i < object->count; i++)
        if (adds(&object->ops[i], element) && object->ops[i].outcome != OP_FAIL &&
            object->ops[i].invoke < read->complete)
            return false;
    return true;
}

static enum verdict slow_full(const struct world *world, const struct object *object)
{
    bool bad = false, seen = false;
    for (uint32_t i = 0; i < object->count; i++)
        for (int64_t element = 0; element < ELEMENTS; element++) {
            const struct operation *op = &object->ops[i];
            bad = bad || misses(world, object, op, element, !world->options.linearizable);
            bad = bad || is_from_nowhere(world, object, op, element);
            bad = bad || (is_read(op) && times_in(world, op, element) > 1);
            seen = seen || (is_read(op) && times_in(world, op, element) > 0);
        }
    return bad ? VERDICT_INVALID : seen ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_sets, an_element_that_was_known_is_not_lost, .timeout = 60)
{
    world_run(&(struct world_test){.checker = &checker_set_full,
                                   .seed = 11,
                                   .ask = ask_full,
                                   .tell = tell_full,
                                   .slow = slow_full});
}
