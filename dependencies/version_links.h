/* Private to dependencies_build: who installed each version, and who followed it.
 *
 * Where one transaction followed, it is the version's `next`. Where several did in no known order,
 * they are the targets of a hub, whose points in the graph lead to all of them: to all but itself
 * for a transaction that is both behind and in front (who read the end of a list and then appended
 * to it, unread). Such a hub is two chains: point i of the first leads to target i and to point
 * i + 1, point i of the second to target i and to point i - 1; so that two edges lead to all but
 * one. */
#ifndef DEPENDENCIES_VERSION_LINKS_H
#define DEPENDENCIES_VERSION_LINKS_H

#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct version_graph;

#define LINK_NONE UINT32_MAX
#define LINK_GONE (UINT32_MAX - 1) /* as the writer: it did not commit, or there was none */
#define LINK_UNPLACED                                                                              \
    (UINT32_MAX - 2) /* as the next: there are others in no known order with it                    \
                      */

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

/* Fills *out, to be freed with version_links_fini, also after an error. Linear, but for searching
 * targets. Errors: ERR_NOMEM, ERR_TIMEOUT. */
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
