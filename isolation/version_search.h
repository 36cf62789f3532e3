/* Decides the levels of Adya's family, prefix and parallel snapshot isolation where the orders of
 * the versions are not known: registers tell nothing of them, lists nothing of what nobody read. A
 * level holds if its dependencies have no forbidden cycle for some order. NP-complete
 * (Papadimitriou, J. ACM 1979; Biswas & Enea, OOPSLA 2019), but a real history leaves little to
 * choose.
 *
 * isolation/order_problem.h says what there is to choose, order_search.h how it is chosen. An order
 * that was found is the proof that the level holds. Evidence that it does not is made of lemmas,
 * and of cases where those are not enough (isolation/order_cases.h); the answer is unknown where
 * there would be too many of them.
 *
 * What single reads show (aborted, intermediate and internal reads and the like) is left aside. */
#ifndef ISOLATION_VERSION_SEARCH_H
#define ISOLATION_VERSION_SEARCH_H

#include "dependencies/version_inference.h"
#include "isolation/level_check.h"

struct version_question {
    const struct transactions *all;
    const struct version_graph *versions; /* known as well, by promise; NULL */
    enum level level;                     /* one of LEVELS_OF_VERSION_SEARCH */
    struct budget *budget;
    struct arena *arena; /* evidence lives here */
    /* When rivals enter the contest (isolation/order_contest.h), in units of work; 0: as usual. */
    uint64_t contest_work;
};

/* All from read uncommitted to strict serializable, and two more. */
#define LEVELS_OF_VERSION_SEARCH                                                                   \
    (((UINT32_C(1) << (LEVEL_STRICT_SERIALIZABLE + 1)) - 1) | UINT32_C(1) << LEVEL_PREFIX |        \
     UINT32_C(1) << LEVEL_PARALLEL_SNAPSHOT_ISOLATION)

/* Errors: ERR_NOMEM (the arena's); a budget that ran out is the verdict unknown. */
int version_search(const struct version_question *question, struct level_answer *answer,
                   struct errbuf *err);

#endif
