/* PolyLin's rows: one operation with both its ends, one a line, under a header that names the
 * object.
 *
 *     # queue
 *     enq 7 1200 1900
 *     deq 7 1950 2400
 *
 * `# queue` has enq and deq, `# pqueue` insert and poll, `# stack` push and pop; -1 is what comes
 * out of an empty one. `# set` has insert, remove and contains, and a column more: 1 or 0, the
 * answer. Ends are times if all events have different ones, else places in the history. Nobody's
 * name is held, and only what succeeded. */
#include "formats/writer.h"

#include "checker/open_calls.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "formats/writer_monitor.h"

enum polylin_object { OBJECT_NONE, OBJECT_QUEUE, OBJECT_PQUEUE, OBJECT_STACK, OBJECT_SET };

static const struct method {
    symbol f;
    const char *name;
    enum polylin_object object;
    bool takes;
} methods[] = {
    {F_ENQUEUE, "enq ", OBJECT_QUEUE, false},     {F_ENQ, "enq ", OBJECT_QUEUE, false},
    {F_DEQUEUE, "deq ", OBJECT_QUEUE, true},      {F_DEQ, "deq ", OBJECT_QUEUE, true},
    {F_INSERT, "insert ", OBJECT_PQUEUE, false},  {F_POLL, "poll ", OBJECT_PQUEUE, true},
    {F_PUSH, "push ", OBJECT_STACK, false},       {F_POP, "pop ", OBJECT_STACK, true},
    {F_ADD, "insert ", OBJECT_SET, false},        {F_REMOVE, "remove ", OBJECT_SET, false},
    {F_CONTAINS, "contains ", OBJECT_SET, false},
};

struct polylin {
    enum polylin_object object;
    struct open_calls calls; /* with start, and the element of what adds */
};

static const struct method *method_of(symbol f)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].f == f)
            return &methods[i];
    return NULL;
}

static const char *why_not(const struct polylin *state, const struct op *op,
                           const struct method *method)
{
    const char *not_known =
        method ? NULL : "any operation but those of a queue, priority queue, stack or set";
    bool is_another = method && state->object != OBJECT_NONE && state->object != method->object;
    const char *why = monitor_why_not(op, not_known, is_another);
    if (why)
        return why;
    return op->type == OP_INFO ? "an operation that nobody answered" : NULL;
}

static void put_header(struct writer_output *out, enum polylin_object object)
{
    static const char *const headers[] = {[OBJECT_NONE] = "",
                                          [OBJECT_QUEUE] = "# queue\n",
                                          [OBJECT_PQUEUE] = "# pqueue\n",
                                          [OBJECT_STACK] = "# stack\n",
                                          [OBJECT_SET] = "# set\n"};
    strbuf_puts(&out->text, headers[object]);
}

/* The element of an operation that is over; false if it is none that can be held. */
static bool element(const struct method *method, const struct open_call *call, const struct op *op,
                    int64_t *out)
{
    *out = call->element;
    if (!method->takes)
        return true;
    *out = value_is_nil(op->value) ? -1 : op->value.integer;
    return value_is_nil(op->value) || (op->value.kind == VALUE_INT && op->value.integer != -1);
}

static const char no_element[] = "an element that is no integer, or is -1, which means none";

static int put_row(struct writer_output *out, const struct open_call *call, const struct op *op,
                   const struct method *method, struct errbuf *err)
{
    struct strbuf *text = &out->text;
    int64_t value;
    if (!element(method, call, op, &value))
        return writer_cannot(&writer_polylin, op, no_element, err);
    if (method->object == OBJECT_SET && op->value.kind != VALUE_BOOL)
        return writer_cannot(&writer_polylin, op, "a set's answer that is neither true nor false",
                             err);
    strbuf_puts(text, method->name);
    strbuf_put_int(text, value);
    if (method->object == OBJECT_SET)
        strbuf_puts(text, op->value.boolean ? " 1" : " 0");
    strbuf_putc(text, ' ');
    strbuf_put_int(text, call->start);
    strbuf_putc(text, ' ');
    strbuf_put_int(text, out->facts.times_increase ? op->time_ns : op->index);
    strbuf_putc(text, '\n');
    bool adds = !method->takes && method->object != OBJECT_SET;
    out->lost[WRITER_ECHOES] += adds && !value_equal(op->value, value_int(value));
    return 0;
}

static int begin_row(struct writer_output *out, const struct op *op, const struct method *method,
                     struct errbuf *err)
{
    struct polylin *state = out->state;
    bool holds = method->takes ? value_is_nil(op->value)
                               : op->value.kind == VALUE_INT && op->value.integer != -1;
    if (!holds)
        return writer_cannot(&writer_polylin, op,
                             method->takes ? "a removal that says what to remove" : no_element,
                             err);
    struct open_call *call = open_calls_get(&state->calls, op->process);
    if (!call)
        return errbuf_set(err, ERR_NOMEM, "no memory for the open operations");
    call->start = out->facts.times_increase ? op->time_ns : op->index;
    call->element = method->takes ? 0 : op->value.integer;
    open_calls_open(&state->calls, call);
    return 0;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct polylin *state = out->state;
    const struct method *method = method_of(op->f);
    const char *why = why_not(state, op, method);
    if (why)
        return writer_cannot(&writer_polylin, op, why, err);
    if (state->object == OBJECT_NONE)
        put_header(out, method->object);
    state->object = method->object;
    out->lost[WRITER_TIMES] += !out->facts.times_increase && op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error != NULL;
    out->lost[WRITER_PROCESSES]++;
    if (op->type == OP_INVOKE)
        return begin_row(out, op, method, err);
    struct open_call *call = open_calls_find(&state->calls, op->process);
    if (!call)
        return writer_cannot(&writer_polylin, op, "a completion of what nobody invoked", err);
    int rc = put_row(out, call, op, method, err);
    open_calls_close(&state->calls, call);
    return rc;
}

static int end(struct writer_output *out, struct errbuf *err)
{
    const struct polylin *state = out->state;
    if (state->calls.open > 0)
        return errbuf_set(err, ERR_INPUT,
                          "a polylin history cannot hold operations that nobody answered: %u of "
                          "them are open at its end",
                          state->calls.open);
    return 0;
}

static void fini(struct writer_output *out)
{
    struct polylin *state = out->state;
    open_calls_fini(&state->calls);
}

const struct writer writer_polylin = {
    .name = "polylin",
    .doc = "PolyLin's rows: METHOD VALUE START END, of a queue, priority queue, stack or set",
    .state_size = sizeof(struct polylin),
    .write = write,
    .end = end,
    .fini = fini,
};
