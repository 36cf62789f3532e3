/* The order of a linearizable set: blocks, each by start, and what changes nothing where it may. */
#include "checker/grow_only_set.h"

#include "checker/answer.h"

#include <string.h>

/* Places the operations of each block by start: `starts` has, by block, where it begins. */
static uint32_t place_blocks(const struct grow_only *set, uint32_t *starts, uint32_t *order)
{
    uint32_t extras = 0, sum = 0;
    memset(starts, 0, set->block_count * sizeof *starts);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->places[i] == GROW_NONE)
            continue;
        if (set->places[i] & GROW_EXTRA)
            extras++;
        else
            starts[set->places[i] / 2]++;
    }
    for (uint32_t block = 0; block < set->block_count; block++) {
        uint32_t here = starts[block];
        starts[block] = sum;
        sum += here;
    }
    for (uint32_t i = 0; i < set->count; i++)
        if (set->places[i] != GROW_NONE && !(set->places[i] & GROW_EXTRA))
            order[starts[set->places[i] / 2]++] = i;
    return extras;
}

/* Each operation of the order takes effect when the last so far has begun; an extra add as soon as
 * it has begun and its element is there. */
static enum grow_end insert_extras(const struct grow_only *set, uint32_t *order, uint32_t count,
                                   uint32_t extras)
{
    size_t bytes = ((size_t)count + extras) * sizeof(struct sort_item);
    struct sort_item *items = budget_alloc(set->budget, bytes);
    position *appeared = budget_alloc(set->budget, set->element_count * sizeof *appeared);
    enum grow_end end = items && appeared ? GROW_GO_ON : GROW_NO_MEMORY;
    position now = 0;
    for (uint32_t i = 0; end == GROW_GO_ON && i < count; i++) {
        const struct operation *op = &set->ops[order[i]];
        now = op->invoke > now ? op->invoke : now;
        items[i] = (struct sort_item){now, order[i]};
        if (op->f == F_ADD)
            appeared[grow_only_element_added(set, order[i])] = now;
    }
    for (uint32_t i = 0, at = count; end == GROW_GO_ON && i < set->count; i++) {
        if (set->places[i] == GROW_NONE || !(set->places[i] & GROW_EXTRA))
            continue;
        position there = appeared[grow_only_element_added(set, i)], start = set->ops[i].invoke;
        items[at++] = (struct sort_item){start > there ? start : there, i};
    }
    if (end == GROW_GO_ON) {
        enum sort_end sorted = sort_items(items, (size_t)count + extras, set->budget);
        end = sorted == SORT_DONE          ? GROW_GO_ON
              : sorted == SORT_OUT_OF_TIME ? GROW_NO_TIME
                                           : GROW_NO_MEMORY;
    }
    for (uint32_t i = 0; end == GROW_GO_ON && i < count + extras; i++)
        order[i] = items[i].item;
    budget_free(set->budget, appeared, set->element_count * sizeof *appeared);
    budget_free(set->budget, items, bytes);
    return end;
}

enum grow_end grow_only_make_order(struct grow_only *set, struct algorithm_result *out)
{
    uint32_t placed = 0;
    for (uint32_t i = 0; i < set->count; i++)
        placed += set->places[i] != GROW_NONE;
    if (!answer_reserve_order(set->input, out, placed))
        return GROW_NO_MEMORY;
    /* Which began last has been asked for. */
    uint32_t extras = place_blocks(set, set->latest, out->order);
    return extras == 0 ? GROW_GO_ON : insert_extras(set, out->order, placed - extras, extras);
}
