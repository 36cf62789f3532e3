/* Histories for the checker's tests, written as EDN: easy to read beside what is expected. */
#ifndef TESTS_CHECKER_SUPPORT_H
#define TESTS_CHECKER_SUPPORT_H

#include "checker/check.h"
#include "checker/model_choice.h"
#include "core/edn.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/operations_from.h"
#include "formats/reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void append_line(struct history *history, int64_t time, const char *process,
                               const char *type, const char *f, const char *edn)
{
    struct edn_cursor cursor = {.at = edn, .end = edn + strlen(edn)};
    struct value value;
    cr_assert(edn_read_value(&cursor, &history->arena, &value), "%s", edn);
    struct op op = {.time_ns = time * 1000000000,
                    .process = process[0] == ':' ? PROCESS_NEMESIS : atoi(process),
                    .f = symbol_intern(f, strlen(f)),
                    .type = (uint8_t)op_type_parse(type, strlen(type)),
                    .value = value};
    cr_assert_eq(history_append(history, &op, NULL), 0);
}

/* "P TYPE F VALUE" a line, VALUE in EDN: "0 ok cas [1 2]". A moment passes with every line, a
 * second long. */
static inline void history_of(struct history *history, const char *text)
{
    history_init(history);
    for (int64_t time = 0; *text; time++) {
        char process[16], type[16], f[24];
        int used = 0;
        size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        text += length + (text[length] != '\0');
        if (sscanf(line, "%15s %15s %23s %n", process, type, f, &used) >= 3)
            append_line(history, time, process, type, f, line[used] ? line + used : "nil");
        free(line);
    }
}

/* The operations of the last check_with: what its result borrows from. */
static struct operations checked;

static inline int try_check(const struct history *history, const struct check_options *options,
                            struct check_result *result, struct errbuf *err)
{
    operations_fini(&checked);
    int rc = operations_from_history(&checked, history, 0, err);
    return rc != 0 ? rc : check_history(&checked, options, result, err);
}

/* Checks and frees nothing: the caller does, with check_result_fini and history_fini. */
static inline void check_with(const struct history *history, const struct check_options *options,
                              struct check_result *result)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(try_check(history, options, result, &err), 0, "%s", err.text);
}

/* Checks a file as the command does. As check_with, and fills options->semantics, but for the
 * user's model. */
static inline void check_path(const char *path, struct check_options *options,
                              struct check_result *result)
{
    struct errbuf err = ERRBUF_INIT;
    struct reader_options how = {.refuses_pairs =
                                     options->model && model_has_single_values(options->model)};
    const struct user_model *user = options->semantics.user;
    operations_fini(&checked);
    int rc = reader_load(path, NULL, how, &checked, &options->semantics, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    options->semantics.user = user;
    cr_assert_eq(check_history(&checked, options, result, &err), 0, "%s", err.text);
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
