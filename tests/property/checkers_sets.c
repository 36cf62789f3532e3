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

Test(checkers_sets, an_element_that_was_known_is_not_lost, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_set_full,
                                   .seed = 11,
                                   .ask = ask_full,
                                   .tell = tell_full,
                                   .slow = slow_full});
}

/* --- set --- */

/* The last read that answered; NULL if none did. */
static const struct operation *last_read(const struct object *object)
{
    const struct operation *last = NULL;
    for (uint32_t i = 0; i < object->count; i++)
        if (is_read(&object->ops[i]))
            last = &object->ops[i];
    return last;
}

static bool is_lost(const struct world *world, const struct object *object, int64_t element)
{
    const struct operation *last = last_read(object);
    bool known = false;
    for (uint32_t i = 0; last && i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        known = known || (op->outcome == OP_OK && adds(op, element) && op->complete < last->invoke);
    }
    return known && times_in(world, last, element) == 0;
}

static enum verdict slow_set(const struct world *world, const struct object *object)
{
    bool bad = false;
    for (int64_t element = 0; element < ELEMENTS; element++) {
        bad = bad || is_lost(world, object, element);
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            bad = bad || is_from_nowhere(world, object, op, element);
            bad = bad || (is_read(op) && times_in(world, op, element) > 1);
        }
    }
    return bad ? VERDICT_INVALID : last_read(object) ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_sets, the_last_read_has_all_that_was_added_before_it, .timeout = 900)
{
    world_run(&(struct world_test){
        .checker = &checker_set, .seed = 15, .ask = ask_full, .tell = tell_full, .slow = slow_set});
}

/* --- causal-reverse and comments --- */

/* Mostly each id once; state[6]: the next one. */
static void ask_rows(struct world *world, struct operation *op)
{
    bool again = world_chance(world, 5);
    op->f = world_chance(world, 50) || (world->state[6] == ELEMENTS && !again) ? F_READ : F_WRITE;
    if (op->f != F_WRITE)
        return;
    op->argument =
        value_ref_int((int32_t)(again ? world_below(world, ELEMENTS) : world->state[6]++));
}

static value_ref tell_rows(struct world *world, const struct operation *op)
{
    return tell_elements(world, op, 8);
}

static bool sees(const struct world *world, const struct operation *read, const struct operation *w)
{
    return times_in(world, read, value_ref_as_int(w->argument)) > 0;
}

/* Whether no earlier write of the same id can have been what was seen. */
static bool is_first_of_its_id(const struct object *object, const struct operation *w)
{
    for (const struct operation *op = object->ops; op < w; op++)
        if (op->f == F_WRITE && op->outcome != OP_FAIL && op->argument == w->argument)
            return false;
    return w->outcome != OP_FAIL;
}

static bool is_reversed(const struct world *world, const struct object *object,
                        const struct operation *read)
{
    for (uint32_t i = 0; i < object->count; i++)
        for (uint32_t j = 0; j < object->count; j++) {
            const struct operation *a = &object->ops[i], *b = &object->ops[j];
            if (a->f == F_WRITE && b->f == F_WRITE && a->outcome == OP_OK &&
                a->complete < b->invoke && is_first_of_its_id(object, b) && sees(world, read, b) &&
                !sees(world, read, a))
                return true;
        }
    return false;
}

static enum verdict slow_rows(const struct world *world, const struct object *object)
{
    bool any = false, bad = false;
    for (uint32_t i = 0; i < object->count; i++)
        if (is_read(&object->ops[i])) {
            any = true;
            bad = bad || is_reversed(world, object, &object->ops[i]);
        }
    return bad ? VERDICT_INVALID : any ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_sets, a_write_is_not_seen_without_what_preceded_it, .timeout = 900)
{
    struct world_test test = {.checker = &checker_causal_reverse,
                              .seed = 12,
                              .ask = ask_rows,
                              .tell = tell_rows,
                              .slow = slow_rows};
    world_run(&test);
    test.checker = &checker_comments;
    test.seed = 13;
    world_run(&test);
}

/* --- sequential --- */

static void ask_subkeys(struct world *world, struct operation *op)
{
    op->f = world_chance(world, 80) ? F_READ : F_WRITE;
    op->argument = value_ref_int((int32_t)world_below(world, 3));
}

static value_ref tell_subkeys(struct world *world, const struct operation *op)
{
    struct value subkeys[4], answer[2];
    int64_t first = world_below(world, 5);
    if (op->f == F_WRITE)
        return op->argument;
    for (int64_t i = 0; i < 4; i++)
        subkeys[i] = (i >= first) != world_chance(world, 2) ? value_string("k") : value_nil();
    answer[0] = value_int(value_ref_as_int(op->argument));
    answer[1] = value_items(VALUE_LIST, subkeys, 4);
    return world_chance(world, 50) ? world_items(world, VALUE_LIST, answer, 2)
                                   : world_items(world, VALUE_LIST, subkeys, 4);
}

static enum verdict slow_subkeys(const struct world *world, const struct object *object)
{
    bool any = false, bad = false;
    for (uint32_t o = 0; o < object->count; o++) {
        if (object->ops[o].f != F_READ || object->ops[o].outcome != OP_OK)
            continue;
        struct value list = value_pool_get(world->pool, object->ops[o].result);
        if (list.count == 2)
            list = list.items[1];
        for (uint32_t i = 0; i < 4; i++)
            for (uint32_t j = 0; j < 4; j++) {
                bool earlier = !value_is_nil(list.items[i]), later = !value_is_nil(list.items[j]);
                any = any || earlier;
                bad = bad || (i < j && earlier && !later);
            }
    }
    return bad ? VERDICT_INVALID : any ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_sets, a_later_subkey_is_not_there_without_the_earlier_ones, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_sequential,
                                   .seed = 14,
                                   .ask = ask_subkeys,
                                   .tell = tell_subkeys,
                                   .slow = slow_subkeys});
}
