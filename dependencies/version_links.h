/* Private to dependencies_build: who installed each version, and who installed the next one.
 *
 * Where that is one transaction, it is the version's `next`. Where several followed in no known
 * order, they are the targets of a *hub*: whoever comes before all of them has one edge to the
 * hub's points in the graph (see dependencies.h), which lead to every target.
 *
 * A transaction may be a target of the hub that it comes before: it read the end of a list, and
 * then appended to the list what nobody read. It comes before all targets but itself. For that, the
 * hub is two chains of points: point i of the first leads to target i and to point i + 1, point i
 * of the second to target i and to point i - 1. Two edges, one into each chain beside its own
 * place, lead to all others. */
#ifndef DEPENDENCIES_VERSION_LINKS_H
#define DEPENDENCIES_VERSION_LINKS_H

#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct version_graph;

#define LINK_NONE UINT32_MAX
/* As the writer: it did not commit, or there was none. */
#define LINK_GONE (UINT32_MAX - 1)
/* As the next: other versions of the key are in no known order with this one. */
#define LINK_UNPLACED (UINT32_MAX - 2)

struct version_link {
    uint32_t writer; /* TXN_NONE of an initial version */
    uint32_t next;   /* a transaction, or behind their number a hub; or LINK_... */
};

struct hub {
    uint32_t first; /* target; the next hub's is where they end */
    uint32_t point; /* its first one, from 0 for the first hub's */
    bool is_chain;
};

struct version_links {
    const struct transactions *all;
    struct budget *budget;
    struct version_link *links; /* by version */
    struct hub *hubs;           /* and one more */
    uint32_t hub_count, hub_capacity;
    uint32_t *targets; /* of each hub in ascending order */
    uint32_t target_count, target_capacity;
    uint32_t point_count;
    bool is_complete, has_unplaced_pairs; /* some of those in no known order are in pairs */
};

/* Fills *out, to be freed with version_links_fini, also after an error. `versions`: as for
 * dependencies_build; NULL for none. From the budget, 8 bytes for each version and 4 for each
 * target; linear, but for sorting the pairs of versions, and for a binary search of the targets by
 * each access of a version that has a hub. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int version_links_build(const struct transactions *all, const struct version_graph *versions,
                        struct budget *budget, struct version_links *out, struct errbuf *err);
void version_links_fini(struct version_links *links);

static inline uint32_t hub_size(const struct version_links *links, uint32_t hub)
{
    return links->hubs[hub + 1].first - links->hubs[hub].first;
}

/* The place of a transaction among the targets of a hub; LINK_NONE if it is none. O(log targets).
 */
uint32_t hub_find(const struct version_links *links, uint32_t hub, uint32_t txn);

#endif
