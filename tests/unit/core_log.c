#include "core/log.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int console; /* what standard error is replaced by */
static int copy;

static int temporary_file(void)
{
    char path[] = "/tmp/log-test-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    return fd;
}

static void capture(void)
{
    fflush(stderr);
    console = temporary_file();
    copy = temporary_file();
    cr_assert(console >= 0 && copy >= 0);
    dup2(console, STDERR_FILENO);
}

static const char *content(int fd)
{
    static char text[8192];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

Test(log, warnings_and_errors_are_written_until_told_otherwise, .init = capture)
{
    log_error(LOG_PLAN, "an error");
    log_warn(LOG_PLAN, "a warning");
    log_info(LOG_PLAN, "no more");
    cr_assert_eq(count_lines(content(console)), 2);
    cr_assert_not_null(strstr(content(console), "error plan: an error\n"));
    cr_assert_not_null(strstr(content(console), "warn  plan: a warning\n"));
}

Test(log, levels_are_set_for_all_and_by_area, .init = capture)
{
    cr_assert_eq(log_configure("error,remote=debug,check=off", NULL), 0);
    log_debug(LOG_REMOTE, "heard");
    log_warn(LOG_PLAN, "too low");
    log_error(LOG_CHECK, "switched off");
    log_error(LOG_RUN, "heard too");
    cr_assert_eq(count_lines(content(console)), 2);
    cr_assert_not_null(strstr(content(console), "debug remote: heard\n"));
    cr_assert_eq(log_configure("", NULL), 0);
    log_debug(LOG_REMOTE, "still");
    cr_assert_eq(count_lines(content(console)), 3);
}

Test(log, an_unknown_name_is_an_error_and_changes_nothing, .init = capture)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(log_configure("debug,net=debug", &err), ERR_INPUT);
    cr_assert_not_null(strstr(err.text, "'net'"), "%s", err.text);
    cr_assert_not_null(strstr(err.text, "remote"), "%s", err.text);
    cr_assert_eq(log_configure("debug,plan=loud", &err), ERR_INPUT);
    cr_assert_not_null(strstr(err.text, "'loud'"), "%s", err.text);
    cr_assert_eq(log_configure("warning", &err), ERR_INPUT);
    cr_assert_eq(log_configure("=debug", &err), ERR_INPUT);
    log_debug(LOG_PLAN, "the levels are as they were");
    cr_assert_eq(count_lines(content(console)), 0);
}

Test(log, a_copy_of_every_line_goes_where_it_is_sent, .init = capture)
{
    log_set_copy(copy);
    log_error(LOG_RUN, "both");
    log_set_copy(-1);
    log_error(LOG_RUN, "console only");
    cr_assert_eq(count_lines(content(copy)), 1);
    cr_assert_not_null(strstr(content(copy), "run: both\n"));
    cr_assert_eq(count_lines(content(console)), 2);
}

Test(log, a_line_that_is_too_long_is_cut_and_still_a_line, .init = capture)
{
    char *text = malloc(5000);
    memset(text, 'x', 4999);
    text[4999] = '\0';
    log_error(LOG_RUN, "%s", text);
    log_error(LOG_RUN, "next");
    cr_assert_eq(count_lines(content(console)), 2);
    cr_assert_not_null(strstr(content(console), "run: next\n"));
    free(text);
}

static int hook_calls[2];
static size_t lines_at_hook[2];

static void hook(void *context, int writing)
{
    cr_assert_eq(context, &console);
    int at = writing ? 0 : 1;
    hook_calls[at]++;
    lines_at_hook[at] = count_lines(content(console));
}

Test(log, the_console_hook_is_called_around_each_line, .init = capture)
{
    log_set_console_hook(hook, &console);
    log_error(LOG_RUN, "one");
    cr_assert(hook_calls[0] == 1 && hook_calls[1] == 1);
    cr_assert(lines_at_hook[0] == 0 && lines_at_hook[1] == 1);
    log_set_console_hook(NULL, NULL);
    log_error(LOG_RUN, "two");
    cr_assert(hook_calls[0] == 1);
}
