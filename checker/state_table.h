/* States of a model interned: an array of int32 becomes a number >= 1, equal arrays the same
 * number. From the budget; O(length) expected. Pointers handed out move when the next state is
 * interned. Not thread-safe: each object's search has its own. */
#ifndef CHECKER_STATE_TABLE_H
#define CHECKER_STATE_TABLE_H

#include "checker/step_memo.h"

#include <stdint.h>

struct budget;

struct state_entry {
    uint32_t start; /* of its words */
    uint32_t hash;
};

struct state_table {
    struct budget *budget;
    int32_t *words; /* all states, one after the other */
    uint32_t word_count, word_capacity;
    struct state_entry *entries; /* by number; that of `count` tells the end of the last one */
    uint32_t count;              /* numbers given out are 1 .. count-1 */
    uint32_t capacity;
    uint32_t *slots; /* open addressing; 0 = empty */
    uint32_t slot_count;
    struct step_memo memo; /* of steps between these states */
};

void state_table_init(struct state_table *table, struct budget *budget);
void state_table_fini(struct state_table *table);

/* The number of a state; -2 (MODEL_NOMEM) when the budget's memory ran out, and the table is as it
 * was. words may not point into the table. */
int32_t state_table_intern(struct state_table *table, const int32_t *words, uint32_t length);

/* The same without a copy. A draft is room for a state of at most `length` words behind all others,
 * NULL without memory: fill it, then intern its first words. Only one state is drafted at a time;
 * pointers that state_table_get gave move. */
int32_t *state_table_draft(struct state_table *table, uint32_t length);
int32_t state_table_intern_draft(struct state_table *table, uint32_t length);

/* The number of a state; 0 if it is not there. */
int32_t state_table_find(const struct state_table *table, const int32_t *words, uint32_t length);

/* The words of a state, valid until the next state is interned or drafted. */
static inline const int32_t *state_table_get(const struct state_table *table, int32_t state,
                                             uint32_t *length)
{
    uint32_t start = table->entries[state].start;
    *length = table->entries[state + 1].start - start;
    return table->words + start;
}

#endif
