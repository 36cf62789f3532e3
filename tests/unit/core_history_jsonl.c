#include "core/history_jsonl.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/json_value.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_text(const char *text, size_t length, struct history *history, bool *truncated,
                     struct errbuf *err)
{
    history_init(history);
    struct op_sink sink = history_sink(history);
    return history_jsonl_read("h.jsonl", text, length, &sink, truncated, err);
}

static void assert_written(const struct op *op, const char *expected)
{
    struct strbuf buf = STRBUF_INIT;
    history_jsonl_write(&buf, op);
    cr_assert_str_eq(buf.text, expected);
    strbuf_fini(&buf);
}

Test(history_jsonl, an_event_is_one_line)
{
    struct op op = {.index = 0,
                    .time_ns = 1200345,
                    .process = 3,
                    .type = OP_INVOKE,
                    .f = F_WRITE,
                    .has_key = true,
                    .key = value_int(7),
                    .value = value_int(4)};
    assert_written(&op, "{\"index\":0,\"time\":1200345,\"process\":3,\"type\":\"invoke\","
                        "\"f\":\"write\",\"key\":7,\"value\":4}\n");
    op = (struct op){.index = 9,
                     .time_ns = -1,
                     .process = PROCESS_NEMESIS,
                     .type = OP_INFO,
                     .f = F_NONE,
                     .error = "a \"b\"\n"};
    assert_written(&op, "{\"index\":9,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"\","
                        "\"value\":null,\"error\":\"a \\\"b\\\"\\n\"}\n");
    op = (struct op){.process = PROCESS_NONE, .type = OP_FAIL, .f = F_READ};
    assert_written(&op,
                   "{\"index\":0,\"time\":0,\"type\":\"fail\",\"f\":\"read\",\"value\":null}\n");
}

Test(history_jsonl, reads_members_in_any_order_and_skips_what_it_does_not_know)
{
    static const char text[] = "\r\n"
                               " { \"node\" : {\"a\":[1,{\"b\":\"}\\\"]\"}]} , \"value\" : [ 1 , 2 "
                               "] ,\"f\":\"cas\",\"index\":55,"
                               "\"type\":\"ok\", \"x\":null,\"y\":-1.5e3,\"process\" : 12 } \r\n"
                               "\n"
                               "{\"type\":\"invoke\"}\n"
                               "{\"type\":\"info\",\"process\":\"nemesis\",\"time\":5,\"f\":"
                               "\"fault\",\"error\":[\"a\",1]}\n"
                               "{\"type\":\"fail\",\"process\":null,\"error\":null,\"key\":null}";
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    bool truncated = true;
    cr_assert_eq(read_text(text, strlen(text), &history, &truncated, &err), 0, "%s", err.text);
    cr_assert_not(truncated);
    cr_assert_eq(history.count, 4);
    const struct op *op = history.ops;
    struct value old, new;
    cr_assert(op->f == F_CAS && op->type == OP_OK && op->process == 12 && op->time_ns == -1);
    cr_assert(value_as_pair(op->value, &old, &new) && old.integer == 1 && new.integer == 2);
    cr_assert(!op->has_key && op->index == 0);
    op++;
    cr_assert(op->type == OP_INVOKE && op->f == F_NONE && op->process == PROCESS_NONE);
    cr_assert(value_is_nil(op->value) && !op->error);
    op++;
    cr_assert(op->process == PROCESS_NEMESIS && op->time_ns == 5);
    cr_assert_str_eq(symbol_name(op->f), "fault");
    cr_assert_str_eq(op->error, "[\"a\" 1]");
    op++;
    cr_assert(op->process == PROCESS_NONE && op->has_key && value_is_nil(op->key) && !op->error);
    history_fini(&history);
}

Test(history_jsonl, what_is_not_a_line_is_told_with_line_and_column)
{
    static const struct {
        const char *text, *where, *what;
    } wrong[] = {
        {"x\n", ":1:1: ", "'{'"},
        {"[]\n", ":1:1: ", "'{'"},
        {"{\"type\":\"ok\"}\n{}\n", ":2:3: ", "\"type\""},
        {"{\"type\":\"okay\"}\n", ":1:15: ", "\"invoke\""},
        {"{\"type\":5}\n", ":1:9: ", "string"},
        {"{\"type\":\"ok\"} 5\n", ":1:15: ", "end of the line"},
        {"{\"type\":\"ok\"}{\"type\":\"ok\"}\n", ":1:14: ", "end of the line"},
        {"{\"type\" \"ok\"}\n", ":1:9: ", "':'"},
        {"{type:\"ok\"}\n", ":1:2: ", "string"},
        {"{\"type\":\"ok\",}\n", ":1:14: ", "string"},
        {"{\"type\":\"ok\" \"f\":1}\n", ":1:14: ", "','"},
        {"{\"type\":\"ok\",\"process\":-1}\n", ":1:26: ", "process"},
        {"{\"type\":\"ok\",\"process\":2147483648}\n", ":1:34: ", "process"},
        {"{\"type\":\"ok\",\"process\":1.5}\n", ":1:25: ", "','"},
        {"{\"type\":\"ok\",\"time\":\"now\"}\n", ":1:21: ", "integer"},
        {"{\"type\":\"ok\",\"time\":9223372036854775808}\n", ":1:21: ", "64 bits"},
        {"{\"type\":\"ok\",\"value\":+5}\n", ":1:22: ", "value"},
        {"{\"type\":\"ok\",\"value\":.5}\n", ":1:22: ", "value"},
        {"{\"type\":\"ok\",\"value\":5.}\n", ":1:24: ", "digit"},
        {"{\"type\":\"ok\",\"value\":-}\n", ":1:23: ", "digit"},
        {"{\"type\":\"ok\",\"value\":1e}\n", ":1:24: ", "digit"},
        {"{\"type\":\"ok\",\"value\":1-2}\n", ":1:23: ", "','"},
        {"{\"type\":\"ok\",\"value\":0x10}\n", ":1:23: ", "','"},
        {"{\"type\":\"ok\",\"value\":NaN}\n", ":1:22: ", "value"},
        {"{\"type\":\"ok\",\"value\":nil}\n", ":1:22: ", "value"},
        {"{\"type\":\"ok\",\"value\":[1,]}\n", ":1:25: ", "value"},
        {"{\"type\":\"ok\",\"value\":[1 2]}\n", ":1:25: ", "','"},
        {"{\"type\":\"ok\",\"value\":{1:2}}\n", ":1:23: ", "string"},
        {"{\"type\":\"ok\",\"value\":\"\\x\"}\n", ":1:24: ", "escape"},
        {"{\"type\":\"ok\",\"value\":\"\\u12g4\"}\n", ":1:27: ", "hexadecimal"},
        {"{\"type\":\"ok\",\"value\":\"open}\n", ":1:28: ", "string"},
        {"{\"type\":\"ok\"\n", ":1:13: ", "'}'"}, /* cut short, but in the middle of the file */
        {"{\"type\":\"ok\"}\n\n{\"ty\n{\"type\":\"ok\"}\n", ":3:5: ", "string"},
        {"nonsense without an end of line", ":1:1: ", "'{'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct history history;
        struct errbuf err = ERRBUF_INIT;
        bool truncated;
        cr_assert_eq(read_text(wrong[i].text, strlen(wrong[i].text), &history, &truncated, &err),
                     ERR_INPUT, "%s", wrong[i].text);
        cr_assert(strncmp(err.text, "h.jsonl", 7) == 0);
        cr_assert(strncmp(err.text + 7, wrong[i].where, strlen(wrong[i].where)) == 0, "%s: %s",
                  wrong[i].text, err.text);
        cr_assert_not_null(strstr(err.text, wrong[i].what), "%s: %s", wrong[i].text, err.text);
        cr_assert_not(truncated);
        history_fini(&history);
    }
}

Test(history_jsonl, nests_64_levels_and_no_further)
{
    for (int depth = 62; depth <= 70; depth++) {
        struct strbuf text = STRBUF_INIT;
        strbuf_puts(&text, "{\"type\":\"ok\",\"value\":");
        for (int i = 0; i < depth; i++)
            strbuf_putc(&text, '[');
        for (int i = 0; i < depth; i++)
            strbuf_putc(&text, ']');
        strbuf_puts(&text, "}\n");
        struct history history;
        struct errbuf err = ERRBUF_INIT;
        bool truncated;
        int rc = read_text(text.text, text.length, &history, &truncated, &err);
        cr_assert_eq(rc, depth <= JSON_DEPTH_MAX ? 0 : ERR_INPUT, "%d levels: %s", depth, err.text);
        history_fini(&history);
        strbuf_fini(&text);
    }
}

Test(history_jsonl, the_tags_of_other_kinds_are_undone_and_maps_kept)
{
    static const struct {
        const char *json, *text;
    } values[] = {
        {"{\"keyword\":\"k\"}", ":k"},
        {"{\"keyword\":5}", "{\"keyword\" 5}"},
        {"{\"keyword\":\"k\",\"set\":[]}", "{\"keyword\" \"k\" \"set\" []}"},
        {"{\"set\":[1,2]}", "#{1 2}"},
        {"{\"set\":5}", "{\"set\" 5}"},
        {"{\"map\":[1,2]}", "{1 2}"},
        {"{\"map\":[1]}", "{\"map\" [1]}"},
        {"{\"map\":[\"set\",[1]]}", "{\"set\" [1]}"},
        {"{\"float\":\"inf\"}", "inf"},
        {"{\"float\":\"none\"}", "{\"float\" \"none\"}"},
        {"{}", "{}"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "\"9223372036854775808\""},
        {"-9223372036854775809", "\"-9223372036854775809\""},
        {"1E2", "100.0"},
        {"\"\\ud83d\\ude00\\u00e9\\/\"", "\"\xf0\x9f\x98\x80\xc3\xa9/\""},
        {"\"\\ud83d\\u0041\"", "\"\xef\xbf\xbd"
                               "A\""},
        {"\"\\ude00\"", "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct json_cursor cursor = {.at = values[i].json,
                                     .end = values[i].json + strlen(values[i].json)};
        struct arena arena;
        struct value value;
        struct strbuf text = STRBUF_INIT;
        arena_init(&arena, 0);
        cr_assert(json_read_value(&cursor, &arena, &value), "%s: %s", values[i].json,
                  cursor.problem);
        cr_assert_eq(cursor.at, cursor.end);
        value_write_text(&text, value);
        cr_assert_str_eq(text.text, values[i].text);
        strbuf_fini(&text);
        arena_fini(&arena);
    }
}

static int refuse_second(void *context, const struct op *op, struct errbuf *err)
{
    int *taken = context;
    (void)op;
    return ++*taken == 2 ? errbuf_set(err, ERR_CANCELLED, "enough") : 0;
}

Test(history_jsonl, the_sink_can_stop_it)
{
    static const char text[] = "{\"type\":\"ok\"}\n{\"type\":\"ok\"}\n{\"type\":\"ok\"}\n";
    int taken = 0;
    struct op_sink sink = {refuse_second, &taken};
    struct errbuf err = ERRBUF_INIT;
    bool truncated;
    cr_assert_eq(history_jsonl_read("h", text, strlen(text), &sink, &truncated, &err),
                 ERR_CANCELLED);
    cr_assert_str_eq(err.text, "enough");
    cr_assert_eq(taken, 2);
}

/* --- a history cut short --- */

/* Two lines, the last with everything in it that can be cut: escapes, numbers of every form, words,
 * tags, unknown members. */
static const char whole[] =
    "{\"index\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n"
    "{\"index\":1,\"time\":-5,\"process\":12,\"type\":\"ok\",\"f\":\"wri\\u0074e\","
    "\"key\":{\"keyword\":\"k\\\\\"},\"value\":[-1,2.5e-3,-1E+10,0.5,true,false,null,"
    "{\"set\":[]},{\"map\":[1,{\"float\":\"nan\"}]},\"\\ud83d\\ude00\\\"\\n\xc3\xa9\",{\"a\":{}}],"
    "\"seen\":[-1.5e+7,\"x\\\"]\",{\"y\":null}],\"error\":\"timed \\\\ out\"}\n";

Test(history_jsonl, cut_at_any_byte_of_the_last_line_it_is_read_up_to_there)
{
    size_t length = sizeof whole - 1;
    size_t first = (size_t)(strchr(whole, '\n') - whole) + 1;
    for (size_t cut = first; cut <= length; cut++) {
        /* A copy of just that size, so that a read past the end is seen by the sanitizers. */
        char *text = malloc(cut);
        memcpy(text, whole, cut);
        struct history history;
        struct errbuf err = ERRBUF_INIT;
        bool truncated;
        cr_assert_eq(read_text(text, cut, &history, &truncated, &err), 0,
                     "cut at %zu (...%.12s): %s", cut - first, whole + cut - 12, err.text);
        bool complete = cut >= length - 1; /* only the newline is missing */
        cr_assert_eq(history.count, complete ? 2 : 1, "cut at %zu", cut - first);
        cr_assert_eq(truncated, !complete && cut > first, "cut at %zu", cut - first);
        history_fini(&history);
        free(text);
    }
}

/* What a file system may leave behind after a power loss: the length is there, the bytes are not.
 */
Test(history_jsonl, blocks_of_nul_at_the_end_are_a_cut)
{
    static const char line[] = "{\"index\":1,\"type\":\"ok\",\"f\":\"read\"}";
    for (size_t kept = 0; kept < sizeof line; kept++) {
        char text[128] = {0};
        size_t length = (size_t)sprintf(text, "%s\n%.*s", line, (int)kept, line) + 20;
        struct history history;
        struct errbuf err = ERRBUF_INIT;
        bool truncated;
        cr_assert_eq(read_text(text, length, &history, &truncated, &err), 0, "%s", err.text);
        cr_assert(truncated);
        cr_assert_eq(history.count, 1);
        history_fini(&history);
    }
}

Test(history_jsonl, an_empty_file_is_an_empty_history)
{
    static const char *const texts[] = {"", "\n", " \n\r\n\t\n", "  "};
    for (size_t i = 0; i < 4; i++) {
        struct history history;
        bool truncated = true;
        cr_assert_eq(read_text(texts[i], strlen(texts[i]), &history, &truncated, NULL), 0);
        cr_assert(!truncated && history.count == 0);
        history_fini(&history);
    }
}
