#include "checker/value_table.h"

#include "checker/budget.h"

#include <string.h>

enum { CAPACITY_MIN = 16 };

void value_table_init(struct value_table *table, struct budget *budget)
{
    *table = (struct value_table){.budget = budget, .count = 1};
}

void value_table_fini(struct value_table *table)
{
    budget_free(table->budget, table->values, table->capacity * sizeof *table->values);
    budget_free(table->budget, table->slots, table->slot_count * sizeof *table->slots);
    *table = (struct value_table){.budget = table->budget, .count = 1};
}

/* The slot that holds value, or the empty one where it belongs. */
static uint32_t probe(const struct value_table *table, struct value value)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t at = (uint32_t)value_hash(value) & mask;
    while (table->slots[at] != 0 && !value_equal(table->values[table->slots[at]], value))
        at = (at + 1) & mask;
    return at;
}

static int grow(struct value_table *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_MIN;
    if (capacity > INT32_MAX / 2)
        return -1;
    uint32_t *slots = budget_zalloc(table->budget, (size_t)capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    struct value *values = budget_resize(
        table->budget, table->values, table->capacity * sizeof *values, capacity * sizeof *values);
    if (!values) {
        budget_free(table->budget, slots, (size_t)capacity * 2 * sizeof *slots);
        return -1;
    }
    budget_free(table->budget, table->slots, table->slot_count * sizeof *table->slots);
    table->values = values;
    table->capacity = capacity;
    table->slots = slots;
    table->slot_count = capacity * 2;
    for (uint32_t i = 1; i < table->count; i++)
        table->slots[probe(table, table->values[i])] = i;
    return 0;
}

int32_t value_table_intern(struct value_table *table, struct value value)
{
    if (table->slot_count > 0) {
        uint32_t found = table->slots[probe(table, value)];
        if (found)
            return (int32_t)found;
    }
    if (table->count >= table->capacity && grow(table) != 0)
        return -1;
    table->slots[probe(table, value)] = table->count;
    table->values[table->count] = value;
    return (int32_t)table->count++;
}

int32_t value_table_find(const struct value_table *table, struct value value)
{
    return table->slot_count ? (int32_t)table->slots[probe(table, value)] : 0;
}
