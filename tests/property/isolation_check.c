/* Whatever check says of a level of a small history is so by definition, and it says something of
 * nearly every one. */
#include "isolation/isolation_check.h"

#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"

#include "core/random.h"
#include "property/contested_transactions.h"
#include "property/evidence_mutations.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"
#include "transactions/version_sources.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* There is no oracle of eventual consistency. */
static const level_set known = LEVELS_ALL & ~(UINT32_C(1) << LEVEL_EVENTUAL);

/* Which say what others say. */
static const level_set of_single_operations =
    UINT32_C(1) << LEVEL_LINEARIZABLE | UINT32_C(1) << LEVEL_SEQUENTIAL;

struct run {
    struct tally tally;
    uint64_t held[LEVEL_COUNT], refuted[LEVEL_COUNT], unknown[LEVEL_COUNT]; /* as was said */
};

static level_set find_held(const struct transactions *all)
{
    static struct oracle oracle;
    oracle_init(&oracle, all);
    level_set held = oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
                     oracle_levels_of_sessions(&oracle);
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (held >> level_meaning((enum level)i) & 1)
            held |= level_bit((enum level)i);
    return held;
}

static void compare(struct run *run, const struct transactions *all,
                    const struct isolation_result *found, level_set held, uint64_t number)
{
    for (int i = 0; i < LEVEL_COUNT; i++) {
        const struct isolation_level_result *result = &found->levels[i];
        if (!(found->asked & known & level_bit((enum level)i)))
            continue;
        bool is_told = result->verdict <= VERDICT_INVALID, holds = held >> i & 1;
        cr_assert(!is_told || (result->verdict == VERDICT_VALID) == holds,
                  "history %llu: %s is %s, from %s, by %s", (unsigned long long)number,
                  level_row((enum level)i)->name, verdict_name(result->verdict),
                  level_row(result->follows_from)->name,
                  result->algorithm ? result->algorithm : "nothing");
        run->tally.valid += is_told && holds;
        run->tally.invalid += is_told && !holds;
        run->tally.undecided += !is_told;
        if (result->follows_from == (enum level)i && is_told && !holds)
            expect_evidence(all, level_meaning((enum level)i), &result->evidence,
                            held & ~of_single_operations, number, &run->tally);
        run->held[i] += is_told && holds;
        run->refuted[i] += is_told && !holds;
        run->unknown[i] += !is_told;
    }
}

static void ask(struct run *run, struct random_transactions *world,
                const struct isolation_options *isolation, level_set held, uint64_t number)
{
    struct check_result result;
    struct isolation_result found;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = world->lists ? "list-append" : "rw-register",
                                    .threads = 1};
    int rc = isolation_check(&world->all, &options, isolation, &result, &found, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    if (result.keys[0].ok > 0)
        compare(run, &world->txns, &found, held, number);
    check_result_fini(&result);
}

enum world_kind { LISTS, REGISTERS, CONTESTED };

/* Of all levels at once, and of one by itself, for which less is looked for. */
static void check_one(struct run *run, enum world_kind kind, uint64_t number)
{
    struct random_transactions world;
    if (kind == CONTESTED)
        contested_transactions_open(&world, number);
    else
        random_transactions_open(&world, kind == LISTS, number);
    level_set held = find_held(&world.txns);
    struct isolation_options all = {.strongest = true};
    struct isolation_options one = {.levels = level_bit((enum level)(number % LEVEL_COUNT))};
    ask(run, &world, &all, held, number);
    if (one.levels & ~of_single_operations)
        ask(run, &world, &one, held, number);
    random_transactions_close(&world);
}

/* Whatever holds under a promise holds without; and whatever does not is proved again, by the
 * promise. */
static void compare_promised(struct run *run, const struct transactions *all,
                             const struct isolation_result *found, unsigned promises,
                             level_set held, uint64_t number)
{
    for (int i = 0; i < LEVEL_COUNT; i++) {
        const struct isolation_level_result *result = &found->levels[i];
        if (!(found->asked & known & level_bit((enum level)i)))
            continue;
        cr_assert(result->verdict != VERDICT_VALID || (held >> i & 1), "history %llu: %s",
                  (unsigned long long)number, level_row((enum level)i)->name);
        run->held[i] += result->verdict == VERDICT_VALID;
        run->refuted[i] += result->verdict == VERDICT_INVALID && (held >> i & 1);
        run->unknown[i] += result->verdict > VERDICT_INVALID;
        run->tally.valid += result->verdict == VERDICT_VALID;
        run->tally.invalid += result->verdict == VERDICT_INVALID;
        run->tally.undecided += result->verdict > VERDICT_INVALID;
        if (result->verdict == VERDICT_INVALID && result->follows_from == (enum level)i)
            expect_promised_evidence(all, level_meaning((enum level)i), &result->evidence, promises,
                                     0, number, &run->tally);
    }
}

static void expect_promised_answers(const char *name, unsigned promises)
{
    static struct run run;
    uint64_t histories = property_runs(1500), refuted = 0;
    memset(&run, 0, sizeof run);
    run.tally = (struct tally){.model = "rw-register", .algorithm = name, .histories = histories};
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        struct check_result result;
        struct isolation_result found;
        struct errbuf err = ERRBUF_INIT;
        struct check_options options = {.model = "rw-register", .threads = 1};
        struct isolation_options isolation = {.strongest = true, .inference = promises};
        random_transactions_open(&world, false, i);
        cr_assert_eq(isolation_check(&world.all, &options, &isolation, &result, &found, &err), 0);
        if (result.keys[0].ok > 0)
            compare_promised(&run, &world.txns, &found, promises, find_held(&world.txns), i);
        check_result_fini(&result);
        random_transactions_close(&world);
    }
    tally_print(&run.tally);
    for (int i = 0; i < LEVEL_COUNT; i++)
        refuted += run.refuted[i];
    cr_expect_gt(refuted, 0, "no promise refuted a level");
    cr_expect_eq(run.tally.undecided, 0, "%llu", (unsigned long long)run.tally.undecided);
}

/* Of each level, so many in a hundred of what is said is `unknown` at most. */
static void expect_answers(enum world_kind kind, uint64_t unknown_percent)
{
    static struct run run;
    uint64_t histories = property_runs(kind == CONTESTED ? 1500 : 2500);
    memset(&run, 0, sizeof run);
    run.tally = (struct tally){.model = kind == LISTS ? "list-append" : "rw-register",
                               .algorithm = kind == CONTESTED ? "all-levels-cases" : "all-levels",
                               .histories = histories};
    for (uint64_t i = 0; i < histories; i++)
        check_one(&run, kind, i);
    tally_print(&run.tally);
    for (int i = 0; i < LEVEL_COUNT; i++) {
        uint64_t all = run.held[i] + run.refuted[i] + run.unknown[i];
        if (!(known >> i & 1))
            continue;
        cr_expect_leq(run.unknown[i] * 100, all * unknown_percent, "%s: %llu of %llu unknown",
                      level_row((enum level)i)->name, (unsigned long long)run.unknown[i],
                      (unsigned long long)all);
        if (kind != CONTESTED || !(of_single_operations >> i & 1))
            cr_expect_gt(run.held[i], 0, "%s never holds", level_row((enum level)i)->name);
    }
    cr_expect_gt(run.refuted[LEVEL_READ_COMMITTED], 0);
    cr_expect_gt(run.refuted[LEVEL_STRICT_SERIALIZABLE], run.refuted[LEVEL_READ_COMMITTED]);
}

Test(isolation_check, says_of_levels_of_lists_what_is_so)
{
    expect_answers(LISTS, 0);
}

Test(isolation_check, says_of_levels_of_registers_what_is_so)
{
    expect_answers(REGISTERS, 1);
}

Test(isolation_check, says_of_levels_of_contested_registers_what_is_so)
{
    expect_answers(CONTESTED, 0);
}

Test(isolation_check, says_of_levels_under_promises_of_keys_what_can_be_proved_by_them)
{
    expect_promised_answers("all-levels-keys", INFER_LINEARIZABLE | INFER_SEQUENTIAL);
}

Test(isolation_check, says_of_levels_under_transaction_order_what_can_be_proved_by_it)
{
    expect_promised_answers("all-levels-causes", INFER_TRANSACTIONS);
}
