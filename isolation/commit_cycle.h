/* Finds a short cycle in what a commit graph has gathered: in its smallest component that has any
 * (dependencies/components.h), breadth first from some of its places. Linear if there is no cycle.
 */
#ifndef ISOLATION_COMMIT_CYCLE_H
#define ISOLATION_COMMIT_CYCLE_H

#include "isolation/commit_graph.h"

int commit_cycle_find(struct commit_graph *graph, struct commit_cycle *cycle);

#endif
