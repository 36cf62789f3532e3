/* The vertices and the known edges of an order_problem, and a first order of them. */
#include "isolation/order_problem.h"

#include "checker/budget.h"
#include "checker/sort_items.h"

struct linking {
    struct order_problem *problem;
    bool fills; /* edges are counted first */
};

static void edge(struct linking *run, uint32_t from, uint32_t to)
{
    if (run->fills)
        order_graph_fill(&run->problem->graph, from, to);
    else
        order_graph_count(&run->problem->graph, from, to);
}

/* --- time --- */

static position end_of(const struct transactions *all, uint32_t txn)
{
    return operation_end(txn_operation(all, txn));
}

static bool sort_by_end(struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    uint32_t count = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        count += txn_is_committed(all, txn) && end_of(all, txn) != POSITION_NONE;
    problem->by_end = budget_alloc(problem->budget, count * sizeof *problem->by_end);
    if (!problem->by_end)
        return false;
    problem->by_end_count = count;
    count = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        if (txn_is_committed(all, txn) && end_of(all, txn) != POSITION_NONE)
            problem->by_end[count++] = sort_word(end_of(all, txn), txn);
    return sort_words(problem->by_end, count, problem->budget) == SORT_DONE;
}

/* A point of time is where something begins after something was over: what ended before leads to
 * it, and it leads to all that begin until the next one, which it leads to as well. Returns how
 * many there are; run == NULL: only that. */
static uint32_t link_times(const struct order_problem *problem, struct linking *run)
{
    const struct transactions *all = problem->all;
    uint32_t points = 0, ended = 0;
    for (uint32_t txn = 0; txn < all->txn_count && problem->rules.realtime; txn++) {
        if (!txn_is_committed(all, txn))
            continue;
        position begin = txn_operation(all, txn)->invoke;
        bool is_new = false;
        for (; ended < problem->by_end_count && problem->by_end[ended] >> 32 < begin; ended++) {
            uint32_t point = problem->first_time + points;
            if (run && !is_new && points > 0)
                edge(run, point - 1, point);
            if (run)
                edge(run, order_end_of(problem, (uint32_t)problem->by_end[ended]), point);
            is_new = true;
        }
        points += is_new;
        if (run && points > 0)
            edge(run, problem->first_time + points - 1, order_begin_of(problem, txn));
    }
    return points;
}

/* --- versions --- */

/* Who must have read a version before it was overwritten, but for who did that. */
static bool must_read_first(const struct order_problem *problem, uint32_t key, uint32_t version,
                            uint32_t reader)
{
    uint32_t next = problem->next[version];
    if (next != ORDER_NONE && order_writer(problem, next) == reader)
        return false;
    return !problem->rules.only_updates || order_writes_key(problem->all, reader, key);
}

static uint32_t count_readers(const struct order_problem *problem, uint32_t key, uint32_t version,
                              uint32_t *last)
{
    uint32_t count = 0;
    for (uint32_t i = problem->first_reader[version]; i < problem->first_reader[version + 1]; i++) {
        if (!must_read_first(problem, key, version, problem->readers[i]))
            continue;
        *last = problem->readers[i];
        count++;
    }
    return count;
}

/* Gives a point to each version with several such readers and a later version. */
static void make_points(struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    for (uint32_t key = 0; key < all->key_count; key++) {
        bool is_one = problem->first_block[key + 1] - problem->first_block[key] == 1;
        for (uint32_t version = all->keys[key].first_version;
             version < all->keys[key + 1].first_version; version++) {
            uint32_t reader, next = problem->next[version];
            if (next == ORDER_ABSENT || (next == ORDER_NONE && is_one))
                continue;
            uint32_t count = count_readers(problem, key, version, &reader);
            if (count == 1)
                problem->overwritten[version] = order_begin_of(problem, reader);
            else if (count > 1)
                problem->overwritten[version] = problem->vertex_count++;
        }
    }
}

static void link_version(struct linking *run, uint32_t key, uint32_t version)
{
    const struct order_problem *problem = run->problem;
    uint32_t next = problem->next[version], point = problem->overwritten[version];
    if (next == ORDER_ABSENT)
        return;
    if (point != ORDER_NONE && point >= problem->first_point)
        for (uint32_t i = problem->first_reader[version]; i < problem->first_reader[version + 1];
             i++)
            if (must_read_first(problem, key, version, problem->readers[i]))
                edge(run, order_begin_of(problem, problem->readers[i]), point);
    if (next == ORDER_NONE)
        return;
    uint32_t from = order_writer(problem, version), to = order_writer(problem, next);
    if (from != TXN_NONE && from != to)
        edge(run, order_end_of(problem, from), order_ww_target(problem, to));
    if (point != ORDER_NONE)
        edge(run, point, order_end_of(problem, to));
}

static void link_blocks(struct linking *run, const struct order_block *before,
                        const struct order_block *after)
{
    struct order_pair_edges edges = order_edges_between(run->problem, before, after);
    if (edges.ww_from != ORDER_NONE)
        edge(run, edges.ww_from, edges.ww_to);
    if (edges.rw_from != ORDER_NONE)
        edge(run, edges.rw_from, edges.rw_to);
}

static void link_first_blocks(struct linking *run)
{
    const struct order_problem *problem = run->problem;
    for (uint32_t key = 0; key < problem->all->key_count; key++) {
        const struct order_block *first = &problem->blocks[problem->first_block[key]];
        const struct order_block *end = &problem->blocks[problem->first_block[key + 1]];
        for (const struct order_block *block = first + 1; block < end; block++)
            link_blocks(run, first, block);
    }
}

static void link_known_pairs(struct linking *run)
{
    const struct order_problem *problem = run->problem;
    for (uint32_t i = 0; problem->versions && i < problem->versions->count; i++) {
        const struct version_pair *pair = &problem->versions->pairs[i];
        uint32_t a = problem->block_of[pair->before], b = problem->block_of[pair->after];
        if (a >= problem->block_count || b >= problem->block_count)
            continue;
        uint32_t from = order_writer(problem, pair->before);
        uint32_t to = order_writer(problem, pair->after);
        if (a != b && b != problem->first_block[problem->blocks[b].key])
            link_blocks(run, &problem->blocks[a], &problem->blocks[b]);
        else if (from != TXN_NONE && to != TXN_NONE && from != to)
            edge(run, order_end_of(problem, from), order_ww_target(problem, to));
    }
}

/* --- transactions --- */

static void link_reads(struct linking *run, uint32_t txn)
{
    const struct order_problem *problem = run->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        uint32_t writer = order_is_read(all, txn, micro) ? order_writer(problem, micro->version)
                                                         : order_source_of_own(problem, txn, micro);
        if (writer != TXN_NONE)
            edge(run, order_end_of(problem, writer), order_begin_of(problem, txn));
    }
}

/* last: of each session, one more than its last transaction so far. */
static void link_txns(struct linking *run, uint32_t *last)
{
    const struct order_problem *problem = run->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = 0; i < all->session_count; i++)
        last[i] = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (!txn_is_committed(all, txn))
            continue;
        if (problem->rules.splits)
            edge(run, order_begin_of(problem, txn), order_end_of(problem, txn));
        if (problem->rules.wr)
            link_reads(run, txn);
        uint32_t *before = &last[all->txns[txn].session];
        if (problem->rules.session && *before > 0)
            edge(run, order_end_of(problem, *before - 1), order_begin_of(problem, txn));
        *before = txn + 1;
    }
}

static void link_all(struct linking *run, uint32_t *last)
{
    link_txns(run, last);
    link_times(run->problem, run);
    const struct transactions *all = run->problem->all;
    for (uint32_t key = 0; key < all->key_count; key++)
        for (uint32_t version = all->keys[key].first_version;
             version < all->keys[key + 1].first_version; version++)
            link_version(run, key, version);
    link_first_blocks(run);
    link_known_pairs(run);
}

static bool make_edges(struct order_problem *problem)
{
    struct budget *budget = problem->budget;
    uint32_t sessions = problem->all->session_count;
    struct linking run = {.problem = problem};
    uint32_t *last = budget_alloc(budget, sessions * sizeof *last);
    bool ok = last && order_graph_init(&problem->graph, budget, problem->vertex_count);
    if (ok) {
        link_all(&run, last);
        ok = order_graph_begin_filling(&problem->graph);
    }
    if (ok) {
        run.fills = true;
        link_all(&run, last);
        order_graph_end_filling(&problem->graph);
    }
    budget_free(budget, last, sessions * sizeof *last);
    return ok;
}

/* --- the first order --- */

/* The middle of the time a transaction took, which is later for those that began after it was over.
 * One that nobody knows the end of has none: it goes right before the first who needs it. */
static bool find_middle(const struct order_problem *problem, uint32_t txn, uint64_t *middle)
{
    const struct operation *op = txn_operation(problem->all, txn);
    *middle = (uint64_t)op->invoke + op->complete;
    return txn_is_committed(problem->all, txn) && operation_end(op) != POSITION_NONE;
}

/* Points of versions come right behind the last reader. */
static uint32_t list_by_middle(const struct order_problem *problem, struct sort_item *items)
{
    const struct transactions *all = problem->all;
    uint32_t count = 0;
    uint64_t middle;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        if (find_middle(problem, txn, &middle))
            items[count++] = (struct sort_item){middle, order_end_of(problem, txn)};
    for (uint32_t version = 0; version < all->version_count; version++) {
        uint32_t point = problem->overwritten[version];
        if (point == ORDER_NONE || point < problem->first_point)
            continue;
        uint64_t last = 0;
        for (uint32_t i = problem->first_reader[version]; i < problem->first_reader[version + 1];
             i++)
            if (find_middle(problem, problem->readers[i], &middle) && middle > last)
                last = middle;
        items[count++] = (struct sort_item){last, point};
    }
    return count;
}

static enum order_result sort_by_middle(struct order_problem *problem, uint32_t *cycle)
{
    struct budget *budget = problem->budget;
    size_t size = (size_t)problem->all->txn_count + problem->vertex_count - problem->first_point;
    struct sort_item *items = budget_alloc(budget, size * sizeof *items);
    uint32_t *named = budget_alloc(budget, size * sizeof *named);
    uint32_t count = items ? list_by_middle(problem, items) : 0;
    enum order_result result = ORDER_OUT_OF_BUDGET;
    if (items && named && sort_items(items, count, budget) == SORT_DONE) {
        for (uint32_t i = 0; i < count; i++)
            named[i] = items[i].item;
        result = order_graph_sort(&problem->graph, named, count, cycle);
    }
    budget_free(budget, items, size * sizeof *items);
    budget_free(budget, named, size * sizeof *named);
    return result;
}

enum order_built order_problem_link(struct order_problem *problem, uint32_t *cycle)
{
    uint64_t txns = (uint64_t)problem->all->txn_count * (problem->rules.splits ? 2 : 1);
    if (problem->rules.realtime && !sort_by_end(problem))
        return ORDER_NOT_BUILT;
    if (2 * txns + problem->all->version_count >= ORDER_NONE)
        return ORDER_NOT_BUILT;
    problem->first_time = (uint32_t)txns;
    problem->first_point = problem->first_time + link_times(problem, NULL);
    problem->vertex_count = problem->first_point;
    if (problem->rules.rw)
        make_points(problem);
    if (!make_edges(problem))
        return ORDER_NOT_BUILT;
    enum order_result sorted = sort_by_middle(problem, cycle);
    if (sorted == ORDER_DONE && order_lacks_times(problem))
        sorted = order_sort_by_depths(problem, cycle);
    switch (sorted) {
    case ORDER_DONE:
        return ORDER_BUILT;
    case ORDER_CYCLE:
        return ORDER_BUILT_CYCLE;
    default:
        return ORDER_NOT_BUILT;
    }
}
