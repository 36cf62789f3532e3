/* Queues and ids against slow definitions of what Jepsen's checkers promise of them. */
#include "property/checker_worlds.h"

enum { ELEMENTS = 4 };

/* state[i]: how many of element i are in; state[5]: the next id. */
static void ask_queue(struct world *world, struct operation *op)
{
    static const symbol puts[] = {F_ENQUEUE, F_ENQ, F_OFFER};
    static const symbol takes[] = {F_DEQUEUE, F_DEQ, F_POLL};
    uint64_t draw = random_below(&world->random, 100);
    op->f = draw < 40 ? puts[world_below(world, 3)] : takes[world_below(world, 3)];
    if (draw < 40)
        op->argument = value_ref_int((int32_t)world_below(world, ELEMENTS));
    if (draw >= 85)
        op->f = F_DRAIN;
}

static value_ref tell_drain(struct world *world, bool happens)
{
    int64_t items[64];
    size_t count = 0;
    for (int64_t i = 0; i < ELEMENTS; i++)
        for (; happens && world->state[i] > 0 && count < 60; world->state[i]--)
            if (!world_chance(world, 8))
                items[count++] = i;
    if (world_chance(world, 8))
        items[count++] = world_below(world, ELEMENTS);
    return world_list(world, items, count);
}

static value_ref tell_queue(struct world *world, const struct operation *op)
{
    bool happens = op->outcome == OP_OK || (op->outcome == OP_INFO && world_chance(world, 50));
    if (symbol_canonical(op->f) == F_ENQUEUE) {
        world->state[value_ref_as_int(op->argument)] += happens && !world_chance(world, 8);
        return world_chance(world, 50) ? op->argument : VALUE_REF_NIL;
    }
    if (op->f == F_DRAIN)
        return tell_drain(world, happens);
    int64_t element = world_below(world, ELEMENTS);
    for (int64_t tries = 0; tries < ELEMENTS && world->state[element] == 0; tries++)
        element = (element + 1) % ELEMENTS;
    if (world->state[element] == 0 && !world_chance(world, 15))
        return world_chance(world, 50)
                   ? VALUE_REF_NIL
                   : value_pool_intern(world->pool, value_text(VALUE_KEYWORD, "empty", 5));
    world->state[element] -= happens && world->state[element] > 0 && !world_chance(world, 8);
    return value_ref_int((int32_t)element);
}

static uint32_t takes(const struct world *world, const struct operation *op, int64_t element)
{
    uint32_t times = 0;
    if (op->outcome != OP_OK || symbol_canonical(op->f) == F_ENQUEUE)
        return 0;
    if (op->f != F_DRAIN)
        return op->result == value_ref_int((int32_t)element);
    struct value list = value_pool_get(world->pool, op->result);
    for (uint32_t i = 0; i < list.count; i++)
        times += list.items[i].integer == element;
    return times;
}

static bool puts_in(const struct operation *op, int64_t element)
{
    return symbol_canonical(op->f) == F_ENQUEUE && op->outcome != OP_FAIL &&
           op->argument == value_ref_int((int32_t)element);
}

/* At no moment has more come out than may have gone in. */
static enum verdict slow_queue(const struct world *world, const struct object *object)
{
    for (uint32_t moment = 0; moment < object->count; moment++)
        for (int64_t element = 0; element < ELEMENTS; element++) {
            uint32_t in = 0, out = 0;
            if (takes(world, &object->ops[moment], element) == 0)
                continue;
            for (uint32_t i = 0; i < object->count; i++) {
                const struct operation *op = &object->ops[i];
                in += puts_in(op, element) && op->invoke < object->ops[moment].complete;
                if (op->complete <= object->ops[moment].complete)
                    out += takes(world, op, element);
            }
            if (out > in)
                return VERDICT_INVALID;
        }
    return object->ok > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_queues, what_comes_out_of_a_queue_was_put_in, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_queue,
                                   .seed = 21,
                                   .ask = ask_queue,
                                   .tell = tell_queue,
                                   .slow = slow_queue});
}

/* --- total-queue --- */

/* Is it certain that the queue had nothing more at some moment of the operation? */
static bool empties(const struct operation *op)
{
    if (symbol_canonical(op->f) == F_ENQUEUE || op->outcome == OP_INFO)
        return false;
    if (op->f == F_DRAIN)
        return op->outcome == OP_OK;
    return op->outcome == OP_FAIL || !value_ref_is_int(op->result);
}

struct sums {
    uint32_t missing, crashed_dequeues, crashed_drains;
    bool surplus;
};

/* missing: acknowledged before `until`, and not seen again. */
static struct sums add_up(const struct world *world, const struct object *object, position until)
{
    struct sums sums = {0};
    for (int64_t element = 0; element < ELEMENTS; element++) {
        uint32_t acknowledged = 0, tried = 0, out = 0;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            tried += puts_in(op, element);
            acknowledged += puts_in(op, element) && op->outcome == OP_OK && op->complete < until;
            out += takes(world, op, element);
        }
        sums.missing += acknowledged > out ? acknowledged - out : 0;
        sums.surplus = sums.surplus || out > tried;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        bool crashed = object->ops[i].outcome == OP_INFO;
        sums.crashed_drains += crashed && object->ops[i].f == F_DRAIN;
        sums.crashed_dequeues += crashed && symbol_canonical(object->ops[i].f) == F_DEQUEUE;
    }
    return sums;
}

static enum verdict slow_total(const struct world *world, const struct object *object)
{
    struct sums all = add_up(world, object, POSITION_NONE);
    bool lost = false;
    for (uint32_t i = 0; i < object->count; i++)
        if (empties(&object->ops[i])) {
            struct sums sums = add_up(world, object, object->ops[i].invoke);
            lost = lost || (sums.crashed_drains == 0 && sums.missing > sums.crashed_dequeues);
        }
    if (lost || all.surplus)
        return VERDICT_INVALID;
    if (all.missing > 0)
        return VERDICT_UNKNOWN;
    return object->ok > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_queues, what_goes_into_a_queue_comes_out_once, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_total_queue,
                                   .seed = 22,
                                   .ask = ask_queue,
                                   .tell = tell_queue,
                                   .slow = slow_total});
}

/* --- unique-ids --- */

static void ask_id(struct world *world, struct operation *op)
{
    (void)world;
    op->f = F_GENERATE;
}

static value_ref tell_id(struct world *world, const struct operation *op)
{
    (void)op;
    bool again = world->state[5] > 0 && world_chance(world, 8);
    int64_t id = again ? world_below(world, (uint64_t)world->state[5]) : world->state[5]++;
    return id == 7 ? VALUE_REF_NIL : id == 3 ? VALUE_REF_TRUE : value_ref_int((int32_t)id);
}

static enum verdict slow_ids(const struct world *world, const struct object *object)
{
    bool any = false;
    (void)world;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *a = &object->ops[i];
        any = any || (a->outcome == OP_OK && a->result != VALUE_REF_NIL);
        for (uint32_t j = 0; j < i; j++) {
            const struct operation *b = &object->ops[j];
            if (a->outcome == OP_OK && b->outcome == OP_OK && a->result == b->result &&
                a->result != VALUE_REF_NIL)
                return VERDICT_INVALID;
        }
    }
    return any ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_queues, ids_that_are_given_out_are_different, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_unique_ids,
                                   .seed = 23,
                                   .ask = ask_id,
                                   .tell = tell_id,
                                   .slow = slow_ids});
}

/* --- stats --- */

static void ask_anything(struct world *world, struct operation *op)
{
    static const symbol names[] = {F_READ, F_READ, F_READ, F_WRITE, F_WRITE, F_CAS};
    op->f = names[world_below(world, 6)];
}

static value_ref tell_nothing(struct world *world, const struct operation *op)
{
    (void)world;
    (void)op;
    return VALUE_REF_NIL;
}

/* Every name that was asked for succeeded at least once. */
static enum verdict slow_stats(const struct world *world, const struct object *object)
{
    (void)world;
    for (uint32_t i = 0; i < object->count; i++) {
        bool any_ok = false;
        for (uint32_t j = 0; j < object->count; j++)
            any_ok =
                any_ok || (object->ops[j].f == object->ops[i].f && object->ops[j].outcome == OP_OK);
        if (!any_ok)
            return VERDICT_VACUOUS;
    }
    return object->count > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_queues, of_every_name_some_operation_succeeded, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_stats,
                                   .seed = 24,
                                   .ask = ask_anything,
                                   .tell = tell_nothing,
                                   .slow = slow_stats,
                                   .never_invalid = true});
}
