#include "checker/trace.h"

#include "checker/budget.h"

#include <string.h>

enum { CAPACITY_MIN = 64, COLLECT_MIN = 1 << 14 };

int trace_init(struct trace *trace, struct budget *budget)
{
    *trace = (struct trace){.budget = budget, .collect_at = COLLECT_MIN};
    return trace_add(trace, (struct trace_node){.state = 0}) == UINT32_MAX ? -1 : 0;
}

void trace_fini(struct trace *trace)
{
    budget_free(trace->budget, trace->nodes, trace->capacity * sizeof *trace->nodes);
    *trace = (struct trace){.budget = trace->budget};
}

uint32_t trace_add(struct trace *trace, struct trace_node node)
{
    if (trace->count == trace->capacity) {
        if (trace->capacity > UINT32_MAX / 4)
            return UINT32_MAX;
        uint32_t capacity = trace->capacity ? trace->capacity + trace->capacity / 2 : CAPACITY_MIN;
        struct trace_node *nodes = budget_resize(
            trace->budget, trace->nodes, trace->capacity * sizeof *nodes, capacity * sizeof *nodes);
        if (!nodes)
            return UINT32_MAX;
        trace->nodes = nodes;
        trace->capacity = capacity;
    }
    trace->nodes[trace->count] = node;
    return trace->count++;
}

int trace_collect_begin(struct trace *trace)
{
    trace->moved = budget_zalloc(trace->budget, trace->count * sizeof *trace->moved);
    if (!trace->moved)
        return -1;
    trace->moved[TRACE_ROOT] = 1;
    return 0;
}

void trace_mark(struct trace *trace, uint32_t node)
{
    for (; !trace->moved[node]; node = trace->nodes[node].parent)
        trace->moved[node] = 1;
}

void trace_sweep(struct trace *trace)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        if (!trace->moved[i])
            continue;
        struct trace_node node = trace->nodes[i];
        node.parent = i == TRACE_ROOT ? TRACE_ROOT : trace->moved[node.parent];
        trace->moved[i] = kept;
        trace->nodes[kept++] = node;
    }
}

uint32_t trace_moved(const struct trace *trace, uint32_t node)
{
    return trace->moved[node];
}

void trace_collect_end(struct trace *trace)
{
    uint32_t was = trace->count, kept = 1;
    while (was > 1 && trace->moved[was - 1] == 0)
        was--; /* the last node in use says how many there are */
    if (was > 1)
        kept = trace->moved[was - 1] + 1;
    budget_free(trace->budget, trace->moved, trace->count * sizeof *trace->moved);
    trace->moved = NULL;
    trace->count = kept;
    trace->collect_at = kept < COLLECT_MIN / 2 ? COLLECT_MIN : kept + kept / 4 + COLLECT_MIN;
}
