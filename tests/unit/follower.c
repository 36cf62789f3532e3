#include "injector/follower.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/recorder.h"
#include "patience.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64], path[96];
static struct clock now;
static struct errbuf err;

static void set_up(void)
{
    strcpy(dir, "/tmp/faultline-follower-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/history.jsonl", dir);
    clock_init_real(&now);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(dir);
}

TestSuite(follower, .init = set_up, .fini = tear_down, .timeout = 60);

static struct recorder *record(void)
{
    struct recorder *recorder;
    cr_assert_eq(recorder_open(path, &recorder, &err), 0, "%s", err.text);
    return recorder;
}

static struct follower *follow(_Atomic int *stop)
{
    struct follower_config config = {.path = path,
                                     .clock = &now,
                                     .check = {.model = "cas-register"},
                                     .stop = stop,
                                     .stop_value = 7};
    struct follower *follower;
    cr_assert_eq(follower_start(&config, &follower, &err), 0, "%s", err.text);
    return follower;
}

/* A value < 0 is nil. */
static void add(struct recorder *recorder, int32_t process, enum op_type type, symbol f, int value)
{
    struct op op = {.time_ns = clock_now_ns(&now),
                    .process = process,
                    .f = f,
                    .type = (uint8_t)type,
                    .has_key = true,
                    .key = value_int(7),
                    .value = value < 0 ? value_nil() : value_int(value)};
    recorder_add(recorder, &op);
    cr_assert_eq(recorder_flush(recorder, &err), 0, "%s", err.text);
}

static void add_operation(struct recorder *recorder, symbol f, int value)
{
    add(recorder, 3, OP_INVOKE, f, f == F_READ ? -1 : value);
    add(recorder, 3, OP_OK, f, value);
}

static struct follower_status finish(struct follower *follower, struct recorder *recorder)
{
    struct follower_status status;
    follower_finish(follower, PATIENCE_NS);
    follower_get_status(follower, &status);
    follower_free(follower);
    cr_assert_eq(recorder_close(recorder, &err), 0);
    return status;
}

Test(follower, takes_everything_that_was_recorded_before_it_is_finished)
{
    struct recorder *recorder = record();
    add_operation(recorder, F_WRITE, 1);
    struct follower *follower = follow(NULL);
    for (int i = 0; i < 5000; i++)
        add_operation(recorder, F_WRITE, i);
    add_operation(recorder, F_READ, 4999);
    struct follower_status status = finish(follower, recorder);
    cr_expect_not(status.violated);
    cr_expect_str_eq(status.problem, "");
    cr_expect_eq(status.check.events, 10004);
    cr_expect_eq(status.check.waiting, 0);
    cr_expect_gt(status.check.checked_until_ns, 0);
    cr_expect_gt(status.cpu_ns, 0);
}

Test(follower, says_which_operation_violates_and_when)
{
    struct recorder *recorder = record();
    struct follower *follower = follow(NULL);
    add_operation(recorder, F_WRITE, 1);
    add_operation(recorder, F_READ, 2);
    int64_t after_ns = clock_now_ns(&now);
    add_operation(recorder, F_WRITE, 2);
    struct follower_status status = finish(follower, recorder);
    cr_expect(status.violated);
    cr_expect_eq(status.index, 2);
    cr_expect_leq(status.violation_ns, after_ns);
    cr_expect_geq(status.noticed_ns, status.violation_ns);
    cr_expect_not(status.stopped);
    cr_expect_str_eq(status.what, "read of process 3 on key 7 (operation 2)");
}

/* Waits for the follower to set it, as a run's clients do. */
static void await(const _Atomic int *stop)
{
    while (!*stop)
        sleep_ns(NS_PER_MS);
}

Test(follower, stops_a_run_at_a_violation)
{
    struct recorder *recorder = record();
    _Atomic int stop = 0;
    struct follower *follower = follow(&stop);
    add(recorder, 9, OP_INVOKE, F_WRITE, 5); /* open for ever: only looking ahead finds it */
    add_operation(recorder, F_WRITE, 1);
    add_operation(recorder, F_READ, 2);
    await(&stop);
    cr_expect_eq(stop, 7);
    struct follower_status status = finish(follower, recorder);
    cr_expect(status.violated);
    cr_expect(status.stopped);
    cr_expect_eq(status.index, 3);
}

Test(follower, leaves_a_run_alone_that_somebody_stopped_already)
{
    struct recorder *recorder = record();
    _Atomic int stop = 1;
    struct follower *follower = follow(&stop);
    add_operation(recorder, F_WRITE, 1);
    add_operation(recorder, F_READ, 2);
    struct follower_status status = finish(follower, recorder);
    cr_expect(status.violated);
    cr_expect_not(status.stopped);
    cr_expect_eq(stop, 1);
}

static void append(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

Test(follower, puts_a_line_together_that_came_in_two_pieces_and_leaves_a_cut_one)
{
    append("{\"index\":0,\"time\":1,\"process\":3,\"type\":\"inv");
    struct follower *follower = follow(NULL);
    append("oke\",\"f\":\"read\",\"value\":null}\n{\"index\":1,\"time\":2,\"pro");
    follower_finish(follower, PATIENCE_NS);
    struct follower_status status;
    follower_get_status(follower, &status);
    follower_free(follower);
    cr_expect_eq(status.check.events, 1);
    cr_expect_str_eq(status.problem, "");
}

Test(follower, says_that_it_cannot_go_on_where_the_history_is_none)
{
    append("{\"index\":0,\"process\":3,\"type\":\"invoke\",\"f\":\"read\"}\nnonsense\n");
    struct follower *follower = follow(NULL);
    follower_finish(follower, PATIENCE_NS);
    struct follower_status status;
    follower_get_status(follower, &status);
    follower_free(follower);
    cr_expect_str_eq(status.problem,
                     "the recorded history cannot be read; the check at the end decides");
    cr_expect_not(status.violated);
}

Test(follower, needs_a_file_and_a_model_of_linearizability)
{
    struct follower *follower;
    struct follower_config config = {
        .path = path, .clock = &now, .check = {.model = "cas-register"}};
    cr_expect_eq(follower_start(&config, &follower, &err), ERR_IO);
    append("");
    config.check.model = "set";
    cr_expect_eq(follower_start(&config, &follower, &err), ERR_INPUT);
}
