/* The two ways in which the oracle defines levels agree where both do. */
#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"

#include "checker/budget.h"
#include "core/random.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"
#include "property/tally.h"

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
    struct tally tally = {.model = lists ? "list-append" : "rw-register",
                          .algorithm = "two-definitions",
                          .histories = histories};
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, lists, i);
        static struct oracle oracle;
        oracle_init(&oracle, &world.txns);
        level_set by_graph = oracle_levels_by_dependencies(&oracle);
        level_set by_axioms = oracle_levels_by_axioms(&oracle);
        cr_assert_eq(both(by_graph), both(by_axioms), "history %llu: %#x, %#x",
                     (unsigned long long)i, by_graph, by_axioms);
        tally_add_levels(&tally, by_graph, both(LEVELS_ALL));
        random_transactions_close(&world);
    }
    tally_print(&tally);
}

Test(isolation_oracle, dependencies_and_axioms_agree_on_registers)
{
    expect_agreement(false, property_runs(20000));
}

Test(isolation_oracle, dependencies_and_axioms_agree_on_lists)
{
    expect_agreement(true, property_runs(20000));
}
