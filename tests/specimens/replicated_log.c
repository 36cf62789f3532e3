/* A log of operations that every node performs in the same order.
 *
 * primary: node 0 orders all operations that write; the others follow as they can, asynchronously.
 *   variant "primary": reads go to the primary as well. Strict serializable, linearizable.
 *   variant "local": a node answers reads from what it has. It has a prefix of the log, and
 *     acknowledges a write only when it has performed it (the fence), so that a client which keeps
 *     to its node sees what it wrote: strong session serializable, sequential; not more, as another
 *     node may not have it yet.
 * chain: chain replication (van Renesse & Schneider, OSDI 2004) without reconfiguration. Node 0 is
 *   the head and orders, the last one is the tail, reads, and acknowledges: what it has, all have.
 *   Strict serializable, linearizable.
 *
 * Bugs: skip-fence (local) acknowledges what the primary has performed; read-local answers reads
 * where they arrive; ack-at-head acknowledges before replication; apply-twice performs an entry
 * that arrives again again. */
#include "specimens/operation.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_AT_ONCE = 16 };

struct log {
    bool is_chain, reads_locally, waits_for_fence, applies_twice;
    json_t *entries; /* [{id, origin, op}, ...] */
    json_t *ordered; /* {id: true}, of those that node 0 has put there */
    size_t applied;  /* so many of them */
    json_t *store;
    size_t acknowledged[SPECIMEN_NODES_MAX]; /* by successor: has so many */
    json_t *fenced;                          /* results that wait until `applied` is theirs */
};

static void *log_open(struct specimen *node)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        abort();
    log->is_chain = node->type == &replication_chain;
    log->reads_locally = specimen_is(node, "local") || specimen_has_bug(node, "read-local");
    log->waits_for_fence = specimen_is(node, "local") && !specimen_has_bug(node, "skip-fence");
    log->applies_twice = specimen_has_bug(node, "apply-twice");
    log->entries = json_array();
    log->ordered = json_object();
    log->store = json_object();
    log->fenced = json_array();
    return log;
}

static void log_close(void *state)
{
    struct log *log = state;
    json_decref(log->entries);
    json_decref(log->ordered);
    json_decref(log->store);
    json_decref(log->fenced);
    free(log);
}

/* --- results, on their way to the node whose client asked --- */

/* Takes over the value; NULL = refused. `at`: the length of the log with it. */
static void send_result(struct specimen *node, uint32_t origin, int64_t id, size_t at,
                        json_t *value)
{
    node->send(node, origin,
               specimen_pack("{s:s, s:I, s:I, s:b, s:o}", "t", "result", "id", (json_int_t)id, "at",
                             (json_int_t)at, "ok", value != NULL, "value",
                             value ? value : json_null()));
}

static void answer_result(struct specimen *node, const json_t *result)
{
    if (json_is_true(json_object_get(result, "ok")))
        specimen_succeed(node, message_int(result, "id"),
                         json_incref(json_object_get(result, "value")));
    else
        specimen_refuse(node, message_int(result, "id"), "value differs");
}

static void take_result(struct specimen *node, json_t *result)
{
    struct log *log = node->state;
    if (log->waits_for_fence && (size_t)message_int(result, "at") > log->applied)
        json_array_append(log->fenced, result);
    else
        answer_result(node, result);
}

static void pass_fence(struct specimen *node)
{
    struct log *log = node->state;
    for (size_t i = json_array_size(log->fenced); i-- > 0;) {
        json_t *result = json_array_get(log->fenced, i);
        if ((size_t)message_int(result, "at") > log->applied)
            continue;
        answer_result(node, result);
        json_array_remove(log->fenced, i);
    }
}

/* --- the log --- */

static bool is_successor(const struct specimen *node, uint32_t other)
{
    const struct log *log = node->state;
    return log->is_chain ? other == node->self + 1 : node->self == 0 && other != 0;
}

static void push(struct specimen *node)
{
    struct log *log = node->state;
    for (uint32_t to = 0; to < node->count; to++) {
        size_t first = log->acknowledged[to];
        if (!is_successor(node, to) || first >= log->applied)
            continue;
        json_t *some = json_array();
        for (size_t i = first; i < log->applied && i < first + ENTRIES_AT_ONCE; i++)
            json_array_append(some, json_array_get(log->entries, i));
        node->send(node, to,
                   specimen_pack("{s:s, s:I, s:o}", "t", "entries", "first", (json_int_t)first,
                                 "entries", some));
    }
}

/* Who tells the client: the primary, or the tail, which is the last to have it. */
static bool acknowledges(const struct specimen *node)
{
    const struct log *log = node->state;
    bool at_head = !log->is_chain || specimen_has_bug(node, "ack-at-head");
    return at_head ? node->self == 0 : node->self == node->count - 1;
}

static void apply(struct specimen *node, const json_t *entry)
{
    struct log *log = node->state;
    json_t *value = operation_perform_on(json_object_get(entry, "op"), log->store);
    if (acknowledges(node))
        send_result(node, (uint32_t)message_int(entry, "origin"), message_int(entry, "id"),
                    log->applied + 1, value);
    else
        json_decref(value);
}

static void append(struct specimen *node, json_t *entry)
{
    struct log *log = node->state;
    apply(node, entry);
    json_array_append(log->entries, entry);
    log->applied++;
}

static void take_entries(struct specimen *node, uint32_t from, const json_t *message)
{
    struct log *log = node->state;
    size_t first = (size_t)message_int(message, "first"), i;
    json_t *entry;
    json_array_foreach(json_object_get(message, "entries"), i, entry)
    {
        if (first + i == log->applied)
            append(node, entry);
        else if (first + i < log->applied && log->applies_twice)
            apply(node, entry);
    }
    pass_fence(node);
    node->send(node, from,
               specimen_pack("{s:s, s:I}", "t", "have", "applied", (json_int_t)log->applied));
    push(node);
}

/* Once, however often it arrives. */
static void order(struct specimen *node, uint32_t from, const json_t *message)
{
    struct log *log = node->state;
    char id[SPECIMEN_KEY_SIZE];
    specimen_key(json_object_get(message, "id"), id);
    if (json_object_get(log->ordered, id))
        return;
    json_object_set_new(log->ordered, id, json_true());
    json_t *entry = specimen_pack("{s:O, s:I, s:O}", "id", json_object_get(message, "id"), "origin",
                                  (json_int_t)from, "op", json_object_get(message, "op"));
    append(node, entry);
    json_decref(entry);
    push(node);
}

/* --- requests --- */

static void log_request(struct specimen *node, int64_t request, json_t *op)
{
    struct log *log = node->state;
    if (operation_refuse_strange(node, request, op))
        return;
    bool reads = operation_is_read_only(op);
    if (reads && log->reads_locally) {
        specimen_succeed(node, request, operation_perform_on(op, log->store));
        return;
    }
    uint32_t to = reads && log->is_chain ? node->count - 1 : 0;
    node->send(node, to,
               specimen_pack("{s:s, s:I, s:O}", "t", reads ? "read" : "order", "id",
                             (json_int_t)request, "op", op));
}

static void log_message(struct specimen *node, uint32_t from, json_t *message)
{
    struct log *log = node->state;
    const char *type = message_type(message);
    if (strcmp(type, "read") == 0) {
        send_result(node, from, message_int(message, "id"), 0,
                    operation_perform_on(json_object_get(message, "op"), log->store));
    } else if (strcmp(type, "order") == 0) {
        order(node, from, message);
    } else if (strcmp(type, "entries") == 0) {
        take_entries(node, from, message);
    } else if (strcmp(type, "have") == 0) {
        size_t applied = (size_t)message_int(message, "applied");
        if (applied > log->acknowledged[from])
            log->acknowledged[from] = applied;
    } else if (strcmp(type, "result") == 0) {
        take_result(node, message);
    }
}

static const char *const primary_variants[] = {"primary", "local", NULL};
static const char *const primary_bugs[] = {"skip-fence", "read-local", "apply-twice", NULL};

const struct replication replication_primary = {
    .name = "primary",
    .doc = "a primary with asynchronous replicas",
    .variants = primary_variants,
    .bugs = primary_bugs,
    .open = log_open,
    .close = log_close,
    .request = log_request,
    .message = log_message,
    .tick = push,
};

static const char *const chain_variants[] = {"tail", NULL};
static const char *const chain_bugs[] = {"ack-at-head", "read-local", "apply-twice", NULL};

const struct replication replication_chain = {
    .name = "chain",
    .doc = "chain replication",
    .variants = chain_variants,
    .bugs = chain_bugs,
    .open = log_open,
    .close = log_close,
    .request = log_request,
    .message = log_message,
    .tick = push,
};
