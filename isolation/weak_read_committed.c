/* Monotonic atomic view, which AWDIT and Biswas & Enea call read committed: what a transaction read
 * from stays visible to the reads that it does later (Møldrup & Pavlogiannis, PLDI 2025,
 * algorithm 1). O(n sqrt n), as the fewer of what was read and what was written are gone through.
 */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/commit_graph.h"

struct later_reads {
    struct commit_graph *graph;
    uint32_t place, writer; /* who read, and from whom at first ... */
    uint32_t micro;         /* ... with this one */
};

/* The first of these reads, of one key, that is later than the first read from the writer. */
static uint32_t find_later(const struct later_reads *run, uint32_t at, uint32_t end)
{
    const struct committed_read *reads = run->graph->done->reads;
    while (at < end) {
        uint32_t middle = at + (end - at) / 2;
        if (reads[middle].micro <= run->micro)
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

/* The next read of the key from somebody else is enough: the others follow from it. */
static int conclude(const struct later_reads *run)
{
    const struct committed *done = run->graph->done;
    struct common_keys keys = common_keys_of(done, run->place, run->writer);
    for (int rc; common_keys_next(&keys);) {
        uint32_t first = keys.read;
        common_keys_skip(&keys);
        uint32_t read = find_later(run, first, keys.read);
        while (read < keys.read && done->reads[read].writer == run->writer)
            read++;
        rc = read < keys.read ? commit_graph_order(run->graph, run->writer, read) : 0;
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int conclude_of(struct commit_graph *graph, uint32_t place, struct commit_sources *sources)
{
    const struct committed *done = graph->done;
    uint32_t count = done->txns[place + 1].reads - done->txns[place].reads;
    if (count < 2 || !commit_graph_asks_of(graph, place))
        return 0;
    int rc = commit_sources_find(sources, graph, place);
    const uint64_t *words = sources->words;
    uint32_t found = rc == 0 ? sources->count : 0;
    for (uint32_t i = 0; i < found && found > 1 && rc == 0; i++) {
        struct later_reads run = {.graph = graph,
                                  .place = place,
                                  .writer = (uint32_t)(words[i] >> 32),
                                  .micro = (uint32_t)words[i]};
        /* Marking looks for what the order of places is against: not the first of those read from.
         */
        bool is_telling = run.writer != PLACE_NONE &&
                          (i > 0 || graph->is_gathering || words[found - 1] >> 32 == PLACE_NONE);
        if (is_telling)
            rc = conclude(&run);
    }
    return rc;
}

int rule_monotonic_atomic_view(struct commit_graph *graph)
{
    const struct committed *done = graph->done;
    struct commit_sources sources = {0};
    int rc = 0;
    for (uint32_t place = 0; place < done->count && rc == 0; place++) {
        if (graph->early_read != PLACE_NONE)
            break;
        rc = budget_time_over(graph->budget) ? ERR_TIMEOUT : conclude_of(graph, place, &sources);
    }
    commit_sources_fini(&sources, graph->budget);
    return rc;
}
