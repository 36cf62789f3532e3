/* The network of nodes that are namespaces of this host: one namespace with a bridge, where the
 * controller's clients are, and one for each node, with eth0.
 *
 * Addresses are the same in every run, since nothing of it is seen outside: node i has
 * 10.77.0.(10+i) and fd77::(10+i), the controller 10.77.0.254 and fd77::254. Nodes reach each
 * other and the controller, and nothing else. */
#ifndef INJECTOR_NODE_NETWORK_H
#define INJECTOR_NODE_NETWORK_H

#include "injector/cluster.h"
#include "injector/netns.h"

#include <stdint.h>

struct errbuf;

struct node_network {
    struct netns bridge;
    struct netns nodes[CLUSTER_NODES_MAX]; /* by node */
    uint32_t count;
};

/* Sets it up for the nodes of the cluster and writes their addresses. On error nothing is left.
 * Blocks for some 10 ms. Errors: ERR_UNSUPPORTED no program ip, or the host forbids it or has no
 * bridges; ERR_IO. */
int node_network_open(struct node_network *network, struct cluster *cluster, struct errbuf *err);

/* Gives up the descriptors; what still runs in a namespace keeps that alive. */
void node_network_close(struct node_network *network);

/* Does the kernel make namespaces, bridges and veth pairs? Leaves nothing. Errors as above. */
int node_network_probe(struct errbuf *err);

#endif
