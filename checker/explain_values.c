#include "checker/explain_values.h"

#include "checker/budget.h"
#include "checker/calls.h"
#include "checker/config_search.h"

enum {
    TRY_STEPS = 200 * 1000,  /* for each value tried */
    WINDOW_MAX = 256 * 1024, /* operations; what a longer past allows is not asked */
};

/* --- the time around it --- */

/* All that happened between the beginning of a refutation and its last event, as the search sees
 * it. */
struct window {
    struct model_context context;
    struct calls calls;
    int32_t initial[MODEL_INITIAL_MAX];
    uint32_t initial_count;
    struct call *failing;
};

static bool is_of_window(const struct explain_input *input, const struct operation *op)
{
    const struct refutation *refutation = input->refutation;
    return op->invoke <= refutation->until &&
           (!refutation->any_state || operation_end(op) >= refutation->from);
}

static uint32_t *find_numbers(const struct explain_input *input, uint32_t *count)
{
    *count = 0;
    for (uint32_t i = 0; i < input->object->count; i++)
        *count += is_of_window(input, &input->object->ops[i]);
    if (*count > WINDOW_MAX)
        return NULL;
    uint32_t *numbers = budget_alloc(input->budget, *count * sizeof *numbers);
    for (uint32_t i = 0, next = 0; numbers && i < input->object->count; i++)
        if (is_of_window(input, &input->object->ops[i]))
            numbers[next++] = i;
    return numbers;
}

static position position_of_event(const struct calls *calls, uint32_t event)
{
    const struct call *call = &calls->calls[event_call(event)];
    return event_is_return(event) ? call->complete : call->invoke;
}

/* Cuts the calls to the events from..until of the refutation. */
static int cut_window(const struct explain_input *input, struct calls *calls)
{
    uint32_t first = 0, last = calls->event_count;
    position from = input->refutation->any_state ? input->refutation->from : 0;
    while (first < last && position_of_event(calls, calls->events[first]) < from)
        first++;
    while (last > first &&
           position_of_event(calls, calls->events[last - 1]) > input->refutation->until)
        last--;
    struct calls cut;
    if (last == first || calls_window(&cut, calls, first, last - 1) != 0)
        return -1;
    calls_fini(calls);
    *calls = cut;
    return 0;
}

static void window_fini(struct window *window)
{
    calls_fini(&window->calls);
    value_numbers_fini(&window->context.values);
    state_table_fini(&window->context.states);
}

static int find_beginnings(const struct explain_input *input, struct window *window)
{
    const struct model *model = input->model;
    bool any = input->refutation->any_state;
    if (any && !model->anywhere)
        return -1;
    int count = (any ? model->anywhere : model->initial)(&window->context, window->initial,
                                                         MODEL_INITIAL_MAX);
    window->initial_count = count > 0 ? (uint32_t)count : 0;
    return count > 0 ? 0 : -1;
}

/* -1 if it cannot be had: then nothing is said of it, and nothing is left to free. */
static int window_init(const struct explain_input *input, struct window *window)
{
    uint32_t count;
    uint32_t *numbers = find_numbers(input, &count);
    if (!numbers)
        return -1;
    *window = (struct window){.context = {.semantics = input->semantics,
                                          .pool = input->object->values,
                                          .budget = input->budget}};
    value_numbers_init(&window->context.values, input->budget);
    state_table_init(&window->context.states, input->budget);
    window->calls.budget = input->budget;
    int rc = calls_build_some(&window->calls, input->object, numbers, count, input->model,
                              &window->context, NULL);
    budget_free(input->budget, numbers, count * sizeof *numbers);
    if (rc == 0)
        rc = cut_window(input, &window->calls);
    if (rc == 0)
        rc = find_beginnings(input, window);
    for (uint32_t i = 0; rc == 0 && i < window->calls.count; i++)
        if (window->calls.calls[i].number == input->failing)
            window->failing = &window->calls.calls[i];
    if (rc == 0 && window->failing)
        return 0;
    window_fini(window);
    return -1;
}

/* --- what could have been --- */

/* Whether it is certain that the window has no order; false also if nobody knows. */
static bool is_refuted(const struct explain_input *input, struct window *window)
{
    struct search_input search = {.model = input->model,
                                  .context = &window->context,
                                  .calls = &window->calls,
                                  .initial = window->initial,
                                  .initial_count = window->initial_count,
                                  .steps_max = TRY_STEPS};
    return config_search(&search).end == SEARCH_REJECTED;
}

/* Whether the window could be linearized, as far as is known, if the failing call had needed this
 * value. */
static bool is_possible_value(const struct explain_input *input, struct window *window,
                              int32_t value)
{
    int32_t needed = window->failing->op.needs;
    window->failing->op.needs = value;
    bool refuted = is_refuted(input, window);
    window->failing->op.needs = needed;
    return !refuted;
}

/* Whether a value occurs in the window or, as far as it is known, at its beginning. */
static bool is_mentioned(const struct explain_input *input, const struct window *window,
                         int32_t value)
{
    for (uint32_t i = 0; i < window->calls.count; i++)
        if (window->calls.calls[i].op.gives == value || window->calls.calls[i].op.needs == value)
            return true;
    for (uint32_t i = 0; i < window->initial_count && !input->refutation->any_state; i++)
        if (window->initial[i] == value)
            return true;
    return false;
}

/* Values that operations still open at the failing completion may have left behind. Those that
 * nothing observed are not among the calls: they are looked up in the object. */
struct open_values {
    int32_t values[EXPLAIN_VALUES_MAX];
    uint32_t count;
    bool too_many;
};

static bool holds_value(const struct open_values *open, int32_t value)
{
    for (uint32_t i = 0; i < open->count; i++)
        if (open->values[i] == value)
            return true;
    return false;
}

static void add_open_value(struct open_values *open, int32_t value)
{
    if (holds_value(open, value))
        return;
    if (value < 0 || open->count == EXPLAIN_VALUES_MAX)
        open->too_many = true;
    else
        open->values[open->count++] = value;
}

bool explain_leaves_value(const struct explain_input *input, const struct operation *op,
                          value_ref *value)
{
    value_ref expected;
    *value = operation_value(op);
    if (op->outcome == OP_FAIL || op->f == F_READ)
        return false;
    return op->f == F_WRITE ||
           (op->f == F_CAS && value_pool_pair(input->object->values, *value, &expected, value));
}

static void find_open_values(const struct explain_input *input, struct window *window,
                             struct open_values *open)
{
    position until = input->refutation->until;
    *open = (struct open_values){.count = 0};
    for (uint32_t i = 0; i < input->object->count && !open->too_many; i++) {
        const struct operation *op = &input->object->ops[i];
        value_ref written;
        if (op->invoke >= until)
            break;
        if (operation_end(op) > until && explain_leaves_value(input, op, &written))
            add_open_value(open, value_numbers_add(&window->context.values, written));
    }
}

/* The values that the failing operation could have seen instead, and no other. False if they are
 * too many to try, or nobody knows. */
static bool find_possible(const struct explain_input *input, struct window *window,
                          value_ref *found, uint32_t *count)
{
    const struct value_numbers *values = &window->context.values;
    uint32_t tried = 0;
    struct open_values open;
    find_open_values(input, window, &open);
    *count = 0;
    if (open.too_many || window->failing->op.needs == MODEL_NONE)
        return false;
    for (uint32_t value = 1; value < values->count; value++) {
        bool is_open = holds_value(&open, (int32_t)value);
        if ((int32_t)value == window->failing->op.needs ||
            (!is_open && !is_mentioned(input, window, (int32_t)value)))
            continue;
        if (tried++ == EXPLAIN_VALUES_MAX)
            return false;
        if (is_open || is_possible_value(input, window, (int32_t)value))
            found[(*count)++] = values->refs[value];
    }
    return true;
}

/* Of a register: from the first operation of the refutation on, if that shows it too; there is
 * less to try then. False if there is no window. */
static bool open_window(struct explain_input *input, struct refutation *shorter,
                        struct window *window)
{
    const struct refutation *refutation = input->refutation;
    if (!refutation->any_state && refutation->keep_count > 0) {
        *shorter = *refutation;
        shorter->any_state = true;
        shorter->from = input->object->ops[refutation->keep[0]].invoke;
        input->refutation = shorter;
        if (window_init(input, window) == 0) {
            if (is_refuted(input, window)) /* from any state: nothing before it matters */
                return true;
            window_fini(window);
        }
        input->refutation = refutation;
    }
    return window_init(input, window) == 0;
}

void explain_find_values(const struct explain_input *given, struct explain_values *out)
{
    struct explain_input input = *given;
    struct refutation shorter;
    struct window window;
    *out = (struct explain_values){.count = 0};
    if (!open_window(&input, &shorter, &window))
        return;
    if (window.failing->op.avoids != MODEL_NONE)
        out->was_expected = true;
    else if (!find_possible(&input, &window, out->values, &out->count))
        out->count = 0;
    window_fini(&window);
}
