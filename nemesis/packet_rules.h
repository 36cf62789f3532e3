/* The text side of cutting links with iptables: what a node's tables are told, and what they
 * answer.
 *
 * Everything of ours is in one chain, FAULTLINE, of table filter, to which INPUT jumps first. Rules
 * are given to iptables-restore --noflush, which commits all of them or none, and leaves alone what
 * the text does not name.
 *
 * Pure functions. */
#ifndef NEMESIS_PACKET_RULES_H
#define NEMESIS_PACKET_RULES_H

#include "core/strbuf.h"
#include "injector/cluster.h"

#include <netinet/in.h>

enum packet_family { PACKET_IPV4, PACKET_IPV6, PACKET_FAMILIES };

enum { NODE_ADDRESSES_MAX = 32 };

/* The addresses from which a node's packets may come. */
struct node_addresses {
    uint32_t count;
    bool overflow; /* there were more than fit */
    struct node_address {
        enum packet_family family;
        char text[INET6_ADDRSTRLEN];
    } items[NODE_ADDRESSES_MAX];
};

/* Adds one, unless it is there already. False if the text is not a numeric address. */
bool node_addresses_add(struct node_addresses *addresses, const char *text, size_t length);

/* Adds those in the output of `ip -o addr show scope global`; skips what it does not understand. */
void node_addresses_parse(struct node_addresses *addresses, const char *output);

/* Removes addresses that more than one of the nodes has (each host's own docker0 and the like):
 * whose packets they mean depends on who looks. The first address of each node stays. */
void node_addresses_remove_shared(struct node_addresses *nodes, uint32_t count);

bool node_addresses_has(const struct node_addresses *addresses, enum packet_family family);

/* Appends the restore text that makes the chain with a DROP for every address of that family of
 * every node in `peers`, and jumps to it first. Returns how many addresses that were. */
uint32_t packet_rules_drop(struct strbuf *buf, enum packet_family family,
                           const struct node_addresses *nodes, node_set peers);

/* Restore texts. PROBE makes a chain with a rule and removes it; HEAL removes jump and chain, and
 * fails if they are not there. */
extern const char packet_rules_probe[PACKET_FAMILIES][160];
extern const char packet_rules_heal[];

/* A shell script that removes whatever is left of jump and chain and checks that nothing is; its
 * arguments are programs of the iptables family. Undoing nothing is a success. */
extern const char packet_rules_undo_script[];

/* In the output of `iptables-save -c -t filter`: is our chain there, and how many packets did its
 * rules drop? */
bool packet_rules_present(const char *saved);
uint64_t packet_rules_dropped(const char *saved);

#endif
