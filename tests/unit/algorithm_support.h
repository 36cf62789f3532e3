/* One algorithm asked about one object, written as in checker_support.h. */
#ifndef TESTS_ALGORITHM_SUPPORT_H
#define TESTS_ALGORITHM_SUPPORT_H

#include "checker/algorithm.h"
#include "checker/model.h"
#include "unit/checker_support.h"

#include <stdlib.h>

struct asked {
    const struct algorithm *algorithm;
    const char *model;
    struct history_semantics semantics;
    size_t bytes_max; /* 0 = none */
    int64_t deadline_ns;
};

struct answered {
    enum algorithm_end end;
    const char *reason;
    uint32_t witness[16], witness_count, failing;
    uint32_t order[16], order_count;
    char error[sizeof(struct errbuf)]; /* "" if there was none */
};

static inline void keep_answer(const struct algorithm_result *result, struct answered *out)
{
    out->end = result->end;
    out->reason = result->reason ? result->reason : "";
    out->failing = result->failing;
    out->witness_count = result->witness_count;
    out->order_count = result->order_count;
    cr_assert(result->witness_count <= 16 && result->order_count <= 16);
    for (uint32_t i = 0; i < result->witness_count; i++)
        out->witness[i] = result->witness[i];
    for (uint32_t i = 0; i < result->order_count; i++)
        out->order[i] = result->order[i];
}

static inline struct answered ask(const struct asked *asked, const char *text)
{
    struct history history;
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    struct budget budget;
    const struct model model = {.name = asked->model};
    struct operation ops[16];
    struct answered out = {.reason = ""};
    struct algorithm_result result = {0};
    history_of(&history, text);
    cr_assert_eq(operations_from_history(&all, &history, 0, &err), 0, "%s", err.text);
    cr_assert(all.key_count <= 1 && all.operation_count <= 16);
    if (all.key_count > 0)
        operations_of_key(&all, 0, ops);
    struct object object = {
        .all = &all, .values = all.values, .ops = ops, .count = all.operation_count};
    budget_init(&budget, 0, asked->bytes_max);
    if (asked->deadline_ns > 0)
        budget_set_deadline(&budget, asked->deadline_ns);
    struct algorithm_input input = {.object = &object,
                                    .model = &model,
                                    .semantics = &asked->semantics,
                                    .budget = &budget,
                                    .want_order = true};
    if (asked->algorithm->run(&input, &result, &err) != 0)
        snprintf(out.error, sizeof out.error, "%s", err.text);
    keep_answer(&result, &out);
    algorithm_result_fini(&result, &budget);
    cr_expect_eq(budget.bytes_used, 0);
    operations_fini(&all);
    history_fini(&history);
    return out;
}

/* Numbers as the text has them: "0 2 3". */
static inline bool are_these(const uint32_t *items, uint32_t count, const char *numbers)
{
    uint32_t i = 0;
    for (char *end; *numbers; numbers = end + strspn(end, " "), i++)
        if (i >= count || strtoul(numbers, &end, 10) != items[i])
            return false;
    return i == count;
}

/* The indexes of operations, from 0 in order of invocation. */
#define expect_order(asked, text, numbers)                                                         \
    do {                                                                                           \
        struct answered got = ask(asked, text);                                                    \
        cr_expect_eq(got.end, ALGORITHM_ACCEPTED, "%s%s", got.reason, got.error);                  \
        cr_expect(are_these(got.order, got.order_count, numbers));                                 \
    } while (0)

#define expect_rejected(asked, text, numbers, why)                                                 \
    do {                                                                                           \
        struct answered got = ask(asked, text);                                                    \
        cr_expect_eq(got.end, ALGORITHM_REJECTED, "%s%s", got.reason, got.error);                  \
        cr_expect(are_these(got.witness, got.witness_count, numbers), "%u: %s", got.witness_count, \
                  got.reason);                                                                     \
        cr_expect_str_eq(got.reason, why);                                                         \
    } while (0)

#define expect_not_for_this(asked, text, why)                                                      \
    do {                                                                                           \
        struct answered got = ask(asked, text);                                                    \
        cr_expect_eq(got.end, ALGORITHM_NOT_FOR_THIS, "%s%s", got.reason, got.error);              \
        cr_expect_str_eq(got.reason, why);                                                         \
    } while (0)

/* With every cap on memory it says so, or the same as without; and with no time, that. */
static inline void expect_holds_budget(struct asked asked, const char *text)
{
    enum algorithm_end end = ask(&asked, text).end;
    bool enough = false;
    for (asked.bytes_max = 1; !enough; asked.bytes_max++) {
        enum algorithm_end got = ask(&asked, text).end;
        enough = got == end;
        cr_assert(enough || got == ALGORITHM_OUT_OF_MEMORY);
    }
    cr_expect_gt(asked.bytes_max, 8);
    asked.bytes_max = 0;
    asked.deadline_ns = 1;
    cr_expect_eq(ask(&asked, text).end, ALGORITHM_OUT_OF_TIME);
}

#endif
