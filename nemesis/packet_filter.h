/* Cuts links between nodes with iptables, and heals them: one iptables-restore per node and family,
 * all nodes at once. See nemesis/packet_rules.h for what the rules are.
 *
 * Programs: per node the first of iptables-legacy and iptables that can commit a rule there (a
 * table of legacy is healed in 2 ms where nft takes 10 and more). IPv6 likewise, if any node has an
 * IPv6 address; if a node could not filter IPv6 that it does not need to be reached, that is noted,
 * not an error.
 *
 * The undo is journaled per node before its first rule. One cut at a time. Not thread-safe; calls
 * block for as long as the nodes take, at most about 10 s for each command. */
#ifndef NEMESIS_PACKET_FILTER_H
#define NEMESIS_PACKET_FILTER_H

#include "injector/fault.h"
#include "nemesis/grudge.h"

struct packet_filter;

/* Finds the nodes' addresses and programs. env is borrowed. Errors: ERR_UNSUPPORTED the remote's
 * nodes have no network of their own, a node has no numeric address or no usable iptables, or rules
 * of an earlier run are still there; each with the remedy. */
int packet_filter_open(const struct fault_env *env, struct packet_filter **out, struct errbuf *err);
/* Does not heal. NULL is allowed. */
void packet_filter_close(struct packet_filter *filter);

/* What is not filtered, and why; "" if everything is. */
const char *packet_filter_note(const struct packet_filter *filter);

/* Each node drops what its grudge says. On failure all that was done is undone, as far as the nodes
 * answer. An earlier cut that is not healed yet is healed first. Errors: those of remote.h,
 * ERR_COMMAND. */
int packet_filter_drop(struct packet_filter *filter, const struct grudge *grudge,
                       struct errbuf *err);

/* Adds up the packets that each node's rules dropped since the cut. Nodes that do not answer count
 * 0. packets[i] is of node i; returns the sum. */
uint64_t packet_filter_dropped(struct packet_filter *filter, uint64_t packets[CLUSTER_NODES_MAX]);

/* Removes our rules from every node that has some, and looks that they are gone. Nodes that failed
 * stay on the list for the next call. */
int packet_filter_heal(struct packet_filter *filter, struct errbuf *err);

/* The nodes that have (or may have) rules of ours. */
node_set packet_filter_active(const struct packet_filter *filter);

#endif
