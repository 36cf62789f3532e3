/* The table of levels, held against their definitions: what it says one level implies holds in
 * every small history, and any two levels that it leaves unrelated are told apart by some. */
#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"

#include "core/random.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* Of eventual consistency there is no definition among the others. */
static const level_set defined = LEVELS_ALL & ~(UINT32_C(1) << LEVEL_EVENTUAL);

/* The first history that is a long fork, which few are: two readers of two writes, each of which
 * saw another one of them. */
static const uint64_t long_fork = 84001;

/* One in which each session sees the transactions of the others in an order of its own, against
 * that of the lists: causal memory, and not even read uncommitted. */
static const uint64_t own_orders = 29617;

static bool is_of_single_operations(const struct transactions *all)
{
    return all->micro_count == all->txn_count;
}

/* The levels that hold, and in *asked those that have a meaning for the history. */
static level_set find_held(bool lists, uint64_t number, level_set *asked)
{
    struct random_transactions world;
    static struct oracle oracle;
    random_transactions_open(&world, lists, number);
    oracle_init(&oracle, &world.txns);
    level_set held = oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
                     oracle_levels_of_sessions(&oracle);
    *asked = defined;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        enum level level = (enum level)i;
        if (held >> level_meaning(level) & 1)
            held |= level_bit(level);
        if (level_row(level)->is_of_single_operations && !is_of_single_operations(&world.txns))
            *asked &= ~level_bit(level);
    }
    random_transactions_close(&world);
    return held;
}

Test(isolation_levels, stronger_levels_imply_weaker_ones_and_no_others)
{
    /* So many that any two levels are told apart by some, also where every access is checked. */
    uint64_t histories = property_runs(20000);
    static uint64_t apart[LEVEL_COUNT][LEVEL_COUNT];
    struct tally tallies[] = {{.model = "rw-register", .algorithm = "table-of-levels"},
                              {.model = "list-append", .algorithm = "table-of-levels"}};
    histories = histories < 20000 ? 20000 : histories;
    for (uint64_t i = 0; i <= histories + 1; i++) {
        uint64_t number = i < histories ? i : i == histories ? long_fork : own_orders;
        level_set asked, held = find_held(number % 2, number, &asked);
        tallies[number % 2].histories++;
        tally_add_levels(&tallies[number % 2], held, asked);
        for (int a = 0; a < LEVEL_COUNT; a++)
            for (int b = 0; b < LEVEL_COUNT; b++)
                apart[a][b] +=
                    (asked >> a & 1) && (asked >> b & 1) && (held >> a & 1) && !(held >> b & 1);
    }
    tally_print(&tallies[0]);
    tally_print(&tallies[1]);
    for (int a = 0; a < LEVEL_COUNT; a++)
        for (int b = 0; b < LEVEL_COUNT; b++) {
            const char *one = level_row((enum level)a)->name,
                       *other = level_row((enum level)b)->name;
            if (!(defined >> a & 1) || !(defined >> b & 1))
                continue;
            if (level_implied((enum level)a) >> b & 1)
                cr_expect_eq(apart[a][b], 0, "%s without %s in %llu histories", one, other,
                             (unsigned long long)apart[a][b]);
            else if (level_row((enum level)a)->is_of_single_operations ==
                     level_row((enum level)b)->is_of_single_operations)
                cr_expect_gt(apart[a][b], 0, "%s seems to imply %s", one, other);
        }
}
