#include "checker/layers.h"

#include "checker/budget.h"

#include <string.h>

/* More than any count: of cells that were found bare, and that there are not. */
static const int32_t gone = INT32_MAX / 2;

bool layers_init(struct layers *layers, uint32_t cells, struct budget *budget)
{
    uint32_t blocks = cells / LAYERS_BLOCK + 1;
    *layers = (struct layers){.budget = budget, .cells = cells, .leaves = 1};
    while (layers->leaves < blocks)
        layers->leaves *= 2;
    layers->count_capacity = (size_t)blocks * LAYERS_BLOCK;
    layers->counts = budget_zalloc(budget, layers->count_capacity * sizeof *layers->counts);
    layers->min = budget_alloc(budget, layers->leaves * 2 * sizeof *layers->min);
    layers->plus = budget_zalloc(budget, layers->leaves * 2 * sizeof *layers->plus);
    if (layers->counts && layers->min && layers->plus)
        return true;
    layers_fini(layers);
    return false;
}

void layers_fini(struct layers *layers)
{
    budget_free(layers->budget, layers->counts, layers->count_capacity * sizeof *layers->counts);
    budget_free(layers->budget, layers->min, layers->leaves * 2 * sizeof *layers->min);
    budget_free(layers->budget, layers->plus, layers->leaves * 2 * sizeof *layers->plus);
    layers->counts = layers->min = layers->plus = NULL;
}

void layers_add(struct layers *layers, uint32_t from, uint32_t to)
{
    if (to > layers->cells)
        to = layers->cells;
    if (from >= to)
        return;
    layers->counts[from]++; /* differences, until layers_begin */
    layers->counts[to]--;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t least_count(const struct layers *layers, uint32_t block)
{
    const int32_t *counts = &layers->counts[(size_t)block * LAYERS_BLOCK];
    int32_t least = gone;
    for (int i = 0; i < LAYERS_BLOCK; i++)
        least = smaller(least, counts[i]);
    return least;
}

void layers_begin(struct layers *layers)
{
    int32_t sum = 0;
    for (size_t cell = 0; cell < layers->count_capacity; cell++) {
        sum += layers->counts[cell];
        layers->counts[cell] = cell < layers->cells ? sum : gone;
    }
    for (uint32_t leaf = 0; leaf < layers->leaves; leaf++) {
        bool is_block = (size_t)leaf * LAYERS_BLOCK < layers->count_capacity;
        layers->min[layers->leaves + leaf] = is_block ? least_count(layers, leaf) : gone;
    }
    for (uint32_t node = layers->leaves; node-- > 1;)
        layers->min[node] = smaller(layers->min[2 * node], layers->min[2 * node + 1]);
}

/* A node's least count changed: so may those above it. */
static void rise(struct layers *layers, uint32_t node)
{
    for (node /= 2; node > 0; node /= 2) {
        int32_t least = smaller(layers->min[2 * node], layers->min[2 * node + 1]);
        least += layers->plus[node];
        if (layers->min[node] == least)
            return;
        layers->min[node] = least;
    }
}

static void update_block(struct layers *layers, uint32_t block)
{
    uint32_t node = layers->leaves + block;
    layers->min[node] = least_count(layers, block) + layers->plus[node];
    rise(layers, node);
}

/* Cells of one block. */
static void remove_within(struct layers *layers, uint32_t from, uint32_t to)
{
    if (from >= to)
        return;
    for (uint32_t cell = from; cell < to; cell++)
        layers->counts[cell]--;
    update_block(layers, from / LAYERS_BLOCK);
}

static void remove_at(struct layers *layers, uint32_t node)
{
    layers->plus[node]--;
    layers->min[node]--;
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
    while (first /= 2, last /= 2, first > 0) {
        layers->min[first] =
            smaller(layers->min[2 * first], layers->min[2 * first + 1]) + layers->plus[first];
        layers->min[last] =
            smaller(layers->min[2 * last], layers->min[2 * last + 1]) + layers->plus[last];
    }
}

void layers_remove(struct layers *layers, uint32_t from, uint32_t to)
{
    if (to > layers->cells)
        to = layers->cells;
    if (from >= to)
        return;
    uint32_t first = from / LAYERS_BLOCK, last = to / LAYERS_BLOCK;
    if (first == last) {
        remove_within(layers, from, to);
        return;
    }
    if (from % LAYERS_BLOCK) {
        first++;
        remove_within(layers, from, first * LAYERS_BLOCK);
    }
    remove_blocks(layers, first, last);
    remove_within(layers, last * LAYERS_BLOCK, to);
}

/* Which of a block's cells have this count; they are gone then. Without a branch: it is a hot loop.
 */
static uint64_t take_bare(int32_t *counts, int32_t count)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < LAYERS_BLOCK; i++) {
        bool bare = counts[i] == count;
        bits |= (uint64_t)bare << i;
        counts[i] = bare ? gone : counts[i];
    }
    return bits;
}

bool layers_next_bare(struct layers *layers, uint32_t *block, uint64_t *bits)
{
    uint32_t node = 1;
    int32_t plus = 0;
    if (layers->min[1] != 0)
        return false;
    while (node < layers->leaves) {
        plus += layers->plus[node];
        node *= 2;
        node += layers->min[node] + plus != 0;
    }
    plus += layers->plus[node];
    *block = node - layers->leaves;
    *bits = take_bare(&layers->counts[(size_t)*block * LAYERS_BLOCK], -plus);
    update_block(layers, *block);
    return true;
}
