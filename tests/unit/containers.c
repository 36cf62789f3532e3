/* The checks of queues, stacks and sets on histories of some thousand operations, and where time
 * and memory run out. What they must say of small ones is in tests/property. */
#include "checker/algorithm.h"
#include "checker/verify.h"
#include "core/clock.h"
#include "core/err.h"
#include "property/generated_operations.h"

#include <stdlib.h>
#include <string.h>

static const struct algorithm *const algorithms[] = {
    &algorithm_fifo_queue, &algorithm_priority_queue, &algorithm_unordered_queue,
    &algorithm_stack,      &algorithm_element_set,
};

enum { ALGORITHMS = sizeof algorithms / sizeof algorithms[0], OPERATIONS = 4000 };

struct made {
    struct operations all;
    struct object object;
    struct history_semantics semantics;
    struct budget budget;
    struct algorithm_result result;
};

static void make(struct made *made, const struct generate_options *options)
{
    *made = (struct made){.semantics = {.initial = VALUE_REF_NIL}};
    generate_operations(options, &made->all);
    struct operation *ops = malloc(made->all.keys[0].count * sizeof *ops);
    operations_of_key(&made->all, 0, ops);
    made->object = (struct object){.all = &made->all,
                                   .values = made->all.values,
                                   .ops = ops,
                                   .count = made->all.keys[0].count};
    budget_init(&made->budget, 0, 0);
}

static void unmake(struct made *made)
{
    cr_assert_eq(made->budget.bytes_used, 0, "%zu bytes were not given back",
                 made->budget.bytes_used);
    free((void *)made->object.ops);
    operations_fini(&made->all);
}

static enum algorithm_end run(struct made *made, const struct algorithm *algorithm)
{
    struct errbuf err = ERRBUF_INIT;
    struct algorithm_input input = {.object = &made->object,
                                    .semantics = &made->semantics,
                                    .budget = &made->budget,
                                    .want_order = true};
    cr_assert_eq(algorithm->run(&input, &made->result, &err), 0, "%s", err.text);
    return made->result.end;
}

static void give_back(struct made *made)
{
    algorithm_result_fini(&made->result, &made->budget);
}

static struct generate_options options_of(const struct algorithm *algorithm, uint64_t seed)
{
    return (struct generate_options){.model = algorithm->models[0],
                                     .operations = OPERATIONS,
                                     .concurrency = 3 + (uint32_t)(seed % 3) * 10,
                                     .elements_max = seed % 2 ? 5 : 300,
                                     .read_share = -1,
                                     .seed = seed,
                                     .anomaly_at = 0.6};
}

static struct verify_input verification(struct made *made, const struct algorithm *algorithm)
{
    return (struct verify_input){.object = &made->object,
                                 .specification = specification_find(algorithm->models[0]),
                                 .context = {made->all.values, &made->semantics},
                                 .budget = &made->budget};
}

Test(containers, long_valid_histories_are_accepted_with_an_order_that_replays, .timeout = 120)
{
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        for (uint64_t seed = 0; seed < 12; seed++) {
            struct made made;
            struct errbuf why = ERRBUF_INIT;
            struct generate_options options = options_of(algorithms[i], seed);
            make(&made, &options);
            cr_assert_eq(run(&made, algorithms[i]), ALGORITHM_ACCEPTED, "%s, seed %d: %s",
                         options.model, (int)seed, made.result.reason);
            struct verify_input input = verification(&made, algorithms[i]);
            cr_assert_eq(verify_order(&input, made.result.order, made.result.order_count, &why),
                         VERIFY_ACCEPTED, "%s, seed %d: %s", options.model, (int)seed, why.text);
            give_back(&made);
            unmake(&made);
        }
    }
}

Test(containers, long_histories_with_crashes_are_decided_almost_always, .timeout = 120)
{
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        uint32_t accepted = 0;
        for (uint64_t seed = 0; seed < 12; seed++) {
            struct made made;
            struct generate_options options = options_of(algorithms[i], seed);
            options.crash_share = 0.02;
            make(&made, &options);
            enum algorithm_end end = run(&made, algorithms[i]);
            cr_assert(end == ALGORITHM_ACCEPTED || end == ALGORITHM_NOT_FOR_THIS);
            accepted += end == ALGORITHM_ACCEPTED;
            give_back(&made);
            unmake(&made);
        }
        /* Whatever a crashed removal took, there are rules for who takes what. */
        cr_assert_geq(accepted, 11, "%s: %u", algorithms[i]->name, accepted);
    }
}

static void expect_refuted(const struct algorithm *algorithm, const char *anomaly, uint64_t seed)
{
    struct made made;
    struct errbuf why = ERRBUF_INIT;
    struct generate_options options = options_of(algorithm, seed);
    options.anomaly = anomaly;
    make(&made, &options);
    cr_assert_eq(run(&made, algorithm), ALGORITHM_REJECTED, "%s, %s, seed %d", options.model,
                 anomaly, (int)seed);
    cr_assert_not_null(made.result.reason);
    struct verify_input input = verification(&made, algorithm);
    struct refutation refutation = {.keep = made.result.witness,
                                    .keep_count = made.result.witness_count,
                                    .until = made.result.until ? made.result.until : POSITION_NONE};
    cr_assert_eq(verify_refutation(&input, &refutation, &why), VERIFY_ACCEPTED,
                 "%s, %s, seed %d, %u operations: %s", options.model, anomaly, (int)seed,
                 made.result.witness_count, why.text);
    give_back(&made);
    unmake(&made);
}

Test(containers, every_anomaly_is_found_in_a_long_history_and_its_witness_is_confirmed,
     .timeout = 120)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        const char *const *anomaly = generate_anomalies(algorithms[i]->models[0]);
        for (; *anomaly; anomaly++)
            for (uint64_t seed = 0; seed < 3; seed++, count++)
                expect_refuted(algorithms[i], *anomaly, seed);
    }
    cr_assert_gt(count, 60);
}

/* The first removals crash instead, and after these others never were: their values are lost. */
static void lose_values(struct made *made, uint32_t crashed, uint32_t lost)
{
    struct operation *ops = (struct operation *)(uintptr_t)made->object.ops;
    for (uint32_t i = 0; i < made->object.count && crashed + lost > 0; i++) {
        if (symbol_canonical(ops[i].f) != F_DEQUEUE && symbol_canonical(ops[i].f) != F_POP)
            continue;
        if (ops[i].outcome != OP_OK || !value_ref_is_int(ops[i].result))
            continue;
        ops[i].outcome = crashed > 0 ? OP_INFO : OP_FAIL;
        ops[i].result = VALUE_REF_NIL;
        if (crashed > 0)
            crashed--;
        else
            lost--;
    }
}

Test(containers, more_values_are_lost_than_removals_crashed, .timeout = 120)
{
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        struct made made;
        struct errbuf why = ERRBUF_INIT;
        struct generate_options options = options_of(algorithms[i], 1);
        if (algorithms[i] == &algorithm_element_set)
            continue;
        make(&made, &options);
        lose_values(&made, 4, 9);
        cr_assert_eq(run(&made, algorithms[i]), ALGORITHM_REJECTED, "%s", options.model);
        struct verify_input input = verification(&made, algorithms[i]);
        struct refutation refutation = {.keep = made.result.witness,
                                        .keep_count = made.result.witness_count,
                                        .until = POSITION_NONE};
        cr_assert_eq(verify_refutation(&input, &refutation, &why), VERIFY_ACCEPTED, "%s: %s",
                     options.model, why.text);
        give_back(&made);
        unmake(&made);
    }
}

Test(containers, a_witness_of_two_values_out_of_order_has_nothing_else)
{
    struct made made;
    struct generate_options options = options_of(&algorithm_fifo_queue, 1);
    options.anomaly = "reordered-dequeue";
    options.crash_share = 0;
    make(&made, &options);
    cr_assert_eq(run(&made, &algorithm_fifo_queue), ALGORITHM_REJECTED);
    cr_assert_leq(made.result.witness_count, 4);
    give_back(&made);
    unmake(&made);
}

Test(containers, everything_is_given_back_wherever_memory_ends, .timeout = 120)
{
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        for (int lies = 0; lies < 2; lies++) {
            struct made made;
            struct generate_options options = options_of(algorithms[i], 2);
            options.operations = 700;
            options.crash_share = 0.02;
            if (lies)
                options.anomaly = generate_anomalies(options.model)[3];
            make(&made, &options);
            run(&made, algorithms[i]);
            give_back(&made);
            size_t peak = made.budget.bytes_peak;
            uint32_t ended = 0;
            for (size_t cap = 1; cap < peak; cap += peak / 150 + 1, ended++) {
                made.budget.bytes_max = cap;
                cr_assert_eq(run(&made, algorithms[i]), ALGORITHM_OUT_OF_MEMORY,
                             "%s with %zu of %zu bytes", options.model, cap, peak);
                give_back(&made);
                cr_assert_eq(made.budget.bytes_used, 0);
            }
            cr_assert_gt(ended, 100);
            unmake(&made);
        }
    }
}

Test(containers, everything_is_given_back_when_time_is_over)
{
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        struct made made;
        struct generate_options options = options_of(algorithms[i], 2);
        make(&made, &options);
        budget_set_deadline(&made.budget, monotonic_ns() - 1);
        cr_assert_eq(run(&made, algorithms[i]), ALGORITHM_OUT_OF_TIME);
        give_back(&made);
        unmake(&made);
    }
}

static int run_one(const struct algorithm *algorithm, struct operation op, struct errbuf *err)
{
    struct value_pool *pool = value_pool_new(0);
    struct budget budget;
    struct algorithm_result result;
    struct history_semantics semantics = {.initial = VALUE_REF_NIL};
    struct object object = {.values = pool, .ops = &op, .count = 1};
    budget_init(&budget, 0, 0);
    struct algorithm_input input = {.object = &object, .semantics = &semantics, .budget = &budget};
    int rc = algorithm->run(&input, &result, err);
    if (rc == 0)
        algorithm_result_fini(&result, &budget);
    cr_assert_eq(budget.bytes_used, 0);
    value_pool_free(pool);
    return rc;
}

Test(containers, an_operation_that_there_is_not_is_named_with_its_event)
{
    struct operation write = {
        .invoke = 17, .complete = 18, .f = F_WRITE, .argument = value_ref_int(1)};
    for (uint32_t i = 0; i < ALGORITHMS; i++) {
        struct errbuf err = ERRBUF_INIT;
        cr_assert_lt(run_one(algorithms[i], write, &err), 0);
        cr_assert(strstr(err.text, "event 17") && strstr(err.text, "write"), "%s", err.text);
    }
}

Test(containers, what_says_that_there_was_nothing_is_no_element)
{
    static const struct algorithm *const some[] = {&algorithm_fifo_queue,
                                                   &algorithm_unordered_queue, &algorithm_stack};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        struct errbuf err = ERRBUF_INIT;
        struct operation insert = {.invoke = 4,
                                   .complete = 5,
                                   .f = some[i] == &algorithm_stack ? F_PUSH : F_ENQUEUE,
                                   .argument = VALUE_REF_NIL};
        cr_expect_eq(run_one(some[i], insert, &err), ERR_INPUT);
        cr_expect(strstr(err.text, "event 4: an element must be something else"), "%s", err.text);
    }
}

Test(containers, values_that_cannot_be_read_are_named_with_their_event)
{
    struct errbuf err = ERRBUF_INIT;
    struct operation insert = {
        .invoke = 4, .complete = 5, .f = F_ENQUEUE, .argument = VALUE_REF_TRUE};
    cr_assert_lt(run_one(&algorithm_priority_queue, insert, &err), 0);
    cr_assert_str_eq(err.text, "event 4: the elements of a priority queue must be integers");
    struct operation contains = {.invoke = 6,
                                 .complete = 9,
                                 .f = F_CONTAINS,
                                 .outcome = OP_OK,
                                 .argument = value_ref_int(1),
                                 .result = value_ref_int(1)};
    cr_assert_lt(run_one(&algorithm_element_set, contains, &err), 0);
    cr_assert(strstr(err.text, "event 9"), "%s", err.text);
}
