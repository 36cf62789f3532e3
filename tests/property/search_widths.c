/* What the configuration search says with a small width, of a simplified history, and when it goes
 * back: never wrong, on random small histories of every model with many crashed operations. */
#include "checker/backjump.h"
#include "checker/budget.h"
#include "checker/refute.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { SEED = 20261124, HISTORIES = 12000 };

struct widths_test {
    struct random_objects all;
    struct brute_force brute;
    const struct model *model;
    uint64_t accepted, rejected, stuck, simply;
    uint64_t valid, undecided; /* undecided by going back */
};

struct widths_history {
    struct budget budget;
    struct model_context context;
    struct calls calls;
    int32_t initial[MODEL_INITIAL_MAX];
    struct search_input input;
};

static void open_history(struct widths_test *test, struct widths_history *history)
{
    budget_init(&history->budget, 0, 0);
    history->context = (struct model_context){
        .semantics = &test->all.semantics, .pool = test->all.pool, .budget = &history->budget};
    value_numbers_init(&history->context.values, &history->budget);
    state_table_init(&history->context.states, &history->budget);
    cr_assert_eq(
        calls_build(&history->calls, &test->all.object, test->model, &history->context, NULL), 0);
    int count = test->model->initial(&history->context, history->initial, MODEL_INITIAL_MAX);
    cr_assert_gt(count, 0);
    history->input = (struct search_input){.model = test->model,
                                           .context = &history->context,
                                           .calls = &history->calls,
                                           .initial = history->initial,
                                           .initial_count = (uint32_t)count};
}

static void close_history(struct widths_history *history)
{
    calls_fini(&history->calls);
    state_table_fini(&history->context.states);
    value_numbers_fini(&history->context.values);
    cr_assert_eq(history->budget.bytes_used, 0, "%zu bytes were not given back",
                 history->budget.bytes_used);
}

static void expect(struct widths_test *test, enum search_end end, bool linearizable)
{
    cr_assert(end == SEARCH_ACCEPTED || end == SEARCH_REJECTED || end == SEARCH_STUCK);
    cr_assert(end != SEARCH_ACCEPTED || linearizable);
    cr_assert(end != SEARCH_REJECTED || !linearizable);
    test->accepted += end == SEARCH_ACCEPTED;
    test->rejected += end == SEARCH_REJECTED;
    test->stuck += end == SEARCH_STUCK;
}

static void search_one(struct widths_test *test, bool linearizable)
{
    struct widths_history history;
    open_history(test, &history);
    for (uint32_t width = 1; width <= 4; width++) {
        history.input.width_max = width;
        expect(test, config_search(&history.input).end, linearizable);
    }
    history.input.width_max = 0;
    cr_assert_eq(config_search(&history.input).end,
                 linearizable ? SEARCH_ACCEPTED : SEARCH_REJECTED);
    struct backjump backjump;
    cr_assert_eq(backjump_open(&backjump, &history.input), 0);
    enum search_end back = backjump_run(&backjump, 1);
    expect(test, back, linearizable);
    test->undecided += back == SEARCH_STUCK;
    test->valid += linearizable;
    backjump_close(&backjump);
    for (uint32_t value = 1; value < history.context.values.count; value++) {
        enum search_end end = refute_simply(&history.input, (int32_t)value).end;
        cr_assert(end != SEARCH_REJECTED || !linearizable);
        test->simply += end == SEARCH_REJECTED;
    }
    close_history(&history);
}

static void search_model(const char *name)
{
    static struct widths_test test;
    uint64_t runs = property_runs(HISTORIES);
    memset(&test, 0, sizeof test);
    test.model = strcmp(name, "user") == 0 ? &model_user : model_find(name);
    random_objects_init(&test.all, name, SEED, 0);
    for (uint64_t i = 0; i < runs; i++) {
        struct random_options options = random_options_any(&test.all);
        options.crash_percent = random_pick(&test.all, 7) * 10;
        const struct object *object = random_objects_next(&test.all, &options);
        search_one(&test, brute_force_is_linearizable(&test.brute, test.all.specification,
                                                      &test.all.context, object));
    }
    struct tally tally = {.model = name,
                          .algorithm = "layered-search",
                          .histories = runs,
                          .valid = test.valid,
                          .invalid = runs - test.valid};
    tally_print(&tally);
    tally.algorithm = "backjumping";
    tally.undecided = test.undecided;
    tally_print(&tally);
    cr_expect_gt(test.accepted, runs, "%s: %lu accepted", name, (unsigned long)test.accepted);
    cr_expect_gt(test.rejected, runs / 20, "%s: %lu rejected", name, (unsigned long)test.rejected);
    if (strcmp(name, "cas-register") == 0) {
        cr_expect_gt(test.stuck, 0, "no width was ever too small");
        cr_expect_gt(test.simply, runs / 20, "%lu refuted by one value",
                     (unsigned long)test.simply);
    }
    brute_force_free(&test.brute);
    random_objects_fini(&test.all);
}

#define WIDTHS_TEST(test, model)                                                                   \
    Test(search_widths, of_##test##_are_never_wrong, .timeout = 900)                               \
    {                                                                                              \
        search_model(model);                                                                       \
    }

WIDTHS_TEST(a_register, "register")
WIDTHS_TEST(a_cas_register, "cas-register")
WIDTHS_TEST(a_multi_register, "multi-register")
WIDTHS_TEST(a_kv, "kv")
WIDTHS_TEST(a_mutex, "mutex")
WIDTHS_TEST(an_owned_mutex, "owned-mutex")
WIDTHS_TEST(a_reentrant_mutex, "reentrant-mutex")
WIDTHS_TEST(a_semaphore, "semaphore")
WIDTHS_TEST(a_linear_set, "linear-set")
WIDTHS_TEST(a_grow_only_set, "grow-only-set")
WIDTHS_TEST(a_fifo_queue, "fifo-queue")
WIDTHS_TEST(an_unordered_queue, "unordered-queue")
WIDTHS_TEST(a_priority_queue, "priority-queue")
WIDTHS_TEST(a_stack, "stack")
WIDTHS_TEST(a_linear_counter, "linear-counter")
WIDTHS_TEST(a_users_model, "user")
