#include "nemesis/packet_rules.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The chain of the probe has a name of its own: naming FAULTLINE would empty it, and it may be
 * another run's. The addresses are of the blocks kept for documentation (RFC 5737, RFC 3849). */
#define PROBE(address)                                                                             \
    "*filter\n:FAULTLINE-PROBE - [0:0]\n-A FAULTLINE-PROBE -s " address " -j DROP\n"               \
    "-F FAULTLINE-PROBE\n-X FAULTLINE-PROBE\nCOMMIT\n"

const char packet_rules_probe[PACKET_FAMILIES][160] = {
    [PACKET_IPV4] = PROBE("192.0.2.1"),
    [PACKET_IPV6] = PROBE("2001:db8::1"),
};

/* Naming the chain with ':' empties it, without which it could not be removed. */
const char packet_rules_heal[] = "*filter\n:FAULTLINE - [0:0]\n-D INPUT -j FAULTLINE\n"
                                 "-X FAULTLINE\nCOMMIT\n";

/* The sbin folders are not in every user's PATH. */
const char packet_rules_undo_script[] =
    "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n"
    "for t; do\n"
    "  while \"$t\" -w -D INPUT -j FAULTLINE 2>/dev/null; do :; done\n"
    "  \"$t\" -w -F FAULTLINE 2>/dev/null\n"
    "  \"$t\" -w -X FAULTLINE 2>/dev/null\n"
    "  rules=$(\"$t-save\" -t filter) || exit 1\n"
    "  case $rules in *':FAULTLINE '*) echo \"$t: FAULTLINE is still there\" >&2; exit 1;; esac\n"
    "done\n";

static bool parse_address(const char *text, size_t length, struct node_address *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    unsigned char bytes[sizeof(struct in6_addr)];
    int domain = strchr(copy, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(domain, copy, bytes) != 1)
        return false;
    out->family = domain == AF_INET6 ? PACKET_IPV6 : PACKET_IPV4;
    /* Back to text in the one canonical form, so that equal addresses are equal texts. */
    return inet_ntop(domain, bytes, out->text, sizeof out->text) != NULL;
}

static bool contains(const struct node_addresses *addresses, const struct node_address *address)
{
    for (uint32_t i = 0; i < addresses->count; i++)
        if (strcmp(addresses->items[i].text, address->text) == 0)
            return true;
    return false;
}

bool node_addresses_add(struct node_addresses *addresses, const char *text, size_t length)
{
    struct node_address address;
    if (!parse_address(text, length, &address))
        return false;
    if (contains(addresses, &address))
        return true;
    if (addresses->count == NODE_ADDRESSES_MAX)
        addresses->overflow = true;
    else
        addresses->items[addresses->count++] = address;
    return true;
}

/* "2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\ ..." */
static void parse_line(struct node_addresses *addresses, const char *line, size_t length)
{
    const char *inet = memmem(line, length, " inet", 5);
    if (!inet)
        return;
    const char *end = line + length;
    const char *at = inet + 5;
    if (at < end && *at == '6')
        at++;
    while (at < end && *at == ' ')
        at++;
    size_t size = 0;
    while (at + size < end && at[size] != '/' && at[size] != ' ')
        size++;
    node_addresses_add(addresses, at, size);
}

void node_addresses_parse(struct node_addresses *addresses, const char *output)
{
    for (const char *line = output; *line;) {
        size_t length = strcspn(line, "\n");
        parse_line(addresses, line, length);
        line += length + (line[length] == '\n');
    }
}

/* Must not look at what was removed already: the third of three holders would keep it. */
static void mark_shared(const struct node_addresses *nodes, uint32_t count, uint32_t node,
                        bool *shared)
{
    for (uint32_t i = 1; i < nodes[node].count; i++)
        for (uint32_t other = 0; other < count && !shared[i]; other++)
            shared[i] = other != node && contains(&nodes[other], &nodes[node].items[i]);
}

static void remove_marked(struct node_addresses *addresses, const bool *marked)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < addresses->count; i++)
        if (!marked[i])
            addresses->items[kept++] = addresses->items[i];
    addresses->count = kept;
}

void node_addresses_remove_shared(struct node_addresses *nodes, uint32_t count)
{
    bool shared[CLUSTER_NODES_MAX][NODE_ADDRESSES_MAX] = {{false}};
    for (uint32_t i = 0; i < count; i++)
        mark_shared(nodes, count, i, shared[i]);
    for (uint32_t i = 0; i < count; i++)
        remove_marked(&nodes[i], shared[i]);
}

bool node_addresses_has(const struct node_addresses *addresses, enum packet_family family)
{
    for (uint32_t i = 0; i < addresses->count; i++)
        if (addresses->items[i].family == family)
            return true;
    return false;
}

uint32_t packet_rules_drop(struct strbuf *buf, enum packet_family family,
                           const struct node_addresses *nodes, node_set peers)
{
    uint32_t rules = 0;
    strbuf_puts(buf, "*filter\n:FAULTLINE - [0:0]\n-I INPUT 1 -j FAULTLINE\n");
    for (uint32_t node = 0; node < CLUSTER_NODES_MAX; node++) {
        if (!(peers & node_bit(node)))
            continue;
        for (uint32_t i = 0; i < nodes[node].count; i++) {
            if (nodes[node].items[i].family != family)
                continue;
            strbuf_printf(buf, "-A FAULTLINE -s %s -j DROP\n", nodes[node].items[i].text);
            rules++;
        }
    }
    strbuf_puts(buf, "COMMIT\n");
    return rules;
}

bool packet_rules_present(const char *saved)
{
    return strncmp(saved, ":FAULTLINE ", 11) == 0 || strstr(saved, "\n:FAULTLINE ") != NULL;
}

uint64_t packet_rules_dropped(const char *saved)
{
    static const char rule[] = "] -A FAULTLINE ";
    uint64_t packets = 0;
    for (const char *at = saved; (at = strstr(at, rule)) != NULL; at += sizeof rule - 1) {
        const char *open = at;
        while (open > saved && *open != '[')
            open--;
        packets += strtoull(open + 1, NULL, 10);
    }
    return packets;
}
