/* How fast orders of the versions of registers are found, or refuted:
 *
 *     bench_version_search [TRANSACTIONS] [KEYS] [WRITES_PER_KEY]
 *
 * One line for each level and history: milliseconds of the processor's time (the best of three),
 * bytes of the budget for each transaction, the verdict. Twenty clients, one to eight
 * micro-operations. */
#include "isolation/version_search.h"
#include "bench/thread_clock.h"
#include "core/arena.h"
#include "property/generated_transactions.h"

#include <stdio.h>

struct bench_case {
    const char *made, *anomaly; /* what the store keeps, and what is hidden in its history */
    enum level level;
};

static const struct bench_case cases[] = {
    {"strict-serializable", NULL, LEVEL_STRICT_SERIALIZABLE},
    {"strict-serializable", NULL, LEVEL_SESSION_SERIALIZABLE},
    {"strict-serializable", NULL, LEVEL_SERIALIZABLE},
    {"strict-serializable", NULL, LEVEL_SNAPSHOT_ISOLATION},
    {"strict-serializable", NULL, LEVEL_PREFIX},
    {"strict-serializable", NULL, LEVEL_PARALLEL_SNAPSHOT_ISOLATION},
    {"strict-serializable", "G-single", LEVEL_SERIALIZABLE},
    {"strict-serializable", "G2-item", LEVEL_SERIALIZABLE},
    {"strict-serializable", "G-single-realtime", LEVEL_STRICT_SERIALIZABLE},
    {"snapshot-isolation", NULL, LEVEL_SNAPSHOT_ISOLATION},
    {"snapshot-isolation", NULL, LEVEL_STRONG_SNAPSHOT_ISOLATION},
    {"snapshot-isolation", NULL, LEVEL_PARALLEL_SNAPSHOT_ISOLATION},
    {"snapshot-isolation", NULL, LEVEL_SERIALIZABLE},
};

static void run(const struct transactions *all, const struct bench_case *what)
{
    double best_ms = 0;
    size_t bytes = 0;
    struct level_answer answer;
    for (int i = 0; i < 3; i++) {
        struct budget budget;
        struct arena arena;
        struct errbuf err = ERRBUF_INIT;
        budget_init(&budget, INT64_C(60) * 1000 * 1000 * 1000, 0);
        arena_init(&arena, 0);
        struct version_question question = {
            .all = all, .level = what->level, .budget = &budget, .arena = &arena};
        double start_ms = thread_clock_ms();
        int rc = version_search(&question, &answer, &err);
        double took_ms = thread_clock_ms() - start_ms;
        if (rc != 0) {
            fprintf(stderr, "%s\n", err.text);
            exit(1);
        }
        best_ms = i == 0 || took_ms < best_ms ? took_ms : best_ms;
        bytes = budget.bytes_peak;
        arena_fini(&arena);
        if (took_ms > 10000)
            break;
    }
    printf("%-20s %-18s %-28s %10.1f %8.0f %s\n", what->made, what->anomaly ? what->anomaly : "",
           level_row(what->level)->name, best_ms, (double)bytes / all->txn_count,
           verdict_name(answer.verdict));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct txn_generate_options options = {
        .common = {.model = "rw-register",
                   .operations = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000,
                   .keys = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100,
                   .concurrency = 20,
                   .read_share = -1,
                   .anomaly_at = 0.9,
                   .interval_ns = 1000,
                   .seed = 1},
        .micro_ops_min = 1,
        .micro_ops_max = 8,
        .writes_per_key = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0};
    printf("%-20s %-18s %-28s %10s %8s\n", "made", "hidden", "asked", "ms", "B/txn");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct generated_transactions made;
        options.level = cases[i].made;
        options.common.anomaly = cases[i].anomaly;
        generated_transactions_open(&made, &options);
        run(&made.txns, &cases[i]);
        generated_transactions_close(&made);
    }
    return 0;
}
