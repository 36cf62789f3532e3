#include "checker/element_search.h"

#include "checker/budget.h"

#include <string.h>

/* Bits are of slots: operations that have begun and not ended. */
struct config {
    uint64_t used;        /* changed the element */
    uint64_t seen;        /* found it, at some time, as they say */
    uint32_t may_used[2]; /* crashed ones: the first so many of those that leave it out, or in */
    uint32_t step;        /* the last one placed */
    bool in;
};

struct element_configs {
    struct config items[ELEMENT_CONFIGS_MAX];
    uint32_t count;
};

struct sweep {
    struct element_search *search;
    const struct element_op *ops;
    struct element_configs *now, *next;
    uint32_t slots[ELEMENT_OVERLAP_MAX]; /* the operation in each slot */
    uint64_t open;                       /* slots in use */
    uint64_t kinds[3][2];                /* those of a kind, by what they leave or observe */
    position when;
    enum element_end end;
};

/* --- memory --- */

bool element_search_init(struct element_search *search, bool want_order, struct budget *budget)
{
    *search = (struct element_search){.budget = budget, .want_order = want_order, .step_count = 1};
    search->sets = budget_alloc(budget, 2 * sizeof *search->sets);
    return search->sets;
}

void element_search_fini(struct element_search *search)
{
    struct budget *budget = search->budget;
    if (search->sets)
        budget_free(budget, search->sets, 2 * sizeof *search->sets);
    budget_free(budget, search->steps, search->step_capacity * sizeof *search->steps);
    budget_free(budget, search->order, search->order_capacity * sizeof *search->order);
    budget_free(budget, search->placed, search->placed_capacity * sizeof *search->placed);
    for (int in = 0; in < 2; in++)
        budget_free(budget, search->may[in], search->may_capacity[in] * sizeof *search->may[in]);
}

/* Makes room for more than `count`; *items is the pointer to them. False without memory. */
static bool grow(struct budget *budget, void *items, uint32_t *capacity, uint32_t count,
                 size_t size)
{
    void *block;
    if (count < *capacity)
        return true;
    uint32_t more = count < 64 ? 128 : count * 2;
    memcpy(&block, items, sizeof block);
    block = budget_resize(budget, block, *capacity * size, more * size);
    if (!block)
        return false;
    memcpy(items, &block, sizeof block);
    *capacity = more;
    return true;
}

static void note_step(struct sweep *sweep, struct config *config, uint32_t number)
{
    struct element_search *search = sweep->search;
    if (!search->want_order)
        return;
    if (!grow(search->budget, &search->steps, &search->step_capacity, search->step_count,
              sizeof *search->steps)) {
        sweep->end = ELEMENT_OUT_OF_MEMORY;
        return;
    }
    search->steps[search->step_count] = (struct element_step){config->step, number, sweep->when};
    config->step = search->step_count++;
}

/* --- what happens to a configuration --- */

/* Whoever waits for the element to be as it is now sees it. */
static void look(struct sweep *sweep, struct config *config)
{
    uint64_t sees =
        sweep->kinds[ELEMENT_OBSERVES][config->in] | sweep->kinds[ELEMENT_MAKES][config->in];
    sees &= ~config->seen & ~config->used;
    config->seen |= sees;
    for (; sees; sees &= sees - 1)
        note_step(sweep, config, sweep->slots[__builtin_ctzll(sees)]);
}

static struct config use(struct sweep *sweep, const struct config *config, uint32_t slot)
{
    struct config after = *config;
    after.used |= UINT64_C(1) << slot;
    after.in = !config->in;
    note_step(sweep, &after, sweep->slots[slot]);
    look(sweep, &after);
    return after;
}

static struct config use_crashed(struct sweep *sweep, const struct config *config)
{
    bool in = !config->in;
    struct config after = *config;
    after.in = in;
    note_step(sweep, &after, sweep->search->may[in][after.may_used[in]++]);
    look(sweep, &after);
    return after;
}

/* The slot of those that ends first, or -1. */
static int ends_first(const struct sweep *sweep, uint64_t slots)
{
    int best = -1;
    for (; slots; slots &= slots - 1) {
        int slot = __builtin_ctzll(slots);
        if (best < 0 || sweep->ops[sweep->slots[slot]].end < sweep->ops[sweep->slots[best]].end)
            best = slot;
    }
    return best;
}

/* The ways to change the element: at most two. Returns how many. */
static uint32_t change(struct sweep *sweep, const struct config *config, struct config ways[2])
{
    bool in = !config->in;
    uint32_t count = 0;
    int must = ends_first(sweep, sweep->kinds[ELEMENT_CHANGES][in] & ~config->used);
    int can = ends_first(sweep, sweep->kinds[ELEMENT_MAKES][in] & ~config->used);
    if (must >= 0)
        ways[count++] = use(sweep, config, (uint32_t)must);
    if (can >= 0 &&
        (must < 0 || sweep->ops[sweep->slots[can]].end < sweep->ops[sweep->slots[must]].end))
        ways[count++] = use(sweep, config, (uint32_t)can);
    if (count == 0 && config->may_used[in] < sweep->search->may_count[in])
        ways[count++] = use_crashed(sweep, config);
    return count;
}

/* --- events --- */

static bool same(const struct config *a, const struct config *b)
{
    return a->in == b->in && a->used == b->used && a->seen == b->seen &&
           a->may_used[0] == b->may_used[0] && a->may_used[1] == b->may_used[1];
}

/* Goes on with it, without the slot. */
static void keep(struct sweep *sweep, const struct config *config, uint32_t slot)
{
    struct element_configs *next = sweep->next;
    struct config kept = *config;
    kept.used &= ~(UINT64_C(1) << slot);
    kept.seen &= ~(UINT64_C(1) << slot);
    for (uint32_t i = 0; i < next->count; i++)
        if (same(&next->items[i], &kept))
            return;
    if (next->count == ELEMENT_CONFIGS_MAX)
        sweep->end = ELEMENT_TOO_HARD;
    else
        next->items[next->count++] = kept;
}

/* Uses the operation in the slot itself, changing the element before that if need be. */
static void keep_using(struct sweep *sweep, const struct config *config, uint32_t slot, bool in)
{
    struct config ways[2], after;
    if (config->in != in) {
        after = use(sweep, config, slot);
        keep(sweep, &after, slot);
        return;
    }
    uint32_t count = change(sweep, config, ways);
    for (uint32_t i = 0; i < count; i++) {
        after = use(sweep, &ways[i], slot);
        keep(sweep, &after, slot);
    }
}

static void end_in_config(struct sweep *sweep, const struct config *config, uint32_t slot)
{
    const struct element_op *op = &sweep->ops[sweep->slots[slot]];
    uint64_t bit = UINT64_C(1) << slot;
    struct config ways[2];
    if (config->used & bit) {
        keep(sweep, config, slot);
    } else if (op->kind == ELEMENT_CHANGES) {
        keep_using(sweep, config, slot, op->in);
    } else if (config->seen & bit) {
        keep(sweep, config, slot);
        if (op->kind == ELEMENT_MAKES)
            keep_using(sweep, config, slot, op->in);
    } else {
        uint32_t count = change(sweep, config, ways);
        for (uint32_t i = 0; i < count; i++)
            keep(sweep, &ways[i], slot);
    }
}

static void end_operation(struct sweep *sweep, uint32_t slot)
{
    const struct element_op *op = &sweep->ops[sweep->slots[slot]];
    sweep->when = op->end - 1;
    sweep->next->count = 0;
    for (uint32_t i = 0; i < sweep->now->count; i++)
        end_in_config(sweep, &sweep->now->items[i], slot);
    struct element_configs *swap = sweep->now;
    sweep->now = sweep->next;
    sweep->next = swap;
    sweep->open &= ~(UINT64_C(1) << slot);
    sweep->kinds[op->kind][op->in] &= ~(UINT64_C(1) << slot);
    if (sweep->now->count == 0 && sweep->end == ELEMENT_POSSIBLE) {
        sweep->end = ELEMENT_IMPOSSIBLE;
        sweep->search->failing = op->op;
    }
    if (budget_time_over(sweep->search->budget))
        sweep->end = ELEMENT_OUT_OF_TIME;
}

static void begin_operation(struct sweep *sweep, uint32_t number)
{
    struct element_search *search = sweep->search;
    const struct element_op *op = &sweep->ops[number];
    sweep->when = op->begin;
    if (op->kind == ELEMENT_MAY) {
        if (grow(search->budget, &search->may[op->in], &search->may_capacity[op->in],
                 search->may_count[op->in], sizeof **search->may))
            search->may[op->in][search->may_count[op->in]++] = number;
        else
            sweep->end = ELEMENT_OUT_OF_MEMORY;
        return;
    }
    if (sweep->open == UINT64_MAX) {
        sweep->end = ELEMENT_TOO_HARD;
        return;
    }
    uint32_t slot = (uint32_t)__builtin_ctzll(~sweep->open);
    sweep->slots[slot] = number;
    sweep->open |= UINT64_C(1) << slot;
    sweep->kinds[op->kind][op->in] |= UINT64_C(1) << slot;
    for (uint32_t i = 0; i < sweep->now->count; i++)
        look(sweep, &sweep->now->items[i]);
}

/* All that end before this. */
static void end_before(struct sweep *sweep, position when)
{
    while (sweep->open && sweep->end == ELEMENT_POSSIBLE) {
        int slot = ends_first(sweep, sweep->open);
        if (sweep->ops[sweep->slots[slot]].end > when)
            return;
        end_operation(sweep, (uint32_t)slot);
    }
}

/* --- the order --- */

/* An operation that saw what it wanted and changed the element later counts where it did that. */
static enum element_end set_order(struct element_search *search, uint32_t last, uint32_t count)
{
    if (!grow(search->budget, &search->order, &search->order_capacity, count,
              sizeof *search->order) ||
        !grow(search->budget, &search->placed, &search->placed_capacity, count,
              sizeof *search->placed))
        return ELEMENT_OUT_OF_MEMORY;
    memset(search->placed, 0, count * sizeof *search->placed);
    uint32_t at = count;
    for (uint32_t step = last; step > 0; step = search->steps[step].before) {
        if (search->placed[search->steps[step].number])
            continue;
        search->placed[search->steps[step].number] = true;
        search->order[--at] = search->steps[step];
    }
    search->order_count = count - at;
    memmove(search->order, search->order + at, search->order_count * sizeof *search->order);
    return ELEMENT_POSSIBLE;
}

enum element_end element_search_run(struct element_search *search, const struct element_op *ops,
                                    uint32_t count)
{
    struct sweep sweep = {
        .search = search, .ops = ops, .now = &search->sets[0], .next = &search->sets[1]};
    sweep.now->items[0] = (struct config){0};
    sweep.now->count = 1;
    search->step_count = 1;
    search->may_count[0] = search->may_count[1] = 0;
    for (uint32_t i = 0; i < count && sweep.end == ELEMENT_POSSIBLE; i++) {
        end_before(&sweep, ops[i].begin);
        if (sweep.end == ELEMENT_POSSIBLE)
            begin_operation(&sweep, i);
    }
    end_before(&sweep, POSITION_NONE);
    if (sweep.end == ELEMENT_POSSIBLE && search->want_order)
        return set_order(search, sweep.now->items[0].step, count);
    return sweep.end;
}
