/* Many objects checked on several threads at once: for ThreadSanitizer, and for the promise that
 * verdicts do not depend on the threads. */
#include "checker/check.h"
#include "core/errbuf.h"
#include "core/operations_from.h"
#include "core/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 11, KEYS = 60, OPERATIONS = 120, CLIENTS = 4, THREADS = 4 };

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "not so: %s\n", what);
    exit(1);
}

static void append(struct history *history, int32_t process, int32_t key, enum op_type type,
                   symbol f, struct value value)
{
    struct op op = {.process = process,
                    .f = f,
                    .type = (uint8_t)type,
                    .has_key = true,
                    .key = value_int(key),
                    .time_ns = (int64_t)history->count,
                    .value = value};
    require(history_append(history, &op, NULL) == 0, "memory for an event");
}

/* Clients of one register, whose answers are true but for every seventh key's. */
static void append_key(struct history *history, int32_t key, struct random *random)
{
    int64_t value = -1;
    for (int i = 0; i < OPERATIONS; i++) {
        int32_t process = key * CLIENTS + (int32_t)random_below(random, CLIENTS);
        if (random_below(random, 2) == 0) {
            value = (int64_t)random_below(random, 50);
            append(history, process, key, OP_INVOKE, F_WRITE, value_int(value));
            append(history, process, key, OP_OK, F_WRITE, value_int(value));
        } else {
            bool lie = key % 7 == 0 && i > OPERATIONS / 2;
            struct value seen = lie ? value_int(77) : value < 0 ? value_nil() : value_int(value);
            append(history, process, key, OP_INVOKE, F_READ, value_nil());
            append(history, process, key, OP_OK, F_READ, seen);
        }
    }
}

/* So many cas at once, all of which succeeded, that no search comes to an end. */
static void append_hard_key(struct history *history, int32_t key, struct random *random)
{
    enum { CLIENTS = 170, VALUES = 6 };
    struct value pairs[CLIENTS][2];
    int32_t process = 1000000 + key * 1000;
    append(history, process, key, OP_INVOKE, F_WRITE, value_int(0));
    append(history, process, key, OP_OK, F_WRITE, value_int(0));
    for (int32_t i = 0; i < CLIENTS; i++) {
        int64_t from = (int64_t)random_below(random, VALUES);
        int64_t to = (from + 1 + (int64_t)random_below(random, VALUES - 1)) % VALUES;
        pairs[i][0] = value_int(from);
        pairs[i][1] = value_int(to);
        append(history, process + 1 + i, key, OP_INVOKE, F_CAS,
               value_items(VALUE_LIST, pairs[i], 2));
    }
    for (int32_t i = 0; i < CLIENTS; i++)
        append(history, process + 1 + i, key, OP_OK, F_CAS, value_items(VALUE_LIST, pairs[i], 2));
}

static void check(struct operations *all, const struct check_options *options,
                  struct check_result *result)
{
    struct errbuf err = ERRBUF_INIT;
    if (check_history(all, options, result, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

static void verdicts_do_not_depend_on_threads(struct operations *all)
{
    struct check_result alone, together;
    struct check_options options = {.model = "cas-register", .threads = 1};
    check(all, &options, &alone);
    options.threads = THREADS;
    check(all, &options, &together);
    require(alone.verdict == VERDICT_INVALID && together.verdict == VERDICT_INVALID, "invalid");
    require(strcmp(alone.summary, together.summary) == 0, "the same summary");
    for (size_t i = 0; i < alone.key_count; i++) {
        const struct check_key *a = &alone.keys[i], *b = &together.keys[i];
        require(a->verdict == (i % 7 == 0 ? VERDICT_INVALID : VERDICT_VALID), "the right verdict");
        require(a->verdict == b->verdict && a->steps == b->steps, "the same verdict");
        require(a->witness_count == b->witness_count, "the same witness");
        require(!a->explanation || strcmp(a->explanation, b->explanation) == 0, "the same words");
    }
    check_result_fini(&alone);
    check_result_fini(&together);
}

/* Objects that take all memory and all time cost the others nothing. */
static void hard_keys_cost_others_nothing(struct operations *all, int64_t time_limit_ns,
                                          size_t memory_limit)
{
    struct check_result result;
    struct check_options options = {.model = "cas-register",
                                    .threads = THREADS,
                                    .time_limit_ns = time_limit_ns,
                                    .memory_limit_bytes = operations_bytes(all) + memory_limit};
    check(all, &options, &result);
    for (size_t i = 0; i < KEYS; i++)
        require(result.keys[i].verdict == (i % 7 == 0 ? VERDICT_INVALID : VERDICT_VALID),
                "a verdict beside hard keys");
    for (size_t i = KEYS; i < result.key_count; i++)
        require(result.keys[i].verdict == VERDICT_UNKNOWN, "no verdict on a hard key");
    require(result.memory_peak_bytes <= memory_limit, "the limit of memory holds");
    check_result_fini(&result);
}

/* Of several errors that of the first key is reported, whoever comes upon one first. */
static void the_first_error_counts(void)
{
    struct history history;
    struct operations all;
    struct check_result result;
    history_init(&history);
    for (int32_t key = 0; key < 40; key++) {
        append(&history, key, key, OP_INVOKE, key < 17 ? F_READ : F_ENQUEUE, value_nil());
        append(&history, key, key, OP_OK, key < 17 ? F_READ : F_ENQUEUE, value_nil());
    }
    require(operations_from_history(&all, &history, 0, NULL) == 0, "operations");
    for (unsigned i = 0; i < 20; i++) {
        struct errbuf err = ERRBUF_INIT;
        struct check_options options = {.model = "register", .threads = 1 + i % THREADS};
        require(check_history(&all, &options, &result, &err) < 0, "an error");
        require(strncmp(err.text, "event 34: ", 10) == 0, err.text);
    }
    operations_fini(&all);
    history_fini(&history);
}

int main(void)
{
    struct history history;
    struct operations all;
    struct random random;
    random_init(&random, SEED, RANDOM_TEST, 0);
    history_init(&history);
    for (int32_t key = 0; key < KEYS; key++)
        append_key(&history, key, &random);
    require(operations_from_history(&all, &history, 0, NULL) == 0, "operations");
    verdicts_do_not_depend_on_threads(&all);
    operations_fini(&all);
    for (int32_t key = KEYS; key < KEYS + 2; key++)
        append_hard_key(&history, key, &random);
    require(operations_from_history(&all, &history, 0, NULL) == 0, "operations");
    hard_keys_cost_others_nothing(&all, 0, 1 << 20);
    hard_keys_cost_others_nothing(&all, INT64_C(5000000000), 512 << 20);
    operations_fini(&all);
    history_fini(&history);
    the_first_error_counts();
    return 0;
}
