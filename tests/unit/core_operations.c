/* Operations: paired, grouped by key, and the history again. */
#include "core/operations.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/operations_internal.h"

#include <criterion/criterion.h>
#include <string.h>

static struct op event(int32_t process, enum op_type type, symbol f, int64_t value)
{
    return (struct op){.time_ns = -1,
                       .process = process,
                       .type = (uint8_t)type,
                       .f = f,
                       .value = value < 0 ? value_nil() : value_int(value)};
}

static struct op keyed(struct op op, int64_t key)
{
    op.has_key = true;
    op.key = value_int(key);
    return op;
}

static void append(struct operations *all, const struct op *ops, size_t count)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(all, 0), 0);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(operations_append(all, &ops[i], &err), 0, "%s", err.text);
    cr_assert_eq(operations_finish(all, &err), 0, "%s", err.text);
}

#define append_all(all, ops) append(all, ops, sizeof ops / sizeof ops[0])

Test(operations, pairs_and_groups_by_key_in_order_of_invocation)
{
    struct op ops[] = {
        keyed(event(0, OP_INVOKE, F_WRITE, 3), 7), keyed(event(1, OP_INVOKE, F_READ, -1), 8),
        keyed(event(1, OP_OK, F_READ, 4), 8),      keyed(event(1, OP_INVOKE, F_READ, -1), 7),
        keyed(event(0, OP_INFO, F_WRITE, 3), 7),   keyed(event(1, OP_FAIL, F_READ, -1), 7),
        keyed(event(2, OP_INVOKE, F_READ, -1), 7),
    };
    struct operations all;
    append_all(&all, ops);
    cr_assert_eq(all.key_count, 2);
    cr_expect_eq(all.event_count, 7);
    cr_expect_eq(all.operation_count, 4);
    cr_expect_eq(all.largest_key, 3);
    cr_expect_eq(all.keys[0].key, value_ref_int(7));
    cr_expect_eq(all.keys[0].count, 3);
    cr_expect_eq(all.keys[0].failed, 1);
    cr_expect_eq(all.keys[0].crashed, 2);
    cr_expect_eq(all.keys[1].ok, 1);
    struct operation out[3];
    operations_of_key(&all, 0, out);
    cr_expect_eq(out[0].invoke, 0);
    cr_expect_eq(out[0].complete, 4);
    cr_expect_eq(out[0].outcome, OP_INFO);
    cr_expect_eq(out[0].argument, value_ref_int(3));
    cr_expect_eq(out[1].outcome, OP_FAIL);
    cr_expect_eq(out[2].complete, POSITION_NONE);
    cr_expect_eq(out[2].outcome, OP_INFO);
    cr_expect_eq(out[2].result, VALUE_REF_NIL);
    operations_fini(&all);
}

Test(operations, finds_an_operation_by_its_invocation)
{
    struct op ops[] = {
        event(PROCESS_NEMESIS, OP_INFO, F_NONE, 1),
        event(0, OP_INVOKE, F_WRITE, 3),
        keyed(event(1, OP_INVOKE, F_READ, -1), 1),
        event(0, OP_OK, F_WRITE, 3),
    };
    struct operations all;
    struct operation found;
    uint32_t key;
    append_all(&all, ops);
    cr_assert(operations_find(&all, 2, &key, &found));
    cr_expect_eq(key, 1);
    cr_expect_eq(found.f, F_READ);
    cr_assert(operations_find(&all, 1, &key, &found));
    cr_expect_eq(key, 0);
    cr_expect_not(all.keys[0].has_key);
    cr_expect_not(operations_find(&all, 0, &key, &found));
    cr_expect_not(operations_find(&all, 3, &key, &found));
    cr_expect_not(operations_find(&all, 99 << OPERATIONS_PART_BITS, &key, &found));
    operations_fini(&all);
}

Test(operations, keeps_times_errors_and_what_no_client_did)
{
    struct op ops[] = {
        event(0, OP_INVOKE, F_WRITE, 3),
        event(PROCESS_NEMESIS, OP_INFO, F_ADD, 1),
        event(0, OP_FAIL, F_WRITE, 3),
        event(PROCESS_NONE, OP_INFO, F_NONE, -1),
    };
    ops[0].time_ns = 1000;
    ops[1].error = "no such node";
    ops[2].time_ns = 2500;
    ops[2].error = "timed out";
    struct operations all;
    append_all(&all, ops);
    cr_expect_eq(operations_time_ns(&all, 0), 1000);
    cr_expect_eq(operations_time_ns(&all, 1), -1);
    cr_expect_eq(operations_time_ns(&all, 2), 2500);
    cr_expect_null(operations_error(&all, 0));
    cr_expect_str_eq(operations_error(&all, 1), "no such node");
    cr_expect_str_eq(operations_error(&all, 2), "timed out");
    cr_assert_eq(all.other_count, 2);
    cr_expect_eq(all.others[0].at, 1);
    cr_expect_eq(all.others[0].op.index, 1);
    cr_expect_eq(all.others[0].op.process, PROCESS_NEMESIS);
    cr_expect_str_eq(all.others[0].op.error, "no such node");
    cr_expect_eq(all.others[1].op.index, 3);
    operations_fini(&all);
}

Test(operations, an_empty_history_is_one)
{
    struct operations all;
    append(&all, NULL, 0);
    cr_expect_eq(all.key_count, 0);
    cr_expect_eq(all.event_count, 0);
    operations_fini(&all);
}

static void expect_misstep(const struct op *ops, size_t count, const char *expected)
{
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(&all, 0), 0);
    for (size_t i = 0; i + 1 < count; i++)
        cr_assert_eq(operations_append(&all, &ops[i], &err), 0, "%s", err.text);
    cr_expect_eq(operations_append(&all, &ops[count - 1], &err), ERR_INPUT);
    cr_expect_str_eq(err.text, expected);
    operations_fini(&all);
}

Test(operations, says_at_once_which_event_cannot_follow_which)
{
    struct op ops[] = {event(3, OP_INVOKE, F_READ, -1), event(3, OP_INVOKE, F_WRITE, 1)};
    expect_misstep(ops, 2,
                   "event 1: process 3 invokes write while its invocation at event 0 is still "
                   "open; a process does one operation at a time");
    ops[1] = event(3, OP_OK, F_WRITE, 1);
    expect_misstep(ops, 2, "event 1: process 3 completes write, but it invoked read at event 0");
    ops[1] = keyed(event(3, OP_OK, F_READ, 1), 5);
    expect_misstep(ops, 2,
                   "event 1: process 3 completes read of key 5, but it invoked that of no key at "
                   "event 0");
    ops[0] = keyed(ops[0], 7);
    expect_misstep(ops, 2,
                   "event 1: process 3 completes read of key 5, but it invoked that of key 7 at "
                   "event 0");
    ops[0] = event(3, OP_FAIL, F_READ, -1);
    expect_misstep(ops, 1, "event 0: process 3 completes read (fail), but has no open invocation");
    struct op crashed[] = {event(3, OP_INVOKE, F_READ, -1), event(3, OP_INFO, F_READ, -1),
                           event(3, OP_INVOKE, F_WRITE, 1)};
    expect_misstep(crashed, 3,
                   "event 2: process 3 invokes write, but it crashed (info) at event 1; a crashed "
                   "process must go on under a new number");
}

Test(operations, an_object_of_many_blocks_comes_back_whole)
{
    enum { COUNT = 5 * BLOCK_MAX / 2 };
    static struct op ops[2 * COUNT];
    static struct operation out[COUNT];
    struct operations all;
    for (int i = 0; i < 2 * COUNT; i++)
        ops[i] = event(0, i % 2 ? OP_OK : OP_INVOKE, F_WRITE, i / 2);
    append_all(&all, ops);
    cr_assert_eq(all.keys[0].count, COUNT);
    operations_of_key(&all, 0, out);
    for (uint32_t i = 0; i < COUNT; i++)
        cr_assert_eq(out[i].argument, value_ref_int((int32_t)i));
    uint32_t blocks = 0, operations = 0;
    for (const struct operations_block *block = all.keys[0].lists[0]; block; block = block->next) {
        operations += block->count;
        blocks++;
    }
    cr_expect_eq(operations, COUNT);
    cr_expect_gt(blocks, 2);
    operations_fini(&all);
}

Test(operations, a_part_takes_as_many_events_as_it_may_hold_and_not_one_more)
{
    enum { EVENTS = 6 };
    struct operations all;
    struct operations_writer *writer;
    struct errbuf err = ERRBUF_INIT;
    struct operation_event events[EVENTS + 1];
    for (uint32_t i = 0; i <= EVENTS; i++)
        events[i] = (struct operation_event){
            .process = (int32_t)i / 2, .f = F_WRITE, .type = i % 2 ? OP_OK : OP_INVOKE};
    cr_assert_eq(operations_init(&all, 0), 0);
    operations_set_part_events(&all, EVENTS);
    cr_assert_eq(operations_open_writer(&all, &writer, &err), 0);
    cr_assert_eq(operations_begin_part(writer, 0, &err), 0);
    cr_expect_eq(operations_add_all(writer, events, EVENTS, &err), 0, "%s", err.text);
    cr_expect_eq(operations_add(writer, &events[EVENTS], &err), ERR_INPUT);
    cr_expect_str_eq(err.text, "more than 6 events in one part of the text");
    cr_assert_eq(operations_finish(&all, &err), 0, "%s", err.text);
    cr_expect_eq(all.event_count, EVENTS);
    operations_fini(&all);
}

Test(operations, ends_at_its_cap_of_bytes)
{
    enum { CAP = 1 << 20 };
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(&all, CAP), 0);
    int rc = 0;
    for (int i = 0; rc == 0; i++) {
        struct op op = keyed(event(0, i % 2 ? OP_OK : OP_INVOKE, F_WRITE, 5), i / 20);
        rc = operations_append(&all, &op, &err);
        cr_assert_leq(operations_bytes(&all), CAP);
    }
    cr_expect_eq(rc, ERR_NOMEM);
    operations_fini(&all);
    cr_expect_eq(operations_init(&all, 10), ERR_NOMEM);
}

Test(operations, gives_every_byte_back_that_only_filling_needed)
{
    enum { KEYS = 1000, EVENTS = 200000 };
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(&all, 0), 0);
    for (int i = 0; i < EVENTS; i++) {
        struct op op = keyed(event(0, i % 2 ? OP_OK : OP_INVOKE, F_WRITE, 5), i / 2 % KEYS);
        op.time_ns = i * 500;
        cr_assert_eq(operations_append(&all, &op, &err), 0);
    }
    cr_assert_eq(operations_finish(&all, &err), 0);
    /* 24 an operation and 2 x 2 of times; the rest is blocks half full and the last arena block. */
    cr_expect_leq(operations_bytes(&all), (size_t)EVENTS / 2 * 40 + (1 << 22));
    operations_fini(&all);
}
