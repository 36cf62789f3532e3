/* The order that linearizability of one register gives its versions. A version lived at least from
 * the first end of a transaction that left it to the last beginning of one that found it: of two
 * versions one came before the other if the one was left by somebody who was over before somebody
 * began who found the other. That is an interval order; with the pairs of versions that one
 * transaction found and left it is all that can be told (Gibbons & Korach, "Testing Shared
 * Memories", SIAM J. Computing 1997, for values that are written once). */
#ifndef DEPENDENCIES_VERSION_INTERVALS_H
#define DEPENDENCIES_VERSION_INTERVALS_H

#include "dependencies/version_inference.h"

struct version_interval {
    int64_t left;  /* the first end; INT64_MAX: nobody who left it is over */
    int64_t found; /* the last beginning; -1: nobody found it */
    uint32_t version;
};

enum intervals_end { INTERVALS_DONE, INTERVALS_CYCLIC, INTERVALS_NO_MEMORY };

/* Adds to the graph the pairs of versions between which there is no other; the initial version, the
 * first of the intervals, has none. CYCLIC: of some two versions each came before the other; some
 * pairs may have been added. The intervals are sorted. n log n, and a pair for each transaction
 * and others that ran at the same time. */
enum intervals_end version_intervals_order(struct version_interval *intervals, uint32_t count,
                                           struct version_graph *graph);

/* Amortised O(1). False without memory. */
bool version_graph_add(struct version_graph *graph, uint32_t before, uint32_t after);

#endif
