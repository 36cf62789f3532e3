#include "report/report.h"

#include "report/timeline_asset.h"

#include "core/err.h"
#include "report_fixture.h"

#include <criterion/criterion.h>

static char dir[64];

static void make_dir(void)
{
    strcpy(dir, "/tmp/faultline report XXXXXX");
    cr_assert(mkdtemp(dir));
}

static void remove_dir(void)
{
    fixture_remove(dir);
}

TestSuite(report_page, .init = make_dir, .fini = remove_dir);

/* The page of the folder as it is; checked to be well-formed. */
static char *page(void)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(report_write_html(dir, &err), 0, "%s", err.text);
    char *html = fixture_read(dir, "report.html");
    cr_assert(html);
    const char *problem = fixture_markup_problem(html);
    cr_assert_null(problem, "malformed at: %.200s", problem);
    return html;
}

static char *page_of(const struct fixture_config *config)
{
    fixture_make(dir, config);
    return page();
}

static json_t *results(void)
{
    char *text = fixture_read(dir, "results.json");
    json_t *json = json_loads(text, 0, NULL);
    cr_assert(json);
    free(text);
    return json;
}

static void expect_text(const char *html, const char *what)
{
    cr_expect(strstr(html, what), "no '%s' in the page", what);
}

static void expect_none(const char *html, const char *what)
{
    cr_expect_null(strstr(html, what), "'%s' is in the page", what);
}

static const struct fixture_config valid_run = {.operations = 12000, .faults = 11};
static const struct fixture_config invalid_run = {
    .operations = 12000, .faults = 11, .stale_from = 900};

Test(report_page, is_held_against_a_check_that_finds_mistakes)
{
    static const char *const wrong[] = {
        "<p>",          "<p></b>",     "<p></p></p>",     "<p>a & b</p>",   "<p>&nbsp;</p>",
        "<p>a < b</p>", "<p>\x1b</p>", "<p a=\"<\"></p>", "<b><p></b></p>", "<p>&lt</p>"};
    char html[64];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(html, sizeof html, "<!DOCTYPE html>%s", wrong[i]);
        cr_expect(fixture_markup_problem(html), "%s", wrong[i]);
    }
    cr_expect(fixture_markup_problem("<p></p>"));
    cr_expect_null(fixture_markup_problem("<!DOCTYPE html><p a=\">\">&lt;<br/></p>"));
}

Test(report_page, says_the_verdict_first)
{
    char *html = page_of(&valid_run);
    const char *badge = strstr(html, "<span class=\"badge valid large\">valid</span>");
    const char *sentence = strstr(html, "<h1>32 keys, 12,000 operations");
    cr_assert(badge && sentence && badge < sentence);
    cr_assert_lt(sentence, strstr(html, "id=\"faults\""));
    free(html);
}

static const char data_block[] = "<script type=\"application/octet-stream\" id=\"timeline-";

/* Every script is a block of data, but for the last one, which is ours, as its policy says. */
static void expect_our_script_only(const char *html)
{
    char policy[200];
    const char *last = html, *at;
    size_t ours = strlen(timeline_script);
    while ((at = strstr(last + 1, "<script")))
        last = at;
    cr_expect_eq(fixture_count(html, "<script"), fixture_count(html, data_block) + 1);
    cr_expect_eq(fixture_count(html, "</script"), fixture_count(html, "<script"));
    cr_assert(strncmp(last, "<script>", 8) == 0);
    cr_assert(strncmp(last + 8, timeline_script, ours) == 0);
    cr_assert(strncmp(last + 8 + ours, "</script>", 9) == 0);
    snprintf(policy, sizeof policy,
             "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
             "'sha256-%s'\"",
             timeline_script_hash);
    expect_text(html, policy);
}

Test(report_page, is_one_file_that_fetches_nothing_and_runs_our_script_only)
{
    static const char *const forbidden[] = {"http://", "https://", "src=",   "@import",
                                            "url(",    "<link",    "<iframe"};
    char *html = page_of(&invalid_run);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        expect_none(html, forbidden[i]);
    expect_our_script_only(html);
    cr_expect_null(strstr(timeline_script, "</script"));
    cr_expect_null(strstr(timeline_script, "<!--"));
    expect_text(html, "<section id=\"timeline\" hidden=\"hidden\">");
    free(html);
}

Test(report_page, runs_no_script_where_no_operation_was_read)
{
    fixture_make(dir, &valid_run);
    fixture_write(dir, "history.jsonl", "", 0);
    char *html = page();
    expect_none(html, "<script");
    expect_none(html, "id=\"timeline\"");
    expect_text(html, "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"");
    free(html);
}

Test(report_page, draws_a_band_for_each_fault_in_both_plots_and_lists_it_once)
{
    char *html = page_of(&valid_run);
    cr_expect_eq(fixture_count(html, "<g class=\"band "), 2 * valid_run.faults);
    cr_expect_eq(fixture_count(html, "<tr class=\"fault\">"), valid_run.faults);
    cr_expect_eq(fixture_count(html, "<td class=\"w yes\">"), valid_run.faults);
    expect_text(html, "<b>6 of 6</b>"); /* partitions */
    expect_text(html, "1,204 packets dropped on n1 n4");
    free(html);
}

Test(report_page, puts_a_band_where_the_fault_was)
{
    struct fixture_config config = {.operations = 2000, .faults = 1};
    char *html = page_of(&config);
    double x = 0, width = 0, area_x = 0, area_width = 0, begin = 0, end = 0;
    const char *area = strstr(html, "<rect class=\"area\" x=\"");
    cr_assert(area);
    sscanf(area, "<rect class=\"area\" x=\"%lf\" y=\"%*f\" width=\"%lf\"", &area_x, &area_width);
    const char *shade = strstr(html, "<rect class=\"shade\" x=\"");
    cr_assert(shade);
    sscanf(shade, "<rect class=\"shade\" x=\"%lf\" y=\"%*f\" width=\"%lf\"", &x, &width);
    char *history = fixture_read(dir, "history.jsonl");
    begin = 0.5e9; /* when driving began */
    for (const char *at = history; (at = strstr(at, "\"time\":")); at += 7)
        end = (double)atoll(at + 7);
    cr_expect_float_eq(x, area_x + area_width * (2e9 - begin) / (end - begin), 0.2);
    cr_expect_float_eq(width, area_width * 4e9 / (end - begin), 0.2);
    free(history);
    free(html);
}

/* Adds what a check while the test ran leaves in the results. */
static void add_online(json_t *online)
{
    json_t *json = results();
    json_object_set_new(json, "online", online);
    char *text = json_dumps(json, 0);
    fixture_write(dir, "results.json", text, strlen(text));
    free(text);
    json_decref(json);
}

Test(report_page, marks_in_both_plots_where_a_violation_was_seen_while_the_test_ran)
{
    fixture_make(dir, &invalid_run);
    add_online(json_pack("{s:I, s:I, s:i, s:i, s:{s:I, s:s}}", "cpu_ns", (json_int_t)NS_PER_S,
                         "checked_until_ns", (json_int_t)(9 * NS_PER_S), "suspected", 0,
                         "keys_ended", 0, "violation", "at_ns", (json_int_t)(10 * NS_PER_S), "what",
                         "read of <process> 3"));
    char *html = page();
    cr_expect_eq(fixture_count(html, "<g class=\"violation\">"), 2);
    cr_expect_eq(fixture_count(html, "<title>read of &lt;process&gt; 3</title>"), 2);
    expect_text(html, "violation at 10.0 s; 1.7 % of one core");
    free(html);
}

Test(report_page, says_how_far_the_check_came_while_the_test_ran)
{
    fixture_make(dir, &valid_run);
    add_online(json_pack("{s:I, s:I, s:i, s:i}", "cpu_ns", (json_int_t)NS_PER_S, "checked_until_ns",
                         (json_int_t)(9 * NS_PER_S), "suspected", 2, "keys_ended", 0));
    char *html = page();
    expect_none(html, "<g class=\"violation\">");
    expect_text(html, "nothing wrong up to 9.00 s, but not everything could be followed; 1.7 %");
    free(html);
}

Test(report_page, has_a_row_for_every_key)
{
    char *html = page_of(&valid_run);
    json_t *json = results();
    size_t keys = json_array_size(json_object_get(json_object_get(json, "check"), "keys"));
    cr_assert_gt(keys, 30);
    cr_expect_eq(fixture_count(html, "<tr class=\"object\">"), keys);
    cr_expect_eq(fixture_count(html, "<details><summary>32 keys"), 1); /* so many are folded */
    json_decref(json);
    free(html);
}

Test(report_page, highlights_exactly_the_operations_of_the_witness)
{
    char *html = page_of(&invalid_run);
    json_t *json = results();
    json_t *keys = json_object_get(json_object_get(json, "check"), "keys");
    size_t witness = 0, i;
    json_t *key;
    json_array_foreach(keys, i, key) witness += json_array_size(json_object_get(key, "witness"));
    cr_assert_gt(witness, 1);
    cr_expect_eq(fixture_count(html, " witness\">"), witness + 1); /* and in the legend */
    cr_expect_eq(fixture_count(html, "<section class=\"violation\">"), 1);
    expect_text(html, "The violation of key <code>1</code>");
    expect_text(html, "cannot be placed");
    cr_expect_gt(fixture_count(html, "<g class=\"op "), witness);
    cr_expect_leq(fixture_count(html, "<g class=\"op "), 200);
    json_decref(json);
    free(html);
}

Test(report_page, explains_a_violation_beside_its_picture)
{
    char *html = page_of(&invalid_run);
    json_t *json = results();
    json_t *keys = json_object_get(json_object_get(json, "check"), "keys"), *key = NULL, *item;
    size_t i = 0;
    do
        key = json_array_get(keys, i++);
    while (key && strcmp(json_string_value(json_object_get(key, "verdict")), "invalid") != 0);
    json_t *possible = json_object_get(key, "possible");
    char text[200];
    cr_assert(json_is_integer(json_object_get(key, "failing")));
    cr_assert_gt(json_array_size(possible), 0);
    snprintf(text, sizeof text, "(event %lld of the history)</dd>",
             (long long)json_integer_value(json_object_get(key, "failing")));
    expect_text(html, text);
    cr_expect_eq(fixture_count(html, " failing witness\">"), 1);
    const char *at = strstr(html, "<dt>Could have returned</dt>");
    cr_assert(at);
    json_array_foreach(possible, i, item)
    {
        snprintf(text, sizeof text, "<code>%lld</code>", (long long)json_integer_value(item));
        cr_expect(strstr(at, text) && strstr(at, text) < strstr(at, "</dd>"), "%s", text);
    }
    cr_expect_lt(at, strstr(html, "<svg class=\"timeline\""));
    expect_text(html, "<dt>Faults meanwhile</dt>");
    json_decref(json);
    free(html);
}

Test(report_page, names_the_faults_that_were_active_and_no_others)
{
    struct fixture_config config = invalid_run;
    fixture_make(dir, &config);
    json_t *json = results(), *faults = json_object_get(json, "faults"), *fault;
    size_t i;
    json_array_foreach(faults, i, fault)
    {
        /* Before, all the time, and after. */
        int64_t begin = i == 1 ? 0 : i % 2 ? 1 : NS_PER_S * 9999;
        int64_t end = i == 1 ? NS_PER_S * 10000 : begin + 1;
        json_object_set_new(fault, "injected_ns", json_integer(begin));
        json_object_set_new(fault, "healed_ns", json_integer(end));
    }
    char *text = json_dumps(json, 0);
    fixture_write(dir, "results.json", text, strlen(text));
    char *html = page();
    cr_expect_eq(fixture_count(html, "<div class=\"active\">"), 1);
    expect_text(html, "</span> kill (minority: n2 n5), since 0.0 s, proven</div>");
    free(html);
    free(text);
    json_decref(json);
}

Test(report_page, opens_the_first_violation_and_folds_the_others)
{
    static const char text[] =
        "{\"verdict\":\"invalid\",\"check\":{\"keys\":["
        "{\"key\":1,\"verdict\":\"invalid\",\"cause\":\"one\"},"
        "{\"key\":2,\"verdict\":\"valid\"},"
        "{\"key\":3,\"verdict\":\"invalid\",\"cause\":\"three\",\"witness\":[{\"invocation\":"
        "{\"index\":77}}]}]}}";
    fixture_write(dir, "results.json", text, strlen(text));
    char *html = page();
    cr_expect_eq(fixture_count(html, "<section class=\"violation\">"), 2);
    cr_expect_eq(fixture_count(html, "<details class=\"large\" open=\"open\">"), 1);
    expect_text(html, "<p>one.</p>");
    expect_text(html, "<p>three.</p>"); /* although the history lacks its witness */
    free(html);
}

Test(report_page, timeline_shows_operations_of_the_violated_key_only)
{
    char *html = page_of(&invalid_run);
    char *history = fixture_read(dir, "history.jsonl");
    static const char mark[] = "\nevent ";
    size_t seen = 0;
    for (const char *at = html; (at = strstr(at, mark)); at += strlen(mark), seen++) {
        char index[40];
        snprintf(index, sizeof index, "{\"index\":%ld,", atol(at + strlen(mark)));
        const char *line = strstr(history, index);
        cr_assert(line);
        const char *key = strstr(line, "\"key\":");
        cr_expect_eq(atoi(key + 6), 1, "an operation of key %d", atoi(key + 6));
    }
    cr_expect_gt(seen, 5);
    free(history);
    free(html);
}

Test(report_page, never_lets_text_of_others_become_markup)
{
    struct fixture_config config = {
        .operations = 600,
        .faults = 1,
        .stale_from = 100,
        .evil = "</title></svg></pre><script>alert(1)</script>\" onload=\"x' &lt; \x1b[31m"};
    char *html = page_of(&config);
    expect_our_script_only(html);
    expect_none(html, "<script>alert");
    expect_none(html, " onload=\"x");
    expect_none(html, "\x1b");
    /* the plan, a fault, a node's event and the run's name at least */
    cr_expect_geq(fixture_count(html, "&lt;script&gt;alert(1)&lt;/script&gt;"), 4);
    expect_text(html, "&amp;lt;");
    free(html);
}

Test(report_page, shows_why_a_vacuous_run_proves_nothing)
{
    struct fixture_config config = {
        .operations = 1000, .faults = 2, .faults_unproven = 2, .verdict = "vacuous"};
    char *html = page_of(&config);
    expect_text(html, "<span class=\"badge vacuous large\">");
    expect_text(html, "This is not a pass.");
    cr_expect_eq(fixture_count(html, "<td class=\"w no\">"), 2);
    cr_expect_eq(fixture_count(html, "<td class=\"w yes\">"), 0);
    free(html);
}

Test(report_page, shows_what_went_wrong_with_the_test_itself)
{
    struct fixture_config config = {
        .operations = 10, .verdict = "error", .error = "database: n3: port 2379 is in use"};
    char *html = page_of(&config);
    expect_text(html, "<span class=\"badge error large\">");
    expect_text(html, "database: n3: port 2379 is in use");
    expect_text(html, "The history was not checked.");
    free(html);
}

Test(report_page, shows_a_run_without_results_as_unfinished_with_its_faults)
{
    fixture_make(dir, &valid_run);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/results.json", dir);
    cr_assert_eq(unlink(path), 0);
    char *html = page();
    expect_text(html, "<span class=\"badge unfinished large\">");
    expect_text(html, "<b>12,000</b>");
    cr_expect_eq(fixture_count(html, "<g class=\"band "), 2 * valid_run.faults);
    cr_expect_eq(fixture_count(html, "<tr class=\"fault\">"), valid_run.faults);
    free(html);
}

Test(report_page, says_that_the_history_is_cut_short)
{
    fixture_make(dir, &valid_run);
    char *history = fixture_read(dir, "history.jsonl");
    fixture_write(dir, "history.jsonl", history, strlen(history) - 20);
    free(history);
    char *html = page();
    expect_text(html, "cut short in its last line");
    free(html);
}

Test(report_page, shows_the_history_up_to_a_line_that_is_none_and_names_it)
{
    fixture_make(dir, &(struct fixture_config){.operations = 500});
    char *history = fixture_read(dir, "history.jsonl");
    char *line = strstr(history, "{\"index\":600,");
    cr_assert(line);
    memcpy(line, "@@@@@@@@", 8);
    fixture_write(dir, "history.jsonl", history, strlen(history));
    free(history);
    char *html = page();
    expect_text(html, "history.jsonl:601:1:");
    expect_text(html, "dots ok");
    free(html);
}

Test(report_page, does_without_events_history_and_plan_and_says_so)
{
    static const char text[] = "{\"verdict\":\"valid\"}";
    fixture_write(dir, "results.json", text, strlen(text));
    char *html = page();
    expect_text(html, "There is no events.jsonl");
    expect_text(html, "There is no history.jsonl");
    expect_text(html, "No fault was injected.");
    expect_none(html, "<svg");
    free(html);
}

Test(report_page, leaves_out_lines_of_the_events_that_are_none)
{
    static const char events[] =
        "{\"t\":5,\"node\":\"n1\",\"event\":\"process\",\"detail\":{\"state\":\"died\"}}\n"
        "nonsense\n{\"t\":6,\"event\":\"proc";
    fixture_make(dir, &(struct fixture_config){.operations = 10});
    fixture_write(dir, "events.jsonl", events, strlen(events));
    char *html = page();
    cr_expect_eq(fixture_count(html, "<tr class=\"event\">"), 1);
    expect_text(html, "1 lines of events.jsonl are not events");
    expect_text(html, "events.jsonl is cut short");
    free(html);
}

static void expect_refusal(const char *results_text, const char *reason)
{
    struct errbuf err = ERRBUF_INIT;
    int status = -1;
    if (results_text)
        fixture_write(dir, "results.json", results_text, strlen(results_text));
    fixture_write(dir, "report.html", "earlier", 7);
    cr_expect_eq(report_write_html(dir, &err), ERR_INPUT);
    cr_expect(strstr(err.text, reason), "%s", err.text);
    cr_expect_eq(report_exit_status(dir, &status, &err), ERR_INPUT);
    cr_expect_eq(status, -1);
    char *left = fixture_read(dir, "report.html");
    cr_expect_str_eq(left, "earlier");
    free(left);
}

Test(report_page, refuses_what_is_not_a_run_and_keeps_an_earlier_page)
{
    expect_refusal(NULL, "is not the folder of a run");
    expect_refusal("{\"verdict\":", "results.json:1:");
    expect_refusal("[]", "not a JSON object");
    expect_refusal("{}", "verdict must be");
    expect_refusal("{\"verdict\":\"fine\"}", "verdict must be");
    expect_refusal("{\"verdict\":\"unfinished\"}", "verdict must be");
}

Test(report_page, refuses_a_verdict_that_contradicts_its_exit_status)
{
    expect_refusal("{\"verdict\":\"valid\",\"exit_status\":1}", "does not go with exit_status 1");
}

Test(report_page, gives_each_verdict_its_exit_status)
{
    static const struct {
        const char *name;
        int status;
    } verdicts[] = {{"valid", 0}, {"invalid", 1}, {"unknown", 2}, {"vacuous", 3}, {"error", 255}};
    struct errbuf err = ERRBUF_INIT;
    int status = -1;
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"verdict\":\"%s\"}", verdicts[i].name);
        fixture_write(dir, "results.json", text, strlen(text));
        cr_assert_eq(report_exit_status(dir, &status, &err), 0, "%s", err.text);
        cr_expect_eq(status, verdicts[i].status, "%s", verdicts[i].name);
    }
}

Test(report_page, an_unfinished_run_has_the_status_of_a_failed_test)
{
    int status = -1;
    fixture_write(dir, "history.jsonl", "", 0);
    cr_assert_eq(report_exit_status(dir, &status, NULL), 0);
    cr_expect_eq(status, 255);
}

Test(report_page, stays_small_for_a_large_history)
{
    struct fixture_config config = {.operations = 200000, .faults = 190};
    char *html = page_of(&config);
    cr_expect_lt(strlen(html), 200000 * 25 + (1u << 20));
    cr_expect_eq(fixture_count(html, "<g class=\"band "), 380);
    expect_text(html, "200,000 completed operations, drawn as ");
    free(html);
}

Test(report_page, survives_times_that_cannot_be)
{
    static const char history[] =
        "{\"time\":-5,\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n"
        "{\"time\":9223372036854775807,\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n"
        "{\"time\":9223372036854775807,\"process\":1,\"type\":\"invoke\",\"f\":\"read\"}\n"
        "{\"time\":3,\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n"
        "{\"process\":2147483647,\"type\":\"invoke\",\"f\":\"read\"}\n"
        "{\"process\":7,\"type\":\"ok\",\"f\":\"read\"}\n";
    static const char text[] =
        "{\"verdict\":\"valid\",\"faults\":[{\"fault\":\"kill\",\"injected_ns\":"
        "9223372036854775807,\"healed_ns\":4}],\"phases\":[{\"phase\":\"drive\",\"begin_ns\":"
        "9223372036854775807}]}";
    fixture_write(dir, "history.jsonl", history, strlen(history));
    fixture_write(dir, "results.json", text, strlen(text));
    free(page());
}
