/* Which key a dependency is about: the graph does not keep it, as it is asked for a few only. The
 * versions that one transaction left or found and those of the other are sorted: those of a key are
 * numbered in a row, in their order as far as it is known. */
#include "dependencies/dependencies.h"

#include "checker/budget.h"
#include "dependencies/version_inference.h"

#include <stdlib.h>

/* The versions that one side of a dependency accessed in the way that matters, ascending. */
struct side {
    uint32_t *versions;
    uint32_t count;
    size_t bytes;
};

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What a transaction read of its own, or of one that did not commit, tells nothing. */
static bool tells(const struct transactions *all, uint32_t txn, const struct micro *micro)
{
    if (micro->f != MICRO_READ)
        return true;
    uint32_t writer = all->versions[micro->version].txn;
    bool is_initial = micro->version == all->keys[micro->key].first_version;
    return is_initial || (writer != TXN_NONE && writer != txn && txn_is_committed(all, writer));
}

/* of_others: what own elements stand behind counts as read. False without memory. */
static bool take_side(const struct dependencies *graph, uint32_t txn, bool reads, bool is_from,
                      bool of_others, struct side *out)
{
    const struct transactions *all = graph->all;
    uint32_t first = all->txns[txn].micros, end = all->txns[txn + 1].micros;
    *out = (struct side){.bytes = (end - first) * sizeof *out->versions};
    out->versions = budget_alloc(graph->budget, out->bytes);
    for (uint32_t i = first; i < end && out->versions; i++) {
        const struct micro *micro = &all->micros[i];
        if ((micro->f == MICRO_READ) == reads && micro->version != VERSION_UNREAD &&
            (!is_from || tells(all, txn, micro)))
            out->versions[out->count++] =
                of_others ? micro_version_of_others(all, txn, micro) : micro->version;
    }
    if (out->count > 0)
        qsort(out->versions, out->count, sizeof *out->versions, compare);
    return out->versions != NULL;
}

/* How many of its versions are below this one. */
static uint32_t count_below(const struct side *side, uint32_t version)
{
    uint32_t low = 0, high = side->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (side->versions[middle] < version)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has(const struct side *side, uint32_t version)
{
    uint32_t at = count_below(side, version);
    return at < side->count && side->versions[at] == version;
}

/* One version of both. */
static uint32_t find_same(const struct side *from, const struct side *to)
{
    for (uint32_t i = 0; i < from->count; i++)
        if (has(to, from->versions[i]))
            return from->versions[i];
    return VERSION_UNREAD;
}

/* One version of the first behind which, for certain, the other installed one of its own. */
static uint32_t find_earlier(const struct dependencies *graph, const struct side *from,
                             const struct side *to)
{
    const struct transactions *all = graph->all;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t version = from->versions[i];
        const struct txn_key *key = &all->keys[version_key(all, version)];
        uint32_t below = count_below(to, key[1].first_version);
        bool is_ordered = version - key->first_version < key->ordered;
        if (is_ordered && below > 0 && to->versions[below - 1] > version)
            return version;
    }
    const struct version_graph *pairs = graph->versions;
    for (uint32_t i = 0; pairs && i < pairs->count; i++)
        if (has(from, pairs->pairs[i].before) && has(to, pairs->pairs[i].after))
            return pairs->pairs[i].before;
    return VERSION_UNREAD;
}

/* VERSION_UNREAD: there is none, or no memory. */
static uint32_t find_version(const struct dependencies *graph, enum dependency kind, uint32_t from,
                             uint32_t to, bool of_others)
{
    struct side one, other = {0};
    uint32_t version = VERSION_UNREAD;
    if (take_side(graph, from, kind == DEPENDENCY_RW, true, false, &one) &&
        take_side(graph, to, kind == DEPENDENCY_WR, false, of_others, &other))
        version =
            kind == DEPENDENCY_WR ? find_same(&one, &other) : find_earlier(graph, &one, &other);
    budget_free(graph->budget, one.versions, one.versions ? one.bytes : 0);
    budget_free(graph->budget, other.versions, other.versions ? other.bytes : 0);
    return version;
}

uint32_t dependency_key(const struct dependencies *graph, enum dependency kind, uint32_t from,
                        uint32_t to)
{
    uint32_t version = find_version(graph, kind, from, to, false);
    if (version == VERSION_UNREAD && kind == DEPENDENCY_WR)
        version = find_version(graph, kind, from, to, true);
    return version == VERSION_UNREAD ? UINT32_MAX : version_key(graph->all, version);
}
