/* Causal broadcast with vector clocks (Birman, Schiper & Stephenson, "Lightweight Causal and Atomic
 * Group Multicast", TOCS 1991): a node performs a transaction on what it has, and sends its writes
 * to all with what it had seen by then; nobody applies them before that.
 *
 * variant "last-writer": of two writes the one with the later Lamport stamp stays, everywhere the
 *   same. Causal (convergent, CCv); and eventual, as what was lost is sent again.
 * variant "delivery": the one that is applied last stays. Causal memory; nodes may disagree for
 *   ever about what was written at the same time.
 * Neither is sequential, nor serializable.
 *
 * Bugs: drop-dependency waits only for what the same node sent before; delivery-order (last-writer)
 * lets stay what is applied last; apply-twice (delivery) applies what arrives again again. */
#include "specimens/causal.h"

#include "specimens/operation.h"
#include "specimens/stamped.h"

#include <stdlib.h>
#include <string.h>

enum { SENT_AGAIN_AT_ONCE = 16, TOLD_EVERY_MS = 200 };

/* --- delivery --- */

bool causal_is_next(const int64_t *seen, uint32_t count, uint32_t origin, const int64_t *clock)
{
    for (uint32_t i = 0; i < count; i++)
        if (i == origin ? clock[i] != seen[i] + 1 : clock[i] > seen[i])
            return false;
    return true;
}

struct causal {
    bool last_writer;
    json_t *map;                      /* stamped */
    int64_t seen[SPECIMEN_NODES_MAX]; /* the vector clock: so many of each node are applied */
    json_t *sent;                     /* its own messages, in order: to be sent again */
    json_t *early;                    /* messages that wait for others */
    int64_t lamport;
    int64_t told_ms; /* when others were last told what it has seen */
    json_t *writes;  /* of the transaction at hand: {key: value} */
};

static void *causal_open(struct specimen *node)
{
    struct causal *causal = calloc(1, sizeof *causal);
    if (!causal)
        abort();
    causal->last_writer =
        specimen_is(node, "last-writer") && !specimen_has_bug(node, "delivery-order");
    causal->map = json_object();
    causal->early = json_array();
    causal->sent = json_array();
    return causal;
}

static void causal_close(void *state)
{
    struct causal *causal = state;
    json_decref(causal->map);
    json_decref(causal->early);
    json_decref(causal->sent);
    free(causal);
}

static void apply(struct specimen *node, json_t *message)
{
    struct causal *causal = node->state;
    uint32_t origin = (uint32_t)message_int(message, "origin");
    struct stamp stamp = {message_int(message, "lamport"), origin};
    const char *key;
    json_t *value;
    if (stamp.time > causal->lamport)
        causal->lamport = stamp.time;
    json_object_foreach(json_object_get(message, "writes"), key, value)
    {
        json_t *entry = stamped_entry(value, stamp);
        if (causal->last_writer)
            stamped_merge(causal->map, key, entry);
        else
            json_object_set(causal->map, key, entry);
        json_decref(entry);
    }
}

static void apply_next(struct specimen *node, json_t *message)
{
    struct causal *causal = node->state;
    uint32_t origin = (uint32_t)message_int(message, "origin");
    apply(node, message);
    causal->seen[origin]++;
}

static bool is_next(const struct specimen *node, const json_t *message)
{
    const struct causal *causal = node->state;
    uint32_t origin = (uint32_t)message_int(message, "origin");
    int64_t clock[SPECIMEN_NODES_MAX];
    for (uint32_t i = 0; i < node->count; i++) {
        clock[i] = json_integer_value(json_array_get(json_object_get(message, "clock"), i));
        if (i != origin && specimen_has_bug(node, "drop-dependency"))
            clock[i] = 0;
    }
    return causal_is_next(causal->seen, node->count, origin, clock);
}

static int64_t number_of(const json_t *message)
{
    return json_integer_value(
        json_array_get(json_object_get(message, "clock"), (size_t)message_int(message, "origin")));
}

/* Applies what has waited, until nothing more can be. */
static void apply_early(struct specimen *node)
{
    struct causal *causal = node->state;
    for (size_t i = 0; i < json_array_size(causal->early);) {
        json_t *message = json_array_get(causal->early, i);
        bool next = is_next(node, message);
        bool old = number_of(message) <= causal->seen[message_int(message, "origin")];
        if (next)
            apply_next(node, message);
        if (next || old)
            json_array_remove(causal->early, i);
        i = next ? 0 : i + !old;
    }
}

static void deliver(struct specimen *node, json_t *message)
{
    struct causal *causal = node->state;
    if (number_of(message) <= causal->seen[message_int(message, "origin")]) {
        if (specimen_has_bug(node, "apply-twice"))
            apply(node, message);
        return;
    }
    json_array_append(causal->early, message);
    apply_early(node);
}

/* --- what others have missed --- */

static json_t *seen_json(const struct specimen *node)
{
    const struct causal *causal = node->state;
    json_t *clock = json_array();
    for (uint32_t i = 0; i < node->count; i++)
        json_array_append_new(clock, json_integer(causal->seen[i]));
    return clock;
}

static void causal_tick(struct specimen *node)
{
    struct causal *causal = node->state;
    if (node->now_ms < causal->told_ms + TOLD_EVERY_MS)
        return;
    causal->told_ms = node->now_ms;
    specimen_send_others(node, specimen_pack("{s:s, s:o}", "t", "seen", "seen", seen_json(node)));
}

/* Of its own messages: each node answers for what it wrote. */
static void send_missing(struct specimen *node, uint32_t to, const json_t *seen)
{
    const struct causal *causal = node->state;
    size_t has = (size_t)json_integer_value(json_array_get(seen, node->self)), i;
    json_t *message;
    json_array_foreach(causal->sent, i, message) if (i >= has && i < has + SENT_AGAIN_AT_ONCE)
        node->send(node, to, json_incref(message));
}

static void causal_message(struct specimen *node, uint32_t from, json_t *message)
{
    if (strcmp(message_type(message), "seen") == 0)
        send_missing(node, from, json_object_get(message, "seen"));
    else
        deliver(node, message);
}

/* --- requests --- */

static json_t *read_key(void *context, const char *key)
{
    const struct causal *causal = ((struct specimen *)context)->state;
    json_t *own = json_object_get(causal->writes, key);
    return own ? own : stamped_value(causal->map, key);
}

static void write_key(void *context, const char *key, json_t *value)
{
    const struct causal *causal = ((struct specimen *)context)->state;
    json_object_set_new(causal->writes, key, value);
}

static void broadcast(struct specimen *node)
{
    struct causal *causal = node->state;
    json_t *clock = seen_json(node);
    json_array_set_new(clock, node->self, json_integer(causal->seen[node->self] + 1));
    json_t *message = specimen_pack("{s:s, s:I, s:o, s:I, s:O}", "t", "writes", "origin",
                                    (json_int_t)node->self, "clock", clock, "lamport",
                                    (json_int_t)(causal->lamport + 1), "writes", causal->writes);
    apply_next(node, message);
    json_array_append(causal->sent, message);
    specimen_send_others(node, message);
}

static void causal_request(struct specimen *node, int64_t request, json_t *op)
{
    struct causal *causal = node->state;
    struct operation_store store = {read_key, write_key, node};
    if (operation_refuse_strange(node, request, op))
        return;
    causal->writes = json_object();
    json_t *answer = operation_perform(op, &store);
    if (answer && json_object_size(causal->writes) > 0)
        broadcast(node);
    json_decref(causal->writes);
    if (answer)
        specimen_succeed(node, request, answer);
    else
        specimen_refuse(node, request, "value differs");
}

static const char *const variants[] = {"last-writer", "delivery", NULL};
static const char *const bugs[] = {"drop-dependency", "delivery-order", "apply-twice", NULL};

const struct replication replication_causal = {
    .name = "causal",
    .doc = "causal broadcast with vector clocks",
    .variants = variants,
    .bugs = bugs,
    .open = causal_open,
    .close = causal_close,
    .request = causal_request,
    .message = causal_message,
    .tick = causal_tick,
};
