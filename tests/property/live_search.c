/* The search that follows a history while it is recorded, against the definition: what it says of
 * every prefix, for every model. */
#include "checker/live_search.h"
#include "checker/budget.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { SEED = 20261123, HISTORIES = 15000 };

struct live_test {
    struct random_objects all;
    struct brute_force brute;
    const struct model *model;
    struct budget budget;
    struct model_context context;
    struct operation prefix[RANDOM_OBJECT_OPS_MAX];
    uint64_t violations, probes, late, undecided;
};

/* Whether what happened up to and with position `last` can be linearized: what is open there may
 * have happened. */
static bool prefix_is_linearizable(struct live_test *test, position last)
{
    struct object object = test->all.object;
    object.ops = test->prefix;
    object.count = 0;
    for (uint32_t i = 0; i < test->all.object.count; i++) {
        struct operation op = test->all.ops[i];
        if (op.invoke > last)
            continue;
        if (op.complete > last) {
            op.complete = POSITION_NONE;
            op.outcome = OP_INFO;
            op.result = VALUE_REF_NIL;
        }
        test->prefix[object.count++] = op;
    }
    return brute_force_is_linearizable(&test->brute, test->all.specification, &test->all.context,
                                       &object);
}

static struct live_search *open_live(struct live_test *test, uint32_t width_max, uint32_t queue_max,
                                     bool forgets)
{
    budget_init(&test->budget, 0, 0);
    test->context = (struct model_context){
        .semantics = &test->all.semantics, .pool = test->all.pool, .budget = &test->budget};
    value_numbers_init(&test->context.values, &test->budget);
    state_table_init(&test->context.states, &test->budget);
    struct live_options options = {.model = test->model,
                                   .context = &test->context,
                                   .width_max = width_max,
                                   .queue_max = queue_max,
                                   .values_max = forgets ? 1 : 0};
    struct live_search *live = live_search_open(&options);
    cr_assert_not_null(live);
    return live;
}

static void close_live(struct live_test *test, struct live_search *live)
{
    live_search_close(live);
    state_table_fini(&test->context.states);
    value_numbers_fini(&test->context.values);
    cr_assert_eq(test->budget.bytes_used, 0, "%zu bytes were not given back",
                 test->budget.bytes_used);
}

/* One event of the history; false if there is none at this position. */
static bool tell(struct live_test *test, struct live_search *live, position at, uint32_t *handles,
                 enum live_end *end)
{
    for (uint32_t i = 0; i < test->all.object.count; i++) {
        const struct operation *op = &test->all.ops[i];
        if (op->invoke == at) {
            struct operation open = *op;
            open.outcome = OP_INFO;
            open.complete = POSITION_NONE;
            open.result = VALUE_REF_NIL;
            handles[i] = live_search_invoke(live, &open);
            cr_assert_neq(handles[i], LIVE_NO_CALL);
            return true;
        }
        if (op->complete == at) {
            *end = live_search_complete(live, handles[i], op);
            return true;
        }
    }
    return false;
}

/* exact: with no width, everything is found as soon as it is asked for. */
static void follow_one(struct live_test *test, uint32_t width_max, uint32_t queue_max, bool forgets)
{
    uint32_t handles[RANDOM_OBJECT_OPS_MAX];
    struct live_search *live = open_live(test, width_max, queue_max, forgets);
    bool exact = width_max == 0 && queue_max == 0;
    bool violated = false, asked = false;
    for (position at = 0; at < test->all.now && !violated; at++) {
        enum live_end end = LIVE_PASSED;
        if (!tell(test, live, at, handles, &end))
            continue;
        bool probes = random_pick(&test->all, 4) == 0;
        if (end != LIVE_VIOLATION && probes) {
            end = live_search_probe(live);
            test->probes++;
        }
        cr_assert(end == LIVE_PASSED || end == LIVE_VIOLATION || !exact);
        cr_assert(end != LIVE_OUT_OF_MEMORY && end != LIVE_OUT_OF_TIME && end != LIVE_UNREADABLE);
        violated = end == LIVE_VIOLATION;
        asked = probes;
        if (violated)
            cr_assert_not(prefix_is_linearizable(test, at), "position %u", at);
        else if (exact && probes)
            cr_assert(prefix_is_linearizable(test, at), "position %u", at);
    }
    if (!violated && exact) {
        enum live_end end = live_search_probe(live);
        bool linearizable = prefix_is_linearizable(test, POSITION_NONE - 1);
        cr_assert_eq(end, linearizable ? LIVE_PASSED : LIVE_VIOLATION);
        violated = !linearizable;
        test->late += violated && !asked;
    }
    test->violations += violated;
    test->undecided += !violated && !exact;
    close_live(test, live);
}

static void follow_model(const char *name)
{
    static struct live_test test;
    uint64_t runs = property_runs(HISTORIES);
    memset(&test, 0, sizeof test);
    test.model = strcmp(name, "user") == 0 ? &model_user : model_find(name);
    random_objects_init(&test.all, name, SEED, 0);
    for (uint64_t i = 0; i < runs; i++) {
        struct random_options options = random_options_any(&test.all);
        random_objects_next(&test.all, &options);
        bool narrow = i % 4 == 3, short_queue = i % 4 >= 2;
        follow_one(&test, narrow ? 1 + (uint32_t)(i / 4 % 3) : 0,
                   short_queue ? 1 + (uint32_t)(i / 4 % 5) : 0, i / 4 % 2);
    }
    tally_print(&(struct tally){.model = name,
                                .algorithm = "live-search",
                                .histories = runs,
                                .valid = runs - test.violations - test.undecided,
                                .invalid = test.violations,
                                .undecided = test.undecided});
    cr_expect_gt(test.violations, runs / 40, "%s: %lu violations", name,
                 (unsigned long)test.violations);
    cr_expect_gt(test.probes, runs);
    brute_force_free(&test.brute);
    random_objects_fini(&test.all);
}

#define LIVE_TEST(test, model)                                                                     \
    Test(live_search, of_##test##_says_of_every_prefix_what_the_definition_says, .timeout = 900)   \
    {                                                                                              \
        follow_model(model);                                                                       \
    }

LIVE_TEST(a_register, "register")
LIVE_TEST(a_cas_register, "cas-register")
LIVE_TEST(a_multi_register, "multi-register")
LIVE_TEST(a_kv, "kv")
LIVE_TEST(a_mutex, "mutex")
LIVE_TEST(an_owned_mutex, "owned-mutex")
LIVE_TEST(a_reentrant_mutex, "reentrant-mutex")
LIVE_TEST(a_semaphore, "semaphore")
LIVE_TEST(a_linear_set, "linear-set")
LIVE_TEST(a_grow_only_set, "grow-only-set")
LIVE_TEST(a_fifo_queue, "fifo-queue")
LIVE_TEST(an_unordered_queue, "unordered-queue")
LIVE_TEST(a_priority_queue, "priority-queue")
LIVE_TEST(a_stack, "stack")
LIVE_TEST(a_linear_counter, "linear-counter")
LIVE_TEST(a_users_model, "user")
