/* LiMo's histories of queues and stacks.
 *
 *     # @object atomic-queue
 *     [1] call enq(7)
 *     [1] return
 *     [2] call deq()
 *     [2] return 7
 *
 * What comes out of an empty one is `empty`; a crash is a call without a return. */
#include "formats/writer.h"

#include "checker/open_calls.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "formats/writer_monitor.h"

#include <ctype.h>
#include <string.h>

static const struct method {
    symbol f;
    const char *name, *object;
    bool takes;
} methods[] = {
    {F_ENQUEUE, "enq", "atomic-queue", false}, {F_ENQ, "enq", "atomic-queue", false},
    {F_DEQUEUE, "deq", "atomic-queue", true},  {F_DEQ, "deq", "atomic-queue", true},
    {F_PUSH, "push", "atomic-stack", false},   {F_POP, "pop", "atomic-stack", true},
};

struct limo {
    const char *object;      /* NULL before the first event */
    struct open_calls calls; /* element: the hash of what was added */
};

static const struct method *method_of(symbol f)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].f == f)
            return &methods[i];
    return NULL;
}

static bool is_word(struct value value)
{
    if (value.kind != VALUE_STRING || value.count == 0 || strcmp(value.text, "empty") == 0)
        return false;
    for (uint32_t i = 0; i < value.count; i++)
        if (!isalnum((unsigned char)value.text[i]) && value.text[i] != '_')
            return false;
    return !isdigit((unsigned char)value.text[0]);
}

static const char *why_not(const struct limo *state, const struct op *op,
                           const struct method *method)
{
    const char *not_known = method ? NULL : "any operation but those of a queue or stack";
    bool is_another = method && state->object && strcmp(state->object, method->object) != 0;
    const char *why = monitor_why_not(op, not_known, is_another);
    if (why)
        return why;
    bool shows = op->type == OP_INVOKE ? !method->takes : method->takes && op->type == OP_OK;
    bool nothing = method->takes && value_is_nil(op->value);
    if (shows && !nothing && op->value.kind != VALUE_INT && !is_word(op->value))
        return "an element that is neither an integer nor a word";
    if (op->type == OP_INVOKE && method->takes && !value_is_nil(op->value))
        return "a removal that says what to remove";
    return NULL;
}

static void put_element(struct strbuf *text, struct value value)
{
    if (value.kind == VALUE_INT)
        strbuf_put_int(text, value.integer);
    else
        strbuf_add(text, value.text, value.count);
}

static void put_event(struct strbuf *text, const struct op *op, const struct method *method)
{
    strbuf_putc(text, '[');
    strbuf_put_int(text, op->process);
    if (op->type == OP_INVOKE) {
        strbuf_puts(text, "] call ");
        strbuf_puts(text, method->name);
        strbuf_putc(text, '(');
        if (!method->takes)
            put_element(text, op->value);
        strbuf_puts(text, ")\n");
        return;
    }
    strbuf_puts(text, "] return");
    if (method->takes && value_is_nil(op->value)) {
        strbuf_puts(text, " empty");
    } else if (method->takes) {
        strbuf_putc(text, ' ');
        put_element(text, op->value);
    }
    strbuf_putc(text, '\n');
}

/* Counts what a completion says beyond that it happened, where that is not held. */
static int note_echo(struct writer_output *out, const struct op *op, const struct method *method,
                     struct errbuf *err)
{
    struct limo *state = out->state;
    struct open_call *call = open_calls_get(&state->calls, op->process);
    if (!call)
        return errbuf_set(err, ERR_NOMEM, "no memory for the open operations");
    int64_t hash = (int64_t)value_hash(op->value);
    if (op->type == OP_INVOKE)
        call->element = hash;
    else if (op->type == OP_OK && !method->takes)
        out->lost[WRITER_ECHOES] += call->element != hash;
    return 0;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct limo *state = out->state;
    const struct method *method = method_of(op->f);
    const char *why = why_not(state, op, method);
    if (why)
        return writer_cannot(&writer_limo, op, why, err);
    if (!state->object)
        strbuf_printf(&out->text, "# @object %s\n", method->object);
    state->object = method->object;
    out->lost[WRITER_TIMES] += op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error != NULL;
    out->lost[WRITER_CRASHES] += op->type == OP_INFO;
    if (op->type != OP_INFO)
        put_event(&out->text, op, method);
    return note_echo(out, op, method, err);
}

static void fini(struct writer_output *out)
{
    struct limo *state = out->state;
    open_calls_fini(&state->calls);
}

const struct writer writer_limo = {
    .name = "limo",
    .doc = "LiMo's histories of queues and stacks: [1] call enq(7), [1] return",
    .extension = ".hist",
    .state_size = sizeof(struct limo),
    .write = write,
    .fini = fini,
};
