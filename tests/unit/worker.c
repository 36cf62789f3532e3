#include <criterion/criterion.h>

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/worker.h"

#include <string.h>

/* A client that counts, and does what the test sets. */
static int opened, closed, invoked;
static int refusals; /* of the next opens */
static enum op_type answer = OP_OK;
static bool ask_reopen;
static struct client the_client;

static int counting_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    (void)env;
    if (refusals > 0) {
        refusals--;
        return errbuf_set(err, ERR_IO, "connection refused");
    }
    opened++;
    *out = &the_client;
    return 0;
}

static void counting_invoke(struct client *client, const struct op *invocation,
                            struct op *completion, bool *reopen, struct arena *arena)
{
    (void)client;
    (void)invocation;
    (void)arena;
    invoked++;
    completion->type = (uint8_t)answer;
    completion->error = answer == OP_OK ? NULL : "because";
    *reopen = ask_reopen;
}

static void counting_close(struct client *client)
{
    (void)client;
    closed++;
}

static const struct client_type counting_type = {
    .name = "counting", .open = counting_open, .invoke = counting_invoke, .close = counting_close};

static struct worker worker;
static struct arena arena;

static void set_up(void)
{
    the_client.type = &counting_type;
    worker_init(&worker, &counting_type, &(struct client_env){0});
}

TestSuite(worker, .init = set_up);

static struct op perform(void)
{
    struct op invocation = {.process = 1, .f = F_READ, .type = OP_INVOKE};
    struct op completion;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(worker_perform(&worker, &invocation, &completion, &arena, &err), 0, "%s",
                 err.text);
    return completion;
}

Test(worker, opens_its_client_before_the_first_operation_and_keeps_it)
{
    cr_assert_eq(opened, 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(perform().type, OP_OK);
    answer = OP_FAIL;
    cr_assert_eq(perform().type, OP_FAIL);
    cr_assert_eq(opened, 1);
    cr_assert_eq(invoked, 4);
    worker_fini(&worker);
    cr_assert_eq(closed, 1);
    worker_fini(&worker);
    cr_assert_eq(closed, 1);
}

Test(worker, opens_again_after_an_info)
{
    answer = OP_INFO;
    perform();
    cr_assert_eq(opened, 1);
    answer = OP_OK;
    perform();
    cr_assert_eq(opened, 2);
    cr_assert_eq(closed, 1);
    perform();
    cr_assert_eq(opened, 2);
}

Test(worker, opens_again_when_the_client_asks_for_it)
{
    ask_reopen = true;
    perform();
    perform();
    cr_assert_eq(opened, 2);
    cr_assert_eq(closed, 1);
}

Test(worker, an_unreachable_node_is_a_definite_fail_that_says_why)
{
    refusals = 1;
    struct op completion = perform();
    cr_assert_eq(completion.type, OP_FAIL);
    cr_assert_str_eq(completion.error, "no connection: connection refused");
    cr_assert_eq(invoked, 0);
    cr_assert_eq(perform().type, OP_OK);
}

Test(worker, stays_away_longer_each_time_and_forgets_it_once_the_node_is_back)
{
    int64_t last_ns = 0;
    cr_assert_eq(worker_backoff_ns(&worker), 0);
    refusals = 50;
    for (int i = 0; i < 50; i++) {
        perform();
        int64_t backoff_ns = worker_backoff_ns(&worker);
        cr_assert(backoff_ns > last_ns || backoff_ns == 100 * NS_PER_MS, "%d", i);
        cr_assert_leq(backoff_ns, 100 * NS_PER_MS);
        last_ns = backoff_ns;
    }
    cr_assert_eq(last_ns, 100 * NS_PER_MS);
    perform();
    cr_assert_eq(worker_backoff_ns(&worker), 0);
    refusals = 1;
    ask_reopen = true;
    perform();
    perform();
    cr_assert_eq(worker_backoff_ns(&worker), 1 * NS_PER_MS);
}
