/* Cuts the network: every kind of grudge in nemesis/grudge.h, made with iptables.
 *
 * Proof: the packets that our rules dropped. A cut across which nobody wanted to talk proves
 * nothing. */
#include "nemesis/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "nemesis/grudge.h"
#include "nemesis/packet_filter.h"
#include "nemesis/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum kind {
    KIND_ONE,
    KIND_HALVES,
    KIND_RANDOM_HALVES,
    KIND_MAJORITIES_RING,
    KIND_BRIDGE,
    KIND_PRIMARIES,
    KIND_ONE_WAY,
    KIND_EXPLICIT,
    KIND_COUNT,
};

static const char *const kind_names[] = {
    [KIND_ONE] = "one",
    [KIND_HALVES] = "halves",
    [KIND_RANDOM_HALVES] = "random-halves",
    [KIND_MAJORITIES_RING] = "majorities-ring",
    [KIND_BRIDGE] = "bridge",
    [KIND_PRIMARIES] = "primaries",
    [KIND_ONE_WAY] = "one-way",
    [KIND_EXPLICIT] = "explicit",
    NULL,
};

static const struct option options[] = {
    {.name = "grudge",
     .type = OPTION_CHOICES,
     .standard = "[one, random-halves, majorities-ring, bridge, primaries]",
     .choices = kind_names,
     .doc = "who is cut off from whom; one of the list is drawn each time, and a name listed "
            "twice is drawn twice as often; explicit takes `groups`"},
    {.name = "groups",
     .type = OPTION_NODE_GROUPS,
     .doc = "for explicit, and then the default: groups of nodes that do not hear each other; a "
            "node in two groups or in none hears all of them"},
    {.name = NULL},
};

/* Smaller clusters have no such grudge. */
static uint32_t kind_nodes_min(size_t kind)
{
    return kind == KIND_MAJORITIES_RING || kind == KIND_BRIDGE ? 3 : 2;
}

/* --- which kinds --- */

/* Groups without a list of grudges mean explicit. */
static bool means_explicit(const struct option_values *values)
{
    return option_is_given(values, "groups") && !option_is_given(values, "grudge");
}

/* The n-th of the listed kinds that a cluster of this size allows; KIND_COUNT if there are fewer.
 */
static size_t nth_possible(const struct option_values *values, uint32_t nodes, uint64_t n)
{
    size_t count;
    const size_t *listed = option_choices(values, "grudge", &count);
    for (size_t i = 0; i < count; i++)
        if (nodes >= kind_nodes_min(listed[i]) && n-- == 0)
            return listed[i];
    return KIND_COUNT;
}

static void partition_choose(struct fault_instance *instance, struct random *random)
{
    uint32_t nodes = instance->env->cluster->count;
    uint64_t possible = 0;
    while (nth_possible(instance->options, nodes, possible) != KIND_COUNT)
        possible++;
    instance->chosen.kind = KIND_EXPLICIT;
    if (!means_explicit(instance->options))
        instance->chosen.kind =
            nth_possible(instance->options, nodes, random_below(random, possible));
    random_shuffle(random, instance->chosen.order, nodes);
    instance->chosen.rest = *random;
}

/* --- explicit groups --- */

static int parse_group(const struct cluster *cluster, const struct option_group *group,
                       node_set *out, struct errbuf *err)
{
    *out = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct node *node = cluster_find(cluster, group->names[i]);
        if (!node) {
            char names[256];
            node_set_text(cluster, cluster_all(cluster), names, sizeof names);
            return errbuf_set(err, ERR_INPUT, "groups: there is no node '%s'; there are %s",
                              group->names[i], names);
        }
        *out |= node_bit(node->index);
    }
    return 0;
}

static int explicit_grudge(const struct cluster *cluster, const struct option_values *values,
                           struct grudge *out, struct errbuf *err)
{
    enum { GROUPS_MAX = 64 };
    size_t count;
    const struct option_group *listed = option_node_groups(values, "groups", &count);
    if (count > GROUPS_MAX)
        return errbuf_set(err, ERR_INPUT, "groups: more than %d", GROUPS_MAX);
    node_set groups[GROUPS_MAX];
    for (size_t i = 0; i < count; i++) {
        int rc = parse_group(cluster, &listed[i], &groups[i], err);
        if (rc != 0)
            return rc;
    }
    grudge_groups(out, cluster->count, groups, count);
    if (grudge_links(out) == 0)
        return errbuf_set(err, ERR_INPUT,
                          "groups: nobody is cut off from anybody; give at least two groups, such "
                          "as [[n1, n2], [n3]]");
    return 0;
}

/* --- probing --- */

static int partition_check(const struct option_values *values, uint32_t node_count,
                           struct errbuf *err)
{
    if (node_count < 2)
        return errbuf_set(err, ERR_INPUT, "a cluster of one node has no links to cut");
    if (!option_is_given(values, "grudge"))
        return 0; /* what the default lists and this cluster cannot do is left out */
    bool explicit_listed = targets_lists(values, "grudge", KIND_EXPLICIT);
    if (explicit_listed != option_is_given(values, "groups"))
        return errbuf_set(err, ERR_INPUT,
                          explicit_listed ? "grudge: explicit needs `groups`"
                                          : "groups: are for grudge `explicit`; list it");
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (targets_lists(values, "grudge", kind) && node_count < kind_nodes_min(kind))
            return errbuf_set(err, ERR_INPUT, "grudge: %s needs at least %u nodes",
                              kind_names[kind], kind_nodes_min(kind));
    return 0;
}

static int check_options(const struct fault_env *env, const struct option_values *values,
                         struct errbuf *err)
{
    int rc = partition_check(values, env->cluster->count, err);
    /* What the default lists and this database cannot do is replaced. */
    if (rc == 0 && option_is_given(values, "grudge"))
        rc = targets_probe(env, values, "grudge", KIND_PRIMARIES, err);
    struct grudge grudge;
    if (rc == 0 && option_is_given(values, "groups"))
        rc = explicit_grudge(env->cluster, values, &grudge, err);
    return rc;
}

static int partition_open(const struct fault_env *env, const struct option_values *values,
                          void **kept, struct errbuf *err)
{
    int rc = check_options(env, values, err);
    struct packet_filter *filter = NULL;
    if (rc == 0)
        rc = packet_filter_open(env, &filter, err);
    if (rc == 0)
        *kept = filter;
    return rc;
}

static void partition_close(void *kept)
{
    packet_filter_close(kept);
}

static int partition_probe(const struct fault_env *env, const struct option_values *values,
                           struct errbuf *err)
{
    void *kept;
    int rc = partition_open(env, values, &kept, err);
    if (rc == 0)
        partition_close(kept);
    return rc;
}

/* --- acting --- */

static node_set half_of(const uint32_t *order, uint32_t from, uint32_t to)
{
    node_set set = 0;
    for (uint32_t i = from; i < to; i++)
        set |= node_bit(order[i]);
    return set;
}

static void first_half_grudge(struct grudge *out, uint32_t count)
{
    uint32_t order[CLUSTER_NODES_MAX];
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    grudge_halves(out, count, order);
}

static void primaries_grudge(const struct fault_instance *instance, struct grudge *out,
                             const char **label)
{
    uint32_t count = instance->env->cluster->count;
    node_set primaries;
    if (targets_primaries(instance->env, &primaries, NULL) != 0 || !primaries) {
        primaries = node_bit(instance->chosen.order[0]);
        *label = "one (no primary known)";
    }
    grudge_isolate(out, count, primaries);
}

static void one_way_grudge(struct fault_instance *instance, struct grudge *out)
{
    uint32_t count = instance->env->cluster->count;
    const uint32_t *order = instance->chosen.order;
    bool smaller = random_below(&instance->chosen.rest, 2) == 0;
    grudge_one_way(out, count,
                   smaller ? half_of(order, 0, count / 2) : half_of(order, count / 2, count));
}

static int make_grudge(struct fault_instance *instance, struct grudge *out, const char **label,
                       struct errbuf *err)
{
    uint32_t count = instance->env->cluster->count;
    const uint32_t *order = instance->chosen.order;
    *label = kind_names[instance->chosen.kind];
    switch ((enum kind)instance->chosen.kind) {
    case KIND_ONE:
        grudge_one(out, count, order[0]);
        return 0;
    case KIND_HALVES:
        first_half_grudge(out, count);
        return 0;
    case KIND_RANDOM_HALVES:
        grudge_halves(out, count, order);
        return 0;
    case KIND_MAJORITIES_RING:
        grudge_ring(out, count, &instance->chosen.rest);
        return 0;
    case KIND_BRIDGE:
        grudge_bridge(out, count, order);
        return 0;
    case KIND_PRIMARIES:
        primaries_grudge(instance, out, label);
        return 0;
    case KIND_ONE_WAY:
        one_way_grudge(instance, out);
        return 0;
    case KIND_EXPLICIT:
    case KIND_COUNT:
        break;
    }
    return explicit_grudge(instance->env->cluster, instance->options, out, err);
}

static int partition_inject(struct fault_instance *instance, struct errbuf *err)
{
    struct grudge grudge;
    const char *label;
    int rc = make_grudge(instance, &grudge, &label, err);
    if (rc != 0)
        return rc;
    instance->nodes = grudge_droppers(&grudge);
    char text[sizeof instance->description];
    grudge_text(&grudge, instance->env->cluster, text, sizeof text);
    snprintf(instance->description, sizeof instance->description, "%s: %.220s", label, text);
    return packet_filter_drop(instance->kept, &grudge, err);
}

/* 1204 as "1,204". */
static void count_text(uint64_t number, char out[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

static void partition_observe(struct fault_instance *instance)
{
    const struct cluster *cluster = instance->env->cluster;
    uint64_t packets[CLUSTER_NODES_MAX];
    uint64_t sum = packet_filter_dropped(instance->kept, packets);
    if (sum == 0) {
        /* What was seen earlier stays seen. */
        if (!instance->proven)
            snprintf(instance->evidence, sizeof instance->evidence, "no packet was dropped");
        return;
    }
    node_set where = 0;
    for (uint32_t i = 0; i < cluster->count; i++)
        if (packets[i])
            where |= node_bit(i);
    char number[32], names[192];
    count_text(sum, number);
    node_set_text(cluster, where, names, sizeof names);
    instance->proven = true;
    snprintf(instance->evidence, sizeof instance->evidence, "%s packet%s dropped on %s", number,
             sum == 1 ? "" : "s", names);
}

static int partition_heal(struct fault_instance *instance, struct errbuf *err)
{
    return packet_filter_heal(instance->kept, err);
}

const struct fault_type fault_partition = {
    .name = "partition",
    .doc = "cuts the network between nodes, with iptables",
    .options = options,
    .needs_network = true,
    .check = partition_check,
    .probe = partition_probe,
    .open = partition_open,
    .close = partition_close,
    .choose = partition_choose,
    .inject = partition_inject,
    .observe = partition_observe,
    .heal = partition_heal,
};
