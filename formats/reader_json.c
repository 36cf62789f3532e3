/* Jepsen's histories as JSON: an array of objects, or objects one after another, with the members
 * of the EDN maps (see reader_edn.c, whose semantics they share). */
#include "formats/reader_json_fast.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/json_value.h"
#include "core/value_map.h"

#include <string.h>

/* NULL, or what is wrong. */
static const char *take_type(struct value object, struct op *op)
{
    struct value value;
    int type = -1;
    if (value_map_get(object, VALUE_STRING, "type", &value) && value.kind == VALUE_STRING)
        type = op_type_parse(value.text, value.count);
    if (type < 0)
        return "an event needs \"type\": \"invoke\", \"ok\", \"fail\" or \"info\"";
    op->type = (uint8_t)type;
    return NULL;
}

static const char *take_process(struct value object, struct op *op)
{
    struct value value = value_nil();
    value_map_get(object, VALUE_STRING, "process", &value);
    if (value.kind == VALUE_INT) {
        if (value.integer < 0 || value.integer > INT32_MAX)
            return "a process is a number from 0 to 2147483647, or \"nemesis\"";
        op->process = (int32_t)value.integer;
    } else {
        op->process =
            value_is_text(value, VALUE_STRING, "nemesis") ? PROCESS_NEMESIS : PROCESS_NONE;
    }
    return NULL;
}

static const char *take_f(struct value object, struct op *op)
{
    struct value value = value_nil();
    value_map_get(object, VALUE_STRING, "f", &value);
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
    value_map_get(object, VALUE_STRING, "error", &value);
    op->error = op_error_text(value, arena);
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
    value_map_get(object, VALUE_STRING, "value", &op->value);
    if (value_map_get(object, VALUE_STRING, "time", &time) && time.kind == VALUE_INT)
        op->time_ns = time.integer;
    take_error(object, arena, op);
    if (input->options.independent && op->process >= 0 && !reader_split_key(op))
        return "the value of an operation on an independent key must be [key, value]";
    return NULL;
}

/* One event, the cursor on it. cursor->problem is set if it is malformed. */
static int read_any_event(struct reader_part *part, struct json_cursor *cursor, struct errbuf *err)
{
    const char *start = cursor->at;
    struct value object;
    struct op op;
    if (cursor->at < cursor->end && *cursor->at != '{') {
        cursor->problem = "expected an object: {\"type\": ..., \"f\": ..., \"value\": ...}";
        return ERR_INPUT;
    }
    if (!json_read_value(cursor, &part->arena, &object))
        return ERR_INPUT;
    cursor->problem = object.kind == VALUE_MAP ? take_event(part->input, object, &part->arena, &op)
                                               : "expected an event";
    if (cursor->problem) {
        cursor->at = start;
        return ERR_INPUT;
    }
    return reader_part_add(part, &op, err);
}

static int read_event(struct reader_part *part, struct json_cursor *cursor, struct errbuf *err)
{
    struct operation_event usual;
    const char *end = reader_json_fast(part, JSON_JEPSEN, cursor->at, &usual);
    if (!end)
        return read_any_event(part, cursor, err);
    cursor->at = end;
    return reader_part_add_event(part, &usual, err);
}

/* Behind the closing bracket there may only be space, up to the end of the text. */
static int read_end(struct reader_part *part, struct json_cursor *cursor)
{
    json_skip_space(cursor);
    if (cursor->at < cursor->end) {
        cursor->problem = "expected the end of the text after the end of the history";
        return ERR_INPUT;
    }
    part->next = part->end;
    part->gave_up = part->end < part->input->text + part->input->length;
    return 0;
}

/* In an array, a part begins behind a comma (or at the first event) and ends behind one. */
static int read_array(struct reader_part *part, struct json_cursor *cursor, struct errbuf *err)
{
    bool is_first = cursor->at == part->frame->first;
    if (is_first && json_take(cursor, ']'))
        return read_end(part, cursor);
    for (;;) {
        json_skip_space(cursor);
        part->next = cursor->at;
        if (cursor->at >= part->stop && cursor->at < cursor->end)
            return 0;
        int rc = read_event(part, cursor, err);
        if (rc != 0)
            return rc;
        if (json_take(cursor, ','))
            continue;
        return json_expect(cursor, ']', "expected ',' or ']' after an event")
                   ? read_end(part, cursor)
                   : ERR_INPUT;
    }
}

static int read_stream(struct reader_part *part, struct json_cursor *cursor, struct errbuf *err)
{
    for (;;) {
        json_skip_space(cursor);
        part->next = cursor->at;
        if (cursor->at == cursor->end && part->end < part->input->text + part->input->length)
            return reader_part_ended(part);
        if (cursor->at >= part->stop)
            return 0;
        int rc = read_event(part, cursor, err);
        if (rc != 0)
            return rc;
    }
}

static int read_part(struct reader_part *part, struct errbuf *err)
{
    struct json_cursor cursor = {.at = part->begin, .end = part->end};
    int rc =
        part->frame->closing ? read_array(part, &cursor, err) : read_stream(part, &cursor, err);
    if (!cursor.problem)
        return rc;
    if (cursor.ended_early)
        return reader_part_ended(part);
    return reader_part_fail(part, cursor.at, cursor.problem);
}

/* Events begin with '{' and, usually, the same member. */
static void open_frame(const struct reader_input *input, struct reader_frame *frame)
{
    struct json_cursor cursor = {.at = input->text, .end = input->text + input->length};
    *frame = (struct reader_frame){.first = input->text};
    if (json_take(&cursor, '[')) {
        frame->closing = ']';
        frame->first = cursor.at;
    }
    json_skip_space(&cursor);
    if (cursor.at == cursor.end || *cursor.at != '{')
        return;
    size_t length = 1, left = (size_t)(cursor.end - cursor.at);
    while (length < left && length < sizeof frame->signature && cursor.at[length] != ':' &&
           cursor.at[length] != '}')
        length++;
    memcpy(frame->signature, cursor.at, length);
    frame->signature_length = length;
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
                  .failures_are_tests = true,
                  .unwritten_reads_say_nothing = true},
    .sniff = sniff,
    .open = open_frame,
    .read_part = read_part,
};
