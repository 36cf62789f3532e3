/* The strongly connected components of a graph of dependencies, or of the part of it that a rule
 * allows: who can reach one another, and so all that may be on a cycle.
 *
 * Pearce, "A Space-Efficient Algorithm for Finding Strongly Connected Components", Information
 * Processing Letters 2016, with the recursion unrolled. Linear; from the budget 4 bytes for each
 * vertex, 4 more for each that is on the way to be known, and 12 for each on the path searched. */
#ifndef DEPENDENCIES_COMPONENTS_H
#define DEPENDENCIES_COMPONENTS_H

#include "dependencies/dependencies.h"

struct step_graph {
    const uint32_t *first, *edges; /* as in struct dependencies */
    uint32_t vertex_count;
};

/* Which steps a walk may take. An RW step only after one of certain kinds (or none before it); then
 * where a walk may go on depends on how it came, and there are two nodes for each vertex: 2v for
 * where no RW may follow, 2v + 1 for where one may. */
struct walk_rule {
    dependency_set steps, rw_after;
};

static inline bool walk_splits(const struct walk_rule *rule)
{
    return (rule->steps & dependency_bit(DEPENDENCY_RW)) && rule->rw_after != DEPENDENCIES_ALL;
}

struct components {
    struct budget *budget;
    uint32_t node_count; /* vertices, or twice as many */
    /* Of each node the number of its component: no step leads to a lower number. */
    uint32_t *rank;
    uint32_t *members; /* of the components of two or more nodes, one after the other */
    uint32_t member_count, member_capacity;
    uint32_t *first; /* member of each of them; and of one more */
    uint32_t count, first_capacity;
};

/* Fills *out, to be freed with components_fini, also after an error. `only`: if not NULL, a byte
 * for each vertex: whether walks may go there. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int components_find(const struct step_graph *graph, const struct walk_rule *rule,
                    const uint8_t *only, struct budget *budget, struct components *out);
void components_fini(struct components *components);

#endif
