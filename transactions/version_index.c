#include "transactions/version_index.h"

#include <assert.h>

static_assert(ELEMENT_NONE == VERSION_UNREAD, "what is not there is no version");

void version_index_init(struct version_index *index, const struct transactions *all,
                        struct budget *budget)
{
    *index = (struct version_index){.all = all, .key = UINT32_MAX};
    element_table_init(&index->elements, budget);
}

void version_index_fini(struct version_index *index)
{
    element_table_fini(&index->elements);
}

bool version_index_begin(struct version_index *index, uint32_t key)
{
    const struct transactions *all = index->all;
    if (index->key == key)
        return true;
    uint32_t first = all->keys[key].first_version, end = all->keys[key + 1].first_version;
    if (!element_table_begin(&index->elements, end - first))
        return false;
    index->key = key;
    for (uint32_t version = first + 1; version < end; version++)
        element_table_add(&index->elements, all->versions[version].value, version);
    return true;
}
