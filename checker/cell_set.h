/* A set of numbers 0..count-1 that only grows: which is the next in it from here on, or the last
 * before? A bit for each, and above them a bit for each word that has any, and so on: O(1) for
 * each question, as good as. A bit and a little more for each number. */
#ifndef CHECKER_CELL_SET_H
#define CHECKER_CELL_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

#define CELL_SET_NONE UINT32_MAX

enum { CELL_SET_LEVELS = 6 }; /* 64^6 > 2^32 */

struct cell_set {
    struct budget *budget;
    uint64_t *words; /* of all levels */
    size_t word_count;
    uint64_t *levels[CELL_SET_LEVELS]; /* levels[0] has the bits of the numbers */
    uint32_t sizes[CELL_SET_LEVELS];   /* words */
    uint32_t level_count;
};

/* Empty. False when the budget's memory ran out; then there is nothing to fini. */
bool cell_set_init(struct cell_set *set, uint32_t count, struct budget *budget);
void cell_set_fini(struct cell_set *set);

/* Adds those of the 64 numbers from word*64 on whose bits are given. */
void cell_set_add(struct cell_set *set, uint32_t word, uint64_t bits);

/* The first in the set at or after this number, or CELL_SET_NONE. */
uint32_t cell_set_next(const struct cell_set *set, uint32_t number);

/* The last in the set before this number, or CELL_SET_NONE. */
uint32_t cell_set_last(const struct cell_set *set, uint32_t number);

#endif
