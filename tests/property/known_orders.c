/* What known dependencies tell of a level is what the definitions say, and it is told whenever the
 * orders are known. */
#include "isolation/level_check.h"

#include "property/isolation_oracle.h"

#include "property/evidence_mutations.h"
#include "property/isolation_oracle_axioms.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>

struct answers {
    struct tally all;
    uint64_t valid[LEVEL_COUNT], invalid[LEVEL_COUNT], unknown[LEVEL_COUNT];
    uint64_t complete, incomplete;
};

struct bench {
    struct random_transactions world;
    struct arena arena;
    struct dependencies graph;
    struct anomalies anomalies;
};

static void bench_open(struct bench *bench, bool lists, uint64_t number)
{
    struct errbuf err = ERRBUF_INIT;
    random_transactions_open(&bench->world, lists, number);
    arena_init(&bench->arena, 0);
    bench->anomalies = (struct anomalies){0};
    struct budget *budget = &bench->world.budget;
    struct anomalies_options options = {
        .wanted = (1u << ANOMALY_COUNT) - 1, .examples_max = 1, .arena = &bench->arena};
    int rc =
        dependencies_build(&bench->world.txns, NULL, DEPENDENCIES_ALL, budget, &bench->graph, &err);
    if (rc == 0)
        rc = anomalies_scan(&bench->world.txns, &options, budget, &bench->anomalies, &err);
    if (rc == 0)
        rc = anomalies_find_cycles(&bench->graph, &options, &bench->anomalies, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
}

static void bench_close(struct bench *bench)
{
    dependencies_fini(&bench->graph);
    random_transactions_close(&bench->world);
    arena_fini(&bench->arena);
}

static void ask(struct bench *bench, enum level level, struct level_answer *answer)
{
    const struct level_question question = {.all = &bench->world.txns,
                                            .graph = &bench->graph,
                                            .anomalies = &bench->anomalies,
                                            .budget = &bench->world.budget,
                                            .arena = &bench->arena};
    struct errbuf err = ERRBUF_INIT;
    const struct level_decider *const deciders[] = {&decider_by_anomalies, &decider_known_orders};
    *answer = (struct level_answer){.verdict = VERDICT_UNKNOWN};
    for (int i = 0; i < 2 && answer->verdict == VERDICT_UNKNOWN; i++)
        cr_assert_eq(deciders[i]->decide(&question, level, answer, &err), 0, "%s", err.text);
}

/* Where all orders are known there is an answer; without readers, also where not. */
static bool must_answer(const struct dependencies *graph, enum level level)
{
    const level_set without_readers =
        level_bit(LEVEL_READ_UNCOMMITTED) | level_bit(LEVEL_SESSION_READ_UNCOMMITTED) |
        level_bit(LEVEL_STRONG_READ_UNCOMMITTED) | level_bit(LEVEL_READ_COMMITTED) |
        level_bit(LEVEL_SESSION_READ_COMMITTED) | level_bit(LEVEL_STRONG_READ_COMMITTED);
    const level_set of_any_rw = level_bit(LEVEL_REPEATABLE_READ) | level_bit(LEVEL_SERIALIZABLE) |
                                level_bit(LEVEL_SESSION_SERIALIZABLE) |
                                level_bit(LEVEL_STRICT_SERIALIZABLE);
    return graph->is_complete || (without_readers >> level & 1) ||
           ((of_any_rw >> level & 1) && !graph->has_unplaced_read);
}

static void compare(struct bench *bench, level_set held, enum level level, struct answers *answers,
                    uint64_t number)
{
    struct level_answer answer;
    const char *name = level_row(level)->name;
    unsigned long long history = number;
    ask(bench, level, &answer);
    bool holds = held >> level & 1;
    if (answer.verdict == VERDICT_VALID)
        cr_assert(holds, "history %llu: %s does not hold", history, name);
    if (answer.verdict == VERDICT_INVALID) {
        cr_assert_not(holds, "history %llu: %s holds", history, name);
        expect_evidence(&bench->world.txns, level, &answer.evidence, held, number, &answers->all);
    }
    if (answer.verdict == VERDICT_UNKNOWN)
        cr_assert_not(must_answer(&bench->graph, level), "history %llu: no answer for %s: %s",
                      history, name, answer.why);
    answers->all.valid += answer.verdict == VERDICT_VALID;
    answers->all.invalid += answer.verdict == VERDICT_INVALID;
    answers->all.undecided += answer.verdict == VERDICT_UNKNOWN;
    answers->valid[level] += answer.verdict == VERDICT_VALID;
    answers->invalid[level] += answer.verdict == VERDICT_INVALID;
    answers->unknown[level] += answer.verdict == VERDICT_UNKNOWN;
}

static void compare_all(bool lists, uint32_t histories, struct answers *answers)
{
    memset(answers, 0, sizeof *answers);
    answers->all = (struct tally){.model = lists ? "list-append" : "rw-register",
                                  .algorithm = "known-orders",
                                  .histories = histories};
    for (uint32_t i = 0; i < histories; i++) {
        struct bench bench;
        static struct oracle oracle;
        bench_open(&bench, lists, i);
        oracle_init(&oracle, &bench.world.txns);
        level_set held = oracle_levels_by_dependencies(&oracle);
        for (int level = 0; level < LEVEL_COUNT; level++)
            if (decider_known_orders.levels >> level & 1)
                compare(&bench, held, (enum level)level, answers, i);
        ++*(bench.graph.is_complete ? &answers->complete : &answers->incomplete);
        bench_close(&bench);
    }
    tally_print(&answers->all);
}

static void expect_answers(const struct answers *answers, uint32_t histories,
                           unsigned unknown_percent)
{
    for (int level = 0; level < LEVEL_COUNT; level++) {
        if (!(decider_known_orders.levels >> level & 1))
            continue;
        const char *name = level_row((enum level)level)->name;
        cr_expect_gt(answers->valid[level], histories / 50, "%s: %llu", name,
                     (unsigned long long)answers->valid[level]);
        cr_expect_leq(answers->unknown[level] * 100, (uint64_t)histories * unknown_percent,
                      "%s: %llu", name, (unsigned long long)answers->unknown[level]);
    }
    cr_expect_gt(answers->complete, histories / 20);
    cr_expect_gt(answers->incomplete, histories / 20);
}

Test(known_orders, of_lists_tell_what_the_definitions_say)
{
    struct answers answers;
    uint32_t histories = property_runs(30000);
    compare_all(true, histories, &answers);
    expect_answers(&answers, histories, 25);
    for (int level = 0; level < LEVEL_COUNT; level++)
        if (decider_known_orders.levels >> level & 1)
            cr_expect_gt(answers.invalid[level], histories / 100, "%s",
                         level_row((enum level)level)->name);
}

Test(known_orders, of_registers_tell_nothing_wrong)
{
    struct answers answers;
    uint32_t histories = property_runs(30000);
    compare_all(false, histories, &answers);
    expect_answers(&answers, histories, 75);
}
