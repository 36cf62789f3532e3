#include "report/report.h"

#include "core/err.h"
#include "report_fixture.h"

#include <criterion/criterion.h>

static char root[64];

static void make_root(void)
{
    strcpy(root, "/tmp/faultline-store-XXXXXX");
    cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
    fixture_remove(root);
}

TestSuite(report_index, .init = make_root, .fini = remove_root);

/* STORE/NAME/TIME with these results; NULL = none. */
static void add_run(const char *name, const char *time, const char *results)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", root, name);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", root, name, time);
    cr_assert_eq(mkdir(path, 0755), 0);
    fixture_write(path, "history.jsonl", "", 0);
    fixture_write(path, "report.html", "", 0);
    if (results)
        fixture_write(path, "results.json", results, strlen(results));
}

static char *index_page(void)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(report_write_index(root, &err), 0, "%s", err.text);
    char *html = fixture_read(root, "index.html");
    cr_assert(html);
    const char *problem = fixture_markup_problem(html);
    cr_assert_null(problem, "malformed at: %.200s", problem);
    return html;
}

static void expect_text(const char *html, const char *what)
{
    cr_expect(strstr(html, what), "no '%s' in:\n%s", what, strstr(html, "<body>"));
}

Test(report_index, lists_runs_newest_first_whatever_their_names)
{
    add_run("a", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    add_run("b", "20260301T000000.000Z", "{\"verdict\":\"invalid\"}");
    add_run("a", "20260201T000000.000Z", "{\"verdict\":\"unknown\"}");
    char *html = index_page();
    const char *newest = strstr(html, "2026-03-01 00:00:00");
    const char *middle = strstr(html, "2026-02-01 00:00:00");
    const char *oldest = strstr(html, "2026-01-01 00:00:00");
    cr_assert(newest && middle && oldest);
    cr_expect(newest < middle && middle < oldest);
    cr_expect_eq(fixture_count(html, "<tr class=\"run\">"), 3);
    expect_text(html, "<a href=\"./b/20260301T000000.000Z/report.html\">");
    free(html);
}

Test(report_index, shows_figures_of_a_run)
{
    add_run("etcd", "20260101T000000.000Z",
            "{\"verdict\":\"valid\",\"summary\":\"valid: 10 keys\",\"duration_ns\":65000000000,"
            "\"operations\":{\"invoked\":12345},\"faults\":[{\"injected_ns\":1,\"proven\":true},"
            "{\"injected_ns\":2,\"proven\":false},{\"injected_ns\":-1}]}");
    char *html = index_page();
    expect_text(html, "<td class=\"w\"><span class=\"badge valid\">valid</span></td><td>etcd</td>");
    expect_text(html, "<td class=\"n\">1 min 5 s</td><td class=\"n\">12,345</td>"
                      "<td class=\"n\">1 of 2</td><td>10 keys</td>");
    free(html);
}

Test(report_index, shows_runs_without_results_as_unfinished)
{
    add_run("a", "20260101T000000.000Z", NULL);
    char *html = index_page();
    expect_text(html, "<span class=\"badge unfinished\">unfinished</span></td><td>a</td>");
    free(html);
}

Test(report_index, tells_which_results_cannot_be_read_and_goes_on)
{
    add_run("a", "20260101T000000.000Z", "{\"verdict\":\"valid\",\"exit_status\":1}");
    add_run("b", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    char *html = index_page();
    expect_text(html, "does not go with exit_status 1");
    cr_expect_eq(fixture_count(html, "<tr class=\"run\">"), 2);
    cr_expect_eq(fixture_count(html, "<td class=\"w\"><span class=\"badge valid\">"), 1);
    free(html);
}

Test(report_index, passes_over_links_hidden_folders_and_what_is_no_run)
{
    char path[PATH_MAX];
    add_run("a", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    snprintf(path, sizeof path, "%s/a/latest", root);
    cr_assert_eq(symlink("20260101T000000.000Z", path), 0);
    add_run(".hidden", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    snprintf(path, sizeof path, "%s/empty", root);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/empty/folder", root);
    mkdir(path, 0755);
    fixture_write(root, "file", "x", 1);
    char *html = index_page();
    cr_expect_eq(fixture_count(html, "<tr class=\"run\">"), 1);
    free(html);
}

Test(report_index, names_of_folders_are_never_markup_or_schemes)
{
    add_run("javascript:alert(1)", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    add_run("\"><script>x", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    add_run("a #?%2e", "20260101T000000.000Z", "{\"verdict\":\"valid\"}");
    char *html = index_page();
    cr_expect_null(strstr(html, "<script"));
    expect_text(html, "href=\"./javascript%3Aalert%281%29/");
    expect_text(html, "href=\"./%22%3E%3Cscript%3Ex/");
    expect_text(html, "href=\"./a%20%23%3F%252e/");
    free(html);
}

Test(report_index, an_empty_store_has_a_page_too)
{
    char *html = index_page();
    expect_text(html, "There is no run in this store yet.");
    free(html);
}

Test(report_index, a_store_that_is_not_there_is_an_error)
{
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(report_write_index("/nonexistent/store", &err), ERR_INPUT);
    cr_expect(strstr(err.text, "/nonexistent/store"), "%s", err.text);
}
