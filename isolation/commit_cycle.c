#include "isolation/commit_cycle.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

enum { STARTS_MAX = 256 }; /* places from which a shortest cycle is looked for */

#define NUMBER_NONE UINT32_MAX

/* The graph in rows, and the state of both searches, by place. */
struct cycle_search {
    struct commit_graph *graph;
    uint32_t places;
    uint32_t *first;  /* of each place's edges; one more */
    uint32_t *rows;   /* numbers of edges */
    uint32_t *next;   /* the edge to look at next; then: the edge that led here */
    uint32_t *number; /* in order of discovery; then: from which start it was found last */
    uint32_t *low;    /* Tarjan's low link; then: the component, by its last place */
    uint32_t *open;   /* Tarjan's stack; then: the queue */
    uint32_t *path;   /* the stack of the depth-first search */
    uint32_t opened, depth, numbered;
    uint32_t smallest, smallest_size; /* the component of the fewest places that has a cycle */
};

static uint32_t *alloc_places(struct cycle_search *run)
{
    return budget_alloc(run->graph->budget, ((size_t)run->places + 1) * sizeof(uint32_t));
}

static void free_places(struct cycle_search *run, uint32_t *numbers)
{
    budget_free(run->graph->budget, numbers, ((size_t)run->places + 1) * sizeof *numbers);
}

static int start(struct cycle_search *run)
{
    const struct commit_graph *graph = run->graph;
    uint32_t **arrays[] = {&run->first, &run->next, &run->number,
                           &run->low,   &run->open, &run->path};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = alloc_places(run)))
            return ERR_NOMEM;
    run->rows = budget_alloc(graph->budget, graph->count * sizeof *run->rows);
    if (!run->rows)
        return ERR_NOMEM;
    memset(run->first, 0, ((size_t)run->places + 1) * sizeof *run->first);
    for (size_t i = 0; i < graph->count; i++)
        run->first[graph->edges[i].from + 1]++;
    for (uint32_t place = 0; place < run->places; place++)
        run->first[place + 1] += run->first[place];
    memcpy(run->next, run->first, run->places * sizeof *run->next);
    for (size_t i = 0; i < graph->count; i++)
        run->rows[run->next[graph->edges[i].from]++] = (uint32_t)i;
    memcpy(run->next, run->first, run->places * sizeof *run->next);
    memset(run->number, 0xff, run->places * sizeof *run->number);
    memset(run->low, 0xff, run->places * sizeof *run->low);
    return 0;
}

static void finish(struct cycle_search *run)
{
    uint32_t *arrays[] = {run->first, run->next, run->number, run->low, run->open, run->path};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free_places(run, arrays[i]);
    budget_free(run->graph->budget, run->rows, run->graph->count * sizeof *run->rows);
}

/* --- components --- */

/* Places of finished components have this bit in `low`, with the component's last place. */
#define FINISHED UINT32_C(0x80000000)

static bool is_on_stack(const struct cycle_search *run, uint32_t place)
{
    return run->number[place] != NUMBER_NONE && !(run->low[place] & FINISHED);
}

static void discover(struct cycle_search *run, uint32_t place)
{
    run->number[place] = run->low[place] = run->numbered++;
    run->open[run->opened++] = place;
    run->path[run->depth++] = place;
}

/* Everything on the stack from this place on is a component. */
static void close_component(struct cycle_search *run, uint32_t place)
{
    uint32_t size = 0, member;
    do {
        member = run->open[--run->opened];
        run->low[member] = FINISHED | place;
        size++;
    } while (member != place);
    if (size > 1 && size < run->smallest_size) {
        run->smallest = place;
        run->smallest_size = size;
    }
}

static int find_components_from(struct cycle_search *run, uint32_t root)
{
    discover(run, root);
    while (run->depth > 0) {
        uint32_t place = run->path[run->depth - 1];
        if (budget_time_over(run->graph->budget))
            return ERR_TIMEOUT;
        if (run->next[place] < run->first[place + 1]) {
            uint32_t to = run->graph->edges[run->rows[run->next[place]++]].to;
            if (run->number[to] == NUMBER_NONE)
                discover(run, to);
            else if (is_on_stack(run, to) && run->number[to] < run->low[place])
                run->low[place] = run->number[to];
            continue;
        }
        uint32_t low = run->low[place];
        run->depth--;
        if (low == run->number[place])
            close_component(run, place);
        else if (low < run->low[run->path[run->depth - 1]])
            run->low[run->path[run->depth - 1]] = low;
    }
    return 0;
}

/* --- the shortest cycle through a place --- */

static bool is_member(const struct cycle_search *run, uint32_t place)
{
    return run->low[place] == (FINISHED | run->smallest);
}

static size_t cycle_length(const struct cycle_search *run, uint32_t start, uint32_t last)
{
    size_t length = 1;
    for (uint32_t at = last; at != start; length++)
        at = run->graph->edges[run->next[at]].from;
    return length;
}

/* The last edge of a shortest cycle from `start` back to it. */
static int breadth_first(struct cycle_search *run, uint32_t start, uint32_t *closing)
{
    uint32_t head = 0, tail = 0;
    run->open[tail++] = start;
    run->number[start] = start;
    while (head < tail) {
        uint32_t place = run->open[head++];
        if (budget_time_over(run->graph->budget))
            return ERR_TIMEOUT;
        for (uint32_t i = run->first[place]; i < run->first[place + 1]; i++) {
            uint32_t edge = run->rows[i], to = run->graph->edges[edge].to;
            if (to == start) {
                *closing = edge;
                return 0;
            }
            if (!is_member(run, to) || run->number[to] == start)
                continue;
            run->number[to] = start;
            run->next[to] = edge;
            run->open[tail++] = to;
        }
    }
    return 0; /* not in a component */
}

static int keep(struct cycle_search *run, uint32_t start, uint32_t closing, size_t length,
                struct commit_cycle *cycle)
{
    struct budget *budget = run->graph->budget;
    struct commit_edge *edges = budget_alloc(budget, length * sizeof *edges);
    if (!edges)
        return ERR_NOMEM;
    budget_free(budget, cycle->edges, cycle->count * sizeof *edges);
    cycle->edges = edges;
    cycle->count = length;
    for (uint32_t edge = closing; length > 0; edge = run->next[edges[length].from]) {
        edges[--length] = run->graph->edges[edge];
        if (edges[length].from == start)
            break;
    }
    return 0;
}

static int find_shortest(struct cycle_search *run, struct commit_cycle *cycle)
{
    uint32_t starts = 0;
    memset(run->number, 0xff, run->places * sizeof *run->number);
    for (uint32_t place = 0; place < run->places && starts < STARTS_MAX; place++) {
        if (!is_member(run, place))
            continue;
        uint32_t closing = NUMBER_NONE;
        int rc = breadth_first(run, place, &closing);
        if (rc == ERR_TIMEOUT && cycle->count > 0)
            return 0;
        if (rc != 0 || closing == NUMBER_NONE)
            return rc;
        starts++;
        size_t length = cycle_length(run, place, run->graph->edges[closing].from);
        if (cycle->count == 0 || length < cycle->count)
            rc = keep(run, place, closing, length, cycle);
        if (rc != 0 || length == 2)
            return rc;
    }
    return 0;
}

int commit_cycle_find(struct commit_graph *graph, struct commit_cycle *cycle)
{
    struct cycle_search run = {
        .graph = graph, .places = graph->done->count, .smallest_size = UINT32_MAX};
    int rc = start(&run);
    for (uint32_t place = 0; place < run.places && rc == 0; place++)
        if (run.number[place] == NUMBER_NONE && run.first[place] < run.first[place + 1])
            rc = find_components_from(&run, place);
    if (rc == 0 && run.smallest_size != UINT32_MAX)
        rc = find_shortest(&run, cycle);
    finish(&run);
    return rc;
}

void commit_cycle_fini(const struct commit_graph *graph, struct commit_cycle *cycle)
{
    budget_free(graph->budget, cycle->edges, cycle->count * sizeof *cycle->edges);
}
