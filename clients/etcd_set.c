/* Sets in etcd: element 3 of object 7 is the key PREFIX "s/7/3". Adding is one put, without reading
 * first; reading is one range over all keys of the object, without their values.
 *
 * A client of its own, so that a plan which adds to registers, or writes to sets, is refused before
 * it starts: what a read means is never a matter of an option. */
#include "clients/table.h"

#include "clients/etcd_call.h"

#include <string.h>

static void add_element(struct etcd_call *call)
{
    struct etcd *etcd = call->etcd;
    if (!etcd_call_put_key(call, "s/") ||
        !etcd_call_is_integer(call, call->invocation->value, "element"))
        return;
    strbuf_putc(&etcd->key, '/');
    strbuf_put_int(&etcd->key, call->invocation->value.integer);
    strbuf_putc(&etcd->request, '{');
    etcd_put_key(etcd, "key");
    strbuf_putc(&etcd->request, '}');
    etcd_call_put(call);
}

/* All keys that begin with etcd->key, which ends in '/': up to, not including, the same with '0',
 * the byte after '/'. */
static void put_range_of_key(struct etcd *etcd)
{
    strbuf_putc(&etcd->request, '{');
    etcd_put_key(etcd, "key");
    strbuf_putc(&etcd->request, ',');
    if (strbuf_ok(&etcd->key))
        etcd->key.text[etcd->key.length - 1] = '/' + 1;
    etcd_put_key(etcd, "range_end");
    if (strbuf_ok(&etcd->key))
        etcd->key.text[etcd->key.length - 1] = '/';
    strbuf_puts(&etcd->request, etcd->serializable ? ",\"keys_only\":true,\"serializable\":true}"
                                                   : ",\"keys_only\":true}");
}

/* The part of a key-value's key behind etcd->key. */
static bool read_element(struct etcd_call *call, const json_t *kv, struct value *out)
{
    const struct strbuf *key = &call->etcd->key;
    char *text;
    size_t length;
    if (!etcd_call_read_bytes(call, kv, "key", &text, &length) || length < key->length ||
        memcmp(text, key->text, key->length) != 0)
        return false;
    *out = etcd_value_of_text(text + key->length, length - key->length);
    return true;
}

/* Sets the completion's value. False if one of the keys is none of this object's. */
static bool take_elements(struct etcd_call *call, const json_t *kvs, size_t count)
{
    struct value *elements = arena_alloc(call->arena, count * sizeof *elements);
    if (!elements)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_element(call, json_array_get(kvs, i), &elements[i]))
            return false;
    call->completion->value = value_items(VALUE_SET, elements, count);
    return true;
}

static void read_set(struct etcd_call *call)
{
    if (!etcd_call_put_key(call, "s/"))
        return;
    strbuf_putc(&call->etcd->key, '/');
    put_range_of_key(call->etcd);
    etcd_call_range(call, take_elements, "a key outside the range");
}

static const symbol functions[] = {F_READ, F_ADD, F_NONE};
static const struct etcd_operation operations[] = {
    {F_READ, read_set}, {F_ADD, add_element}, {F_NONE, NULL}};

static int etcd_set_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    return etcd_open_as(&client_etcd_set, operations, env, out, err);
}

const struct client_type client_etcd_set = {
    .name = "etcd-set",
    .doc = "sets in etcd, one key an element, through its v3 JSON gateway",
    .options = etcd_options,
    .functions = functions,
    .open = etcd_set_open,
    .invoke = etcd_invoke,
    .close = etcd_close,
};
