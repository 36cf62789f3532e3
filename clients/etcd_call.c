#include "clients/etcd_call.h"

#include "clients/etcd_errors.h"
#include "core/base64.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option etcd_options[] = {
    {.name = "port",
     .type = OPTION_INT,
     .standard = "2379",
     .min = 1,
     .max = 65535,
     .doc = "port on which the nodes serve clients"},
    {.name = "prefix",
     .type = OPTION_STRING,
     .standard = "/faultline/",
     .doc = "what all keys of the test begin with"},
    {.name = "serializable",
     .type = OPTION_BOOL,
     .standard = "false",
     .doc = "read what the node has itself, which may be stale, instead of asking the leader"},
    {.name = "connect_timeout",
     .type = OPTION_DURATION,
     .standard = "1s",
     .min = 0.001,
     .max = 3600,
     .doc = "how long to wait for a connection"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .standard = "2s",
     .min = 0.001,
     .max = 3600,
     .doc = "how long to wait for an answer, connecting included"},
    {.name = NULL},
};

/* --- how an operation ends --- */

void etcd_call_succeed(struct etcd_call *call)
{
    call->completion->type = OP_OK;
}

void etcd_call_give_up(struct etcd_call *call, enum op_type type, const char *error)
{
    client_give_up(call->completion, type, error);
}

void etcd_call_give_up_malformed(struct etcd_call *call, const char *what)
{
    *call->reopen = true;
    etcd_call_give_up(call, OP_INFO,
                      arena_printf(call->arena, "an answer that is not etcd's: %s", what));
}

/* The error as etcd words it and, where it matters, why it is definite or not. */
static void give_up_refused(struct etcd_call *call, long status, const json_t *answer)
{
    const json_t *text = json_object_get(answer, "message");
    const char *message = json_string_value(text ? text : json_object_get(answer, "error"));
    if (!message) {
        etcd_call_give_up(call, OP_INFO,
                          arena_printf(call->arena, "HTTP status %ld, unexplained", status));
        return;
    }
    int code = (int)json_integer_value(json_object_get(answer, "code"));
    const struct etcd_error *row = etcd_error_find(code, message);
    if (call->invocation->f == F_READ)
        etcd_call_give_up(call, OP_FAIL, arena_printf(call->arena, "%.300s", message));
    else
        etcd_call_give_up(call, row->write,
                          arena_printf(call->arena, "%.300s (%s)", message, row->reason));
}

json_t *etcd_call_ask(struct etcd_call *call, const char *path)
{
    struct etcd *etcd = call->etcd;
    if (!strbuf_ok(&etcd->request) || !strbuf_ok(&etcd->key)) {
        etcd_call_give_up(call, OP_FAIL, "not sent: no memory for the request");
        return NULL;
    }
    snprintf(etcd->url, sizeof etcd->url, "%s%s", etcd->base_url, path);
    struct http_response response;
    enum http_outcome outcome = http_request(etcd->http, "POST", etcd->url, etcd->request.text,
                                             etcd->request.length, &response);
    if (outcome != HTTP_ANSWERED) {
        bool sent = outcome != HTTP_NOT_SENT;
        *call->reopen = true;
        etcd_call_give_up(
            call, sent ? OP_INFO : OP_FAIL,
            arena_printf(call->arena, sent ? "sent: %s" : "not sent: %s", response.problem));
        return NULL;
    }
    json_t *answer = json_loadb(response.body, response.length, 0, NULL);
    if (response.status != 200)
        give_up_refused(call, response.status, answer);
    else if (!json_is_object(json_object_get(answer, "header"))) /* every answer of v3 has one */
        etcd_call_give_up_malformed(call, "no header");
    else
        return answer;
    json_decref(answer);
    return NULL;
}

/* --- keys and values --- */

bool etcd_call_is_integer(struct etcd_call *call, struct value value, const char *what)
{
    if (value.kind == VALUE_INT)
        return true;
    struct strbuf text = STRBUF_INIT;
    value_write_text(&text, value);
    etcd_call_give_up(call, OP_FAIL,
                      arena_printf(call->arena,
                                   "not sent: this client takes integers only, and the %s is %s",
                                   what, text.text ? text.text : "not one"));
    strbuf_fini(&text);
    return false;
}

bool etcd_call_put_key(struct etcd_call *call, const char *kind)
{
    struct strbuf *key = &call->etcd->key;
    strbuf_reset(key);
    strbuf_puts(key, call->etcd->prefix);
    strbuf_puts(key, kind);
    if (!call->invocation->has_key) {
        strbuf_putc(key, '-');
        return true;
    }
    if (!etcd_call_is_integer(call, call->invocation->key, "key"))
        return false;
    strbuf_put_int(key, call->invocation->key.integer);
    return true;
}

/* "NAME":"BASE64" into the request. */
static void put_bytes(struct strbuf *request, const char *name, const char *data, size_t length)
{
    strbuf_printf(request, "\"%s\":\"", name);
    base64_encode(request, data, length);
    strbuf_putc(request, '"');
}

void etcd_put_integer(struct etcd *etcd, const char *name, int64_t integer)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, integer);
    put_bytes(&etcd->request, name, text, (size_t)length);
}

void etcd_put_key(struct etcd *etcd, const char *name)
{
    put_bytes(&etcd->request, name, etcd->key.text ? etcd->key.text : "", etcd->key.length);
}

struct value etcd_value_of_text(const char *text, size_t length)
{
    char again[24];
    int64_t integer = strtoll(text, NULL, 10);
    int written = snprintf(again, sizeof again, "%" PRId64, integer);
    if ((size_t)written == length && memcmp(again, text, length) == 0)
        return value_int(integer);
    return value_text(VALUE_STRING, text, length);
}

/* Of int64: a string, a number to be lenient, and left out if 0; -1 for anything else. */
static int64_t read_int64(const json_t *number)
{
    if (!number)
        return 0;
    if (json_is_integer(number))
        return json_integer_value(number);
    struct value value = {.kind = VALUE_NIL};
    if (json_is_string(number))
        value = etcd_value_of_text(json_string_value(number), json_string_length(number));
    return value.kind == VALUE_INT ? value.integer : -1;
}

bool etcd_call_read_bytes(struct etcd_call *call, const json_t *kv, const char *name, char **out,
                          size_t *length)
{
    const json_t *text = json_object_get(kv, name);
    if (text && !json_is_string(text))
        return false;
    return base64_decode(call->arena, text ? json_string_value(text) : "", json_string_length(text),
                         out, length);
}

/* --- requests --- */

void etcd_call_put(struct etcd_call *call)
{
    json_t *answer = etcd_call_ask(call, "/v3/kv/put");
    if (answer)
        etcd_call_succeed(call);
    json_decref(answer);
}

void etcd_call_range(struct etcd_call *call, etcd_take_kvs *take, const char *malformed)
{
    json_t *answer = etcd_call_ask(call, "/v3/kv/range");
    if (!answer)
        return;
    const json_t *kvs = json_object_get(answer, "kvs");
    size_t count = json_array_size(kvs);
    int64_t found = read_int64(json_object_get(answer, "count"));
    if ((kvs && !json_is_array(kvs)) || found < 0 || (uint64_t)found != count)
        etcd_call_give_up_malformed(call, "not the keys that it counts");
    else if (!take(call, kvs, count))
        etcd_call_give_up_malformed(call, malformed);
    else
        etcd_call_succeed(call);
    json_decref(answer);
}

/* --- the client --- */

void etcd_close(struct client *client)
{
    struct etcd *etcd = (struct etcd *)client;
    http_free(etcd->http);
    strbuf_fini(&etcd->key);
    strbuf_fini(&etcd->request);
    free(etcd);
}

static int say_hello(struct etcd *etcd, struct errbuf *err)
{
    snprintf(etcd->url, sizeof etcd->url, "%s/version", etcd->base_url);
    struct http_response response;
    enum http_outcome outcome = http_request(etcd->http, "GET", etcd->url, NULL, 0, &response);
    if (outcome != HTTP_ANSWERED)
        return errbuf_set(err, response.timed_out ? ERR_TIMEOUT : ERR_IO, "%s", response.problem);
    if (response.status != 200)
        return errbuf_set(err, ERR_IO, "HTTP status %ld for /version: this is not etcd",
                          response.status);
    return 0;
}

int etcd_open_as(const struct client_type *type, const struct etcd_operation *operations,
                 const struct client_env *env, struct client **out, struct errbuf *err)
{
    struct etcd *etcd = calloc(1, sizeof *etcd);
    if (!etcd)
        return errbuf_set(err, ERR_NOMEM, "no memory for a client");
    etcd->client.type = type;
    etcd->operations = operations;
    etcd->prefix = option_string(env->options, "prefix");
    etcd->serializable = option_bool(env->options, "serializable");
    const char *address = env->node->address;
    snprintf(etcd->base_url, sizeof etcd->base_url,
             strchr(address, ':') ? "http://[%s]:%d" : "http://%s:%d", address,
             (int)option_int(env->options, "port"));
    int rc = http_new(option_duration_ns(env->options, "connect_timeout"),
                      option_duration_ns(env->options, "timeout"), &etcd->http, err);
    if (rc == 0)
        rc = say_hello(etcd, err);
    if (rc != 0) {
        etcd_close(&etcd->client);
        return rc;
    }
    *out = &etcd->client;
    return 0;
}

void etcd_invoke(struct client *client, const struct op *invocation, struct op *completion,
                 bool *reopen, struct arena *arena)
{
    struct etcd *etcd = (struct etcd *)client;
    struct etcd_call call = {etcd, invocation, completion, reopen, arena};
    strbuf_reset(&etcd->request);
    for (const struct etcd_operation *known = etcd->operations; known->f != F_NONE; known++) {
        if (known->f == invocation->f) {
            known->perform(&call);
            return;
        }
    }
    etcd_call_give_up(&call, OP_FAIL,
                      arena_printf(arena, "not sent: the client %s cannot %s", client->type->name,
                                   symbol_name(invocation->f)));
}
