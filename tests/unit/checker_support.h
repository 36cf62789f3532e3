/* Histories for the checker's tests, written as EDN: easy to read beside what is expected. */
#ifndef TESTS_CHECKER_SUPPORT_H
#define TESTS_CHECKER_SUPPORT_H

#include "checker/check.h"
#include "checker/reader.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* "P TYPE F VALUE" a line, VALUE in EDN: "0 ok cas [1 2]". A moment passes with every line, a
 * second long. */
static inline void history_of(struct history *history, const char *text)
{
    history_init(history);
    for (int64_t time = 0; *text; time++) {
        char line[256], process[16], type[16], f[16];
        int used = 0;
        const char *newline = strchr(text, '\n');
        size_t length = newline ? (size_t)(newline - text) : strlen(text);
        cr_assert_lt(length, sizeof line);
        memcpy(line, text, length);
        line[length] = '\0';
        text += length + (newline != NULL);
        if (sscanf(line, "%15s %15s %15s %n", process, type, f, &used) < 3)
            continue;
        char edn[400];
        snprintf(edn, sizeof edn, "{:process %s :type :%s :f :%s :value %s :time %lld}", process,
                 type, f, line[used] ? line + used : "nil", (long long)time * 1000000000);
        struct reader_input input = {.name = "test", .text = edn, .length = strlen(edn)};
        struct errbuf err = ERRBUF_INIT;
        cr_assert_eq(reader_edn.read(&input, history, &err), 0, "%s", err.text);
    }
}

/* Checks and frees nothing: the caller does, with check_result_fini and history_fini. */
static inline void check_with(const struct history *history, const struct check_options *options,
                              struct check_result *result)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(check_history(history, options, result, &err), 0, "%s", err.text);
}

/* The verdict on a history as history_of takes it, of a register that begins with nil. */
static inline enum verdict verdict_of(const char *model, const char *text)
{
    struct history history;
    struct check_result result;
    history_of(&history, text);
    check_with(&history, &(struct check_options){.model = model}, &result);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    history_fini(&history);
    return verdict;
}

#define expect_valid(text)   cr_expect_eq(verdict_of("cas-register", text), VERDICT_VALID)
#define expect_invalid(text) cr_expect_eq(verdict_of("cas-register", text), VERDICT_INVALID)

#define expect_contains(text, part)                                                                \
    cr_expect(strstr(text, part) != NULL, "\"%s\" does not contain \"%s\"", text, part)

#endif
