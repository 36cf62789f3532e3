/* Generated histories of every model that has a specification: without an anomaly they are valid,
 * and with one they are not, says the brute force. */
#include "generator/generate.h"
#include "property/brute_force.h"

#include "core/errbuf.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
enum { HISTORIES = 100000 };
#else
enum { HISTORIES = 1000000 };
#endif

static const char *const models[] = {
    "register",    "cas-register",    "multi-register", "kv",         "mutex",
    "owned-mutex", "reentrant-mutex", "semaphore",      "linear-set", "grow-only-set",
    "fifo-queue",  "unordered-queue", "priority-queue", "stack",      "linear-counter",
};
enum { MODEL_COUNT = sizeof models / sizeof models[0] };

enum { PROCESSES_MAX = 256, OPS_MAX = 64 };

/* A history as the brute force wants it. */
struct collected {
    struct value_pool *pool;
    struct operation ops[OPS_MAX];
    uint32_t count;
    uint32_t open[PROCESSES_MAX]; /* by process: its operation + 1 */
};

static int collect(void *context, const struct op *op, struct errbuf *err)
{
    struct collected *all = context;
    (void)err;
    cr_assert(op->process >= 0 && op->process < PROCESSES_MAX);
    value_ref value = value_pool_intern(all->pool, op->value);
    if (op->type == OP_INVOKE) {
        cr_assert_eq(all->open[op->process], 0);
        cr_assert(all->count < OPS_MAX, "an anomaly that does not end");
        all->ops[all->count++] = (struct operation){.invoke = (position)op->index,
                                                    .complete = POSITION_NONE,
                                                    .process = op->process,
                                                    .argument = value,
                                                    .f = op->f,
                                                    .outcome = OP_INFO};
        all->open[op->process] = all->count;
        return 0;
    }
    cr_assert_neq(all->open[op->process], 0);
    struct operation *open = &all->ops[all->open[op->process] - 1];
    open->complete = (position)op->index;
    open->result = value;
    open->outcome = op->type;
    all->open[op->process] = 0;
    return 0;
}

static struct generate_options random_options(struct random *random, const char *model,
                                              const char *anomaly,
                                              struct history_semantics *semantics)
{
    static const double shares[] = {0, 0, 0.1, 0.3};
    *semantics = (struct history_semantics){.permits = (uint32_t)random_below(random, 3),
                                            .nil_read_is_unknown = random_below(random, 2),
                                            .failed_cas_differs = random_below(random, 2)};
    return (struct generate_options){
        .model = model,
        .operations = random_below(random, 9),
        .concurrency = 1 + (uint32_t)random_below(random, 4),
        .values = (uint32_t)random_below(random, 4),
        .elements_max = 1 + (uint32_t)random_below(random, 3),
        .read_share = -1,
        .crash_share = shares[random_below(random, 4)],
        .fail_share = shares[random_below(random, 4)],
        .duplicate_share = shares[random_below(random, 4)],
        .permits = semantics->permits,
        .seed = random_u64(random),
        .anomaly = anomaly,
        .anomaly_at = random_unit(random),
    };
}

/* How many were small enough for the brute force. */
static uint32_t check(const char *model, const char *anomaly, uint32_t histories, uint64_t index)
{
    struct random random;
    struct brute_force brute = {0};
    struct collected all = {.pool = value_pool_new(0)};
    uint32_t checked = 0;
    random_init(&random, 3, RANDOM_TEST, index);
    for (uint32_t i = 0; i < histories; i++) {
        struct history_semantics semantics;
        struct generate_options options = random_options(&random, model, anomaly, &semantics);
        struct specification_context context = {all.pool, &semantics};
        struct op_sink sink = {.take = collect, .context = &all};
        struct errbuf err = ERRBUF_INIT;
        all.count = 0;
        memset(all.open, 0, sizeof all.open);
        cr_assert_eq(generate_history(&options, &sink, &err), 0, "%s", err.text);
        struct object object = {.values = all.pool, .ops = all.ops, .count = all.count};
        if (all.count > BRUTE_FORCE_OPS_MAX)
            continue;
        for (uint32_t j = 0; j < all.count; j++)
            cr_assert_eq(specification_find(model)->accepts(&context, &all.ops[j], &err), 0, "%s",
                         err.text);
        cr_assert_eq(
            brute_force_is_linearizable(&brute, specification_find(model), &context, &object),
            !anomaly, "%s %s, history %u, seed %llu", model,
            anomaly ? anomaly : "without an anomaly", i, (unsigned long long)options.seed);
        checked++;
    }
    brute_force_free(&brute);
    value_pool_free(all.pool);
    return checked;
}

static uint32_t combinations(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MODEL_COUNT; i++)
        for (const char *const *anomaly = generate_anomalies(models[i]); *anomaly; anomaly++)
            count++;
    return count;
}

Test(generated, histories_without_an_anomaly_are_valid, .timeout = 300)
{
    for (uint32_t i = 0; i < MODEL_COUNT; i++) {
        uint32_t checked = check(models[i], NULL, HISTORIES / 2 / MODEL_COUNT, i);
        cr_assert_gt(checked, HISTORIES / 2 / MODEL_COUNT * 9 / 10, "%s: %u", models[i], checked);
    }
}

Test(generated, histories_with_an_anomaly_are_invalid_whichever_it_is, .timeout = 300)
{
    uint32_t histories = HISTORIES / 2 / combinations();
    for (uint32_t i = 0; i < MODEL_COUNT; i++) {
        for (const char *const *anomaly = generate_anomalies(models[i]); *anomaly; anomaly++) {
            uint32_t checked = check(models[i], *anomaly, histories, 100 + i);
            cr_assert_gt(checked, histories * 9 / 10, "%s %s: %u", models[i], *anomaly, checked);
        }
    }
}
