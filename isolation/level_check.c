#include "isolation/level_check.h"

#include <stddef.h>

/* Those that need to look at least come first. */
const struct level_decider *const level_deciders[] = {
    &decider_by_anomalies, &decider_known_orders,   &decider_weak, &decider_causal,
    &decider_eventual,     &decider_version_search, NULL, /* ends the table */
};

bool levels_walk_graph(level_set levels)
{
    level_set meant = 0, walk = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        meant |= levels >> i & 1 ? level_bit(level_meaning((enum level)i)) : 0;
    for (const struct level_decider *const *at = level_deciders; *at; at++)
        walk |= (*at)->walks_graph;
    return meant & walk;
}

int level_check(const struct level_question *question, enum level level,
                struct level_answer *answer, struct errbuf *err)
{
    *answer = (struct level_answer){.verdict = VERDICT_UNKNOWN,
                                    .why = "there is nothing that decides this level"};
    for (const struct level_decider *const *at = level_deciders; *at; at++) {
        if (!((*at)->levels >> level & 1))
            continue;
        int rc = (*at)->decide(question, level, answer, err);
        if (rc != 0 || answer->verdict != VERDICT_UNKNOWN)
            return rc;
    }
    return 0;
}
