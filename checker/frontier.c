#include "checker/frontier.h"

#include "checker/budget.h"
#include "checker/frontier_state.h"

#include <assert.h>
#include <string.h>

enum {
    REDUCE_MAX = 48, /* layers up to this size are reduced by a quadratic scan */
    /* With a width: how many times it may be examined between two returns, and how many times it
     * is let grow before the best are chosen. */
    EXAMINE_FACTOR = 16,
    CHOICE_FACTOR = 2,
    RING_FACTOR = 4, /* of the width, how much of it may be configurations of one ring */
    LEVEL_AT = 128,  /* of the bytes of a layer: when the least of each is subtracted from all */
};

/* --- shape --- */

static size_t scratch_words(struct config_shape shape)
{
    return (size_t)3 * shape.words + (size_t)(3 + 2 * STAY_COUNT) * shape.live_words +
           shape.used_words;
}

static void lay_out(struct frontier *frontier, uint64_t *at)
{
    uint32_t live = frontier->shape.live_words, words = frontier->shape.words;
    frontier->words = at;
    frontier->config = at;
    frontier->child = at += words;
    frontier->done = at += words;
    frontier->set_must = at += words;
    frontier->set_open = at += live;
    frontier->blind = at += live;
    at += live;
    for (uint32_t i = 0; i < STAY_COUNT; i++, at += (size_t)2 * live) {
        frontier->stays[i].pure = at;
        frontier->stays[i].same = at + live;
        frontier->stays[i].round = 0;
    }
    frontier->weights = (uint8_t *)at;
}

/* Copies a configuration of one shape to another one, which is no smaller. */
static void widen(struct config_shape from, const uint64_t *config, struct config_shape to,
                  uint64_t *out)
{
    memset(out, 0, to.words * sizeof *out);
    out[0] = config[0];
    memcpy(out + 1, config + 1, from.live_words * sizeof *out);
    memcpy(out + 1 + to.live_words, config + 1 + from.live_words, from.live_words * sizeof *out);
    memcpy(out + 1 + (size_t)2 * to.live_words, config + 1 + (size_t)2 * from.live_words,
           from.used_words * sizeof *out);
}

/* Gives the sets another shape; the layer is empty then, or widened. */
static int reshape(struct frontier *frontier, struct config_shape shape)
{
    struct config_shape was = frontier->shape;
    size_t size = scratch_words(shape) * sizeof(uint64_t);
    uint64_t *words = budget_zalloc(frontier->budget, size), *old = frontier->words;
    struct config_set layer;
    if (!words)
        return -1;
    uint64_t *must = frontier->set_must, *open = frontier->set_open, *blind = frontier->blind;
    size_t old_size = frontier->words_size;
    frontier->shape = shape;
    frontier->words_size = size;
    lay_out(frontier, words);
    if (old) {
        memcpy(frontier->set_must, must, was.live_words * sizeof *must);
        memcpy(frontier->set_open, open, was.live_words * sizeof *open);
        memcpy(frontier->blind, blind, was.live_words * sizeof *blind);
    }
    config_set_init(&layer, frontier->budget, shape, frontier->blind);
    int rc = 0;
    for (uint32_t i = 0; rc >= 0 && i < frontier->layer.count; i++) {
        const uint64_t *config = config_set_at(&frontier->layer, i);
        if (!config)
            continue;
        widen(was, config, shape, frontier->config);
        rc = config_set_add(&layer, frontier->config);
        if (rc == 1)
            layer.nodes[layer.count - 1] = frontier->layer.nodes[i];
    }
    config_set_fini(&frontier->layer);
    config_set_fini(&frontier->next);
    config_set_fini(&frontier->mid);
    frontier->layer = layer;
    config_set_init(&frontier->next, frontier->budget, shape, frontier->blind);
    config_set_init(&frontier->mid, frontier->budget, shape, frontier->blind);
    budget_free(frontier->budget, old, old_size);
    return rc < 0 ? -1 : 0;
}

/* Makes the shape wide enough for the calls pending. */
static int fit(struct frontier *frontier)
{
    uint32_t slots = frontier->pending.slot_count, bytes = frontier->pending.byte_count;
    struct config_shape shape = frontier->shape;
    if (slots <= shape.live_words * 64 && bytes <= shape.used_words * 8)
        return 0;
    while (bytes > shape.used_words * 8)
        shape.used_words = shape.used_words ? shape.used_words * 2 : 1;
    if (slots > shape.live_words * 64)
        shape.live_words++;
    return reshape(frontier, config_shape_make(shape.live_words * 64, shape.used_words * 8));
}

/* --- life --- */

static int add_initial_states(struct frontier *frontier, const struct frontier_options *options)
{
    for (uint32_t i = 0; i < options->initial_count; i++) {
        memset(frontier->config, 0, frontier->shape.words * sizeof *frontier->config);
        config_set_state(frontier->config, options->initial[i], false);
        int rc = config_set_add(&frontier->layer, frontier->config);
        uint32_t node = TRACE_ROOT;
        if (rc > 0 && options->want_trace)
            node = trace_add(&frontier->trace, (struct trace_node){.parent = TRACE_ROOT,
                                                                   .call = PENDING_NONE,
                                                                   .state = options->initial[i]});
        if (rc < 0 || node == UINT32_MAX)
            return -1;
        if (rc > 0)
            frontier->layer.nodes[frontier->layer.count - 1] = node;
    }
    return 0;
}

struct frontier *frontier_open(const struct frontier_options *options)
{
    struct budget *budget = options->context->budget;
    struct frontier *frontier = budget_zalloc(budget, sizeof *frontier);
    if (!frontier)
        return NULL;
    *frontier = (struct frontier){.model = options->model,
                                  .context = options->context,
                                  .budget = budget,
                                  .want_trace = options->want_trace,
                                  .width_max = options->width_max,
                                  .steps_max = options->steps_max};
    struct config_shape none = {.words = 1};
    config_set_init(&frontier->layer, budget, none, NULL);
    config_set_init(&frontier->next, budget, none, NULL);
    config_set_init(&frontier->mid, budget, none, NULL);
    frontier->pending.budget = frontier->trace.budget = budget;
    if (reshape(frontier, config_shape_make(64, 0)) == 0 &&
        pending_init(&frontier->pending, budget, options->demand) == 0 &&
        trace_init(&frontier->trace, budget) == 0 && add_initial_states(frontier, options) == 0)
        return frontier;
    frontier_close(frontier);
    return NULL;
}

void frontier_close(struct frontier *frontier)
{
    if (!frontier)
        return;
    struct budget *budget = frontier->budget;
    config_set_fini(&frontier->layer);
    config_set_fini(&frontier->next);
    config_set_fini(&frontier->mid);
    pending_fini(&frontier->pending);
    trace_fini(&frontier->trace);
    budget_free(budget, frontier->words, frontier->words_size);
    budget_free(budget, frontier->wanted, frontier->wanted_count * sizeof *frontier->wanted);
    budget_free(budget, frontier, sizeof *frontier);
}

/* --- calls --- */

/* Room to note that a value is wanted. */
static int fit_wanted(struct frontier *frontier, const struct model_op *op)
{
    if (op->needs == MODEL_NONE || (uint32_t)op->needs < frontier->wanted_count)
        return 0;
    uint32_t count = frontier->wanted_count * 2;
    count = count > (uint32_t)op->needs ? count : (uint32_t)op->needs + 64;
    size_t old = frontier->wanted_count * sizeof *frontier->wanted;
    uint32_t *wanted =
        budget_resize(frontier->budget, frontier->wanted, old, count * sizeof *wanted);
    if (!wanted)
        return -1;
    memset(wanted + frontier->wanted_count, 0, count * sizeof *wanted - old);
    frontier->wanted = wanted;
    frontier->wanted_count = count;
    return 0;
}

uint32_t frontier_begin(struct frontier *frontier, const struct frontier_call *call)
{
    if (fit_wanted(frontier, &call->op) != 0)
        return PENDING_NONE;
    uint32_t slot = pending_begin(&frontier->pending, &call->op, call->id, call->returns_at);
    if (slot == PENDING_NONE || fit(frontier) != 0)
        return PENDING_NONE;
    mask_add(frontier->set_open, slot);
    if (!call->optional)
        mask_add(frontier->set_must, slot);
    if (call->op.blind || call->op.total)
        mask_add(frontier->blind, slot);
    frontier->avoiding += call->op.avoids != MODEL_NONE;
    return slot;
}

int frontier_crash(struct frontier *frontier, const struct model_op *op, uint32_t id, bool endless)
{
    if (fit_wanted(frontier, op) != 0 || pending_crash(&frontier->pending, op, id, endless) != 0)
        return -1;
    return fit(frontier);
}

static int end_call(struct frontier *frontier, uint32_t slot)
{
    const struct pending *pending = &frontier->pending;
    frontier->avoiding -= pending->kinds[pending->slots[slot].kind].op.avoids != MODEL_NONE;
    mask_remove(frontier->blind, slot);
    return pending_end(&frontier->pending, slot);
}

/* --- a layer --- */

/* Brings a configuration from after the last return to right before the next. */
static int update_config(struct frontier *frontier, uint64_t *config)
{
    uint64_t *must = config_must(config), *open = config_open(&frontier->shape, config);
    uint8_t *used = config_used(&frontier->shape, config);
    for (uint32_t i = 0; i < frontier->shape.live_words; i++) {
        must[i] |= frontier->set_must[i];
        open[i] |= frontier->set_open[i];
    }
    for (uint32_t i = 0; i < frontier->pending.change_count; i++) {
        const struct pending_change *change = &frontier->pending.changes[i];
        uint8_t *byte = &used[change->byte];
        *byte = *byte > change->amount ? (uint8_t)(*byte - change->amount) : 0;
    }
    bool observed;
    return frontier_settle(frontier, config, &observed);
}

/* Whether the search has to end: FRONTIER_PASSED if not. */
static enum frontier_end ask_budget(struct frontier *frontier)
{
    frontier->steps++;
    if (budget_time_over(frontier->budget))
        return FRONTIER_OUT_OF_TIME;
    if (frontier->steps_max && frontier->steps > frontier->steps_max)
        return FRONTIER_STUCK;
    return FRONTIER_PASSED;
}

static enum frontier_end start_layer(struct frontier *frontier, const struct returning *returning)
{
    for (uint32_t i = 0; i < frontier->layer.count; i++) {
        const uint64_t *config = config_set_at(&frontier->layer, i);
        if (!config)
            continue;
        enum frontier_end end = ask_budget(frontier);
        if (end != FRONTIER_PASSED)
            return end;
        memcpy(frontier->config, config, frontier->shape.words * sizeof *config);
        frontier->child_node = frontier->layer.nodes[i];
        if (update_config(frontier, frontier->config) != 0 ||
            frontier_route(frontier, returning, frontier->config, PENDING_NONE) != 0)
            return frontier_failure(frontier);
    }
    return FRONTIER_PASSED;
}

/* Sequences are tried shortest first, which for the most part are those with fewest crashed calls:
 * enough of them is enough, for a search that may leave configurations out. */
static bool is_enough(const struct frontier *frontier, uint32_t examined)
{
    uint64_t width = frontier->width_max;
    return width && (examined > width * EXAMINE_FACTOR ||
                     config_set_size(&frontier->next) >= width * CHOICE_FACTOR);
}

static enum frontier_end expand_all(struct frontier *frontier, const struct returning *returning)
{
    for (uint32_t i = 0; i < frontier->mid.count; i++) {
        const uint64_t *config = config_set_at(&frontier->mid, i);
        if (!config)
            continue;
        enum frontier_end end = ask_budget(frontier);
        if (end != FRONTIER_PASSED)
            return end;
        if (is_enough(frontier, i)) {
            frontier->pruned = true;
            return FRONTIER_PASSED;
        }
        memcpy(frontier->config, config, frontier->shape.words * sizeof *config);
        frontier->node = frontier->mid.nodes[i];
        if (frontier_expand(frontier, returning) != 0)
            return frontier_failure(frontier);
    }
    return FRONTIER_PASSED;
}

/* What all configurations have used need not be counted. */
static void level_byte(struct frontier *frontier, uint32_t byte)
{
    struct config_set *layer = &frontier->layer;
    uint8_t least = UINT8_MAX, most = 0;
    for (uint32_t i = 0; i < layer->count; i++) {
        uint64_t *config = config_set_at(layer, i);
        if (!config)
            continue;
        uint8_t used = config_used(&frontier->shape, config)[byte];
        least = used < least ? used : least;
        most = used > most ? used : most;
    }
    if (most < LEVEL_AT || least == 0)
        return;
    for (uint32_t i = 0; i < layer->count; i++) {
        uint64_t *config = config_set_at(layer, i);
        if (config)
            config_used(&frontier->shape, config)[byte] -= least;
    }
    pending_raise_base(&frontier->pending, frontier->pending.bytes[byte], least);
}

/* What using a crashed call costs: the fewer there are of its kind, the more. */
static void weigh(struct frontier *frontier)
{
    const struct pending *pending = &frontier->pending;
    for (uint32_t i = 0; i < pending->active_count; i++) {
        const struct pending_kind *kind = &pending->kinds[pending->kinds[i].active];
        if (kind->byte == PENDING_NONE)
            continue;
        uint64_t there = kind->supply - kind->base;
        frontier->weights[kind->byte] = there < 4 ? 8 : there < 16 ? 4 : there < 64 ? 2 : 1;
    }
}

/* The next layer becomes the layer. */
static void swap_layers(struct frontier *frontier)
{
    struct config_set done = frontier->layer;
    frontier->layer = frontier->next;
    frontier->next = done;
    config_set_reset(&frontier->next);
}

static void finish_layer(struct frontier *frontier)
{
    frontier->next.weights = frontier->weights;
    if (frontier->width_max && config_set_size(&frontier->next) > frontier->width_max)
        weigh(frontier);
    if (frontier->width_max && config_set_prune(&frontier->next, frontier->width_max))
        frontier->pruned = true;
    config_set_reduce(&frontier->next, REDUCE_MAX);
    uint32_t width = config_set_size(&frontier->next);
    if (width > frontier->widest)
        frontier->widest = width;
    swap_layers(frontier);
    config_set_reset(&frontier->mid);
}

static void clear_changes(struct frontier *frontier)
{
    memset(frontier->set_must, 0, frontier->shape.live_words * sizeof(uint64_t));
    memset(frontier->set_open, 0, frontier->shape.live_words * sizeof(uint64_t));
    frontier->pending.change_count = 0;
}

enum frontier_end frontier_return(struct frontier *frontier, uint32_t slot, uint32_t event)
{
    struct returning returning = {.slot = slot};
    frontier->round++;
    frontier->event = event;
    frontier->next.ring_max = frontier->mid.ring_max =
        frontier->width_max ? frontier->width_max / RING_FACTOR + 1 : 0;
    enum frontier_end end = start_layer(frontier, &returning);
    if (end == FRONTIER_PASSED)
        end = expand_all(frontier, &returning);
    frontier->pruned = frontier->pruned || frontier->next.cut || frontier->mid.cut;
    if (end != FRONTIER_PASSED)
        return end;
    if (config_set_size(&frontier->next) == 0)
        return frontier->pruned ? FRONTIER_STUCK : FRONTIER_REJECTED;
    finish_layer(frontier);
    clear_changes(frontier);
    if (frontier->round % 64 == 0)
        for (uint32_t i = 0; i < frontier->pending.byte_count; i++)
            level_byte(frontier, i);
    return end_call(frontier, slot) == 0 ? FRONTIER_PASSED : FRONTIER_OUT_OF_MEMORY;
}

/* --- announced calls --- */

/* The configuration once the call is announced, or has returned, in the next layer. */
static enum frontier_end announce_to(struct frontier *frontier, uint32_t index,
                                     const struct model_op *op, uint32_t id)
{
    struct config_set *next = &frontier->next;
    int32_t before = config_state(config_set_at(&frontier->layer, index));
    int32_t after = frontier->model->step(frontier->context, before, op, 0);
    /* Without a trace there are no nodes: what is there was never set. */
    uint32_t node = frontier->want_trace ? frontier->layer.nodes[index] : TRACE_ROOT;
    if (after == MODEL_NOMEM)
        return FRONTIER_OUT_OF_MEMORY;
    memcpy(frontier->config, config_set_at(&frontier->layer, index),
           frontier->shape.words * sizeof *frontier->config);
    config_set_state(frontier->config, after, false);
    int rc = config_set_add(next, frontier->config);
    if (rc > 0 && frontier->want_trace && after != before)
        node = trace_add(&frontier->trace,
                         (struct trace_node){
                             .parent = node, .call = id, .event = frontier->event, .state = after});
    if (rc < 0 || node == UINT32_MAX)
        return FRONTIER_OUT_OF_MEMORY;
    if (rc > 0)
        next->nodes[next->count - 1] = node;
    return FRONTIER_PASSED;
}

enum frontier_end frontier_announce(struct frontier *frontier, const struct model_op *op,
                                    uint32_t id, uint32_t event)
{
    enum frontier_end end = FRONTIER_PASSED;
    frontier->event = event;
    frontier->next.ring_max = 0;
    for (uint32_t i = 0; i < frontier->layer.count && end == FRONTIER_PASSED; i++) {
        if (!config_set_at(&frontier->layer, i))
            continue;
        end = ask_budget(frontier);
        if (end == FRONTIER_PASSED)
            end = announce_to(frontier, i, op, id);
    }
    if (end == FRONTIER_PASSED)
        swap_layers(frontier);
    return end;
}

/* Whether a call pends that can tell whether an announced one has returned. */
static bool somebody_observes(const struct pending *pending, const struct model_op *announced)
{
    for (uint32_t i = 0; i < pending->active_count; i++) {
        const struct pending_kind *kind = &pending->kinds[pending->kinds[i].active];
        bool pends = kind->live_count > 0 || kind->byte != PENDING_NONE;
        if (pends && (kind->op.pure || !announced->commutes))
            return true;
    }
    return false;
}

enum frontier_end frontier_announced(struct frontier *frontier, const struct model_op *op,
                                     uint32_t id, uint32_t event)
{
    struct frontier_call call = {.op = *op, .id = id, .returns_at = event};
    call.op.returned = true;
    if (!somebody_observes(&frontier->pending, op))
        return frontier_announce(frontier, &call.op, id, event);
    uint32_t slot = frontier_begin(frontier, &call);
    return slot == PENDING_NONE ? FRONTIER_OUT_OF_MEMORY : frontier_return(frontier, slot, event);
}

int frontier_forget(struct frontier *frontier, uint32_t slot)
{
    return end_call(frontier, slot);
}

int frontier_restart(struct frontier *frontier, const int32_t *states, uint32_t count)
{
    struct pending *pending = &frontier->pending;
    assert(!pending->demand && !frontier->want_trace);
    config_set_reset(&frontier->layer);
    config_set_reset(&frontier->next);
    config_set_reset(&frontier->mid);
    clear_changes(frontier);
    frontier->pruned = false;
    for (uint32_t slot = 0; slot < pending->slot_count; slot++)
        if (pending->slots[slot].kind != PENDING_NONE)
            mask_add(frontier->set_open, slot);
    for (uint32_t i = 0; i < pending->active_count; i++)
        pending->kinds[pending->kinds[i].active].base = 0;
    struct frontier_options options = {.initial = states, .initial_count = count};
    return add_initial_states(frontier, &options);
}

void frontier_set_width(struct frontier *frontier, uint32_t width_max)
{
    frontier->width_max = width_max;
}

struct frontier_counts frontier_counts(const struct frontier *frontier)
{
    return (struct frontier_counts){.steps = frontier->steps,
                                    .width = config_set_size(&frontier->layer),
                                    .widest = frontier->widest,
                                    .pruned = frontier->pruned};
}
