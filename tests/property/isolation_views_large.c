/* Levels of sessions on histories too long to try all orders of: those that the smallest order
 * decides against that order, spelled out; the others against what implies them. */
#include "property/many_levels.h"
#include "property/property_runs.h"
#include "property/tally.h"

enum { TXNS_MAX = 64 };

/* Who comes before whom: bit b of row a. All transactions are committed. */
struct smallest_order {
    const struct transactions *all;
    uint64_t rows[TXNS_MAX];
    uint64_t explained;
    bool is_early;
};

static uint32_t source_of(const struct transactions *all, uint32_t micro)
{
    return all->versions[all->micros[micro].version].txn;
}

/* Whether a transaction read anything, or wrote a key (UINT32_MAX: any). */
static bool reads(const struct transactions *all, uint32_t txn)
{
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].f == MICRO_READ)
            return true;
    return false;
}

static bool writes(const struct transactions *all, uint32_t txn, uint32_t key)
{
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].f != MICRO_READ && (key == UINT32_MAX || all->micros[i].key == key))
            return true;
    return false;
}

static void close_rows(struct smallest_order *order)
{
    for (uint32_t k = 0; k < order->all->txn_count; k++)
        for (uint32_t i = 0; i < order->all->txn_count; i++)
            if (order->rows[i] >> k & 1)
                order->rows[i] |= order->rows[k];
}

/* What the view of a session must keep. */
static void begin(struct smallest_order *order, const struct transactions *all, enum level level,
                  uint32_t session)
{
    bool is_causal = level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY;
    *order = (struct smallest_order){.all = all};
    for (uint32_t b = 0; b < all->txn_count; b++) {
        bool is_own = all->txns[b].session == session;
        order->explained |= (uint64_t)is_own << b;
        for (uint32_t a = 0; a < b; a++) {
            bool is_kept = level != LEVEL_MONOTONIC_READS ||
                           (is_own && ((reads(all, a) && reads(all, b)) ||
                                       (writes(all, a, UINT32_MAX) && writes(all, b, UINT32_MAX))));
            if (all->txns[a].session == all->txns[b].session && is_kept)
                order->rows[a] |= UINT64_C(1) << b;
        }
        for (uint32_t i = all->txns[b].micros; i < all->txns[b + 1].micros; i++)
            if (all->micros[i].f == MICRO_READ && (is_own || is_causal) &&
                source_of(all, i) != TXN_NONE && source_of(all, i) != b)
                order->rows[source_of(all, i)] |= UINT64_C(1) << b;
    }
}

/* Whoever comes before an explained read of another's value and wrote the key comes before that
 * other; false: nothing new. */
static bool conclude(struct smallest_order *order)
{
    const struct transactions *all = order->all;
    bool any = false;
    for (uint32_t u = 0; u < all->txn_count; u++) {
        for (uint32_t i = all->txns[u].micros; i < all->txns[u + 1].micros; i++) {
            bool is_read = (order->explained >> u & 1) && all->micros[i].f == MICRO_READ &&
                           source_of(all, i) != u;
            for (uint32_t t = 0; is_read && t < all->txn_count; t++) {
                uint32_t source = source_of(all, i);
                if (t == source || t == u || !(order->rows[t] >> u & 1) ||
                    !writes(all, t, all->micros[i].key))
                    continue;
                if (source == TXN_NONE) {
                    order->is_early = true;
                } else if (!(order->rows[t] >> source & 1)) {
                    order->rows[t] |= UINT64_C(1) << source;
                    any = true;
                }
            }
        }
    }
    return any;
}

static bool is_order(struct smallest_order *order)
{
    do
        close_rows(order);
    while (conclude(order));
    for (uint32_t i = 0; i < order->all->txn_count; i++)
        if (order->rows[i] >> i & 1)
            return false;
    return !order->is_early;
}

static bool holds(const struct transactions *all, enum level level)
{
    struct smallest_order order;
    if (level == LEVEL_WEAK_CAUSAL) {
        for (uint32_t txn = 0; txn < all->txn_count; txn++) {
            begin(&order, all, level, all->txns[txn].session);
            order.explained = UINT64_C(1) << txn;
            if (!is_order(&order))
                return false;
        }
        return true;
    }
    for (uint32_t session = 0; session < all->session_count; session++) {
        begin(&order, all, level, session);
        if (!is_order(&order))
            return false;
    }
    return true;
}

/* --- the histories --- */

static struct many_options options_of(uint64_t number)
{
    static const uint32_t stale[] = {0, 0, 20000, 300000};
    struct random random;
    random_init(&random, 6, RANDOM_TEST, number);
    return (struct many_options){.txns = 5 + (uint32_t)random_below(&random, TXNS_MAX - 4),
                                 .sessions = 1 + (uint32_t)random_below(&random, 8),
                                 .keys = 1 + (uint32_t)random_below(&random, 20),
                                 .replicas = 1 + (uint32_t)random_below(&random, 5),
                                 .lag = (uint32_t)random_below(&random, 40),
                                 .stale = stale[random_below(&random, 4)],
                                 .read_percent = 20 + (uint32_t)random_below(&random, 70),
                                 .seed = number};
}

static void open_history(struct many_transactions *many, uint64_t number)
{
    struct many_options options = options_of(number);
    many_levels_open(many, &options);
}

Test(isolation_views_large, agree_with_the_smallest_order_spelled_out)
{
    static const enum level levels[] = {LEVEL_WEAK_CAUSAL, LEVEL_CAUSAL_MEMORY, LEVEL_PRAM,
                                        LEVEL_MONOTONIC_READS};
    static struct many_transactions many;
    uint32_t runs = property_runs(1500), held[4] = {0};
    struct tally tally = {.model = "rw-register", .algorithm = "causal-large", .histories = runs};
    for (uint32_t number = 0; number < runs; number++) {
        open_history(&many, number);
        for (int i = 0; i < 4; i++) {
            bool expected = holds(&many.txns, levels[i]);
            cr_assert_eq(many_levels_decide(&many, &decider_causal, levels[i]),
                         expected ? VERDICT_VALID : VERDICT_INVALID, "history %u, %s", number,
                         level_row(levels[i])->name);
            held[i] += expected;
            tally_add_levels(&tally, expected, 1);
        }
        many_transactions_close(&many);
    }
    tally_print(&tally);
    for (int i = 0; i < 4; i++)
        cr_expect(held[i] > runs / 20 && held[i] < runs * 19 / 20, "%s: %u of %u",
                  level_row(levels[i])->name, held[i], runs);
}

Test(isolation_views_large, what_is_stronger_implies_the_guarantees)
{
    static const struct {
        enum level stronger, weaker;
    } pairs[] = {{LEVEL_PRAM, LEVEL_READ_YOUR_WRITES},
                 {LEVEL_PRAM, LEVEL_MONOTONIC_WRITES},
                 {LEVEL_CAUSAL_MEMORY, LEVEL_WRITES_FOLLOW_READS}};
    static struct many_transactions many;
    uint32_t runs = property_runs(1500), counts[3][4] = {{0}};
    for (uint32_t number = 0; number < runs; number++) {
        open_history(&many, number);
        for (int i = 0; i < 3; i++) {
            enum verdict verdict = many_levels_decide(&many, &decider_causal, pairs[i].weaker);
            if (holds(&many.txns, pairs[i].stronger))
                cr_assert_eq(verdict, VERDICT_VALID, "history %u, %s", number,
                             level_row(pairs[i].weaker)->name);
            counts[i][verdict]++;
        }
        many_transactions_close(&many);
    }
    for (int i = 0; i < 3; i++) {
        cr_expect_gt(counts[i][VERDICT_INVALID], runs / 50, "%s", level_row(pairs[i].weaker)->name);
        cr_expect_leq(counts[i][VERDICT_UNKNOWN], runs / 100, "%s: %u",
                      level_row(pairs[i].weaker)->name, counts[i][VERDICT_UNKNOWN]);
    }
}

Test(isolation_views_large, a_budget_that_ends_makes_the_answer_unknown_and_is_given_back)
{
    static struct many_transactions many;
    uint32_t unknown = 0, decided = 0;
    open_history(&many, 3);
    size_t used = many.budget.bytes_used;
    for (size_t more = 0; more < 60000; more += 97) {
        many.budget.bytes_max = used + more;
        for (int level = 0; level < LEVEL_COUNT; level++) {
            const struct level_decider *decider = decider_weak.levels >> level & 1 ? &decider_weak
                                                  : decider_causal.levels >> level & 1
                                                      ? &decider_causal
                                                      : &decider_eventual;
            if (!(decider->levels >> level & 1))
                continue;
            enum verdict verdict = many_levels_decide(&many, decider, (enum level)level);
            unknown += verdict == VERDICT_UNKNOWN;
            decided += verdict != VERDICT_UNKNOWN;
        }
    }
    many.budget.bytes_max = 0;
    many_transactions_close(&many);
    cr_expect(unknown > 100 && decided > 100, "%u, %u", unknown, decided);
}
