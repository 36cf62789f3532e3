/* What the property tests of the containers' algorithms have in common: each is asked about many
 * small histories and must agree with brute force, give an order that can be replayed, and a
 * witness that cannot be linearized by itself. */
#ifndef TESTS_CONTAINERS_H
#define TESTS_CONTAINERS_H

#include "checker/algorithm.h"
#include "checker/verify.h"
#include "core/errbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include "core/strbuf.h"
#include <criterion/criterion.h>
#include <stdio.h>

enum { CONTAINER_HISTORIES = 150000 };

struct container_tally {
    uint32_t histories, accepted, rejected;
    uint32_t not_for_this[2]; /* by what brute force says */
    uint64_t orders;          /* verified */
};

struct container_test {
    const struct algorithm *algorithm;
    struct random_objects all;
    struct brute_force brute, part;
    struct container_tally tally;
    uint64_t number;
};

static const char *container_text(const struct object *object)
{
    static char text[8192];
    size_t at = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        struct strbuf buf = STRBUF_INIT;
        strbuf_puts(&buf, " ");
        value_write_text(&buf, value_pool_get(object->values, op->argument));
        strbuf_puts(&buf, " -> ");
        value_write_text(&buf, value_pool_get(object->values, op->result));
        at += (size_t)snprintf(text + at, sizeof text - at, "%2u: %3d..%3d %s %s%s\n", i,
                               (int)op->invoke, (int)op->complete, op_type_name(op->outcome),
                               symbol_name(op->f), buf.text);
        strbuf_fini(&buf);
    }
    return text;
}

/* --- answers --- */

static bool container_order_holds(struct container_test *test, const struct object *object,
                                  const struct algorithm_result *result, struct errbuf *why)
{
    struct budget budget;
    budget_init(&budget, 0, 0);
    struct verify_input input = {object, test->all.specification, test->all.context, &budget};
    enum verify_end end = verify_order(&input, result->order, result->order_count, why);
    cr_assert_eq(budget.bytes_used, 0);
    return end == VERIFY_ACCEPTED;
}

static bool container_kept(const struct algorithm_result *result, uint32_t op)
{
    for (uint32_t i = 0; i < result->witness_count; i++)
        if (result->witness[i] == op)
            return true;
    return false;
}

/* Leaving out the others is sound, and what is left has no order: so says the verification, and the
 * definition. */
static bool container_refutes(struct container_test *test, const struct object *object,
                              const struct algorithm_result *result, struct errbuf *why)
{
    struct operation ops[BRUTE_FORCE_OPS_MAX];
    struct object kept = *object;
    struct budget budget;
    struct refutation refutation = {.keep = result->witness,
                                    .keep_count = result->witness_count,
                                    .until = result->until ? result->until : POSITION_NONE};
    budget_init(&budget, 0, 0);
    struct verify_input input = {object, test->all.specification, test->all.context, &budget};
    if (verify_refutation(&input, &refutation, why) != VERIFY_ACCEPTED)
        return false;
    if (result->until)
        return container_kept(result, result->failing);
    for (uint32_t i = 0; i < result->witness_count; i++)
        ops[i] = object->ops[result->witness[i]];
    kept.ops = ops;
    kept.count = result->witness_count;
    return container_kept(result, result->failing) &&
           !brute_force_is_linearizable(&test->part, test->all.specification, &test->all.context,
                                        &kept);
}

/* --- one history --- */

/* The same history with its events further apart: over several words of cells, and so far apart
 * that they are counted anew. */
static void container_stretch(struct container_test *test)
{
    uint32_t factor = 1 + random_pick(&test->all, 24);
    for (uint32_t i = 0; i < test->all.object.count && factor <= 20; i++) {
        struct operation *op = &test->all.ops[i];
        op->invoke *= factor;
        if (op->complete != POSITION_NONE)
            op->complete *= factor;
    }
}

static void container_check(struct container_test *test, const struct object *object)
{
    container_stretch(test);
    struct budget budget;
    budget_init(&budget, 0, 0);
    struct algorithm_input input = {.object = object,
                                    .semantics = &test->all.semantics,
                                    .budget = &budget,
                                    .want_order = test->number % 8 != 0};
    struct algorithm_result result;
    struct errbuf err = ERRBUF_INIT;
    bool expected = brute_force_is_linearizable(&test->brute, test->all.specification,
                                                &test->all.context, object);
    cr_assert_eq(test->algorithm->run(&input, &result, &err), 0, "%s", err.text);
    switch (result.end) {
    case ALGORITHM_ACCEPTED:
        test->tally.accepted++;
        cr_assert(expected, "history %lu is accepted:\n%s", test->number, container_text(object));
        test->tally.orders += input.want_order;
        if (input.want_order)
            cr_assert(container_order_holds(test, object, &result, &err),
                      "order of history %lu: %s\n%s", test->number, err.text,
                      container_text(object));
        break;
    case ALGORITHM_REJECTED:
        test->tally.rejected++;
        cr_assert(!expected, "history %lu is rejected: %s\n%s", test->number, result.reason,
                  container_text(object));
        cr_assert(container_refutes(test, object, &result, &err),
                  "witness of history %lu: %s: %s\n%s", test->number, result.reason, err.text,
                  container_text(object));
        break;
    default:
        cr_assert_eq(result.end, ALGORITHM_NOT_FOR_THIS);
        cr_assert_not_null(result.reason);
        test->tally.not_for_this[expected]++;
    }
    algorithm_result_fini(&result, &budget);
    cr_assert_eq(budget.bytes_used, 0, "%zu bytes were not given back", budget.bytes_used);
    test->number++;
    test->tally.histories++;
}

/* Half of them with a world behind them, half with windows that are anywhere. */
static uint32_t container_histories(void)
{
    return property_runs(CONTAINER_HISTORIES) / 2;
}

/* --- histories without a world behind them: every window is anywhere --- */

enum { CONTAINER_POSITIONS = 160 };

struct container_shape {
    uint32_t values, empties, crashed; /* at most */
    uint32_t width;                    /* how far apart the ends of a window are, at most */
    bool stack;
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
static void container_any_window(struct container_test *test, bool *taken, uint32_t width,
                                 struct operation *op, uint32_t near)
{
    op->invoke = container_free_position(taken, near + random_pick(&test->all, 8));
    op->complete =
        container_free_position(taken, op->invoke + 1 + random_pick(&test->all, width + 4));
}

static struct operation *container_new_op(struct container_test *test, symbol f, value_ref argument,
                                          value_ref result, uint32_t crash_percent)
{
    struct object *object = &test->all.object;
    struct operation *op = &test->all.ops[object->count];
    *op = (struct operation){.process = (int32_t)object->count++,
                             .f = f,
                             .argument = argument,
                             .result = result,
                             .outcome = OP_OK};
    if (random_chance(&test->all, crash_percent)) {
        op->outcome = OP_INFO;
        op->result = VALUE_REF_NIL;
    }
    return op;
}

static inline const struct object *container_any_history(struct container_test *test,
                                                         const struct container_shape *shape)
{
    struct random_objects *all = &test->all;
    symbol insert = shape->stack ? F_PUSH : F_ENQUEUE, remove = shape->stack ? F_POP : F_DEQUEUE;
    bool taken[CONTAINER_POSITIONS] = {false};
    uint32_t crash = random_pick(all, 2) * 10, span = 12 + random_pick(all, 20), order[8];
    uint32_t values = 1 + random_pick(all, shape->values);
    all->object = (struct object){.values = all->pool, .ops = all->ops};
    for (uint32_t i = 0; i < values; i++)
        order[i] = i;
    random_shuffle(&all->random, order, values);
    for (uint32_t i = 0; i < values; i++) {
        value_ref value = value_ref_int((int32_t)order[i]);
        struct operation *op = container_new_op(test, insert, value, VALUE_REF_NIL, crash);
        container_any_window(test, taken, shape->width, op, random_pick(all, span));
        uint32_t near = op->invoke;
        if (random_chance(all, 80)) {
            op = container_new_op(test, remove, VALUE_REF_NIL, value, 0);
            container_any_window(test, taken, shape->width, op, near + random_pick(all, span / 2));
        }
    }
    for (uint32_t i = random_pick(all, shape->empties + 1); i > 0; i--)
        container_any_window(test, taken, shape->width,
                             container_new_op(test, remove, VALUE_REF_NIL, VALUE_REF_NIL, 0),
                             random_pick(all, span));
    for (uint32_t i = random_pick(all, shape->crashed + 1); i > 0; i--)
        container_any_window(test, taken, shape->width,
                             container_new_op(test, remove, VALUE_REF_NIL, VALUE_REF_NIL, 100),
                             random_pick(all, span));
    qsort(all->ops, all->object.count, sizeof *all->ops, container_compare);
    return &all->object;
}

/* --- all of them --- */

static void container_test_init(struct container_test *test, const struct algorithm *algorithm,
                                const char *model, uint64_t index)
{
    *test = (struct container_test){.algorithm = algorithm};
    random_objects_init(&test->all, model, 20261121, index);
}

static void container_test_fini(struct container_test *test)
{
    brute_force_free(&test->brute);
    brute_force_free(&test->part);
    random_objects_fini(&test->all);
}

/* Both verdicts are common, and not more than one of `undecided_share` is undecided; 0: none. */
static inline void container_expect_both(const struct container_test *test,
                                         uint32_t undecided_share)
{
    const struct container_tally *tally = &test->tally;
    uint32_t undecided = tally->not_for_this[0] + tally->not_for_this[1];
    tally_print(&(struct tally){.model = test->all.specification->model,
                                .algorithm = test->algorithm->name,
                                .histories = tally->histories,
                                .valid = tally->accepted + tally->not_for_this[1],
                                .invalid = tally->rejected + tally->not_for_this[0],
                                .undecided = undecided,
                                .proofs = tally->orders + tally->rejected});
    cr_assert_gt(tally->accepted, tally->histories / 5);
    cr_assert_gt(tally->rejected, tally->histories / 20);
    cr_assert_leq(undecided, undecided_share ? tally->histories / undecided_share : 0);
}

/* Objects that work, and clients that lie. */
static inline void container_test_objects(const struct algorithm *algorithm, const char *model,
                                          uint32_t undecided_share)
{
    struct container_test test;
    container_test_init(&test, algorithm, model, 0);
    for (uint32_t i = 0; i < container_histories(); i++) {
        struct random_options options = random_options_any(&test.all);
        options.distinct = options.distinct || random_pick(&test.all, 2);
        if (!options.distinct)
            options.values = 8;
        container_check(&test, random_objects_next(&test.all, &options));
    }
    container_expect_both(&test, undecided_share);
    container_test_fini(&test);
}

/* Windows that are anywhere. */
static inline void container_test_windows(const struct algorithm *algorithm, const char *model,
                                          bool stack, uint32_t undecided_share)
{
    struct container_test test;
    container_test_init(&test, algorithm, model, 1);
    for (uint32_t i = 0; i < container_histories(); i++) {
        struct container_shape shape = {.values = 2 + random_pick(&test.all, 4),
                                        .empties = random_pick(&test.all, 4),
                                        .crashed = random_pick(&test.all, 2) * 2,
                                        .width = 1 + random_pick(&test.all, 16),
                                        .stack = stack};
        container_check(&test, container_any_history(&test, &shape));
    }
    container_expect_both(&test, undecided_share);
    container_test_fini(&test);
}

#endif
