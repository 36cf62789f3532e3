#include "transactions/element_table.h"

#include "checker/budget.h"

#include <string.h>

enum { SLOTS_MIN = 16 };

void element_table_init(struct element_table *table, struct budget *budget)
{
    *table = (struct element_table){.budget = budget};
}

void element_table_fini(struct element_table *table)
{
    budget_free(table->budget, table->slots, table->capacity * sizeof *table->slots);
}

bool element_table_begin(struct element_table *table, size_t count)
{
    size_t needed = SLOTS_MIN;
    while (needed < 2 * count)
        needed *= 2;
    if (needed > table->capacity) {
        element_table_fini(table);
        table->slots = budget_alloc(table->budget, needed * sizeof *table->slots);
        table->capacity = table->slots ? needed : 0;
    }
    if (needed > table->capacity || needed > UINT32_MAX)
        return false;
    table->mask = (uint32_t)needed - 1;
    memset(table->slots, 0xff, needed * sizeof *table->slots); /* ELEMENT_NONE */
    return true;
}
