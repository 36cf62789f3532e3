/* What must be so of every generated history, of whatever model: from options that ask for 10 %
 * failures and 5 % crashes. */
#ifndef TESTS_GENERATED_SUPPORT_H
#define TESTS_GENERATED_SUPPORT_H

#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Its lines; the history is freed. */
static inline char *take_text(struct history *history)
{
    struct strbuf text = STRBUF_INIT;
    for (size_t i = 0; i < history->count; i++)
        history_jsonl_write(&text, &history->ops[i]);
    history_fini(history);
    cr_assert(strbuf_ok(&text));
    return text.text;
}

/* Frees the texts. */
static inline void expect_same_and_another(char *first, char *again, char *other)
{
    cr_expect_str_eq(first, again);
    cr_expect_str_neq(first, other);
    free(first);
    free(again);
    free(other);
}

static inline void expect_turns(const struct history *history)
{
    struct errbuf err = ERRBUF_INIT;
    uint32_t *partner;
    cr_assert_eq(history_pair(history, &partner, &err), 0, "%s", err.text);
    free(partner);
}

static inline void expect_20000_operations(const struct history *history)
{
    uint64_t invoked = 0, failed = 0, answered = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        invoked += op->type == OP_INVOKE;
        failed += op->type == OP_FAIL;
        answered += op->type == OP_FAIL || op->type == OP_OK;
        cr_assert(i == 0 || op->time_ns > history->ops[i - 1].time_ns);
    }
    cr_expect_eq(invoked, 20000);
    cr_expect(failed > 1600 && failed < 2400, "%d failures", (int)failed);
    cr_expect(invoked - answered > 800 && invoked - answered < 1200, "%d crashes",
              (int)(invoked - answered));
}

#endif
