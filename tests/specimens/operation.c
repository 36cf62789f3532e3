#include "specimens/operation.h"

#include <string.h>

static const char *op_name(const json_t *op)
{
    const char *name = json_string_value(json_object_get(op, "f"));
    return name ? name : "";
}

static bool is_transaction(const json_t *op)
{
    return strcmp(op_name(op), "txn") == 0;
}

static int find_access(const char *name)
{
    static const struct {
        const char *name;
        enum access_f f;
    } names[] = {{"r", ACCESS_READ},      {"read", ACCESS_READ}, {"w", ACCESS_WRITE},
                 {"write", ACCESS_WRITE}, {"cas", ACCESS_CAS},   {"append", ACCESS_APPEND}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return (int)names[i].f;
    return -1;
}

static bool is_micro_op(const json_t *micro)
{
    const char *name = json_string_value(json_array_get(micro, 0));
    return json_array_size(micro) == 3 && name && find_access(name) >= 0 &&
           json_is_integer(json_array_get(micro, 1));
}

const char *operation_problem(const json_t *op)
{
    const json_t *value = json_object_get(op, "value"), *micro;
    size_t i;
    if (is_transaction(op)) {
        if (!json_is_array(value))
            return "a transaction is a list";
        json_array_foreach(value, i, micro) if (!is_micro_op(micro)) return "[f key value] it is";
        return NULL;
    }
    int f = find_access(op_name(op));
    if (f < 0)
        return "this store does not do that";
    if (f == ACCESS_CAS && json_array_size(value) != 2)
        return "cas takes [old, new]";
    return NULL;
}

bool operation_refuse_strange(struct specimen *node, int64_t request, const json_t *op)
{
    const char *problem = operation_problem(op);
    if (problem)
        specimen_refuse(node, request, problem);
    return problem != NULL;
}

size_t operation_count(const json_t *op)
{
    return is_transaction(op) ? json_array_size(json_object_get(op, "value")) : 1;
}

struct access operation_access(const json_t *op, size_t index)
{
    struct access access;
    const json_t *key = json_object_get(op, "key");
    const char *name = op_name(op);
    access.value = json_object_get(op, "value");
    if (is_transaction(op)) {
        const json_t *micro = json_array_get(access.value, index);
        name = json_string_value(json_array_get(micro, 0));
        key = json_array_get(micro, 1);
        access.value = json_array_get(micro, 2);
    }
    access.f = (enum access_f)find_access(name);
    specimen_key(key, access.key);
    return access;
}

bool operation_is_read_only(const json_t *op)
{
    for (size_t i = 0; i < operation_count(op); i++)
        if (operation_access(op, i).f != ACCESS_READ)
            return false;
    return true;
}

static json_t *appended(const json_t *list, json_t *value)
{
    json_t *longer = list ? json_copy((json_t *)list) : json_array();
    json_array_append(longer, value);
    return longer;
}

/* What an access answers, the caller's; NULL for a cas that finds something else. */
static json_t *perform(const struct access *access, const struct operation_store *store)
{
    json_t *found = store->read(store->context, access->key);
    switch (access->f) {
    case ACCESS_READ:
        return found ? json_incref(found) : json_null();
    case ACCESS_WRITE:
        store->write(store->context, access->key, json_incref(access->value));
        break;
    case ACCESS_APPEND:
        store->write(store->context, access->key, appended(found, access->value));
        break;
    case ACCESS_CAS:
        if (!found || !json_equal(found, json_array_get(access->value, 0)))
            return NULL;
        store->write(store->context, access->key, json_incref(json_array_get(access->value, 1)));
        break;
    }
    return json_incref(access->value);
}

json_t *operation_perform(const json_t *op, const struct operation_store *store)
{
    if (!is_transaction(op)) {
        struct access access = operation_access(op, 0);
        return perform(&access, store);
    }
    json_t *answer = json_array();
    for (size_t i = 0; i < operation_count(op); i++) {
        const json_t *micro = json_array_get(json_object_get(op, "value"), i);
        struct access access = operation_access(op, i);
        json_t *value = access.f == ACCESS_CAS ? NULL : perform(&access, store);
        if (!value) { /* a cas is no part of a transaction */
            json_decref(answer);
            return NULL;
        }
        json_array_append_new(answer, specimen_pack("[O, O, o]", json_array_get(micro, 0),
                                                    json_array_get(micro, 1), value));
    }
    return answer;
}

static json_t *read_object(void *context, const char *key)
{
    return json_object_get(context, key);
}

static void write_object(void *context, const char *key, json_t *value)
{
    json_object_set_new(context, key, value);
}

json_t *operation_perform_on(const json_t *op, json_t *object)
{
    struct operation_store store = {read_object, write_object, object};
    return operation_perform(op, &store);
}
