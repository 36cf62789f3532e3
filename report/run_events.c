#include "report/run_events.h"

#include "report/results_json.h"

#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

struct reading {
    struct arena *arena;
    struct run_events *out;
    size_t capacity, fault_capacity;
    bool failed; /* memory ran out */
};

/* A larger copy in the arena: what is left behind is at most what is used. */
static void *grow(struct reading *reading, const void *items, size_t count, size_t *capacity,
                  size_t size)
{
    *capacity = *capacity ? 2 * *capacity : 64;
    void *more = arena_zalloc(reading->arena, *capacity, size);
    if (more && count > 0)
        memcpy(more, items, count * size);
    reading->failed |= !more;
    return more;
}

static void add_event(struct reading *reading, json_t *line, struct strbuf *what)
{
    struct run_events *out = reading->out;
    if (out->count == reading->capacity)
        out->items = grow(reading, out->items, out->count, &reading->capacity, sizeof *out->items);
    const char *text = results_json_keep(what, reading->arena);
    if (reading->failed)
        return;
    out->items[out->count++] =
        (struct run_event){.t_ns = results_json_int(line, "t"),
                           .node = results_json_string(line, "node", reading->arena),
                           .what = text};
}

/* --- faults --- */

static struct results_fault *find_fault(struct reading *reading, int64_t id)
{
    struct run_events *out = reading->out;
    for (size_t i = out->fault_count; i-- > 0;)
        if (out->faults[i].id == id)
            return &out->faults[i];
    if (out->fault_count == reading->fault_capacity)
        out->faults = grow(reading, out->faults, out->fault_count, &reading->fault_capacity,
                           sizeof *out->faults);
    if (reading->failed)
        return NULL;
    struct results_fault *fault = &out->faults[out->fault_count++];
    *fault = (struct results_fault){.id = id,
                                    .fault = "",
                                    .description = "",
                                    .nodes = "",
                                    .injected_ns = -1,
                                    .healed_ns = -1,
                                    .evidence = "",
                                    .error = "",
                                    .client_operations_overlapping = -1};
    return fault;
}

static void describe_failure(struct reading *reading, json_t *line, json_t *detail)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s: %s failed: %s", results_json_string(detail, "fault", reading->arena),
                  results_json_string(detail, "what", reading->arena),
                  results_json_string(detail, "error", reading->arena));
    add_event(reading, line, &text);
}

static void take_fault(struct reading *reading, json_t *line, json_t *detail)
{
    struct results_fault *fault = find_fault(reading, results_json_int(detail, "id"));
    const char *state = json_string_value(json_object_get(detail, "state"));
    if (!fault || !state)
        return;
    fault->fault = results_json_string(detail, "fault", reading->arena);
    if (strcmp(state, "injected") == 0) {
        fault->injected_ns = results_json_int(line, "t");
        fault->description = results_json_string(detail, "description", reading->arena);
        fault->nodes = results_json_string(detail, "nodes", reading->arena);
    } else if (strcmp(state, "observed") == 0) {
        fault->proven = json_is_true(json_object_get(detail, "proven"));
        fault->evidence = results_json_string(detail, "evidence", reading->arena);
    } else if (strcmp(state, "healed") == 0) {
        fault->healed_ns = results_json_int(line, "t");
    } else if (strcmp(state, "failed") == 0) {
        fault->error = results_json_string(detail, "error", reading->arena);
        describe_failure(reading, line, detail);
    }
}

/* --- everything else --- */

static void take_process(struct reading *reading, json_t *line, json_t *detail)
{
    struct strbuf text = STRBUF_INIT;
    int64_t pid = results_json_int(detail, "pid");
    strbuf_puts(&text, results_json_string(detail, "state", reading->arena));
    if (pid > 0)
        strbuf_printf(&text, " (pid %lld)", (long long)pid);
    add_event(reading, line, &text);
}

static void take_message(struct reading *reading, json_t *line, json_t *detail)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, results_json_string(detail, "message", reading->arena));
    add_event(reading, line, &text);
}

static void take_phase(struct reading *reading, json_t *line, json_t *detail)
{
    const char *error = results_json_string(detail, "error", reading->arena);
    if (!error[0])
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "phase %s failed: %s",
                  results_json_string(detail, "phase", reading->arena), error);
    add_event(reading, line, &text);
}

static bool take_line(struct reading *reading, const char *text, size_t length)
{
    static const struct {
        const char *event;
        void (*take)(struct reading *reading, json_t *line, json_t *detail);
    } kinds[] = {{"process", take_process},
                 {"fault", take_fault},
                 {"run", take_message},
                 {"online", take_message},
                 {"phase", take_phase}};
    json_t *line = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
    const char *event = json_string_value(json_object_get(line, "event"));
    json_t *detail = json_object_get(line, "detail");
    for (size_t i = 0; event && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(event, kinds[i].event) == 0)
            kinds[i].take(reading, line, detail);
    json_decref(line);
    return event != NULL;
}

int run_events_read(const char *text, size_t length, struct arena *arena, struct run_events *out,
                    struct errbuf *err)
{
    *out = (struct run_events){0};
    struct reading reading = {.arena = arena, .out = out};
    const char *end = text + length;
    for (const char *line = text; line < end && !reading.failed;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((newline ? newline : end) - line);
        if (size > 0 && !take_line(&reading, line, size)) {
            out->truncated |= !newline;
            out->unreadable += newline != NULL;
        }
        line = newline ? newline + 1 : end;
    }
    return reading.failed ? errbuf_set(err, ERR_NOMEM, "no memory for the events of the run") : 0;
}
