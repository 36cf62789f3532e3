/* Generated histories of thousands of transactions: a store's levels are found to hold, and of each
 * anomaly that kind is found, the levels that it refutes are refuted, and all others hold. */
#include "isolation/isolation_check.h"

#include "core/errbuf.h"
#include "property/generated_anomalies.h"
#include "property/generated_transactions.h"

#include <criterion/criterion.h>

static const char *const models[] = {"list-append", "rw-register"};

/* For these there are the larger of the checks' own tests. */
static const level_set not_asked =
    1u << LEVEL_SEQUENTIAL | 1u << LEVEL_LINEARIZABLE | 1u << LEVEL_EVENTUAL;

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 2 };
#else
enum { SEEDS = 6 };
#endif

static struct txn_generate_options large(const char *model, const char *level, uint64_t seed)
{
    return (struct txn_generate_options){.common = {.model = model,
                                                    .operations = 1000 + 500 * (seed % 3),
                                                    .keys = 3 + (uint32_t)(seed % 8),
                                                    .concurrency = 5 + (uint32_t)(seed % 13),
                                                    .read_share = 0.5,
                                                    .crash_share = seed % 2 ? 0 : 0.02,
                                                    .fail_share = seed % 4 ? 0 : 0.05,
                                                    .seed = seed,
                                                    .anomaly_at = (double)(seed % 11) / 10},
                                         .level = level,
                                         .micro_ops_max = 1 + (uint32_t)(seed % 8),
                                         .writes_per_key = seed % 5 ? 32 : 0};
}

struct answers {
    level_set held, refuted;
    anomaly_set found;
};

static struct answers ask(const struct txn_generate_options *options)
{
    struct operations all;
    struct op_sink sink = {.take = generated_append, .context = &all};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(&all, 0), 0);
    cr_assert_eq(txn_generate(options, &sink, &err), 0, "%s", err.text);
    cr_assert_eq(operations_finish(&all, &err), 0, "%s", err.text);
    const struct check_options how = {.model = options->common.model, .threads = 1};
    const struct isolation_options isolation = {.levels = LEVELS_ALL & ~not_asked,
                                                .strongest = true};
    struct check_result result;
    struct isolation_result found;
    cr_assert_eq(isolation_check(&all, &how, &isolation, &result, &found, &err), 0, "%s", err.text);
    struct answers answers = {found.held, found.refuted, found.anomalies.found};
    check_result_fini(&result);
    operations_fini(&all);
    return answers;
}

/* Counts the levels of which the answer was unknown. */
static void expect_answers(const struct txn_generate_options *options,
                           const struct answers *answers, level_set kept, level_set broken,
                           uint32_t *unknown)
{
    const char *what = options->common.anomaly ? options->common.anomaly : options->level;
    level_set wrong = (kept & answers->refuted) | (broken & answers->held);
    struct strbuf names = STRBUF_INIT;
    put_levels(&names, wrong);
    cr_expect_eq(wrong, 0, "%s, %s, seed %d: wrong about %s", options->common.model, what,
                 (int)options->common.seed, names.text);
    strbuf_fini(&names);
    for (level_set left = (kept | broken) & ~(answers->held | answers->refuted); left;
         left &= left - 1)
        ++*unknown;
}

/* --- stores --- */

Test(txn_generate_found, levels_hold_that_the_store_keeps_and_no_others, .timeout = 120)
{
    const char *name;
    uint32_t unknown = 0;
    for (size_t i = 0; (name = txn_generate_level(i)) != NULL; i++) {
        enum level level;
        level_set refuted = 0;
        cr_assert(level_find(name, &level));
        level_set kept = level_implied(level);
        if (level == LEVEL_EVENTUAL)
            kept = level_implied(LEVEL_READ_COMMITTED);
        for (uint64_t seed = 0; seed < 2 * SEEDS; seed++) {
            struct txn_generate_options options = large(models[seed % 2], name, seed / 2);
            struct answers answers = ask(&options);
            expect_answers(&options, &answers, kept & ~not_asked, 0, &unknown);
            refuted |= answers.refuted;
        }
        /* The store that is read committed makes nobody read what is written later. */
        level_set stronger = level_refuted(level) & ~level_bit(level) & ~not_asked;
        if (level == LEVEL_READ_COMMITTED)
            stronger &= ~level_implied(LEVEL_STRONG_READ_COMMITTED);
        if (level != LEVEL_EVENTUAL)
            cr_expect_eq(stronger & ~refuted, 0, "%s: %#x hold in all of them", name,
                         stronger & ~refuted);
    }
    cr_expect_eq(unknown, 0, "%u unknown", unknown);
}

/* --- anomalies --- */

static void expect_found(const struct txn_generate_options *options, uint32_t *unknown)
{
    const struct generated_anomaly *expected = generated_anomaly(options->common.anomaly);
    bool lists = options->common.model == models[0];
    const char *kinds = lists || !expected->of_registers ? expected->kinds : expected->of_registers;
    struct answers answers = ask(options);
    level_set kept =
        levels_named(generated_strongest(expected->name, options->common.model)) & ~not_asked;
    expect_answers(options, &answers, kept, ~kept & ~not_asked & LEVELS_ALL, unknown);
    struct strbuf found = STRBUF_INIT;
    put_anomalies(&found, answers.found);
    cr_expect_str_eq(found.text ? found.text : "", kinds, "%s, %s, seed %d: %s found",
                     options->common.model, expected->name, (int)options->common.seed, found.text);
    strbuf_fini(&found);
}

Test(txn_generate_found, each_anomaly_and_nothing_else_and_what_it_leaves_standing, .timeout = 120)
{
    uint32_t unknown = 0;
    for (int k = 0; k < 2; k++) {
        const char *name;
        for (size_t number = 0; (name = txn_generate_anomaly(models[k], &number)) != NULL;) {
            for (uint64_t seed = 0; seed < SEEDS; seed++) {
                struct txn_generate_options options = large(models[k], NULL, seed);
                options.common.anomaly = name;
                expect_found(&options, &unknown);
            }
        }
    }
    cr_expect_eq(unknown, 0, "%u unknown", unknown);
}
