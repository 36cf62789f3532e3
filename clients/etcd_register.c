/* Registers in etcd: object 7 is the key PREFIX "r/7", its value a decimal number. Read, write
 * (put) and compare-and-set (one transaction that compares the value). */
#include "clients/table.h"

#include "clients/etcd_call.h"

#include <string.h>

/* Sets the completion's value. False if the answer is not one about this key. */
static bool take_value(struct etcd_call *call, const json_t *kvs, size_t count)
{
    const struct strbuf *key = &call->etcd->key;
    const json_t *kv = json_array_get(kvs, 0);
    char *text;
    size_t length;
    call->completion->value = value_nil();
    if (count == 0)
        return true;
    if (count > 1 || !etcd_call_read_bytes(call, kv, "key", &text, &length) ||
        length != key->length || memcmp(text, key->text, length) != 0 ||
        !etcd_call_read_bytes(call, kv, "value", &text, &length))
        return false;
    call->completion->value = etcd_value_of_text(text, length);
    return true;
}

static void read_register(struct etcd_call *call)
{
    struct etcd *etcd = call->etcd;
    if (!etcd_call_put_key(call, "r/"))
        return;
    strbuf_putc(&etcd->request, '{');
    etcd_put_key(etcd, "key");
    strbuf_puts(&etcd->request, etcd->serializable ? ",\"serializable\":true}" : "}");
    etcd_call_range(call, take_value, "not the value of this key");
}

static void write_register(struct etcd_call *call)
{
    struct etcd *etcd = call->etcd;
    if (!etcd_call_put_key(call, "r/") ||
        !etcd_call_is_integer(call, call->invocation->value, "value"))
        return;
    strbuf_putc(&etcd->request, '{');
    etcd_put_key(etcd, "key");
    strbuf_putc(&etcd->request, ',');
    etcd_put_integer(etcd, "value", call->invocation->value.integer);
    strbuf_putc(&etcd->request, '}');
    etcd_call_put(call);
}

/* One transaction: compare the value, and put if it is the one expected. */
static void put_cas(struct etcd *etcd, int64_t old, int64_t new)
{
    strbuf_puts(&etcd->request, "{\"compare\":[{\"target\":\"VALUE\",\"result\":\"EQUAL\",");
    etcd_put_key(etcd, "key");
    strbuf_putc(&etcd->request, ',');
    etcd_put_integer(etcd, "value", old);
    strbuf_puts(&etcd->request, "}],\"success\":[{\"request_put\":{");
    etcd_put_key(etcd, "key");
    strbuf_putc(&etcd->request, ',');
    etcd_put_integer(etcd, "value", new);
    strbuf_puts(&etcd->request, "}}]}");
}

static void cas_register(struct etcd_call *call)
{
    struct value old, new;
    if (!value_as_pair(call->invocation->value, &old, &new)) {
        etcd_call_give_up(call, OP_FAIL,
                          "not sent: cas takes a list of two, the old value and the new");
        return;
    }
    if (!etcd_call_put_key(call, "r/") || !etcd_call_is_integer(call, old, "old value") ||
        !etcd_call_is_integer(call, new, "new value"))
        return;
    put_cas(call->etcd, old.integer, new.integer);
    json_t *answer = etcd_call_ask(call, "/v3/kv/txn");
    if (!answer)
        return;
    const json_t *succeeded = json_object_get(answer, "succeeded");
    if (succeeded && !json_is_boolean(succeeded))
        etcd_call_give_up_malformed(call, "succeeded is neither true nor false");
    else if (json_is_true(succeeded))
        etcd_call_succeed(call);
    else
        etcd_call_give_up(call, OP_FAIL, "value differs");
    json_decref(answer);
}

static const symbol functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};
static const struct etcd_operation operations[] = {
    {F_READ, read_register}, {F_WRITE, write_register}, {F_CAS, cas_register}, {F_NONE, NULL}};

static int etcd_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    return etcd_open_as(&client_etcd, operations, env, out, err);
}

const struct client_type client_etcd = {
    .name = "etcd",
    .doc = "registers in etcd, through its v3 JSON gateway",
    .options = etcd_options,
    .functions = functions,
    .open = etcd_open,
    .invoke = etcd_invoke,
    .close = etcd_close,
};
