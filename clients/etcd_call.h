/* What the clients of etcd share: a connection to a node, and one request over its v3 JSON gateway
 * for one operation, with whatever can go wrong mapped to fail or info (clients/etcd_errors.c).
 *
 * The gateway's ways: keys and values are base64, 64-bit integers arrive as strings, and members
 * that are false, zero or empty are left out. */
#ifndef CLIENTS_ETCD_CALL_H
#define CLIENTS_ETCD_CALL_H

#include "core/strbuf.h"
#include "injector/client.h"

#include <jansson.h>

extern const struct option etcd_options[];

/* An operation on its way. `etcd_call_` functions that can end it say so; then nothing may be done
 * to it any more. */
struct etcd_call {
    struct etcd *etcd;
    const struct op *invocation;
    struct op *completion;
    bool *reopen;
    struct arena *arena;
};

struct etcd_operation {
    symbol f; /* F_NONE ends a table */
    void (*perform)(struct etcd_call *call);
};

struct etcd {
    struct client client;
    const struct etcd_operation *operations;
    struct http *http;
    char base_url[NODE_ADDRESS_SIZE + 32];
    char url[NODE_ADDRESS_SIZE + 64];
    const char *prefix; /* borrowed from the options */
    bool serializable;
    struct strbuf key; /* these two are for the operation at hand */
    struct strbuf request;
};

/* Connects, and asks for the version: what answers is a node that runs, and not only an open port.
 * The rest of the slots of a client_type. */
int etcd_open_as(const struct client_type *type, const struct etcd_operation *operations,
                 const struct client_env *env, struct client **out, struct errbuf *err);
void etcd_invoke(struct client *client, const struct op *invocation, struct op *completion,
                 bool *reopen, struct arena *arena);
void etcd_close(struct client *client);

/* The three ways to end a call; give_up as client_give_up. */
void etcd_call_succeed(struct etcd_call *call);
void etcd_call_give_up(struct etcd_call *call, enum op_type type, const char *error);
void etcd_call_give_up_malformed(struct etcd_call *call, const char *what);

/* PREFIX KIND "7" into etcd->key, "-" instead of 7 for an operation without a key. False, and the
 * call has ended, for a key that is not an integer. */
bool etcd_call_put_key(struct etcd_call *call, const char *kind);

/* False, and the call has ended, for what is not an integer. `what` names it. */
bool etcd_call_is_integer(struct etcd_call *call, struct value value, const char *what);

/* `"NAME":"BASE64"` into the request: of etcd->key, and of a number's digits. */
void etcd_put_key(struct etcd *etcd, const char *name);
void etcd_put_integer(struct etcd *etcd, const char *name, int64_t integer);

/* Sends the request. The answer, which the caller frees; or NULL, and the call has ended. */
json_t *etcd_call_ask(struct etcd_call *call, const char *path);

/* Sends the request as a put, and ends the call. */
void etcd_call_put(struct etcd_call *call);

/* Sets the completion's value to what these key-values say; kvs is NULL if there are none. False if
 * they are not what was asked for. */
typedef bool etcd_take_kvs(struct etcd_call *call, const json_t *kvs, size_t count);

/* Sends the request as one for a range, and ends the call. `malformed`: what is said of the answer
 * if `take` does not take it. */
void etcd_call_range(struct etcd_call *call, etcd_take_kvs *take, const char *malformed);

/* Decodes a member of a key-value of an answer; absent is empty. False if it is no base64. */
bool etcd_call_read_bytes(struct etcd_call *call, const json_t *kv, const char *name, char **out,
                          size_t *length);

/* What we wrote is a number. Anything else is shown as the text it is: whoever put it there, the
 * checker should see it. Borrows text, which is NUL-terminated. */
struct value etcd_value_of_text(const char *text, size_t length);

#endif
