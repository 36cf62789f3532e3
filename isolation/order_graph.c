#include "isolation/order_graph.h"

#include "checker/budget.h"

#include <stdlib.h>
#include <string.h>

bool order_graph_init(struct order_graph *graph, struct budget *budget, uint32_t vertex_count)
{
    size_t row = (size_t)vertex_count * sizeof(uint32_t);
    *graph = (struct order_graph){.budget = budget, .vertex_count = vertex_count};
    graph->out_first = budget_zalloc(budget, row + sizeof(uint32_t));
    graph->in_first = budget_zalloc(budget, row + sizeof(uint32_t));
    graph->place = budget_alloc(budget, row);
    graph->dynamic_out = budget_alloc(budget, row);
    graph->dynamic_in = budget_alloc(budget, row);
    graph->steps = budget_alloc(budget, vertex_count * sizeof *graph->steps);
    graph->seen = budget_zalloc(budget, row);
    graph->seen_back = budget_zalloc(budget, row);
    graph->queue = budget_alloc(budget, 2 * row);
    if (!graph->out_first || !graph->in_first || !graph->place || !graph->dynamic_out ||
        !graph->dynamic_in || !graph->steps || !graph->seen || !graph->seen_back || !graph->queue)
        return false;
    memset(graph->dynamic_out, 0xff, row);
    memset(graph->dynamic_in, 0xff, row);
    return true;
}

void order_graph_fini(struct order_graph *graph)
{
    struct budget *budget = graph->budget;
    size_t row = (size_t)graph->vertex_count * sizeof(uint32_t);
    budget_free(budget, graph->out_first, row + sizeof(uint32_t));
    budget_free(budget, graph->in_first, row + sizeof(uint32_t));
    budget_free(budget, graph->out, (size_t)graph->edge_count * sizeof(uint32_t));
    budget_free(budget, graph->in, (size_t)graph->edge_count * sizeof(uint32_t));
    budget_free(budget, graph->place, row);
    budget_free(budget, graph->dynamic_out, row);
    budget_free(budget, graph->dynamic_in, row);
    budget_free(budget, graph->steps, graph->vertex_count * sizeof *graph->steps);
    budget_free(budget, graph->seen, row);
    budget_free(budget, graph->seen_back, row);
    budget_free(budget, graph->queue, 2 * row);
    budget_free(budget, graph->dynamic, graph->dynamic_capacity * sizeof *graph->dynamic);
}

/* --- rows --- */

static void counts_to_firsts(uint32_t *first, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i <= count; i++) {
        uint32_t own = first[i];
        first[i] = sum;
        sum += own;
    }
}

bool order_graph_begin_filling(struct order_graph *graph)
{
    graph->out = budget_alloc(graph->budget, (size_t)graph->edge_count * sizeof(uint32_t));
    graph->in = budget_alloc(graph->budget, (size_t)graph->edge_count * sizeof(uint32_t));
    counts_to_firsts(graph->out_first, graph->vertex_count);
    counts_to_firsts(graph->in_first, graph->vertex_count);
    return graph->out && graph->in;
}

void order_graph_end_filling(struct order_graph *graph)
{
    uint32_t count = graph->vertex_count;
    memmove(graph->out_first + 1, graph->out_first, count * sizeof(uint32_t));
    memmove(graph->in_first + 1, graph->in_first, count * sizeof(uint32_t));
    graph->out_first[0] = graph->in_first[0] = 0;
}

/* --- the first order --- */

/* While sorting, `seen` holds how far each vertex is: 0 for not at all, then one more than the
 * edges into it that were followed; `queue` is the stack. */
struct sorting {
    struct order_graph *graph;
    uint32_t placed, depth;
};

#define SORTED UINT32_MAX

static enum order_result sort_before(struct sorting *run, uint32_t root, uint32_t *cycle)
{
    struct order_graph *graph = run->graph;
    if (graph->seen[root] == SORTED)
        return ORDER_DONE;
    graph->queue[run->depth++] = root;
    graph->seen[root] = 1;
    while (run->depth > 0) {
        uint32_t vertex = graph->queue[run->depth - 1];
        uint32_t next = graph->in_first[vertex] + graph->seen[vertex] - 1;
        if (next == graph->in_first[vertex + 1]) {
            graph->seen[vertex] = SORTED;
            graph->place[vertex] = run->placed++;
            run->depth--;
            continue;
        }
        graph->seen[vertex]++;
        uint32_t before = graph->in[next];
        if (graph->seen[before] == 0) {
            graph->seen[before] = 1;
            graph->queue[run->depth++] = before;
        } else if (graph->seen[before] != SORTED) {
            *cycle = before;
            return ORDER_CYCLE;
        }
    }
    return ORDER_DONE;
}

/* The stack holds the cycle: each was come to against an edge from the next. */
static void tell_cycle(struct sorting *run, uint32_t cycle)
{
    struct order_graph *graph = run->graph;
    uint32_t at = run->depth - 1;
    uint32_t after = cycle;
    for (bool is_first = true; is_first || after != cycle; at--, is_first = false) {
        uint32_t vertex = graph->queue[at];
        /* vertex is before `after`'s predecessor on the stack: the edge is from above to below */
        graph->steps[vertex] = (struct order_step){after, ORDER_NONE};
        after = vertex;
    }
}

enum order_result order_graph_sort(struct order_graph *graph, const uint32_t *named, uint32_t count,
                                   uint32_t *cycle)
{
    struct sorting run = {.graph = graph};
    enum order_result result = ORDER_DONE;
    uint32_t all = count + graph->vertex_count;
    for (uint32_t i = 0; i < all && result == ORDER_DONE; i++) {
        if (budget_time_over(graph->budget))
            result = ORDER_OUT_OF_BUDGET;
        else
            result = sort_before(&run, i < count ? named[i] : i - count, cycle);
    }
    if (result == ORDER_CYCLE)
        tell_cycle(&run, *cycle);
    memset(graph->seen, 0, graph->vertex_count * sizeof *graph->seen);
    graph->work_done += graph->edge_count;
    return result;
}

/* --- searches --- */

struct visit {
    struct order_graph *graph;
    uint32_t *queue;
    uint32_t count;
    uint32_t *seen;
};

static inline void visit(struct visit *run, uint32_t vertex, uint32_t before, uint32_t label)
{
    run->seen[vertex] = run->graph->search;
    run->queue[run->count++] = vertex;
    if (run->seen == run->graph->seen)
        run->graph->steps[vertex] = (struct order_step){before, label};
}

void order_graph_begin_search(struct order_graph *graph)
{
    if (++graph->search != UINT32_MAX)
        return;
    memset(graph->seen, 0, graph->vertex_count * sizeof *graph->seen);
    memset(graph->seen_back, 0, graph->vertex_count * sizeof *graph->seen_back);
    graph->search = 1;
}

/* What can be reached from a vertex without going past a place; stops at `goal`. */
static enum order_result search_forwards(struct order_graph *graph, uint32_t from, uint32_t goal,
                                         struct visit *run)
{
    uint32_t last = graph->place[goal];
    visit(run, from, ORDER_NONE, ORDER_NONE);
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t vertex = run->queue[i];
        if (budget_time_over(graph->budget))
            return ORDER_OUT_OF_BUDGET;
        graph->work_done += graph->out_first[vertex + 1] - graph->out_first[vertex] + 1;
        for (uint32_t k = graph->out_first[vertex]; k < graph->out_first[vertex + 1]; k++) {
            uint32_t to = graph->out[k];
            if (graph->place[to] > last || run->seen[to] == graph->search)
                continue;
            visit(run, to, vertex, ORDER_NONE);
            if (to == goal)
                return ORDER_CYCLE;
        }
        for (uint32_t k = graph->dynamic_out[vertex]; k != ORDER_NONE;
             k = graph->dynamic[k].next_out) {
            uint32_t to = graph->dynamic[k].to;
            if (graph->place[to] > last || run->seen[to] == graph->search)
                continue;
            visit(run, to, vertex, graph->dynamic[k].label);
            if (to == goal)
                return ORDER_CYCLE;
        }
    }
    return ORDER_DONE;
}

static enum order_result search_backwards(struct order_graph *graph, uint32_t from, uint32_t until,
                                          struct visit *run)
{
    uint32_t first = graph->place[until];
    visit(run, from, ORDER_NONE, ORDER_NONE);
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t vertex = run->queue[i];
        if (budget_time_over(graph->budget))
            return ORDER_OUT_OF_BUDGET;
        graph->work_done += graph->in_first[vertex + 1] - graph->in_first[vertex] + 1;
        for (uint32_t k = graph->in_first[vertex]; k < graph->in_first[vertex + 1]; k++) {
            uint32_t to = graph->in[k];
            if (graph->place[to] > first && run->seen[to] != graph->search)
                visit(run, to, vertex, ORDER_NONE);
        }
        for (uint32_t k = graph->dynamic_in[vertex]; k != ORDER_NONE;
             k = graph->dynamic[k].next_in) {
            uint32_t to = graph->dynamic[k].from;
            if (graph->place[to] > first && run->seen[to] != graph->search)
                visit(run, to, vertex, ORDER_NONE);
        }
    }
    return ORDER_DONE;
}

/* --- moving --- */

static int compare_places(const void *a, const void *b, void *data)
{
    const uint32_t *place = data;
    uint32_t one = place[*(const uint32_t *)a], other = place[*(const uint32_t *)b];
    return one < other ? -1 : one > other;
}

static void sort_by_place(const struct order_graph *graph, uint32_t *vertices, uint32_t count)
{
    if (count > 16) {
        qsort_r(vertices, count, sizeof *vertices, compare_places, graph->place);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t vertex = vertices[i], at = i;
        for (; at > 0 && graph->place[vertices[at - 1]] > graph->place[vertex]; at--)
            vertices[at] = vertices[at - 1];
        vertices[at] = vertex;
    }
}

/* Those behind take the first of the places, those ahead the last, each in the order they had. */
static void reorder(struct order_graph *graph, uint32_t *ahead, uint32_t ahead_count,
                    uint32_t *behind, uint32_t behind_count)
{
    uint32_t count = ahead_count + behind_count;
    sort_by_place(graph, ahead, ahead_count);
    sort_by_place(graph, behind, behind_count);
    /* The steps are not needed any more: their room is the places', in order. */
    struct order_step *places = graph->steps;
    for (uint32_t i = 0, a = 0, b = 0; i < count; i++) {
        bool from_behind = a == ahead_count ||
                           (b < behind_count && graph->place[behind[b]] < graph->place[ahead[a]]);
        places[i].before = graph->place[from_behind ? behind[b++] : ahead[a++]];
    }
    for (uint32_t i = 0; i < behind_count; i++)
        graph->place[behind[i]] = places[i].before;
    for (uint32_t i = 0; i < ahead_count; i++)
        graph->place[ahead[i]] = places[behind_count + i].before;
    graph->moved = count;
}

static enum order_result make_way(struct order_graph *graph, uint32_t from, uint32_t to)
{
    if (from == to) {
        graph->steps[to] = (struct order_step){ORDER_NONE, ORDER_NONE};
        return ORDER_CYCLE;
    }
    order_graph_begin_search(graph);
    struct visit ahead = {.graph = graph, .queue = graph->queue, .seen = graph->seen};
    enum order_result result = search_forwards(graph, to, from, &ahead);
    if (result != ORDER_DONE)
        return result;
    struct visit behind = {
        .graph = graph, .queue = graph->queue + ahead.count, .seen = graph->seen_back};
    result = search_backwards(graph, from, to, &behind);
    if (result == ORDER_DONE)
        reorder(graph, ahead.queue, ahead.count, behind.queue, behind.count);
    return result;
}

static bool add_dynamic(struct order_graph *graph, uint32_t from, uint32_t to, uint32_t label)
{
    if (graph->dynamic_count == graph->dynamic_capacity) {
        uint32_t old = graph->dynamic_capacity, more = old ? old + old / 2 : 64;
        struct order_edge *edges =
            budget_resize(graph->budget, graph->dynamic, old * sizeof *edges, more * sizeof *edges);
        if (!edges)
            return false;
        graph->dynamic = edges;
        graph->dynamic_capacity = more;
    }
    uint32_t edge = graph->dynamic_count++;
    graph->dynamic[edge] =
        (struct order_edge){from, to, label, graph->dynamic_out[from], graph->dynamic_in[to]};
    graph->dynamic_out[from] = graph->dynamic_in[to] = edge;
    return true;
}

enum order_result order_graph_insert(struct order_graph *graph, uint32_t from, uint32_t to,
                                     uint32_t label)
{
    graph->moved = 0;
    if (graph->place[from] >= graph->place[to]) {
        enum order_result result = make_way(graph, from, to);
        if (result != ORDER_DONE)
            return result;
    }
    return add_dynamic(graph, from, to, label) ? ORDER_DONE : ORDER_OUT_OF_BUDGET;
}

void order_graph_remove(struct order_graph *graph, uint32_t dynamic_count)
{
    while (graph->dynamic_count > dynamic_count) {
        const struct order_edge *edge = &graph->dynamic[--graph->dynamic_count];
        graph->dynamic_out[edge->from] = edge->next_out;
        graph->dynamic_in[edge->to] = edge->next_in;
    }
}

/* --- paths --- */

enum order_result order_graph_find_path(struct order_graph *graph, uint32_t from, uint32_t to,
                                        uint32_t limit)
{
    order_graph_begin_search(graph);
    struct visit run = {.graph = graph, .queue = graph->queue, .seen = graph->seen};
    uint32_t last = graph->place[to];
    visit(&run, from, ORDER_NONE, ORDER_NONE);
    for (uint32_t i = 0; i < run.count; i++) {
        uint32_t vertex = run.queue[i];
        if (vertex == to)
            return ORDER_CYCLE;
        if (budget_time_over(graph->budget))
            return ORDER_OUT_OF_BUDGET;
        graph->work_done += graph->out_first[vertex + 1] - graph->out_first[vertex] + 1;
        for (uint32_t k = graph->out_first[vertex]; k < graph->out_first[vertex + 1]; k++)
            if (graph->place[graph->out[k]] <= last && run.seen[graph->out[k]] != graph->search)
                visit(&run, graph->out[k], vertex, ORDER_NONE);
        for (uint32_t k = graph->dynamic_out[vertex]; k != ORDER_NONE;
             k = graph->dynamic[k].next_out)
            if (k < limit && graph->place[graph->dynamic[k].to] <= last &&
                run.seen[graph->dynamic[k].to] != graph->search)
                visit(&run, graph->dynamic[k].to, vertex, graph->dynamic[k].label);
    }
    return ORDER_DONE;
}
