/* Jepsen's histories as JSON: an array of objects, or objects one after another, with the members
 * of the EDN maps (see reader_edn.c, whose semantics they share). */
#include "checker/reader.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/json_value.h"
#include "core/strbuf.h"

#include <string.h>

static bool text_is(struct value value, const char *text)
{
    return value.kind == VALUE_STRING && strlen(text) == value.count &&
           memcmp(value.text, text, value.count) == 0;
}

/* The member of this name; the last, if there are several, as JSON has it. */
static bool find_member(struct value object, const char *name, struct value *out)
{
    bool found = false;
    for (uint32_t i = 0; i + 1 < object.count; i += 2) {
        if (text_is(object.items[i], name)) {
            *out = object.items[i + 1];
            found = true;
        }
    }
    return found;
}

/* NULL, or what is wrong. */
static const char *take_type(struct value object, struct op *op)
{
    struct value value;
    int type = -1;
    if (find_member(object, "type", &value) && value.kind == VALUE_STRING)
        type = op_type_parse(value.text, value.count);
    if (type < 0)
        return "an event needs \"type\": \"invoke\", \"ok\", \"fail\" or \"info\"";
    op->type = (uint8_t)type;
    return NULL;
}

static const char *take_process(struct value object, struct op *op)
{
    struct value value = value_nil();
    find_member(object, "process", &value);
    if (value.kind == VALUE_INT) {
        if (value.integer < 0 || value.integer > INT32_MAX)
            return "a process is a number from 0 to 2147483647, or \"nemesis\"";
        op->process = (int32_t)value.integer;
    } else {
        op->process = text_is(value, "nemesis") ? PROCESS_NEMESIS : PROCESS_NONE;
    }
    return NULL;
}

static const char *take_f(struct value object, struct op *op)
{
    struct value value = value_nil();
    find_member(object, "f", &value);
    if (value_is_nil(value))
        return NULL;
    if (value.kind != VALUE_STRING)
        return "\"f\" must be a string";
    op->f = symbol_intern(value.text, value.count);
    return op->f != F_NONE ? NULL : "too many different names in \"f\"";
}

static void take_error(struct value object, struct arena *arena, struct op *op)
{
    struct value value = value_nil();
    find_member(object, "error", &value);
    struct strbuf text = STRBUF_INIT;
    value_write_text(&text, value);
    if (!value_is_nil(value) && strbuf_ok(&text) && text.text)
        op->error = arena_strdup(arena, text.text);
    strbuf_fini(&text);
}

static const char *take_event(const struct reader_input *input, struct value object,
                              struct arena *arena, struct op *op)
{
    *op = (struct op){.time_ns = -1, .process = PROCESS_NONE};
    const char *problem = take_type(object, op);
    if (!problem)
        problem = take_process(object, op);
    if (!problem)
        problem = take_f(object, op);
    if (problem)
        return problem;
    struct value time = value_nil();
    find_member(object, "value", &op->value);
    if (find_member(object, "time", &time) && time.kind == VALUE_INT)
        op->time_ns = time.integer;
    take_error(object, arena, op);
    if (input->options.independent && op->process >= 0 && !reader_split_key(op))
        return "the value of an operation on an independent key must be [key, value]";
    return NULL;
}

static void skip_space(struct json_cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
                                        *cursor->at == '\n' || *cursor->at == '\r'))
        cursor->at++;
}

/* One event, the cursor on it. cursor->problem is set if it is malformed. */
static int read_event(const struct reader_input *input, struct json_cursor *cursor,
                      struct arena *arena, struct history *history, struct errbuf *err)
{
    const char *start = cursor->at;
    struct value object;
    struct op op;
    if (cursor->at < cursor->end && *cursor->at != '{') {
        cursor->problem = "expected an object: {\"type\": ..., \"f\": ..., \"value\": ...}";
        return ERR_INPUT;
    }
    if (!json_read_value(cursor, arena, &object))
        return ERR_INPUT;
    cursor->problem =
        object.kind == VALUE_MAP ? take_event(input, object, arena, &op) : "expected an event";
    if (cursor->problem) {
        cursor->at = start;
        return ERR_INPUT;
    }
    int rc = history_append(history, &op, err);
    arena_reset(arena);
    return rc;
}

static int read_array(const struct reader_input *input, struct json_cursor *cursor,
                      struct arena *arena, struct history *history, struct errbuf *err)
{
    if (json_take(cursor, ']'))
        return 0;
    do {
        skip_space(cursor);
        int rc = read_event(input, cursor, arena, history, err);
        if (rc != 0)
            return rc;
    } while (json_take(cursor, ','));
    return json_expect(cursor, ']', "expected ',' or ']' after an event") ? 0 : ERR_INPUT;
}

static int read_stream(const struct reader_input *input, struct json_cursor *cursor,
                       struct arena *arena, struct history *history, struct errbuf *err)
{
    int rc = 0;
    for (skip_space(cursor); rc == 0 && cursor->at < cursor->end; skip_space(cursor))
        rc = read_event(input, cursor, arena, history, err);
    return rc;
}

static int read(const struct reader_input *input, struct history *history, struct errbuf *err)
{
    struct json_cursor cursor = {.at = input->text, .end = input->text + input->length};
    struct arena arena;
    arena_init(&arena, 0);
    int rc;
    if (json_take(&cursor, '[')) {
        rc = read_array(input, &cursor, &arena, history, err);
        skip_space(&cursor);
        if (rc == 0 && cursor.at < cursor.end) {
            cursor.problem = "expected the end of the text after the end of the history";
            rc = ERR_INPUT;
        }
    } else {
        rc = read_stream(input, &cursor, &arena, history, err);
    }
    arena_fini(&arena);
    if (!cursor.problem)
        return rc;
    if (cursor.ended_early) {
        history->truncated = true;
        return 0;
    }
    return reader_error(input, cursor.at, cursor.problem, err);
}

static bool sniff(const char *text, size_t length)
{
    struct json_cursor cursor = {.at = text, .end = text + length};
    return json_take(&cursor, '[') && json_take(&cursor, '{') && json_take(&cursor, '"');
}

const struct reader reader_json = {
    .name = "json",
    .doc = "Jepsen's JSON: an array of operation objects, or one object after another",
    .semantics = {.nil_read_is_unknown = true,
                  .initial = VALUE_REF_ZERO,
                  .initial_is_given = true,
                  .initial_may_be_nil = true,
                  .failures_are_tests = true},
    .sniff = sniff,
    .read = read,
};
