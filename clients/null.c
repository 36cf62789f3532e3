/* A client that talks to nobody, as a skeleton for others. It is useful as it is, to test faultline
 * itself: it acknowledges everything at once and keeps nothing, so that what is left is the cost of
 * scheduling and recording, and a checker that is shown writes it acknowledged must find them lost.
 *
 * To make a client of it: rename, put it into clients/table.h and .c, and fill in the parts. A
 * client performs an operation once; whatever library it uses, forbid it to retry. */
#include "clients/table.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

/* Begins with struct client. Belongs to one worker thread, so it needs no lock. */
struct null_client {
    struct client client;
    int64_t fail_every;
    int64_t crash_every;
    int64_t performed; /* since it was opened */
};

/* Options come from the plan (`client: {null: {fail_every: 10}}`), checked against this table. */
static const struct option options[] = {
    {.name = "fail_every",
     .type = OPTION_INT,
     .standard = "0",
     .max = 1e9,
     .doc = "let every N-th operation of a connection fail; 0 = none"},
    {.name = "crash_every",
     .type = OPTION_INT,
     .standard = "0",
     .max = 1e9,
     .doc = "let every N-th operation of a connection end as info; 0 = none"},
    {.name = NULL},
};

/* What it can do. The plan is refused if its workload wants more. */
static const symbol functions[] = {
    F_READ,    F_WRITE,   F_CAS,     F_ADD,     F_APPEND, F_GET,  F_PUT, F_TXN,      F_TRANSFER,
    F_ACQUIRE, F_RELEASE, F_ENQUEUE, F_DEQUEUE, F_DRAIN,  F_PUSH, F_POP, F_GENERATE, F_NONE,
};

/* Connect to env->node, within the time that the options say. On failure free everything, and say
 * in err who could not be reached and why: it becomes the error of a failed operation. */
static int null_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    struct null_client *null = calloc(1, sizeof *null);
    if (!null)
        return errbuf_set(err, ERR_NOMEM, "no memory for a client");
    null->client.type = &client_null;
    null->fail_every = option_int(env->options, "fail_every");
    null->crash_every = option_int(env->options, "crash_every");
    *out = &null->client;
    return 0;
}

/* Perform the operation, and map each way in which it can go wrong:
 *   OP_OK    it took effect; put what was read into completion->value, made in the arena
 *   OP_FAIL  it certainly did not take effect. A read that failed is always this
 *   OP_INFO  nobody knows: sent, and no answer that settles it. If in doubt, this
 * Keep the mapping in a table with the reason for each row, as clients/etcd_errors.c does. Set
 * *reopen if the connection is not fit for another operation. */
static void null_invoke(struct client *client, const struct op *invocation, struct op *completion,
                        bool *reopen, struct arena *arena)
{
    struct null_client *null = (struct null_client *)client;
    (void)invocation;
    (void)reopen;
    (void)arena;
    null->performed++;
    completion->type = OP_OK;
    if (null->crash_every && null->performed % null->crash_every == 0)
        client_give_up(completion, OP_INFO, "crashed, as the option crash_every asks");
    else if (null->fail_every && null->performed % null->fail_every == 0)
        client_give_up(completion, OP_FAIL, "failed, as the option fail_every asks");
}

/* Close the connection and free the client. Must not block for long. */
static void null_close(struct client *client)
{
    free(client);
}

const struct client_type client_null = {
    .name = "null",
    .doc = "acknowledges everything at once and keeps nothing",
    .options = options,
    .functions = functions,
    .open = null_open,
    .invoke = null_invoke,
    .close = null_close,
};
