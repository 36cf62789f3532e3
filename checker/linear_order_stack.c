/* When announced pushes took effect (stack_state.h).
 *
 * The path of the trace is walked again: which of several ways an element was popped is the one
 * that leaves the path's state. Each push goes to the end of its segment, right before the step
 * that ended it; of those of one segment the one popped first comes last, and what stayed there
 * comes before all. Here segments are not made one, so that it is known where they end. */
#include "checker/budget.h"
#include "checker/linear_order_work.h"
#include "checker/model_stack.h"
#include "core/err.h"

#include <string.h>

struct pushes {
    struct order_work *work;
    struct stack_state same;  /* as the model has it, with calls as tags */
    struct stack_state exact; /* segments are never made one */
    struct stack_state trial;
    int32_t *scratch;
    uint32_t *ended_by; /* by segment: the step */
    uint32_t *popped;   /* from last to first */
    uint32_t popped_count, capacity;
};

static size_t room(const struct pushes *pushes)
{
    return ((size_t)pushes->capacity + 1) * sizeof(struct pushed);
}

static void pushes_fini(struct pushes *pushes)
{
    struct budget *budget = pushes->work->budget;
    size_t words = (size_t)pushes->work->step_count + 4;
    budget_free(budget, pushes->same.items, room(pushes));
    budget_free(budget, pushes->exact.items, room(pushes));
    budget_free(budget, pushes->trial.items, room(pushes));
    budget_free(budget, pushes->scratch, words * sizeof *pushes->scratch);
    budget_free(budget, pushes->ended_by, words * sizeof *pushes->ended_by);
    budget_free(budget, pushes->popped, words * sizeof *pushes->popped);
}

static bool pushes_init(struct pushes *pushes, struct order_work *work)
{
    *pushes = (struct pushes){.work = work, .capacity = work->calls->count};
    size_t words = (size_t)work->step_count + 4;
    pushes->same.items = budget_alloc(work->budget, room(pushes));
    pushes->exact.items = budget_alloc(work->budget, room(pushes));
    pushes->trial.items = budget_alloc(work->budget, room(pushes));
    pushes->scratch = budget_alloc(work->budget, words * sizeof *pushes->scratch);
    pushes->ended_by = budget_zalloc(work->budget, words * sizeof *pushes->ended_by);
    pushes->popped = budget_alloc(work->budget, words * sizeof *pushes->popped);
    return pushes->same.items && pushes->exact.items && pushes->trial.items && pushes->scratch &&
           pushes->ended_by && pushes->popped;
}

static bool is_state(struct pushes *pushes, const struct stack_state *stack, int32_t number)
{
    uint32_t length;
    const struct order_work *work = pushes->work;
    const int32_t *words = state_table_get(&work->context->states, number, &length);
    uint32_t count = length / STACK_WORDS;
    if (count != stack->count || (length ? words[0] : 0) != stack->now)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t *item = &words[1 + STACK_WORDS * i];
        if (stack->items[i].number != item[0] || stack->items[i].first != item[1] ||
            stack->items[i].last != item[2])
            return false;
    }
    return true;
}

static uint32_t place_of(const struct stack_state *stack, uint32_t call)
{
    uint32_t at = 0;
    while (at < stack->count && stack->items[at].tag != call)
        at++;
    return at;
}

/* Crashed pushes of one number are counted by one item, of which any call may be the next; the
 * others wait in work->same. */
static uint32_t next_crashed(struct pushes *pushes, struct pushed *item)
{
    uint32_t call = item->tag, other = pushes->work->same[call];
    if (stack_crashed(item) > 1)
        item->tag = other - 1;
    return call;
}

static bool pop_exact(struct pushes *pushes, uint32_t call, uint32_t step)
{
    struct order_work *work = pushes->work;
    uint32_t at = place_of(&pushes->exact, call);
    int32_t segment;
    if (at == pushes->exact.count)
        return false;
    pushes->ended_by[pushes->exact.now] = step;
    uint32_t taken = next_crashed(pushes, &pushes->exact.items[at]);
    stack_state_pop(&pushes->exact, at, &segment);
    work->gaps[taken] = 2 * pushes->ended_by[segment] + 1;
    pushes->popped[pushes->popped_count++] = taken;
    return true;
}

/* The way that leaves the state of the path. */
static bool pop(struct pushes *pushes, const struct model_op *op, uint32_t step)
{
    const int32_t *number = op->code == CONTAINER_TAKE ? &op->argument : NULL;
    struct stack_state *same = &pushes->same, *trial = &pushes->trial;
    int32_t segment;
    for (uint32_t choice = 0;; choice++) {
        uint32_t at = stack_state_choose(same, number, choice);
        if (at == same->count)
            return false;
        trial->count = same->count;
        trial->now = same->now;
        memcpy(trial->items, same->items, same->count * sizeof *same->items);
        uint32_t call = next_crashed(pushes, &trial->items[at]);
        stack_state_pop(trial, at, &segment);
        stack_state_normalise(trial, pushes->scratch);
        if (!is_state(pushes, trial, pushes->work->steps[step].state))
            continue;
        struct stack_state was = *same;
        *same = *trial;
        *trial = was;
        return pop_exact(pushes, call, step);
    }
}

/* A crashed push may join others that do the same. */
static void push(struct pushes *pushes, struct stack_state *stack, uint32_t call)
{
    const struct model_op *op = &pushes->work->calls->calls[call].op;
    struct pushed item = {.number = op->argument, .last = op->result, .tag = call};
    uint32_t count = stack->count;
    stack_state_push(stack, item);
    for (uint32_t i = 0; i < count && stack->count == count; i++)
        if (stack_crashed(&stack->items[i]) && stack->items[i].number == item.number) {
            pushes->work->same[call] = stack->items[i].tag + 1;
            stack->items[i].tag = call;
        }
}

static bool walk(struct pushes *pushes, uint32_t step)
{
    struct order_work *work = pushes->work;
    const struct order_step *at = &work->steps[step];
    const struct model_op *op = &work->calls->calls[at->call].op;
    if (!op->announced && op->code != CONTAINER_IS_EMPTY)
        return pop(pushes, op, step);
    if (op->announced && at->event == work->begins[at->call]) {
        push(pushes, &pushes->same, at->call);
        push(pushes, &pushes->exact, at->call);
    } else {
        pushes->ended_by[pushes->exact.now] = step;
        if (op->announced) {
            (void)stack_state_returned(&pushes->same, op->result);
            (void)stack_state_returned(&pushes->exact, op->result);
        } else {
            (void)stack_state_empty(&pushes->same);
            (void)stack_state_empty(&pushes->exact);
        }
    }
    stack_state_normalise(&pushes->same, pushes->scratch);
    return true;
}

/* What stayed, and then what was popped, the last first. */
static bool place(struct pushes *pushes)
{
    struct order_work *work = pushes->work;
    for (uint32_t i = 1; i < work->step_count; i++)
        if (!walk(pushes, i))
            return false;
    for (uint32_t i = 0; i < pushes->exact.count; i++) {
        const struct pushed *item = &pushes->exact.items[i];
        if (item->last < 0)
            continue;
        work->gaps[item->tag] = 2 * pushes->ended_by[item->last] + 1;
        work->announced[work->announced_count++] = item->tag;
    }
    while (pushes->popped_count > 0)
        work->announced[work->announced_count++] = pushes->popped[--pushes->popped_count];
    return true;
}

int order_place_pushes(struct order_work *work)
{
    struct pushes pushes;
    bool ok = pushes_init(&pushes, work) && place(&pushes);
    pushes_fini(&pushes);
    return ok ? 0 : ERR_NOMEM;
}
