/* Weak causal, causal memory, PRAM and the session guarantees are decided as they are defined. */
#include "property/isolation_oracle_causal.h"

#include "property/evidence_mutations.h"
#include "property/level_world.h"
#include "property/property_runs.h"

static const enum level levels[] = {
    LEVEL_WEAK_CAUSAL,        LEVEL_CAUSAL_MEMORY,    LEVEL_PRAM,
    LEVEL_MONOTONIC_READS,    LEVEL_READ_YOUR_WRITES, LEVEL_MONOTONIC_WRITES,
    LEVEL_WRITES_FOLLOW_READS};

enum { LEVELS = sizeof levels / sizeof *levels };

struct view_tally {
    struct tally all;
    uint64_t valid[LEVELS], invalid[LEVELS];
};

static void expect_as_oracle(struct level_world *world, uint64_t number, struct view_tally *tally)
{
    level_set held = oracle_levels_of_sessions(&world->oracle);
    for (int i = 0; i < LEVELS; i++) {
        struct level_answer answer;
        bool is_excluded = oracle_excluded(&world->oracle) & level_bit(levels[i]);
        level_world_decide(world, &decider_causal, levels[i], &answer);
        enum verdict expected = is_excluded                   ? VERDICT_UNKNOWN
                                : held & level_bit(levels[i]) ? VERDICT_VALID
                                                              : VERDICT_INVALID;
        cr_assert(answer.verdict == expected, "history %llu, %s: %d, but %d",
                  (unsigned long long)number, level_row(levels[i])->name, answer.verdict, expected);
        if (expected == VERDICT_INVALID)
            expect_evidence(world->question.all, levels[i], &answer.evidence, held, number,
                            &tally->all);
        tally->all.undecided += expected == VERDICT_UNKNOWN;
        tally->all.valid += expected == VERDICT_VALID;
        tally->all.invalid += expected == VERDICT_INVALID;
        tally->valid[i] += expected == VERDICT_VALID;
        tally->invalid[i] += expected == VERDICT_INVALID;
    }
}

static void expect_agreement(bool lists)
{
    uint64_t runs = property_runs(20000);
    struct view_tally tally = {.all = {.model = lists ? "list-append" : "rw-register",
                                       .algorithm = "causal",
                                       .histories = runs}};
    for (uint64_t i = 0; i < runs; i++) {
        static struct level_world world;
        level_world_open(&world, lists, i);
        expect_as_oracle(&world, i, &tally);
        level_world_close(&world);
    }
    tally_print(&tally.all);
    cr_expect_gt(tally.all.refused, tally.all.mutations / 2);
    cr_expect_gt(tally.all.still_true, tally.all.mutations / 100);
    for (int i = 0; i < LEVELS; i++) {
        cr_expect_gt(tally.valid[i], runs / 4);
        cr_expect_gt(tally.invalid[i], runs / 100, "%s: %llu", level_row(levels[i])->name,
                     (unsigned long long)tally.invalid[i]);
    }
}

Test(isolation_views, agree_with_the_definitions_on_registers)
{
    expect_agreement(false);
}

Test(isolation_views, agree_with_the_definitions_on_lists)
{
    expect_agreement(true);
}

Test(isolation_views, tell_the_cases_of_contested_registers)
{
    uint64_t runs = property_runs(10000);
    struct view_tally tally = {
        .all = {.model = "rw-register", .algorithm = "causal-cases", .histories = runs}};
    for (uint64_t i = 0; i < runs; i++) {
        static struct level_world world;
        level_world_open_contested(&world, i);
        expect_as_oracle(&world, i, &tally);
        level_world_close(&world);
    }
    tally_print(&tally.all);
    cr_expect_gt(tally.all.cases, runs / 400, "%llu", (unsigned long long)tally.all.cases);
    cr_expect_gt(tally.all.refused_cases, tally.all.cases);
}
