/* The check of a history that grows, over several keys, against the check of what there is of it:
 * at every moment looked at, they agree. */
#include "checker/online.h"
#include "checker/check.h"
#include "generator/generate.h"
#include "property/property_runs.h"

#include "core/errbuf.h"
#include "core/operations_from.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SEED = 20261124, HISTORIES = 8000 };

struct follow {
    struct random random;
    const char *model;
    struct history prefix; /* what was taken so far */
    struct online *online;
    bool exact; /* all configurations, nothing presumed: everything is found */
    bool violated;
    uint64_t looks, violations;
};

static enum verdict check_prefix(struct follow *follow)
{
    struct operations all;
    struct check_result result;
    struct errbuf err;
    struct check_options options = {.model = follow->model, .threads = 1};
    cr_assert_eq(operations_from_history(&all, &follow->prefix, 0, &err), 0, "%s", err.text);
    cr_assert_eq(check_history(&all, &options, &result, &err), 0, "%s", err.text);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    operations_fini(&all);
    return verdict;
}

static void check_violation(const struct follow *follow)
{
    const struct online_violation *found = online_violation(follow->online);
    cr_assert_not_null(found);
    cr_assert_lt(found->index, follow->prefix.count);
    const struct op *failing = &follow->prefix.ops[found->index];
    cr_assert_eq(failing->type, OP_INVOKE);
    cr_assert_eq(failing->process, found->process);
    cr_assert_eq(failing->f, found->f);
    cr_assert_eq(failing->has_key, found->has_key);
    cr_assert(!found->has_key || value_equal(failing->key, found->key));
    cr_assert(found->time_ns >= failing->time_ns &&
              found->time_ns <= follow->prefix.ops[follow->prefix.count - 1].time_ns);
}

static void look(struct follow *follow)
{
    bool violated = online_look(follow->online);
    follow->looks++;
    if (violated || follow->exact)
        cr_assert_eq(check_prefix(follow) == VERDICT_INVALID, violated, "%s, %zu events",
                     follow->model, follow->prefix.count);
    cr_assert_eq(violated, online_violation(follow->online) != NULL);
    if (violated && !follow->violated)
        check_violation(follow);
    follow->violations += violated && !follow->violated;
    follow->violated = violated;
}

/* Whether the operation that a process has open was asked for an answer. */
static bool asks(const struct follow *follow, int32_t process)
{
    const struct op *op = &follow->prefix.ops[follow->prefix.count];
    while (op > follow->prefix.ops)
        if ((--op)->process == process)
            return value_is_nil(op->value);
    return false;
}

/* A client that says what it never saw, or that what it did failed, once in a while. What it was
 * asked to write it does write: a violation might become good if that were not so. */
static struct op lie(struct follow *follow, const struct op *op)
{
    struct op event = *op;
    if (op->type != OP_OK)
        return event;
    if (op->value.kind == VALUE_INT && asks(follow, op->process) &&
        random_below(&follow->random, 25) == 0)
        event.value = value_int((int64_t)random_below(&follow->random, 4));
    else if (random_below(&follow->random, 50) == 0)
        event.type = OP_FAIL;
    return event;
}

static int take(void *context, const struct op *op, struct errbuf *err)
{
    struct follow *follow = context;
    struct op event = strcmp(follow->model, "multi-register") == 0 ? *op : lie(follow, op);
    int rc = history_append(&follow->prefix, &event, err);
    if (rc != 0)
        return rc;
    event.index = (int64_t)follow->prefix.count - 1;
    bool found = online_take(follow->online, &event);
    if (found || random_below(&follow->random, 12) == 0)
        look(follow);
    return 0;
}

static const char *any_anomaly(struct random *random, const char *model)
{
    const char *const *all = generate_anomalies(model);
    uint32_t count = 0;
    while (all[count])
        count++;
    return count == 0 || random_below(random, 2) ? NULL : all[random_below(random, count)];
}

static struct generate_options any_options(struct follow *follow)
{
    struct random *random = &follow->random;
    return (struct generate_options){.model = follow->model,
                                     .operations = 1 + random_below(random, 14),
                                     .keys = (uint32_t)random_below(random, 4),
                                     .concurrency = 1 + (uint32_t)random_below(random, 3),
                                     .values = (uint32_t)random_below(random, 4),
                                     .elements_max = 1 + (uint32_t)random_below(random, 3),
                                     .read_share = -1,
                                     .crash_share = random_below(random, 2) ? 0.15 : 0,
                                     .fail_share = random_below(random, 2) ? 0.15 : 0,
                                     .duplicate_share = random_below(random, 2) ? 0.2 : 0,
                                     .seed = random_u64(random),
                                     .anomaly = any_anomaly(random, follow->model),
                                     .anomaly_at = random_unit(random)};
}

static void follow_one(struct follow *follow)
{
    bool narrow = random_below(&follow->random, 4) == 0;
    bool hasty = random_below(&follow->random, 4) == 0;
    struct online_options options = {
        .model = follow->model,
        .width_max = narrow ? 1 + (uint32_t)random_below(&follow->random, 3) : 0,
        .waiting_max = hasty ? 1 + (uint32_t)random_below(&follow->random, 4) : 0};
    struct errbuf err;
    follow->exact = !narrow && !hasty;
    follow->violated = false;
    history_init(&follow->prefix);
    cr_assert_eq(online_open(&options, &follow->online, &err), 0, "%s", err.text);
    struct generate_options how = any_options(follow);
    struct op_sink sink = {take, follow};
    cr_assert_eq(generate_history(&how, &sink, &err), 0, "%s", err.text);
    look(follow);
    struct online_status status = online_status(follow->online);
    cr_assert(narrow || status.keys_ended == 0);
    cr_assert_eq(status.unreadable, 0);
    online_close(follow->online);
    history_fini(&follow->prefix);
}

static void follow_model(const char *model)
{
    struct follow follow = {.model = model};
    uint64_t runs = HISTORIES / PROPERTY_SHARE;
    for (uint64_t i = 0; i < runs; i++) {
        random_init(&follow.random, SEED, RANDOM_TEST, i);
        follow_one(&follow);
    }
    cr_expect_gt(follow.violations, runs / 20, "%s: %lu violations", model,
                 (unsigned long)follow.violations);
    cr_expect_gt(follow.looks, runs * 2);
}

#define ONLINE_TEST(test, model)                                                                   \
    Test(online, of_##test##_says_at_every_moment_what_the_check_of_it_says, .timeout = 600)       \
    {                                                                                              \
        follow_model(model);                                                                       \
    }

ONLINE_TEST(registers, "register")
ONLINE_TEST(cas_registers, "cas-register")
ONLINE_TEST(multi_registers, "multi-register")
ONLINE_TEST(key_values, "kv")
ONLINE_TEST(mutexes, "mutex")
ONLINE_TEST(owned_mutexes, "owned-mutex")
ONLINE_TEST(semaphores, "semaphore")
ONLINE_TEST(linear_sets, "linear-set")
ONLINE_TEST(grow_only_sets, "grow-only-set")
ONLINE_TEST(fifo_queues, "fifo-queue")
ONLINE_TEST(priority_queues, "priority-queue")
ONLINE_TEST(stacks, "stack")
ONLINE_TEST(linear_counters, "linear-counter")
