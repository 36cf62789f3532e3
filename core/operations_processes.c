#include "core/operations_processes.h"

#include "core/operations_internal.h"

#include <string.h>

bool process_table_grow(struct process_table *table, struct operations_own *own)
{
    struct process_table larger = {.capacity = table->capacity ? table->capacity * 2 : 16};
    if (larger.capacity == 0)
        return false;
    larger.slots = operations_resize(own, NULL, 0, larger.capacity * sizeof *larger.slots);
    if (!larger.slots)
        return false;
    process_table_clear(&larger);
    larger.count = table->count;
    for (uint32_t i = 0; i < table->capacity; i++)
        if (table->slots[i].doing != DOES_UNKNOWN)
            *process_table_find(&larger, table->slots[i].process) = table->slots[i];
    process_table_fini(table, own);
    *table = larger;
    return true;
}

void process_table_clear(struct process_table *table)
{
    if (table->capacity)
        memset(table->slots, 0, table->capacity * sizeof *table->slots);
    table->count = 0;
}

void process_table_fini(struct process_table *table, struct operations_own *own)
{
    operations_release(own, table->slots, table->capacity * sizeof *table->slots);
    *table = (struct process_table){0};
}
