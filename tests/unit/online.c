#include "checker/online.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <string.h>

static struct online *open_with(struct online_options options)
{
    struct online *online;
    struct errbuf err;
    cr_assert_eq(online_open(&options, &online, &err), 0, "%s", err.text);
    return online;
}

static struct online *open_register(void)
{
    return open_with((struct online_options){.model = "cas-register"});
}

/* An event on a key at a second that is its index; a value < 0 is nil. */
static bool tell(struct online *online, int64_t index, int32_t process, enum op_type type, symbol f,
                 int64_t key, int64_t value)
{
    struct op event = {.index = index,
                       .time_ns = index * 1000000000,
                       .process = process,
                       .f = f,
                       .type = (uint8_t)type,
                       .has_key = true,
                       .key = value_int(key),
                       .value = value < 0 ? value_nil() : value_int(value)};
    return online_take(online, &event);
}

/* Two keys: 1 was written on key 7, and a later read of it says nil. */
static void tell_stale_read(struct online *online)
{
    cr_assert_not(tell(online, 0, 0, OP_INVOKE, F_WRITE, 7, 1));
    cr_assert_not(tell(online, 1, 1, OP_INVOKE, F_WRITE, 8, 2));
    cr_assert_not(tell(online, 2, 0, OP_OK, F_WRITE, 7, 1));
    cr_assert_not(tell(online, 3, 0, OP_INVOKE, F_READ, 7, -1));
}

Test(online, finds_a_stale_read_at_its_completion)
{
    struct online *online = open_register();
    tell_stale_read(online);
    cr_assert(tell(online, 4, 0, OP_OK, F_READ, 7, -1));
    const struct online_violation *found = online_violation(online);
    cr_assert_not_null(found);
    cr_expect(found->has_key && found->key.integer == 7);
    cr_expect_eq(found->index, 3);
    cr_expect_eq(found->process, 0);
    cr_expect_eq(found->f, F_READ);
    cr_expect_eq(found->time_ns, INT64_C(4000000000));
    online_close(online);
}

Test(online, finds_a_violation_behind_an_open_operation_only_by_looking)
{
    struct online *online = open_register();
    cr_assert_not(tell(online, 0, 5, OP_INVOKE, F_WRITE, 7, 9));
    cr_assert_not(tell(online, 1, 0, OP_INVOKE, F_WRITE, 7, 1));
    cr_assert_not(tell(online, 2, 0, OP_OK, F_WRITE, 7, 1));
    cr_assert_not(tell(online, 3, 0, OP_INVOKE, F_READ, 7, -1));
    cr_assert_not(tell(online, 4, 0, OP_OK, F_READ, 7, 3));
    cr_assert_eq(online_status(online).waiting, 5);
    cr_assert(online_look(online));
    cr_assert_eq(online_violation(online)->time_ns, INT64_C(4000000000));
    online_close(online);
}

Test(online, lets_an_open_write_explain_a_read_until_it_fails)
{
    struct online *online = open_register();
    cr_assert_not(tell(online, 0, 5, OP_INVOKE, F_WRITE, 7, 3));
    cr_assert_not(tell(online, 1, 0, OP_INVOKE, F_READ, 7, -1));
    cr_assert_not(tell(online, 2, 0, OP_OK, F_READ, 7, 3));
    cr_assert_not(online_look(online));
    cr_assert_eq(online_status(online).checked_until_ns, INT64_C(2000000000));
    cr_assert(tell(online, 3, 5, OP_FAIL, F_WRITE, 7, 3));
    online_close(online);
}

Test(online, keeps_what_it_found_and_takes_nothing_more)
{
    struct online *online = open_register();
    tell_stale_read(online);
    cr_assert(tell(online, 4, 0, OP_OK, F_READ, 7, -1));
    uint64_t events = online_status(online).events;
    cr_assert(tell(online, 5, 0, OP_INVOKE, F_READ, 7, -1));
    cr_assert(online_look(online));
    cr_assert_eq(online_status(online).events, events);
    cr_assert_eq(online_violation(online)->index, 3);
    online_close(online);
}

Test(online, passes_over_the_nemesis_and_completions_of_nothing)
{
    struct online *online = open_register();
    cr_assert_not(tell(online, 0, PROCESS_NEMESIS, OP_INFO, F_READ, 7, 1));
    cr_assert_not(tell(online, 1, 4, OP_OK, F_READ, 7, 1));
    cr_assert_not(online_look(online));
    struct online_status status = online_status(online);
    cr_expect_eq(status.events, 1);
    cr_expect_eq(status.keys, 0);
    online_close(online);
}

Test(online, counts_what_the_model_does_not_know_and_goes_on)
{
    struct online *online = open_register();
    tell(online, 0, 0, OP_INVOKE, F_ENQUEUE, 7, 1);
    cr_assert_not(tell(online, 1, 0, OP_OK, F_ENQUEUE, 7, 1));
    cr_expect_eq(online_status(online).unreadable, 1);
    tell(online, 2, 0, OP_INVOKE, F_READ, 7, -1);
    cr_assert(tell(online, 3, 0, OP_OK, F_READ, 7, 4));
    online_close(online);
}

Test(online, only_suspects_where_the_width_is_too_small)
{
    struct online *online =
        open_with((struct online_options){.model = "cas-register", .width_max = 1});
    for (int32_t process = 0; process < 3; process++)
        tell(online, process, process, OP_INVOKE, F_WRITE, 7, process);
    for (int32_t process = 0; process < 3; process++)
        tell(online, 3 + process, process, OP_OK, F_WRITE, 7, process);
    int64_t index = 6;
    for (int round = 0; round < 3; round++, index += 2) {
        tell(online, index, 0, OP_INVOKE, F_READ, 7, -1);
        cr_assert_not(tell(online, index + 1, 0, OP_OK, F_READ, 7, 0));
    }
    cr_assert_not(online_look(online));
    cr_assert_null(online_violation(online));
    online_close(online);
}

/* Three enqueues at the same time, then a dequeue of one of them; another key does well. */
static struct online_status dequeue_first(int64_t value)
{
    struct online *online =
        open_with((struct online_options){.model = "fifo-queue", .width_max = 1});
    int64_t index = 0;
    for (int32_t process = 0; process < 3; process++)
        tell(online, index++, process, OP_INVOKE, F_ENQUEUE, 7, process);
    for (int32_t process = 0; process < 3; process++)
        tell(online, index++, process, OP_OK, F_ENQUEUE, 7, process);
    tell(online, index++, 0, OP_INVOKE, F_DEQUEUE, 7, -1);
    cr_assert_not(tell(online, index++, 0, OP_OK, F_DEQUEUE, 7, value));
    tell(online, index++, 0, OP_INVOKE, F_ENQUEUE, 8, 1);
    cr_assert_not(tell(online, index, 0, OP_OK, F_ENQUEUE, 8, 1));
    cr_assert_not(online_look(online));
    struct online_status status = online_status(online);
    cr_expect_eq(status.keys, 2);
    cr_expect_eq(status.checked_until_ns, status.keys_ended ? -1 : index * 1000000000);
    online_close(online);
    return status;
}

Test(online, ends_a_key_that_it_lost_track_of_and_no_longer_says_how_far_it_is)
{
    uint32_t lost = 0;
    for (int64_t value = 0; value < 3; value++)
        lost += dequeue_first(value).keys_ended;
    cr_expect(lost > 0 && lost < 3, "%u of 3", lost);
}

Test(online, ends_keys_without_memory_and_no_longer_says_how_far_it_is)
{
    struct online *online = open_with(
        (struct online_options){.model = "cas-register", .memory_limit_bytes = 128 * 1024});
    int64_t index = 0;
    for (int64_t key = 0; key < 1000; key++, index += 2) {
        tell(online, index, 0, OP_INVOKE, F_WRITE, key, 1);
        cr_assert_not(tell(online, index + 1, 0, OP_OK, F_WRITE, key, 1));
    }
    online_look(online);
    struct online_status status = online_status(online);
    cr_expect_eq(status.checked_until_ns, -1);
    cr_expect_gt(status.keys, 0);
    cr_expect_eq(status.keys_ended, status.keys);
    cr_expect_leq(status.bytes, (size_t)128 * 1024);
    online_close(online);
}

Test(online, knows_models_of_linearizability_but_not_checkers)
{
    cr_expect(online_knows("register"));
    cr_expect(online_knows("fifo-queue"));
    cr_expect_not(online_knows("set"));
    cr_expect_not(online_knows("bank"));
    cr_expect_not(online_knows("no such model"));
    struct online *online;
    struct errbuf err;
    struct online_options options = {.model = "set"};
    cr_assert_eq(online_open(&options, &online, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, "the model set is judged at the end of a history");
}
