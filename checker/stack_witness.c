#include "checker/stack_witness.h"

#include <assert.h>
#include <string.h>

enum { SHRINK_MAX = 48 }; /* so many values are shrunk one by one */

struct stuck {
    const struct container *c;
    const uint8_t *open;
    struct sort_item *items; /* values that were not cleared, by in.to */
    uint32_t *furthest;      /* of items up to here, the value that stays longest */
    uint32_t count;
    size_t capacity; /* of both, and of kept */
    uint32_t *kept;  /* the witness */
    uint32_t kept_count;
    bool *is_kept; /* by value */
};

/* --- a set that is stuck by itself --- */

static enum sort_end collect(struct stuck *stuck)
{
    const struct container *c = stuck->c;
    for (uint32_t i = 0; i < c->count; i++)
        if (stuck->open[i])
            stuck->items[stuck->count++] = (struct sort_item){c->values[i].in.to, i};
    enum sort_end end = sort_items(stuck->items, stuck->count, c->budget);
    for (uint32_t i = 0; i < stuck->count && end == SORT_DONE; i++) {
        uint32_t best = stuck->items[i].item;
        if (i > 0 && c->values[stuck->furthest[i - 1]].out.from > c->values[best].out.from)
            best = stuck->furthest[i - 1];
        stuck->furthest[i] = best;
    }
    return end;
}

static void keep(struct stuck *stuck, uint32_t value)
{
    if (!stuck->is_kept[value])
        stuck->kept[stuck->kept_count++] = value;
    stuck->is_kept[value] = true;
}

/* Of the values that are in at a cell, the one that stays longest. */
static uint32_t longest_at(const struct stuck *stuck, uint32_t cell)
{
    uint32_t low = 0, high = stuck->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (stuck->items[middle].key <= cell)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low > 0);
    return stuck->furthest[low - 1];
}

static struct window covered_window(const struct stuck *stuck, uint32_t value)
{
    const struct container_value *v = &stuck->c->values[value];
    bool put = stuck->open[value] & STACK_PUT, take = stuck->open[value] & STACK_TAKE;
    bool shorter = v->in.to - v->in.from < v->out.to - v->out.from;
    return put && (!take || shorter) ? v->in : v->out;
}

static void keep_cover(struct stuck *stuck, struct window window)
{
    uint32_t cell = window.from;
    while (cell < window.to && cell < stuck->c->cells) {
        uint32_t value = longest_at(stuck, cell);
        keep(stuck, value);
        assert(stuck->c->values[value].out.from > cell);
        cell = stuck->c->values[value].out.from;
    }
}

/* Begins with the value that has the shortest covered window, and keeps what covers it, and what
 * covers that. False when time is over. */
static bool close_up(struct stuck *stuck)
{
    uint32_t best = 0, best_length = UINT32_MAX;
    for (uint32_t i = 0; i < stuck->count; i++) {
        struct window window = covered_window(stuck, stuck->items[i].item);
        if (window.to - window.from < best_length) {
            best_length = window.to - window.from;
            best = i;
        }
    }
    keep(stuck, stuck->items[best].item);
    for (uint32_t i = 0; i < stuck->kept_count; i++) {
        if (container_time_over(stuck->c->budget, i))
            return false;
        keep_cover(stuck, covered_window(stuck, stuck->kept[i]));
    }
    return true;
}

/* --- a smaller one --- */

static bool has_bare_cell(const struct stuck *stuck, const uint32_t *values, uint32_t count,
                          struct window window)
{
    uint32_t cell = window.from, to = window.to < stuck->c->cells ? window.to : stuck->c->cells;
    while (cell < to) {
        uint32_t end = cell;
        for (uint32_t i = 0; i < count; i++) {
            const struct container_value *value = &stuck->c->values[values[i]];
            if (value->in.to <= cell && value->out.from > end)
                end = value->out.from;
        }
        if (end == cell)
            return true;
        cell = end;
    }
    return false;
}

static bool can_be_cleared(const struct stuck *stuck, const uint32_t *values, uint32_t count,
                           uint32_t value)
{
    const struct container_value *v = &stuck->c->values[value];
    return has_bare_cell(stuck, values, count, v->in) &&
           (v->remove == CONTAINER_NO || has_bare_cell(stuck, values, count, v->out));
}

/* Clears what can be; returns how many are left. */
static uint32_t clear_all(const struct stuck *stuck, uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count;) {
        if (!can_be_cleared(stuck, values, count, values[i])) {
            i++;
            continue;
        }
        values[i] = values[--count];
        i = 0;
    }
    return count;
}

static void shrink(struct stuck *stuck)
{
    uint32_t fewer[SHRINK_MAX];
    if (stuck->kept_count > SHRINK_MAX)
        return;
    for (uint32_t i = 0; i < stuck->kept_count; i++) {
        uint32_t count = stuck->kept_count - 1;
        memcpy(fewer, stuck->kept, stuck->kept_count * sizeof *fewer);
        fewer[i] = fewer[count];
        count = clear_all(stuck, fewer, count);
        if (count == 0)
            continue;
        memcpy(stuck->kept, fewer, count * sizeof *fewer);
        stuck->kept_count = count;
        i = UINT32_MAX; /* begin again */
    }
}

/* --- the result --- */

/* The removal that fails first; an insert if none does. */
static uint32_t failing(const struct stuck *stuck)
{
    const struct container *c = stuck->c;
    uint32_t found = c->values[stuck->kept[0]].insert, earliest = CELL_NEVER;
    for (uint32_t i = 0; i < stuck->kept_count; i++) {
        const struct container_value *value = &c->values[stuck->kept[i]];
        if (!(stuck->open[stuck->kept[i]] & STACK_TAKE) || value->out.to >= earliest)
            continue;
        earliest = value->out.to;
        found = value->remove;
    }
    return found;
}

static void reject(struct stuck *stuck, struct algorithm_result *out)
{
    enum sort_end end = collect(stuck);
    if (end == SORT_DONE && !close_up(stuck))
        end = SORT_OUT_OF_TIME;
    if (end == SORT_DONE) {
        shrink(stuck);
        container_reject(stuck->c, stuck->kept, stuck->kept_count, CONTAINER_NO, failing(stuck),
                         "values were taken out in an order in which no stack gives them", out);
    }
    container_end_sort(out, end);
}

void stack_reject(const struct container *c, const uint8_t *open, struct algorithm_result *out)
{
    struct stuck stuck = {.c = c, .open = open};
    for (uint32_t i = 0; i < c->count; i++)
        stuck.capacity += open[i] != 0;
    stuck.items = budget_alloc(c->budget, stuck.capacity * sizeof *stuck.items);
    stuck.furthest = budget_alloc(c->budget, stuck.capacity * sizeof *stuck.furthest);
    stuck.kept = budget_alloc(c->budget, stuck.capacity * sizeof *stuck.kept);
    stuck.is_kept = budget_zalloc(c->budget, c->count * sizeof *stuck.is_kept);
    if (stuck.items && stuck.furthest && stuck.kept && stuck.is_kept)
        reject(&stuck, out);
    else
        out->end = ALGORITHM_OUT_OF_MEMORY;
    budget_free(c->budget, stuck.items, stuck.capacity * sizeof *stuck.items);
    budget_free(c->budget, stuck.furthest, stuck.capacity * sizeof *stuck.furthest);
    budget_free(c->budget, stuck.kept, stuck.capacity * sizeof *stuck.kept);
    budget_free(c->budget, stuck.is_kept, c->count * sizeof *stuck.is_kept);
}
