/* What the order in which transactions commit must agree with for a weak level to hold: sessions,
 * reads-from, the known orders of lists, and what the level concludes: that t2 commits before t1
 * when some t3 read a key from t1, and t2, which wrote the key too, must be visible to t3. The
 * level holds iff that has no cycle (Biswas & Enea, OOPSLA 2019; Møldrup & Pavlogiannis, "AWDIT",
 * PLDI 2025).
 *
 * Places (transactions/committed.h) agree with all but the conclusions. A conclusion that agrees
 * with them too is kept nowhere, so that a history whose places are a good order of commits, as
 * most are, is accepted without a graph. The others, in which t2 stands behind t1, come from
 * *stale* reads, of a version that is not the last of the places so far. They are marked as
 * *blocks*: each is a range of places, and every cycle lies in one of them. Then everything within
 * blocks is gathered, and searched for cycles.
 *
 * A level's conclusions are drawn by a function that is called at most twice: to mark, if there are
 * stale reads, and to gather. 4 bytes for each key and 16 for each place, and 20 for each edge
 * within a block; linear. */
#ifndef ISOLATION_COMMIT_GRAPH_H
#define ISOLATION_COMMIT_GRAPH_H

#include "transactions/committed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why an edge is there: a read of `to`'s if `from` wrote what it read, or, of another place, a
 * conclusion's; or one of these. */
#define COMMIT_SESSION UINT32_MAX
#define COMMIT_LIST    UINT32_C(0x80000000) /* with the key */

struct commit_edge {
    uint32_t from, to; /* places */
    uint32_t cause;    /* an index of committed->reads, or see above */
};

struct commit_graph {
    const struct committed *done;
    struct budget *budget;
    size_t clock_bytes; /* see session_clocks_init */
    bool is_gathering;
    uint8_t *stale;   /* marking, by read: a bit */
    uint8_t *doubted; /* the same: somebody visible to it stands behind whom it read from */
    bool has_blocks;
    int32_t *opened;  /* marking, by place: blocks that begin there, less those that end */
    uint32_t *blocks; /* gathering, by place: the first place of its block; PLACE_NONE */
    struct commit_edge *edges;
    size_t count, capacity;
    /* A read of a key's first version by somebody who must have seen a writer of the key: no order
     * of commits helps. PLACE_NONE if there is none. */
    uint32_t early_writer, early_read;
};

/* Draws a level's conclusions, from the reads that the graph asks for: commit_graph_order for each
 * of them. May stop when there is an early_read. Errors: ERR_NOMEM, ERR_TIMEOUT. */
typedef int commit_rule(struct commit_graph *graph);

commit_rule rule_monotonic_atomic_view, rule_read_atomic, rule_causal;

struct commit_cycle {
    struct commit_edge *edges; /* each begins where the one before ends; from the budget */
    size_t count;              /* 0: there is none */
};

/* Fills *cycle with one of the shortest cycles of the smallest component that has any, or none; or
 * the graph's early_read. Errors: as the rule's. Free the cycle with commit_cycle_fini. */
int commit_graph_search(struct commit_graph *graph, commit_rule *rule, struct commit_cycle *cycle);
void commit_cycle_fini(const struct commit_graph *graph, struct commit_cycle *cycle);

void commit_graph_init(struct commit_graph *graph, const struct committed *done,
                       struct budget *budget);
void commit_graph_fini(struct commit_graph *graph);

/* --- for rules --- */

int commit_graph_add(struct commit_graph *graph, uint32_t from, uint32_t to, uint32_t cause);

/* Whether a read may tell anything now: all do while gathering, and the stale ones while marking.
 */
static inline bool commit_graph_asks(const struct commit_graph *graph, uint32_t read)
{
    return graph->is_gathering || (graph->stale[read / 8] >> read % 8 & 1);
}

/* Whether one of a place's reads does. */
static inline bool commit_graph_asks_of(const struct commit_graph *graph, uint32_t place)
{
    const struct committed_txn *txn = &graph->done->txns[place];
    for (uint32_t i = txn->reads; i < txn[1].reads; i++)
        if (commit_graph_asks(graph, i))
            return true;
    return false;
}

/* Whether the order of lists tells anyway that a place comes before whom a read is from: both
 * appended to one. */
static inline bool commit_graph_lists_tell(const struct commit_graph *graph, uint32_t from,
                                           uint32_t read)
{
    const struct committed_read *own = &graph->done->reads[read];
    return graph->done->list_ends && from < own->writer &&
           graph->done->all->micros[own->micro].is_list;
}

/* From which place on somebody who is visible to a read and wrote its key tells anything: behind
 * whom it read from while marking, and in the block of that one while gathering. PLACE_NONE:
 * nowhere. */
static inline uint32_t commit_graph_after(const struct commit_graph *graph, uint32_t read)
{
    uint32_t writer = graph->done->reads[read].writer;
    if (graph->is_gathering)
        return writer == PLACE_NONE ? PLACE_NONE : graph->blocks[writer];
    return writer == PLACE_NONE ? 0 : writer + 1;
}

/* `from` commits before whom this read read from; if that is nobody, this cannot be. */
static inline int commit_graph_order(struct commit_graph *graph, uint32_t from, uint32_t read)
{
    uint32_t to = graph->done->reads[read].writer;
    if (to == PLACE_NONE) {
        graph->early_writer = from;
        graph->early_read = read;
    } else if (graph->is_gathering) {
        return graph->blocks[from] == graph->blocks[to] && graph->blocks[to] != PLACE_NONE &&
                       !commit_graph_lists_tell(graph, from, read)
                   ? commit_graph_add(graph, from, to, read)
                   : 0;
    } else if (from > to) {
        graph->has_blocks = true;
        graph->doubted[read / 8] |= (uint8_t)(1 << read % 8);
        graph->opened[to]++;
        graph->opened[from]--;
    }
    return 0;
}

/* The keys that some reads and a writer have in common, by galloping: O(fewer log more). */
struct common_keys {
    const struct committed *done;
    uint32_t read, read_end; /* `read` is the first of the key */
    uint32_t write, write_end;
};

struct common_keys common_keys_of(const struct committed *done, uint32_t reader, uint32_t writer);
bool common_keys_next(struct common_keys *keys); /* false: no more */

/* Past the reads of the key found. */
void common_keys_skip(struct common_keys *keys);

/* Those a place read from, each once, ascending, as words: the place, and the first micro-operation
 * that read from it. The first version's writer is the last of them. Of the elements of lists, but
 * for the last of each, only those of places that may tell anything (commit_graph_after). */
struct commit_sources {
    uint64_t *words;
    uint32_t count, capacity;
};

/* Fills it anew; all zero at first. Sorts; goes through the lists back to the first of those
 * places. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int commit_sources_find(struct commit_sources *sources, const struct commit_graph *graph,
                        uint32_t place);
void commit_sources_fini(struct commit_sources *sources, struct budget *budget);

#endif
