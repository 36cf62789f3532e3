/* Where enough is known of the orders of versions that a level's condition on the known
 * dependencies is exact (isolation/level_rule.h), it holds if they are free of its anomalies. */
#include "checker/budget.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/cycle_search.h"
#include "isolation/decider_ready.h"
#include "isolation/known_updates.h"
#include "isolation/level_rule.h"

/* Whether none of these is there, for certain. */
static bool lacks(const struct anomalies *anomalies, anomaly_set forbidden)
{
    return !(forbidden & anomalies->found) && !(forbidden & ~anomalies->settled);
}

static anomaly_set cycles_of(enum level level)
{
    return anomalies_of_level(level) & ~((UINT32_C(1) << ANOMALY_G0) - 1);
}

static void accept(struct level_answer *answer, const char *algorithm)
{
    answer->verdict = VERDICT_VALID;
    answer->algorithm = algorithm;
}

/* --- prefix consistency --- */

static const struct cycle_pattern rw_after_read = {
    .first = 1u << DEPENDENCY_WW | 1u << DEPENDENCY_WR | 1u << DEPENDENCY_SESSION,
    .steps = DEPENDENCIES_ALL & ~(1u << DEPENDENCY_REALTIME),
    .last = DEPENDENCIES_ALL & ~(1u << DEPENDENCY_REALTIME),
    .rw_after = 1u << DEPENDENCY_WR | 1u << DEPENDENCY_SESSION,
    .rw_max = PATTERN_RW_ANY,
};

static int tell_cycle(const struct level_question *question, const struct cycle_search *search,
                      struct level_answer *answer, struct errbuf *err)
{
    size_t size = search->step_count * sizeof *search->steps;
    struct step *steps = arena_copy(question->arena, search->steps, size);
    if (!steps)
        return errbuf_set(err, ERR_NOMEM, "no memory for the evidence");
    for (uint32_t i = 0; i < search->step_count; i++)
        if (steps[i].kind <= STEP_RW)
            steps[i].key = dependency_key(question->graph, (enum dependency)steps[i].kind,
                                          steps[i].from, steps[i].to);
    answer->verdict = VERDICT_INVALID;
    answer->algorithm = "a cycle of known dependencies";
    answer->evidence = (struct evidence){.kind = EVIDENCE_CYCLE,
                                         .anomaly = ANOMALY_COUNT,
                                         .steps = steps,
                                         .step_count = search->step_count};
    return 0;
}

/* The shortest cycle that any transaction is on, if there is one. */
static int search_part(const struct level_question *question, const struct cyclic_part *part,
                       const uint32_t *together, struct level_answer *answer, struct errbuf *err)
{
    struct cycle_search search;
    uint32_t best = part->vertex_count + 1;
    int rc = cycle_search_init(&search, part, &rw_after_read, together, question->budget);
    for (uint32_t start = 0; start < part->txn_count && rc == 0 && best > 2 && !search.is_given_up;
         start++) {
        rc = cycle_search_from(&search, start, best - 1);
        rc = rc == 0 && search.is_time_over ? ERR_TIMEOUT : rc;
        if (rc != 0 || search.step_count == 0)
            continue;
        best = search.step_count;
        if (tell_cycle(question, &search, answer, err) != 0) {
            cycle_search_fini(&search);
            return ERR_NOMEM;
        }
    }
    if (search.is_given_up)
        answer->why = "the search for a cycle was given up, as it took too long";
    cycle_search_fini(&search);
    if (rc != 0 && answer->verdict != VERDICT_INVALID)
        decider_gives_up(rc, answer);
    return 0;
}

static int search_rw_after_read(const struct level_question *question,
                                const struct cyclic_part *part, struct level_answer *answer,
                                struct errbuf *err)
{
    const struct step_graph graph = cyclic_part_steps(part);
    const struct walk_rule rule = {rw_after_read.steps, rw_after_read.rw_after};
    struct components found;
    int rc = components_find(&graph, &rule, NULL, question->budget, &found);
    uint32_t cyclic = found.count;
    components_fini(&found);
    if (rc == 0 && cyclic == 0) {
        if (question->graph->is_complete)
            accept(answer, "no cycle of known dependencies, and all are known");
        return 0;
    }
    size_t size = part->vertex_count * sizeof(uint32_t);
    uint32_t *together = rc == 0 ? budget_zalloc(question->budget, size) : NULL;
    if (together)
        rc = search_part(question, part, together, answer, err);
    else
        decider_gives_up(rc ? rc : ERR_NOMEM, answer);
    budget_free(question->budget, together, size);
    return together ? rc : 0;
}

static int decide_rw_after_read(const struct level_question *question, struct level_answer *answer,
                                struct errbuf *err)
{
    struct cyclic_part part;
    int rc = cyclic_part_build(question->graph, rw_after_read.steps, question->budget, &part);
    if (rc != 0)
        decider_gives_up(rc, answer);
    else
        cyclic_part_see_lists(&part);
    if (rc == 0)
        rc = search_rw_after_read(question, &part, answer, err);
    cyclic_part_fini(&part);
    return answer->verdict == VERDICT_UNKNOWN ? 0 : rc;
}

/* --- cursor stability --- */

static int decide_rw_of_key(const struct level_question *question, struct level_answer *answer,
                            struct errbuf *err)
{
    struct step steps[2];
    enum known_updates known;
    int rc = known_updates_look(question->all, question->budget, &known, steps);
    if (rc != 0)
        decider_gives_up(rc, answer);
    else if (known == UPDATES_IN_ORDER)
        accept(answer, "no update is lost, key by key");
    if (rc != 0 || known != UPDATE_LOST)
        return 0;
    answer->evidence = (struct evidence){.kind = EVIDENCE_CYCLE,
                                         .anomaly = ANOMALY_COUNT,
                                         .steps = arena_copy(question->arena, steps, sizeof steps),
                                         .step_count = 2};
    if (!answer->evidence.steps)
        return errbuf_set(err, ERR_NOMEM, "no memory for the evidence");
    answer->verdict = VERDICT_INVALID;
    answer->algorithm = "an update of a key that was lost";
    return 0;
}

/* --- all --- */

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    const struct level_rule *rule = level_rule(level);
    const struct dependencies *graph = question->graph;
    bool is_placed = graph->is_complete || !graph->has_unplaced_read;
    answer->verdict = VERDICT_UNKNOWN;
    answer->why = "not all orders of versions are known";
    if (question->all->rewritten_by[1] != TXN_NONE) {
        answer->why = "a value was written twice to one key";
        return 0;
    }
    if (!lacks(question->anomalies, anomalies_of_level(level))) {
        answer->why = "anomalies were found, or not looked for to the end";
        return 0;
    }
    bool is_told = rule->condition == CONDITION_NO_READER ||
                   (rule->condition == CONDITION_SOME_RW && graph->is_complete);
    if (is_told)
        accept(answer, "none of its anomalies, and enough orders are known");
    else if (is_placed && lacks(question->anomalies, cycles_of(rule->enough)))
        accept(answer, "no cycle of known dependencies");
    else if (rule->condition == CONDITION_RW_OF_KEY)
        return decide_rw_of_key(question, answer, err);
    else if (rule->condition == CONDITION_RW_AFTER_READ)
        return decide_rw_after_read(question, answer, err);
    return 0;
}

#define BIT(level) (UINT32_C(1) << (LEVEL_##level))

const struct level_decider decider_known_orders = {
    .name = "known-orders",
    .doc = "the known dependencies are enough to tell: components and shortest cycles, linear if "
           "there is none (Elle, VLDB 2020; Pearce, IPL 2016)",
    .levels = BIT(READ_UNCOMMITTED) | BIT(READ_COMMITTED) | BIT(CURSOR_STABILITY) |
              BIT(CONSISTENT_VIEW) | BIT(REPEATABLE_READ) | BIT(SNAPSHOT_ISOLATION) |
              BIT(SERIALIZABLE) | BIT(SESSION_READ_UNCOMMITTED) | BIT(SESSION_READ_COMMITTED) |
              BIT(SESSION_SNAPSHOT_ISOLATION) | BIT(SESSION_SERIALIZABLE) |
              BIT(STRONG_READ_UNCOMMITTED) | BIT(STRONG_READ_COMMITTED) |
              BIT(STRONG_SNAPSHOT_ISOLATION) | BIT(STRICT_SERIALIZABLE) | BIT(PREFIX) |
              BIT(PARALLEL_SNAPSHOT_ISOLATION),
    .walks_graph = BIT(PREFIX),
    .decide = decide,
};
