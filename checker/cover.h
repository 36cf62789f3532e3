/* A set of cells 0..count-1 that only grows, by whole ranges: which cell from here on is free yet?
 *
 * One bit a cell; words of 64 cells that are full are skipped by a union-find structure over words
 * (Tarjan 1975). Any number of additions and questions is linear in the cells and their number,
 * almost; the memory, 3 bits for two cells, stays in the processor's cache. */
#ifndef CHECKER_COVER_H
#define CHECKER_COVER_H

#include <stdbool.h>
#include <stdint.h>

struct budget;

struct cover {
    struct budget *budget;
    uint64_t *bits;
    uint32_t *next; /* by word: itself if it has a free cell, else a later word nearer to one */
    uint32_t count, words;
};

/* Every cell is free. False when the budget's memory ran out; then there is nothing to fini. */
bool cover_init(struct cover *cover, uint32_t count, struct budget *budget);
void cover_fini(struct cover *cover);

/* Takes the cells from .. to-1; those that there are not are left out. */
void cover_add(struct cover *cover, uint32_t from, uint32_t to);

/* The first free cell at or after this one; `count` if there is none. */
uint32_t cover_next_free(struct cover *cover, uint32_t cell);

#endif
