/* Read atomic: visible are whom a transaction read from and those before it in its session
 * (Møldrup & Pavlogiannis, PLDI 2025, algorithm 2). For histories in which every transaction reads
 * a key the same way each time. O(n sqrt n), as rule_monotonic_atomic_view; linear without
 * transactions that read much. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/commit_graph.h"
#include "transactions/key_writers.h"

struct read_atomic {
    struct commit_graph *graph;
    struct key_writers writers;
    struct commit_sources sources;
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
    if (done->txns[place + 1].reads - done->txns[place].reads < 2 ||
        !commit_graph_asks_of(graph, place))
        return 0;
    int rc = commit_sources_find(&run->sources, graph, place);
    if (rc != 0)
        return rc;
    const uint64_t *words = run->sources.words;
    uint32_t found = run->sources.count;
    bool has_initial = found > 0 && words[found - 1] >> 32 == PLACE_NONE;
    bool from_first = graph->is_gathering || has_initial;
    for (uint32_t i = from_first ? 0 : 1; i + has_initial < found && found > 1 && rc == 0; i++)
        rc = conclude_from(graph, place, (uint32_t)(words[i] >> 32));
    return rc;
}

static int conclude_from_session(struct read_atomic *run, uint32_t place)
{
    struct commit_graph *graph = run->graph;
    const struct committed *done = graph->done;
    int rc = 0;
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads && rc == 0; i++) {
        uint32_t writer = done->reads[i].writer, after = commit_graph_after(graph, i);
        if (!commit_graph_asks(graph, i) || after == PLACE_NONE)
            continue;
        uint32_t own = key_writers_of_session(&run->writers, done->reads[i].key,
                                              done->txns[place].session, after, &rc);
        if (rc == 0 && own != PLACE_NONE && own != writer)
            rc = commit_graph_order(graph, own, i);
    }
    return rc;
}

int rule_read_atomic(struct commit_graph *graph)
{
    struct read_atomic run = {.graph = graph};
    const struct committed *done = graph->done;
    struct budget *budget = graph->budget;
    int rc = key_writers_init(&run.writers, done, budget);
    for (uint32_t place = 0; place < done->count && rc == 0; place++) {
        if (graph->early_read != PLACE_NONE)
            break;
        rc = budget_time_over(budget) ? ERR_TIMEOUT : conclude_from_sources(&run, place);
        if (rc == 0)
            rc = conclude_from_session(&run, place);
        key_writers_pass(&run.writers, place);
    }
    commit_sources_fini(&run.sources, budget);
    key_writers_fini(&run.writers);
    return rc;
}
