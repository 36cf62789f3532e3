/* The values of one key by number, for one key after the other: open addressing in memory that is
 * used again. From the budget; O(1) expected. */
#ifndef TRANSACTIONS_ELEMENT_TABLE_H
#define TRANSACTIONS_ELEMENT_TABLE_H

#include "core/value_pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

struct element_table {
    struct budget *budget;
    struct element_slot *slots;
    size_t capacity; /* of slots */
    uint32_t mask;
};

#define ELEMENT_NONE UINT32_MAX

struct element_slot {
    value_ref value;
    uint32_t number; /* ELEMENT_NONE = free */
};

void element_table_init(struct element_table *table, struct budget *budget);
void element_table_fini(struct element_table *table);

/* Empties it, with room for so many values. False without memory. O(count). */
bool element_table_begin(struct element_table *table, size_t count);

static inline struct element_slot *element_table_slot(const struct element_table *table,
                                                      value_ref value)
{
    uint32_t product = value * UINT32_C(2654435769);
    uint32_t i = (product ^ product >> 15) & table->mask;
    while (table->slots[i].number != ELEMENT_NONE && table->slots[i].value != value)
        i = (i + 1) & table->mask;
    return &table->slots[i];
}

/* The number of a value; ELEMENT_NONE if it is not there. */
static inline uint32_t element_table_find(const struct element_table *table, value_ref value)
{
    return element_table_slot(table, value)->number;
}

/* Gives a value a number if it has none; returns the one it has. */
static inline uint32_t element_table_add(struct element_table *table, value_ref value,
                                         uint32_t number)
{
    struct element_slot *slot = element_table_slot(table, value);
    if (slot->number == ELEMENT_NONE)
        *slot = (struct element_slot){value, number};
    return slot->number;
}

/* Adds values by their index; false at the first that is there already. */
static inline bool element_table_all_differ(struct element_table *table, const value_ref *values,
                                            uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (element_table_add(table, values[i], i) != i)
            return false;
    return true;
}

#endif
