/* The part of a graph of dependencies that cycles are in: its strongly connected components of two
 * or more vertices, by themselves, with numbers of their own and with edges both ways. Empty for a
 * history without anomalies, so that one linear pass proves that. */
#ifndef DEPENDENCIES_CYCLIC_PART_H
#define DEPENDENCIES_CYCLIC_PART_H

#include "dependencies/components.h"

struct cyclic_part {
    const struct dependencies *graph;
    struct budget *budget;
    uint32_t vertex_count, edge_count;
    uint32_t txn_count; /* vertices below are transactions, the others points */
    uint32_t *vertices; /* numbers in the whole graph, ascending */
    /* Edges within a component, by where they begin, and by where they end (edge_to is then where
     * it begins). */
    uint32_t *first, *edges;
    uint32_t *first_in, *edges_in;
};

/* The part that cycles of these steps are in; other edges within a component are there, too. Fills
 * *out, to be freed with cyclic_part_fini, also after an error; read-only from then on. The graph
 * is borrowed. Linear; 12 bytes for a vertex of the part and 8 for an edge, and for the time being
 * what components_find takes. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int cyclic_part_build(const struct dependencies *graph, dependency_set steps, struct budget *budget,
                      struct cyclic_part *out);
/* Where a transaction read a list with own elements at its end: makes the WW from who appended the
 * last before those a WR, which it is too (transactions/level.h), for walks that tell the two
 * apart. Linear, but for the edges of those who appended. */
void cyclic_part_see_lists(struct cyclic_part *part);

void cyclic_part_fini(struct cyclic_part *part);

static inline struct step_graph cyclic_part_steps(const struct cyclic_part *part)
{
    return (struct step_graph){part->first, part->edges, part->vertex_count};
}

#endif
