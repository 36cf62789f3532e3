/* The versions of one key by their values, for one key after the other. From the budget. */
#ifndef TRANSACTIONS_VERSION_INDEX_H
#define TRANSACTIONS_VERSION_INDEX_H

#include "transactions/element_table.h"
#include "transactions/transactions.h"

struct version_index {
    const struct transactions *all;
    struct element_table elements;
    uint32_t key; /* UINT32_MAX before the first one */
};

void version_index_init(struct version_index *index, const struct transactions *all,
                        struct budget *budget);
void version_index_fini(struct version_index *index);

/* Makes it that of a key: O(versions of the key) if it was another's. False without memory. */
bool version_index_begin(struct version_index *index, uint32_t key);

/* The version with this value, but the initial one; VERSION_UNREAD if there is none. */
static inline uint32_t version_index_find(const struct version_index *index, value_ref value)
{
    return element_table_find(&index->elements, value);
}

#endif
