/* The nodes under test. Made from the plan, addresses filled in by the remote; then read-only. */
#ifndef INJECTOR_CLUSTER_H
#define INJECTOR_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

enum { CLUSTER_NODES_MAX = 64, NODE_ADDRESS_SIZE = 64 };

struct node {
    const char *name;                /* "n1" */
    uint32_t index;                  /* from 0; node i is bit i of a node_set */
    char address[NODE_ADDRESS_SIZE]; /* where clients and peers reach it */
    const char *dir;                 /* absolute path on the node, ours alone, for data and logs */
};

struct cluster {
    struct node *nodes;
    uint32_t count;
    uint32_t failure_tolerance; /* f */
};

/* A set of nodes, bit i for node i. */
typedef uint64_t node_set;

static inline node_set node_bit(uint32_t index)
{
    return (node_set)1 << index;
}

static inline node_set cluster_all(const struct cluster *cluster)
{
    return cluster->count == 64 ? ~(node_set)0 : node_bit(cluster->count) - 1;
}

static inline uint32_t node_set_count(node_set set)
{
    return (uint32_t)__builtin_popcountll(set);
}

/* The smallest number of nodes that is more than half. */
static inline uint32_t cluster_majority(const struct cluster *cluster)
{
    return cluster->count / 2 + 1;
}

/* The node with this name, or NULL. */
const struct node *cluster_find(const struct cluster *cluster, const char *name);

/* Writes "n1 n3" into out, cut if it does not fit. */
void node_set_text(const struct cluster *cluster, node_set set, char *out, size_t size);

#endif
