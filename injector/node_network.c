#include "injector/node_network.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/remote.h"
#include "injector/subprocess.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ADDRESS = 10, CONTROLLER_ADDRESS = 254 };

/* Runs ip's commands, one a line, in a namespace; free of names, so that nothing needs quoting. */
static int ip_batch(const struct netns *where, const struct strbuf *lines, struct errbuf *err)
{
    static const char *const argv[] = {"ip", "-batch", "-", NULL};
    struct subprocess ip = {.argv = argv, .user_ns = -1, .net_ns = where->fd};
    struct command_result result;
    if (!strbuf_ok(lines))
        return errbuf_set(err, ERR_NOMEM, "no memory for the commands of ip");
    int rc = subprocess_run(&ip, lines->text, lines->length, 0, &result, err);
    if (rc != 0) {
        errbuf_prefix(err, "ip (Debian: package iproute2)");
        return rc;
    }
    const char *problem = result.err.length > 0 ? result.err.text : "";
    if (result.status != 0)
        rc = errbuf_set(err, ERR_UNSUPPORTED, "ip -batch: %.*s", (int)strcspn(problem, "\n"),
                        problem);
    command_result_fini(&result);
    return rc;
}

static void add_address(struct strbuf *lines, const char *device, unsigned address, bool ipv6)
{
    strbuf_printf(lines, "addr add 10.77.0.%u/24 dev %s\n", address, device);
    /* Without duplicate detection the address is there at once. */
    if (ipv6)
        strbuf_printf(lines, "addr add fd77::%u/64 dev %s nodad\n", address, device);
}

/* The bridge, and a pair of devices to each node, whose end is eth0 there. */
static int make_bridge(struct node_network *network, struct errbuf *err)
{
    struct strbuf lines = STRBUF_INIT;
    strbuf_puts(&lines, "link set lo up\nlink add br0 type bridge forward_delay 0 stp_state 0 "
                        "mcast_snooping 0\n");
    add_address(&lines, "br0", CONTROLLER_ADDRESS, network->bridge.has_ipv6);
    strbuf_puts(&lines, "link set br0 up\n");
    for (uint32_t i = 0; i < network->count; i++)
        strbuf_printf(&lines,
                      "link add v%u type veth peer name eth0 netns /proc/%d/fd/%d\n"
                      "link set v%u master br0 up\n",
                      i, (int)getpid(), network->nodes[i].fd, i);
    int rc = ip_batch(&network->bridge, &lines, err);
    strbuf_fini(&lines);
    return rc;
}

static int configure_node(void *context, const struct node *node, struct errbuf *err)
{
    const struct node_network *network = context;
    const struct netns *netns = &network->nodes[node->index];
    struct strbuf lines = STRBUF_INIT;
    strbuf_puts(&lines, "link set lo up\n");
    add_address(&lines, "eth0", FIRST_ADDRESS + node->index, netns->has_ipv6);
    strbuf_puts(&lines, "link set eth0 up\n");
    int rc = ip_batch(netns, &lines, err);
    strbuf_fini(&lines);
    return rc;
}

static int create_namespaces(struct node_network *network, uint32_t count, struct errbuf *err)
{
    struct netns all[CLUSTER_NODES_MAX + 1];
    int rc = netns_create(all, count + 1, err);
    if (rc != 0)
        return rc;
    network->count = count;
    network->bridge = all[count];
    memcpy(network->nodes, all, count * sizeof all[0]);
    return 0;
}

int node_network_open(struct node_network *network, struct cluster *cluster, struct errbuf *err)
{
    int rc = create_namespaces(network, cluster->count, err);
    if (rc != 0)
        return rc;
    rc = make_bridge(network, err);
    if (rc == 0)
        rc = for_nodes(cluster, cluster_all(cluster), configure_node, network, err);
    if (rc != 0) {
        node_network_close(network);
        return rc;
    }
    for (uint32_t i = 0; i < cluster->count; i++)
        snprintf(cluster->nodes[i].address, sizeof cluster->nodes[i].address, "10.77.0.%u",
                 FIRST_ADDRESS + i);
    return 0;
}

void node_network_close(struct node_network *network)
{
    for (uint32_t i = 0; i < network->count; i++)
        netns_close(&network->nodes[i]);
    netns_close(&network->bridge);
    network->count = 0;
}

int node_network_probe(struct errbuf *err)
{
    struct node_network network;
    int rc = create_namespaces(&network, 1, err);
    if (rc != 0)
        return rc;
    rc = make_bridge(&network, err);
    node_network_close(&network);
    return rc;
}
