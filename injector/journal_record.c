#include "injector/journal_record.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What every journal begins with; a file cut within it is still known as one. */
static const char beginning[] = "{\"journal\":\"faultline\",\"version\":1,";

static const char *const undo_names[] = {
    [JOURNAL_PROCESS] = "process",
    [JOURNAL_NETNS] = "netns",
    [JOURNAL_RESUME] = "resume",
    [JOURNAL_COMMAND] = "command",
};
enum { UNDO_COUNT = sizeof undo_names / sizeof undo_names[0] };

/* --- writing --- */

/* Frees the object. */
static char *to_line(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    size_t length = text ? strlen(text) : 0;
    char *line = text ? realloc(text, length + 2) : NULL;
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    return line;
}

char *journal_controller_line(const struct journal_controller *controller)
{
    return to_line(json_pack("{s:s, s:i, s:I, s:I, s:s, s:I}", "journal", "faultline", "version", 1,
                             "pid", (json_int_t)controller->process.pid, "start_ticks",
                             (json_int_t)controller->process.start_ticks, "boot", controller->boot,
                             "pid_namespace", (json_int_t)controller->pid_namespace));
}

static json_t *strings_to_json(const char *const *strings)
{
    json_t *array = json_array();
    for (; array && *strings; strings++)
        if (json_array_append_new(array, json_string(*strings)) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

char *journal_record_line(const struct journal_record *record)
{
    json_t *object = json_pack("{s:I, s:s, s:s*}", "id", (json_int_t)record->id, "undo",
                               undo_names[record->undo], "node", record->node);
    json_t *more = NULL;
    switch (record->undo) {
    case JOURNAL_PROCESS:
    case JOURNAL_RESUME:
        more = json_pack("{s:I, s:I}", "pid", (json_int_t)record->process.pid, "start_ticks",
                         (json_int_t)record->process.start_ticks);
        break;
    case JOURNAL_NETNS:
        more = json_pack("{s:I, s:I}", "inode", (json_int_t)record->netns.inode, "cookie",
                         (json_int_t)record->netns.cookie);
        break;
    case JOURNAL_COMMAND:
        more = json_pack("{s:o, s:s}", "argv", strings_to_json(record->argv), "input",
                         record->input ? record->input : "");
        break;
    }
    bool whole = object && more && json_object_update(object, more) == 0;
    json_decref(more);
    if (whole)
        return to_line(object);
    json_decref(object);
    return NULL;
}

char *journal_done_line(uint64_t id)
{
    return to_line(json_pack("{s:I}", "done", (json_int_t)id));
}

char *journal_closed_line(void)
{
    return to_line(json_pack("{s:b}", "closed", 1));
}

/* --- reading --- */

struct reader {
    struct arena *arena;
    struct journal_text *out;
    size_t capacity;
    const char *problem; /* why the line is none of a journal; static text */
    bool no_memory;
};

static bool fail(struct reader *reader, const char *problem)
{
    reader->problem = problem;
    return false;
}

static bool out_of_memory(struct reader *reader)
{
    reader->no_memory = true;
    return false;
}

static bool get_u64(const json_t *object, const char *key, uint64_t *out)
{
    const json_t *member = json_object_get(object, key);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return false;
    *out = (uint64_t)json_integer_value(member);
    return true;
}

static bool get_process(const json_t *object, struct process_id *out)
{
    uint64_t pid;
    if (!get_u64(object, "pid", &pid) || pid == 0 || pid > INT32_MAX ||
        !get_u64(object, "start_ticks", &out->start_ticks))
        return false;
    out->pid = (pid_t)pid;
    return true;
}

static bool read_controller(struct reader *reader, const json_t *line)
{
    struct journal_controller *controller = &reader->out->controller;
    const char *kind = json_string_value(json_object_get(line, "journal"));
    const char *boot = json_string_value(json_object_get(line, "boot"));
    uint64_t version;
    if (!kind || strcmp(kind, "faultline") != 0)
        return fail(reader, "not an undo journal");
    if (!get_u64(line, "version", &version) || version != 1)
        return fail(reader, "a journal of another version");
    if (!get_process(line, &controller->process) || !boot ||
        strlen(boot) >= sizeof controller->boot ||
        !get_u64(line, "pid_namespace", &controller->pid_namespace))
        return fail(reader, "does not say who the controller is");
    memcpy(controller->boot, boot, strlen(boot) + 1);
    reader->out->begun = true;
    return true;
}

static bool read_argv(struct reader *reader, const json_t *line, struct journal_record *record)
{
    const json_t *argv = json_object_get(line, "argv");
    size_t count = json_array_size(argv);
    const char **copy = arena_zalloc(reader->arena, count + 1, sizeof *copy);
    if (!copy)
        return out_of_memory(reader);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(argv, i));
        if (!text)
            return fail(reader, "argv is not a list of strings");
        copy[i] = arena_strdup(reader->arena, text);
        if (!copy[i])
            return out_of_memory(reader);
    }
    const char *input = json_string_value(json_object_get(line, "input"));
    if (count == 0 || !input)
        return fail(reader, "a command without argv or input");
    record->argv = copy;
    record->input = arena_strdup(reader->arena, input);
    return record->input ? true : out_of_memory(reader);
}

static bool read_details(struct reader *reader, const json_t *line, struct journal_record *record)
{
    switch (record->undo) {
    case JOURNAL_PROCESS:
    case JOURNAL_RESUME:
        return get_process(line, &record->process) || fail(reader, "no pid or start_ticks");
    case JOURNAL_NETNS:
        return (get_u64(line, "inode", &record->netns.inode) &&
                get_u64(line, "cookie", &record->netns.cookie)) ||
               fail(reader, "no inode or cookie");
    case JOURNAL_COMMAND:
        return read_argv(reader, line, record);
    }
    return false;
}

static bool append(struct reader *reader, const struct journal_record *record)
{
    struct journal_text *out = reader->out;
    if (out->count == reader->capacity) {
        size_t capacity = reader->capacity ? 2 * reader->capacity : 64;
        struct journal_record *grown = arena_zalloc(reader->arena, capacity, sizeof *grown);
        if (!grown)
            return out_of_memory(reader);
        if (out->count > 0)
            memcpy(grown, out->records, out->count * sizeof *grown);
        out->records = grown;
        reader->capacity = capacity;
    }
    out->records[out->count++] = *record;
    return true;
}

static bool read_record(struct reader *reader, const json_t *line)
{
    struct journal_record record = {0};
    const char *undo = json_string_value(json_object_get(line, "undo"));
    const char *node = json_string_value(json_object_get(line, "node"));
    int kind = 0;
    while (undo && kind < UNDO_COUNT && strcmp(undo_names[kind], undo) != 0)
        kind++;
    if (!undo || kind == UNDO_COUNT || !get_u64(line, "id", &record.id))
        return fail(reader, "not a record of a journal");
    record.undo = (enum journal_undo)kind;
    if (node && !(record.node = arena_strdup(reader->arena, node)))
        return out_of_memory(reader);
    return read_details(reader, line, &record) && append(reader, &record);
}

static bool mark_done(struct reader *reader, uint64_t id)
{
    /* Newest first: most things are undone soon. */
    for (size_t i = reader->out->count; i > 0; i--)
        if (reader->out->records[i - 1].id == id) {
            reader->out->records[i - 1].done = true;
            return true;
        }
    return fail(reader, "done with what was never recorded");
}

static bool read_line(struct reader *reader, const json_t *line)
{
    uint64_t id;
    if (!reader->out->begun)
        return read_controller(reader, line);
    if (get_u64(line, "done", &id))
        return mark_done(reader, id);
    if (json_is_true(json_object_get(line, "closed"))) {
        reader->out->closed = true;
        return true;
    }
    return read_record(reader, line);
}

/* One line without its newline. A last one that is no JSON, and has no newline, is torn. */
static bool take_line(struct reader *reader, const char *text, size_t length, bool has_newline)
{
    struct journal_text *out = reader->out;
    json_t *line = json_loadb(text, length, 0, NULL);
    bool ok;
    if (json_is_object(line)) {
        ok = read_line(reader, line);
        out->lacks_newline = !has_newline;
        out->length += length + (has_newline ? 1 : 0);
    } else {
        size_t known = length < sizeof beginning - 1 ? length : sizeof beginning - 1;
        out->torn = !has_newline && (out->begun || memcmp(text, beginning, known) == 0);
        ok = out->torn || fail(reader, out->begun ? "not a JSON object" : "not an undo journal");
    }
    json_decref(line);
    return ok;
}

int journal_text_read(const char *name, const char *text, size_t length, struct arena *arena,
                      struct journal_text *out, struct errbuf *err)
{
    *out = (struct journal_text){0};
    struct reader reader = {.arena = arena, .out = out};
    size_t number = 1;
    for (const char *at = text, *end = text + length; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        if (!take_line(&reader, at, (size_t)(stop - at), newline != NULL)) {
            if (reader.no_memory)
                return errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", name);
            return errbuf_set(err, ERR_INPUT, "%s:%zu: %s", name, number, reader.problem);
        }
        at = newline ? newline + 1 : end;
    }
    return 0;
}
