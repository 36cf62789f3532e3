#include "dependencies/components.h"

#include "checker/budget_array.h"
#include "core/err.h"

/* A node on the path searched. */
struct frame {
    uint32_t node, own; /* its number in order of discovery */
    uint32_t at;        /* its next edge */
};

struct search {
    const struct step_graph *graph;
    struct walk_rule rule;
    const uint8_t *only;
    struct components *out;
    uint32_t *rank; /* the least number reached; from `component` on, of finished components; 0 */
    struct frame *frames;
    uint32_t depth, frame_capacity;
    uint32_t *open; /* left, but of no finished component */
    uint32_t open_count, open_capacity;
    uint32_t discovered, component;
    bool splits;
};

static bool enter(struct search *run, uint32_t node)
{
    void *frames = run->frames;
    if (run->depth == run->frame_capacity &&
        !budget_array_grow(run->out->budget, &frames, &run->frame_capacity, sizeof *run->frames))
        return false;
    run->frames = frames;
    uint32_t vertex = run->splits ? node / 2 : node;
    run->rank[node] = ++run->discovered;
    run->frames[run->depth++] = (struct frame){node, run->discovered, run->graph->first[vertex]};
    return true;
}

#define NODE_NONE UINT32_MAX

/* Where an edge leads from a node; NODE_NONE if the rule does not allow it. */
static inline uint32_t follow(const struct search *run, uint32_t node, uint32_t edge, bool splits)
{
    uint32_t kind = edge_kind(edge), to = edge_to(edge);
    dependency_set steps = run->rule.steps | 1u << EDGE_GOES_ON;
    if (!(steps >> kind & 1) || (run->only && !run->only[to]))
        return NODE_NONE;
    if (!splits)
        return to;
    if (kind == EDGE_GOES_ON)
        return 2 * to + node % 2;
    if (kind == DEPENDENCY_RW && node % 2 == 0)
        return NODE_NONE;
    return 2 * to + (run->rule.rw_after >> kind & 1);
}

/* The component of a node that reaches no lower number than its own. */
static bool finish(struct search *run, uint32_t node, uint32_t own)
{
    struct components *out = run->out;
    uint32_t size = 0, component = --run->component;
    run->rank[node] = component;
    while (run->open_count > 0 && run->rank[run->open[run->open_count - 1]] >= own) {
        uint32_t member = run->open[--run->open_count];
        run->rank[member] = component;
        size++;
        if (!budget_array_push(out->budget, &out->members, &out->member_count,
                               &out->member_capacity, member))
            return false;
    }
    return size == 0 || (budget_array_push(out->budget, &out->members, &out->member_count,
                                           &out->member_capacity, node) &&
                         budget_array_push(out->budget, &out->first, &out->count,
                                           &out->first_capacity, out->member_count - size - 1));
}

static bool leave(struct search *run)
{
    const struct frame frame = run->frames[--run->depth];
    if (run->rank[frame.node] == frame.own)
        return finish(run, frame.node, frame.own);
    struct frame *parent = &run->frames[run->depth - 1];
    if (run->rank[frame.node] < run->rank[parent->node])
        run->rank[parent->node] = run->rank[frame.node];
    return budget_array_push(run->out->budget, &run->open, &run->open_count, &run->open_capacity,
                             frame.node);
}

/* Follows the edges of the last node of the path, until one leads to a new node. */
static inline uint32_t next_new(struct search *run, bool splits)
{
    struct frame *frame = &run->frames[run->depth - 1];
    uint32_t vertex = splits ? frame->node / 2 : frame->node;
    uint32_t end = run->graph->first[vertex + 1], least = run->rank[frame->node];
    while (frame->at < end) {
        uint32_t node = follow(run, frame->node, run->graph->edges[frame->at++], splits);
        if (node == NODE_NONE)
            continue;
        uint32_t rank = run->rank[node];
        if (rank == 0) {
            run->rank[frame->node] = least;
            return node;
        }
        least = rank < least ? rank : least;
    }
    run->rank[frame->node] = least;
    return NODE_NONE;
}

static inline int search_from(struct search *run, uint32_t start, bool splits)
{
    if (!enter(run, start))
        return ERR_NOMEM;
    while (run->depth > 0) {
        if (budget_time_over(run->out->budget))
            return ERR_TIMEOUT;
        uint32_t node = next_new(run, splits);
        if (!(node == NODE_NONE ? leave(run) : enter(run, node)))
            return ERR_NOMEM;
    }
    return 0;
}

static int search_all(struct search *run)
{
    for (uint32_t node = 0; node < run->out->node_count; node++) {
        uint32_t vertex = run->splits ? node / 2 : node;
        if (run->rank[node] != 0 || (run->only && !run->only[vertex]))
            continue;
        int rc = run->splits ? search_from(run, node, true) : search_from(run, node, false);
        if (rc != 0)
            return rc;
    }
    uint32_t count = run->out->count;
    bool is_closed = budget_array_push(run->out->budget, &run->out->first, &run->out->count,
                                       &run->out->first_capacity, run->out->member_count);
    run->out->count = count;
    return is_closed ? 0 : ERR_NOMEM;
}

int components_find(const struct step_graph *graph, const struct walk_rule *rule,
                    const uint8_t *only, struct budget *budget, struct components *out)
{
    bool splits = walk_splits(rule);
    uint32_t node_count = graph->vertex_count * (splits ? 2 : 1);
    *out = (struct components){.budget = budget, .node_count = node_count};
    out->rank = budget_zalloc(budget, node_count * sizeof *out->rank);
    struct search run = {.graph = graph,
                         .rule = *rule,
                         .only = only,
                         .out = out,
                         .rank = out->rank,
                         .component = UINT32_MAX,
                         .splits = splits};
    int rc = out->rank ? search_all(&run) : ERR_NOMEM;
    budget_free(budget, run.frames, run.frame_capacity * sizeof *run.frames);
    budget_free(budget, run.open, run.open_capacity * sizeof *run.open);
    return rc;
}

void components_fini(struct components *components)
{
    struct budget *budget = components->budget;
    budget_free(budget, components->rank, components->node_count * sizeof *components->rank);
    budget_free(budget, components->members,
                components->member_capacity * sizeof *components->members);
    budget_free(budget, components->first, components->first_capacity * sizeof *components->first);
}
