/* Grudges: for each node the peers whose packets it drops.
 *
 * A grudge is directed: that n1 drops what n2 sends says nothing about what n2 does with the
 * packets of n1. (A one-way cut still breaks TCP in both directions after a while: the
 * acknowledgements are lost. What differs is who hears the other's last words.)
 *
 * The kinds are those of Jepsen (jepsen/src/jepsen/nemesis.clj: complete-grudge, bisect, split-one,
 * bridge, majorities-ring; nemesis/combined.clj: primaries), and one-way cuts.
 *
 * Pure functions; all randomness comes from the caller's stream. Every function overwrites the
 * grudge. O(n^2), the ring O(n^3), for at most CLUSTER_NODES_MAX nodes. */
#ifndef NEMESIS_GRUDGE_H
#define NEMESIS_GRUDGE_H

#include "core/random.h"
#include "injector/cluster.h"

struct grudge {
    uint32_t count;                    /* nodes */
    node_set drops[CLUSTER_NODES_MAX]; /* drops[i]: the peers whose packets node i drops */
};

/* Nobody drops anything. */
void grudge_init(struct grudge *grudge, uint32_t count);

/* Two nodes hear each other if they share a group, or one of them is in no group: disjoint groups
 * make a complete partition, a node in two groups or in none is a bridge. */
void grudge_groups(struct grudge *grudge, uint32_t count, const node_set *groups,
                   size_t group_count);

/* One node on its own, and the others. */
void grudge_one(struct grudge *grudge, uint32_t count, uint32_t loner);

/* The first floor(n/2) nodes of the order, and the others: a minority and a majority, or two equal
 * halves. */
void grudge_halves(struct grudge *grudge, uint32_t count, const uint32_t *order);

/* Halves, and the first node of the larger one hears and is heard by everybody. count >= 3. */
void grudge_bridge(struct grudge *grudge, uint32_t count, const uint32_t *order);

/* Every node hears a majority (itself counted), and no two hear the same one; who hears also is
 * heard. count >= 3.
 *
 * Four and five nodes form a ring, of which each hears exactly a majority. For other counts that
 * need not exist (seven nodes of degree three: 21 ends make no whole number of links), and Jepsen's
 * stochastic algorithm joins the least connected nodes until each hears a majority; some hear one
 * node more. For three nodes Jepsen takes the ring as well, whose links are all one-way: no TCP
 * connection would survive. Here three nodes form a chain. */
void grudge_ring(struct grudge *grudge, uint32_t count, struct random *random);

/* Each node of the set on its own, and the others together. */
void grudge_isolate(struct grudge *grudge, uint32_t count, node_set loners);

/* The deaf hear nothing from the others; the others hear the deaf. */
void grudge_one_way(struct grudge *grudge, uint32_t count, node_set deaf);

/* Nodes that drop something. */
node_set grudge_droppers(const struct grudge *grudge);
/* The nodes that node i hears, itself included. */
node_set grudge_hears(const struct grudge *grudge, uint32_t node);
/* How many directed links are cut. */
uint32_t grudge_links(const struct grudge *grudge);

/* In words, from the grudge alone, cut if it does not fit (128 bytes do for five nodes):
 *   "n1 n4 | n2 n3 n5"                    groups that do not hear each other, smallest first
 *   "n1 n2 | n4 n5; n3 hears all"         with a bridge
 *   "n1 n4 hear nothing from n2 n3 n5"    one-way
 *   "n1 hears n1 n2 n5; n2 hears ..."     anything else */
void grudge_text(const struct grudge *grudge, const struct cluster *cluster, char *out,
                 size_t size);

#endif
