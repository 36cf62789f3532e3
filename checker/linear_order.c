#include "checker/linear_order.h"

#include "checker/budget.h"
#include "checker/linear_order_work.h"
#include "core/err.h"

#include <string.h>

static void work_fini(struct order_work *work)
{
    size_t calls = work->calls->count, word = sizeof(uint32_t);
    budget_free(work->budget, work->steps, work->step_count * sizeof *work->steps);
    budget_free(work->budget, work->begins, calls * word);
    budget_free(work->budget, work->ends, calls * word);
    budget_free(work->budget, work->gaps, calls * word);
    budget_free(work->budget, work->same, calls * word);
    budget_free(work->budget, work->kinds, work->kind_size * word);
    budget_free(work->budget, work->announced, calls * word);
    budget_free(work->budget, work->starts, (2 * (size_t)work->step_count + 4) * word);
}

static int work_init(struct order_work *work, const struct trace *trace, uint32_t node)
{
    size_t calls = work->calls->count, word = sizeof(uint32_t);
    uint32_t crashed = 0;
    for (uint32_t at = node; at != TRACE_ROOT; at = trace->nodes[at].parent)
        work->step_count++;
    for (uint32_t i = 0; i < calls; i++)
        crashed += !work->calls->calls[i].returns;
    for (work->kind_size = 16; work->kind_size < 2 * crashed;)
        work->kind_size *= 2;
    work->steps = budget_alloc(work->budget, work->step_count * sizeof *work->steps);
    work->begins = budget_alloc(work->budget, calls * word);
    work->ends = budget_alloc(work->budget, calls * word);
    work->gaps = budget_alloc(work->budget, calls * word);
    work->same = budget_zalloc(work->budget, calls * word);
    work->kinds = budget_zalloc(work->budget, work->kind_size * word);
    work->starts = budget_zalloc(work->budget, (2 * (size_t)work->step_count + 4) * word);
    if (!work->steps || !work->begins || !work->ends || !work->gaps || !work->same ||
        !work->kinds || !work->starts)
        return ERR_NOMEM;
    uint32_t left = work->step_count;
    for (uint32_t at = node; at != TRACE_ROOT; at = trace->nodes[at].parent) {
        const struct trace_node *from = &trace->nodes[at];
        work->steps[--left] =
            (struct order_step){.call = from->call, .event = from->event, .state = from->state};
    }
    return 0;
}

static void note_events(struct order_work *work)
{
    const struct calls *calls = work->calls;
    memset(work->ends, 0xff, calls->count * sizeof *work->ends);
    for (uint32_t i = 0; i < calls->event_count; i++) {
        uint32_t call = event_call(calls->events[i]);
        if (event_is_return(calls->events[i]))
            work->ends[call] = i;
        else
            work->begins[call] = i;
    }
}

/* --- crashed calls --- */

static uint32_t *kind_of(struct order_work *work, const struct model_op *op)
{
    uint64_t hash = (uint64_t)(uint32_t)op->needs << 32 | (uint32_t)op->gives;
    hash = (hash ^ op->code ^ (uint64_t)(uint32_t)op->argument << 20) * 0x9fb21c651e98df25u;
    hash = (hash ^ hash >> 32 ^ (uint32_t)op->result) * 0x9fb21c651e98df25u;
    uint32_t mask = work->kind_size - 1, at = (uint32_t)(hash >> 32) & mask;
    const struct call *calls = work->calls->calls;
    while (work->kinds[at] != 0 && memcmp(&calls[work->kinds[at] - 1].op, op, sizeof *op) != 0)
        at = (at + 1) & mask;
    return &work->kinds[at];
}

/* Chains the crashed calls of each kind, the earliest first. */
static void chain_crashed(struct order_work *work)
{
    const struct calls *calls = work->calls;
    for (uint32_t i = calls->count; i-- > 0;) {
        if (calls->calls[i].returns)
            continue;
        uint32_t *kind = kind_of(work, &calls->calls[i].op);
        work->same[i] = *kind;
        *kind = i + 1;
    }
}

/* The trace names any of a kind: the earliest one left is it. The last one stays in the table, as
 * the kind's name. */
static uint32_t take_crashed(struct order_work *work, uint32_t call)
{
    uint32_t *kind = kind_of(work, &work->calls->calls[call].op);
    uint32_t taken = *kind - 1;
    if (work->same[taken])
        *kind = work->same[taken];
    return taken;
}

/* --- where the others go --- */

static bool stays(const struct order_work *work, int32_t state, const struct model_op *op)
{
    for (uint32_t choice = 0;; choice++) {
        int32_t after = work->model->step(work->context, state, op, choice);
        if (after == state)
            return true;
        if (!op->branches || after == MODEL_NO_CHOICE || after == MODEL_NOMEM)
            return false;
    }
}

/* first: the first step that is linearized after the call has begun. */
static uint32_t find_gap(const struct order_work *work, uint32_t call, uint32_t first)
{
    const struct model_op *op = &work->calls->calls[call].op;
    uint32_t end = work->ends[call], count = work->step_count;
    for (uint32_t i = first; i <= count && (i == first || work->steps[i - 1].event <= end); i++) {
        if (stays(work, work->steps[i - 1].state, op))
            return 2 * i;
        if (i < count && (op->blind || op->total) && work->steps[i].event <= end &&
            work->calls->calls[work->steps[i].call].op.blind)
            return 2 * i + 1;
    }
    return NOT_PLACED;
}

static int place_others(struct order_work *work)
{
    const struct calls *calls = work->calls;
    uint32_t first = 1; /* only grows: calls are in order of invocation */
    for (uint32_t i = 0; i < calls->count; i++) {
        if (budget_time_over(work->budget))
            return ERR_TIMEOUT;
        while (first < work->step_count && work->steps[first].event <= work->begins[i])
            first++;
        if (work->gaps[i] == NOT_PLACED && calls->calls[i].returns && !calls->calls[i].op.announced)
            work->gaps[i] = find_gap(work, i, first);
        else
            work->gaps[i] = NOT_PLACED;
    }
    return 0;
}

/* --- all together --- */

static void merge(struct order_work *work, struct linear_order *out)
{
    const struct call *calls = work->calls->calls;
    uint32_t count = work->calls->count, at = 0;
    uint32_t *starts = work->starts;
    for (uint32_t i = 0; i < count; i++)
        if (work->gaps[i] != NOT_PLACED)
            starts[work->gaps[i]]++;
    for (uint32_t gap = 2; gap <= 2 * work->step_count + 1; gap++) {
        uint32_t calls_there = starts[gap];
        starts[gap] = at;
        at += calls_there;
        if (gap % 2 == 1 && gap / 2 < work->step_count &&
            !calls[work->steps[gap / 2].call].op.announced)
            out->numbers[at++] = calls[work->steps[gap / 2].call].number;
    }
    for (uint32_t i = 0; i < work->announced_count; i++)
        out->numbers[starts[work->gaps[work->announced[i]]]++] = calls[work->announced[i]].number;
    for (uint32_t i = 0; i < count; i++)
        if (work->gaps[i] != NOT_PLACED && !calls[i].op.announced)
            out->numbers[starts[work->gaps[i]]++] = calls[i].number;
    out->count = at;
}

static int make(struct order_work *work, const struct trace *trace, uint32_t node,
                struct linear_order *out)
{
    int rc = work_init(work, trace, node);
    if (rc != 0)
        return rc;
    note_events(work);
    chain_crashed(work);
    memset(work->gaps, 0xff, work->calls->count * sizeof *work->gaps);
    for (uint32_t i = 1; i < work->step_count; i++) {
        struct order_step *step = &work->steps[i];
        if (work->calls->calls[step->call].op.announced)
            continue;
        if (!work->calls->calls[step->call].returns)
            step->call = take_crashed(work, step->call);
        work->gaps[step->call] = 0;
    }
    rc = place_others(work);
    if (rc == 0)
        rc = order_place_announced(work);
    if (rc == 0)
        merge(work, out);
    return rc;
}

/* To the size that it has come to. */
static int shrink(struct linear_order *order, struct budget *budget)
{
    uint32_t *numbers = budget_resize(budget, order->numbers, order->capacity * sizeof *numbers,
                                      order->count * sizeof *numbers);
    if (!numbers)
        return ERR_NOMEM;
    order->numbers = numbers;
    order->capacity = order->count;
    return 0;
}

int linear_order_make(struct linear_order *out, const struct model *model,
                      struct model_context *context, const struct calls *calls,
                      const struct trace *trace, uint32_t node)
{
    struct order_work work = {
        .model = model, .context = context, .calls = calls, .budget = context->budget};
    *out = (struct linear_order){.capacity = calls->count};
    out->numbers = budget_alloc(work.budget, calls->count * sizeof *out->numbers);
    int rc = out->numbers ? make(&work, trace, node, out) : ERR_NOMEM;
    work_fini(&work);
    if (rc == 0)
        rc = shrink(out, context->budget);
    if (rc != 0)
        linear_order_fini(out, context->budget);
    return rc;
}

void linear_order_fini(struct linear_order *order, struct budget *budget)
{
    budget_free(budget, order->numbers, order->capacity * sizeof *order->numbers);
    *order = (struct linear_order){.count = 0};
}
