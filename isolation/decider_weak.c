/* Monotonic atomic view, read atomic and causal: complete, for all histories. */
#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/decider_ready.h"
#include "isolation/level_check.h"
#include "isolation/shared_committed.h"
#include "isolation/weak_evidence.h"

static commit_rule *rule_of(enum level level)
{
    switch (level) {
    case LEVEL_MONOTONIC_ATOMIC_VIEW:
        return rule_monotonic_atomic_view;
    case LEVEL_READ_ATOMIC:
        return rule_read_atomic;
    default:
        return rule_causal;
    }
}

static int search(const struct level_question *question, enum level level,
                  struct commit_graph *graph, struct level_answer *answer)
{
    struct commit_cycle cycle;
    int rc = commit_graph_search(graph, rule_of(level), &cycle);
    bool is_invalid = cycle.count > 0 || graph->early_read != PLACE_NONE;
    if (rc == 0)
        answer->verdict = is_invalid ? VERDICT_INVALID : VERDICT_VALID;
    if (rc == 0 && is_invalid)
        rc = weak_evidence(graph, &cycle, level, question->arena, &answer->evidence);
    commit_cycle_fini(graph, &cycle);
    return rc;
}

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    (void)err;
    struct shared_committed own = {0}, *shared = question->committed ? question->committed : &own;
    const struct committed *done;
    *answer = (struct level_answer){.verdict = VERDICT_UNKNOWN, .algorithm = "awdit"};
    answer->why = decider_is_ready(question, level);
    if (answer->why)
        return 0;
    int rc = shared_committed_get(shared, question->all, true, question->budget, &done);
    if (rc == 0)
        answer->why = decider_is_told(done);
    if (rc == 0 && !answer->why) {
        struct commit_graph graph;
        commit_graph_init(&graph, done, question->budget);
        rc = search(question, level, &graph, answer);
        commit_graph_fini(&graph);
    }
    shared_committed_release(&own);
    if (rc != 0)
        decider_gives_up(rc, answer);
    return 0;
}

const struct level_decider decider_weak = {
    .name = "awdit",
    .doc = "weak isolation by a cycle in the order of commits; near linear (AWDIT, PLDI 2025)",
    .levels = UINT32_C(1) << LEVEL_MONOTONIC_ATOMIC_VIEW | UINT32_C(1) << LEVEL_READ_ATOMIC |
              UINT32_C(1) << LEVEL_CAUSAL,
    .decide = decide,
};
