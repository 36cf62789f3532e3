#include "checker/explain.h"

#include "checker/explain_states.h"
#include "checker/explain_values.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/strbuf.h"

enum {
    VALUES_SHOWN_MAX = 8,
    LINES_MAX = 24,
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

/* "write 7", "read 5", "cas 1 to 2": an operation with its outcome's value. */
static void put_operation(struct strbuf *out, const struct value_pool *values,
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

/* --- what could have been --- */

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

/* Of a register: what the failing operation could have seen. */
static int put_alternatives(struct strbuf *out, const struct explain_input *input,
                            struct arena *arena, struct explained *explained)
{
    struct explain_values found;
    explain_find_values(input, &found);
    if (found.was_expected)
        strbuf_puts(out, ": it failed although the value was the expected one all the time");
    if (found.count == 0)
        return 0;
    strbuf_puts(out, ": the value could only be ");
    put_possible(out, input, found.values, found.count);
    return keep_possible(found.values, found.count, arena, explained);
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
    put_operation(cause, input->object->values, failing);
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
    put_operation(out, input->object->values, op);
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
                         explain_leaves_value(input, op, &written) && written == seen;
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
