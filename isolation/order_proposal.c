/* The order of the graph as a proposal: the blocks of each key as it has their heads. */
#include "isolation/order_search_parts.h"

#include "checker/budget.h"

#include <stdlib.h>

/* --- blocks that may have come to overlap --- */

/* But for a key's first block: that it is first is known. */
static void mark(struct order_search *search, uint32_t block)
{
    const struct order_problem *problem = search->problem;
    if (search->is_dirty[block] || block == problem->first_block[problem->blocks[block].key])
        return;
    search->is_dirty[block] = true;
    search->dirty[search->dirty_count++] = block;
}

static void mark_version(struct order_search *search, uint32_t version)
{
    const struct order_problem *problem = search->problem;
    uint32_t block = problem->block_of[version];
    if (problem->next[version] != ORDER_ABSENT && block < problem->block_count &&
        (problem->blocks[block].head == version || problem->blocks[block].tail == version))
        mark(search, block);
}

/* The blocks whose edges begin or end at a vertex. */
static void mark_vertex(struct order_search *search, uint32_t vertex)
{
    const struct order_problem *problem = search->problem;
    const struct transactions *all = problem->all;
    uint32_t txn = order_txn_of(problem, vertex);
    if (vertex >= problem->first_point)
        mark(search, search->point_blocks[vertex - problem->first_point]);
    if (txn == TXN_NONE)
        return;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].version != VERSION_UNREAD)
            mark_version(search, all->micros[i].version);
}

void proposal_note_moves(struct order_search *search)
{
    const struct order_graph *graph = &search->problem->graph;
    for (uint32_t i = 0; i < graph->moved; i++)
        mark_vertex(search, graph->queue[i]);
}

/* --- the proposal --- */

static uint32_t block_place(const struct order_search *search, uint32_t block)
{
    const struct order_problem *problem = search->problem;
    uint32_t txn = order_writer(problem, problem->blocks[block].head);
    return problem->graph.place[order_end_of(problem, txn)];
}

struct order_pair_edges proposal_edges(const struct order_search *search, uint32_t before,
                                       uint32_t after)
{
    const struct order_problem *problem = search->problem;
    return order_edges_between(problem, &problem->blocks[before], &problem->blocks[after]);
}

uint32_t proposal_distance(const struct order_search *search, uint32_t before, uint32_t after)
{
    struct order_pair_edges edges = proposal_edges(search, before, after);
    const uint32_t *place = search->problem->graph.place;
    uint32_t far = 0;
    if (edges.ww_from != ORDER_NONE && place[edges.ww_from] >= place[edges.ww_to])
        far = 1 + place[edges.ww_from] - place[edges.ww_to];
    if (edges.rw_from != ORDER_NONE && place[edges.rw_from] >= place[edges.rw_to] &&
        place[edges.rw_from] - place[edges.rw_to] >= far)
        far = 1 + place[edges.rw_from] - place[edges.rw_to];
    return far;
}

static void swap_spots(struct order_search *search, uint32_t at)
{
    uint32_t *sorted = search->sorted + at, block = sorted[0];
    sorted[0] = sorted[1];
    sorted[1] = block;
    search->spot[sorted[0]] = at;
    search->spot[sorted[1]] = at + 1;
}

/* Where the blocks of a key that may be moved begin and end. */
static void movable(const struct order_search *search, uint32_t key, uint32_t *first, uint32_t *end)
{
    *first = search->problem->first_block[key] + 1;
    *end = search->problem->first_block[key + 1];
}

void proposal_put_in_place(struct order_search *search, uint32_t block)
{
    uint32_t first, end, own = block_place(search, block);
    movable(search, search->problem->blocks[block].key, &first, &end);
    while (search->spot[block] > first &&
           block_place(search, search->sorted[search->spot[block] - 1]) > own)
        swap_spots(search, search->spot[block] - 1);
    while (search->spot[block] + 1 < end &&
           block_place(search, search->sorted[search->spot[block] + 1]) < own)
        swap_spots(search, search->spot[block]);
}

bool proposal_find_overlap(struct order_search *search, uint32_t block, uint32_t pair[2])
{
    uint32_t first, end, spot = search->spot[block];
    movable(search, search->problem->blocks[block].key, &first, &end);
    for (uint32_t at = spot > first ? spot - 1 : spot; at <= spot && at + 1 < end; at++) {
        pair[0] = search->sorted[at];
        pair[1] = search->sorted[at + 1];
        /* Another one may be out of its place: its turn comes. */
        if (block_place(search, pair[0]) < block_place(search, pair[1]) &&
            proposal_distance(search, pair[0], pair[1]) > 0)
            return true;
    }
    return false;
}

struct block_order {
    uint32_t place, block;
};

static int compare_blocks(const void *a, const void *b)
{
    const struct block_order *one = a, *other = b;
    return one->place < other->place ? -1 : one->place > other->place;
}

/* They are nearly sorted: by insertion, unless they turn out to be far from their places. */
static void sort_blocks(struct block_order *items, uint32_t count)
{
    uint64_t moves = 0, moves_max = 8 * (uint64_t)count;
    for (uint32_t i = 1; i < count; i++) {
        struct block_order item = items[i];
        uint32_t at = i;
        for (; at > 0 && items[at - 1].place > item.place; at--)
            items[at] = items[at - 1];
        items[at] = item;
        moves += i - at;
        if (moves > moves_max) {
            qsort(items, count, sizeof *items, compare_blocks);
            return;
        }
    }
}

bool proposal_look_at_all(struct order_search *search)
{
    const struct order_problem *problem = search->problem;
    struct budget *budget = problem->budget;
    struct block_order *items = budget_alloc(budget, problem->block_count * sizeof *items);
    for (uint32_t key = 0; items && key < problem->all->key_count; key++) {
        uint32_t first, end;
        movable(search, key, &first, &end);
        bool is_sorted = true;
        for (uint32_t at = first; at < end; at++) {
            items[at] =
                (struct block_order){block_place(search, search->sorted[at]), search->sorted[at]};
            is_sorted &= at == first || items[at - 1].place < items[at].place;
        }
        if (!is_sorted)
            sort_blocks(items + first, end - first);
        for (uint32_t at = first; at < end; at++) {
            search->sorted[at] = items[at].block;
            search->spot[items[at].block] = at;
        }
        for (uint32_t at = first; at + 1 < end; at++)
            if (proposal_distance(search, search->sorted[at], search->sorted[at + 1]) > 0)
                mark(search, search->sorted[at]);
    }
    budget_free(budget, items, problem->block_count * sizeof *items);
    return items != NULL;
}

uint32_t proposal_next(const struct order_search *search, uint32_t block)
{
    const struct order_problem *problem = search->problem;
    uint32_t next = search->spot[block] + 1;
    return next < problem->first_block[problem->blocks[block].key + 1] ? search->sorted[next]
                                                                       : ORDER_NONE;
}
