/* The dependencies between transactions that the history itself tells (Adya, "Weak Consistency",
 * MIT 1999, section 4.4; for lists Kingsbury & Alvaro, "Elle", VLDB 2020, section 4.3), as one
 * directed graph.
 *
 * Vertices are the transactions, by number, then *points*: of time, and those of a version that
 * several transactions followed in no known order: everybody who appended unread, behind the end of
 * a list; everybody who wrote a register, behind its initial version. A path through points stands
 * for one dependency, whose kind its first edge has; the others are EDGE_GOES_ON. So there are
 * linearly many edges from every reader of the list's end to everybody who appended unread, or from
 * everybody who was over to everybody who then began. No path through points leads back to where it
 * began.
 *
 * Only committed transactions have edges. Versions whose order nobody can tell (unread appends
 * among one another, registers) have no WW between them: `is_complete` says whether there are any.
 * Known orders give WW and RW to the next version only, so that what follows later follows by a
 * path, and SESSION to the next transaction of the session only. A read of what its own
 * transaction wrote, or of what none that committed wrote, gives no edge. WR is from who appended
 * the last element of a list only, as Elle has it: from the others WW leads there.
 *
 * From the budget, read-only once built. 4 bytes for each edge and vertex: about 60 for a
 * transaction of four micro-operations. */
#ifndef DEPENDENCIES_DEPENDENCIES_H
#define DEPENDENCIES_DEPENDENCIES_H

#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct version_graph;

enum dependency {
    DEPENDENCY_WW,
    DEPENDENCY_WR,
    DEPENDENCY_RW,
    DEPENDENCY_SESSION,
    DEPENDENCY_REALTIME,
    DEPENDENCY_COUNT,
    EDGE_GOES_ON = DEPENDENCY_COUNT, /* out of a point */
};

typedef uint8_t dependency_set; /* bit = enum dependency */

static inline dependency_set dependency_bit(enum dependency kind)
{
    return (dependency_set)(1u << kind);
}

#define DEPENDENCIES_ALL ((1u << DEPENDENCY_COUNT) - 1)

/* An edge in its 32 bits: where to, and of which kind. */
enum { EDGE_KIND_BITS = 3, EDGE_VERTEX_MAX = (1 << 29) - 1 };

static inline uint32_t edge_make(uint32_t to, enum dependency kind)
{
    return to << EDGE_KIND_BITS | (uint32_t)kind;
}

static inline uint32_t edge_to(uint32_t edge)
{
    return edge >> EDGE_KIND_BITS;
}

static inline enum dependency edge_kind(uint32_t edge)
{
    return (enum dependency)(edge & ((1u << EDGE_KIND_BITS) - 1));
}

struct dependencies {
    const struct transactions *all;
    const struct version_graph *versions; /* as given; NULL for none */
    struct budget *budget;
    uint32_t vertex_count; /* at least all->txn_count */
    uint32_t time_point;   /* the first point of time; those of versions are before it */
    uint32_t *first;       /* of each vertex, in edges; and of one more */
    uint32_t *edges;
    uint32_t edge_count;
    dependency_set kinds;
    bool is_complete; /* every key's versions are in a known order */
    /* A version was read that has no known place among the others of its key. If there is none, the
     * versions in no known order may be taken to be in any that agrees with everything else: each
     * reader of an earlier version has an RW to all of them. */
    bool has_unplaced_read;
};

/* Fills *out with dependencies of these kinds, to be freed with dependencies_fini, also after an
 * error. `versions`: further pairs of transactions known to have installed their versions in this
 * order, from the inference of registers (dependencies/version_inference.h); NULL for none; it must
 * outlive the graph. Linear, but for sorting ends by time. Errors: ERR_NOMEM, ERR_TIMEOUT,
 * ERR_INPUT (too large). */
int dependencies_build(const struct transactions *all, const struct version_graph *versions,
                       dependency_set kinds, struct budget *budget, struct dependencies *out,
                       struct errbuf *err);

void dependencies_fini(struct dependencies *graph);

static inline bool vertex_is_txn(const struct dependencies *graph, uint32_t vertex)
{
    return vertex < graph->all->txn_count;
}

/* The key of a dependency WW, WR or RW of the graph between two transactions: one over which it is
 * so. UINT32_MAX if there is none, or no memory. O(n log n) in the micro-operations of both, and
 * in the pairs of versions. */
uint32_t dependency_key(const struct dependencies *graph, enum dependency kind, uint32_t from,
                        uint32_t to);

#endif
