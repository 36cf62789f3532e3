/* One step of the search: what can come of a configuration. */
#include "checker/budget.h"
#include "checker/frontier_state.h"

#include <string.h>

/* --- what a state leaves as it is --- */

static void add_kind(const struct frontier *frontier, const struct pending_kind *kind,
                     uint64_t *mask)
{
    for (uint32_t slot = kind->first; slot != PENDING_NONE;
         slot = frontier->pending.slots[slot].next)
        mask_add(mask, slot);
}

/* Whether the operation may leave the state as it is; -1 when the memory ran out. */
static int may_stay(const struct frontier *frontier, int32_t state, const struct model_op *op)
{
    for (uint32_t choice = 0;; choice++) {
        int32_t after = frontier->model->step(frontier->context, state, op, choice);
        if (after == state || after == MODEL_NOMEM)
            return after == state ? 1 : -1;
        if (!op->branches || after == MODEL_NO_CHOICE)
            return 0;
    }
}

static int fill_stay(struct frontier *frontier, struct stay *stay)
{
    const struct pending *pending = &frontier->pending;
    memset(stay->pure, 0, (size_t)2 * frontier->shape.live_words * sizeof *stay->pure);
    for (uint32_t i = 0; i < pending->active_count; i++) {
        const struct pending_kind *kind = &pending->kinds[pending->kinds[i].active];
        if (kind->live_count == 0)
            continue;
        int stays = may_stay(frontier, stay->state, &kind->op);
        if (stays < 0 || budget_time_over(frontier->budget))
            return -1;
        if (stays)
            add_kind(frontier, kind, kind->op.pure ? stay->pure : stay->same);
    }
    stay->round = frontier->round;
    return 0;
}

/* NULL when memory or time ran out. */
static const struct stay *find_stay(struct frontier *frontier, int32_t state)
{
    struct stay *stay = &frontier->stays[(uint32_t)state % STAY_COUNT];
    if (stay->round == frontier->round && stay->state == state)
        return stay;
    stay->state = state;
    stay->round = 0;
    return fill_stay(frontier, stay) == 0 ? stay : NULL;
}

int frontier_settle(struct frontier *frontier, uint64_t *config, bool *observed)
{
    const struct stay *stay = find_stay(frontier, config_state(config));
    if (!stay)
        return -1;
    uint64_t *must = config_must(config), *open = config_open(&frontier->shape, config), pure = 0;
    for (uint32_t i = 0; i < frontier->shape.live_words; i++) {
        pure |= must[i] & stay->pure[i];
        must[i] &= ~(stay->pure[i] | stay->same[i]);
        open[i] &= ~stay->pure[i];
    }
    *observed = pure != 0;
    return 0;
}

/* --- where configurations go --- */

/* Adds to a set, with the node of `call` linearized now, unless call is PENDING_NONE. */
static int add_config(struct frontier *frontier, struct config_set *set, const uint64_t *config,
                      uint32_t call)
{
    int rc = config_set_add(set, config);
    if (rc <= 0 || !frontier->want_trace)
        return rc < 0 ? -1 : 0;
    if (call != PENDING_NONE && frontier->child_node == UINT32_MAX) {
        frontier->child_node =
            trace_add(&frontier->trace, (struct trace_node){.parent = frontier->node,
                                                            .call = call,
                                                            .event = frontier->event,
                                                            .state = config_state(config)});
        if (frontier->child_node == UINT32_MAX)
            return -1;
    }
    set->nodes[set->count - 1] = frontier->child_node;
    return 0;
}

/* Adds a configuration to the next layer, in which the returning call is over and done with. */
static int emit(struct frontier *frontier, const struct returning *returning,
                const uint64_t *config, uint32_t call)
{
    uint64_t *done = frontier->done;
    memcpy(done, config, frontier->shape.words * sizeof *done);
    mask_remove(config_must(done), returning->slot);
    mask_remove(config_open(&frontier->shape, done), returning->slot);
    config_set_state(done, config_state(done), false);
    return add_config(frontier, &frontier->next, done, call);
}

int frontier_route(struct frontier *frontier, const struct returning *returning, uint64_t *config,
                   uint32_t call)
{
    uint64_t *must = config_must(config);
    bool is_done = !mask_has(config_open(&frontier->shape, config), returning->slot);
    if (!mask_has(must, returning->slot) && emit(frontier, returning, config, call) != 0)
        return -1;
    if (is_done)
        return 0;
    mask_add(must, returning->slot);
    return add_config(frontier, &frontier->mid, config, call);
}

/* --- candidates --- */

/* Tries to linearize a call next: which, and where its bits are. */
struct candidate {
    const struct pending_kind *kind;
    uint32_t slot; /* PENDING_NONE: a crashed one */
    bool is_must, is_returning;
};

/* Notes which values calls need that could still be linearized. */
static void note_wanted(struct frontier *frontier)
{
    const struct pending *pending = &frontier->pending;
    const uint64_t *open = config_open(&frontier->shape, frontier->config);
    const uint8_t *used = config_used(&frontier->shape, frontier->config);
    frontier->expansion++;
    for (uint32_t i = 0; i < pending->active_count; i++) {
        const struct pending_kind *kind = &pending->kinds[pending->kinds[i].active];
        if (kind->op.needs == MODEL_NONE)
            continue;
        bool is_open = kind->byte != PENDING_NONE && pending_left(kind, used[kind->byte]) > 0;
        for (uint32_t slot = kind->first; !is_open && slot != PENDING_NONE;
             slot = pending->slots[slot].next)
            is_open = mask_has(open, slot);
        if (is_open)
            frontier->wanted[kind->op.needs] = frontier->expansion;
    }
}

/* Whether the state that op leaves behind can be of use before it is overwritten. */
static bool is_wanted(const struct frontier *frontier, const struct model_op *op)
{
    return op->opaque || op->gives == MODEL_NONE || frontier->avoiding > 0 ||
           ((uint32_t)op->gives < frontier->wanted_count &&
            frontier->wanted[op->gives] == frontier->expansion);
}

/* Whether it fits into the byte. */
static bool take_bits(struct frontier *frontier, const struct candidate *candidate,
                      const struct returning *returning, uint64_t *child)
{
    uint64_t *must = config_must(child), *open = config_open(&frontier->shape, child);
    const struct pending_kind *kind = candidate->kind;
    if (candidate->slot != PENDING_NONE) {
        mask_remove(must, candidate->slot);
        mask_remove(open, candidate->slot);
    } else if (!kind->endless) {
        uint8_t *used = &config_used(&frontier->shape, child)[kind->byte];
        if (*used == UINT8_MAX)
            return false;
        ++*used;
    }
    if (!kind->op.blind)
        return true;
    /* The other blind ones, and total ones, may be put right before this one. Not the returning
     * call: that would only be this call linearized sooner than it has to be. */
    bool keep = mask_has(must, returning->slot);
    for (uint32_t i = 0; i < frontier->shape.live_words; i++)
        must[i] &= ~frontier->blind[i];
    if (keep)
        mask_add(must, returning->slot);
    return true;
}

/* Whether a call that leaves the state as it is serves to hide others that overwrite everything. */
static bool hides_others(const struct frontier *frontier, const struct candidate *candidate,
                         const struct returning *returning)
{
    const uint64_t *must = config_must(frontier->config);
    uint64_t others = 0;
    for (uint32_t i = 0; candidate->kind->op.blind && i < frontier->shape.live_words; i++) {
        uint64_t mask = must[i] & frontier->blind[i];
        if (candidate->slot != PENDING_NONE && candidate->slot / 64 == i)
            mask &= ~(UINT64_C(1) << (candidate->slot % 64));
        if (returning->slot / 64 == i)
            mask &= ~(UINT64_C(1) << (returning->slot % 64));
        others |= mask;
    }
    return others != 0;
}

/* The configuration with the call linearized, which left the state `after`. */
static int follow(struct frontier *frontier, const struct candidate *candidate,
                  const struct returning *returning, bool for_others, int32_t after)
{
    const struct model_op *op = &candidate->kind->op;
    memcpy(frontier->child, frontier->config, frontier->shape.words * sizeof *frontier->child);
    if (!take_bits(frontier, candidate, returning, frontier->child)) {
        frontier->pruned = true;
        return 0;
    }
    config_set_state(frontier->child, after, false);
    bool observed;
    if (frontier_settle(frontier, frontier->child, &observed) != 0)
        return -1;
    if (for_others && !observed && !op->opaque)
        config_set_state(frontier->child, after, true);
    uint32_t call = candidate->slot == PENDING_NONE ? candidate->kind->crash_id
                                                    : frontier->pending.slots[candidate->slot].id;
    frontier->child_node = UINT32_MAX;
    return frontier_route(frontier, returning, frontier->child, call);
}

static int try_candidate(struct frontier *frontier, const struct candidate *candidate,
                         const struct returning *returning)
{
    const struct model_op *op = &candidate->kind->op;
    int32_t state = config_state(frontier->config);
    if (budget_time_over(frontier->budget))
        return -1;
    /* Its own effect counts only if it is forced to happen and cannot be hidden. */
    bool for_others = !candidate->is_returning && (!candidate->is_must || op->blind);
    if (config_tag(frontier->config) && op->blind)
        return 0; /* what came before would be overwritten unseen */
    if (for_others && !is_wanted(frontier, op))
        return 0;
    bool may_stay_so = candidate->is_returning || hides_others(frontier, candidate, returning);
    for (uint32_t choice = 0;; choice++) {
        int32_t after = frontier->model->step(frontier->context, state, op, choice);
        if (after == MODEL_NOMEM)
            return -1;
        if (after >= 0 && (after != state || may_stay_so) &&
            follow(frontier, candidate, returning, for_others, after) != 0)
            return -1;
        if (!op->branches || after == MODEL_NO_CHOICE)
            return 0;
    }
}

/* Of the live calls of a kind: the first to return of those that must be linearized, and of those
 * that may be. Blind ones all become such as may be, so that the first is as good as any. */
static int try_live(struct frontier *frontier, const struct pending_kind *kind,
                    const struct returning *returning, bool *tried)
{
    const uint64_t *must = config_must(frontier->config);
    const uint64_t *open = config_open(&frontier->shape, frontier->config);
    bool tried_must[2] = {false, false};
    for (uint32_t slot = kind->first; slot != PENDING_NONE;
         slot = frontier->pending.slots[slot].next) {
        bool is_must = mask_has(must, slot);
        if (!mask_has(open, slot) || tried_must[is_must])
            continue;
        struct candidate candidate = {.kind = kind,
                                      .slot = slot,
                                      .is_must = is_must,
                                      .is_returning = slot == returning->slot};
        if (try_candidate(frontier, &candidate, returning) != 0)
            return -1;
        *tried = tried_must[is_must] = true;
        if (kind->op.blind || (tried_must[0] && tried_must[1]))
            break;
    }
    return 0;
}

int frontier_expand(struct frontier *frontier, const struct returning *returning)
{
    const struct pending *pending = &frontier->pending;
    int32_t state = config_state(frontier->config);
    note_wanted(frontier);
    for (uint32_t i = 0; i < pending->active_count; i++) {
        const struct pending_kind *kind = &pending->kinds[pending->kinds[i].active];
        if (kind->op.needs != MODEL_NONE && kind->op.needs != state && state != MODEL_ANY)
            continue;
        bool tried = false;
        if (kind->live_count > 0 && try_live(frontier, kind, returning, &tried) != 0)
            return -1;
        if (tried || kind->byte == PENDING_NONE ||
            pending_left(kind, config_used(&frontier->shape, frontier->config)[kind->byte]) == 0)
            continue;
        struct candidate candidate = {.kind = kind, .slot = PENDING_NONE};
        if (try_candidate(frontier, &candidate, returning) != 0)
            return -1;
    }
    return 0;
}
