#include "checker/explain.h"

#include "checker/budget.h"
#include "checker/check.h"
#include "core/arena.h"
#include "core/strbuf.h"

enum {
    VALUES_TRIED_MAX = 64,
    VALUES_SHOWN_MAX = 8,
    LINES_MAX = 24,
    TRY_STEPS = 200 * 1000, /* for each value tried */
};

/* --- pieces --- */

void explain_moment(struct strbuf *out, const struct op *event)
{
    if (event->time_ns >= 0)
        strbuf_printf(out, "%.6f s", (double)event->time_ns / 1e9);
    else
        strbuf_printf(out, "event %lld", (long long)event->index);
}

void explain_operation(struct strbuf *out, const struct op *invocation, const struct op *completion)
{
    bool ok = completion && completion->type == OP_OK;
    struct value value = invocation->value, expected, next;
    if (ok && (invocation->f == F_READ || !value_is_nil(completion->value)))
        value = completion->value;
    strbuf_puts(out, symbol_name(invocation->f));
    if (invocation->f == F_READ && !ok)
        return;
    strbuf_putc(out, ' ');
    if (invocation->f == F_CAS && value_as_pair(value, &expected, &next)) {
        value_write_text(out, expected);
        strbuf_puts(out, " to ");
        value = next;
    }
    value_write_text(out, value);
}

static const struct op *completion_of(const struct explain_input *input, uint32_t invoke)
{
    uint32_t partner = input->partner[invoke];
    return partner == HISTORY_UNPAIRED ? NULL : &input->history->ops[partner];
}

static const char *outcome(const struct op *completion)
{
    if (!completion)
        return "never answered";
    if (completion->type == OP_INFO)
        return "outcome unknown";
    return completion->type == OP_OK ? "ok" : "failed";
}

static void put_interval(struct strbuf *out, const struct op *invocation,
                         const struct op *completion)
{
    explain_moment(out, invocation);
    strbuf_puts(out, " to ");
    if (completion && completion->type != OP_INFO)
        explain_moment(out, completion);
    else
        strbuf_puts(out, "?");
}

static const char *finish(struct strbuf *text, struct arena *arena)
{
    const char *copy = strbuf_ok(text) && text->text ? arena_strdup(arena, text->text) : NULL;
    strbuf_fini(text);
    return copy;
}

/* --- what could have been --- */

/* Whether the window could be linearized, as far as is known, if the failing call had needed this
 * value. */
static bool is_possible_value(const struct explain_input *input, struct call *failing,
                              int32_t value)
{
    static const int32_t any_state = MODEL_ANY;
    bool any = input->witness->any_state;
    int32_t needed = failing->op.needs;
    failing->op.needs = value;
    struct search_input search = {.model = input->linear->model,
                                  .context = input->linear->context,
                                  .calls = input->window,
                                  .initial = any ? &any_state : input->linear->initial,
                                  .initial_count = any ? 1 : input->linear->initial_count,
                                  .steps_max = TRY_STEPS};
    struct search_result result = config_search(&search);
    failing->op.needs = needed;
    return result.end != SEARCH_REJECTED; /* also if nobody knows */
}

static struct call *find_failing(const struct explain_input *input)
{
    for (uint32_t i = 0; i < input->window->count; i++)
        if (input->window->calls[i].invoke == input->witness->failing)
            return &input->window->calls[i];
    return NULL;
}

/* Whether a value can be what some call of the window, or the initial state, left behind. */
static bool is_given(const struct explain_input *input, int32_t value)
{
    for (uint32_t i = 0; i < input->window->count; i++)
        if (input->window->calls[i].op.gives == value)
            return true;
    for (uint32_t i = 0; i < input->linear->initial_count && !input->witness->any_state; i++)
        if (input->linear->initial[i] == value)
            return true;
    return false;
}

/* Whether a value occurs in the window or, as far as it is known, at its beginning. */
static bool is_mentioned(const struct explain_input *input, int32_t value)
{
    for (uint32_t i = 0; i < input->window->count; i++)
        if (input->window->calls[i].op.needs == value)
            return true;
    return is_given(input, value);
}

/* Values that operations still open at the failing completion may have left behind. Those that
 * nothing observed are not among the calls: they are looked up in the history. */
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
    if (value == 0 || holds_value(open, value))
        return;
    if (open->count == VALUES_TRIED_MAX)
        open->too_many = true;
    else
        open->values[open->count++] = value;
}

static bool is_open_at_the_end(const struct explain_input *input, uint32_t invoke)
{
    uint32_t partner = input->partner[invoke];
    return partner == HISTORY_UNPAIRED || partner > input->witness->last ||
           input->history->ops[partner].type == OP_INFO;
}

static void find_open_values(const struct explain_input *input, struct open_values *open)
{
    const struct value_table *table = &input->linear->context->values;
    const struct op *failing = &input->history->ops[input->witness->failing];
    *open = (struct open_values){.count = 0};
    for (uint32_t i = 0; i < input->witness->last && !open->too_many; i++) {
        const struct op *op = &input->history->ops[i];
        struct value expected, written = op->value;
        if (op->process < 0 || op->type != OP_INVOKE || op->has_key != failing->has_key ||
            (op->has_key && !value_equal(op->key, failing->key)) || !is_open_at_the_end(input, i))
            continue;
        if (op->f == F_WRITE || (op->f == F_CAS && value_as_pair(op->value, &expected, &written)))
            add_open_value(open, value_table_find(table, written));
    }
}

/* "7", "one of 1, 2, 7": no other value would have been right. Returns how many there are; 0 also
 * when there are too many to try. */
static uint32_t put_possible_values(struct strbuf *out, const struct explain_input *input)
{
    const struct value_table *values = &input->linear->context->values;
    struct call *failing = find_failing(input);
    int32_t found[VALUES_TRIED_MAX];
    uint32_t tried = 0, count = 0;
    struct open_values open;
    find_open_values(input, &open);
    if (open.too_many)
        return 0;
    for (uint32_t value = 1; failing && value < values->count; value++) {
        bool is_open = holds_value(&open, (int32_t)value);
        if ((int32_t)value == failing->op.needs ||
            (!is_open && !is_mentioned(input, (int32_t)value)))
            continue;
        if (tried++ == VALUES_TRIED_MAX)
            return 0;
        if (is_open || is_possible_value(input, failing, (int32_t)value))
            found[count++] = (int32_t)value;
    }
    if (count > 1)
        strbuf_puts(out, "one of ");
    for (uint32_t i = 0; i < count && i < VALUES_SHOWN_MAX; i++) {
        strbuf_puts(out, i > 0 ? ", " : "");
        value_write_text(out, values->values[found[i]]);
    }
    if (count > VALUES_SHOWN_MAX)
        strbuf_printf(out, " and %u more", count - VALUES_SHOWN_MAX);
    return count;
}

const char *explain_cause(const struct explain_input *input, struct arena *arena)
{
    struct strbuf text = STRBUF_INIT, values = STRBUF_INIT;
    const struct op *invocation = &input->history->ops[input->witness->failing];
    const struct op *completion = completion_of(input, input->witness->failing);
    const struct call *failing = find_failing(input);
    explain_operation(&text, invocation, completion);
    strbuf_printf(&text, " by process %d (", invocation->process);
    put_interval(&text, invocation, completion);
    strbuf_puts(&text, ") is impossible");
    if (failing && failing->op.avoids != MODEL_NONE) {
        strbuf_puts(&text, ": it failed although the value was the expected one all the time");
    } else if (put_possible_values(&values, input) > 0 && strbuf_ok(&values)) {
        strbuf_puts(&text, ": the value could only be ");
        strbuf_puts(&text, values.text);
    }
    strbuf_fini(&values);
    return finish(&text, arena);
}

/* --- the lines --- */

static void put_line(struct strbuf *out, const struct explain_input *input, uint32_t invoke)
{
    const struct op *invocation = &input->history->ops[invoke];
    const struct op *completion = completion_of(input, invoke);
    size_t start = out->length;
    strbuf_printf(out, "  process %-4d ", invocation->process);
    explain_operation(out, invocation, completion);
    while (out->length < start + 36 && strbuf_ok(out))
        strbuf_putc(out, ' ');
    strbuf_putc(out, ' ');
    put_interval(out, invocation, completion);
    strbuf_printf(out, "  %s%s\n", outcome(completion),
                  invoke == input->witness->failing ? "  <- cannot be placed" : "");
}

static void put_lines(struct strbuf *out, const struct explain_input *input)
{
    const struct witness *witness = input->witness;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < witness->count; i++) {
        bool is_last = witness->invokes[i] == witness->failing;
        if (shown < LINES_MAX || is_last) {
            put_line(out, input, witness->invokes[i]);
            shown++;
        }
    }
    if (shown < witness->count)
        strbuf_printf(out, "  ... and %u more\n", witness->count - shown);
}

/* What is known of the time before the first of them. */
static void put_beginning(struct strbuf *out, const struct explain_input *input)
{
    if (input->witness->any_state) {
        strbuf_puts(out, "This holds whatever the value was before; no other operation of the time "
                         "can explain it.\n");
        return;
    }
    const struct value_table *values = &input->linear->context->values;
    strbuf_puts(out, "The value at the beginning is ");
    for (uint32_t i = 0; i < input->linear->initial_count; i++) {
        strbuf_puts(out, i > 0 ? " or " : "");
        value_write_text(out, values->values[input->linear->initial[i]]);
    }
    strbuf_puts(out, ".\n");
}

static void put_free_values(struct strbuf *out, const struct explain_input *input)
{
    const struct witness *witness = input->witness;
    if (witness->free_count == 0)
        return;
    strbuf_puts(out, "It makes no difference who else wrote ");
    for (uint32_t i = 0; i < witness->free_count && i < VALUES_SHOWN_MAX; i++) {
        strbuf_puts(out, i > 0 ? ", " : "");
        value_write_text(out, witness->free_values[i]);
    }
    if (witness->free_count > VALUES_SHOWN_MAX)
        strbuf_printf(out, " and %u more", witness->free_count - VALUES_SHOWN_MAX);
    strbuf_puts(out, ", when, and how often.\n");
}

/* Whether a call that gives this value may have taken effect after the first of the witness began,
 * and before the last completed. */
static bool may_be_given_since(const struct explain_input *input, int32_t value)
{
    for (uint32_t i = 0; i < input->linear->calls->count; i++) {
        const struct call *call = &input->linear->calls->calls[i];
        if (call->op.gives == value && call->invoke < input->witness->last &&
            (!call->returns || call->complete > input->witness->invokes[0]))
            return true;
    }
    return false;
}

/* Who could have written the value that the failing operation saw: the heart of most findings. */
static void put_writers(struct strbuf *out, const struct explain_input *input)
{
    const struct call *failing = find_failing(input);
    const struct witness *witness = input->witness;
    if (!failing || failing->op.needs == MODEL_NONE)
        return;
    struct value seen = input->linear->context->values.values[failing->op.needs];
    uint32_t writers = 0;
    for (uint32_t i = 0; i < input->linear->calls->count; i++) {
        const struct call *call = &input->linear->calls->calls[i];
        writers += call->op.gives == failing->op.needs && call->invoke < witness->last;
    }
    if (writers == 0) {
        strbuf_puts(out, "No operation that can have happened by then wrote ");
        value_write_text(out, seen);
        strbuf_puts(out, ".\n");
    } else if (witness->count > 1 && !may_be_given_since(input, failing->op.needs)) {
        strbuf_puts(out, "Nothing that can have happened after the first of these began wrote ");
        value_write_text(out, seen);
        strbuf_puts(out, ".\n");
    }
}

const char *explain_witness(const struct explain_input *input, const char *cause,
                            struct arena *arena)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, cause);
    if (input->witness->count == 1)
        strbuf_puts(&text, ".\nThis operation alone shows it:\n");
    else
        strbuf_printf(&text,
                      ".\nThese %u operations have no order that agrees with their times "
                      "and values:\n",
                      input->witness->count);
    put_lines(&text, input);
    put_writers(&text, input);
    put_free_values(&text, input);
    put_beginning(&text, input);
    return finish(&text, arena);
}
