/* Whatever the judge of evidence accepts is so: where it says that a level does not hold, the level
 * does not hold by definition. */
#include "evidence/evidence.h"

#include "property/isolation_oracle.h"

#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"

#include "core/random.h"
#include "property/evidence_mutations.h"
#include "property/property_runs.h"
#include "property/random_evidence.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { TRIES = 8, MUTATIONS = 2, MICROS = 6 };

/* Not asked: linearizable and sequential say what others say, of eventual there is no oracle. */
static const level_set asked =
    LEVELS_ALL & ~(UINT32_C(1) << LEVEL_EVENTUAL | UINT32_C(1) << LEVEL_LINEARIZABLE |
                   UINT32_C(1) << LEVEL_SEQUENTIAL);

struct run {
    struct random_transactions world;
    struct random_evidence make;
    struct evidence_judge judge;
    level_set held, shown; /* by definition; and those refuted by some evidence */
    uint64_t number;
    struct tally tally;
    uint64_t refuted[LEVEL_COUNT], found[LEVEL_COUNT]; /* histories */
};

/* Whether it was accepted against some level. */
static bool judge_all(struct run *run)
{
    bool is_accepted = false;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        if (!(asked >> i & 1) ||
            !evidence_judge_accepts(&run->judge, (enum level)i, &run->make.evidence))
            continue;
        run->shown |= level_bit((enum level)i);
        is_accepted = true;
        cr_assert(!(run->held >> i & 1), "history %llu: %s holds, and this was accepted: %s",
                  (unsigned long long)run->number, level_row((enum level)i)->name,
                  run->make.evidence.kind == EVIDENCE_CYCLE ? "a cycle" : "micro-operations");
    }
    return is_accepted;
}

static void try_some(struct run *run)
{
    for (int i = 0; i < TRIES; i++) {
        for (int k = 0; k < MICROS; k++) {
            random_evidence_micros(&run->make);
            run->tally.proofs += judge_all(run);
        }
        if (!random_evidence_cycle(&run->make))
            continue;
        run->tally.proofs += judge_all(run);
        for (int k = 0; k < MUTATIONS; k++) {
            evidence_change(&run->make.evidence, run->make.all, run->make.random);
            bool is_accepted = judge_all(run);
            run->tally.mutations++;
            run->tally.refused += !is_accepted;
            run->tally.still_true += is_accepted;
        }
    }
}

static void try_history(struct run *run, bool lists, uint64_t number)
{
    static struct oracle oracle;
    run->number = number;
    random_transactions_open(&run->world, lists, number);
    oracle_init(&oracle, &run->world.txns);
    run->held = oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
                oracle_levels_of_sessions(&oracle);
    run->shown = 0;
    tally_add_levels(&run->tally, run->held, asked);
    if (run->world.txns.txn_count > 0) {
        random_evidence_init(&run->make, &run->world.txns, &run->world.random);
        evidence_judge_init(&run->judge, &run->world.txns, &run->world.budget);
        try_some(run);
        evidence_judge_fini(&run->judge);
    }
    for (int i = 0; i < LEVEL_COUNT; i++) {
        run->refuted[i] += !(run->held >> i & 1);
        run->found[i] += run->shown >> i & 1;
    }
    random_transactions_close(&run->world);
}

static void expect_sound(bool lists)
{
    static struct run run;
    memset(&run, 0, sizeof run);
    run.tally.model = lists ? "list-append" : "rw-register";
    run.tally.algorithm = "random-evidence";
    /* So many that of every level some refutations are found. */
    uint64_t histories = property_runs(2500) < 1000 ? 1000 : property_runs(2500);
    for (uint64_t i = 0; i < histories; i++)
        try_history(&run, lists, i);
    run.tally.histories = histories;
    tally_print(&run.tally);
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((asked >> i & 1) && run.refuted[i] > 0)
            cr_expect_gt(run.found[i] * 12, run.refuted[i], "%s: %llu of %llu",
                         level_row((enum level)i)->name, (unsigned long long)run.found[i],
                         (unsigned long long)run.refuted[i]);
}

Test(evidence, that_is_accepted_about_registers_is_so)
{
    expect_sound(false);
}

Test(evidence, that_is_accepted_about_lists_is_so)
{
    expect_sound(true);
}
