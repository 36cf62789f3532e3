/* Searches for orders of several levels in contest: what they come to is what each would alone. */
#include "isolation/order_contest.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/random.h"
#include "core/strbuf.h"
#include "isolation/decider_ready.h"
#include "isolation/version_search.h"
#include "property/level_world.h"
#include "property/property_runs.h"
#include "property/tally.h"
#include "unit/transactions_support.h"

#include <criterion/criterion.h>

/* A pause after each step, and all rivals there from the first one on. */
static void expect_level(struct level_world *world, enum level level, level_set held,
                         uint64_t number, struct tally *tally)
{
    const struct transactions *all = &world->random.txns;
    bool is_held = held >> level & 1;
    struct level_answer answer;
    struct version_question question = {.all = all,
                                        .level = level,
                                        .budget = &world->random.budget,
                                        .arena = &world->arena,
                                        .contest_work = 1};
    if (decider_is_ready_for(&world->question, anomalies_of_level(level)))
        return;
    cr_assert_eq(version_search(&question, &answer, NULL), 0);
    cr_assert_eq(answer.verdict, is_held ? VERDICT_VALID : VERDICT_INVALID, "history %llu: %s: %s",
                 (unsigned long long)number, level_row(level)->name, verdict_name(answer.verdict));
    cr_assert(is_held || evidence_verify(all, level, &answer.evidence), "history %llu: %s",
              (unsigned long long)number, level_row(level)->name);
    tally->valid += is_held;
    tally->invalid += !is_held;
}

static void expect_levels(struct level_world *world, uint64_t number, struct tally *tally)
{
    level_set held = oracle_levels_by_dependencies(&world->oracle);
    level_set excluded = oracle_excluded(&world->oracle);
    enum level rivals[ORDER_RIVALS_MAX];
    bool is_inverted = level_world_is_inverted(&world->random.txns);
    for (int level = 0; level < LEVEL_COUNT && !is_inverted; level++)
        if (!(excluded >> level & 1) && order_contest_rivals((enum level)level, rivals) > 0)
            expect_level(world, (enum level)level, held, number, tally);
    tally->histories++;
}

static void expect_agreement(struct tally *tally, uint64_t histories,
                             void (*open)(struct level_world *, uint64_t))
{
    for (uint64_t i = 0; i < histories; i++) {
        static struct level_world world;
        open(&world, i);
        expect_levels(&world, i, tally);
        level_world_close(&world);
    }
    tally_print(tally);
    cr_expect_gt(tally->valid, histories);
    cr_expect_gt(tally->invalid, histories / 5);
}

static void open_registers(struct level_world *world, uint64_t number)
{
    level_world_open(world, false, number);
}

static void open_lists(struct level_world *world, uint64_t number)
{
    level_world_open(world, true, number);
}

Test(order_contest, agrees_with_all_orders_on_registers)
{
    struct tally tally = {.model = "rw-register", .algorithm = "order-contest"};
    expect_agreement(&tally, property_runs(6000), open_registers);
}

Test(order_contest, agrees_with_all_orders_on_lists)
{
    struct tally tally = {.model = "list-append", .algorithm = "order-contest"};
    expect_agreement(&tally, property_runs(6000), open_lists);
}

Test(order_contest, agrees_with_all_orders_on_contested_registers)
{
    struct tally tally = {.model = "rw-register", .algorithm = "order-contest-contested"};
    expect_agreement(&tally, property_runs(3000), level_world_open_contested);
}

Test(order_contest, has_only_rivals_that_imply_the_level)
{
    for (int level = 0; level < LEVEL_COUNT; level++) {
        enum level rivals[ORDER_RIVALS_MAX];
        int count = order_contest_rivals((enum level)level, rivals);
        for (int i = 0; i < count; i++)
            cr_expect(level_implied(rivals[i]) >> level & 1, "%s does not imply %s",
                      level_row(rivals[i])->name, level_row((enum level)level)->name);
    }
}

/* --- where the level alone would take minutes --- */

enum { BLIND_TXNS = 1600, BLIND_KEYS = 3, BLIND_MICROS = 4 };

/* Serial, but told as if all had run at the same time, in another order; most only write. */
static void put_blind(struct strbuf *out)
{
    static struct strbuf txns[BLIND_TXNS];
    int state[BLIND_KEYS] = {0}, next = 0;
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 1);
    for (int txn = 0; txn < BLIND_TXNS; txn++) {
        int micros = 1 + (int)random_below(&random, BLIND_MICROS);
        txns[txn] = (struct strbuf)STRBUF_INIT;
        for (int i = 0; i < micros; i++) {
            int key = (int)random_below(&random, BLIND_KEYS);
            if (random_below(&random, 5) > 0)
                strbuf_printf(&txns[txn], "[:w %d %d] ", key, state[key] = ++next);
            else if (state[key] > 0)
                strbuf_printf(&txns[txn], "[:r %d %d] ", key, state[key]);
            else
                strbuf_printf(&txns[txn], "[:r %d nil] ", key);
        }
    }
    for (uint32_t i = BLIND_TXNS - 1; i > 0; i--) {
        uint32_t other = (uint32_t)random_below(&random, i + 1);
        struct strbuf text = txns[i];
        txns[i] = txns[other];
        txns[other] = text;
    }
    for (int i = 0; i < 2 * BLIND_TXNS; i++)
        strbuf_printf(out, "%d %s txn [%s]\n", i % BLIND_TXNS, i < BLIND_TXNS ? "invoke" : "ok",
                      txns[i % BLIND_TXNS].text);
    for (int txn = 0; txn < BLIND_TXNS; txn++)
        strbuf_fini(&txns[txn]);
}

Test(order_contest, answers_where_a_stronger_level_is_sooner_done)
{
    static const enum level levels[] = {LEVEL_PARALLEL_SNAPSHOT_ISOLATION, LEVEL_CONSISTENT_VIEW,
                                        LEVEL_SNAPSHOT_ISOLATION, LEVEL_PREFIX};
    struct strbuf text = STRBUF_INIT;
    struct txn_bench bench;
    put_blind(&text);
    txn_bench_open(&bench, text.text);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        struct arena arena;
        struct level_answer answer;
        arena_init(&arena, 0);
        struct version_question question = {
            .all = &bench.txns, .level = levels[i], .budget = &bench.budget, .arena = &arena};
        cr_assert_eq(version_search(&question, &answer, NULL), 0);
        cr_expect_eq(answer.verdict, VERDICT_VALID, "%s", level_row(levels[i])->name);
        arena_fini(&arena);
    }
    txn_bench_close(&bench);
    strbuf_fini(&text);
}
