/* Generated histories of transactions: small ones keep exactly what is said of them, says the
 * oracle, whichever store and anomaly. */
#include "generator/txn_generate.h"

#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "property/generated_anomalies.h"
#include "property/generated_transactions.h"
#include "property/property_runs.h"
#include "property/tally.h"

#include <criterion/criterion.h>

static const char *const models[] = {"list-append", "rw-register"};

static const level_set undecided =
    1u << LEVEL_SEQUENTIAL | 1u << LEVEL_LINEARIZABLE | 1u << LEVEL_EVENTUAL;

static level_set levels_held(const struct transactions *all)
{
    static struct oracle oracle;
    oracle_init(&oracle, all);
    return oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
           oracle_levels_of_sessions(&oracle);
}

/* So small that the oracle can try all orders. */
static bool is_small(const struct transactions *all)
{
    uint32_t committed = 0, writes = 0;
    for (uint32_t i = 0; i < all->txn_count; i++)
        committed += txn_is_committed(all, i);
    for (uint32_t i = 0; i < all->txns[all->txn_count].micros; i++)
        writes += all->micros[i].f != MICRO_READ;
    return committed <= ORACLE_TXNS_MAX && writes <= 8 && all->key_count <= ORACLE_KEYS_MAX;
}

/* --- stores --- */

static struct txn_generate_options small(const char *model, const char *level, uint64_t seed)
{
    static const double shares[] = {0, 0, 0, 0.2};
    return (struct txn_generate_options){
        .common = {.model = model,
                   .operations = 2 + seed % 5,
                   .keys = 1 + (uint32_t)(seed / 5 % 2),
                   .concurrency = 1 + (uint32_t)(seed / 11 % 4),
                   .read_share = 0.4 + 0.1 * (double)(seed / 3 % 4),
                   .crash_share = shares[seed / 7 % 4],
                   .fail_share = shares[seed / 13 % 4],
                   .seed = seed},
        .level = level,
        .micro_ops_max = 1 + (uint32_t)(seed / 17 % 3),
        .writes_per_key = seed % 4 == 0 ? 2 : 0};
}

struct stores_tally {
    uint32_t checked;
    level_set broken;   /* by some history */
    struct tally of[2]; /* of each model */
};

static void check_store(int model_number, const char *name, uint32_t histories,
                        struct stores_tally *tally)
{
    const char *model = models[model_number];
    struct tally *of = &tally->of[model_number];
    enum level level;
    cr_assert(level_find(name, &level));
    level_set demanded = level_implied(level) & ~undecided;
    if (level == LEVEL_EVENTUAL) /* which the oracle does not know */
        demanded = level_implied(LEVEL_READ_COMMITTED) & ~undecided;
    for (uint64_t seed = 0; seed < histories; seed++) {
        struct txn_generate_options options = small(model, name, seed);
        struct generated_transactions made;
        generated_transactions_open(&made, &options);
        if (made.txns.txn_count > 0 && is_small(&made.txns)) {
            level_set held = levels_held(&made.txns);
            cr_assert_eq(demanded & ~held, 0, "%s, %s, seed %llu: %#x of %#x", model, name,
                         (unsigned long long)seed, held, demanded);
            tally->broken |= ~held & (LEVELS_ALL & ~undecided);
            tally->checked++;
            of->histories++;
            tally_add_levels(of, held, LEVELS_ALL & ~undecided);
        }
        generated_transactions_close(&made);
    }
}

Test(txn_generate, every_store_keeps_its_level_and_nothing_stronger, .timeout = 300)
{
    /* So many that every stronger level is broken by some. */
    uint32_t histories = property_runs(2500) < 1000 ? 1000 : property_runs(2500);
    const char *name;
    for (size_t i = 0; (name = txn_generate_level(i)) != NULL; i++) {
        struct stores_tally tally = {.of = {{.model = models[0], .algorithm = "generated-stores"},
                                            {.model = models[1], .algorithm = "generated-stores"}}};
        for (int k = 0; k < 2; k++)
            check_store(k, name, histories, &tally);
        tally_print(&tally.of[0]);
        tally_print(&tally.of[1]);
        cr_expect_gt(tally.checked, histories, "%s: %u", name, tally.checked);
        enum level level;
        cr_assert(level_find(name, &level));
        level_set stronger = level_refuted(level) & ~level_bit(level) & ~undecided;
        if (level == LEVEL_READ_COMMITTED) /* nobody reads what is written later */
            stronger &= ~level_implied(LEVEL_STRONG_READ_COMMITTED);
        if (level != LEVEL_EVENTUAL)
            cr_expect_eq(stronger & ~tally.broken, 0, "%s never breaks %#x", name,
                         stronger & ~tally.broken);
    }
}

/* --- anomalies --- */

static void check_anomaly(const char *model, const char *anomaly, uint32_t histories)
{
    struct tally tally = {.model = model, .algorithm = "generated-anomalies"};
    for (uint64_t seed = 0; seed < histories; seed++) {
        struct txn_generate_options options = small(model, NULL, seed);
        options.common.operations = seed % 3;
        options.common.keys = 1;
        options.common.anomaly = anomaly;
        options.common.anomaly_at = (double)(seed % 4) / 3;
        struct generated_transactions made;
        generated_transactions_open(&made, &options);
        if (is_small(&made.txns)) {
            struct strbuf names = STRBUF_INIT;
            level_set held = levels_held(&made.txns);
            put_levels(&names, levels_strongest(held));
            cr_assert_str_eq(names.text ? names.text : "", generated_strongest(anomaly, model),
                             "%s, %s, seed %d: %s", model, anomaly, (int)seed,
                             names.text ? names.text : "none");
            strbuf_fini(&names);
            tally.histories++;
            tally_add_levels(&tally, held, LEVELS_ALL & ~undecided);
        }
        generated_transactions_close(&made);
    }
    tally_print(&tally);
    cr_expect_gt(tally.histories, histories / 4, "%s, %s", model, anomaly);
}

Test(txn_generate, every_anomaly_leaves_the_levels_that_it_should, .timeout = 300)
{
    uint32_t histories = property_runs(1000);
    const char *name;
    for (int k = 0; k < 2; k++)
        for (size_t number = 0; (name = txn_generate_anomaly(models[k], &number)) != NULL;)
            check_anomaly(models[k], name, histories);
}
