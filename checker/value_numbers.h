/* Values of one object numbered densely from 1, so that the search can index arrays by them. Number
 * 0 stands for no value in particular (see MODEL_ANY in model.h). From the budget; O(1) expected.
 */
#ifndef CHECKER_VALUE_NUMBERS_H
#define CHECKER_VALUE_NUMBERS_H

#include "core/value_pool.h"

#include <stdbool.h>

struct budget;

struct value_numbers {
    struct budget *budget;
    value_ref *refs; /* by number; refs[0] is unused */
    uint32_t count;  /* numbers given out are 1 .. count-1, but for the free ones */
    uint32_t capacity;
    uint32_t free_count;
    uint32_t free_first; /* given out next; the one after it is its entry of refs */
    uint32_t *slots;     /* open addressing; 0 = empty */
    uint32_t slot_count;
};

void value_numbers_init(struct value_numbers *numbers, struct budget *budget);
void value_numbers_fini(struct value_numbers *numbers);

/* The number of a value, given out if it is new; -1 when the budget's memory ran out. */
int32_t value_numbers_add(struct value_numbers *numbers, value_ref ref);

/* Forgets the values whose used[number] is false: their numbers are given out again. used has an
 * entry for each number below count. O(count). */
void value_numbers_forget(struct value_numbers *numbers, const bool *used);

/* The number of a value; 0 if it is not there. */
int32_t value_numbers_find(const struct value_numbers *numbers, value_ref ref);

#endif
