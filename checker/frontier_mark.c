/* Copies of a frontier to come back to, and its trace. */
#include "checker/budget.h"
#include "checker/frontier_state.h"

#include <string.h>

static size_t mark_words(const struct frontier_mark *mark)
{
    return (size_t)mark->count * mark->shape.words + (size_t)3 * mark->shape.live_words;
}

void frontier_mark_free(struct frontier_mark *mark)
{
    if (!mark)
        return;
    struct budget *budget = mark->budget;
    pending_fini(&mark->pending);
    budget_free(budget, mark->words, mark->words_size);
    budget_free(budget, mark->nodes, mark->count * sizeof *mark->nodes);
    budget_free(budget, mark, sizeof *mark);
}

static void copy_layer(const struct frontier *frontier, struct frontier_mark *mark)
{
    size_t words = mark->shape.words;
    uint32_t count = 0;
    for (uint32_t i = 0; i < frontier->layer.count; i++) {
        const uint64_t *config = config_set_at(&frontier->layer, i);
        if (!config)
            continue;
        memcpy(mark->words + count * words, config, words * sizeof *config);
        mark->nodes[count++] = frontier->want_trace ? frontier->layer.nodes[i] : TRACE_ROOT;
    }
    uint64_t *masks = mark->words + count * words;
    size_t live = mark->shape.live_words;
    memcpy(masks, frontier->blind, live * sizeof *masks);
    memcpy(masks + live, frontier->set_must, live * sizeof *masks);
    memcpy(masks + 2 * live, frontier->set_open, live * sizeof *masks);
}

struct frontier_mark *frontier_save(const struct frontier *frontier)
{
    struct budget *budget = frontier->budget;
    struct frontier_mark *mark = budget_zalloc(budget, sizeof *mark);
    if (!mark)
        return NULL;
    *mark = (struct frontier_mark){.budget = budget,
                                   .shape = frontier->shape,
                                   .count = config_set_size(&frontier->layer),
                                   .avoiding = frontier->avoiding,
                                   .pruned = frontier->pruned,
                                   .pending.budget = budget};
    mark->words_size = mark_words(mark) * sizeof *mark->words;
    mark->words = budget_alloc(budget, mark->words_size);
    mark->nodes = budget_alloc(budget, mark->count * sizeof *mark->nodes);
    if (!mark->words || !mark->nodes || pending_save(&frontier->pending, &mark->pending) != 0) {
        mark->pending = (struct pending){.budget = budget};
        frontier_mark_free(mark);
        return NULL;
    }
    copy_layer(frontier, mark);
    return mark;
}

/* The shape only grows, so a mark's configurations may be narrower. */
static int restore_layer(struct frontier *frontier, const struct frontier_mark *mark)
{
    uint32_t live = mark->shape.live_words;
    const uint64_t *config = mark->words;
    for (uint32_t i = 0; i < mark->count; i++, config += mark->shape.words) {
        uint64_t *wide = frontier->config;
        memset(wide, 0, frontier->shape.words * sizeof *wide);
        wide[0] = config[0];
        memcpy(config_must(wide), config + 1, live * sizeof *wide);
        memcpy(config_open(&frontier->shape, wide), config + 1 + live, live * sizeof *wide);
        memcpy(config_used(&frontier->shape, wide), config + 1 + (size_t)2 * live,
               mark->shape.used_words * sizeof *wide);
        int rc = config_set_add(&frontier->layer, wide);
        if (rc < 0)
            return -1;
        if (rc > 0)
            frontier->layer.nodes[frontier->layer.count - 1] = mark->nodes[i];
    }
    return 0;
}

static void restore_masks(struct frontier *frontier, const struct frontier_mark *mark)
{
    const uint64_t *masks = mark->words + (size_t)mark->count * mark->shape.words;
    uint64_t *to[] = {frontier->blind, frontier->set_must, frontier->set_open};
    size_t live = mark->shape.live_words;
    for (uint32_t i = 0; i < 3; i++) {
        memset(to[i], 0, frontier->shape.live_words * sizeof *masks);
        memcpy(to[i], masks + i * live, live * sizeof *masks);
    }
}

int frontier_restore(struct frontier *frontier, const struct frontier_mark *mark)
{
    if (pending_restore(&frontier->pending, &mark->pending) != 0)
        return -1;
    config_set_reset(&frontier->layer);
    config_set_reset(&frontier->next);
    config_set_reset(&frontier->mid);
    restore_masks(frontier, mark);
    frontier->avoiding = mark->avoiding;
    frontier->pruned = mark->pruned;
    return restore_layer(frontier, mark);
}

/* --- values --- */

void frontier_mark_op_values(const struct model_op *op, bool *used)
{
    const int32_t named[] = {op->needs, op->gives, op->avoids};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i] != MODEL_NONE)
            used[named[i]] = true;
}

void frontier_mark_values(const struct frontier *frontier, bool *used)
{
    const struct pending *pending = &frontier->pending;
    for (uint32_t i = 0; i < frontier->layer.count; i++) {
        const uint64_t *config = config_set_at(&frontier->layer, i);
        if (config)
            used[config_state(config)] = true;
    }
    for (uint32_t i = 0; i < pending->active_count; i++)
        frontier_mark_op_values(&pending->kinds[pending->kinds[i].active].op, used);
}

/* --- the trace --- */

const struct trace *frontier_trace(const struct frontier *frontier, uint32_t *node)
{
    if (!frontier->want_trace)
        return NULL;
    *node = TRACE_ROOT;
    for (uint32_t i = 0; i < frontier->layer.count; i++)
        if (config_set_at(&frontier->layer, i))
            *node = frontier->layer.nodes[i];
    return &frontier->trace;
}

int frontier_collect(struct frontier *frontier, struct frontier_mark *const *marks, uint32_t count)
{
    struct trace *trace = &frontier->trace;
    struct config_set *layer = &frontier->layer;
    if (!frontier->want_trace || !trace_wants_collection(trace))
        return 0;
    if (trace_collect_begin(trace) != 0)
        return -1;
    for (uint32_t i = 0; i < layer->count; i++)
        if (config_set_at(layer, i))
            trace_mark(trace, layer->nodes[i]);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < marks[i]->count; j++)
            trace_mark(trace, marks[i]->nodes[j]);
    trace_sweep(trace);
    for (uint32_t i = 0; i < layer->count; i++)
        if (config_set_at(layer, i))
            layer->nodes[i] = trace_moved(trace, layer->nodes[i]);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < marks[i]->count; j++)
            marks[i]->nodes[j] = trace_moved(trace, marks[i]->nodes[j]);
    trace_collect_end(trace);
    return 0;
}
