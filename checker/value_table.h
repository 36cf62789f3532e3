/* Values numbered densely from 1: equal values have equal numbers, so that the search compares and
 * stores int32 only. Number 0 stands for no value in particular (see MODEL_ANY in model.h).
 *
 * Values are borrowed: the history they come from must outlive the table. O(1) expected. */
#ifndef CHECKER_VALUE_TABLE_H
#define CHECKER_VALUE_TABLE_H

#include "core/value.h"

struct budget;

struct value_table {
    struct budget *budget;
    struct value *values; /* values[0] is unused */
    uint32_t count;       /* numbers given out are 1 .. count-1 */
    uint32_t capacity;
    uint32_t *slots; /* open addressing; 0 = empty */
    uint32_t slot_count;
};

void value_table_init(struct value_table *table, struct budget *budget);
void value_table_fini(struct value_table *table);

/* The number of a value, given out if it is new; -1 when the budget's memory ran out. */
int32_t value_table_intern(struct value_table *table, struct value value);

/* The number of a value; 0 if it is not there. */
int32_t value_table_find(const struct value_table *table, struct value value);

#endif
