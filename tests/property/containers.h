/* The histories that the containers' algorithms are held against the definition with (agreement.h):
 * of containers that work and clients that lie, and with windows anywhere, many takes crashed. */
#ifndef TESTS_CONTAINERS_H
#define TESTS_CONTAINERS_H

#include "property/agreement.h"

#include <stdlib.h>

/* The same history with its events further apart: over several words of cells, and so far apart
 * that they are counted anew. */
static void container_stretch(struct random_objects *all)
{
    uint32_t factor = 1 + random_pick(all, 24);
    for (uint32_t i = 0; i < all->object.count && factor <= 20; i++) {
        struct operation *op = &all->ops[i];
        op->invoke *= factor;
        if (op->complete != POSITION_NONE)
            op->complete *= factor;
    }
}

/* --- histories without a world behind them: every window is anywhere --- */

enum { CONTAINER_POSITIONS = 160 };

struct container_shape {
    uint32_t values, empties, crashed; /* at most */
    uint32_t width;                    /* how far apart the ends of a window are, at most */
    uint32_t crash_percent;            /* of inserts */
    uint32_t taken_percent;            /* of values, by a take that says so */
    symbol insert, remove;
};

static int container_compare(const void *a, const void *b)
{
    const struct operation *x = a, *y = b;
    return x->invoke < y->invoke ? -1 : x->invoke > y->invoke;
}

/* Takes the first position from `near` on that no event has. */
static position container_free_position(bool *taken, uint32_t near)
{
    while (taken[near])
        near++;
    assert(near < CONTAINER_POSITIONS);
    taken[near] = true;
    return near;
}

/* The ends of a new window, about where it is said. */
static void container_any_window(struct random_objects *all, bool *taken, uint32_t width,
                                 struct operation *op, uint32_t near)
{
    op->invoke = container_free_position(taken, near + random_pick(all, 8));
    op->complete = container_free_position(taken, op->invoke + 1 + random_pick(all, width + 4));
}

static struct operation *container_new_op(struct random_objects *all, symbol f, value_ref argument,
                                          value_ref result, uint32_t crash_percent)
{
    struct object *object = &all->object;
    struct operation *op = &all->ops[object->count];
    *op = (struct operation){.process = (int32_t)object->count++,
                             .f = f,
                             .argument = argument,
                             .result = result,
                             .outcome = OP_OK};
    if (random_chance(all, crash_percent)) {
        op->outcome = OP_INFO;
        op->result = VALUE_REF_NIL;
    }
    return op;
}

static void container_add_takes(struct random_objects *all, bool *taken,
                                const struct container_shape *shape, uint32_t count, uint32_t span,
                                uint32_t crash_percent)
{
    for (; count > 0; count--)
        container_any_window(
            all, taken, shape->width,
            container_new_op(all, shape->remove, VALUE_REF_NIL, VALUE_REF_NIL, crash_percent),
            random_pick(all, span));
}

static inline void container_any_history(struct random_objects *all,
                                         const struct container_shape *shape)
{
    bool taken[CONTAINER_POSITIONS] = {false};
    uint32_t span = 12 + random_pick(all, 20), order[8];
    uint32_t values = 1 + random_pick(all, shape->values);
    all->object = (struct object){.values = all->pool, .ops = all->ops};
    for (uint32_t i = 0; i < values; i++)
        order[i] = i;
    random_shuffle(&all->random, order, values);
    for (uint32_t i = 0; i < values; i++) {
        value_ref value = value_ref_int((int32_t)order[i]);
        struct operation *op =
            container_new_op(all, shape->insert, value, VALUE_REF_NIL, shape->crash_percent);
        container_any_window(all, taken, shape->width, op, random_pick(all, span));
        uint32_t near = op->invoke;
        if (random_chance(all, shape->taken_percent)) {
            op = container_new_op(all, shape->remove, VALUE_REF_NIL, value, 0);
            container_any_window(all, taken, shape->width, op, near + random_pick(all, span / 2));
        }
    }
    container_add_takes(all, taken, shape, random_pick(all, shape->empties + 1), span, 0);
    container_add_takes(all, taken, shape, random_pick(all, shape->crashed + 1), span, 100);
    qsort(all->ops, all->object.count, sizeof *all->ops, container_compare);
}

/* Windows that are anywhere: most values taken, few takes crashed. */
static void container_windows(struct random_objects *all, symbol insert, symbol remove)
{
    struct container_shape shape = {.values = 2 + random_pick(all, 4),
                                    .empties = random_pick(all, 4),
                                    .crashed = random_pick(all, 2) * 2,
                                    .width = 1 + random_pick(all, 16),
                                    .crash_percent = random_pick(all, 2) * 10,
                                    .taken_percent = 80,
                                    .insert = insert,
                                    .remove = remove};
    container_any_history(all, &shape);
    container_stretch(all);
}

/* Every other value may have been taken by one of several takes that crashed. */
static void container_crashed_windows(struct random_objects *all, symbol insert, symbol remove)
{
    struct container_shape shape = {.values = 2 + random_pick(all, 4),
                                    .empties = 1 + random_pick(all, 3),
                                    .crashed = 4,
                                    .width = 1 + random_pick(all, 16),
                                    .crash_percent = random_pick(all, 2) * 20,
                                    .taken_percent = 20 + random_pick(all, 2) * 40,
                                    .insert = insert,
                                    .remove = remove};
    container_any_history(all, &shape);
    container_stretch(all);
}

static inline void container_queue_windows(struct random_objects *all)
{
    container_windows(all, F_ENQUEUE, F_DEQUEUE);
}

static inline void container_stack_windows(struct random_objects *all)
{
    container_windows(all, F_PUSH, F_POP);
}

static inline void container_crashed_queue_windows(struct random_objects *all)
{
    container_crashed_windows(all, F_ENQUEUE, F_DEQUEUE);
}

static inline void container_crashed_stack_windows(struct random_objects *all)
{
    container_crashed_windows(all, F_PUSH, F_POP);
}

/* Mostly distinct values. */
static inline struct random_options container_options(struct random_objects *all)
{
    struct random_options options = random_options_any(all);
    options.distinct = options.distinct || random_pick(all, 2);
    if (!options.distinct)
        options.values = 8;
    return options;
}

/* Runs the histories that `make` makes, or, if it is NULL, those of objects that work and clients
 * that lie: one of `share` of the usual number. At most
 * one of `undecided` may be undecided; 0: none. */
static inline void container_check(const struct algorithm *algorithm,
                                   void (*make)(struct random_objects *all), uint32_t share,
                                   uint32_t undecided)
{
    struct agreement agreement = {.algorithm = algorithm,
                                  .model = algorithm->models[0],
                                  .seed = 20261121,
                                  .change = make ? NULL : container_stretch,
                                  .options = container_options,
                                  .make = make,
                                  .share = share};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 5);
    cr_expect_gt(agreement.rejected, agreement.histories / 20);
    cr_expect_leq(agreement.not_for_this, undecided ? agreement.histories / undecided : 0);
}

#endif
