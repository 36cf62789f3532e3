/* Whether an order of the versions exists that a level allows: the search agrees with trying every
 * order, and tells why if there is none. */
#include "isolation/version_search.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/random.h"
#include "core/strbuf.h"
#include "property/evidence_mutations.h"
#include "property/generated_transactions.h"
#include "property/level_world.h"
#include "property/property_runs.h"
#include "unit/transactions_support.h"

#include <criterion/criterion.h>

static void expect_level(struct level_world *world, enum level level, level_set held,
                         uint64_t number, struct tally *tally)
{
    struct level_answer answer;
    bool is_held = held >> level & 1;
    level_world_decide(world, &decider_version_search, level, &answer);
    if (answer.verdict == VERDICT_UNKNOWN) {
        tally->undecided++;
        return;
    }
    cr_assert_eq(answer.verdict, is_held ? VERDICT_VALID : VERDICT_INVALID, "history %llu: %s: %s",
                 (unsigned long long)number, level_row(level)->name, verdict_name(answer.verdict));
    tally->valid += is_held;
    tally->invalid += !is_held;
    if (is_held)
        return;
    cr_assert_eq(answer.evidence.kind, EVIDENCE_CYCLE);
    expect_evidence(&world->random.txns, level, &answer.evidence, held, number, tally);
}

static void expect_levels(struct level_world *world, uint64_t number, struct tally *tally)
{
    level_set held = oracle_levels_by_dependencies(&world->oracle);
    level_set excluded = oracle_excluded(&world->oracle);
    bool is_inverted = level_world_is_inverted(&world->random.txns);
    for (int at = 0; at < LEVEL_COUNT && !is_inverted; at++) {
        enum level level = (enum level)at;
        if ((LEVELS_OF_VERSION_SEARCH & ~excluded) >> level & 1)
            expect_level(world, level, held, number, tally);
    }
    tally->histories++;
}

static void expect_agreement(bool lists, uint64_t histories)
{
    struct tally tally = {.model = lists ? "list-append" : "rw-register",
                          .algorithm = "version-search"};
    for (uint64_t i = 0; i < histories; i++) {
        static struct level_world world;
        level_world_open(&world, lists, i);
        expect_levels(&world, i, &tally);
        level_world_close(&world);
    }
    tally_print(&tally);
    cr_expect_gt(tally.valid, histories);
    cr_expect_gt(tally.invalid, histories / 2);
    cr_expect_eq(tally.undecided, 0, "%llu", (unsigned long long)tally.undecided);
}

Test(version_search, agrees_with_all_orders_on_registers)
{
    expect_agreement(false, property_runs(20000));
}

Test(version_search, agrees_with_all_orders_on_lists)
{
    expect_agreement(true, property_runs(20000));
}

/* --- cases --- */

Test(version_search, tells_the_cases_of_contested_registers)
{
    struct tally tally = {.model = "rw-register", .algorithm = "version-search-cases"};
    uint64_t runs = property_runs(6000);
    for (uint64_t i = 0; i < runs; i++) {
        static struct level_world world;
        level_world_open_contested(&world, i);
        expect_levels(&world, i, &tally);
        level_world_close(&world);
    }
    tally_print(&tally);
    cr_expect_eq(tally.undecided, 0, "%llu", (unsigned long long)tally.undecided);
    cr_expect_gt(tally.valid, runs);
    cr_expect_gt(tally.cases, runs / 200, "%llu", (unsigned long long)tally.cases);
    cr_expect_gt(tally.refused_cases, tally.cases);
}

enum { DISPUTE_WRITERS = 20, DISPUTE_READERS = 12, DISPUTE_KEYS = 8, DISPUTE_TXNS = 32 };

/* Some keys by lot, each once. */
static void pick_keys(struct random *random, int keys[], int count)
{
    for (int i = 0; i < count; i++) {
        keys[i] = (int)random_below(random, DISPUTE_KEYS);
        for (int k = 0; k < i; k++)
            if (keys[k] == keys[i])
                i--;
    }
}

/* At the same time, some write three keys each, and others read two, from anybody. */
static void put_dispute(struct strbuf *out, uint64_t number)
{
    struct strbuf done = STRBUF_INIT;
    struct random random;
    int writers[DISPUTE_KEYS][DISPUTE_WRITERS], counts[DISPUTE_KEYS] = {0}, keys[3];
    random_init(&random, 6, RANDOM_TEST, number);
    for (int txn = 0; txn < DISPUTE_WRITERS; txn++) {
        pick_keys(&random, keys, 3);
        strbuf_printf(out, "%d invoke txn [[:w %d %d] [:w %d %d] [:w %d %d]]\n", txn, keys[0],
                      txn + 1, keys[1], txn + 1, keys[2], txn + 1);
        strbuf_printf(&done, "%d ok txn [[:w %d %d] [:w %d %d] [:w %d %d]]\n", txn, keys[0],
                      txn + 1, keys[1], txn + 1, keys[2], txn + 1);
        for (int i = 0; i < 3; i++)
            writers[keys[i]][counts[keys[i]]++] = txn + 1;
    }
    for (int txn = DISPUTE_WRITERS; txn < DISPUTE_TXNS; txn++) {
        pick_keys(&random, keys, 2);
        strbuf_printf(out, "%d invoke txn [[:r %d nil] [:r %d nil]]\n", txn, keys[0], keys[1]);
        strbuf_printf(&done, "%d ok txn [", txn);
        for (int i = 0; i < 2; i++)
            strbuf_printf(&done, "[:r %d %d] ", keys[i],
                          counts[keys[i]] == 0
                              ? 0
                              : writers[keys[i]][random_below(&random, (uint32_t)counts[keys[i]])]);
        strbuf_puts(&done, "]\n");
    }
    strbuf_puts(out, done.text);
    strbuf_fini(&done);
}

Test(version_search, tells_cases_within_cases)
{
    uint32_t runs = property_runs(2000), cases = 0, within = 0;
    for (uint64_t i = 0; i < runs; i++) {
        struct txn_bench bench;
        struct arena arena;
        struct level_answer answer;
        struct strbuf text = STRBUF_INIT;
        put_dispute(&text, i);
        txn_bench_open(&bench, text.text);
        arena_init(&arena, 0);
        struct version_question question = {.all = &bench.txns,
                                            .level = LEVEL_PARALLEL_SNAPSHOT_ISOLATION,
                                            .budget = &bench.budget,
                                            .arena = &arena};
        cr_assert_eq(version_search(&question, &answer, NULL), 0);
        cr_assert_neq(answer.verdict, VERDICT_UNKNOWN, "history %llu", (unsigned long long)i);
        cr_assert(answer.verdict != VERDICT_INVALID ||
                      evidence_verify(&bench.txns, question.level, &answer.evidence),
                  "history %llu: the evidence is refused", (unsigned long long)i);
        for (uint32_t k = 0; k < answer.evidence.lemma_count; k++) {
            cases += answer.evidence.lemmas[k].kind == LEMMA_SUPPOSED;
            within += answer.evidence.lemmas[k].kind == LEMMA_SUPPOSED &&
                      answer.evidence.lemmas[k].within != CASE_NONE;
        }
        arena_fini(&arena);
        txn_bench_close(&bench);
        strbuf_fini(&text);
    }
    cr_expect_gt(cases, runs / 20, "%u", cases);
    cr_expect_gt(within, 0);
}

/* --- longer histories --- */

enum { SEEDS = 20 };

static enum verdict judge_generated(const char *store, const char *anomaly, enum level level,
                                    uint64_t seed)
{
    struct txn_generate_options options = {.common = {.model = "rw-register",
                                                      .anomaly = anomaly,
                                                      .anomaly_at = 0.5,
                                                      .operations = 400,
                                                      .keys = 4 + (uint32_t)(seed % 20),
                                                      .concurrency = 5 + (uint32_t)(seed % 11),
                                                      .read_share = -1,
                                                      .crash_share = seed % 3 == 0 ? 0.05 : 0,
                                                      .seed = seed},
                                           .level = store,
                                           .micro_ops_max = 6};
    struct generated_transactions made;
    struct arena arena;
    struct budget budget;
    struct level_answer answer;
    generated_transactions_open(&made, &options);
    arena_init(&arena, 0);
    budget_init(&budget, 0, 0);
    struct version_question question = {
        .all = &made.txns, .level = level, .budget = &budget, .arena = &arena};
    cr_assert_eq(version_search(&question, &answer, NULL), 0);
    cr_assert_eq(budget.bytes_used, 0);
    cr_assert(answer.verdict != VERDICT_INVALID ||
                  evidence_verify(&made.txns, level, &answer.evidence),
              "seed %llu: the evidence is refused", (unsigned long long)seed);
    arena_fini(&arena);
    generated_transactions_close(&made);
    return answer.verdict;
}

Test(version_search, accepts_what_a_store_of_the_level_did)
{
    static const enum level levels[] = {LEVEL_STRICT_SERIALIZABLE,
                                        LEVEL_SESSION_SERIALIZABLE,
                                        LEVEL_SERIALIZABLE,
                                        LEVEL_STRONG_SNAPSHOT_ISOLATION,
                                        LEVEL_SESSION_SNAPSHOT_ISOLATION,
                                        LEVEL_SNAPSHOT_ISOLATION,
                                        LEVEL_PREFIX,
                                        LEVEL_PARALLEL_SNAPSHOT_ISOLATION};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        for (uint64_t seed = 0; seed < SEEDS; seed++)
            cr_assert_eq(judge_generated(level_row(levels[i])->name, NULL, levels[i], seed),
                         VERDICT_VALID, "%s, seed %llu", level_row(levels[i])->name,
                         (unsigned long long)seed);
}

Test(version_search, accepts_at_every_level_what_was_done_one_after_the_other)
{
    for (int level = 0; level < LEVEL_COUNT; level++)
        for (uint64_t seed = 0; LEVELS_OF_VERSION_SEARCH >> level & 1 && seed < SEEDS; seed++)
            cr_assert_eq(judge_generated("strict-serializable", NULL, (enum level)level, seed),
                         VERDICT_VALID, "%s, seed %llu", level_row((enum level)level)->name,
                         (unsigned long long)seed);
}

Test(version_search, finds_what_is_hidden_in_a_history)
{
    static const struct {
        const char *anomaly;
        enum level level;
    } cases[] = {{"G-single", LEVEL_SERIALIZABLE},
                 {"G2-item", LEVEL_SERIALIZABLE},
                 {"G-single", LEVEL_SNAPSHOT_ISOLATION},
                 {"G-single-realtime", LEVEL_STRICT_SERIALIZABLE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint64_t seed = 0; seed < SEEDS; seed++)
            cr_assert_eq(
                judge_generated("strict-serializable", cases[i].anomaly, cases[i].level, seed),
                VERDICT_INVALID, "%s, seed %llu", cases[i].anomaly, (unsigned long long)seed);
}
