/* Eventual consistency is decided as it is defined; its evidence stands, and changed evidence only
 * where it is true. */
#include "property/isolation_oracle_eventual.h"

#include "property/evidence_mutations.h"
#include "property/level_world.h"
#include "property/property_runs.h"

/* Whatever the judge accepts, in a history that is eventually consistent there is nothing. */
static void expect_no_evidence(struct level_world *world, uint64_t number)
{
    const struct transactions *all = world->question.all;
    for (int anomaly = ANOMALY_DIVERGENCE; anomaly <= ANOMALY_LOST_WRITE; anomaly++)
        for (uint32_t one = 0; one < all->txn_count; one++)
            for (uint32_t other = 0; other < all->txn_count; other++) {
                struct evidence evidence = {.kind = EVIDENCE_MICROS,
                                            .anomaly = (enum anomaly)anomaly,
                                            .txns = {one, other, TXN_NONE}};
                for (uint32_t i = all->txns[one].micros; i < all->txns[one + 1].micros; i++)
                    for (uint32_t k = all->txns[other].micros; k < all->txns[other + 1].micros;
                         k++) {
                        evidence.micros[0] = i;
                        evidence.micros[1] = k;
                        cr_assert(!evidence_verify(all, LEVEL_EVENTUAL, &evidence), "history %llu",
                                  (unsigned long long)number);
                    }
            }
}

static void expect_agreement(bool lists)
{
    uint64_t runs = property_runs(20000), counts[4] = {0};
    struct tally tally = {
        .model = lists ? "list-append" : "rw-register", .algorithm = "eventual", .histories = runs};
    for (uint64_t i = 0; i < runs; i++) {
        static struct level_world world;
        static struct eventual_oracle oracle;
        struct level_answer answer;
        level_world_open(&world, lists, i);
        eventual_oracle_init(&oracle, &world.random.txns);
        enum verdict expected = eventual_oracle_verdict(&oracle);
        level_world_decide(&world, &decider_eventual, LEVEL_EVENTUAL, &answer);
        cr_assert_eq(answer.verdict, expected, "history %llu: %d, but %d", (unsigned long long)i,
                     answer.verdict, expected);
        if (expected == VERDICT_INVALID)
            expect_evidence(&world.random.txns, LEVEL_EVENTUAL, &answer.evidence, 0, i, &tally);
        else if (i % 16 == 0)
            expect_no_evidence(&world, i);
        counts[expected]++;
        level_world_close(&world);
    }
    tally.valid = counts[VERDICT_VALID];
    tally.invalid = counts[VERDICT_INVALID];
    tally.undecided = counts[VERDICT_UNKNOWN];
    tally_print(&tally);
    cr_expect_gt(counts[VERDICT_VALID], runs / 50);
    cr_expect_gt(counts[VERDICT_INVALID], runs / 50);
    cr_expect_gt(counts[VERDICT_UNKNOWN], runs / 50);
}

Test(isolation_eventual, agrees_with_the_definition_on_registers)
{
    expect_agreement(false);
}

Test(isolation_eventual, agrees_with_the_definition_on_lists)
{
    expect_agreement(true);
}
