/* Versions by key and value, for the keys that somebody asks about: each key is added once, and
 * then a version is found in O(1) expected. What no read of a list resolves (odd reads) needs it;
 * histories of a sound database never do.
 *
 * From the budget: 8 to 24 bytes for each version of the keys added, and 4 for each key of
 * the history. Not for several threads at a time. */
#ifndef TRANSACTIONS_VERSION_INDEX_H
#define TRANSACTIONS_VERSION_INDEX_H

#include "transactions/transactions.h"

#include <stddef.h>

struct version_index {
    const struct transactions *all; /* borrowed; its versions do not change any more */
    struct budget *budget;
    uint32_t *first; /* by key: its first slot; VERSION_UNREAD: it was not added. NULL: none was */
    uint32_t *slots; /* of one key after the other: versions, by open addressing */
    size_t slot_count, capacity;
};

void version_index_init(struct version_index *index, const struct transactions *all,
                        struct budget *budget);
void version_index_fini(struct version_index *index);

/* Adds the versions of a key, unless they are there: O(versions of the key), once. False without
 * memory: then the index is left as it was. */
bool version_index_add(struct version_index *index, uint32_t key);

/* The version of a key that was added with this value, but the initial one; VERSION_UNREAD if there
 * is none. */
uint32_t version_index_find(const struct version_index *index, uint32_t key, value_ref value);

#endif
