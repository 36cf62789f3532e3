#include "report/recorded_faults.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <string.h>

enum { DESCRIPTION_MAX = 200 };

/* What one event says of the fault of a kind. */
struct reading {
    const char *kind; /* NULL: nothing */
    bool ends;
};

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 && text[length] ? text + length : NULL;
}

static struct results_fault *latest_of(const struct results *results, const char *kind)
{
    for (size_t i = results->fault_count; i-- > 0;)
        if (strcmp(results->faults[i].fault, kind) == 0)
            return &results->faults[i];
    return NULL;
}

static bool is_going_on(const struct results *results, const char *kind)
{
    const struct results_fault *fault = latest_of(results, kind);
    return fault && fault->healed_ns < 0;
}

static struct reading read_f(const struct results *results, const char *f)
{
    static const struct {
        const char *f;
        struct reading reading;
    } words[] = {{"pause", {"pause", false}},
                 {"resume", {"pause", true}},
                 {"kill", {"kill", false}},
                 {"restart", {"kill", true}},
                 {"stop", {"nemesis", true}}};
    const char *kind;
    if ((kind = after(f, "start-")))
        return (struct reading){kind, false};
    if ((kind = after(f, "stop-")) || (kind = after(f, "heal-")))
        return (struct reading){kind, true};
    /* Of what was killed, start is the end, and its completion comes after. */
    if (strcmp(f, "start") == 0)
        return latest_of(results, "kill") ? (struct reading){"kill", true}
                                          : (struct reading){"nemesis", false};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(f, words[i].f) == 0)
            return words[i].reading;
    return (struct reading){NULL, false};
}

/* What the nemesis said it did; a number is an id of ours. */
static const char *describe(const struct op *op, struct arena *arena)
{
    if (value_is_nil(op->value) || op->value.kind == VALUE_INT)
        return "";
    struct strbuf text = STRBUF_INIT;
    if (op->value.kind == VALUE_STRING)
        strbuf_printf(&text, "%.*s", (int)op->value.count, op->value.text);
    else
        value_write_text(&text, op->value);
    size_t length = text.length < DESCRIPTION_MAX ? text.length : DESCRIPTION_MAX;
    while (length < text.length && length > 0 && (text.text[length] & 0xc0) == 0x80)
        length--; /* not in the middle of a character */
    const char *copy = strbuf_ok(&text) && text.text ? arena_strndup(arena, text.text, length) : "";
    strbuf_fini(&text);
    return copy;
}

static bool take(const struct op *op, struct arena *arena, struct results *out)
{
    struct reading reading = read_f(out, symbol_name(op->f));
    if (!reading.kind)
        return true;
    struct results_fault *fault = latest_of(out, reading.kind);
    if (reading.ends) {
        if (fault)
            fault->healed_ns = op->time_ns; /* the completion's, in the end */
        return true;
    }
    if (!is_going_on(out, reading.kind)) {
        if (out->fault_count == RECORDED_FAULTS_MAX)
            return true;
        fault = &out->faults[out->fault_count];
        *fault = (struct results_fault){.id = (int64_t)out->fault_count++,
                                        .fault = arena_strdup(arena, reading.kind),
                                        .description = "",
                                        .nodes = "",
                                        .injected_ns = op->time_ns,
                                        .healed_ns = -1,
                                        .is_only_recorded = true,
                                        .evidence = "",
                                        .error = "",
                                        .client_operations_overlapping = -1};
    }
    const char *description = describe(op, arena);
    if (description && description[0])
        fault->description = description;
    return fault->fault && description;
}

bool recorded_faults_find(const struct operations *all, struct arena *arena, struct results *out)
{
    out->fault_count = 0;
    out->faults = arena_zalloc(arena, RECORDED_FAULTS_MAX, sizeof *out->faults);
    for (uint32_t i = 0; out->faults && i < all->other_count; i++) {
        const struct op *op = &all->others[i].op;
        if (op->process == PROCESS_NEMESIS && op->time_ns >= 0 && !take(op, arena, out))
            return false;
    }
    return out->faults != NULL;
}
