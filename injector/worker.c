#include "injector/worker.h"

#include "core/clock.h"
#include "core/errbuf.h"

#include <assert.h>

static const int64_t backoff_min_ns = 1 * NS_PER_MS;
static const int64_t backoff_max_ns = 100 * NS_PER_MS;

void worker_init(struct worker *worker, const struct client_type *type,
                 const struct client_env *env)
{
    *worker = (struct worker){.type = type, .env = *env};
}

static void give_up_client(struct worker *worker)
{
    if (worker->client)
        worker->type->close(worker->client);
    worker->client = NULL;
    worker->stale = false;
}

void worker_fini(struct worker *worker)
{
    give_up_client(worker);
}

/* False: not reached, and *completion says so. */
static bool open_client(struct worker *worker, struct op *completion, struct arena *arena)
{
    struct errbuf problem = ERRBUF_INIT;
    struct client *client = NULL;
    if (worker->type->open(&worker->env, &client, &problem) == 0) {
        assert(client);
        worker->client = client;
        worker->open_failures = 0;
        return true;
    }
    worker->open_failures++;
    const char *error = arena_printf(arena, "no connection: %s", problem.text);
    completion->type = OP_FAIL;
    completion->error = error ? error : "no connection";
    return false;
}

int worker_perform(struct worker *worker, const struct op *invocation, struct op *completion,
                   struct arena *arena, struct errbuf *err)
{
    *completion = *invocation;
    if (worker->stale)
        give_up_client(worker);
    if (!worker->client && !open_client(worker, completion, arena))
        return 0;
    bool reopen;
    int rc = client_invoke_checked(worker->client, invocation, completion, &reopen, arena, err);
    worker->stale = reopen || completion->type == OP_INFO;
    return rc;
}

int64_t worker_backoff_ns(const struct worker *worker)
{
    if (worker->open_failures == 0)
        return 0;
    uint32_t doublings = worker->open_failures - 1 < 10 ? worker->open_failures - 1 : 10;
    int64_t backoff_ns = backoff_min_ns << doublings;
    return backoff_ns < backoff_max_ns ? backoff_ns : backoff_max_ns;
}
