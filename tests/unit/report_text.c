#include "report/text.h"

#include "core/err.h"
#include "report/report.h"
#include "report_fixture.h"

#include <criterion/criterion.h>

static char dir[64];

static void make_dir(void)
{
    strcpy(dir, "/tmp/faultline-report-XXXXXX");
    cr_assert(mkdtemp(dir));
}

static void remove_dir(void)
{
    fixture_remove(dir);
}

TestSuite(report_text, .init = make_dir, .fini = remove_dir);

static char *text_of(const struct fixture_config *config)
{
    struct errbuf err = ERRBUF_INIT;
    struct strbuf text = STRBUF_INIT;
    if (config)
        fixture_make(dir, config);
    cr_assert_eq(report_write_text(dir, &text, &err), 0, "%s", err.text);
    return text.text;
}

static void expect_text(const char *text, const char *what)
{
    cr_expect(strstr(text, what), "no '%s' in:\n%s", what, text);
}

Test(report_text, begins_with_the_verdict_and_ends_with_the_report)
{
    struct fixture_config config = {.operations = 2000, .faults = 3};
    fixture_make(dir, &config);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(report_write_html(dir, &err), 0, "%s", err.text);
    char *text = text_of(NULL);
    cr_expect_eq(strncmp(text, "valid: ", 7), 0, "%s", text);
    char last[128];
    snprintf(last, sizeof last, "report: %s/report.html\n", dir);
    cr_expect_str_eq(text + strlen(text) - strlen(last), last);
    free(text);
}

Test(report_text, names_each_fault_with_what_was_seen)
{
    struct fixture_config config = {.operations = 4000, .faults = 3, .faults_unproven = 1};
    char *text = text_of(&config);
    expect_text(text, "faults: 2 of 3 proven");
    expect_text(text, "  not seen   2.0 s  4.00 s  partition halves: n1 n4 | n2 n3 n5  no packet");
    expect_text(text,
                "  proven     7.0 s  4.00 s  kill minority: n2 n5                process gone");
    expect_text(text, "operations: 4,000, of which ");
    free(text);
}

Test(report_text, shows_the_witness_of_an_invalid_run_in_words)
{
    struct fixture_config config = {.operations = 4000, .faults = 3, .stale_from = 600};
    char *text = text_of(&config);
    cr_expect_eq(strncmp(text, "invalid: key 1 ", 15), 0, "%s", text);
    expect_text(text, "\nkey 1: read ");
    expect_text(text, "<- cannot be placed");
    free(text);
}

Test(report_text, is_harmless_for_a_terminal)
{
    struct fixture_config config = {
        .operations = 600, .faults = 1, .stale_from = 100, .evil = "\x1b[2J\x07 \xe2\x80\xae"};
    char *text = text_of(&config);
    cr_expect_null(strchr(text, '\x1b'));
    cr_expect_null(strchr(text, '\x07'));
    cr_expect_null(strstr(text, "\xe2\x80\xae"));
    free(text);
}

Test(report_text, keeps_each_fault_on_one_line)
{
    struct fixture_config config = {.operations = 600, .faults = 1, .evil = "two\nlines"};
    char *text = text_of(&config);
    expect_text(text, "two lines");
    cr_expect_null(strstr(text, "two\nlines"));
    free(text);
}

Test(report_text, does_not_say_an_error_twice)
{
    struct fixture_config config = {
        .operations = 10, .verdict = "error", .error = "database: port 2379 is in use"};
    char *text = text_of(&config);
    cr_expect_eq(strncmp(text, "error: database", 15), 0, "%s", text);
    cr_expect_eq(fixture_count(text, "port 2379"), 1);
    free(text);
}

Test(report_text, tells_that_a_run_did_not_finish)
{
    fixture_write(dir, "history.jsonl", "", 0);
    char *text = text_of(NULL);
    cr_expect_eq(strncmp(text, "unfinished: ", 12), 0, "%s", text);
    expect_text(text, "folder: ");
    free(text);
}

Test(report_text, adds_nothing_on_error)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "before");
    cr_expect_eq(report_write_text(dir, &text, NULL), ERR_INPUT);
    cr_expect_str_eq(text.text, "before");
    strbuf_fini(&text);
}
