/* The collections that operations answered with, as lists of small numbers: equal elements have
 * equal numbers, from 1. From the budget: 4 bytes an element, 8 an operation. */
#ifndef CHECKER_NUMBER_LISTS_H
#define CHECKER_NUMBER_LISTS_H

#include "checker/findings.h"
#include "checker/value_numbers.h"

struct number_lists {
    struct budget *budget;
    struct value_numbers numbers;
    uint32_t *items;
    size_t count, capacity;
    size_t *begins; /* by number of the operation, and one more for the end */
    uint32_t list_count;
};

/* Takes the answers of the ok operations f; all other operations have the empty list. rule: said of
 * an answer that is neither a list nor a set, ERR_INPUT. Also ERR_NOMEM, ERR_TIMEOUT. Call
 * number_lists_fini in any case. */
int number_lists_init(struct number_lists *lists, const struct checker_input *input, symbol f,
                      const char *rule, struct errbuf *err);
void number_lists_fini(struct number_lists *lists);

/* Numbers one more value; 0 when memory ran out. */
uint32_t number_lists_add(struct number_lists *lists, value_ref value);

static inline const uint32_t *number_lists_get(const struct number_lists *lists, uint32_t operation,
                                               size_t *count)
{
    *count = lists->begins[operation + 1] - lists->begins[operation];
    return lists->items + lists->begins[operation];
}

/* --- for second opinions: by the values themselves --- */

/* How often a list or set of an operation's answer holds the value. */
uint32_t checker_count_in(const struct object *object, const struct operation *op, value_ref value);

#endif
