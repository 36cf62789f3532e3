/* The contract of a client: one protocol, spoken by one worker to one node at a time.
 *
 * A client performs an operation once. It never retries: a hidden retry turns "it happened twice"
 * into "it happened", and a verdict into a lie. (Libraries retry too: forbid it.)
 * Every error it can see is mapped to one of:
 *   fail  certainly did not take effect (refused, rejected before anything was proposed)
 *   info  may have taken effect (timeouts, connections lost after sending)
 * A read that failed is always `fail`: it changes nothing.
 *
 * To add one: (1) write clients/NAME.c with a struct client_type and a table of errors with the
 * reason for each; (2) add it to clients/table.c; (3) test the error table; (4) name it in the
 * README. clients/null.c is a commented skeleton.
 *
 * Threads: a client belongs to one worker thread. `open` and `invoke` block, at most for the time
 * that their options say. */
#ifndef INJECTOR_CLIENT_H
#define INJECTOR_CLIENT_H

#include "core/arena.h"
#include "core/op.h"
#include "injector/cluster.h"
#include "injector/options.h"

struct errbuf;

struct client_env {
    const struct node *node;
    uint32_t worker; /* number of the worker thread, from 0 */
    const struct option_values *options;
};

/* Each client's own struct begins with this. */
struct client {
    const struct client_type *type;
};

struct client_type {
    const char *name;
    const char *doc;
    const struct option *options; /* a table; may be empty, not NULL */
    const symbol *functions;      /* what it can do: F_READ, ...; ends with F_NONE */

    /* ERR_IO, ERR_TIMEOUT: the node cannot be reached; the operation becomes a definite fail. */
    int (*open)(const struct client_env *env, struct client **out, struct errbuf *err);

    /* Performs the operation. *completion arrives as a copy of the invocation; set its type (ok,
     * fail, info), the value if it is another one, and error if not ok. Whatever it points to is
     * in the arena, or static. Sets *reopen if the connection is not fit for another operation. */
    void (*invoke)(struct client *client, const struct op *invocation, struct op *completion,
                   bool *reopen, struct arena *arena);

    void (*close)(struct client *client);
};

/* Ends an operation that got no ok. `type`, fail or info, holds for one that changes something; a
 * read changes nothing and just failed. `error` is static or in the arena; NULL = no memory for
 * it. */
void client_give_up(struct op *completion, enum op_type type, const char *error);

/* Calls invoke and checks what comes back: ERR_INPUT if the client changed process, f or key, or
 * answered anything but ok, fail, info, or failed to say why it was not ok. That is a bug of the
 * client, never a finding about the database. */
int client_invoke_checked(struct client *client, const struct op *invocation, struct op *completion,
                          bool *reopen, struct arena *arena, struct errbuf *err);

#endif
