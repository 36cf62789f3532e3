#include "core/micro_lists.h"

#include "core/value_pool_shared.h"
#include "core/value_words.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS_MIN = 8, ITEMS_MAX = 1 << 27 };

struct micro_lists *micro_lists_new(struct value_pool *pool)
{
    struct micro_lists *lists = calloc(1, sizeof *lists);
    if (lists)
        lists->pool = pool;
    return lists;
}

void micro_lists_free(struct micro_lists *lists)
{
    free(lists);
}

/* The place in the block of so many words in a row; false without memory. */
static bool claim(struct micro_lists *lists, uint32_t words, size_t *at)
{
    if (lists->size - lists->used < words) {
        uint32_t unit;
        size_t size;
        uint32_t *block = value_words_claim(value_pool_words(lists->pool), words, &unit, &size);
        if (!block)
            return false;
        lists->block = block;
        lists->unit = unit;
        lists->used = 0;
        lists->size = size;
    }
    *at = lists->used;
    lists->used += words;
    return true;
}

bool micro_lists_grow(struct micro_lists *lists, struct micro_list *list)
{
    uint32_t capacity = list->capacity ? 2 * list->capacity : ITEMS_MIN;
    size_t at;
    if (capacity > ITEMS_MAX || !claim(lists, capacity, &at))
        return false;
    value_ref *items = lists->block + at;
    if (list->count)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->capacity = capacity;
    list->address = lists->unit * VALUE_WORDS_UNIT + (uint32_t)at;
    return true;
}
