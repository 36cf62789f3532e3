/* Which key a dependency is about: the graph does not keep it, as it is asked for a few only. */
#include "dependencies/dependencies.h"

#include "dependencies/version_inference.h"

static bool is_pair(const struct dependencies *graph, uint32_t before, uint32_t after)
{
    const struct version_graph *versions = graph->versions;
    for (uint32_t i = 0; versions && i < versions->count; i++)
        if (versions->pairs[i].before == before && versions->pairs[i].after == after)
            return true;
    return false;
}

/* Whether one version of a key was certainly installed later than the other. */
static bool is_later(const struct dependencies *graph, uint32_t key, uint32_t before,
                     uint32_t after)
{
    const struct txn_key *own = &graph->all->keys[key];
    bool is_ordered = before - own->first_version < own->ordered;
    return is_ordered ? before < after : is_pair(graph, before, after);
}

static bool is_over(const struct dependencies *graph, enum dependency kind,
                    const struct micro *from, const struct micro *to)
{
    bool reads = from->f == MICRO_READ;
    if (from->key != to->key || from->version == VERSION_UNREAD || to->version == VERSION_UNREAD)
        return false;
    if (kind == DEPENDENCY_WR)
        return !reads && to->f == MICRO_READ && from->version == to->version;
    return reads == (kind == DEPENDENCY_RW) && to->f != MICRO_READ &&
           is_later(graph, from->key, from->version, to->version);
}

/* What a transaction read of its own, or of one that did not commit, tells nothing. */
static bool counts(const struct transactions *all, uint32_t txn, const struct micro *micro)
{
    if (micro->f != MICRO_READ || micro->version == VERSION_UNREAD)
        return true;
    uint32_t writer = all->versions[micro->version].txn;
    bool is_initial = micro->version == all->keys[micro->key].first_version;
    return is_initial || (writer != TXN_NONE && writer != txn && txn_is_committed(all, writer));
}

uint32_t dependency_key(const struct dependencies *graph, enum dependency kind, uint32_t from,
                        uint32_t to)
{
    const struct transactions *all = graph->all;
    for (uint32_t i = all->txns[from].micros; i < all->txns[from + 1].micros; i++)
        for (uint32_t k = all->txns[to].micros; k < all->txns[to + 1].micros; k++)
            if (is_over(graph, kind, &all->micros[i], &all->micros[k]) &&
                counts(all, from, &all->micros[i]))
                return all->micros[i].key;
    return UINT32_MAX;
}
