/* How long it takes to decide the levels of sessions on long histories of transactions of 1-8
 * micro-operations, half of them reads: seconds of the processor, and megabytes at most, beside the
 * transactions.
 *
 *     bench_weak_isolation [TXNS [SESSIONS [KEYS [REPLICAS [LAG [STALE [BLOCKS]]]]]]]
 *
 * STALE: of a million reads so many are stale; BLOCKS: 1 for one session after the other. */
#include "bench/thread_clock.h"
#include "core/arena.h"
#include "isolation/level_check.h"
#include "property/many_transactions.h"

#include <stdio.h>

static uint32_t number(int argc, char **argv, int at, uint32_t usual)
{
    return argc > at ? (uint32_t)strtoul(argv[at], NULL, 10) : usual;
}

static double seconds_since(double start_ms)
{
    return (thread_clock_ms() - start_ms) / 1e3;
}

static void measure(struct many_transactions *many, const struct level_decider *decider,
                    enum level level)
{
    struct arena arena;
    struct anomalies anomalies = {.settled = UINT32_MAX};
    struct errbuf err = ERRBUF_INIT;
    struct level_answer answer;
    arena_init(&arena, 0);
    struct level_question question = {.all = &many->txns,
                                      .anomalies = &anomalies,
                                      .budget = &many->budget,
                                      .arena = &arena,
                                      .threads = 1};
    size_t before = many->budget.bytes_used;
    many->budget.bytes_peak = before;
    double start = thread_clock_ms();
    decider->decide(&question, level, &answer, &err);
    printf("%-24s %-8s %7.3f s %6zu MB  %u steps, %u lemmas%s%s\n", level_row(level)->name,
           verdict_name(answer.verdict), seconds_since(start),
           (many->budget.bytes_peak - before) >> 20, answer.evidence.step_count,
           answer.evidence.lemma_count, answer.why ? ": " : "", answer.why ? answer.why : "");
    fflush(stdout);
    arena_fini(&arena);
}

int main(int argc, char **argv)
{
    struct many_options options = {.txns = number(argc, argv, 1, 1000000),
                                   .sessions = number(argc, argv, 2, 20),
                                   .keys = number(argc, argv, 3, 100000),
                                   .replicas = number(argc, argv, 4, 1),
                                   .lag = number(argc, argv, 5, 0),
                                   .stale = number(argc, argv, 6, 0),
                                   .in_blocks = number(argc, argv, 7, 0),
                                   .read_percent = 50,
                                   .seed = 1};
    static struct many_transactions many;
    struct errbuf err = ERRBUF_INIT;
    double start = thread_clock_ms();
    many_transactions_open(&many, &options);
    printf("%-24s          %7.3f s\n", "making the history", seconds_since(start));
    start = thread_clock_ms();
    struct transactions_source source = {.object = &many.object};
    if (transactions_build(&source, &many.budget, &many.txns, &err) != 0)
        return 1;
    printf("%-24s          %7.3f s %6zu MB  %u transactions, %u micro-operations\n",
           "transactions_build", seconds_since(start), many.budget.bytes_used >> 20,
           many.txns.txn_count, many.txns.micro_count);
    measure(&many, &decider_weak, LEVEL_MONOTONIC_ATOMIC_VIEW);
    measure(&many, &decider_weak, LEVEL_READ_ATOMIC);
    measure(&many, &decider_weak, LEVEL_CAUSAL);
    for (int level = 0; level < LEVEL_COUNT; level++)
        if (decider_causal.levels >> level & 1)
            measure(&many, &decider_causal, (enum level)level);
    many_transactions_close(&many);
    return 0;
}
