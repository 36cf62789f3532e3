/* What crashed removals may have taken. */
#include "checker/container.h"

/* Lets crashed removal number `crashed` take a value that is left. */
static void give(struct container *c, uint32_t number, uint32_t crashed)
{
    struct container_value *value = &c->values[number];
    value->remove = c->crashed[crashed].op;
    value->out = c->crashed[crashed].at;
    if (value->out.from < value->in.from)
        value->out.from = value->in.from;
}

void container_give_left(struct container *c)
{
    for (uint32_t i = 0; i < c->left_count && i < c->crashed_count; i++)
        give(c, c->left[i], i);
}

void container_take_back_left(struct container *c)
{
    for (uint32_t i = 0; i < c->left_count; i++) {
        struct container_value *value = &c->values[c->left[i]];
        value->remove = CONTAINER_NO;
        value->out = (struct window){CELL_NEVER, CELL_NEVER};
    }
}

void container_drop_left(struct container *c)
{
    for (uint32_t i = 0; i < c->left_count; i++) {
        struct container_value *value = &c->values[c->left[i]];
        value->remove = CONTAINER_NO;
        value->in = value->out = (struct window){CELL_NEVER, CELL_NEVER};
    }
}

/* Minima over cells from some cell on (Fenwick 1994, backwards). */
static void note_end(uint32_t *earliest, uint32_t cell, uint32_t end)
{
    for (uint32_t at = cell + 1; at > 0; at -= at & -at)
        earliest[at] = end < earliest[at] ? end : earliest[at];
}

static uint32_t earliest_end(const uint32_t *earliest, uint32_t cells, uint32_t cell)
{
    uint32_t end = CELL_NEVER;
    for (uint32_t at = cell + 1; at <= cells; at += at & -at)
        end = earliest[at] < end ? earliest[at] : end;
    return end;
}

/* For each value left that must be gone at some time: when, at last, the first operation that needs
 * it ended. */
static enum sort_end find_deadlines(const struct container *c, const struct sort_item *sequence,
                                    uint32_t *earliest, struct sort_item *items, uint32_t *count)
{
    for (uint32_t i = 0; i <= c->cells; i++)
        earliest[i] = CELL_NEVER;
    for (uint32_t i = 0; i < c->empty_count; i++)
        note_end(earliest, c->empties[i].at.from, c->empties[i].at.to);
    for (uint32_t i = 0; i < c->count; i++) {
        const struct container_value *value = &c->values[sequence[i].item];
        if (container_time_over(c->budget, i))
            return SORT_OUT_OF_TIME;
        if (value->remove != CONTAINER_NO) {
            note_end(earliest, value->out.from, value->out.to);
            continue;
        }
        uint32_t end = earliest_end(earliest, c->cells, value->in.to);
        if (end != CELL_NEVER)
            items[(*count)++] = (struct sort_item){end, sequence[i].item};
    }
    return sort_items(items, *count, c->budget);
}

enum sort_end container_give_urgent(struct container *c, const struct sort_item *sequence)
{
    size_t size = ((size_t)c->cells + 1) * sizeof(uint32_t);
    size_t items_size = c->left_count * sizeof(struct sort_item);
    uint32_t *earliest = budget_alloc(c->budget, size), count = 0;
    struct sort_item *items = budget_alloc(c->budget, items_size);
    enum sort_end end = SORT_OUT_OF_MEMORY;
    if (earliest && items)
        end = find_deadlines(c, sequence, earliest, items, &count);
    for (uint32_t i = 0; i < count && i < c->crashed_count && end == SORT_DONE; i++)
        give(c, items[i].item, i);
    budget_free(c->budget, earliest, size);
    budget_free(c->budget, items, items_size);
    return end;
}
