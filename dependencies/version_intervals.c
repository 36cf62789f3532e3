#include "dependencies/version_intervals.h"

#include "checker/budget.h"

#include <stdlib.h>

bool version_graph_add(struct version_graph *graph, uint32_t before, uint32_t after)
{
    if (graph->count == graph->capacity) {
        uint32_t old = graph->capacity, more = old ? old + old / 2 : 64;
        struct version_pair *pairs =
            budget_resize(graph->budget, graph->pairs, old * sizeof *pairs, more * sizeof *pairs);
        if (!pairs)
            return false;
        graph->pairs = pairs;
        graph->capacity = more;
    }
    graph->pairs[graph->count++] = (struct version_pair){before, after};
    return true;
}

static int compare_left(const void *a, const void *b)
{
    const struct version_interval *one = a, *other = b;
    return one->left < other->left ? -1 : one->left > other->left;
}

static int compare_found(const void *a, const void *b)
{
    const struct version_interval *one = a, *other = b;
    return one->found < other->found ? -1 : one->found > other->found;
}

/* --- cycles: if there is any, two versions are one --- */

static bool is_forward(const struct version_interval *interval)
{
    return interval->left < interval->found;
}

/* Sorted by `left`: whether two forward ones overlap; they are put first. */
static bool forwards_overlap(struct version_interval *intervals, uint32_t count, uint32_t *forwards)
{
    *forwards = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct version_interval own = intervals[i];
        if (!is_forward(&own))
            continue;
        if (*forwards > 0 && own.left < intervals[*forwards - 1].found)
            return true;
        intervals[i] = intervals[*forwards];
        intervals[(*forwards)++] = own;
    }
    return false;
}

/* Whether a backward one lies inside a forward one. */
static bool is_inside(const struct version_interval *forwards, uint32_t count,
                      const struct version_interval *backward)
{
    uint32_t low = 0, high = count; /* the last that begins before it is below high */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (forwards[middle].left < backward->found)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && backward->left < forwards[low - 1].found;
}

static bool is_cyclic(struct version_interval *intervals, uint32_t count)
{
    const struct version_interval initial = intervals[0];
    uint32_t forwards;
    for (uint32_t i = 1; i < count; i++)
        if (intervals[i].left < initial.found)
            return true;
    intervals++;
    count--;
    qsort(intervals, count, sizeof *intervals, compare_left);
    if (forwards_overlap(intervals, count, &forwards))
        return true;
    for (uint32_t i = forwards; i < count; i++)
        if (is_inside(intervals, forwards, &intervals[i]))
            return true;
    return false;
}

/* --- pairs --- */

#define NOBODY UINT32_MAX

/* Of the versions from one on, by when they were found, the three that were left first. */
struct firsts {
    uint32_t at[3];
};

static void take_first(const struct version_interval *intervals, struct firsts *firsts,
                       uint32_t own)
{
    for (int i = 0; i < 3 && own != NOBODY; i++) {
        uint32_t other = firsts->at[i];
        if (other != NOBODY && intervals[other].left <= intervals[own].left)
            continue;
        firsts->at[i] = own;
        own = other;
    }
}

/* The first one found after a time. */
static uint32_t find_after(const struct version_interval *intervals, uint32_t count, int64_t time)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (intervals[middle].found > time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool add(struct version_graph *graph, const struct version_interval *intervals, uint32_t own,
                uint32_t after)
{
    return own == after ||
           version_graph_add(graph, intervals[own].version, intervals[after].version);
}

/* Those after a version that are not after one that is after it. */
static bool add_successors(const struct version_interval *intervals, uint32_t count,
                           const struct firsts *firsts, uint32_t own, struct version_graph *graph)
{
    uint32_t at = find_after(intervals, count, intervals[own].left), next[2] = {NOBODY, NOBODY};
    if (at == count)
        return true;
    for (int i = 0, k = 0; i < 3 && k < 2; i++)
        if (firsts[at].at[i] != own)
            next[k++] = firsts[at].at[i];
    if (next[0] == NOBODY)
        return true;
    const struct version_interval *first = &intervals[next[0]];
    for (; at < count && intervals[at].found <= first->left; at++)
        if (!add(graph, intervals, own, at))
            return false;
    /* It is not before itself. */
    bool is_left_out = first->found > first->left &&
                       (next[1] == NOBODY || first->found <= intervals[next[1]].left);
    return !is_left_out || add(graph, intervals, own, next[0]);
}

enum intervals_end version_intervals_order(struct version_interval *intervals, uint32_t count,
                                           struct version_graph *graph)
{
    if (count < 2)
        return INTERVALS_DONE;
    if (is_cyclic(intervals, count))
        return INTERVALS_CYCLIC;
    intervals++;
    count--;
    qsort(intervals, count, sizeof *intervals, compare_found);
    struct firsts *firsts = budget_alloc(graph->budget, count * sizeof *firsts);
    bool ok = firsts != NULL;
    for (uint32_t i = count; ok && i-- > 0;) {
        firsts[i] = i + 1 < count ? firsts[i + 1] : (struct firsts){{NOBODY, NOBODY, NOBODY}};
        take_first(intervals, &firsts[i], i);
    }
    for (uint32_t i = 0; ok && i < count; i++)
        if (intervals[i].left != INT64_MAX)
            ok = add_successors(intervals, count, firsts, i, graph);
    budget_free(graph->budget, firsts, count * sizeof *firsts);
    return ok ? INTERVALS_DONE : INTERVALS_NO_MEMORY;
}
