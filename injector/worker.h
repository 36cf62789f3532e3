/* What a worker thread does with its client: opens it when it is needed, performs operations with
 * it, and gives it up when it is no longer fit.
 *
 * Belongs to one thread. Blocks as the client does. */
#ifndef INJECTOR_WORKER_H
#define INJECTOR_WORKER_H

#include "injector/client.h"

struct errbuf;

struct worker {
    const struct client_type *type;
    struct client_env env;
    struct client *client;  /* NULL until opened */
    bool stale;             /* close it before it is used again */
    uint32_t open_failures; /* in a row */
};

void worker_init(struct worker *worker, const struct client_type *type,
                 const struct client_env *env);
void worker_fini(struct worker *worker);

/* Performs the operation once and fills in *completion, also on error. A node that cannot be
 * reached is a definite `fail`: nothing was sent. After an `info` the connection is given up: what
 * is still on its way must not answer a later operation. ERR_INPUT: the client broke its contract;
 * the completion is an info. */
int worker_perform(struct worker *worker, const struct op *invocation, struct op *completion,
                   struct arena *arena, struct errbuf *err);

/* How long to stay away from the node, which could not be reached just now: from 1 to 100 ms, so
 * that a node that refuses at once does not drown the history; 0 if it could. */
int64_t worker_backoff_ns(const struct worker *worker);

#endif
