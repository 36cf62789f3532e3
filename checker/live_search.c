#include "checker/live_search.h"

#include "checker/budget.h"
#include "checker/frontier.h"
#include "core/err.h"

#include <string.h>

enum { FIRST_COUNT = 64, VALUES_MAX = 1024 };

enum live_phase {
    PHASE_FREE,
    PHASE_OPEN,     /* the outcome is not known */
    PHASE_NOTHING,  /* known, and says nothing */
    PHASE_HAPPENED, /* known; returns */
    PHASE_CRASHED,  /* known, or presumed: may have happened */
};

struct live_call {
    struct operation invocation;
    struct model_op op;  /* once the outcome is known */
    uint32_t returns_at; /* number of the event */
    uint32_t slot;       /* of the frontier */
    uint32_t next_free;  /* + 1 */
    enum live_phase phase;
    bool is_presumed; /* crashed; its completion is yet to come */
    bool has_begun;   /* its invocation is no longer in the queue */
};

struct live_search {
    const struct model *model;
    struct model_context *context;
    struct budget *budget;
    struct frontier *frontier;
    uint32_t width_max, queue_max;
    uint32_t values_max, forget_at; /* values known when some are to be forgotten */

    struct live_call *calls;
    uint32_t call_count, call_capacity, free_call;

    uint32_t *queue; /* a ring: call << 1 | is_return */
    uint32_t queue_first, queue_count, queue_capacity;

    enum live_end end; /* one that is said again; else LIVE_PASSED */
    struct live_status status;
};

/* --- life --- */

struct live_search *live_search_open(const struct live_options *options)
{
    struct budget *budget = options->context->budget;
    int32_t states[MODEL_INITIAL_MAX];
    options->context->growing = true;
    int count = options->model->initial(options->context, states, MODEL_INITIAL_MAX);
    struct live_search *live = count > 0 ? budget_zalloc(budget, sizeof *live) : NULL;
    if (!live)
        return NULL;
    *live =
        (struct live_search){.model = options->model,
                             .context = options->context,
                             .budget = budget,
                             .width_max = options->width_max,
                             .queue_max = options->queue_max,
                             .values_max = options->values_max ? options->values_max : VALUES_MAX,
                             .status.failing = POSITION_NONE};
    struct frontier_options frontier = {.model = options->model,
                                        .context = options->context,
                                        .initial = states,
                                        .initial_count = (uint32_t)count,
                                        .width_max = options->width_max};
    live->frontier = frontier_open(&frontier);
    live->forget_at = live->values_max;
    if (live->frontier)
        return live;
    live_search_close(live);
    return NULL;
}

void live_search_close(struct live_search *live)
{
    if (!live)
        return;
    struct budget *budget = live->budget;
    frontier_close(live->frontier);
    budget_free(budget, live->calls, live->call_capacity * sizeof *live->calls);
    budget_free(budget, live->queue, live->queue_capacity * sizeof *live->queue);
    budget_free(budget, live, sizeof *live);
}

/* --- calls and events --- */

static uint32_t take_call(struct live_search *live)
{
    uint32_t call = live->free_call - 1;
    if (live->free_call) {
        live->free_call = live->calls[call].next_free;
        return call;
    }
    if (live->call_count == live->call_capacity) {
        uint32_t capacity = live->call_capacity ? live->call_capacity * 2 : FIRST_COUNT;
        struct live_call *calls =
            budget_resize(live->budget, live->calls, live->call_capacity * sizeof *calls,
                          capacity * sizeof *calls);
        if (!calls)
            return LIVE_NO_CALL;
        live->calls = calls;
        live->call_capacity = capacity;
    }
    return live->call_count++;
}

/* Once nothing refers to it any more. */
static void free_call(struct live_search *live, uint32_t call)
{
    live->calls[call].phase = PHASE_FREE;
    live->calls[call].next_free = live->free_call;
    live->free_call = call + 1;
}

static int grow_queue(struct live_search *live)
{
    uint32_t capacity = live->queue_capacity ? live->queue_capacity * 2 : FIRST_COUNT;
    uint32_t *queue = budget_alloc(live->budget, capacity * sizeof *queue);
    if (!queue)
        return -1;
    for (uint32_t i = 0; i < live->queue_count; i++)
        queue[i] = live->queue[(live->queue_first + i) % live->queue_capacity];
    budget_free(live->budget, live->queue, live->queue_capacity * sizeof *queue);
    live->queue = queue;
    live->queue_first = 0;
    live->queue_capacity = capacity;
    return 0;
}

static int push_event(struct live_search *live, uint32_t call, bool is_return)
{
    if (live->queue_count == live->queue_capacity && grow_queue(live) != 0)
        return -1;
    uint32_t at = (live->queue_first + live->queue_count++) % live->queue_capacity;
    live->queue[at] = call << 1 | is_return;
    return 0;
}

static uint32_t event_at(const struct live_search *live, uint32_t i)
{
    return live->queue[(live->queue_first + i) % live->queue_capacity];
}

/* --- feeding the frontier --- */

static enum live_end end_of(enum frontier_end end)
{
    switch (end) {
    case FRONTIER_PASSED:
        return LIVE_PASSED;
    case FRONTIER_REJECTED:
        return LIVE_VIOLATION;
    case FRONTIER_STUCK:
        return LIVE_SUSPECTED;
    case FRONTIER_OUT_OF_TIME:
        return LIVE_OUT_OF_TIME;
    case FRONTIER_OUT_OF_MEMORY:
        break;
    }
    return LIVE_OUT_OF_MEMORY;
}

/* What an operation is whose outcome nobody knows. */
static enum live_end compile_open(struct live_search *live, const struct operation *from,
                                  struct model_op *op, enum live_phase *phase)
{
    struct operation open = *from;
    open.outcome = OP_INFO;
    open.complete = POSITION_NONE;
    open.result = VALUE_REF_NIL;
    int rc = live->model->compile(live->context, &open, op);
    *phase = rc == MODEL_MAY_HAPPEN ? PHASE_CRASHED : PHASE_NOTHING;
    return rc == ERR_NOMEM ? LIVE_OUT_OF_MEMORY : LIVE_PASSED;
}

static enum live_end begin_call(struct live_search *live, uint32_t index)
{
    struct live_call *call = &live->calls[index];
    struct model_op op = call->op;
    enum live_phase phase = call->phase;
    if (phase == PHASE_OPEN && compile_open(live, &call->invocation, &op, &phase) != LIVE_PASSED)
        return LIVE_OUT_OF_MEMORY;
    if (phase == PHASE_CRASHED)
        return frontier_crash(live->frontier, &op, index, false) == 0 ? LIVE_PASSED
                                                                      : LIVE_OUT_OF_MEMORY;
    if (phase != PHASE_HAPPENED)
        return LIVE_PASSED;
    struct frontier_call begin = {.op = op, .id = index, .returns_at = call->returns_at};
    call->slot = frontier_begin(live->frontier, &begin);
    return call->slot == PENDING_NONE ? LIVE_OUT_OF_MEMORY : LIVE_PASSED;
}

static enum live_end feed(struct live_search *live, uint32_t event)
{
    const struct live_call *call = &live->calls[event >> 1];
    if (!(event & 1))
        return begin_call(live, event >> 1);
    enum live_end end = end_of(frontier_return(live->frontier, call->slot, 0));
    if (end == LIVE_VIOLATION || end == LIVE_SUSPECTED)
        live->status.failing = call->invocation.invoke;
    return end;
}

static enum live_end remember(struct live_search *live, enum live_end end)
{
    if (end != LIVE_PASSED && end != LIVE_SUSPECTED)
        live->end = end;
    return end;
}

/* From what the width could not decide, from any state. */
static enum live_end go_on_from_anywhere(struct live_search *live)
{
    int32_t states[MODEL_INITIAL_MAX];
    const struct model *model = live->model;
    int count = model->anywhere ? model->anywhere(live->context, states, MODEL_INITIAL_MAX) : 0;
    live->status.suspected++;
    if (count < 0)
        return LIVE_OUT_OF_MEMORY;
    if (count == 0)
        return LIVE_LOST;
    return frontier_restart(live->frontier, states, (uint32_t)count) == 0 ? LIVE_SUSPECTED
                                                                          : LIVE_OUT_OF_MEMORY;
}

/* Takes an event from the queue. */
static enum live_end settle_first(struct live_search *live)
{
    uint32_t event = event_at(live, 0), index = event >> 1;
    struct live_call *call = &live->calls[index];
    enum live_end end = feed(live, event);
    if (end == LIVE_SUSPECTED) {
        end = go_on_from_anywhere(live);
        if (end == LIVE_SUSPECTED && frontier_forget(live->frontier, call->slot) != 0)
            end = LIVE_OUT_OF_MEMORY;
    }
    live->queue_first = (live->queue_first + 1) % live->queue_capacity;
    live->queue_count--;
    call->has_begun = true;
    if ((event & 1) || (call->phase != PHASE_HAPPENED && !call->is_presumed))
        free_call(live, index);
    return end;
}

/* Forgets what no state and no operation names, once that has become half of all: O(1) a value.
 * Without memory to do it, later. */
static void forget_values(struct live_search *live)
{
    struct value_numbers *values = &live->context->values;
    uint32_t count = values->count;
    if (!live->model->holds_value || count - values->free_count < live->forget_at)
        return;
    bool *used = budget_zalloc(live->budget, count * sizeof *used);
    if (!used)
        return;
    frontier_mark_values(live->frontier, used);
    for (uint32_t i = 0; i < live->call_count; i++)
        if (live->calls[i].phase == PHASE_HAPPENED || live->calls[i].phase == PHASE_CRASHED)
            frontier_mark_op_values(&live->calls[i].op, used);
    value_numbers_forget(values, used);
    budget_free(live->budget, used, count * sizeof *used);
    uint32_t twice = 2 * (count - values->free_count);
    live->forget_at = twice > live->values_max ? twice : live->values_max;
}

/* As far as every outcome is known. */
static enum live_end settle(struct live_search *live)
{
    enum live_end said = LIVE_PASSED;
    while (live->queue_count > 0) {
        struct live_call *call = &live->calls[event_at(live, 0) >> 1];
        if (call->phase == PHASE_OPEN) {
            if (live->queue_max == 0 || live->queue_count <= live->queue_max)
                break;
            enum live_phase phase;
            if (compile_open(live, &call->invocation, &call->op, &phase) != LIVE_PASSED)
                return remember(live, LIVE_OUT_OF_MEMORY);
            call->phase = phase;
            call->is_presumed = true;
            live->status.presumed++;
        }
        enum live_end end = settle_first(live);
        if (end != LIVE_PASSED && end != LIVE_SUSPECTED)
            return remember(live, end);
        said = end == LIVE_SUSPECTED ? end : said;
    }
    return said;
}

/* --- what is told --- */

uint32_t live_search_invoke(struct live_search *live, const struct operation *op)
{
    uint32_t call = take_call(live);
    if (call == LIVE_NO_CALL)
        return LIVE_NO_CALL;
    live->calls[call] = (struct live_call){.invocation = *op, .phase = PHASE_OPEN};
    if (push_event(live, call, false) != 0) {
        free_call(live, call);
        return LIVE_NO_CALL;
    }
    live->status.events++;
    return call;
}

enum live_end live_search_complete(struct live_search *live, uint32_t handle,
                                   const struct operation *op)
{
    struct live_call *call = &live->calls[handle];
    live->status.events++;
    if (call->is_presumed) {
        call->is_presumed = false;
        if (call->has_begun)
            free_call(live, handle);
        return live->end != LIVE_PASSED ? live->end : settle(live);
    }
    if (live->end != LIVE_PASSED)
        return live->end;
    int rc = live->model->compile(live->context, op, &call->op);
    call->phase = rc == MODEL_HAPPENED     ? PHASE_HAPPENED
                  : rc == MODEL_MAY_HAPPEN ? PHASE_CRASHED
                                           : PHASE_NOTHING;
    call->returns_at = (uint32_t)live->status.events;
    if (rc == ERR_NOMEM || (rc == MODEL_HAPPENED && push_event(live, handle, true) != 0))
        return remember(live, LIVE_OUT_OF_MEMORY);
    enum live_end end = settle(live);
    forget_values(live);
    return end == LIVE_PASSED && rc == ERR_INPUT ? LIVE_UNREADABLE : end;
}

enum live_end live_search_probe(struct live_search *live)
{
    if (live->end != LIVE_PASSED || live->queue_count == 0)
        return live->end;
    struct frontier_mark *mark = frontier_save(live->frontier);
    if (!mark)
        return remember(live, LIVE_OUT_OF_MEMORY);
    position failing = live->status.failing;
    enum live_end end = LIVE_PASSED;
    for (uint32_t i = 0; i < live->queue_count && end == LIVE_PASSED; i++)
        end = feed(live, event_at(live, i));
    if (end != LIVE_VIOLATION)
        live->status.failing = failing;
    if (end != LIVE_VIOLATION && frontier_restore(live->frontier, mark) != 0)
        end = LIVE_OUT_OF_MEMORY;
    frontier_mark_free(mark);
    return remember(live, end);
}

struct live_status live_search_status(const struct live_search *live)
{
    struct live_status status = live->status;
    status.waiting = live->queue_count;
    status.steps = frontier_counts(live->frontier).steps;
    return status;
}
