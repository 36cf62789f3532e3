/* The page of a history that was checked, without a run. */
#include "report/report.h"

#include "core/base64.h"
#include "core/err.h"
#include "formats/reader.h"
#include "report_fixture.h"

#include <criterion/criterion.h>

static char dir[64];

static void make_dir(void)
{
    strcpy(dir, "/tmp/faultline check XXXXXX");
    cr_assert(mkdtemp(dir));
}

static void remove_dir(void)
{
    fixture_remove(dir);
}

TestSuite(report_check, .init = make_dir, .fini = remove_dir);

/* Checks the text and makes its page; the page is held to be well-formed. */
static char *page_of(const char *text, const char *model, const char *name)
{
    struct reader_input input = {.name = name, .text = text, .length = strlen(text)};
    struct check_options options = {.model = model};
    struct check_result result;
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    char path[100];
    snprintf(path, sizeof path, "%.60s/page.html", dir);
    cr_assert_eq(reader_read(&reader_jsonl, &input, &all, &err), 0, "%s", err.text);
    cr_assert_eq(check_history(&all, &options, &result, &err), 0, "%s", err.text);
    cr_assert_eq(report_write_check(path, name, &all, &result, &err), 0, "%s", err.text);
    check_result_fini(&result);
    operations_fini(&all);
    char *html = fixture_read(dir, "page.html");
    cr_assert(html);
    const char *problem = fixture_markup_problem(html);
    cr_assert_null(problem, "malformed at: %.200s", problem);
    return html;
}

static void expect_text(const char *html, const char *what)
{
    cr_expect(strstr(html, what), "no '%s' in the page", what);
}

/* What the page's script is told first. */
static json_t *timeline_document(const char *html)
{
    static const char mark[] = "id=\"timeline-document\">";
    struct arena arena;
    char *text;
    size_t length;
    const char *at = strstr(html, mark);
    cr_assert(at);
    at += strlen(mark);
    arena_init(&arena, 0);
    cr_assert(base64_decode(&arena, at, strcspn(at, "<"), &text, &length));
    json_t *document = json_loadb(text, length, 0, NULL);
    cr_assert(document, "%.300s", text);
    arena_fini(&arena);
    return document;
}

#define EVENT(time, process, type, f, value)                                                       \
    "{\"time\":" #time ",\"process\":" #process ",\"type\":\"" type "\",\"f\":\"" f                \
    "\",\"value\":" value "}\n"

static const char queue[] = EVENT(1000, 0, "invoke", "enqueue", "1")              /* */
    EVENT(2000, 0, "ok", "enqueue", "1") EVENT(3000, 0, "invoke", "enqueue", "2") /* */
    "{\"time\":3500,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"value\":null}"
    "\n" EVENT(4000, 0, "ok", "enqueue", "2") EVENT(5000, 1, "invoke", "dequeue", "null") /* */
    EVENT(6000, 1, "ok", "dequeue", "2") EVENT(7000, 1, "invoke", "dequeue", "null");

Test(report_check, shows_and_explains_a_violation)
{
    char *html = page_of(queue, "fifo-queue", "my <queue>.jsonl");
    expect_text(html, "<span class=\"badge invalid large\">invalid</span>");
    expect_text(html, "my &lt;queue&gt;.jsonl");
    expect_text(html, "<dt>Cannot be placed</dt><dd><b><code>dequeue 2</code></b> of process 1");
    expect_text(html, "(event 5 of the history)");
    expect_text(html, "<dt>Could have returned</dt><dd><code>1</code>, and nothing else</dd>");
    expect_text(html, "<dt>The object could be</dt><dd><code>[1 2]</code> when it completed</dd>");
    expect_text(html, "<svg class=\"timeline\"");
    cr_expect_eq(fixture_count(html, " failing witness\">"), 1);
    free(html);
}

/* Each key has one stale read. */
static void put_stale_key(struct strbuf *out, int key)
{
    static const struct {
        const char *type, *f, *value;
    } events[] = {{"invoke", "write", "1"}, {"ok", "write", "1"},       {"invoke", "write", "2"},
                  {"ok", "write", "2"},     {"invoke", "read", "null"}, {"ok", "read", "1"}};
    for (int i = 0; i < 6; i++)
        strbuf_printf(out,
                      "{\"time\":%d,\"process\":0,\"type\":\"%s\",\"f\":\"%s\",\"key\":%d,"
                      "\"value\":%s}\n",
                      100 * key + i, events[i].type, events[i].f, key, events[i].value);
}

Test(report_check, lets_one_jump_to_every_violation)
{
    struct strbuf text = STRBUF_INIT;
    for (int key = 0; key < 40; key++)
        put_stale_key(&text, key);
    char *html = page_of(text.text, "register", "many");
    cr_expect_eq(fixture_count(html, "<section class=\"violation\">"), 5);
    cr_expect_eq(fixture_count(html, "id=\"timeline-key-"), 40);
    json_t *document = timeline_document(html);
    json_t *keys = json_object_get(document, "keys"), *key;
    size_t i;
    cr_expect_eq(json_array_size(keys), 40);
    json_array_foreach(keys, i, key)
    {
        long long failing = json_integer_value(json_array_get(key, 3));
        cr_expect_eq(json_integer_value(json_array_get(key, 1)), 3);
        cr_expect_eq(failing % 6, 4, "the read of key %zu, not event %lld", i, failing);
        cr_expect_geq(json_array_size(json_array_get(key, 4)), 2);
    }
    json_decref(document);
    strbuf_fini(&text);
    free(html);
}

Test(report_check, says_nothing_of_a_cluster_that_there_was_not)
{
    static const char *const of_runs[] = {"id=\"faults\"", "Beside this page", "results.json",
                                          "<dt>Cluster</dt>", "<dt>Load</dt>"};
    char *html = page_of(queue, "fifo-queue", "queue");
    for (size_t i = 0; i < sizeof of_runs / sizeof of_runs[0]; i++)
        cr_expect_null(strstr(html, of_runs[i]), "%s", of_runs[i]);
    free(html);
}

#define NEMESIS(time, f, value)                                                                    \
    "{\"time\":" #time ",\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"" f                     \
    "\",\"value\":" value "}\n"

/* What the script is told of each fault: from, to, text. */
static void expect_bands(const char *nemesis, const char *expected)
{
    struct strbuf text = STRBUF_INIT, got = STRBUF_INIT;
    strbuf_puts(&text, EVENT(1000, 0, "invoke", "write", "1"));
    strbuf_puts(&text, nemesis);
    strbuf_puts(&text, EVENT(9000, 0, "ok", "write", "1"));
    char *html = page_of(text.text, "register", "nemesis");
    json_t *document = timeline_document(html), *band;
    size_t i;
    json_array_foreach(json_object_get(document, "faults"), i, band) strbuf_printf(
        &got, "%lld-%lld %s|", json_integer_value(json_array_get(band, 0)),
        json_integer_value(json_array_get(band, 1)), json_string_value(json_array_get(band, 3)));
    cr_expect_str_eq(got.text ? got.text : "", expected);
    cr_expect_eq(strstr(html, "class=\"band") != NULL, expected[0] != '\0');
    json_decref(document);
    strbuf_fini(&text);
    strbuf_fini(&got);
    free(html);
}

Test(report_check, draws_what_the_nemesis_recorded)
{
    expect_bands(NEMESIS(2000, "start-partition", "7") NEMESIS(
                     2100, "start-partition", "\"n1 | n2\"") NEMESIS(3000, "stop-partition", "null")
                     NEMESIS(3100, "stop-partition", "null") NEMESIS(4000, "start-partition", "8"),
                 "2000-3100 partition n1 | n2|4000-9000 partition |");
    expect_bands(NEMESIS(2000, "start", "null") NEMESIS(2100, "start", "null")
                     NEMESIS(3000, "stop", "null") NEMESIS(3100, "stop", "null"),
                 "2000-3100 nemesis |");
    expect_bands(NEMESIS(2000, "kill", "null") NEMESIS(2500, "pause", "null")
                     NEMESIS(3000, "start", "null") NEMESIS(3100, "start", "null")
                         NEMESIS(3500, "resume", "[\"n1\"]"),
                 "2000-3100 kill |2500-3500 pause |");
    expect_bands(NEMESIS(2000, "leave", "\"n1\"") NEMESIS(3000, "stop-partition", "null"), "");
}

Test(report_check, tells_what_was_going_on_at_a_violation)
{
    char *html = page_of(queue, "fifo-queue", "queue");
    expect_text(html, "Faults meanwhile");
    expect_text(html, "kill, since");
    cr_expect_null(strstr(html, "proven"), "a history proves no fault");
    cr_expect_null(strstr(html, "not seen"), "a history proves no fault");
    free(html);
}

Test(report_check, shows_a_valid_history_and_what_its_clients_did)
{
    static const char text[] = EVENT(1000, 0, "invoke", "write", "1") /* */
        EVENT(2000, 0, "ok", "write", "1") EVENT(3000, 1, "invoke", "read", "null")
            EVENT(4000, 1, "ok", "read", "1");
    char *html = page_of(text, "cas-register", "register");
    expect_text(html, "<span class=\"badge valid large\">valid</span>");
    expect_text(html, "<b>2</b><span class=\"name\">operations</span>");
    cr_expect_null(strstr(html, "class=\"violation\""));
    free(html);
}

Test(report_check, shows_the_words_of_values_keys_and_errors_as_text)
{
    static const char text[] =
        "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"key\":\"<b>&k\",\"value\":\"<i>\"}\n"
        "{\"process\":0,\"type\":\"info\",\"f\":\"write\",\"key\":\"<b>&k\",\"value\":\"<i>\","
        "\"error\":\"</script><b>\"}\n"
        "{\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"key\":\"<b>&k\",\"value\":null}\n"
        "{\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"key\":\"<b>&k\",\"value\":\"<u>\"}\n";
    char *html = page_of(text, "register", "evil");
    expect_text(html, "&lt;u&gt;");
    expect_text(html, "&lt;b&gt;&amp;k");
    cr_expect_null(strstr(html, "<u>"));
    cr_expect_null(strstr(html, "</script><b>"));
    free(html);
}

Test(report_check, says_that_a_limit_ended_the_reading)
{
    struct check_options options = {.model = "register"};
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    char path[100];
    snprintf(path, sizeof path, "%.60s/page.html", dir);
    cr_assert_eq(check_unread(&options, ERR_TIMEOUT, &result, &err), 0);
    cr_assert_eq(report_write_check(path, "long", NULL, &result, &err), 0, "%s", err.text);
    check_result_fini(&result);
    char *html = fixture_read(dir, "page.html");
    expect_text(html, "badge unknown large");
    expect_text(html, "before the history was read");
    free(html);
}

Test(report_check, refuses_a_place_that_is_none)
{
    struct check_options options = {.model = "register"};
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    char path[100];
    snprintf(path, sizeof path, "%.60s/no/page.html", dir);
    cr_assert_eq(check_unread(&options, ERR_TIMEOUT, &result, &err), 0);
    cr_expect_eq(report_write_check(path, "long", NULL, &result, &err), ERR_IO);
    check_result_fini(&result);
}
