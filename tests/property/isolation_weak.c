/* Monotonic atomic view, read atomic and causal are decided as the axioms define them. */
#include "property/isolation_oracle_axioms.h"

#include "property/evidence_mutations.h"
#include "property/level_world.h"
#include "property/property_runs.h"

static const enum level levels[] = {LEVEL_MONOTONIC_ATOMIC_VIEW, LEVEL_READ_ATOMIC, LEVEL_CAUSAL};

enum { LEVELS = sizeof levels / sizeof *levels };

struct weak_tally {
    struct tally all;
    uint64_t valid[LEVELS], invalid[LEVELS];
};

static void expect_as_oracle(struct level_world *world, uint64_t number, struct weak_tally *tally)
{
    level_set held = oracle_levels_by_axioms(&world->oracle);
    for (int i = 0; i < LEVELS; i++) {
        struct level_answer answer;
        bool is_excluded = (oracle_excluded(&world->oracle) & level_bit(levels[i])) ||
                           level_world_is_inverted(world->question.all);
        level_world_decide(world, &decider_weak, levels[i], &answer);
        enum verdict expected = is_excluded                   ? VERDICT_UNKNOWN
                                : held & level_bit(levels[i]) ? VERDICT_VALID
                                                              : VERDICT_INVALID;
        cr_assert_eq(answer.verdict, expected, "history %llu, level %d: %d, but %d",
                     (unsigned long long)number, levels[i], answer.verdict, expected);
        cr_assert_eq(answer.evidence.kind,
                     expected == VERDICT_INVALID ? EVIDENCE_CYCLE : EVIDENCE_NONE);
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
    struct weak_tally tally = {.all = {.model = lists ? "list-append" : "rw-register",
                                       .algorithm = "weak",
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
        cr_expect_gt(tally.invalid[i], runs / 50, "level %d: %llu", levels[i],
                     (unsigned long long)tally.invalid[i]);
    }
}

Test(isolation_weak, agrees_with_the_axioms_on_registers)
{
    expect_agreement(false);
}

Test(isolation_weak, agrees_with_the_axioms_on_lists)
{
    expect_agreement(true);
}
