#include "nemesis/grudge.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static node_set all_nodes(uint32_t count)
{
    return count == 64 ? ~(node_set)0 : node_bit(count) - 1;
}

void grudge_init(struct grudge *grudge, uint32_t count)
{
    assert(count <= CLUSTER_NODES_MAX);
    *grudge = (struct grudge){.count = count};
}

void grudge_groups(struct grudge *grudge, uint32_t count, const node_set *groups,
                   size_t group_count)
{
    grudge_init(grudge, count);
    node_set grouped = 0;
    for (size_t g = 0; g < group_count; g++)
        grouped |= groups[g];
    grouped &= all_nodes(count);
    for (uint32_t i = 0; i < count; i++) {
        if (!(grouped & node_bit(i)))
            continue;
        node_set friends = 0;
        for (size_t g = 0; g < group_count; g++)
            if (groups[g] & node_bit(i))
                friends |= groups[g];
        grudge->drops[i] = grouped & ~friends;
    }
}

void grudge_one(struct grudge *grudge, uint32_t count, uint32_t loner)
{
    grudge_isolate(grudge, count, node_bit(loner));
}

/* The first floor(n/2) of the order (Jepsen's bisect: smaller half first). */
static node_set first_half(uint32_t count, const uint32_t *order)
{
    node_set half = 0;
    for (uint32_t i = 0; i < count / 2; i++)
        half |= node_bit(order[i]);
    return half;
}

void grudge_halves(struct grudge *grudge, uint32_t count, const uint32_t *order)
{
    node_set half = first_half(count, order);
    node_set groups[] = {half, all_nodes(count) & ~half};
    grudge_groups(grudge, count, groups, 2);
}

void grudge_bridge(struct grudge *grudge, uint32_t count, const uint32_t *order)
{
    assert(count >= 3);
    node_set half = first_half(count, order);
    node_set bridge = node_bit(order[count / 2]);
    node_set groups[] = {half, all_nodes(count) & ~half & ~bridge};
    grudge_groups(grudge, count, groups, 2);
}

void grudge_isolate(struct grudge *grudge, uint32_t count, node_set loners)
{
    grudge_init(grudge, count);
    node_set all = all_nodes(count);
    for (uint32_t i = 0; i < count; i++) {
        bool alone = (loners & node_bit(i)) != 0;
        grudge->drops[i] = alone ? all & ~node_bit(i) : loners & all;
    }
}

void grudge_one_way(struct grudge *grudge, uint32_t count, node_set deaf)
{
    grudge_init(grudge, count);
    node_set all = all_nodes(count);
    for (uint32_t i = 0; i < count; i++)
        if (deaf & node_bit(i))
            grudge->drops[i] = all & ~deaf;
}

/* majorities-ring-perfect: a window of a majority goes round a random circle, and belongs to the
 * node in its middle. */
static void ring_perfect(node_set *hears, uint32_t count, struct random *random)
{
    uint32_t order[CLUSTER_NODES_MAX];
    random_shuffle(random, order, count);
    uint32_t majority = count / 2 + 1;
    for (uint32_t i = 0; i < count; i++) {
        node_set window = 0;
        for (uint32_t j = 0; j < majority; j++)
            window |= node_bit(order[(i + j) % count]);
        hears[order[(i + majority / 2) % count]] = window;
    }
}

/* Of the candidates one with the fewest links, the first in the order among equals. */
static uint32_t least_linked(const node_set *hears, node_set candidates, const uint32_t *order,
                             uint32_t count)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = order[i];
        if (!(candidates & node_bit(node)))
            continue;
        if (best == UINT32_MAX || node_set_count(hears[node]) < node_set_count(hears[best]))
            best = node;
    }
    assert(best != UINT32_MAX);
    return best;
}

/* majorities-ring-stochastic: joins the least connected node with the least connected one that it
 * does not hear yet, until all hear a majority. Each step adds a link, so it ends. */
static void ring_stochastic(node_set *hears, uint32_t count, struct random *random)
{
    for (uint32_t i = 0; i < count; i++)
        hears[i] = node_bit(i);
    for (;;) {
        uint32_t order[CLUSTER_NODES_MAX];
        random_shuffle(random, order, count);
        uint32_t a = least_linked(hears, all_nodes(count), order, count);
        if (node_set_count(hears[a]) >= count / 2 + 1)
            return;
        uint32_t b = least_linked(hears, all_nodes(count) & ~hears[a], order, count);
        hears[a] |= node_bit(b);
        hears[b] |= node_bit(a);
    }
}

static bool all_distinct(const node_set *hears, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++)
            if (hears[i] == hears[j])
                return false;
    return true;
}

void grudge_ring(struct grudge *grudge, uint32_t count, struct random *random)
{
    assert(count >= 3);
    node_set hears[CLUSTER_NODES_MAX];
    if (count == 4 || count == 5) {
        ring_perfect(hears, count, random);
    } else {
        /* The algorithm does not promise that no two hear the same; where they do (one draw in
         * eight of seven nodes, fewer of other counts) it is drawn again. */
        do
            ring_stochastic(hears, count, random);
        while (!all_distinct(hears, count));
    }
    grudge_init(grudge, count);
    for (uint32_t i = 0; i < count; i++)
        grudge->drops[i] = all_nodes(count) & ~hears[i];
}

node_set grudge_droppers(const struct grudge *grudge)
{
    node_set set = 0;
    for (uint32_t i = 0; i < grudge->count; i++)
        if (grudge->drops[i])
            set |= node_bit(i);
    return set;
}

node_set grudge_hears(const struct grudge *grudge, uint32_t node)
{
    return all_nodes(grudge->count) & ~grudge->drops[node];
}

uint32_t grudge_links(const struct grudge *grudge)
{
    uint32_t links = 0;
    for (uint32_t i = 0; i < grudge->count; i++)
        links += node_set_count(grudge->drops[i]);
    return links;
}

/* Appends as much as fits. */
static void add(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *out, size_t size, const char *format, ...)
{
    size_t length = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + length, size - length, format, args);
    va_end(args);
}

static void add_nodes(char *out, size_t size, const struct cluster *cluster, node_set set)
{
    size_t length = strlen(out);
    node_set_text(cluster, set, out + length, size - length);
}

static bool is_symmetric(const struct grudge *grudge)
{
    for (uint32_t i = 0; i < grudge->count; i++)
        for (uint32_t j = 0; j < grudge->count; j++)
            if (!(grudge->drops[i] & node_bit(j)) != !(grudge->drops[j] & node_bit(i)))
                return false;
    return true;
}

/* Finds the groups into which those who drop something fall; 0 if they do not fall into groups. */
static uint32_t find_groups(const struct grudge *grudge, node_set *groups)
{
    node_set droppers = grudge_droppers(grudge);
    uint32_t count = 0;
    node_set placed = 0;
    for (uint32_t i = 0; i < grudge->count; i++) {
        if (!(droppers & node_bit(i)))
            continue;
        node_set group = grudge_hears(grudge, i) & droppers;
        for (uint32_t j = 0; j < grudge->count; j++)
            if (group & node_bit(j) && (grudge_hears(grudge, j) & droppers) != group)
                return 0;
        if (!(placed & node_bit(i)))
            groups[count++] = group;
        placed |= group;
    }
    return count;
}

/* Smallest first; among equals the one with the first node. */
static void sort_groups(node_set *groups, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        node_set group = groups[i];
        uint32_t j = i;
        for (; j > 0 && node_set_count(groups[j - 1]) > node_set_count(group); j--)
            groups[j] = groups[j - 1];
        groups[j] = group;
    }
}

static bool text_groups(const struct grudge *grudge, const struct cluster *cluster, char *out,
                        size_t size)
{
    node_set groups[CLUSTER_NODES_MAX];
    uint32_t count = is_symmetric(grudge) ? find_groups(grudge, groups) : 0;
    if (count == 0)
        return false;
    sort_groups(groups, count);
    for (uint32_t i = 0; i < count; i++) {
        add(out, size, "%s", i ? " | " : "");
        add_nodes(out, size, cluster, groups[i]);
    }
    node_set bridge = all_nodes(grudge->count) & ~grudge_droppers(grudge);
    if (bridge) {
        add(out, size, "; ");
        add_nodes(out, size, cluster, bridge);
        add(out, size, "%s", node_set_count(bridge) == 1 ? " hears all" : " hear all");
    }
    return true;
}

static bool text_one_way(const struct grudge *grudge, const struct cluster *cluster, char *out,
                         size_t size)
{
    node_set deaf = grudge_droppers(grudge);
    node_set heard = all_nodes(grudge->count) & ~deaf;
    for (uint32_t i = 0; i < grudge->count; i++)
        if (deaf & node_bit(i) && grudge->drops[i] != heard)
            return false;
    add_nodes(out, size, cluster, deaf);
    add(out, size, "%s",
        node_set_count(deaf) == 1 ? " hears nothing from " : " hear nothing from ");
    add_nodes(out, size, cluster, heard);
    return true;
}

void grudge_text(const struct grudge *grudge, const struct cluster *cluster, char *out, size_t size)
{
    assert(size > 0);
    out[0] = '\0';
    if (grudge_links(grudge) == 0) {
        add(out, size, "everybody hears everybody");
        return;
    }
    if (text_groups(grudge, cluster, out, size) || text_one_way(grudge, cluster, out, size))
        return;
    for (uint32_t i = 0; i < grudge->count; i++) {
        add(out, size, "%s%s hears ", i ? "; " : "", cluster->nodes[i].name);
        add_nodes(out, size, cluster, grudge_hears(grudge, i));
    }
}
