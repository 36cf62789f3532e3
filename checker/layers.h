/* How many ranges lie over each cell, as ranges are taken away: which cells become bare?
 *
 * No two ranges begin or end at the same cell. So the counts of 64 neighbouring cells, a block,
 * never lie further apart than 63, and a byte for each holds them, in one cache line. Above the
 * blocks stands a tree that keeps the least count of each subtree, and adds to whole subtrees at
 * once (a segment tree whose additions stay where they are). O(64 + log n) for each range, almost
 * all of it in the processor's cache, 16 cells at a time. A byte a cell and a little. */
#ifndef CHECKER_LAYERS_H
#define CHECKER_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

enum { LAYERS_BLOCK = 64 };

struct layers_node {
    int32_t min, plus; /* the least count below it; what is added to all below it */
};

struct layers {
    struct budget *budget;
    uint8_t *counts;           /* by cell, less what its block has as a whole */
    struct layers_node *nodes; /* the root is 1, the blocks are leaves, leaves + block */
    uint32_t cells, blocks, leaves;
};

/* No range yet. False when the budget's memory ran out; then there is nothing to fini. */
bool layers_init(struct layers *layers, uint32_t cells, struct budget *budget);
void layers_fini(struct layers *layers);

/* Before layers_begin: adds a range of cells, from .. to-1; one that does not end within the cells
 * lies over all to the last. */
void layers_add(struct layers *layers, uint32_t from, uint32_t to);

/* All ranges are there. O(cells). */
void layers_begin(struct layers *layers);

/* Takes a range away: one that was added, or any whose cells all have a range left or were found
 * bare, for those stay so. No two of these begin or end at the same cell either. */
void layers_remove(struct layers *layers, uint32_t from, uint32_t to);

/* Finds cells that have become bare: bits of 64 cells from block * 64 on. Each cell is found once.
 * False if there are none. */
bool layers_next_bare(struct layers *layers, uint32_t *block, uint64_t *bits);

#endif
