/* Arrays that double when they are full, their memory from a budget: who owns one gives it back
 * with budget_free, at its capacity. */
#ifndef CHECKER_BUDGET_ARRAY_H
#define CHECKER_BUDGET_ARRAY_H

#include "checker/budget.h"

/* False, and nothing has changed, without memory. */
static inline bool budget_array_grow(struct budget *budget, void **items, uint32_t *capacity,
                                     size_t item_size)
{
    enum { FIRST = 256 };
    uint32_t more = *capacity ? 2 * *capacity : FIRST;
    void *block = budget_resize(budget, *items, *capacity * item_size, more * item_size);
    if (!block)
        return false;
    *items = block;
    *capacity = more;
    return true;
}

/* Puts a number at the end; as above. */
static inline bool budget_array_push(struct budget *budget, uint32_t **items, uint32_t *count,
                                     uint32_t *capacity, uint32_t item)
{
    void *block = *items;
    if (*count == *capacity && !budget_array_grow(budget, &block, capacity, sizeof **items))
        return false;
    *items = block;
    (*items)[(*count)++] = item;
    return true;
}

#endif
