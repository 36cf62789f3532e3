/* How the checks of containers say what they found. */
#include "checker/container.h"

#include "checker/sort_items.h"

#include <assert.h>

void container_end_sort(struct algorithm_result *out, enum sort_end end)
{
    if (end != SORT_DONE)
        out->end = end == SORT_OUT_OF_TIME ? ALGORITHM_OUT_OF_TIME : ALGORITHM_OUT_OF_MEMORY;
}

void container_not_for_this(struct algorithm_result *out, enum container_doubt doubt)
{
    static const char *const reasons[] = {
        [CONTAINER_SET_ASIDE] = "a value is put in more than once",
        [CONTAINER_CRASHED] = "a removal crashed, and may have taken any of several values",
    };
    out->end = ALGORITHM_NOT_FOR_THIS;
    out->reason = reasons[doubt];
}

void container_forget_witness(const struct container *c, struct algorithm_result *out)
{
    budget_free(c->budget, out->witness, out->witness_count * sizeof *out->witness);
    *out = (struct algorithm_result){.end = ALGORITHM_ACCEPTED, .steps = out->steps};
}

/* --- witnesses --- */

struct gathering {
    const struct container *container;
    struct sort_item *items; /* indexes of operations as keys */
    size_t count, capacity;
};

static void gather(struct gathering *all, uint32_t op)
{
    if (op == CONTAINER_NO)
        return;
    assert(all->count < all->capacity);
    all->items[all->count++] = (struct sort_item){.key = op};
}

static void gather_value(struct gathering *all, uint32_t value)
{
    gather(all, all->container->values[value].insert);
    gather(all, all->container->values[value].remove);
}

/* How many of the values left must be kept, from the first on, so that each of these is taken by
 * the crashed removal that takes it among all, or by none as among all. 0 if none of them is left.
 */
static uint32_t left_needed(const struct container *c, const uint32_t *values, uint32_t count)
{
    uint32_t needed = 0;
    for (uint32_t rank = 0; rank < c->left_count; rank++)
        for (uint32_t i = 0; i < count; i++)
            if (values[i] == c->left[rank])
                needed = rank + 1;
    return needed > c->crashed_count ? c->crashed_count : needed;
}

static bool any_left(const struct container *c, const uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t remove = c->values[values[i]].remove;
        if (remove == CONTAINER_NO || c->object->ops[remove].outcome == OP_INFO)
            return true;
    }
    return false;
}

/* Sorted and each once. */
static void set_witness(struct gathering *all, struct algorithm_result *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < all->count; i++)
        count += i == 0 || all->items[i].key != all->items[i - 1].key;
    out->witness = budget_alloc(all->container->budget, count * sizeof *out->witness);
    if (!out->witness) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    out->witness_count = 0;
    for (size_t i = 0; i < all->count; i++)
        if (i == 0 || all->items[i].key != all->items[i - 1].key)
            out->witness[out->witness_count++] = (uint32_t)all->items[i].key;
    out->end = ALGORITHM_REJECTED;
}

void container_reject(const struct container *c, const uint32_t *values, uint32_t count,
                      uint32_t more, uint32_t failing, const char *reason,
                      struct algorithm_result *out)
{
    bool left = c->crashed_count > 0 && any_left(c, values, count);
    uint32_t needed = left ? left_needed(c, values, count) : 0;
    uint32_t crashed = left ? c->crashed_count : 0;
    struct gathering all = {.container = c, .capacity = 2 * ((size_t)count + needed) + crashed + 1};
    out->reason = reason;
    out->failing = failing;
    all.items = budget_alloc(c->budget, all.capacity * sizeof *all.items);
    if (!all.items) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        gather_value(&all, values[i]);
    for (uint32_t i = 0; i < needed; i++)
        gather_value(&all, c->left[i]);
    for (uint32_t i = 0; i < crashed; i++)
        gather(&all, c->crashed[i].op);
    gather(&all, more);
    enum sort_end end = sort_items(all.items, all.count, c->budget);
    if (end == SORT_DONE)
        set_witness(&all, out);
    container_end_sort(out, end);
    budget_free(c->budget, all.items, all.capacity * sizeof *all.items);
}

/* --- covers --- */

/* The values that are in during some of the window, by the end of their insert. */
static size_t overlapping(const struct container *c, struct window window,
                          const uint32_t *candidates, uint32_t count, struct sort_item *items)
{
    size_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = candidates ? candidates[i] : i;
        const struct container_value *value = &c->values[number];
        if (!container_stays(value) || value->in.to >= window.to || value->out.from <= window.from)
            continue;
        if (items)
            items[found] = (struct sort_item){value->in.to, number};
        found++;
    }
    return found;
}

/* Of those that are in at a cell, the one that stays longest comes next: no cover has fewer. */
static uint32_t choose_cover(const struct container *c, struct window window,
                             const struct sort_item *items, size_t count, uint32_t *chosen)
{
    uint32_t chosen_count = 0, cell = window.from, best = CONTAINER_NO;
    for (size_t i = 0; cell < window.to;) {
        for (; i < count && items[i].key <= cell; i++)
            if (best == CONTAINER_NO ||
                c->values[items[i].item].out.from > c->values[best].out.from)
                best = items[i].item;
        assert(best != CONTAINER_NO && c->values[best].out.from > cell);
        chosen[chosen_count++] = best;
        cell = c->values[best].out.from;
    }
    return chosen_count;
}

void container_reject_covered(const struct container *c, struct window window,
                              const uint32_t *candidates, uint32_t count, uint32_t value,
                              uint32_t more, uint32_t failing, const char *reason,
                              struct algorithm_result *out)
{
    size_t size = overlapping(c, window, candidates, count, NULL), chosen_size = size + 1;
    struct sort_item *items = budget_alloc(c->budget, size * sizeof *items);
    uint32_t *chosen = budget_alloc(c->budget, chosen_size * sizeof *chosen);
    if (!items || !chosen) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
    } else {
        overlapping(c, window, candidates, count, items);
        enum sort_end end = sort_items(items, size, c->budget);
        if (end == SORT_DONE) {
            uint32_t chosen_count = choose_cover(c, window, items, size, chosen);
            if (value != CONTAINER_NO)
                chosen[chosen_count++] = value;
            container_reject(c, chosen, chosen_count, more, failing, reason, out);
        }
        container_end_sort(out, end);
    }
    budget_free(c->budget, items, size * sizeof *items);
    budget_free(c->budget, chosen, chosen_size * sizeof *chosen);
}

void container_check_empties(struct container *c, struct cover *cover, struct algorithm_result *out)
{
    for (uint32_t i = 0; i < c->empty_count; i++) {
        struct container_op *empty = &c->empties[i];
        uint32_t cell = cover_next_free(cover, empty->at.from);
        if (container_time_over(c->budget, i)) {
            out->end = ALGORITHM_OUT_OF_TIME;
            return;
        }
        if (cell >= empty->at.to) {
            container_reject_covered(
                c, empty->at, NULL, c->count, CONTAINER_NO, empty->op, empty->op,
                "a removal found nothing although some value was in at all times", out);
            return;
        }
        empty->at.from = cell;
    }
}

/* False when time is over. */
static bool cover_all(const struct container *c, struct cover *cover)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (container_time_over(c->budget, i))
            return false;
        if (container_stays(&c->values[i]))
            cover_add(cover, c->values[i].in.to, c->values[i].out.from);
    }
    return true;
}

void container_check_all_empties(struct container *c, struct algorithm_result *out)
{
    struct cover cover;
    if (c->empty_count == 0)
        return;
    if (!cover_init(&cover, c->cells, c->budget)) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    if (cover_all(c, &cover))
        container_check_empties(c, &cover, out);
    else
        out->end = ALGORITHM_OUT_OF_TIME;
    cover_fini(&cover);
}

/* --- orders --- */

void container_accept(struct budget *budget, struct sort_item *items, size_t count, size_t capacity,
                      struct algorithm_result *out)
{
    enum sort_end end = sort_items(items, count, budget);
    if (end == SORT_DONE) {
        out->order = budget_alloc(budget, count * sizeof *out->order);
        if (!out->order)
            end = SORT_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < count && end == SORT_DONE; i++)
        out->order[i] = items[i].item;
    out->order_count = end == SORT_DONE ? (uint32_t)count : 0;
    out->end = ALGORITHM_ACCEPTED;
    container_end_sort(out, end);
    budget_free(budget, items, capacity * sizeof *items);
}

enum phase { PHASE_TAKE, PHASE_EMPTY, PHASE_PUT, PHASES };

struct late_order {
    struct sort_item *items;
    size_t count;
};

static void add_item(struct late_order *order, uint32_t cell, enum phase phase, uint32_t op)
{
    order->items[order->count++] = (struct sort_item){(uint64_t)cell * PHASES + phase, op};
}

static void add_value(struct late_order *order, const struct container_value *value, uint32_t taken)
{
    bool removed = value->remove != CONTAINER_NO;
    if (removed && taken < value->in.to)
        add_item(order, taken, PHASE_TAKE, value->insert);
    else
        add_item(order, value->in.to - 1, PHASE_PUT, value->insert);
    if (removed)
        add_item(order, taken, PHASE_TAKE, value->remove);
}

void container_accept_late(const struct container *c, const uint32_t *sequence,
                           const uint32_t *taken, struct algorithm_result *out)
{
    size_t capacity = 2 * (size_t)c->count + c->empty_count;
    struct late_order order = {budget_alloc(c->budget, capacity * sizeof *order.items), 0};
    if (!order.items) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t number = sequence ? sequence[i] : i;
        const struct container_value *value = &c->values[number];
        add_value(&order, value, taken ? taken[number] : value->out.from);
    }
    for (uint32_t i = 0; i < c->empty_count; i++)
        add_item(&order, c->empties[i].at.from, PHASE_EMPTY, c->empties[i].op);
    container_accept(c->budget, order.items, order.count, capacity, out);
}
