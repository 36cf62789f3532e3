/* A FIFO queue of distinct values, in linear time (Henzinger, Sezgin & Vafeiadis, CONCUR 2013;
 * Bouajjani, Emmi, Enea & Hamza, ICALP 2015; crashed operations, and the order, are ours).
 *
 * In terms of windows (container.h), a must be put in before b if in_a.to <= in_b.from, and be
 * taken out before b if out_a.to <= out_b.from; either makes it do both. There is an order unless
 * two values must each come before the other: for let m be the value whose insert ends first of
 * those that are left, and n the one whose removal ends first. Nothing must come before m unless
 * out_n.to <= out_m.from; and then nothing must come before n, unless in_m.to <= in_n.from. So one
 * of them comes next, and so on. Along this order, put in and take out as early as possible.
 *
 * A removal that found nothing needs a cell in which no value certainly is in. Choose one for
 * each; then a value with out.from up to that cell can be in and out before, and all others can be
 * put in after; this divides the values into parts, one after the other, and contradicts none of
 * the above.
 *
 * Of the values that nobody is known to have taken, a crashed removal should take the one whose
 * insert ended first: the earlier it ended, the earlier the value must be gone, both because of
 * values put in later and because of the removals that found nothing. As these wishes are nested,
 * the i-th crashed removal takes the i-th value, and if this breaks a rule then so does any other
 * choice. */
#include "checker/algorithm.h"

#include "checker/container.h"
#include "checker/sort_items.h"

#include <assert.h>

static bool accepted(const struct algorithm_result *out)
{
    return out->end == ALGORITHM_ACCEPTED;
}

/* --- two values out of order --- */

/* ends[i] becomes the earliest out.to of values i and later. */
static void earliest_ends(const struct container *c, uint32_t *ends)
{
    uint32_t earliest = CELL_NEVER;
    for (uint32_t i = c->count; i-- > 0;) {
        if (c->values[i].out.to < earliest)
            earliest = c->values[i].out.to;
        ends[i] = earliest;
    }
}

/* How many values began to be put in before some cell: a bit for each cell after such a beginning,
 * and for each 64 of them how many there are before. */
struct beginnings {
    uint64_t *bits;
    uint32_t *before;
    uint32_t words;
};

static bool beginnings_init(struct beginnings *begun, const struct container *c)
{
    uint32_t sum = 0;
    begun->words = c->cells / 64 + 1;
    begun->bits = budget_zalloc(c->budget, begun->words * sizeof *begun->bits);
    begun->before = budget_alloc(c->budget, begun->words * sizeof *begun->before);
    if (!begun->bits || !begun->before)
        return false;
    for (uint32_t i = 0; i < c->count; i++)
        begun->bits[c->values[i].in.from / 64] |= UINT64_C(1) << c->values[i].in.from % 64;
    for (uint32_t word = 0; word < begun->words; word++) {
        begun->before[word] = sum;
        sum += (uint32_t)__builtin_popcountll(begun->bits[word]);
    }
    return true;
}

static void beginnings_fini(struct beginnings *begun, const struct container *c)
{
    budget_free(c->budget, begun->bits, begun->words * sizeof *begun->bits);
    budget_free(c->budget, begun->before, begun->words * sizeof *begun->before);
}

/* The first value whose insert began at or after the cell: they are in that order. */
static uint32_t first_after(const struct beginnings *begun, const struct container *c,
                            uint32_t cell)
{
    if (cell >= c->cells)
        return c->count;
    uint64_t earlier = begun->bits[cell / 64] & ((UINT64_C(1) << cell % 64) - 1);
    return begun->before[cell / 64] + (uint32_t)__builtin_popcountll(earlier);
}

static void reject_pair(const struct container *c, uint32_t before, uint32_t from, uint32_t end,
                        struct algorithm_result *out)
{
    uint32_t pair[2] = {before, from};
    while (c->values[pair[1]].out.to != end)
        pair[1]++;
    const char *reason =
        c->values[before].out.from == CELL_NEVER
            ? "a value was taken out although another one, put in before it, never was"
            : "a value was taken out before another one that was put in before it";
    container_reject(c, pair, 2, CONTAINER_NO, c->values[pair[1]].remove, reason, out);
}

static void compare_pairs(const struct container *c, const struct beginnings *begun,
                          const uint32_t *ends, struct algorithm_result *out)
{
    for (uint32_t i = 0; i < c->count && accepted(out); i++) {
        const struct container_value *value = &c->values[i];
        if (container_time_over(c->budget, i)) {
            out->end = ALGORITHM_OUT_OF_TIME;
            break;
        }
        uint32_t later = first_after(begun, c, value->in.to);
        if (later < c->count && ends[later] != CELL_NEVER && ends[later] <= value->out.from)
            reject_pair(c, i, later, ends[later], out);
    }
}

static void check_pairs(const struct container *c, struct algorithm_result *out)
{
    struct beginnings begun;
    size_t size = c->count * sizeof(uint32_t);
    uint32_t *ends = budget_alloc(c->budget, size);
    if (beginnings_init(&begun, c) && ends) {
        earliest_ends(c, ends);
        compare_pairs(c, &begun, ends, out);
    } else {
        out->end = ALGORITHM_OUT_OF_MEMORY;
    }
    beginnings_fini(&begun, c);
    budget_free(c->budget, ends, size);
}

/* --- the order --- */

/* Time in half cells: a chosen cell's second half begins with the removal that found nothing. */
struct span {
    uint64_t from, to;
};

struct ordering {
    const struct container *c;
    struct sort_item *by_insert, *by_remove; /* values by the ends of their spans */
    uint32_t *parts;                         /* by value: how many chosen cells lie before it */
    bool *placed;                            /* by value */
    struct sort_item *items;                 /* the order, being made */
    size_t capacity, count;
    uint64_t put, taken; /* when the last value was put in, and taken out */
};

static uint64_t half(const struct container *c, uint32_t cell)
{
    return 2 * (uint64_t)(cell == CELL_NEVER ? c->cells + 1 : cell);
}

static uint64_t half_of_empty(const struct container *c, uint32_t empty)
{
    return half(c, c->empties[empty].at.from) + 1;
}

/* How many of the chosen cells lie before the value's removal: the part that it is in. */
static uint32_t part_of(const struct container *c, const struct container_value *value)
{
    uint32_t low = 0, high = c->empty_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->empties[middle].at.from < value->out.from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One window of a value, as much of it as lies in the value's part. */
static struct span span_of(const struct ordering *o, uint32_t number, struct window window)
{
    const struct container *c = o->c;
    struct span span = {half(c, window.from), half(c, window.to)};
    uint32_t part = o->parts[number];
    if (part > 0 && half_of_empty(c, part - 1) > span.from)
        span.from = half_of_empty(c, part - 1);
    if (part < c->empty_count && half_of_empty(c, part) < span.to)
        span.to = half_of_empty(c, part);
    return span;
}

static void add_item(struct ordering *o, uint64_t when, uint32_t op)
{
    o->items[o->count++] = (struct sort_item){when, op};
}

/* Puts a value behind those that are placed: both its operations as early as they can be. */
static void place(struct ordering *o, uint32_t number)
{
    const struct container_value *value = &o->c->values[number];
    struct span in = span_of(o, number, value->in), out = span_of(o, number, value->out);
    o->placed[number] = true;
    o->put = in.from > o->put ? in.from : o->put;
    assert(o->put < in.to);
    add_item(o, o->put, value->insert);
    if (value->remove == CONTAINER_NO)
        return;
    o->taken = out.from > o->taken ? out.from : o->taken;
    o->taken = o->put > o->taken ? o->put : o->taken;
    assert(o->taken < out.to);
    add_item(o, o->taken, value->remove);
}

/* What is added first comes first in its half of a cell. False when time is over. */
static bool place_all(struct ordering *o)
{
    const struct container *c = o->c;
    uint64_t never = half(c, CELL_NEVER);
    const struct sort_item *first = o->by_insert, *gone = o->by_remove;
    for (uint32_t i = 0; i < c->empty_count; i++)
        add_item(o, half_of_empty(c, i), c->empties[i].op);
    for (uint32_t i = 0; i < c->count; i++) {
        if (container_time_over(c->budget, i))
            return false;
        while (o->placed[first->item])
            first++;
        while (o->placed[gone->item])
            gone++;
        struct window out = c->values[first->item].out;
        bool comes_next = gone->key == never || span_of(o, first->item, out).from < gone->key;
        place(o, comes_next ? first->item : gone->item);
    }
    return true;
}

static enum sort_end sort_values(struct ordering *o)
{
    const struct container *c = o->c;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct container_value *value = &c->values[i];
        o->parts[i] = part_of(c, value);
        o->by_insert[i] = (struct sort_item){span_of(o, i, value->in).to, i};
        o->by_remove[i] = (struct sort_item){span_of(o, i, value->out).to, i};
    }
    enum sort_end end = sort_items(o->by_insert, c->count, c->budget);
    return end == SORT_DONE ? sort_items(o->by_remove, c->count, c->budget) : end;
}

static void make_order(const struct container *c, struct algorithm_result *out)
{
    struct budget *budget = c->budget;
    struct ordering o = {.c = c, .capacity = 2 * (size_t)c->count + c->empty_count};
    size_t values_size = c->count * sizeof *o.by_insert;
    o.by_insert = budget_alloc(budget, values_size);
    o.by_remove = budget_alloc(budget, values_size);
    o.parts = budget_alloc(budget, c->count * sizeof *o.parts);
    o.placed = budget_zalloc(budget, c->count * sizeof *o.placed);
    o.items = budget_alloc(budget, o.capacity * sizeof *o.items);
    enum sort_end end = SORT_OUT_OF_MEMORY;
    if (o.by_insert && o.by_remove && o.parts && o.placed && o.items)
        end = sort_values(&o);
    if (end == SORT_DONE && !place_all(&o))
        end = SORT_OUT_OF_TIME;
    budget_free(c->budget, o.by_insert, values_size);
    budget_free(c->budget, o.by_remove, values_size);
    budget_free(c->budget, o.parts, c->count * sizeof *o.parts);
    budget_free(c->budget, o.placed, c->count * sizeof *o.placed);
    if (end == SORT_DONE) {
        container_accept(c->budget, o.items, o.count, o.capacity, out);
        return;
    }
    budget_free(c->budget, o.items, o.capacity * sizeof *o.items);
    container_end_sort(out, end);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct container c;
    int rc = container_read(&c, input, F_ENQUEUE, F_DEQUEUE, out, err);
    if (rc != 0 || !accepted(out))
        return rc;
    container_give_left(&c);
    check_pairs(&c, out);
    if (accepted(out))
        container_check_all_empties(&c, out);
    if (accepted(out) && c.set_aside > 0)
        container_not_for_this(out, CONTAINER_SET_ASIDE);
    else if (accepted(out) && input->want_order)
        make_order(&c, out);
    container_fini(&c);
    return 0;
}

static const char *const models[] = {"fifo-queue", NULL};

const struct algorithm algorithm_fifo_queue = {
    .name = "fifo-queue",
    .doc = "FIFO queues of distinct values: pairs out of order (Bouajjani et al., ICALP 2015)",
    .models = models,
    .run = run,
};
