#include "checker/layers.h"

#include "checker/budget.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

enum {
    ZERO = 64,  /* what stands for a count of 0: a block has 64 cells, so counts fall by 64 at most
                   before they are looked at as a whole, and are at most 63 above the least */
    GONE = 255, /* cells that were found bare, and that there are not */
};

enum { BEGINS = 1, ENDS = 2 }; /* in place of the counts, until layers_begin */

static const int32_t none = INT32_MAX / 2; /* more than any count */

bool layers_init(struct layers *layers, uint32_t cells, struct budget *budget)
{
    uint32_t blocks = cells / LAYERS_BLOCK + 1;
    *layers = (struct layers){.budget = budget, .cells = cells, .blocks = blocks, .leaves = 1};
    while (layers->leaves < blocks)
        layers->leaves *= 2;
    layers->counts = budget_zalloc(budget, (size_t)blocks * LAYERS_BLOCK);
    layers->nodes = budget_zalloc(budget, layers->leaves * 2 * sizeof *layers->nodes);
    if (layers->counts && layers->nodes)
        return true;
    layers_fini(layers);
    return false;
}

void layers_fini(struct layers *layers)
{
    budget_free(layers->budget, layers->counts, (size_t)layers->blocks * LAYERS_BLOCK);
    budget_free(layers->budget, layers->nodes, layers->leaves * 2 * sizeof *layers->nodes);
    layers->counts = NULL;
    layers->nodes = NULL;
}

void layers_add(struct layers *layers, uint32_t from, uint32_t to)
{
    if (from >= to || from >= layers->cells)
        return;
    assert(layers->counts[from] == 0);
    layers->counts[from] = BEGINS;
    if (to >= layers->cells)
        return;
    assert(layers->counts[to] == 0);
    layers->counts[to] = ENDS;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static uint8_t *block_counts(const struct layers *layers, uint32_t block)
{
    return &layers->counts[(size_t)block * LAYERS_BLOCK];
}

/* Without a branch, as all that goes through a block's counts: these are the hot loops. */
static int32_t least_count(const uint8_t *counts)
{
    uint8_t least = GONE;
    for (int i = 0; i < LAYERS_BLOCK; i++)
        least = counts[i] < least ? counts[i] : least;
    return least == GONE ? none : least - ZERO;
}

/* From where ranges begin and end to counts: `sum` ranges lie over the cell before the block. The
 * first cell's count is what the block has as a whole. */
static int32_t begin_block(struct layers *layers, uint32_t block, int32_t sum)
{
    uint8_t *counts = block_counts(layers, block);
    int32_t base = sum;
    for (uint32_t i = 0; i < LAYERS_BLOCK; i++) {
        sum += (counts[i] == BEGINS) - (counts[i] == ENDS);
        bool is_cell = block * LAYERS_BLOCK + i < layers->cells;
        counts[i] = is_cell ? (uint8_t)(sum - base + ZERO) : GONE;
    }
    layers->nodes[layers->leaves + block].plus = base;
    layers->nodes[layers->leaves + block].min = least_count(counts) + base;
    return sum;
}

void layers_begin(struct layers *layers)
{
    int32_t sum = 0;
    for (uint32_t block = 0; block < layers->blocks; block++)
        sum = begin_block(layers, block, sum);
    for (uint32_t leaf = layers->blocks; leaf < layers->leaves; leaf++)
        layers->nodes[layers->leaves + leaf].min = none;
    for (uint32_t node = layers->leaves; node-- > 1;)
        layers->nodes[node].min =
            smaller(layers->nodes[2 * node].min, layers->nodes[2 * node + 1].min);
}

/* From the nodes below to this one. Whether that changed it. */
static bool pull(struct layers *layers, uint32_t node)
{
    struct layers_node *nodes = layers->nodes;
    int32_t least = smaller(nodes[2 * node].min, nodes[2 * node + 1].min) + nodes[node].plus;
    bool changed = nodes[node].min != least;
    nodes[node].min = least;
    return changed;
}

/* A node's least count changed: so may those above it. */
static void rise(struct layers *layers, uint32_t node)
{
    while ((node /= 2) > 0 && pull(layers, node))
        continue;
}

static void update_block(struct layers *layers, uint32_t block)
{
    uint32_t node = layers->leaves + block;
    layers->nodes[node].min = least_count(block_counts(layers, block)) + layers->nodes[node].plus;
    rise(layers, node);
}

/* Cells of one block, counted from its first. */
static void remove_within(struct layers *layers, uint32_t block, unsigned from, unsigned to)
{
    uint8_t *counts = block_counts(layers, block);
    uint8_t first = (uint8_t)from, length = (uint8_t)(to - from);
    if (from >= to)
        return;
    for (uint8_t i = 0; i < LAYERS_BLOCK; i++) {
        bool covered = (uint8_t)(i - first) < length;
        counts[i] = (uint8_t)(counts[i] - (covered & (counts[i] != GONE)));
    }
    update_block(layers, block);
}

static void remove_at(struct layers *layers, uint32_t node)
{
    layers->nodes[node].plus--;
    layers->nodes[node].min--;
}

/* Whole blocks, from .. to-1. */
static void remove_blocks(struct layers *layers, uint32_t from, uint32_t to)
{
    if (from >= to)
        return;
    uint32_t left = from + layers->leaves, right = to + layers->leaves;
    uint32_t first = left, last = right - 1;
    for (; left < right; left /= 2, right /= 2) {
        if (left % 2)
            remove_at(layers, left++);
        if (right % 2)
            remove_at(layers, --right);
    }
    while (first != last) {
        pull(layers, first /= 2);
        pull(layers, last /= 2);
    }
    rise(layers, first); /* all that changed is there or below */
}

void layers_remove(struct layers *layers, uint32_t from, uint32_t to)
{
    if (from >= to || from >= layers->cells)
        return;
    uint32_t first = from / LAYERS_BLOCK, last = to / LAYERS_BLOCK;
    unsigned head = from % LAYERS_BLOCK, tail = to % LAYERS_BLOCK;
    if (to >= layers->cells) {
        last = layers->blocks;
        tail = 0;
    }
    if (first == last) {
        remove_within(layers, first, head, tail);
        return;
    }
    if (head > 0)
        remove_within(layers, first++, head, LAYERS_BLOCK);
    remove_blocks(layers, first, last);
    if (tail > 0)
        remove_within(layers, last, 0, tail);
}

/* Which of a block's cells have this count; they are gone then. */
static uint64_t take_bare(uint8_t *counts, uint8_t count)
{
    uint8_t bare[LAYERS_BLOCK];
    uint64_t bits = 0;
    for (unsigned i = 0; i < LAYERS_BLOCK; i++) {
        bare[i] = counts[i] == count;
        counts[i] = bare[i] ? GONE : counts[i];
    }
    for (unsigned i = 0; i < LAYERS_BLOCK; i += 8) {
        uint64_t bytes; /* of 0 and 1: the product has one bit of each in its highest byte */
        memcpy(&bytes, &bare[i], sizeof bytes);
        bits |= (le64toh(bytes) * UINT64_C(0x0102040810204080) >> 56) << i;
    }
    return bits;
}

bool layers_next_bare(struct layers *layers, uint32_t *block, uint64_t *bits)
{
    uint32_t node = 1;
    int32_t plus = 0;
    if (layers->nodes[1].min != 0)
        return false;
    while (node < layers->leaves) {
        plus += layers->nodes[node].plus;
        node *= 2;
        node += layers->nodes[node].min + plus != 0;
    }
    plus += layers->nodes[node].plus;
    *block = node - layers->leaves;
    *bits = take_bare(block_counts(layers, *block), (uint8_t)(ZERO - plus));
    update_block(layers, *block);
    return true;
}
