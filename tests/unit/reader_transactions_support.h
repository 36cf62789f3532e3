/* What a reader of transactions without times makes of a text, or says is wrong with it. */
#ifndef TESTS_READER_TRANSACTIONS_SUPPORT_H
#define TESTS_READER_TRANSACTIONS_SUPPORT_H

#include "unit/reader_support.h"

#include "core/strbuf.h"

#include <criterion/criterion.h>

static inline void put_events(struct strbuf *out, const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        cr_expect(op->f == F_TXN && op->time_ns == -1 && !op->has_key);
        strbuf_printf(out, "%d %s ", op->process, op_type_name(op->type));
        value_write_text(out, op->value);
        strbuf_putc(out, '\n');
    }
    if (history->truncated)
        strbuf_puts(out, "truncated\n");
}

/* Every transaction as its completion, "process type value", or its invocation if it has none. */
static inline void put_transactions(struct strbuf *out, const struct history *history)
{
    struct history kept = {.truncated = history->truncated};
    kept.ops = malloc((history->count + 1) * sizeof *kept.ops);
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i], *next = op + 1;
        bool is_answered = i + 1 < history->count && next->type != OP_INVOKE;
        if (op->type == OP_INVOKE && is_answered)
            cr_expect(op->process == next->process && value_equal(op->value, next->value));
        else
            kept.ops[kept.count++] = *op;
    }
    put_events(out, &kept);
    free(kept.ops);
}

static inline void expect_from(const struct reader *reader, const char *text, size_t length,
                               const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct strbuf found = STRBUF_INIT;
    struct reader_options options = {.threads = 1};
    cr_assert_eq(read_bytes(reader, text, length, options, &history, &err), 0, "%s", err.text);
    put_transactions(&found, &history);
    cr_expect_str_eq(found.text ? found.text : "", expected);
    strbuf_fini(&found);
    history_fini(&history);
}

static inline void expect_error_from(const struct reader *reader, const char *text, size_t length,
                                     const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct reader_options options = {.threads = 1};
    cr_expect_eq(read_bytes(reader, text, length, options, &history, &err), ERR_INPUT,
                 "accepted: %s", expected);
    cr_expect_str_eq(err.text, expected);
    history_fini(&history);
}

static inline void expect(const struct reader *reader, const char *text, const char *expected)
{
    cr_expect_eq(reader_sniff(text, strlen(text)), reader, "%s", text);
    expect_from(reader, text, strlen(text), expected);
}

static inline void expect_error(const struct reader *reader, const char *text, const char *expected)
{
    expect_error_from(reader, text, strlen(text), expected);
}

#endif
