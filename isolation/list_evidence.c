/* Cycles of a list_order as evidence. */
#include "isolation/list_order.h"

#include "checker/budget.h"
#include "core/err.h"
#include "evidence/step_list.h"

enum { ARCS_MIN = 64, SEARCHES_MAX = 16 };

/* --- a short cycle --- */

/* A search back from a place to itself, breadth first, where only places count. */
struct list_search {
    struct list_order *order;
    struct list_arc *arcs; /* by node: to the next one */
    uint32_t *now, *later; /* nodes of this depth and the next one */
    uint32_t now_count, later_count;
};

static void search_fini(struct list_search *search)
{
    struct budget *budget = search->order->budget;
    size_t nodes = search->order->node_count;
    budget_free(budget, search->arcs, nodes * sizeof *search->arcs);
    budget_free(budget, search->now, nodes * sizeof *search->now);
    budget_free(budget, search->later, nodes * sizeof *search->later);
}

static int search_init(struct list_search *search, struct list_order *order)
{
    struct budget *budget = order->budget;
    size_t nodes = order->node_count;
    *search = (struct list_search){.order = order};
    search->arcs = budget_alloc(budget, nodes * sizeof *search->arcs);
    search->now = budget_alloc(budget, nodes * sizeof *search->now);
    search->later = budget_alloc(budget, nodes * sizeof *search->later);
    return search->arcs && search->now && search->later ? 0 : ERR_NOMEM;
}

static void reach(struct list_search *search, const struct list_before *before, uint32_t next)
{
    struct list_order *order = search->order;
    uint32_t node = before->node;
    if (order->marks[node] == 2 * order->walk)
        return;
    order->marks[node] = 2 * order->walk;
    search->arcs[node] = (struct list_arc){node, next, before->key, before->kind};
    if (list_is_place(order, node))
        search->later[search->later_count++] = node;
    else
        search->now[search->now_count++] = node;
}

static int expand(struct list_search *search, uint32_t node)
{
    struct list_befores befores = {.node = node, .read = LIST_NONE};
    for (struct list_before before; list_befores_next(search->order, &befores, &before);) {
        if (budget_time_over(search->order->budget))
            return ERR_TIMEOUT;
        reach(search, &before, node);
    }
    return 0;
}

/* *length: of the shortest cycle with the place, if it is less; in places. */
static int search_from(struct list_search *search, uint32_t place, uint32_t *length)
{
    struct list_order *order = search->order;
    int rc = 0;
    list_order_begin(order);
    search->now[0] = place;
    search->now_count = 1;
    for (uint32_t depth = 1; depth < *length && search->now_count > 0; depth++) {
        search->later_count = 0;
        while (search->now_count > 0 && rc == 0)
            rc = expand(search, search->now[--search->now_count]);
        if (rc != 0 || order->marks[place] == 2 * order->walk) {
            *length = rc == 0 ? depth : *length;
            return rc;
        }
        uint32_t *now = search->now;
        search->now = search->later;
        search->later = now;
        search->now_count = search->later_count;
    }
    return rc;
}

static int take_cycle(const struct list_search *search, uint32_t place, struct list_cycle *cycle)
{
    uint32_t node = place;
    cycle->count = 0;
    do {
        if (cycle->count == cycle->capacity) {
            uint32_t more = cycle->capacity ? 2 * cycle->capacity : ARCS_MIN;
            struct list_arc *arcs =
                budget_resize(search->order->budget, cycle->arcs, cycle->capacity * sizeof *arcs,
                              more * sizeof *arcs);
            if (!arcs)
                return ERR_NOMEM;
            cycle->arcs = arcs;
            cycle->capacity = more;
        }
        cycle->arcs[cycle->count++] = search->arcs[node];
        node = search->arcs[node].to;
    } while (node != place);
    return 0;
}

/* From its own places, as long as that makes it shorter. */
static int shorten(struct list_search *search, struct list_cycle *cycle, uint32_t length)
{
    int rc = 0;
    for (uint32_t at = 0, left = SEARCHES_MAX; at < cycle->count && left > 0 && rc == 0; at++) {
        uint32_t place = cycle->arcs[at].from, shorter = length;
        if (!list_is_place(search->order, place))
            continue;
        left--;
        rc = search_from(search, place, &shorter);
        if (rc != 0 || shorter == length)
            continue;
        rc = take_cycle(search, place, cycle);
        length = shorter;
        at = 0;
    }
    return rc;
}

int list_cycle_find(struct list_order *order, struct list_cycle *cycle)
{
    struct list_search search;
    uint32_t place = order->cycle, length = UINT32_MAX;
    int rc = search_init(&search, order);
    order->is_skipping = true;
    if (rc == 0)
        rc = search_from(&search, place, &length);
    if (rc == 0 && length < UINT32_MAX)
        rc = take_cycle(&search, place, cycle);
    if (rc == 0)
        rc = shorten(&search, cycle, length);
    order->is_skipping = false;
    order->cycle = place;
    search_fini(&search);
    return rc;
}

void list_cycle_fini(struct list_cycle *cycle, struct budget *budget)
{
    budget_free(budget, cycle->arcs, cycle->capacity * sizeof *cycle->arcs);
}

/* --- its steps --- */

struct list_telling {
    const struct list_order *order;
    struct step_list premises, cycle;
    struct lemma *lemmas;
    uint32_t lemma_count;
    uint32_t reader; /* the last step is an RW from this place; PLACE_NONE */
    bool is_lost;    /* something cannot be told */
};

static uint32_t txn_at(const struct list_telling *run, uint32_t place)
{
    return run->order->done->txns[place].txn;
}

static int add(struct list_telling *run, struct step_list *list, uint8_t kind, uint32_t from,
               uint32_t to, uint32_t key, uint32_t lemma)
{
    run->reader = kind == STEP_RW ? from : PLACE_NONE;
    struct step step = {
        .from = txn_at(run, from), .to = txn_at(run, to), .key = key, .lemma = lemma, .kind = kind};
    return step_list_add(list, &step);
}

/* Who read the longest list saw both, the one behind the other. */
static int tell_order(struct list_telling *run, uint32_t from, uint32_t to, uint32_t key)
{
    uint32_t via = run->order->longest_by[key], first = run->premises.count;
    run->is_lost |= via == from;
    if (via == to || via == from)
        return add(run, &run->cycle, STEP_WR, from, to, key, LEMMA_NONE);
    int rc = add(run, &run->premises, STEP_WR, from, via, key, LEMMA_NONE);
    if (rc == 0)
        rc = add(run, &run->cycle, STEP_WW, from, to, key, run->lemma_count);
    run->lemmas[run->lemma_count++] = (struct lemma){.from = txn_at(run, from),
                                                     .to = txn_at(run, to),
                                                     .key = key,
                                                     .via = txn_at(run, via),
                                                     .first = first,
                                                     .count = 1};
    return rc;
}

/* An element may stand between two of one place. */
static int tell_orders(struct list_telling *run, uint32_t from, const struct list_arc *last)
{
    const struct committed *done = run->order->done;
    if (from != last->to)
        return tell_order(run, from, last->to, last->key);
    uint32_t version = last->from - list_node_of_list(run->order, 0);
    uint32_t between = done->places[done->all->versions[version].txn];
    int rc = tell_order(run, from, between, last->key);
    return rc == 0 ? tell_order(run, between, last->to, last->key) : rc;
}

/* Whether a read of the one lacks an append of the other. */
static bool lacks(const struct list_order *order, uint32_t reader, uint32_t writer, uint32_t key)
{
    uint32_t least = UINT32_MAX, most = 0;
    const struct micro *end, *micro = list_micros_of(order, reader, &end);
    for (; micro < end; micro++)
        if (micro->key == key && list_is_read(micro) && micro->version < least)
            least = micro->version;
    for (micro = list_micros_of(order, writer, &end); micro < end; micro++)
        if (micro->key == key && micro->f != MICRO_READ && micro->version > most)
            most = micro->version;
    return least < most;
}

/* Who did not see one append did not see those behind it either. */
static bool is_missed_too(struct list_telling *run, uint32_t from, uint32_t to, uint32_t key)
{
    const struct step_list *cycle = &run->cycle;
    if (run->reader == PLACE_NONE || run->reader == to)
        return false;
    struct step *last = &cycle->steps[cycle->count - 1];
    if (last->to != txn_at(run, from) || last->key != key ||
        !lacks(run->order, run->reader, to, key))
        return false;
    last->to = txn_at(run, to);
    return true;
}

/* From place to place; `read`: to the past of somebody whose session led on. */
static int tell_step(struct list_telling *run, uint32_t from, const struct list_arc *read,
                     const struct list_arc *last)
{
    if (read) {
        uint32_t past = read->to - list_node_of_past(run->order, 0);
        int rc = add(run, &run->cycle, STEP_WR, from, past, read->key, LEMMA_NONE);
        return rc == 0 && past != last->to
                   ? add(run, &run->cycle, STEP_SESSION, past, last->to, 0, LEMMA_NONE)
                   : rc;
    }
    if (last->kind == STEP_WW)
        return is_missed_too(run, from, last->to, last->key) ? 0 : tell_orders(run, from, last);
    run->is_lost |= from == last->to;
    return add(run, &run->cycle, last->kind, from, last->to, last->key, LEMMA_NONE);
}

static int tell_cycle(struct list_telling *run, const struct list_cycle *cycle)
{
    const struct list_order *order = run->order;
    int rc = 0;
    for (uint32_t at = 0, next; at < cycle->count && rc == 0; at = next) {
        const struct list_arc *read = NULL;
        for (next = at; !list_is_place(order, cycle->arcs[next].to); next++)
            if (cycle->arcs[next].kind == STEP_WR)
                read = &cycle->arcs[next];
        rc = tell_step(run, cycle->arcs[at].from, read, &cycle->arcs[next++]);
    }
    return rc;
}

int list_cycle_tell(const struct list_order *order, const struct list_cycle *cycle,
                    struct arena *arena, struct evidence *out)
{
    struct budget *budget = order->budget;
    struct list_telling run = {.order = order,
                               .premises = {.budget = budget},
                               .cycle = {.budget = budget},
                               .reader = PLACE_NONE};
    run.lemmas = budget_alloc(budget, cycle->count * sizeof *run.lemmas);
    int rc = run.lemmas ? tell_cycle(&run, cycle) : ERR_NOMEM;
    if (rc == 0 && !run.is_lost)
        rc = step_list_tell(&run.premises, &run.cycle, run.lemmas, run.lemma_count, arena, out);
    budget_free(budget, run.lemmas, cycle->count * sizeof *run.lemmas);
    step_list_fini(&run.premises);
    step_list_fini(&run.cycle);
    return rc;
}
