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

/* With every WR from an element but the last there are WW that lead the same way: only prefix,
 * where an RW may follow upon WR but not upon WW, tells them apart. */
static level_set by_dependencies_on(const struct transactions *all, bool last_only)
{
    static struct oracle oracle;
    oracle_init(&oracle, all);
    oracle.knows_last_only = last_only;
    return oracle_levels_by_dependencies(&oracle);
}

Test(isolation_oracle, of_dependencies_all_elements_and_the_last_say_the_same_but_for_prefix)
{
    uint64_t histories = property_runs(20000), apart = 0;
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, true, i);
        level_set all = by_dependencies_on(&world.txns, false);
        level_set last = by_dependencies_on(&world.txns, true);
        cr_assert_eq(last & ~all & ~level_bit(LEVEL_PREFIX), 0, "history %llu: %#x, %#x",
                     (unsigned long long)i, all, last);
        cr_assert_eq(all & ~last, 0, "history %llu: %#x, %#x", (unsigned long long)i, all, last);
        apart += all != last;
        random_transactions_close(&world);
    }
    cr_assert_gt(apart, 0);
    fprintf(stderr, "prefix told apart %llu of %llu\n", (unsigned long long)apart,
            (unsigned long long)histories);
}
