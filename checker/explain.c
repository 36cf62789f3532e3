#include "checker/explain.h"

#include "checker/budget.h"
#include "checker/calls.h"
#include "checker/config_search.h"
#include "checker/explain_states.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/strbuf.h"

enum {
    VALUES_TRIED_MAX = 64,
    VALUES_SHOWN_MAX = 8,
    LINES_MAX = 24,
    TRY_STEPS = 200 * 1000,  /* for each value tried */
    WINDOW_MAX = 256 * 1024, /* operations; what a longer past allows is not asked */
};

/* --- pieces --- */

static void put_value(struct strbuf *out, const struct value_pool *values, value_ref ref)
{
    value_write_text(out, value_pool_get(values, ref));
}

void explain_moment(struct strbuf *out, const struct operations *all, position at)
{
    int64_t time_ns = operations_time_ns(all, at);
    if (time_ns >= 0)
        strbuf_printf(out, "%.6f s", (double)time_ns / 1e9);
    else
        strbuf_printf(out, "event %llu", (unsigned long long)operations_index(all, at));
}

/* Whether all that the operation says is its answer. */
static bool is_question(symbol f)
{
    return f == F_READ || f == F_GET || f == F_DEQUEUE || f == F_POP;
}

void explain_operation(struct strbuf *out, const struct value_pool *values,
                       const struct operation *op)
{
    symbol f = symbol_canonical(op->f);
    value_ref value = operation_value(op), expected, next;
    bool ok = op->outcome == OP_OK;
    strbuf_puts(out, symbol_name(op->f));
    if (is_question(f) && op->argument == VALUE_REF_NIL) {
        if (!ok)
            return;
        value = op->result;
    } else if (f == F_CAS && value_pool_pair(values, value, &expected, &next)) {
        strbuf_putc(out, ' ');
        put_value(out, values, expected);
        strbuf_puts(out, " to ");
        put_value(out, values, next);
        return;
    } else if (f != F_WRITE && f != F_TXN && value != op->argument &&
               op->argument != VALUE_REF_NIL) {
        strbuf_putc(out, ' ');
        put_value(out, values, op->argument);
        strbuf_puts(out, " ->");
    } else if (value == VALUE_REF_NIL && f != F_WRITE) {
        return;
    }
    strbuf_putc(out, ' ');
    put_value(out, values, value);
}

static const char *outcome(const struct operation *op)
{
    if (op->complete == POSITION_NONE)
        return "never answered";
    if (op->outcome == OP_INFO)
        return "outcome unknown";
    return op->outcome == OP_OK ? "ok" : "failed";
}

static void put_interval(struct strbuf *out, const struct explain_input *input,
                         const struct operation *op)
{
    explain_moment(out, input->object->all, op->invoke);
    strbuf_puts(out, " to ");
    if (operation_end(op) != POSITION_NONE)
        explain_moment(out, input->object->all, op->complete);
    else
        strbuf_puts(out, "?");
}

static const char *finish(struct strbuf *text, struct arena *arena)
{
    const char *copy = strbuf_ok(text) && text->text ? arena_strdup(arena, text->text) : NULL;
    strbuf_fini(text);
    return copy;
}

static const struct operation *failing_of(const struct explain_input *input)
{
    return &input->object->ops[input->failing];
}

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

/* Whether the window could be linearized, as far as is known, if the failing call had needed this
 * value. */
static bool is_possible_value(const struct explain_input *input, struct window *window,
                              int32_t value)
{
    int32_t needed = window->failing->op.needs;
    window->failing->op.needs = value;
    struct search_input search = {.model = input->model,
                                  .context = &window->context,
                                  .calls = &window->calls,
                                  .initial = window->initial,
                                  .initial_count = window->initial_count,
                                  .steps_max = TRY_STEPS};
    struct search_result result = config_search(&search);
    window->failing->op.needs = needed;
    return result.end != SEARCH_REJECTED; /* also if nobody knows */
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
    int32_t values[VALUES_TRIED_MAX];
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
    if (value < 0 || open->count == VALUES_TRIED_MAX)
        open->too_many = true;
    else
        open->values[open->count++] = value;
}

/* Whether a register holds *value after the operation, if it took effect. */
static bool leaves_value(const struct explain_input *input, const struct operation *op,
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
        if (operation_end(op) > until && leaves_value(input, op, &written))
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
        if (tried++ == VALUES_TRIED_MAX)
            return false;
        if (is_open || is_possible_value(input, window, (int32_t)value))
            found[(*count)++] = values->refs[value];
    }
    return true;
}

static void put_possible(struct strbuf *out, const struct explain_input *input,
                         const value_ref *values, uint32_t count)
{
    strbuf_puts(out, count > 1 ? "one of " : "");
    for (uint32_t i = 0; i < count && i < VALUES_SHOWN_MAX; i++) {
        strbuf_puts(out, i > 0 ? ", " : "");
        put_value(out, input->object->values, values[i]);
    }
    if (count > VALUES_SHOWN_MAX)
        strbuf_printf(out, " and %u more", count - VALUES_SHOWN_MAX);
}

static int keep_possible(const value_ref *values, uint32_t count, struct arena *arena,
                         struct explained *out)
{
    out->possible = arena_copy(arena, values, count * sizeof *values);
    out->possible_count = count;
    return out->possible ? 0 : ERR_NOMEM;
}

/* Whether what the window holds is impossible from any state, so that nothing before it matters. */
static bool is_refuted_from_anywhere(const struct explain_input *input, struct window *window)
{
    struct search_input search = {.model = input->model,
                                  .context = &window->context,
                                  .calls = &window->calls,
                                  .initial = window->initial,
                                  .initial_count = window->initial_count,
                                  .steps_max = TRY_STEPS};
    return config_search(&search).end == SEARCH_REJECTED;
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
            if (is_refuted_from_anywhere(input, window))
                return true;
            window_fini(window);
        }
        input->refutation = refutation;
    }
    return window_init(input, window) == 0;
}

/* Of a register: what the failing operation could have seen. */
static int put_alternatives(struct strbuf *out, const struct explain_input *given,
                            struct arena *arena, struct explained *explained)
{
    struct explain_input input = *given;
    struct refutation shorter;
    struct window window;
    value_ref values[VALUES_TRIED_MAX];
    uint32_t count;
    int rc = 0;
    if (!open_window(&input, &shorter, &window))
        return 0;
    if (window.failing->op.avoids != MODEL_NONE) {
        strbuf_puts(out, ": it failed although the value was the expected one all the time");
    } else if (find_possible(&input, &window, values, &count) && count > 0) {
        strbuf_puts(out, ": the value could only be ");
        put_possible(out, given, values, count);
        rc = keep_possible(values, count, arena, explained);
    }
    window_fini(&window);
    return rc;
}

static bool is_register(const struct explain_input *input)
{
    return input->model == &model_register || input->model == &model_cas_register;
}

/* --- what could have been, of other objects --- */

static int keep_states(const struct explain_past *past, const struct explain_states *found,
                       struct arena *arena, struct explained *out)
{
    const char **states = arena_zalloc(arena, found->shown, sizeof *states);
    for (uint32_t i = 0; states && i < found->shown; i++) {
        struct strbuf text = STRBUF_INIT;
        explain_put_state(&text, past, &found->states[i]);
        states[i] = strbuf_ok(&text) ? arena_strdup(arena, text.text ? text.text : "") : NULL;
        strbuf_fini(&text);
        if (!states[i])
            return ERR_NOMEM;
    }
    out->states = states;
    out->state_count = found->shown;
    return states ? 0 : ERR_NOMEM;
}

/* Puts ": it could only have answered 3" to the cause, and a sentence about the states to *more. */
static int put_past(struct strbuf *cause, struct strbuf *more, const struct explain_input *input,
                    struct arena *arena, struct explained *out)
{
    struct explain_past past = {
        .object = input->object,
        .specification = input->specification,
        .context = {.values = input->object->all->values, .semantics = input->semantics},
        .failing = input->failing,
        .budget = input->budget,
        .steps_max = input->steps_max};
    struct explain_states found;
    int rc = 0;
    explain_find_states(&past, &found);
    if (found.answers_known && found.answer_count > 0) {
        strbuf_puts(cause, ": it could only have answered ");
        put_possible(cause, input, found.answers, found.answer_count);
        rc = keep_possible(found.answers, found.answer_count, arena, out);
    }
    if (found.count > 0) {
        strbuf_puts(more, "Without it, at its completion, ");
        explain_put_states(more, &past, &found);
        strbuf_puts(more, ".\n");
        rc = rc == 0 ? keep_states(&past, &found, arena, out) : rc;
    }
    explain_states_fini(&found);
    return rc;
}

static int put_cause(struct strbuf *cause, struct strbuf *more, const struct explain_input *input,
                     struct arena *arena, struct explained *out)
{
    const struct operation *failing = failing_of(input);
    explain_operation(cause, input->object->values, failing);
    strbuf_printf(cause, " by process %d (", failing->process);
    put_interval(cause, input, failing);
    strbuf_puts(cause, ") is impossible");
    return is_register(input) ? put_alternatives(cause, input, arena, out)
                              : put_past(cause, more, input, arena, out);
}

/* --- the lines --- */

static void put_line(struct strbuf *out, const struct explain_input *input, uint32_t number)
{
    const struct operation *op = &input->object->ops[number];
    size_t start = out->length;
    strbuf_printf(out, "  process %-4d ", op->process);
    explain_operation(out, input->object->values, op);
    while (out->length < start + 36 && strbuf_ok(out))
        strbuf_putc(out, ' ');
    strbuf_putc(out, ' ');
    put_interval(out, input, op);
    strbuf_printf(out, "  %s%s\n", outcome(op),
                  number == input->failing ? "  <- cannot be placed" : "");
}

/* Of many, those that began last. */
static void put_lines(struct strbuf *out, const struct explain_input *input)
{
    const struct refutation *refutation = input->refutation;
    uint32_t first = refutation->keep_count > LINES_MAX ? refutation->keep_count - LINES_MAX : 0,
             hidden = 0;
    for (uint32_t i = 0; i < refutation->keep_count; i++) {
        if (i >= first || refutation->keep[i] == input->failing)
            put_line(out, input, refutation->keep[i]);
        else
            hidden++;
    }
    if (hidden > 0)
        strbuf_printf(out, "  ... and %u that began earlier\n", hidden);
}

/* What is known of the time before the first of them. */
static void put_beginning(struct strbuf *out, const struct explain_input *input)
{
    const struct history_semantics *semantics = input->semantics;
    if (input->refutation->any_state) {
        strbuf_printf(out,
                      "This holds whatever the %s was before; no other operation of the time "
                      "can explain it.\n",
                      is_register(input) ? "value" : "state");
    } else if (is_register(input)) {
        strbuf_puts(out, "The value at the beginning is ");
        put_value(out, input->object->values,
                  semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL);
        strbuf_puts(out, semantics->initial_may_be_nil ? " or nil.\n" : ".\n");
    }
}

static void put_free_values(struct strbuf *out, const struct explain_input *input)
{
    const struct refutation *refutation = input->refutation;
    if (refutation->free_count == 0)
        return;
    strbuf_puts(out, "It makes no difference who else wrote ");
    for (uint32_t i = 0; i < refutation->free_count && i < VALUES_SHOWN_MAX; i++) {
        strbuf_puts(out, i > 0 ? ", " : "");
        put_value(out, input->object->values, refutation->free_values[i]);
    }
    if (refutation->free_count > VALUES_SHOWN_MAX)
        strbuf_printf(out, " and %u more", refutation->free_count - VALUES_SHOWN_MAX);
    strbuf_puts(out, ", when, and how often.\n");
}

/* What a register's operation saw, if it says so. */
static bool sees_value(const struct explain_input *input, const struct operation *op,
                       value_ref *value)
{
    value_ref next;
    *value = op->result;
    if (op->f == F_READ)
        return op->outcome == OP_OK;
    return op->f == F_CAS && op->outcome == OP_OK &&
           value_pool_pair(input->object->values, operation_value(op), value, &next);
}

/* Who could have written the value that the failing operation saw: the heart of most findings. */
static void put_writers(struct strbuf *out, const struct explain_input *input)
{
    const struct refutation *refutation = input->refutation;
    const struct operation *first = &input->object->ops[refutation->keep[0]];
    value_ref seen, written;
    uint32_t before = 0, since = 0;
    if (!sees_value(input, failing_of(input), &seen))
        return;
    for (uint32_t i = 0; i < input->object->count; i++) {
        const struct operation *op = &input->object->ops[i];
        bool is_writer = i != input->failing && op->invoke < refutation->until &&
                         leaves_value(input, op, &written) && written == seen;
        before += is_writer;
        since += is_writer && operation_end(op) > first->invoke;
    }
    if (before > 0 && (refutation->keep_count == 1 || since > 0))
        return;
    strbuf_puts(out, before == 0 ? "No operation that can have happened by then wrote "
                                 : "Nothing that can have happened after the first of these began "
                                   "wrote ");
    put_value(out, input->object->values, seen);
    strbuf_puts(out, ".\n");
}

static void put_text(struct strbuf *text, const struct explain_input *input, const char *cause,
                     const char *more)
{
    strbuf_puts(text, cause);
    if (input->refutation->keep_count == 1)
        strbuf_puts(text, ".\nThis operation alone shows it:\n");
    else
        strbuf_printf(text,
                      ".\nThese %u operations have no order that agrees with their times "
                      "and values:\n",
                      input->refutation->keep_count);
    put_lines(text, input);
    if (is_register(input) && input->refutation->keep_count > 0)
        put_writers(text, input);
    put_free_values(text, input);
    strbuf_puts(text, more);
    put_beginning(text, input);
}

int explain_refutation(const struct explain_input *input, struct arena *arena,
                       struct explained *out)
{
    struct strbuf cause = STRBUF_INIT, more = STRBUF_INIT, text = STRBUF_INIT;
    *out = (struct explained){.cause = NULL};
    int rc = put_cause(&cause, &more, input, arena, out);
    out->cause = finish(&cause, arena);
    if (rc == 0 && out->cause && !more.failed) {
        put_text(&text, input, out->cause, more.text ? more.text : "");
        out->text = finish(&text, arena);
    }
    strbuf_fini(&more);
    return out->text ? 0 : ERR_NOMEM;
}
