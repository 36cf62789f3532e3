/* The line that says more of a history than its events do. */
#include "core/history_header.h"

#include "core/arena.h"
#include "core/json_value.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <string.h>

static int read(const char *line, struct arena *arena, struct history_header *out,
                struct json_cursor *cursor)
{
    *cursor = (struct json_cursor){.at = line, .end = line + strlen(line)};
    return history_header_read(cursor, arena, out);
}

Test(history_header, comes_back_as_it_was_written)
{
    for (int i = 0; i < 16; i++) {
        struct history_header header = {.has_no_times = i & 1,
                                        .has_no_initial = i & 2,
                                        .initial_is_given = i & 4,
                                        .initial_may_be_nil = i & 8,
                                        .initial = i & 4 ? value_int(7) : value_nil()};
        struct history_header found;
        struct json_cursor cursor;
        struct strbuf line = STRBUF_INIT;
        struct arena arena;
        arena_init(&arena, 0);
        history_header_write(&line, &header);
        cr_expect_eq(line.text[line.length - 1], '\n');
        cr_assert_eq(read(line.text, &arena, &found, &cursor), 1, "%s", line.text);
        cr_expect(found.has_no_times == header.has_no_times &&
                  found.has_no_initial == header.has_no_initial &&
                  found.initial_is_given == header.initial_is_given &&
                  found.initial_may_be_nil == header.initial_may_be_nil &&
                  value_equal(found.initial, header.initial));
        arena_fini(&arena);
        strbuf_fini(&line);
    }
}

Test(history_header, is_written_short)
{
    struct history_header header = {
        .has_no_times = true, .initial_is_given = true, .initial = value_int(0)};
    struct strbuf line = STRBUF_INIT;
    history_header_write(&line, &header);
    cr_expect_str_eq(line.text, "{\"history\":{\"times\":false,\"initial\":0}}\n");
    strbuf_fini(&line);
}

Test(history_header, is_no_event_and_leaves_events_where_they_are)
{
    static const char *const lines[] = {
        "{\"index\":0,\"type\":\"ok\"}", "", "{}", "[1]", "{\"history\"", "{\"historyy\":{}}"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct history_header header;
        struct json_cursor cursor;
        struct arena arena;
        arena_init(&arena, 0);
        cr_expect_eq(read(lines[i], &arena, &header, &cursor), 0, "%s", lines[i]);
        cr_expect(cursor.at == lines[i] && !cursor.problem);
        arena_fini(&arena);
    }
}

Test(history_header, says_where_and_what_is_wrong)
{
    static const struct {
        const char *line, *problem;
        int at;
    } wrong[] = {
        {"{\"history\":5}", "expected an object", 11},
        {"{\"history\":{\"times\":0}}", "expected true or false", 20},
        {"{\"history\":{\"time\":true}}",
         "of a history there are times, initial, initial_may_be_nil, has_initial", 12},
        {"{\"history\":{\"times\":true]}", "expected ',' or '}'", 24},
        {"{\"history\":{},\"x\":1}", "expected '}'", 13},
        {"{\"history\":{}} x", "expected the end of the line", 15},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct history_header header;
        struct json_cursor cursor;
        struct arena arena;
        arena_init(&arena, 0);
        cr_expect_eq(read(wrong[i].line, &arena, &header, &cursor), -1, "%s", wrong[i].line);
        cr_expect_str_eq(cursor.problem, wrong[i].problem);
        cr_expect_eq(cursor.at - wrong[i].line, wrong[i].at, "%s: %d", wrong[i].line,
                     (int)(cursor.at - wrong[i].line));
        arena_fini(&arena);
    }
}
