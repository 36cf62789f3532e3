/* The two ways in which the oracle defines levels agree where both do. */
#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"

#include "checker/budget.h"
#include "core/random.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>
#include <stdio.h>

static level_set both(level_set levels)
{
    return levels &
           (level_bit(LEVEL_PREFIX) | level_bit(LEVEL_SESSION_SNAPSHOT_ISOLATION) |
            level_bit(LEVEL_SESSION_SERIALIZABLE) | level_bit(LEVEL_PARALLEL_SNAPSHOT_ISOLATION));
}

static void expect_agreement(bool lists, uint64_t histories)
{
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, lists, i);
        static struct oracle oracle;
        oracle_init(&oracle, &world.txns);
        level_set by_graph = oracle_levels_by_dependencies(&oracle);
        level_set by_axioms = oracle_levels_by_axioms(&oracle);
        cr_assert_eq(both(by_graph), both(by_axioms), "history %llu: %#x, %#x",
                     (unsigned long long)i, by_graph, by_axioms);
        random_transactions_close(&world);
    }
}

Test(isolation_oracle, dependencies_and_axioms_agree_on_registers)
{
    expect_agreement(false, property_runs(20000));
}

Test(isolation_oracle, dependencies_and_axioms_agree_on_lists)
{
    expect_agreement(true, property_runs(20000));
}

/* --- the lattice --- */

struct implication {
    enum level stronger, weaker;
};

static const struct implication implications[] = {
    {LEVEL_STRICT_SERIALIZABLE, LEVEL_SESSION_SERIALIZABLE},
    {LEVEL_STRICT_SERIALIZABLE, LEVEL_STRONG_SNAPSHOT_ISOLATION},
    {LEVEL_SESSION_SERIALIZABLE, LEVEL_SERIALIZABLE},
    {LEVEL_SESSION_SERIALIZABLE, LEVEL_SESSION_SNAPSHOT_ISOLATION},
    {LEVEL_SESSION_SERIALIZABLE, LEVEL_CAUSAL_MEMORY},
    {LEVEL_SERIALIZABLE, LEVEL_REPEATABLE_READ},
    {LEVEL_SERIALIZABLE, LEVEL_SNAPSHOT_ISOLATION},
    {LEVEL_REPEATABLE_READ, LEVEL_CONSISTENT_VIEW},
    {LEVEL_STRONG_SNAPSHOT_ISOLATION, LEVEL_SESSION_SNAPSHOT_ISOLATION},
    {LEVEL_STRONG_SNAPSHOT_ISOLATION, LEVEL_STRONG_READ_COMMITTED},
    {LEVEL_SESSION_SNAPSHOT_ISOLATION, LEVEL_SNAPSHOT_ISOLATION},
    {LEVEL_SESSION_SNAPSHOT_ISOLATION, LEVEL_PREFIX},
    {LEVEL_SESSION_SNAPSHOT_ISOLATION, LEVEL_PARALLEL_SNAPSHOT_ISOLATION},
    {LEVEL_SESSION_SNAPSHOT_ISOLATION, LEVEL_SESSION_READ_COMMITTED},
    {LEVEL_SNAPSHOT_ISOLATION, LEVEL_CONSISTENT_VIEW},
    {LEVEL_PARALLEL_SNAPSHOT_ISOLATION, LEVEL_CAUSAL},
    {LEVEL_PARALLEL_SNAPSHOT_ISOLATION, LEVEL_CONSISTENT_VIEW},
    {LEVEL_PREFIX, LEVEL_CAUSAL},
    {LEVEL_CAUSAL, LEVEL_READ_ATOMIC},
    {LEVEL_CAUSAL, LEVEL_WEAK_CAUSAL},
    {LEVEL_CAUSAL_MEMORY, LEVEL_WEAK_CAUSAL},
    {LEVEL_CAUSAL_MEMORY, LEVEL_PRAM},
    {LEVEL_READ_ATOMIC, LEVEL_MONOTONIC_ATOMIC_VIEW},
    {LEVEL_MONOTONIC_ATOMIC_VIEW, LEVEL_SESSION_READ_COMMITTED},
    {LEVEL_CONSISTENT_VIEW, LEVEL_CURSOR_STABILITY},
    {LEVEL_CURSOR_STABILITY, LEVEL_READ_COMMITTED},
    {LEVEL_STRONG_READ_COMMITTED, LEVEL_SESSION_READ_COMMITTED},
    {LEVEL_STRONG_READ_COMMITTED, LEVEL_STRONG_READ_UNCOMMITTED},
    {LEVEL_SESSION_READ_COMMITTED, LEVEL_READ_COMMITTED},
    {LEVEL_SESSION_READ_COMMITTED, LEVEL_SESSION_READ_UNCOMMITTED},
    {LEVEL_READ_COMMITTED, LEVEL_READ_UNCOMMITTED},
    {LEVEL_STRONG_READ_UNCOMMITTED, LEVEL_SESSION_READ_UNCOMMITTED},
    {LEVEL_SESSION_READ_UNCOMMITTED, LEVEL_READ_UNCOMMITTED},
    {LEVEL_PRAM, LEVEL_READ_YOUR_WRITES},
    {LEVEL_PRAM, LEVEL_MONOTONIC_READS},
    {LEVEL_PRAM, LEVEL_MONOTONIC_WRITES},
    {LEVEL_CAUSAL_MEMORY, LEVEL_WRITES_FOLLOW_READS},
};

Test(isolation_oracle, stronger_levels_imply_weaker_ones_and_not_the_other_way)
{
    /* So many that each two levels are told apart by some, also where every access is checked. */
    enum { COUNT = sizeof implications / sizeof implications[0], HISTORIES = 20000 };
    uint64_t apart[COUNT] = {0};
    for (uint64_t i = 0; i < HISTORIES; i++) {
        struct random_transactions world;
        random_transactions_open(&world, i % 2, i);
        static struct oracle oracle;
        oracle_init(&oracle, &world.txns);
        level_set held = oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
                         oracle_levels_of_sessions(&oracle);
        for (int k = 0; k < COUNT; k++) {
            bool stronger = held >> implications[k].stronger & 1;
            bool weaker = held >> implications[k].weaker & 1;
            cr_expect(!stronger || weaker, "history %llu: %d holds, and %d does not",
                      (unsigned long long)i, implications[k].stronger, implications[k].weaker);
            apart[k] += weaker && !stronger;
        }
        random_transactions_close(&world);
    }
    for (int k = 0; k < COUNT; k++)
        cr_expect_gt(apart[k], 0, "%d and %d are the same", implications[k].stronger,
                     implications[k].weaker);
}
