#include "checker/refute.h"

#include "checker/budget.h"

#include <string.h>

enum {
    THE_VALUE = 1,
    ANOTHER = 2,
    VALUE_COUNT = 3,
    WIDTH = 4096,
    STEPS = 200 * 1000, /* some 50 ms: it is found soon, or not at all */
};

/* A register that tells these two values apart. */
static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)context;
    (void)choice;
    if (state != MODEL_ANY &&
        ((op->needs != MODEL_NONE && op->needs != state) || op->avoids == state))
        return MODEL_REFUSED;
    if (op->gives != MODEL_NONE)
        return op->gives;
    return op->needs != MODEL_NONE ? op->needs : state;
}

static const struct model two_values = {.name = "two values", .step = step};

static int32_t take_for(int32_t of, int32_t value)
{
    if (of == MODEL_NONE || of == MODEL_ANY)
        return of;
    return of == value ? THE_VALUE : ANOTHER;
}

static bool is_simple(const struct calls *calls)
{
    for (uint32_t i = 0; i < calls->count; i++)
        if (calls->calls[i].op.opaque || calls->calls[i].op.branches)
            return false;
    return true;
}

/* What an operation is once all other values are one. */
static struct model_op simplify(const struct model_op *op, int32_t value)
{
    struct model_op out;
    memset(&out, 0, sizeof out); /* operations are compared byte by byte */
    out.needs = take_for(op->needs, value);
    out.gives = take_for(op->gives, value);
    out.avoids = op->avoids == value ? THE_VALUE : MODEL_NONE;
    out.blind = op->blind;
    out.pure = op->pure;
    if (out.needs != MODEL_NONE && out.needs == out.gives) {
        out.gives = MODEL_NONE;
        out.pure = true;
    }
    return out;
}

static struct search_result search_simplified(const struct search_input *input, int32_t value,
                                              struct call *array)
{
    const struct calls *all = input->calls;
    int32_t initial[MODEL_INITIAL_MAX];
    struct calls calls = *all;
    struct model_context context = *input->context;
    calls.calls = array;
    context.values.count = VALUE_COUNT;
    for (uint32_t i = 0; i < all->count; i++) {
        array[i] = all->calls[i];
        array[i].op = simplify(&all->calls[i].op, value);
    }
    for (uint32_t i = 0; i < input->initial_count; i++)
        initial[i] = take_for(input->initial[i], value);
    struct search_input simple = *input;
    simple.model = &two_values;
    simple.context = &context;
    simple.calls = &calls;
    simple.initial = initial;
    simple.width_max = WIDTH;
    simple.steps_max = input->steps_max && input->steps_max < STEPS ? input->steps_max : STEPS;
    return config_search(&simple);
}

struct search_result refute_simply(const struct search_input *input, int32_t value)
{
    struct budget *budget = input->context->budget;
    size_t size = input->calls->count * sizeof(struct call);
    if (value <= MODEL_ANY || input->initial_count > MODEL_INITIAL_MAX || !is_simple(input->calls))
        return (struct search_result){.end = SEARCH_STUCK};
    struct call *array = budget_alloc(budget, size);
    if (!array)
        return (struct search_result){.end = SEARCH_OUT_OF_MEMORY};
    struct search_result result = search_simplified(input, value, array);
    budget_free(budget, array, size);
    return result;
}

struct search_result refute_calls(const struct search_input *input, int32_t value)
{
    struct search_result simple = refute_simply(input, value);
    if (simple.end != SEARCH_ACCEPTED && simple.end != SEARCH_STUCK)
        return simple;
    struct search_result result = config_search(input);
    result.steps += simple.steps;
    return result;
}
