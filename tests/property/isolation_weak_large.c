/* Weak levels on longer histories than all orders of can be tried: more sessions than a column of
 * session clocks has, more writers of a key than are gone through one by one. Against the same
 * theorem (a level holds iff its conclusions have no cycle), spelled out. */
#include "isolation/commit_graph.h"
#include "property/many_levels.h"
#include "property/property_runs.h"
#include "property/tally.h"

enum { TXNS_MAX = 160 };

/* The relations of a history, by transaction; all of them are committed. */
struct theorem {
    const struct transactions *all;
    uint32_t count;
    bool before[TXNS_MAX][TXNS_MAX]; /* session order and reads-from; then their closure */
    bool order[TXNS_MAX][TXNS_MAX];
    bool is_early; /* a first version was read by somebody who must see a later one */
};

static void close_relation(uint32_t count, bool rows[][TXNS_MAX])
{
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t j = 0; rows[i][k] && j < count; j++)
                rows[i][j] |= rows[k][j];
}

static bool wrote(const struct transactions *all, uint32_t txn, uint32_t key)
{
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].f != MICRO_READ && all->micros[i].key == key)
            return true;
    return false;
}

static uint32_t writer_of(const struct transactions *all, uint32_t micro)
{
    return all->micros[micro].f == MICRO_READ ? all->versions[all->micros[micro].version].txn
                                              : TXN_NONE;
}

static void know(struct theorem *run, const struct transactions *all)
{
    memset(run, 0, sizeof *run);
    run->all = all;
    run->count = all->txn_count;
    for (uint32_t txn = 0; txn < run->count; txn++) {
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
            if (writer_of(all, i) != TXN_NONE && writer_of(all, i) != txn)
                run->before[writer_of(all, i)][txn] = true;
        for (uint32_t other = 0; other < txn; other++)
            run->before[other][txn] |= all->txns[other].session == all->txns[txn].session;
    }
    memcpy(run->order, run->before, sizeof run->order);
}

/* Whether t2 must be visible to a read: monotonic atomic view knows what was read before it. */
static bool is_visible(const struct theorem *run, enum level level, uint32_t t2, uint32_t t3,
                       uint32_t micro)
{
    if (level != LEVEL_MONOTONIC_ATOMIC_VIEW)
        return run->before[t2][t3];
    for (uint32_t i = run->all->txns[t3].micros; i < micro; i++)
        if (writer_of(run->all, i) == t2)
            return true;
    return false;
}

static void conclude(struct theorem *run, enum level level, uint32_t t3, uint32_t micro)
{
    uint32_t t1 = writer_of(run->all, micro), key = run->all->micros[micro].key;
    for (uint32_t t2 = 0; t2 < run->count && t1 != t3; t2++) {
        if (t2 == t1 || t2 == t3 || !wrote(run->all, t2, key) ||
            !is_visible(run, level, t2, t3, micro))
            continue;
        if (t1 == TXN_NONE)
            run->is_early = true;
        else
            run->order[t2][t1] = true;
    }
}

static bool holds(struct theorem *run, const struct transactions *all, enum level level)
{
    know(run, all);
    if (level == LEVEL_CAUSAL)
        close_relation(run->count, run->before);
    for (uint32_t txn = 0; txn < run->count; txn++)
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
            if (all->micros[i].f == MICRO_READ &&
                (all->micros[i].is_outer || level == LEVEL_MONOTONIC_ATOMIC_VIEW))
                conclude(run, level, txn, i);
    close_relation(run->count, run->order);
    for (uint32_t txn = 0; txn < run->count; txn++)
        if (run->order[txn][txn])
            return false;
    return !run->is_early;
}

/* --- the same by code under test, with clocks in many columns --- */

static bool holds_in_columns(struct many_transactions *many)
{
    struct committed done;
    struct commit_graph graph;
    struct commit_cycle cycle;
    cr_assert_eq(committed_build(&many->txns, true, &many->budget, &done), 0);
    commit_graph_init(&graph, &done, &many->budget);
    graph.clock_bytes = 1;
    cr_assert_eq(commit_graph_search(&graph, rule_causal, &cycle), 0);
    bool is_held = cycle.count == 0 && graph.early_read == PLACE_NONE;
    commit_cycle_fini(&graph, &cycle);
    commit_graph_fini(&graph);
    committed_fini(&done);
    return is_held;
}

static struct many_options options_of(uint64_t number)
{
    static const uint32_t stale[] = {0, 0, 20000, 300000};
    struct random random;
    random_init(&random, 5, RANDOM_TEST, number);
    return (struct many_options){.txns = 10 + (uint32_t)random_below(&random, TXNS_MAX - 10),
                                 .sessions = 1 + (uint32_t)random_below(&random, 50),
                                 .keys = 1 + (uint32_t)random_below(&random, 30),
                                 .replicas = 1 + (uint32_t)random_below(&random, 6),
                                 .lag = (uint32_t)random_below(&random, 60),
                                 .stale = stale[random_below(&random, 4)],
                                 .read_percent = 20 + (uint32_t)random_below(&random, 70),
                                 .in_blocks = random_below(&random, 4) == 0,
                                 .seed = number};
}

Test(isolation_weak_large, agrees_with_the_theorem_spelled_out)
{
    static const enum level levels[] = {LEVEL_MONOTONIC_ATOMIC_VIEW, LEVEL_READ_ATOMIC,
                                        LEVEL_CAUSAL};
    static struct theorem theorem;
    static struct many_transactions many;
    uint32_t runs = property_runs(1000), held[3] = {0};
    struct tally tally = {.model = "rw-register", .algorithm = "weak-large", .histories = runs};
    for (uint32_t number = 0; number < runs; number++) {
        struct many_options options = options_of(number);
        many_levels_open(&many, &options);
        for (int i = 0; i < 3; i++) {
            bool expected = holds(&theorem, &many.txns, levels[i]);
            cr_assert_eq(many_levels_decide(&many, &decider_weak, levels[i]),
                         expected ? VERDICT_VALID : VERDICT_INVALID, "history %u, %s", number,
                         level_row(levels[i])->name);
            cr_assert(levels[i] != LEVEL_CAUSAL || holds_in_columns(&many) == expected,
                      "history %u in columns", number);
            held[i] += expected;
            tally_add_levels(&tally, expected, 1);
        }
        many_transactions_close(&many);
    }
    tally_print(&tally);
    for (int i = 0; i < 3; i++)
        cr_expect(held[i] > runs / 20 && held[i] < runs * 19 / 20, "%s: %u of %u",
                  level_row(levels[i])->name, held[i], runs);
}
