/* Sorts numbered items by a 64-bit key, stably, in linear time: least significant digit first, 11
 * bits at a time, leaving out the digits that are the same in all keys. About 5 ns an item and
 * digit. */
#ifndef CHECKER_SORT_ITEMS_H
#define CHECKER_SORT_ITEMS_H

#include "checker/budget.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_item {
    uint64_t key;
    uint32_t item;
};

enum sort_end {
    SORT_DONE,
    SORT_OUT_OF_TIME,
    SORT_OUT_OF_MEMORY,
};

/* Takes count more items of the budget while it works. Unless it is done, the items are in any
 * order, and some may be there twice. */
enum sort_end sort_items(struct sort_item *items, size_t count, struct budget *budget);

/* The same for items of 32 bits with keys of 32 bits, in a word each: the key is its upper half.
 * Half the memory, and half the time. */
enum sort_end sort_words(uint64_t *words, size_t count, struct budget *budget);

static inline uint64_t sort_word(uint32_t key, uint32_t item)
{
    return (uint64_t)key << 32 | item;
}

#endif
