/* When announced calls took effect: those of a queue, first in first out (model_fifo_queue.c).
 *
 * The path of the trace says in which order elements were taken; the same rule as the model's says
 * of which enqueue each was. In this order, and then by their invocations those whose elements
 * stayed, they took effect: each right before the first step that cannot wait, the return or the
 * taking of one of them or of a later one. */
#include "checker/budget.h"
#include "checker/linear_order_work.h"
#include "checker/model_container.h"
#include "core/err.h"

struct held {
    struct order_work *work;
    uint32_t *calls; /* announced, and not taken, by their invocations */
    uint32_t count;
    uint32_t *places; /* by call: in work->announced, + 1 */
};

static const struct model_op *op_of(const struct order_work *work, uint32_t call)
{
    return &work->calls->calls[call].op;
}

/* The first of them to return, and so all that begin after that cannot be taken. */
static uint32_t first_end(const struct held *held)
{
    uint32_t end = POSITION_NONE;
    for (uint32_t i = 0; i < held->count; i++)
        if (held->work->ends[held->calls[i]] < end)
            end = held->work->ends[held->calls[i]];
    return end;
}

/* Where in held->calls the one is that is taken; held->count if there is none. */
static uint32_t find_taken(const struct held *held, int32_t number)
{
    const struct order_work *work = held->work;
    uint32_t best = held->count, until = first_end(held);
    for (uint32_t i = 0; i < held->count && work->begins[held->calls[i]] < until; i++)
        if (op_of(work, held->calls[i])->argument == number &&
            (best == held->count || work->ends[held->calls[i]] < work->ends[held->calls[best]]))
            best = i;
    return best;
}

/* What a removal that nobody knows the answer of took in this step. */
static int32_t number_taken(const struct held *held, uint32_t step)
{
    const struct order_work *work = held->work;
    for (uint32_t i = 0; i < held->count; i++) {
        struct model_op take = {.needs = MODEL_NONE,
                                .gives = MODEL_NONE,
                                .avoids = MODEL_NONE,
                                .code = CONTAINER_TAKE,
                                .argument = op_of(work, held->calls[i])->argument,
                                .opaque = true};
        if (work->model->step(work->context, work->steps[step - 1].state, &take, 0) ==
            work->steps[step].state)
            return take.argument;
    }
    return MODEL_NONE;
}

static void place_next(struct held *held, uint32_t call)
{
    struct order_work *work = held->work;
    work->announced[work->announced_count++] = call;
    held->places[call] = work->announced_count;
}

static bool is_invocation(const struct order_work *work, const struct order_step *step)
{
    return op_of(work, step->call)->announced && step->event == work->begins[step->call];
}

/* False if the path makes no sense. */
static bool order_all(struct held *held)
{
    struct order_work *work = held->work;
    for (uint32_t i = 1; i < work->step_count; i++) {
        const struct order_step *step = &work->steps[i];
        const struct model_op *op = op_of(work, step->call);
        if (is_invocation(work, step))
            held->calls[held->count++] = step->call;
        if (op->announced)
            continue;
        int32_t number = op->code == CONTAINER_TAKE ? op->argument : number_taken(held, i);
        uint32_t at = find_taken(held, number);
        if (at == held->count)
            return false;
        place_next(held, held->calls[at]);
        for (held->count--; at < held->count; at++)
            held->calls[at] = held->calls[at + 1];
    }
    for (uint32_t i = 0; i < held->count; i++)
        if (work->ends[held->calls[i]] != POSITION_NONE)
            place_next(held, held->calls[i]);
    return true;
}

/* As late as possible. */
static void find_gaps(struct held *held)
{
    struct order_work *work = held->work;
    uint32_t placed = 0, taken = 0;
    for (uint32_t i = 1; i < work->step_count; i++) {
        const struct order_step *step = &work->steps[i];
        if (is_invocation(work, step))
            continue;
        uint32_t until = op_of(work, step->call)->announced ? held->places[step->call] : ++taken;
        while (placed < until)
            work->gaps[work->announced[placed++]] = 2 * i + 1;
    }
    work->announced_count = placed;
}

static bool has_announced(const struct order_work *work)
{
    for (uint32_t i = 0; i < work->calls->count; i++)
        if (op_of(work, i)->announced)
            return true;
    return false;
}

int order_place_announced(struct order_work *work)
{
    size_t size = work->calls->count * sizeof(uint32_t);
    if (!has_announced(work))
        return 0;
    struct held held = {.work = work,
                        .calls = budget_alloc(work->budget, size),
                        .places = budget_zalloc(work->budget, size)};
    work->announced = budget_alloc(work->budget, size);
    int rc = ERR_NOMEM;
    if (held.calls && held.places && work->announced && order_all(&held)) {
        find_gaps(&held);
        rc = 0;
    }
    budget_free(work->budget, held.calls, size);
    budget_free(work->budget, held.places, size);
    return rc;
}
