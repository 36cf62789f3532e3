/* A first order for histories without times, which have one session after the other: in theirs all
 * of the first session would come before all of the second.
 *
 * What is known, sessions and reads above all, tells how many transactions must come before each at
 * least, and how many after it: the longest paths to it and from it. Those bound the moment at
 * which it can have been as its begin and its end do where there are times, and the middle is taken
 * as there. */
#include "isolation/order_problem.h"

#include "checker/budget.h"
#include "checker/sort_items.h"

bool order_lacks_times(const struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    uint32_t same = 0;
    for (uint32_t txn = 1; txn < all->txn_count; txn++)
        same += all->txns[txn].session == all->txns[txn - 1].session;
    return !problem->rules.realtime && all->session_count > 1 && same > all->txn_count / 4 * 3;
}

struct depths {
    struct order_problem *problem;
    uint32_t *vertices; /* in the order that the graph has */
    uint32_t *before;   /* transactions of the longest path to a vertex, and itself */
    uint32_t *after;    /* of the longest one from it */
};

enum { ROUNDS = 3 };

static uint32_t weight(const struct order_problem *problem, uint32_t vertex)
{
    uint32_t txn = order_txn_of(problem, vertex);
    return txn != TXN_NONE && vertex == order_end_of(problem, txn);
}

/* Where the session was before (step -1) or after; as the file has it, one transaction beside the
 * other. Levels without sessions allow others, but databases hardly ever do otherwise. */
static uint32_t of_session(const struct depths *run, uint32_t vertex, int step)
{
    const struct transactions *all = run->problem->all;
    uint32_t txn = order_txn_of(run->problem, vertex), other = txn + (uint32_t)step;
    bool is_same = other < all->txn_count && all->txns[other].session == all->txns[txn].session;
    return is_same ? order_end_of(run->problem, other) : ORDER_NONE;
}

/* Along one direction of the edges. */
static void measure_vertex(struct depths *run, uint32_t *lengths, const uint32_t *first,
                           const uint32_t *others, int step, uint32_t vertex)
{
    uint32_t own = weight(run->problem, vertex), most = 0;
    for (uint32_t k = first[vertex]; k < first[vertex + 1]; k++)
        most = lengths[others[k]] > most ? lengths[others[k]] : most;
    uint32_t other = own > 0 ? of_session(run, vertex, step) : ORDER_NONE;
    if (other != ORDER_NONE && lengths[other] > most)
        most = lengths[other];
    lengths[vertex] = most + own;
}

static void measure(struct depths *run)
{
    const struct order_graph *graph = &run->problem->graph;
    uint32_t count = graph->vertex_count;
    for (uint32_t i = 0; i < count; i++)
        run->vertices[graph->place[i]] = i;
    for (uint32_t i = 0; i < count; i++)
        measure_vertex(run, run->before, graph->in_first, graph->in, -1, run->vertices[i]);
    for (uint32_t i = count; i > 0; i--)
        measure_vertex(run, run->after, graph->out_first, graph->out, 1, run->vertices[i - 1]);
}

/* Twice the middle, from where all paths are over at the same time. */
static uint64_t middle_of(const struct depths *run, uint32_t txn)
{
    uint32_t vertex = order_end_of(run->problem, txn);
    return (uint64_t)UINT32_MAX + run->before[vertex] - run->after[vertex];
}

/* Points of versions come right behind the last reader. */
static uint64_t middle_of_point(const struct depths *run, uint32_t point)
{
    const struct order_graph *graph = &run->problem->graph;
    uint64_t last = 0;
    for (uint32_t k = graph->in_first[point]; k < graph->in_first[point + 1]; k++) {
        uint64_t middle = middle_of(run, order_txn_of(run->problem, graph->in[k]));
        last = middle > last ? middle : last;
    }
    return last;
}

static uint32_t list(const struct depths *run, struct sort_item *items)
{
    const struct order_problem *problem = run->problem;
    uint32_t count = 0;
    for (uint32_t txn = 0; txn < problem->all->txn_count; txn++)
        if (txn_is_committed(problem->all, txn))
            items[count++] = (struct sort_item){middle_of(run, txn), order_end_of(problem, txn)};
    for (uint32_t point = problem->first_point; point < problem->vertex_count; point++)
        items[count++] = (struct sort_item){middle_of_point(run, point), point};
    return count;
}

static enum order_result sort_once(struct depths *run, struct sort_item *items, uint32_t *cycle)
{
    struct order_graph *graph = &run->problem->graph;
    measure(run);
    uint32_t count = list(run, items);
    if (sort_items(items, count, graph->budget) != SORT_DONE)
        return ORDER_OUT_OF_BUDGET;
    for (uint32_t i = 0; i < count; i++)
        run->vertices[i] = items[i].item;
    return order_graph_sort(graph, run->vertices, count, cycle);
}

enum order_result order_sort_by_depths(struct order_problem *problem, uint32_t *cycle)
{
    struct budget *budget = problem->budget;
    size_t size = problem->vertex_count;
    struct depths run = {.problem = problem};
    struct sort_item *items = budget_alloc(budget, size * sizeof *items);
    run.vertices = budget_alloc(budget, size * sizeof *run.vertices);
    run.before = budget_zalloc(budget, size * sizeof *run.before);
    run.after = budget_zalloc(budget, size * sizeof *run.after);
    enum order_result result = ORDER_OUT_OF_BUDGET;
    if (items && run.vertices && run.before && run.after)
        result = ORDER_DONE;
    for (int round = 0; round < ROUNDS && result == ORDER_DONE; round++)
        result = sort_once(&run, items, cycle);
    budget_free(budget, items, size * sizeof *items);
    budget_free(budget, run.vertices, size * sizeof *run.vertices);
    budget_free(budget, run.before, size * sizeof *run.before);
    budget_free(budget, run.after, size * sizeof *run.after);
    return result;
}
