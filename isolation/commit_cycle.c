#include "isolation/commit_cycle.h"

#include "checker/budget.h"
#include "core/err.h"
#include "dependencies/components.h"

#include <string.h>

/* From so many places a shortest cycle is looked for, while that is no more than so many times the
 * work of going through all edges once. */
enum { STARTS_MAX = 256, ROUNDS_MAX = 8 };

#define NUMBER_NONE UINT32_MAX

/* The graph in rows, and the state of the search from each place. */
struct cycle_search {
    struct commit_graph *graph;
    uint32_t places;
    uint32_t *first;   /* of each place's edges; one more */
    uint32_t *rows;    /* numbers of edges */
    uint32_t *targets; /* the same as struct step_graph has them */
    uint32_t *led;     /* by place: the edge that led here */
    uint32_t *number;  /* from which start it was found last */
    uint32_t *queue;
    struct components components;
    uint32_t smallest;  /* the rank of the smallest component */
    uint64_t looked_at; /* edges */
};

static uint32_t *alloc_places(struct cycle_search *run)
{
    return budget_alloc(run->graph->budget, ((size_t)run->places + 1) * sizeof(uint32_t));
}

static void free_places(struct cycle_search *run, uint32_t *numbers)
{
    budget_free(run->graph->budget, numbers, ((size_t)run->places + 1) * sizeof *numbers);
}

static void fill_rows(struct cycle_search *run)
{
    const struct commit_graph *graph = run->graph;
    memset(run->first, 0, ((size_t)run->places + 1) * sizeof *run->first);
    for (size_t i = 0; i < graph->count; i++)
        run->first[graph->edges[i].from + 1]++;
    for (uint32_t place = 0; place < run->places; place++)
        run->first[place + 1] += run->first[place];
    memcpy(run->led, run->first, run->places * sizeof *run->led);
    for (size_t i = 0; i < graph->count; i++) {
        uint32_t at = run->led[graph->edges[i].from]++;
        run->rows[at] = (uint32_t)i;
        run->targets[at] = edge_make(graph->edges[i].to, DEPENDENCY_WW);
    }
}

static int start(struct cycle_search *run)
{
    struct budget *budget = run->graph->budget;
    run->first = alloc_places(run);
    run->led = alloc_places(run);
    run->number = alloc_places(run);
    run->queue = alloc_places(run);
    run->rows = budget_alloc(budget, run->graph->count * sizeof *run->rows);
    run->targets = budget_alloc(budget, run->graph->count * sizeof *run->targets);
    bool is_ready =
        run->first && run->led && run->number && run->queue && run->rows && run->targets;
    if (!is_ready)
        return ERR_NOMEM;
    fill_rows(run);
    return 0;
}

static void finish(struct cycle_search *run)
{
    uint32_t *arrays[] = {run->first, run->led, run->number, run->queue};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free_places(run, arrays[i]);
    budget_free(run->graph->budget, run->rows, run->graph->count * sizeof *run->rows);
    budget_free(run->graph->budget, run->targets, run->graph->count * sizeof *run->targets);
}

/* The component to look for a cycle in. */
static void choose_smallest(struct cycle_search *run)
{
    const struct components *components = &run->components;
    uint32_t size = UINT32_MAX;
    for (uint32_t i = 0; i < components->count; i++) {
        uint32_t first = components->first[i], own = components->first[i + 1] - first;
        if (own >= size)
            continue;
        size = own;
        run->smallest = components->rank[components->members[first]];
    }
}

/* --- the shortest cycle through a place --- */

static bool is_member(const struct cycle_search *run, uint32_t place)
{
    return run->components.rank[place] == run->smallest;
}

static size_t cycle_length(const struct cycle_search *run, uint32_t start, uint32_t last)
{
    size_t length = 1;
    for (uint32_t at = last; at != start; length++)
        at = run->graph->edges[run->led[at]].from;
    return length;
}

/* The last edge of a shortest cycle from `start` back to it. */
static int breadth_first(struct cycle_search *run, uint32_t start, uint32_t *closing)
{
    uint32_t head = 0, tail = 0;
    run->queue[tail++] = start;
    run->number[start] = start;
    while (head < tail) {
        uint32_t place = run->queue[head++];
        if (budget_time_over(run->graph->budget))
            return ERR_TIMEOUT;
        run->looked_at += run->first[place + 1] - run->first[place];
        for (uint32_t i = run->first[place]; i < run->first[place + 1]; i++) {
            uint32_t edge = run->rows[i], to = run->graph->edges[edge].to;
            if (to == start) {
                *closing = edge;
                return 0;
            }
            if (!is_member(run, to) || run->number[to] == start)
                continue;
            run->number[to] = start;
            run->led[to] = edge;
            run->queue[tail++] = to;
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
    for (uint32_t edge = closing; length > 0; edge = run->led[edges[length].from]) {
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
        if (starts > 0 && run->looked_at / ROUNDS_MAX > run->graph->count)
            return 0;
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

static int find(struct cycle_search *run, struct commit_cycle *cycle)
{
    static const struct walk_rule any = {.steps = DEPENDENCIES_ALL, .rw_after = DEPENDENCIES_ALL};
    struct step_graph rows = {run->first, run->targets, run->places};
    int rc = components_find(&rows, &any, NULL, run->graph->budget, &run->components);
    if (rc == 0 && run->components.count > 0) {
        choose_smallest(run);
        rc = find_shortest(run, cycle);
    }
    components_fini(&run->components);
    return rc;
}

int commit_cycle_find(struct commit_graph *graph, struct commit_cycle *cycle)
{
    struct cycle_search run = {.graph = graph, .places = graph->done->count};
    int rc = start(&run);
    if (rc == 0)
        rc = find(&run, cycle);
    finish(&run);
    return rc;
}

void commit_cycle_fini(const struct commit_graph *graph, struct commit_cycle *cycle)
{
    budget_free(graph->budget, cycle->edges, cycle->count * sizeof *cycle->edges);
}
