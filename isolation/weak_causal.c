/* Causal consistency with convergence: visible is everything that happened before, by sessions and
 * reads-from (Møldrup & Pavlogiannis, PLDI 2025, algorithm 3; CCv of Bouajjani et al., POPL 2017).
 * For histories in which every transaction reads a key the same way each time.
 *
 * O(n sessions), with session clocks; where transactions read what was written lately, near linear.
 * Of each session the last visible writer of the key is enough: those before it follow. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/commit_graph.h"
#include "transactions/key_writers.h"

struct causal {
    struct commit_graph *graph;
    struct session_clocks clocks;
    struct key_writers writers;
};

/* Marking: visible writers that stand behind whom the read read from; of a key's first version,
 * any. The last of them marks for all. Gathering: all that did not happen before whom it read from
 * anyway. */
static int conclude(struct causal *run, const int32_t *clock, uint32_t read)
{
    struct commit_graph *graph = run->graph;
    const struct committed_read *own = &graph->done->reads[read];
    struct visible_writers search = {.writers = &run->writers,
                                     .clocks = &run->clocks,
                                     .clock = clock,
                                     .key = own->key,
                                     .after = commit_graph_after(graph, read)};
    int rc = 0;
    if (!commit_graph_asks(graph, read) || search.after == PLACE_NONE)
        return 0;
    if (graph->is_gathering)
        search.known = session_clocks_of(&run->clocks, own->writer);
    visible_writers_begin(&search);
    for (uint32_t from; rc == 0 && (from = visible_writers_next(&search, &rc)) != PLACE_NONE;) {
        rc = commit_graph_order(graph, from, read);
        if (!graph->is_gathering && !search.is_by_session)
            break;
    }
    return rc;
}

static int pass(struct causal *run, uint32_t base)
{
    struct commit_graph *graph = run->graph;
    const struct committed *done = graph->done;
    int rc = 0;
    session_clocks_begin(&run->clocks, base);
    key_writers_begin(&run->writers);
    for (uint32_t place = 0; place < done->count && rc == 0; place++) {
        if (graph->early_read != PLACE_NONE)
            return 0;
        if (budget_time_over(graph->budget))
            return ERR_TIMEOUT;
        const int32_t *clock = session_clocks_enter(&run->clocks, place);
        for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads && rc == 0; i++)
            rc = conclude(run, clock, i);
        session_clocks_leave(&run->clocks, place);
        key_writers_pass(&run->writers, place);
    }
    return rc;
}

int rule_causal(struct commit_graph *graph)
{
    struct causal run = {.graph = graph};
    const struct committed *done = graph->done;
    int rc = session_clocks_init(&run.clocks, done, graph->clock_bytes, graph->budget);
    if (rc == 0)
        rc = key_writers_init(&run.writers, done, graph->budget);
    for (uint32_t base = 0; rc == 0 && base < done->all->session_count; base += run.clocks.width)
        rc = pass(&run, base);
    session_clocks_fini(&run.clocks);
    if (run.writers.done)
        key_writers_fini(&run.writers);
    return rc;
}
