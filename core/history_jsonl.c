#include "core/history_jsonl.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_header.h"
#include "core/json_value.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "core/value_map.h"

#include <limits.h>
#include <string.h>

void history_jsonl_write(struct strbuf *buf, const struct op *op)
{
    strbuf_puts(buf, "{\"index\":");
    strbuf_put_int(buf, op->index);
    if (op->time_ns >= 0) {
        strbuf_puts(buf, ",\"time\":");
        strbuf_put_int(buf, op->time_ns);
    }
    if (op->process >= 0) {
        strbuf_puts(buf, ",\"process\":");
        strbuf_put_int(buf, op->process);
    } else if (op->process == PROCESS_NEMESIS) {
        strbuf_puts(buf, ",\"process\":\"nemesis\"");
    }
    strbuf_puts(buf, ",\"type\":\"");
    strbuf_puts(buf, op_type_name(op->type));
    strbuf_puts(buf, "\",\"f\":");
    const char *name = symbol_name(op->f);
    strbuf_put_json_string(buf, name, strlen(name));
    if (op->has_key) {
        strbuf_puts(buf, ",\"key\":");
        value_write_json(buf, op->key);
    }
    strbuf_puts(buf, ",\"value\":");
    value_write_json(buf, op->value);
    if (op->error) {
        strbuf_puts(buf, ",\"error\":");
        strbuf_put_json_string(buf, op->error, strlen(op->error));
    }
    strbuf_puts(buf, "}\n");
}

/* --- reading --- */

static bool fail(struct json_cursor *cursor, const char *problem)
{
    cursor->problem = cursor->problem ? cursor->problem : problem;
    return false;
}

static bool read_process(struct json_cursor *cursor, struct arena *arena, int32_t *out)
{
    const char *text;
    size_t length;
    if (json_take(cursor, '"')) {
        cursor->at--;
        if (!json_read_string(cursor, arena, &text, &length))
            return false;
        *out = text_is(text, length, "nemesis") ? PROCESS_NEMESIS : PROCESS_NONE;
        return true;
    }
    int64_t number;
    if (json_take(cursor, 'n')) {
        cursor->at--;
        *out = PROCESS_NONE;
        return json_skip_value(cursor);
    }
    if (!json_read_int(cursor, &number))
        return false;
    if (number < 0 || number > INT32_MAX)
        return fail(cursor, "a process is a number from 0 to 2147483647, or \"nemesis\"");
    *out = (int32_t)number;
    return true;
}

static bool read_type(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    const char *text;
    size_t length;
    if (!json_read_string(cursor, arena, &text, &length))
        return false;
    int type = op_type_parse(text, length);
    if (type < 0)
        return fail(cursor, "type must be \"invoke\", \"ok\", \"fail\" or \"info\"");
    op->type = (uint8_t)type;
    return true;
}

static bool read_f(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    const char *text;
    size_t length;
    if (!json_read_string(cursor, arena, &text, &length))
        return false;
    op->f = symbol_intern(text, length);
    return op->f != F_NONE || length == 0 || fail(cursor, "too many different names in f");
}

static bool read_error(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    struct value error;
    if (!json_read_value(cursor, arena, &error))
        return false;
    op->error = op_error_text(error, arena);
    return true;
}

enum member { TIME, PROCESS, TYPE, F, KEY, VALUE, ERROR, MEMBER_COUNT };

static const char *const member_names[MEMBER_COUNT] = {
    [TIME] = "time", [PROCESS] = "process", [TYPE] = "type",   [F] = "f",
    [KEY] = "key",   [VALUE] = "value",     [ERROR] = "error",
};

static bool read_member_value(struct json_cursor *cursor, struct arena *arena, enum member member,
                              struct op *op)
{
    switch (member) {
    case TIME:
        return json_read_int(cursor, &op->time_ns);
    case PROCESS:
        return read_process(cursor, arena, &op->process);
    case TYPE:
        return read_type(cursor, arena, op);
    case F:
        return read_f(cursor, arena, op);
    case KEY:
        op->has_key = true;
        return json_read_value(cursor, arena, &op->key);
    case VALUE:
        return json_read_value(cursor, arena, &op->value);
    case ERROR:
        return read_error(cursor, arena, op);
    default:
        return json_skip_value(cursor);
    }
}

/* Adds 1 << member to what was seen of the line. */
static bool read_member(struct json_cursor *cursor, struct arena *arena, struct op *op,
                        unsigned *seen)
{
    const char *name;
    size_t length;
    json_skip_space(cursor);
    const char *begin = cursor->at;
    if (!json_read_string(cursor, arena, &name, &length))
        return false;
    enum member member = TIME;
    while (member < MEMBER_COUNT && !text_is(name, length, member_names[member]))
        member++;
    if (*seen >> member & 1) {
        cursor->at = begin;
        return fail(cursor, VALUE_MAP_REPEATS);
    }
    *seen |= member < MEMBER_COUNT ? 1U << member : 0;
    return json_expect(cursor, ':', "expected ':' after a member's name") &&
           read_member_value(cursor, arena, member, op);
}

static bool read_line(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    *op = (struct op){.time_ns = -1, .process = PROCESS_NONE};
    unsigned seen = 0;
    if (!json_expect(cursor, '{', "expected '{': one object a line"))
        return false;
    if (!json_take(cursor, '}')) {
        do {
            if (!read_member(cursor, arena, op, &seen))
                return false;
        } while (json_take(cursor, ','));
        if (!json_expect(cursor, '}', "expected ',' or '}'"))
            return false;
    }
    if (!(seen >> TYPE & 1))
        return fail(cursor, "an event needs \"type\": \"invoke\", \"ok\", \"fail\" or \"info\"");
    json_take(cursor, '\r');
    return cursor->at == cursor->end || fail(cursor, "expected the end of the line");
}

int history_jsonl_read_line(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    while (cursor->at < cursor->end &&
           (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r'))
        cursor->at++;
    if (cursor->at == cursor->end)
        return 0;
    return read_line(cursor, arena, op) ? 1 : -1;
}

int history_jsonl_read_first_line(struct json_cursor *cursor, struct arena *arena, struct op *op)
{
    struct history_header header;
    int found = history_header_read(cursor, arena, &header);
    return found == 0 ? history_jsonl_read_line(cursor, arena, op) : found < 0 ? -1 : 0;
}

bool history_jsonl_is_cut(const struct json_cursor *cursor, const char *line)
{
    return cursor->ended_early || memchr(line, '\0', (size_t)(cursor->end - line)) != NULL;
}

int history_jsonl_read(const char *name, const char *text, size_t length,
                       const struct op_sink *sink, bool *truncated, struct errbuf *err)
{
    struct arena arena;
    arena_init(&arena, 0);
    const char *end = text + length;
    int64_t index = 0;
    unsigned long line_number = 1;
    int rc = 0;
    *truncated = false;
    for (const char *line = text; line < end && rc == 0; line_number++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        struct json_cursor cursor = {.at = line, .end = stop};
        struct op op;
        int found = line == text ? history_jsonl_read_first_line(&cursor, &arena, &op)
                                 : history_jsonl_read_line(&cursor, &arena, &op);
        if (found > 0) {
            op.index = index++;
            rc = sink->take(sink->context, &op, err);
        } else if (found < 0 && !newline && history_jsonl_is_cut(&cursor, line)) {
            *truncated = true;
        } else if (found < 0) {
            rc = errbuf_set(err, ERR_INPUT, "%s:%lu:%td: %s", name, line_number,
                            cursor.at - line + 1, cursor.problem);
        }
        arena_reset(&arena);
        line = newline ? newline + 1 : end;
    }
    arena_fini(&arena);
    return rc;
}
