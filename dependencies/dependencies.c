/* Every edge is found twice, by the same code: first counted where it begins, then put there. */
#include "dependencies/dependencies.h"

#include "checker/budget.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/version_inference.h"
#include "dependencies/version_links.h"

struct building {
    struct dependencies *out;
    const struct transactions *all;
    struct version_links links;
    bool puts; /* rather than counts */
    /* By transaction: the point of time it is over at, and the one it begins after; from 0. */
    uint32_t *over, *after;
    uint32_t time_points;
    uint32_t *session; /* the last transaction of each, so far */
};

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the dependencies");
}

static int time_over(struct errbuf *err)
{
    return errbuf_set(err, ERR_TIMEOUT, "the time was over before dependencies were found");
}

/* --- time --- */

static int sort_ends(struct building *run, uint64_t **words, uint32_t *count, struct errbuf *err)
{
    const struct transactions *all = run->all;
    struct budget *budget = run->out->budget;
    *words = budget_alloc(budget, all->txn_count * sizeof **words);
    if (!*words)
        return no_memory(err);
    *count = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        position end = operation_end(txn_operation(all, txn));
        if (all->txns[txn].fate == TXN_COMMITTED && end != POSITION_NONE)
            (*words)[(*count)++] = sort_word(end, txn);
    }
    enum sort_end end = sort_words(*words, *count, budget);
    if (end == SORT_OUT_OF_TIME)
        return time_over(err);
    return end == SORT_DONE ? 0 : no_memory(err);
}

/* One point for each row of ends that some transaction begins after. */
static void place_points(struct building *run, const uint64_t *ends, uint32_t count)
{
    const struct transactions *all = run->all;
    uint32_t at = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        run->over[txn] = run->after[txn] = LINK_NONE;
        if (!txn_is_committed(all, txn))
            continue;
        uint32_t row = at;
        for (position begin = txn_operation(all, txn)->invoke;
             at < count && (uint32_t)(ends[at] >> 32) < begin; at++)
            run->over[(uint32_t)ends[at]] = run->time_points;
        run->time_points += at > row;
        run->after[txn] = run->time_points - 1; /* LINK_NONE before the first one */
    }
}

static int find_points(struct building *run, struct errbuf *err)
{
    struct budget *budget = run->out->budget;
    uint32_t txns = run->all->txn_count, count = 0;
    uint64_t *ends = NULL;
    if (!(run->out->kinds & dependency_bit(DEPENDENCY_REALTIME)))
        return 0;
    run->over = budget_alloc(budget, txns * sizeof *run->over);
    run->after = budget_alloc(budget, txns * sizeof *run->after);
    int rc = run->over && run->after ? sort_ends(run, &ends, &count, err) : no_memory(err);
    if (rc == 0)
        place_points(run, ends, count);
    budget_free(budget, ends, txns * sizeof *ends);
    return rc;
}

/* --- edges --- */

static inline void put(struct building *run, uint32_t from, uint32_t to, enum dependency kind)
{
    uint32_t *at = &run->out->first[from];
    if (run->puts)
        run->out->edges[*at] = edge_make(to, kind);
    ++*at;
}

/* From a transaction to all targets of a hub but itself. */
static void put_hub(struct building *run, uint32_t from, uint32_t hub, enum dependency kind)
{
    const struct hub *own = &run->links.hubs[hub];
    uint32_t point = run->all->txn_count + own->point, count = hub_size(&run->links, hub);
    uint32_t place = own->is_chain ? hub_find(&run->links, hub, from) : LINK_NONE;
    if (place == LINK_NONE) {
        put(run, from, point, kind);
        return;
    }
    if (place + 1 < count)
        put(run, from, point + place + 1, kind);
    if (place > 0)
        put(run, from, point + count + place - 1, kind);
}

static inline void put_next(struct building *run, uint32_t from, uint32_t next,
                            enum dependency kind)
{
    if (next == from || next == LINK_NONE || next == LINK_UNPLACED)
        return;
    if (next < run->all->txn_count)
        put(run, from, next, kind);
    else
        put_hub(run, from, next - run->all->txn_count, kind);
}

static inline bool wants(const struct building *run, enum dependency kind)
{
    return run->out->kinds & dependency_bit(kind);
}

static inline void put_read(struct building *run, uint32_t txn, const struct version_link *link)
{
    if (link->writer == txn || link->writer == LINK_GONE)
        return;
    run->out->has_unplaced_read |= link->next == LINK_UNPLACED;
    if (link->writer != TXN_NONE && wants(run, DEPENDENCY_WR))
        put(run, link->writer, txn, DEPENDENCY_WR);
    if (wants(run, DEPENDENCY_RW))
        put_next(run, txn, link->next, DEPENDENCY_RW);
}

static void put_txn(struct building *run, uint32_t txn)
{
    const struct transactions *all = run->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->version == VERSION_UNREAD)
            continue;
        const struct version_link *link = &run->links.links[micro->version];
        if (micro->f == MICRO_READ)
            put_read(run, txn, link);
        else if (wants(run, DEPENDENCY_WW))
            put_next(run, txn, link->next, DEPENDENCY_WW);
    }
}

static void put_orders(struct building *run, uint32_t txn)
{
    if (wants(run, DEPENDENCY_SESSION)) {
        uint32_t *last = &run->session[run->all->txns[txn].session];
        if (*last != TXN_NONE)
            put(run, *last, txn, DEPENDENCY_SESSION);
        *last = txn;
    }
    if (!wants(run, DEPENDENCY_REALTIME))
        return;
    if (run->over[txn] != LINK_NONE)
        put(run, txn, run->out->time_point + run->over[txn], DEPENDENCY_REALTIME);
    if (run->after[txn] != LINK_NONE)
        put(run, run->out->time_point + run->after[txn], txn, EDGE_GOES_ON);
}

static void put_points(struct building *run)
{
    for (uint32_t hub = 0; hub < run->links.hub_count; hub++) {
        const struct hub *own = &run->links.hubs[hub];
        const uint32_t *targets = run->links.targets + own->first;
        uint32_t count = hub_size(&run->links, hub), point = run->all->txn_count + own->point;
        for (uint32_t i = 0; i < count; i++) {
            put(run, own->is_chain ? point + i : point, targets[i], EDGE_GOES_ON);
            if (own->is_chain)
                put(run, point + count + i, targets[i], EDGE_GOES_ON);
            if (own->is_chain && i + 1 < count) {
                put(run, point + i, point + i + 1, EDGE_GOES_ON);
                put(run, point + count + i + 1, point + count + i, EDGE_GOES_ON);
            }
        }
    }
    for (uint32_t i = 1; i < run->time_points; i++)
        put(run, run->out->time_point + i - 1, run->out->time_point + i, EDGE_GOES_ON);
}

static int put_all(struct building *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->all->session_count; i++)
        run->session[i] = TXN_NONE;
    for (uint32_t txn = 0; txn < run->all->txn_count; txn++) {
        if (!txn_is_committed(run->all, txn))
            continue;
        if (budget_time_over(run->out->budget))
            return time_over(err);
        put_txn(run, txn);
        put_orders(run, txn);
    }
    put_points(run);
    return 0;
}

/* From how many edges each vertex has to where they begin. */
static int make_room(struct building *run, struct errbuf *err)
{
    struct dependencies *out = run->out;
    uint64_t sum = 0;
    for (uint32_t i = 0; i <= out->vertex_count; i++) {
        uint32_t count = out->first[i];
        out->first[i] = (uint32_t)sum;
        sum += count;
    }
    if (sum >= UINT32_MAX)
        return errbuf_set(err, ERR_INPUT, "more than 2^32 dependencies in one history");
    out->edges = budget_alloc(out->budget, sum * sizeof *out->edges);
    out->edge_count = out->edges ? (uint32_t)sum : 0;
    return out->edges ? 0 : no_memory(err);
}

static int make_edges(struct building *run, struct errbuf *err)
{
    struct dependencies *out = run->out;
    int rc = put_all(run, err);
    if (rc == 0)
        rc = make_room(run, err);
    run->puts = true;
    if (rc == 0)
        rc = put_all(run, err);
    for (uint32_t i = out->vertex_count; rc == 0 && i > 0; i--)
        out->first[i] = out->first[i - 1];
    out->first[0] = 0;
    return rc;
}

static int number_vertices(struct building *run, struct errbuf *err)
{
    struct dependencies *out = run->out;
    uint64_t count = (uint64_t)run->all->txn_count + run->links.point_count + run->time_points;
    if (count > EDGE_VERTEX_MAX)
        return errbuf_set(err, ERR_INPUT, "more than 2^29 transactions in one history");
    out->is_complete = run->links.is_complete;
    out->has_unplaced_read = run->links.has_unplaced_pairs;
    out->time_point = run->all->txn_count + run->links.point_count;
    uint32_t *first = budget_zalloc(out->budget, (count + 1) * sizeof *first);
    run->session = budget_alloc(out->budget, run->all->session_count * sizeof *run->session);
    out->first = first;
    out->vertex_count = first ? (uint32_t)count : 0;
    return first && run->session ? 0 : no_memory(err);
}

int dependencies_build(const struct transactions *all, const struct version_graph *versions,
                       dependency_set kinds, struct budget *budget, struct dependencies *out,
                       struct errbuf *err)
{
    *out =
        (struct dependencies){.all = all, .versions = versions, .budget = budget, .kinds = kinds};
    struct building run = {.out = out, .all = all};
    int rc = version_links_build(all, versions, budget, &run.links, err);
    if (rc == 0)
        rc = find_points(&run, err);
    if (rc == 0)
        rc = number_vertices(&run, err);
    if (rc == 0)
        rc = make_edges(&run, err);
    version_links_fini(&run.links);
    budget_free(budget, run.over, all->txn_count * sizeof *run.over);
    budget_free(budget, run.after, all->txn_count * sizeof *run.after);
    budget_free(budget, run.session, all->session_count * sizeof *run.session);
    return rc;
}

void dependencies_fini(struct dependencies *graph)
{
    budget_free(graph->budget, graph->edges, graph->edge_count * sizeof *graph->edges);
    if (graph->first)
        budget_free(graph->budget, graph->first,
                    ((size_t)graph->vertex_count + 1) * sizeof *graph->first);
}
