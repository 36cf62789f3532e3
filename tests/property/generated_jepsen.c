/* Generated histories of Jepsen's checkers: without an anomaly they are what the checker promises,
 * and with one they are not. What each promises is said here once more, in the simplest code, and
 * shares nothing with the checkers or the objects that made the history. */
#include "generator/generate.h"

#include "core/errbuf.h"
#include "core/history.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
enum { HISTORIES = 40000 };
#else
enum { HISTORIES = 400000 };
#endif

enum { VALUES_MAX = 512 };

static bool is(const struct op *op, enum op_type type, symbol f)
{
    return op->type == type && op->f == f;
}

static bool holds(struct value items, int64_t element)
{
    for (uint32_t i = 0; i < items.count; i++)
        if (items.items[i].integer == element)
            return true;
    return false;
}

static const struct op *last_read(const struct history *history, symbol f)
{
    for (size_t i = history->count; i-- > 0;)
        if (is(&history->ops[i], OP_OK, f))
            return &history->ops[i];
    return NULL;
}

/* Whether the value occurs in such an event. */
static bool occurs(const struct history *history, enum op_type type, symbol f, int64_t value)
{
    for (size_t i = 0; i < history->count; i++)
        if (is(&history->ops[i], type, f) && history->ops[i].value.integer == value)
            return true;
    return false;
}

/* What was acknowledged is in the last read, and nothing that nobody tried to add. */
static bool is_set(const struct history *history)
{
    const struct op *read = last_read(history, F_READ);
    for (size_t i = 0; read && i < history->count; i++)
        if (is(&history->ops[i], OP_OK, F_ADD) &&
            !holds(read->value, history->ops[i].value.integer))
            return false;
    for (uint32_t i = 0; read && i < read->value.count; i++)
        if (!occurs(history, OP_INVOKE, F_ADD, read->value.items[i].integer))
            return false;
    return read != NULL;
}

/* No read gives an element twice, and none that was read once is gone in the last. */
static bool is_set_full(const struct history *history)
{
    const struct op *last = last_read(history, F_READ);
    for (size_t i = 0; last && i < history->count; i++) {
        const struct op *op = &history->ops[i];
        for (uint32_t j = 0; is(op, OP_OK, F_READ) && j < op->value.count; j++) {
            struct value before = {.count = j, .items = op->value.items};
            int64_t element = op->value.items[j].integer;
            if (holds(before, element) || !holds(last->value, element))
                return false;
        }
    }
    return last != NULL;
}

/* Every dequeue gives what was enqueued before and not dequeued yet. */
static bool is_queue(const struct history *history)
{
    int in[VALUES_MAX] = {0};
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        if (is(op, OP_INVOKE, F_ENQUEUE))
            in[op->value.integer]++;
        else if (is(op, OP_OK, F_DEQUEUE) && in[op->value.integer]-- == 0)
            return false;
    }
    return true;
}

/* What was acknowledged comes out, and nothing that nobody tried to enqueue. */
static bool is_total_queue(const struct history *history)
{
    int out[VALUES_MAX] = {0}, acknowledged[VALUES_MAX] = {0}, tried[VALUES_MAX] = {0};
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        tried[op->value.integer % VALUES_MAX] += is(op, OP_INVOKE, F_ENQUEUE);
        acknowledged[op->value.integer % VALUES_MAX] += is(op, OP_OK, F_ENQUEUE);
        out[op->value.integer % VALUES_MAX] += is(op, OP_OK, F_DEQUEUE);
        for (uint32_t j = 0; is(op, OP_OK, F_DRAIN) && j < op->value.count; j++)
            out[op->value.items[j].integer]++;
    }
    for (int i = 0; i < VALUES_MAX; i++)
        if (out[i] < acknowledged[i] || (out[i] > 0 && tried[i] == 0))
            return false;
    return true;
}

static bool has_unique_ids(const struct history *history)
{
    bool seen[VALUES_MAX] = {false};
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        if (op->type == OP_OK && seen[op->value.integer])
            return false;
        if (op->type == OP_OK)
            seen[op->value.integer] = true;
    }
    return true;
}

/* A read lies between what was acknowledged before it and what was tried until its end. */
static bool is_counter(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct op *read = &history->ops[i];
        int64_t low = 0, high = 0;
        bool begun = false;
        for (size_t j = i; is(read, OP_OK, F_READ) && j-- > 0;) {
            const struct op *op = &history->ops[j];
            high += is(op, OP_INVOKE, F_ADD) ? op->value.integer : 0;
            begun = begun || (op->process == read->process && op->type == OP_INVOKE);
            low += begun && is(op, OP_OK, F_ADD) ? op->value.integer : 0;
        }
        if (is(read, OP_OK, F_READ) && (read->value.integer < low || read->value.integer > high))
            return false;
    }
    return true;
}

static bool is_bank(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        int64_t total = 0;
        for (uint32_t j = 0; is(op, OP_OK, F_READ) && j < op->value.count; j += 2) {
            total += op->value.items[j + 1].integer;
            if (op->value.items[j + 1].integer < 0)
                return false;
        }
        if (is(op, OP_OK, F_READ) && total != 100)
            return false;
    }
    return true;
}

/* Which of the two keys a read of a row saw, as bits; 4 if it is no read of that row. */
static uint32_t seen_keys(const struct op *op, int64_t row)
{
    uint32_t seen = 0;
    if (op->type != OP_OK || op->value.count != 2)
        return 4;
    for (uint32_t i = 0; i < 2; i++) {
        const struct value *part = op->value.items[i].items;
        if (part[1].integer / 2 != row)
            return 4;
        seen |= value_is_nil(part[2]) ? 0 : 1u << (part[1].integer % 2);
    }
    return seen;
}

static bool has_no_long_fork(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        if (history->ops[i].type != OP_OK || history->ops[i].value.count != 2)
            continue;
        int64_t row = history->ops[i].value.items[0].items[1].integer / 2;
        for (size_t j = 0; j < i; j++)
            if ((seen_keys(&history->ops[i], row) | seen_keys(&history->ops[j], row)) == 3 &&
                (seen_keys(&history->ops[i], row) & seen_keys(&history->ops[j], row)) == 0 &&
                seen_keys(&history->ops[i], row) % 3 != 0)
                return false;
    }
    return true;
}

/* Of subkeys, read from the last to the first, none is missing behind one that is there. */
static bool is_sequential(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        bool there = false;
        if (!is(&history->ops[i], OP_OK, F_READ))
            continue;
        struct value subkeys = history->ops[i].value.items[1];
        for (uint32_t j = 0; j < subkeys.count; j++) {
            if (there && value_is_nil(subkeys.items[j]))
                return false;
            there = there || !value_is_nil(subkeys.items[j]);
        }
    }
    return true;
}

static int64_t field(struct value row, const char *name)
{
    for (uint32_t i = 0; i < row.count; i += 2)
        if (strcmp(row.items[i].text, name) == 0)
            return row.items[i + 1].integer;
    cr_assert_fail("no %s", name);
    return 0;
}

/* The rows read at the end rise, in time and value, and have all that was acknowledged. */
static bool is_monotonic(const struct history *history)
{
    const struct op *read = last_read(history, F_READ);
    bool there[VALUES_MAX] = {false};
    for (uint32_t i = 0; read && i < read->value.count; i++) {
        struct value row = read->value.items[i];
        if (i > 0 && (field(read->value.items[i - 1], "val") >= field(row, "val") ||
                      field(read->value.items[i - 1], "sts") > field(row, "sts")))
            return false;
        there[field(row, "val")] = true;
    }
    for (size_t i = 0; read && i < history->count; i++)
        if (is(&history->ops[i], OP_OK, F_ADD) && !there[field(history->ops[i].value, "val")])
            return false;
    return read != NULL;
}

/* A read that has what was written has all that was acknowledged before that was begun. */
static bool has_rows_in_order(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct op *read = &history->ops[i];
        for (size_t j = 0; is(read, OP_OK, F_READ) && j < history->count; j++) {
            const struct op *later = &history->ops[j];
            if (!is(later, OP_INVOKE, F_WRITE) || !holds(read->value, later->value.integer))
                continue;
            for (size_t k = 0; k < j; k++)
                if (is(&history->ops[k], OP_OK, F_WRITE) &&
                    !holds(read->value, history->ops[k].value.integer))
                    return false;
        }
    }
    return true;
}

static const struct promise {
    const char *model;
    bool (*is_kept)(const struct history *history);
} promises[] = {
    {"set", is_set},
    {"set-full", is_set_full},
    {"queue", is_queue},
    {"total-queue", is_total_queue},
    {"unique-ids", has_unique_ids},
    {"counter", is_counter},
    {"bank", is_bank},
    {"long-fork", has_no_long_fork},
    {"sequential", is_sequential},
    {"monotonic", is_monotonic},
    {"causal-reverse", has_rows_in_order},
    {"comments", has_rows_in_order},
};
enum { PROMISE_COUNT = sizeof promises / sizeof promises[0] };

static bool needs_new_values(const char *model)
{
    return strcmp(model, "set-full") == 0 || strcmp(model, "causal-reverse") == 0 ||
           strcmp(model, "comments") == 0;
}

static struct generate_options random_options(struct random *random, const char *model,
                                              const char *anomaly)
{
    static const double shares[] = {0, 0, 0.1, 0.3};
    bool few = !needs_new_values(model);
    return (struct generate_options){
        .model = model,
        .operations = random_below(random, 40),
        .concurrency = 1 + (uint32_t)random_below(random, 5),
        .values = few ? (uint32_t)random_below(random, 4) : 0,
        .elements_max = 1 + (uint32_t)random_below(random, 12),
        .read_share = -1,
        .crash_share = shares[random_below(random, 4)],
        .fail_share = shares[random_below(random, 4)],
        .duplicate_share = few ? shares[random_below(random, 4)] : 0,
        .seed = random_u64(random),
        .anomaly = anomaly,
        .anomaly_at = random_unit(random),
    };
}

static void check(const struct promise *promise, const char *anomaly, uint32_t histories)
{
    struct random random;
    random_init(&random, 4, RANDOM_TEST, (uint64_t)(promise - promises));
    for (uint32_t i = 0; i < histories; i++) {
        struct generate_options options = random_options(&random, promise->model, anomaly);
        struct history history;
        struct op_sink sink = history_sink(&history);
        struct errbuf err = ERRBUF_INIT;
        uint32_t *partner;
        history_init(&history);
        cr_assert_eq(generate_history(&options, &sink, &err), 0, "%s", err.text);
        cr_assert_eq(history_pair(&history, &partner, &err), 0, "%s", err.text);
        cr_assert_eq(promise->is_kept(&history), !anomaly, "%s %s, seed %llu", promise->model,
                     anomaly ? anomaly : "without an anomaly", (unsigned long long)options.seed);
        free(partner);
        history_fini(&history);
    }
}

Test(generated_jepsen, histories_without_an_anomaly_keep_what_is_promised, .timeout = 300)
{
    for (int i = 0; i < PROMISE_COUNT; i++)
        check(&promises[i], NULL, HISTORIES / 2 / PROMISE_COUNT);
}

Test(generated_jepsen, histories_with_an_anomaly_break_it_whichever_it_is, .timeout = 300)
{
    for (int i = 0; i < PROMISE_COUNT; i++)
        for (const char *const *anomaly = generate_anomalies(promises[i].model); *anomaly;
             anomaly++)
            check(&promises[i], *anomaly, HISTORIES / 2 / 20);
}
