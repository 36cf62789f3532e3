#include "core/history_header.h"

#include "core/json_value.h"
#include "core/strbuf.h"
#include "core/text.h"

void history_header_write(struct strbuf *out, const struct history_header *header)
{
    strbuf_puts(out, "{\"history\":{\"times\":");
    strbuf_puts(out, header->has_no_times ? "false" : "true");
    if (header->initial_is_given) {
        strbuf_puts(out, ",\"initial\":");
        value_write_json(out, header->initial);
    }
    if (header->initial_may_be_nil)
        strbuf_puts(out, ",\"initial_may_be_nil\":true");
    if (header->has_no_initial)
        strbuf_puts(out, ",\"has_initial\":false");
    strbuf_puts(out, "}}\n");
}

static bool fail(struct json_cursor *cursor, const char *problem)
{
    cursor->problem = cursor->problem ? cursor->problem : problem;
    return false;
}

static bool read_bool(struct json_cursor *cursor, struct arena *arena, bool *out)
{
    struct value value;
    json_skip_space(cursor);
    const char *begin = cursor->at;
    if (!json_read_value(cursor, arena, &value))
        return false;
    *out = value.kind == VALUE_BOOL && value.boolean;
    if (value.kind == VALUE_BOOL)
        return true;
    cursor->at = begin;
    return fail(cursor, "expected true or false");
}

static bool read_no(struct json_cursor *cursor, struct arena *arena, bool *out)
{
    bool yes;
    if (!read_bool(cursor, arena, &yes))
        return false;
    *out = !yes;
    return true;
}

static bool read_member(struct json_cursor *cursor, struct arena *arena, struct history_header *out)
{
    const char *name;
    size_t length;
    json_skip_space(cursor);
    const char *begin = cursor->at;
    if (!json_read_string(cursor, arena, &name, &length) ||
        !json_expect(cursor, ':', "expected ':' after a member's name"))
        return false;
    if (text_is(name, length, "times"))
        return read_no(cursor, arena, &out->has_no_times);
    if (text_is(name, length, "has_initial"))
        return read_no(cursor, arena, &out->has_no_initial);
    if (text_is(name, length, "initial_may_be_nil"))
        return read_bool(cursor, arena, &out->initial_may_be_nil);
    if (text_is(name, length, "initial")) {
        out->initial_is_given = true;
        return json_read_value(cursor, arena, &out->initial);
    }
    cursor->at = begin;
    return fail(cursor, "of a history there are times, initial, initial_may_be_nil, has_initial");
}

static bool read_members(struct json_cursor *cursor, struct arena *arena,
                         struct history_header *out)
{
    if (!json_expect(cursor, '{', "expected an object"))
        return false;
    if (json_take(cursor, '}'))
        return true;
    do {
        if (!read_member(cursor, arena, out))
            return false;
    } while (json_take(cursor, ','));
    return json_expect(cursor, '}', "expected ',' or '}'");
}

/* {"history": */
static bool take_name(struct json_cursor *cursor, struct arena *arena)
{
    const char *name;
    size_t length;
    return json_take(cursor, '{') && json_take(cursor, '"') &&
           (cursor->at--, json_read_string(cursor, arena, &name, &length)) &&
           text_is(name, length, "history") && json_take(cursor, ':');
}

int history_header_read(struct json_cursor *cursor, struct arena *arena, struct history_header *out)
{
    struct json_cursor before = *cursor;
    *out = (struct history_header){0};
    if (!take_name(cursor, arena)) {
        *cursor = before;
        return 0;
    }
    bool is_read = read_members(cursor, arena, out) && json_expect(cursor, '}', "expected '}'");
    if (is_read)
        json_skip_space(cursor);
    is_read =
        is_read && (cursor->at == cursor->end || fail(cursor, "expected the end of the line"));
    return is_read ? 1 : -1;
}
