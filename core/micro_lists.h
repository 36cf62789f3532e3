/* Lists that transactions read, kept once for all the reads that saw a beginning of the same list.
 *
 * Lists that are appended to are read again and again, a little longer each time. The longest read
 * of a key so far is kept in words of the pool that have room behind it: a longer one only adds
 * what is new, and every read is stored as where the list begins and how much of it was seen
 * (micro_ops_add_shared). So the memory for lists grows with what was appended, not with what was
 * read.
 *
 * What is kept of a key is a cache: it is lost to another key now and then, and each thread has one
 * of its own; then a list is stored once more. */
#ifndef CORE_MICRO_LISTS_H
#define CORE_MICRO_LISTS_H

#include "core/value_pool.h"

#include <stdbool.h>
#include <stdint.h>

enum { MICRO_LISTS_BITS = 11 };

struct micro_list {
    value_ref key; /* nil: none */
    uint32_t count, capacity;
    uint32_t address; /* of the items in the pool, for micro_ops_add_shared */
    value_ref *items;
    const char *text; /* the user's: how the whole list was written */
    size_t text_length;
};

struct micro_lists {
    struct value_pool *pool;
    uint32_t *block; /* what it claimed last, from `unit` on */
    uint32_t unit;
    size_t used, size; /* words of the block */
    struct micro_list slots[1 << MICRO_LISTS_BITS];
};

/* NULL without memory. About 80 KB. */
struct micro_lists *micro_lists_new(struct value_pool *pool);
void micro_lists_free(struct micro_lists *lists);

/* Where the list of a key is, if it is known; else another's, or none. */
static inline struct micro_list *micro_lists_slot(struct micro_lists *lists, value_ref key)
{
    return &lists->slots[key * UINT32_C(0x9e3779b1) >> (32 - MICRO_LISTS_BITS)];
}

/* Forgets what was there and begins an empty list. */
static inline void micro_list_begin(struct micro_list *list, value_ref key)
{
    *list = (struct micro_list){.key = key};
}

/* Doubles the room of a list, which may move: who read it before still finds it where it was. False
 * without memory. */
bool micro_lists_grow(struct micro_lists *lists, struct micro_list *list);

/* Adds an item. Amortised O(1). False without memory. */
static inline bool micro_lists_add(struct micro_lists *lists, struct micro_list *list,
                                   value_ref item)
{
    if (list->count == list->capacity && !micro_lists_grow(lists, list))
        return false;
    list->items[list->count++] = item;
    return true;
}

#endif
