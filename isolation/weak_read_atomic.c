/* Read atomic: visible are whom a transaction read from and those before it in its session
 * (Møldrup & Pavlogiannis, PLDI 2025, algorithm 2). For histories in which every transaction reads
 * a key the same way each time. O(n sqrt n), as rule_monotonic_atomic_view; linear without
 * transactions that read much. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/commit_graph.h"

#include <string.h>

struct last_own {
    uint32_t session; /* plus one */
    uint32_t place;
};

struct read_atomic {
    struct commit_graph *graph;
    uint64_t *sources;
    uint32_t source_capacity;
    struct last_own *last; /* who wrote a key last, in the session that is gone through */
    uint32_t *by_session;  /* places */
    uint32_t *first;       /* of each session there; of one more */
};

static int conclude_from(struct commit_graph *graph, uint32_t place, uint32_t writer)
{
    const struct committed *done = graph->done;
    struct common_keys keys = common_keys_of(done, place, writer);
    int rc = 0;
    while (rc == 0 && common_keys_next(&keys)) {
        if (done->reads[keys.read].writer != writer)
            rc = commit_graph_order(graph, writer, keys.read);
        common_keys_skip(&keys);
    }
    return rc;
}

static int conclude_from_sources(struct read_atomic *run, uint32_t place)
{
    struct commit_graph *graph = run->graph;
    const struct committed *done = graph->done;
    if (done->txns[place + 1].reads - done->txns[place].reads < 2)
        return 0;
    int64_t found = commit_sources(done, place, run->sources, graph->budget);
    if (found < 0)
        return (int)found;
    bool has_initial = found > 0 && run->sources[found - 1] >> 32 == PLACE_NONE;
    bool from_first = graph->is_gathering || has_initial;
    int rc = 0;
    for (int64_t i = from_first ? 0 : 1; i < found - has_initial && found > 1 && rc == 0; i++)
        rc = conclude_from(graph, place, (uint32_t)(run->sources[i] >> 32));
    return rc;
}

static int conclude_from_session(struct read_atomic *run, uint32_t place)
{
    const struct committed *done = run->graph->done;
    uint32_t session = done->txns[place].session + 1;
    int rc = 0;
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads && rc == 0; i++) {
        const struct last_own *own = &run->last[done->reads[i].key];
        if (own->session == session && own->place != done->reads[i].writer)
            rc = commit_graph_order(run->graph, own->place, i);
    }
    for (uint32_t i = done->txns[place].writes; i < done->txns[place + 1].writes; i++)
        run->last[done->writes[i]] = (struct last_own){session, place};
    return rc;
}

static int start(struct read_atomic *run)
{
    const struct committed *done = run->graph->done;
    struct budget *budget = run->graph->budget;
    uint32_t sessions = done->all->session_count;
    run->source_capacity = commit_reads_max(done);
    run->sources = budget_alloc(budget, run->source_capacity * sizeof *run->sources);
    run->last = budget_zalloc(budget, done->all->key_count * sizeof *run->last);
    run->by_session = budget_alloc(budget, done->count * sizeof *run->by_session);
    run->first = budget_zalloc(budget, ((size_t)sessions + 2) * sizeof *run->first);
    if (!run->sources || !run->last || !run->by_session || !run->first)
        return ERR_NOMEM;
    for (uint32_t place = 0; place < done->count; place++)
        run->first[done->txns[place].session + 2]++;
    for (uint32_t i = 2; i < sessions + 2; i++)
        run->first[i] += run->first[i - 1];
    for (uint32_t place = 0; place < done->count; place++)
        run->by_session[run->first[done->txns[place].session + 1]++] = place;
    return 0;
}

int rule_read_atomic(struct commit_graph *graph)
{
    struct read_atomic run = {.graph = graph};
    const struct committed *done = graph->done;
    struct budget *budget = graph->budget;
    int rc = start(&run);
    for (uint32_t i = 0; i < done->count && rc == 0 && graph->early_read == PLACE_NONE; i++) {
        rc =
            budget_time_over(budget) ? ERR_TIMEOUT : conclude_from_sources(&run, run.by_session[i]);
        if (rc == 0)
            rc = conclude_from_session(&run, run.by_session[i]);
    }
    budget_free(budget, run.sources, run.source_capacity * sizeof *run.sources);
    budget_free(budget, run.last, done->all->key_count * sizeof *run.last);
    budget_free(budget, run.by_session, done->count * sizeof *run.by_session);
    budget_free(budget, run.first, ((size_t)done->all->session_count + 2) * sizeof *run.first);
    return rc;
}
