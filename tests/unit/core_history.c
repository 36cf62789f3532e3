#include "core/history.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct history history;

static void set_up(void)
{
    history_init(&history);
}

static void append(int32_t process, enum op_type type, symbol f)
{
    struct op op = {.process = process, .type = (uint8_t)type, .f = f, .time_ns = -1};
    cr_assert_eq(history_append(&history, &op, NULL), 0);
}

Test(history, append_copies_deeply_and_numbers_the_events, .init = set_up)
{
    char text[] = "value", key[] = "key", error[] = "error";
    struct value items[1] = {value_string(text)};
    for (int i = 0; i < 1000; i++) {
        struct op op = {.index = 77,
                        .time_ns = i,
                        .process = i,
                        .f = F_WRITE,
                        .has_key = true,
                        .key = value_string(key),
                        .value = value_items(VALUE_LIST, items, 1),
                        .error = i % 2 ? error : NULL};
        cr_assert_eq(history_append(&history, &op, NULL), 0);
    }
    memset(text, 'X', 5);
    memset(key, 'X', 3);
    memset(error, 'X', 5);
    cr_assert_eq(history.count, 1000);
    for (size_t i = 0; i < history.count; i++) {
        const struct op *op = &history.ops[i];
        cr_assert_eq(op->index, (int64_t)i);
        cr_assert_eq(op->time_ns, (int64_t)i);
        cr_assert_str_eq(op->key.text, "key");
        cr_assert_str_eq(op->value.items[0].text, "value");
        if (i % 2)
            cr_assert_str_eq(op->error, "error");
        else
            cr_assert_null(op->error);
    }
    history_fini(&history);
    cr_assert_eq(history.count, 0);
}

Test(history, without_memory_append_leaves_it_as_it_was, .init = set_up)
{
    static char large[5000];
    memset(large, 'x', sizeof large - 1);
    history.arena.bytes_max = 4096;
    struct op op = {.value = value_string("fits"), .error = "fits"};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(history_append(&history, &op, &err), 0);
    op.error = large;
    cr_assert_eq(history_append(&history, &op, &err), ERR_NOMEM);
    cr_assert_not_null(strstr(err.text, "event 1"), "%s", err.text);
    op = (struct op){.value = value_string(large)};
    cr_assert_eq(history_append(&history, &op, &err), ERR_NOMEM);
    cr_assert_eq(history.count, 1);
    cr_assert_str_eq(history.ops[0].value.text, "fits");
    history_fini(&history);
}

Test(history, its_sink_appends, .init = set_up)
{
    struct op_sink sink = history_sink(&history);
    struct op op = {.f = F_READ, .process = 4};
    cr_assert_eq(sink.take(sink.context, &op, NULL), 0);
    cr_assert_eq(history.count, 1);
    cr_assert_eq(history.ops[0].process, 4);
    history_fini(&history);
}

/* --- pairing --- */

Test(history, invocations_and_completions_of_a_process_pair_in_order, .init = set_up)
{
    append(1, OP_INVOKE, F_READ);            /* 0 */
    append(2, OP_INVOKE, F_WRITE);           /* 1 */
    append(PROCESS_NEMESIS, OP_INFO, F_TXN); /* 2 */
    append(2, OP_OK, F_WRITE);               /* 3 */
    append(PROCESS_NEMESIS, OP_INFO, F_TXN); /* 4 */
    append(2, OP_INVOKE, F_CAS);             /* 5 */
    append(1, OP_FAIL, F_READ);              /* 6 */
    append(2, OP_INFO, F_CAS);               /* 7 */
    append(1, OP_INVOKE, F_READ);            /* 8: never answered */
    append(INT32_MAX, OP_INVOKE, F_READ);    /* 9 */
    append(0, OP_INVOKE, F_READ);            /* 10 */
    append(INT32_MAX, OP_OK, F_READ);        /* 11 */
    append(PROCESS_NONE, OP_OK, F_READ);     /* 12: no client's */
    static const uint32_t expected[] = {6,
                                        3,
                                        HISTORY_UNPAIRED,
                                        1,
                                        HISTORY_UNPAIRED,
                                        7,
                                        0,
                                        5,
                                        HISTORY_UNPAIRED,
                                        11,
                                        HISTORY_UNPAIRED,
                                        9,
                                        HISTORY_UNPAIRED};
    uint32_t *partner = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(history_pair(&history, &partner, &err), 0, "%s", err.text);
    cr_assert_eq(history.count, sizeof expected / sizeof expected[0]);
    cr_assert_arr_eq(partner, expected, sizeof expected);
    free(partner);
    history_fini(&history);
}

Test(history, an_empty_history_pairs, .init = set_up)
{
    uint32_t *partner = NULL;
    cr_assert_eq(history_pair(&history, &partner, NULL), 0);
    cr_assert_not_null(partner);
    free(partner);
}

Test(history, many_processes_pair, .init = set_up)
{
    enum { PROCESSES = 5000 };
    for (int i = 0; i < PROCESSES; i++)
        append(i * 64, OP_INVOKE, F_READ);
    for (int i = PROCESSES - 1; i >= 0; i--)
        append(i * 64, OP_OK, F_READ);
    uint32_t *partner;
    cr_assert_eq(history_pair(&history, &partner, NULL), 0);
    for (uint32_t i = 0; i < 2 * PROCESSES; i++)
        cr_assert_eq(partner[i], 2 * PROCESSES - 1 - i);
    free(partner);
    history_fini(&history);
}

/* Pairing fails, names both events, and leaves *partner alone. */
static void assert_does_not_pair(const char *first, const char *second)
{
    uint32_t untouched, *partner = &untouched;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(history_pair(&history, &partner, &err), ERR_INPUT);
    cr_assert_eq(partner, &untouched);
    cr_assert_not_null(strstr(err.text, first), "%s", err.text);
    cr_assert_not_null(strstr(err.text, second), "%s", err.text);
    history_fini(&history);
}

Test(history, a_process_does_one_thing_at_a_time, .init = set_up)
{
    append(0, OP_INVOKE, F_READ);
    append(7, OP_INVOKE, F_WRITE);
    append(7, OP_INVOKE, F_READ);
    assert_does_not_pair("event 2: process 7 invokes read", "event 1");
}

Test(history, a_crashed_process_does_not_invoke_again, .init = set_up)
{
    append(7, OP_INVOKE, F_WRITE);
    append(7, OP_INFO, F_WRITE);
    append(7, OP_INVOKE, F_READ);
    assert_does_not_pair("event 2: process 7 invokes read", "crashed (info) at event 1");
}

Test(history, a_crashed_process_does_not_complete_again, .init = set_up)
{
    append(7, OP_INVOKE, F_WRITE);
    append(7, OP_INFO, F_WRITE);
    append(7, OP_OK, F_WRITE);
    assert_does_not_pair("event 2: process 7 completes write (ok)", "no open invocation");
}

Test(history, nobody_completes_what_was_never_invoked, .init = set_up)
{
    append(1, OP_INVOKE, F_WRITE);
    append(7, OP_FAIL, F_READ);
    assert_does_not_pair("event 1: process 7 completes read (fail)", "no open invocation");
}

Test(history, nobody_completes_the_same_thing_twice, .init = set_up)
{
    append(7, OP_INVOKE, F_WRITE);
    append(7, OP_OK, F_WRITE);
    append(7, OP_OK, F_WRITE);
    assert_does_not_pair("event 2: process 7 completes write (ok)", "no open invocation");
}

Test(history, what_is_completed_is_what_was_invoked, .init = set_up)
{
    append(7, OP_INVOKE, F_WRITE);
    append(7, OP_OK, F_READ);
    assert_does_not_pair("event 1: process 7 completes read", "invoked write at event 0");
}
