#include "checker/witness.h"

#include "checker/budget.h"
#include "checker/refute.h"
#include "checker/witness_units.h"
#include "core/err.h"

#include <string.h>

enum {
    WINDOW_MIN = 4,
    WINDOW_WIDTH = 4096,
    REDUCE_STEPS = 20 * 1000 * 1000, /* some seconds of search */
    ATTEMPT_STEPS = 500 * 1000,      /* ... and of one attempt */
    HARDER_MAX = 2,                  /* times as many steps as all of it takes ... */
    STEPS_FREE = 5000,               /* ... and so many that nobody minds */
    FEW = 4,                         /* operations a person can follow anyhow */
    FREE_VALUES_MAX = 64,
};

/* --- the window --- */

static bool is_refuted(const struct linear_input *input, uint32_t first, uint32_t last,
                       uint64_t *steps)
{
    return linear_search_window(input, first, last, WINDOW_WIDTH, steps) == SEARCH_REJECTED;
}

/* Shrinks first..last, which is refuted from any state, to the latest first: the longer a window,
 * the more it refutes, so a binary search finds it. */
static uint32_t latest_first(const struct linear_input *input, uint32_t first, uint32_t last,
                             uint64_t *steps)
{
    uint32_t size = WINDOW_MIN;
    while (size < last + 1 - first && !is_refuted(input, last + 1 - size, last, steps))
        size *= 2;
    uint32_t refuted = size < last + 1 - first ? last + 1 - size : first;
    uint32_t accepted = size > WINDOW_MIN ? last + 1 - size / 2 : last;
    while (accepted - refuted > 1) {
        uint32_t middle = refuted + (accepted - refuted) / 2;
        if (is_refuted(input, middle, last, steps))
            refuted = middle;
        else
            accepted = middle;
    }
    return refuted;
}

/* Whether the whole prefix is refuted from any state as well, the cheapest way: by windows that
 * grow. Sets *first. */
static bool find_refuted_window(const struct linear_input *input, uint32_t last, uint32_t *first,
                                uint64_t *steps)
{
    uint32_t size = WINDOW_MIN;
    for (; input->anywhere_count > 0; size *= 4) {
        *first = size > last ? 0 : last + 1 - size;
        enum search_end end = linear_search_window(input, *first, last, WINDOW_WIDTH, steps);
        if (end == SEARCH_REJECTED)
            return true;
        if (end != SEARCH_ACCEPTED || *first == 0)
            return false;
    }
    return false;
}

/* --- the greedy reduction --- */

struct reduction {
    const struct linear_input *input;
    const int32_t *initial;
    uint32_t initial_count;
    position failing; /* of its invocation */
    int32_t needs;    /* the value that the failing call needs */
    struct calls calls;
    const struct object *object;
    uint32_t failing_number;
    uint32_t *unit; /* by call: what goes together (witness_units.h) */
    uint32_t unit_count;
    bool *drop; /* scratch, one per call of the first calls, and one more for each free value */
    uint32_t drop_size;
    uint64_t steps;
    uint64_t steps_each; /* that one search may take */
};

static uint64_t steps_left(const struct reduction *reduction)
{
    uint64_t left = reduction->steps < REDUCE_STEPS ? REDUCE_STEPS - reduction->steps : 1;
    return left < reduction->steps_each ? left : reduction->steps_each;
}

/* What is left must not be harder to refute than all of it was: reads that could be spared may be
 * what keeps the states few, and somebody else has to verify the witness. */
static bool is_still_refuted(struct reduction *reduction, const struct calls *calls)
{
    struct search_input search = {.model = reduction->input->model,
                                  .context = reduction->input->context,
                                  .calls = calls,
                                  .initial = reduction->initial,
                                  .initial_count = reduction->initial_count,
                                  .steps_max = steps_left(reduction)};
    struct search_result result = refute_calls(&search, reduction->needs);
    reduction->steps += result.steps;
    return result.end == SEARCH_REJECTED;
}

static bool number_units(struct reduction *reduction)
{
    return witness_units(&reduction->calls, reduction->object, reduction->input->model,
                         reduction->failing_number, reduction->unit, &reduction->unit_count) == 0;
}

/* Tries to do without the units start..start+size; true if that worked. */
static bool try_without(struct reduction *reduction, uint32_t start, uint32_t size)
{
    const struct calls *calls = &reduction->calls;
    bool any = false;
    for (uint32_t i = 0; i < calls->count; i++)
        reduction->drop[i] = reduction->unit[i] != UNIT_STAYS && reduction->unit[i] >= start &&
                             reduction->unit[i] - start < size;
    if (calls_keep_needed(calls, reduction->input->context->values.count, reduction->drop) != 0)
        return false;
    for (uint32_t i = 0; i < calls->count; i++)
        any = any || reduction->drop[i];
    struct calls fewer;
    if (!any || calls_without(&fewer, calls, reduction->drop) != 0)
        return false;
    if (!is_still_refuted(reduction, &fewer)) {
        calls_fini(&fewer);
        return false;
    }
    calls_fini(&reduction->calls);
    reduction->calls = fewer;
    return number_units(reduction);
}

static bool may_go_on(const struct reduction *reduction)
{
    return reduction->steps < REDUCE_STEPS && !budget_time_over(reduction->input->context->budget);
}

/* Searches what there is once, to know how hard it is. */
static void measure(struct reduction *reduction)
{
    uint64_t before = reduction->steps;
    reduction->steps_each = ATTEMPT_STEPS;
    is_still_refuted(reduction, &reduction->calls);
    uint64_t steps = HARDER_MAX * (reduction->steps - before) + STEPS_FREE;
    reduction->steps_each = steps < ATTEMPT_STEPS ? steps : ATTEMPT_STEPS;
}

/* All at once, then halves, quarters, ... single units, until no single one can be spared. */
static void reduce(struct reduction *reduction)
{
    if (!number_units(reduction))
        return;
    uint32_t size = reduction->unit_count;
    while (size > 0 && may_go_on(reduction)) {
        bool changed = false;
        for (uint32_t start = 0; start < reduction->unit_count && may_go_on(reduction);) {
            if (try_without(reduction, start, size))
                changed = true; /* what was dropped has made room: try from here again */
            else
                start += size;
        }
        if (!changed || size > 1)
            size /= 2;
    }
}

/* --- free values --- */

/* The values that the calls give, so many of them as there is room for. */
static uint32_t find_given_values(const struct reduction *reduction, int32_t *values)
{
    const struct calls *calls = &reduction->calls;
    uint32_t count = 0;
    for (uint32_t i = 0; i < calls->count && count < FREE_VALUES_MAX; i++) {
        int32_t value = calls->calls[i].op.gives;
        bool known = value == MODEL_NONE;
        for (uint32_t j = 0; j < count; j++)
            known = known || values[j] == value;
        if (!known)
            values[count++] = value;
    }
    return count;
}

static bool try_free_value(struct reduction *reduction, int32_t value)
{
    struct calls freed;
    if (calls_with_free_value(&freed, &reduction->calls, value, reduction->failing) != 0)
        return false;
    if (!is_still_refuted(reduction, &freed)) {
        calls_fini(&freed);
        return false;
    }
    calls_fini(&reduction->calls);
    reduction->calls = freed;
    return true;
}

static uint32_t operation_count(const struct calls *calls)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < calls->count; i++)
        count += !calls->calls[i].endless;
    return count;
}

/* Frees every value that can be, and reduces again. A value that turns out not to matter is no
 * longer among the calls then. Keeps what there was, if that does not make it smaller. */
static void reduce_by_free_values(struct reduction *reduction)
{
    int32_t values[FREE_VALUES_MAX];
    uint32_t count = find_given_values(reduction, values);
    memset(reduction->drop, 0, reduction->drop_size);
    struct calls before;
    if (calls_without(&before, &reduction->calls, reduction->drop) != 0)
        return;
    for (uint32_t i = 0; i < count && may_go_on(reduction); i++)
        try_free_value(reduction, values[i]);
    reduce(reduction);
    bool is_smaller = operation_count(&reduction->calls) < before.count;
    calls_fini(is_smaller ? &before : &reduction->calls);
    if (!is_smaller)
        reduction->calls = before;
}

/* --- all together --- */

static uint32_t event_position(const struct calls *calls, uint32_t index)
{
    const struct call *call = &calls->calls[event_call(calls->events[index])];
    return event_is_return(calls->events[index]) ? call->complete : call->invoke;
}

static int copy_result(const struct reduction *reduction, struct witness *out)
{
    const struct calls *calls = &reduction->calls;
    struct budget *budget = reduction->input->context->budget;
    struct refutation *refutation = &out->refutation;
    refutation->keep_count = operation_count(calls);
    refutation->free_count = calls->count - refutation->keep_count;
    uint32_t *numbers = budget_alloc(budget, refutation->keep_count * sizeof *numbers);
    value_ref *values = budget_alloc(budget, refutation->free_count * sizeof *values);
    refutation->keep = numbers;
    refutation->free_values = values;
    if (!numbers || !values) {
        witness_fini(out, budget);
        return ERR_NOMEM;
    }
    for (uint32_t i = 0; i < calls->count; i++) {
        const struct call *call = &calls->calls[i];
        if (call->endless)
            *values++ = reduction->input->context->values.refs[call->op.gives];
        else
            *numbers++ = call->number;
    }
    return 0;
}

void witness_fini(struct witness *witness, struct budget *budget)
{
    struct refutation *refutation = &witness->refutation;
    budget_free(budget, (void *)(uintptr_t)refutation->keep,
                refutation->keep_count * sizeof *refutation->keep);
    budget_free(budget, (void *)(uintptr_t)refutation->free_values,
                refutation->free_count * sizeof *refutation->free_values);
    *witness = (struct witness){.failing = 0};
}

static int reduce_window(const struct linear_input *input, const struct object *object,
                         const struct calls *window, struct witness *out, uint64_t *steps)
{
    struct budget *budget = input->context->budget;
    bool any_state = out->refutation.any_state;
    struct reduction reduction = {.input = input,
                                  .initial = any_state ? input->anywhere : input->initial,
                                  .initial_count =
                                      any_state ? input->anywhere_count : input->initial_count,
                                  .failing = object->ops[out->failing].invoke,
                                  .object = object,
                                  .failing_number = out->failing,
                                  .needs = MODEL_NONE,
                                  .drop_size = window->count + FREE_VALUES_MAX};
    for (uint32_t i = 0; i < window->count; i++)
        if (window->calls[i].number == out->failing)
            reduction.needs = window->calls[i].op.needs;
    size_t unit_size = reduction.drop_size * sizeof *reduction.unit;
    reduction.drop = budget_zalloc(budget, reduction.drop_size);
    reduction.unit = budget_alloc(budget, unit_size);
    int rc = reduction.drop && reduction.unit
                 ? calls_without(&reduction.calls, window, reduction.drop)
                 : ERR_NOMEM;
    if (rc == 0) {
        measure(&reduction);
        reduce(&reduction);
        if (reduction.calls.count > FEW)
            reduce_by_free_values(&reduction);
        rc = copy_result(&reduction, out);
        calls_fini(&reduction.calls);
    }
    budget_free(budget, reduction.drop, reduction.drop_size);
    budget_free(budget, reduction.unit, unit_size);
    *steps += reduction.steps;
    return rc;
}

int witness_find(const struct linear_input *input, const struct object *object,
                 const struct linear_result *found, struct witness *out, uint64_t *steps)
{
    const struct calls *calls = input->calls;
    const struct call *failing = &calls->calls[event_call(calls->events[found->last])];
    uint32_t first = found->first;
    *out = (struct witness){.failing = failing->number, .refutation = {.until = failing->complete}};
    struct refutation *refutation = &out->refutation;
    refutation->any_state =
        found->any_state || find_refuted_window(input, found->last, &first, steps);
    if (refutation->any_state) {
        first = latest_first(input, first, found->last, steps);
        refutation->from = event_position(calls, first);
    } else {
        first = 0;
    }
    struct calls window;
    int rc = calls_window(&window, calls, first, found->last);
    if (rc == 0) {
        rc = reduce_window(input, object, &window, out, steps);
        calls_fini(&window);
    }
    return rc;
}
