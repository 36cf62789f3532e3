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
#include "checker/writer.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

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

/* An operation that nobody has answered yet. */
struct open_row {
    int64_t process; /* -1: none */
    int64_t start;
    struct value argument;
};

struct polylin {
    enum polylin_object object;
    struct open_row *open; /* a hash table by process, linear probing; half of it is free */
    uint32_t size, used;
};

static const struct method *method_of(symbol f)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].f == f)
            return &methods[i];
    return NULL;
}

static struct open_row *find(const struct polylin *state, int64_t process)
{
    uint32_t at = (uint32_t)((uint64_t)process * 0x9e3779b1u);
    while (state->open[at & (state->size - 1)].process >= 0 &&
           state->open[at & (state->size - 1)].process != process)
        at++;
    return &state->open[at & (state->size - 1)];
}

static int grow(struct polylin *state, struct errbuf *err)
{
    struct polylin old = *state;
    if (2 * (old.used + 1) <= old.size)
        return 0;
    state->size = old.size ? 2 * old.size : 64;
    state->open = malloc(state->size * sizeof *state->open);
    if (!state->open) {
        *state = old;
        return errbuf_set(err, ERR_NOMEM, "no memory for the open operations");
    }
    for (uint32_t i = 0; i < state->size; i++)
        state->open[i].process = -1;
    for (uint32_t i = 0; i < old.size; i++)
        if (old.open[i].process >= 0)
            *find(state, old.open[i].process) = old.open[i];
    free(old.open);
    return 0;
}

/* Knuth's algorithm R: what comes behind moves into the gap if it may. */
static void erase(struct polylin *state, struct open_row *row)
{
    uint32_t mask = state->size - 1, gap = (uint32_t)(row - state->open);
    state->used--;
    for (uint32_t at = gap;;) {
        at = (at + 1) & mask;
        if (state->open[at].process < 0)
            break;
        uint32_t home = (uint32_t)((uint64_t)state->open[at].process * 0x9e3779b1u) & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        state->open[gap] = state->open[at];
        gap = at;
    }
    state->open[gap].process = -1;
}

static const char *why_not(const struct polylin *state, const struct op *op,
                           const struct method *method)
{
    if (op->process < 0)
        return "an event that is no client's";
    if (op->has_key)
        return "a key";
    if (!method)
        return "any operation but those of a queue, priority queue, stack or set";
    if (state->object != OBJECT_NONE && state->object != method->object)
        return "operations of two kinds of objects";
    if (op->type == OP_FAIL)
        return "an operation that failed";
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

/* The element of an operation; false if there is none that can be held. */
static bool element(const struct method *method, struct value argument, struct value result,
                    int64_t *out)
{
    struct value value = method->takes ? result : argument;
    bool nothing = method->takes && value_is_nil(value);
    *out = nothing ? -1 : value.integer;
    return nothing || (value.kind == VALUE_INT && value.integer != -1);
}

static int put_row(struct writer_output *out, const struct open_row *row, const struct op *op,
                   const struct method *method, struct errbuf *err)
{
    struct strbuf *text = &out->text;
    int64_t value;
    if (!element(method, row->argument, op->value, &value))
        return writer_cannot(&writer_polylin, op,
                             "an element that is no integer, nor -1, which means none", err);
    if (method->object == OBJECT_SET && op->value.kind != VALUE_BOOL)
        return writer_cannot(&writer_polylin, op, "a set's answer that is neither true nor false",
                             err);
    strbuf_puts(text, method->name);
    strbuf_put_int(text, value);
    if (method->object == OBJECT_SET)
        strbuf_puts(text, op->value.boolean ? " 1" : " 0");
    strbuf_putc(text, ' ');
    strbuf_put_int(text, row->start);
    strbuf_putc(text, ' ');
    strbuf_put_int(text, out->facts.times_increase ? op->time_ns : op->index);
    strbuf_putc(text, '\n');
    bool is_echo = !method->takes && method->object != OBJECT_SET;
    out->lost[WRITER_ECHOES] += is_echo && !value_equal(row->argument, op->value);
    return 0;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct polylin *state = out->state;
    const struct method *method = method_of(op->f);
    const char *why = why_not(state, op, method);
    int rc = why ? writer_cannot(&writer_polylin, op, why, err) : grow(state, err);
    if (rc != 0)
        return rc;
    if (state->object == OBJECT_NONE)
        put_header(out, method->object);
    state->object = method->object;
    out->lost[WRITER_TIMES] += !out->facts.times_increase && op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error != NULL;
    out->lost[WRITER_PROCESSES]++;
    struct open_row *row = find(state, op->process);
    if (op->type == OP_INVOKE) {
        int64_t start = out->facts.times_increase ? op->time_ns : op->index;
        bool integer = op->value.kind == VALUE_INT || value_is_nil(op->value);
        if (!integer)
            return writer_cannot(&writer_polylin, op, "an element that is no integer", err);
        *row = (struct open_row){.process = op->process, .start = start, .argument = op->value};
        state->used++;
        return 0;
    }
    rc = put_row(out, row, op, method, err);
    if (rc == 0)
        erase(state, row);
    return rc;
}

static int end(struct writer_output *out, struct errbuf *err)
{
    const struct polylin *state = out->state;
    if (state->used > 0)
        return errbuf_set(err, ERR_INPUT,
                          "a polylin history cannot hold operations that nobody answered: %u of "
                          "them are open at its end",
                          state->used);
    return 0;
}

static void fini(struct writer_output *out)
{
    struct polylin *state = out->state;
    free(state->open);
}

const struct writer writer_polylin = {
    .name = "polylin",
    .doc = "PolyLin's rows: METHOD VALUE START END, of a queue, priority queue, stack or set",
    .state_size = sizeof(struct polylin),
    .write = write,
    .end = end,
    .fini = fini,
};
