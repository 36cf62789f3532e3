/* Finds a short cycle among the edges that a commit graph has gathered: in its smallest strongly
 * connected component (dependencies/components.h), breadth first from one place after the other,
 * while all these searches together take no more than some passes over the edges. */
#ifndef ISOLATION_COMMIT_CYCLE_H
#define ISOLATION_COMMIT_CYCLE_H

#include "isolation/commit_graph.h"

/* Fills *cycle, all zero before, with the shortest cycle that was found; it stays empty if there is
 * none. To be freed with commit_cycle_fini, also after an error. Linear; 16 bytes for each place
 * and 8 for each edge from the graph's budget while it runs. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int commit_cycle_find(struct commit_graph *graph, struct commit_cycle *cycle);

#endif
