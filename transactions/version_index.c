#include "transactions/version_index.h"

#include "checker/budget.h"

#include <string.h>

enum { SLOTS_MIN = 4, CAPACITY_MIN = 1024 };

void version_index_init(struct version_index *index, const struct transactions *all,
                        struct budget *budget)
{
    *index = (struct version_index){.all = all, .budget = budget};
}

void version_index_fini(struct version_index *index)
{
    budget_free(index->budget, index->first, index->all->key_count * sizeof *index->first);
    budget_free(index->budget, index->slots, index->capacity * sizeof *index->slots);
}

/* How many slots a key has: a power of two, of which at most half are taken. */
static size_t slots_of(const struct transactions *all, uint32_t key)
{
    size_t versions = txn_key_versions(all, key), slots = SLOTS_MIN;
    while (slots < 2 * versions)
        slots *= 2;
    return slots;
}

/* The slot of a key's value: the one it is in, or the free one where it would be. */
static uint32_t *slot_of(const struct version_index *index, uint32_t key, value_ref value)
{
    const struct transactions *all = index->all;
    size_t mask = slots_of(all, key) - 1;
    uint32_t product = value * UINT32_C(2654435769), *slots = index->slots + index->first[key];
    size_t at = (product ^ product >> 15) & mask;
    while (slots[at] != VERSION_UNREAD && all->versions[slots[at]].value != value)
        at = (at + 1) & mask;
    return &slots[at];
}

static bool make_room(struct version_index *index, size_t more)
{
    struct budget *budget = index->budget;
    size_t keys = index->all->key_count * sizeof *index->first, needed = index->slot_count + more;
    if (!index->first) {
        index->first = budget_alloc(budget, keys);
        if (!index->first)
            return false;
        memset(index->first, 0xff, keys); /* VERSION_UNREAD */
    }
    if (needed <= index->capacity)
        return true;
    size_t capacity = needed + needed / 2 + CAPACITY_MIN;
    uint32_t *slots = budget_resize(budget, index->slots, index->capacity * sizeof *slots,
                                    capacity * sizeof *slots);
    if (!slots)
        return false;
    index->slots = slots;
    index->capacity = capacity;
    return true;
}

bool version_index_add(struct version_index *index, uint32_t key)
{
    const struct transactions *all = index->all;
    size_t count = slots_of(all, key);
    if (index->first && index->first[key] != VERSION_UNREAD)
        return true;
    if (index->slot_count + count >= VERSION_UNREAD || !make_room(index, count))
        return false;
    index->first[key] = (uint32_t)index->slot_count;
    memset(index->slots + index->slot_count, 0xff, count * sizeof *index->slots);
    index->slot_count += count;
    uint32_t first = all->keys[key].first_version, end = all->keys[key + 1].first_version;
    for (uint32_t version = first + 1; version < end; version++) {
        uint32_t *slot = slot_of(index, key, all->versions[version].value);
        if (*slot == VERSION_UNREAD)
            *slot = version;
    }
    return true;
}

uint32_t version_index_find(const struct version_index *index, uint32_t key, value_ref value)
{
    return *slot_of(index, key, value);
}
