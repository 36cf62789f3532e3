#include "nemesis/packet_filter.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"
#include "nemesis/packet_rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_TIMEOUT_NS (10 * NS_PER_S)

struct program {
    const char *name; /* iptables-legacy */
    const char *restore;
    const char *save;
};

/* In the order in which they are tried. */
static const struct program programs[PACKET_FAMILIES][2] = {
    [PACKET_IPV4] = {{"iptables-legacy", "iptables-legacy-restore", "iptables-legacy-save"},
                     {"iptables", "iptables-restore", "iptables-save"}},
    [PACKET_IPV6] = {{"ip6tables-legacy", "ip6tables-legacy-restore", "ip6tables-legacy-save"},
                     {"ip6tables", "ip6tables-restore", "ip6tables-save"}},
};

/* One node's part. Written by that node's thread of for_nodes only. */
struct node_filter {
    const struct program *programs[PACKET_FAMILIES]; /* NULL = not filtered */
    char reason[256];                                /* why IPv6 cannot be filtered here */
    uint64_t journal_id;
    bool active; /* rules of ours are there, or may be */
    uint64_t packets;
};

struct packet_filter {
    const struct fault_env *env;
    struct node_addresses addresses[CLUSTER_NODES_MAX];
    struct node_filter nodes[CLUSTER_NODES_MAX];
    const struct grudge *grudge; /* while a cut is made */
    char note[512];
};

/* --- commands --- */

static int run_ok(struct packet_filter *filter, const struct node *node, const char *const *argv,
                  const char *input, struct command_result *result, struct errbuf *err)
{
    struct command command = {.argv = argv,
                              .input = input,
                              .input_length = input ? strlen(input) : 0,
                              .timeout_ns = COMMAND_TIMEOUT_NS};
    return remote_run_ok(filter->env->remote, node, &command, result, err);
}

static int restore(struct packet_filter *filter, const struct node *node,
                   const struct program *program, const char *input, struct errbuf *err)
{
    const char *const argv[] = {program->restore, "-w", "--noflush", NULL};
    return run_ok(filter, node, argv, input, NULL, err);
}

/* Is our chain there, and how many packets did it drop? */
static int save(struct packet_filter *filter, const struct node *node,
                const struct program *program, bool *present, uint64_t *packets, struct errbuf *err)
{
    const char *const argv[] = {program->save, "-c", "-t", "filter", NULL};
    struct command_result result = {0};
    int rc = run_ok(filter, node, argv, NULL, &result, err);
    if (rc != 0)
        return rc;
    const char *text = result.out.text ? result.out.text : "";
    *present = packet_rules_present(text);
    *packets = packet_rules_dropped(text);
    command_result_fini(&result);
    return 0;
}

/* --- opening --- */

static int find_addresses(struct packet_filter *filter, const struct node *node, struct errbuf *err)
{
    struct node_addresses *addresses = &filter->addresses[node->index];
    if (!node_addresses_add(addresses, node->address, strlen(node->address)))
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "its address '%s' is not numeric, and rules need numbers; give the "
                          "node an IP address",
                          node->address);
    const char *const argv[] = {"ip", "-o", "addr", "show", "scope", "global", NULL};
    struct command_result result = {0};
    struct errbuf why = ERRBUF_INIT;
    if (run_ok(filter, node, argv, NULL, &result, &why) != 0) {
        log_info(LOG_NEMESIS,
                 "%s: only packets from %s are dropped; it may have more addresses: %s", node->name,
                 node->address, why.text);
        return 0;
    }
    node_addresses_parse(addresses, result.out.text ? result.out.text : "");
    command_result_fini(&result);
    if (addresses->overflow)
        return errbuf_set(err, ERR_UNSUPPORTED, "it has more than %d addresses",
                          NODE_ADDRESSES_MAX);
    return 0;
}

static int try_programs(struct packet_filter *filter, const struct node *node,
                        enum packet_family family, struct errbuf *err)
{
    struct errbuf why[2] = {ERRBUF_INIT, ERRBUF_INIT};
    for (size_t i = 0; i < 2; i++) {
        const struct program *program = &programs[family][i];
        if (restore(filter, node, program, packet_rules_probe[family], &why[i]) == 0) {
            filter->nodes[node->index].programs[family] = program;
            return 0;
        }
    }
    return errbuf_set(err, ERR_UNSUPPORTED,
                      "it cannot filter packets (%.300s; %.300s); install iptables there, and run "
                      "with the right to use it",
                      why[0].text, why[1].text);
}

static int refuse_leftovers(struct packet_filter *filter, const struct node *node,
                            enum packet_family family, struct errbuf *err)
{
    const struct program *program = filter->nodes[node->index].programs[family];
    bool present;
    uint64_t packets;
    int rc = save(filter, node, program, &present, &packets, err);
    if (rc == 0 && present)
        rc = errbuf_set(err, ERR_UNSUPPORTED,
                        "%s has a chain FAULTLINE already: another run is at work there, or one "
                        "ended without healing; see `faultline heal`",
                        program->name);
    return rc;
}

static int open_node(void *context, const struct node *node, struct errbuf *err)
{
    struct packet_filter *filter = context;
    struct node_filter *mine = &filter->nodes[node->index];
    int rc = find_addresses(filter, node, err);
    if (rc == 0)
        rc = try_programs(filter, node, PACKET_IPV4, err);
    if (rc == 0)
        rc = refuse_leftovers(filter, node, PACKET_IPV4, err);
    if (rc != 0)
        return rc;
    struct errbuf why = ERRBUF_INIT;
    if (try_programs(filter, node, PACKET_IPV6, &why) != 0) {
        snprintf(mine->reason, sizeof mine->reason, "%.255s", why.text);
        return 0;
    }
    return refuse_leftovers(filter, node, PACKET_IPV6, err);
}

/* Whether IPv6 is filtered, once all nodes were looked at. */
static int settle_ipv6(struct packet_filter *filter, struct errbuf *err)
{
    const struct cluster *cluster = filter->env->cluster;
    bool wanted = false;
    for (uint32_t i = 0; i < cluster->count; i++)
        wanted = wanted || node_addresses_has(&filter->addresses[i], PACKET_IPV6);
    if (!wanted)
        snprintf(filter->note, sizeof filter->note,
                 "IPv6 is not filtered: no node has a global IPv6 address");
    for (uint32_t i = 0; i < cluster->count; i++) {
        struct node_filter *mine = &filter->nodes[i];
        if (wanted && !mine->programs[PACKET_IPV6]) {
            if (strchr(cluster->nodes[i].address, ':'))
                return errbuf_set(err, ERR_UNSUPPORTED, "%s: %s", cluster->nodes[i].name,
                                  mine->reason);
            if (filter->note[0] == '\0')
                snprintf(filter->note, sizeof filter->note, "IPv6 is not filtered on %s: %s",
                         cluster->nodes[i].name, mine->reason);
        }
        if (!wanted)
            mine->programs[PACKET_IPV6] = NULL;
    }
    return 0;
}

static int check_cluster(const struct fault_env *env, struct errbuf *err)
{
    if (!env->remote->type->network_faults)
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "the nodes of remote '%s' have no network of their own; use netns",
                          env->remote->type->name);
    if (env->cluster->count < 2)
        return errbuf_set(err, ERR_UNSUPPORTED, "a cluster of one node has no links to cut");
    return 0;
}

int packet_filter_open(const struct fault_env *env, struct packet_filter **out, struct errbuf *err)
{
    int rc = check_cluster(env, err);
    if (rc != 0)
        return rc;
    struct packet_filter *filter = calloc(1, sizeof *filter);
    if (!filter)
        return errbuf_set(err, ERR_NOMEM, "no memory for the packet filter");
    filter->env = env;
    rc = for_nodes(env->cluster, cluster_all(env->cluster), open_node, filter, err);
    if (rc == 0) {
        node_addresses_remove_shared(filter->addresses, env->cluster->count);
        rc = settle_ipv6(filter, err);
    }
    if (rc != 0) {
        free(filter);
        return rc;
    }
    if (filter->note[0])
        log_info(LOG_NEMESIS, "%s", filter->note);
    *out = filter;
    return 0;
}

void packet_filter_close(struct packet_filter *filter)
{
    free(filter);
}

const char *packet_filter_note(const struct packet_filter *filter)
{
    return filter->note;
}

node_set packet_filter_active(const struct packet_filter *filter)
{
    node_set set = 0;
    for (uint32_t i = 0; i < filter->env->cluster->count; i++)
        if (filter->nodes[i].active)
            set |= node_bit(i);
    return set;
}

/* --- cutting --- */

static int journal_undo(struct packet_filter *filter, const struct node *node, struct errbuf *err)
{
    struct node_filter *mine = &filter->nodes[node->index];
    const char *argv[8] = {"sh", "-c", packet_rules_undo_script, "faultline"};
    size_t count = 4;
    for (int family = 0; family < PACKET_FAMILIES; family++)
        if (mine->programs[family])
            argv[count++] = mine->programs[family]->name;
    return journal_command(filter->env->journal, node->name, argv, NULL, &mine->journal_id, err);
}

static int drop_family(struct packet_filter *filter, const struct node *node,
                       enum packet_family family, struct errbuf *err)
{
    const struct program *program = filter->nodes[node->index].programs[family];
    if (!program)
        return 0;
    struct strbuf rules = STRBUF_INIT;
    packet_rules_drop(&rules, family, filter->addresses, filter->grudge->drops[node->index]);
    int rc = strbuf_ok(&rules) ? restore(filter, node, program, rules.text, err)
                               : errbuf_set(err, ERR_NOMEM, "no memory for the rules");
    strbuf_fini(&rules);
    return rc;
}

static int drop_node(void *context, const struct node *node, struct errbuf *err)
{
    struct packet_filter *filter = context;
    int rc = journal_undo(filter, node, err);
    if (rc != 0)
        return rc;
    filter->nodes[node->index].active = true;
    for (int family = 0; rc == 0 && family < PACKET_FAMILIES; family++)
        rc = drop_family(filter, node, (enum packet_family)family, err);
    return rc;
}

int packet_filter_drop(struct packet_filter *filter, const struct grudge *grudge,
                       struct errbuf *err)
{
    int rc = packet_filter_heal(filter, err);
    if (rc != 0) {
        errbuf_prefix(err, "an earlier cut is not healed");
        return rc;
    }
    filter->grudge = grudge;
    rc = for_nodes(filter->env->cluster, grudge_droppers(grudge), drop_node, filter, err);
    filter->grudge = NULL;
    struct errbuf undo = ERRBUF_INIT;
    if (rc != 0 && packet_filter_heal(filter, &undo) != 0)
        log_error(LOG_NEMESIS, "a cut that failed could not be undone either: %s", undo.text);
    return rc;
}

/* --- proof --- */

static int count_node(void *context, const struct node *node, struct errbuf *err)
{
    struct packet_filter *filter = context;
    struct node_filter *mine = &filter->nodes[node->index];
    int first = 0;
    for (int family = 0; family < PACKET_FAMILIES; family++) {
        if (!mine->programs[family])
            continue;
        bool present;
        uint64_t packets;
        int rc = save(filter, node, mine->programs[family], &present, &packets, err);
        if (rc == 0)
            mine->packets += packets;
        first = first ? first : rc;
    }
    return first;
}

uint64_t packet_filter_dropped(struct packet_filter *filter, uint64_t packets[CLUSTER_NODES_MAX])
{
    const struct cluster *cluster = filter->env->cluster;
    for (uint32_t i = 0; i < cluster->count; i++)
        filter->nodes[i].packets = 0;
    struct errbuf err = ERRBUF_INIT;
    if (for_nodes(cluster, packet_filter_active(filter), count_node, filter, &err) != 0)
        log_warn(LOG_NEMESIS, "counters of dropped packets: %s", err.text);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < cluster->count; i++) {
        packets[i] = filter->nodes[i].packets;
        sum += packets[i];
    }
    return sum;
}

/* --- healing --- */

/* What is left when somebody else meddled with our rules, or only some of them came to be. */
static int undo_piecemeal(struct packet_filter *filter, const struct node *node,
                          const struct program *program, struct errbuf *err)
{
    const char *const argv[] = {"sh",        "-c",          packet_rules_undo_script,
                                "faultline", program->name, NULL};
    return run_ok(filter, node, argv, NULL, NULL, err);
}

static int verify(struct packet_filter *filter, const struct node *node,
                  const struct program *program, struct errbuf *err)
{
    bool present = false;
    uint64_t packets;
    int rc = save(filter, node, program, &present, &packets, err);
    return rc == 0 && present ? undo_piecemeal(filter, node, program, err) : rc;
}

/* Both families are healed before anything is looked at: packets flow again that much sooner. */
static int heal_node(void *context, const struct node *node, struct errbuf *err)
{
    struct packet_filter *filter = context;
    struct node_filter *mine = &filter->nodes[node->index];
    bool healed[PACKET_FAMILIES] = {false};
    for (int family = 0; family < PACKET_FAMILIES; family++)
        if (mine->programs[family])
            healed[family] =
                restore(filter, node, mine->programs[family], packet_rules_heal, NULL) == 0;
    int first = 0;
    for (int family = 0; family < PACKET_FAMILIES; family++) {
        const struct program *program = mine->programs[family];
        if (!program)
            continue;
        struct errbuf *why = first ? NULL : err;
        int rc = healed[family] ? verify(filter, node, program, why)
                                : undo_piecemeal(filter, node, program, why);
        first = first ? first : rc;
    }
    if (first == 0) {
        mine->active = false;
        journal_done(filter->env->journal, mine->journal_id);
    }
    return first;
}

int packet_filter_heal(struct packet_filter *filter, struct errbuf *err)
{
    return for_nodes(filter->env->cluster, packet_filter_active(filter), heal_node, filter, err);
}
