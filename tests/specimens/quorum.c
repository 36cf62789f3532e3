/* Registers kept by quorums, each operation on one key.
 *
 * variant "majority": the multi-writer register of Attiya, Bar-Noy & Dolev ("Sharing Memory
 *   Robustly in Message-Passing Systems", J. ACM 1995; Lynch & Shvartsman, FTCS 1997). An operation
 *   first asks a majority for the latest value; a write then stores its value with a later stamp, a
 *   read the value that it found, at a majority. Linearizable. What a node has stored it has
 *   written to its file before it says so, and reads again when it is started anew.
 * variant "weak": reads ask one node, writes wait for one (R + W <= N), the others are sent what
 *   was written, and every tick what they may have missed. Eventual, and nothing more: the next
 *   read may ask a node that is behind.
 *
 * Bugs: no-write-back reads without storing what they found; small-quorum takes one less than a
 * majority; no-query writes with the next stamp after what the node itself has; forget keeps
 * nothing in a file; no-repair (weak) sends what was written only once. */
#include "specimens/operation.h"
#include "specimens/stamped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPAIRED_AT_ONCE = 32, AGAIN_AFTER_MS = 200, GIVEN_UP_MS = 4000 };

enum phase { ASK, STORE };

struct call {
    struct call *next;
    int64_t request, began_ms, sent_ms;
    json_t *op;
    struct access access;
    enum phase phase;
    uint32_t answered; /* bit = node */
    json_t *value;     /* the latest found, or what is stored */
    struct stamp stamp;
};

struct quorum {
    json_t *map;
    struct call *calls;
    FILE *file; /* NULL if it keeps nothing */
    uint32_t needed;
    bool is_weak;
    size_t next_repaired;
};

/* --- the file: a line for each store, [key, entry] --- */

static void read_file(struct quorum *quorum, const char *path)
{
    FILE *file = fopen(path, "r");
    json_t *line;
    while (file && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        stamped_merge(quorum->map, json_string_value(json_array_get(line, 0)),
                      json_array_get(line, 1));
        json_decref(line);
    }
    if (file)
        fclose(file);
}

static void keep(struct quorum *quorum, const char *key, json_t *entry)
{
    if (stamp_compare(stamped_entry_stamp(entry), stamped_stamp(quorum->map, key)) <= 0)
        return;
    stamped_merge(quorum->map, key, entry);
    if (!quorum->file)
        return;
    json_t *line = specimen_pack("[s, O]", key, entry);
    json_dumpf(line, quorum->file, JSON_COMPACT);
    fputc('\n', quorum->file);
    fflush(quorum->file); /* to the kernel: it is the process that is killed, not the machine */
    json_decref(line);
}

static void *quorum_open(struct specimen *node)
{
    struct quorum *quorum = calloc(1, sizeof *quorum);
    if (!quorum)
        abort();
    quorum->map = json_object();
    quorum->is_weak = specimen_is(node, "weak");
    quorum->needed = node->count / 2 + 1;
    if (specimen_has_bug(node, "small-quorum"))
        quorum->needed--;
    if (quorum->is_weak)
        quorum->needed = 1;
    if (!quorum->is_weak && !specimen_has_bug(node, "forget") && node->dir) {
        char path[4096];
        snprintf(path, sizeof path, "%s/stored", node->dir);
        read_file(quorum, path);
        quorum->file = fopen(path, "a");
    }
    return quorum;
}

static void free_call(struct call *call)
{
    json_decref(call->op);
    json_decref(call->value);
    free(call);
}

static void quorum_close(void *state)
{
    struct quorum *quorum = state;
    while (quorum->calls) {
        struct call *call = quorum->calls;
        quorum->calls = call->next;
        free_call(call);
    }
    if (quorum->file)
        fclose(quorum->file);
    json_decref(quorum->map);
    free(quorum);
}

/* --- an operation --- */

static json_t *message_of(const struct call *call)
{
    if (call->phase == ASK)
        return specimen_pack("{s:s, s:I, s:s}", "t", "ask", "id", (json_int_t)call->request, "key",
                             call->access.key);
    return specimen_pack("{s:s, s:I, s:s, s:o}", "t", "store", "id", (json_int_t)call->request,
                         "key", call->access.key, "entry", stamped_entry(call->value, call->stamp));
}

static void begin_phase(struct specimen *node, struct call *call, enum phase phase)
{
    const struct quorum *quorum = node->state;
    call->phase = phase;
    call->answered = 0;
    call->sent_ms = node->now_ms;
    json_t *message = message_of(call);
    if (quorum->is_weak && phase == ASK)
        node->send(node, (uint32_t)random_below(&node->random, node->count), message);
    else
        specimen_send_all(node, message);
}

static void begin_store(struct specimen *node, struct call *call)
{
    if (call->access.f == ACCESS_WRITE) {
        json_decref(call->value);
        call->value = json_incref(call->access.value);
        call->stamp = (struct stamp){call->stamp.time + 1, specimen_id(node)};
    }
    begin_phase(node, call, STORE);
}

static void finish(struct specimen *node, struct call *call)
{
    struct quorum *quorum = node->state;
    const json_t *micro = json_array_get(json_object_get(call->op, "value"), 0);
    specimen_succeed(node, call->request,
                     json_is_array(micro) ? specimen_pack("[[O, O, O]]", json_array_get(micro, 0),
                                                          json_array_get(micro, 1), call->value)
                                          : json_incref(call->value));
    struct call **at = &quorum->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    free_call(call);
}

static void quorum_request(struct specimen *node, int64_t request, json_t *op)
{
    struct quorum *quorum = node->state;
    if (operation_refuse_strange(node, request, op))
        return;
    struct access access =
        operation_count(op) == 1 ? operation_access(op, 0) : (struct access){.f = ACCESS_CAS};
    if (access.f != ACCESS_READ && access.f != ACCESS_WRITE) {
        specimen_refuse(node, request, "one read or one write it must be");
        return;
    }
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        abort();
    *call = (struct call){.next = quorum->calls,
                          .request = request,
                          .began_ms = node->now_ms,
                          .op = json_incref(op),
                          .access = access,
                          .value = json_null()};
    quorum->calls = call;
    bool own_stamp = quorum->is_weak || specimen_has_bug(node, "no-query");
    if (access.f == ACCESS_READ || !own_stamp) {
        begin_phase(node, call, ASK);
        return;
    }
    call->stamp = stamped_stamp(quorum->map, access.key);
    begin_store(node, call);
}

static void take_reply(struct specimen *node, struct call *call, uint32_t from, json_t *message)
{
    const struct quorum *quorum = node->state;
    json_t *entry = json_object_get(message, "entry");
    struct stamp stamp = stamped_entry_stamp(entry);
    call->answered |= 1u << from;
    if (call->phase == ASK && stamp_compare(stamp, call->stamp) > 0) {
        json_decref(call->value);
        call->value = json_incref(json_array_get(entry, 0));
        call->stamp = stamp;
    }
    if ((uint32_t)__builtin_popcount(call->answered) < quorum->needed)
        return;
    bool is_read = call->access.f == ACCESS_READ;
    bool stores = !is_read || (!quorum->is_weak && !specimen_has_bug(node, "no-write-back"));
    if (call->phase == ASK && stores)
        begin_store(node, call);
    else
        finish(node, call);
}

static void quorum_message(struct specimen *node, uint32_t from, json_t *message)
{
    struct quorum *quorum = node->state;
    const char *type = message_type(message);
    const char *key = json_string_value(json_object_get(message, "key"));
    json_t *entry = json_object_get(message, "entry");
    json_int_t id = message_int(message, "id");
    if (strcmp(type, "ask") == 0) {
        json_t *here = json_object_get(quorum->map, key);
        node->send(node, from,
                   specimen_pack("{s:s, s:I, s:i, s:O*}", "t", "reply", "id", id, "phase", ASK,
                                 "entry", here));
    } else if (strcmp(type, "store") == 0) {
        keep(quorum, key, entry);
        node->send(node, from,
                   specimen_pack("{s:s, s:I, s:i}", "t", "reply", "id", id, "phase", STORE));
    } else if (strcmp(type, "repair") == 0) {
        stamped_merge_all(quorum->map, json_object_get(message, "entries"));
    } else if (strcmp(type, "reply") == 0) {
        for (struct call *call = quorum->calls; call; call = call->next) {
            if (call->request != id || (json_int_t)call->phase != message_int(message, "phase"))
                continue;
            take_reply(node, call, from, message);
            break;
        }
    }
}

static void send_again(struct specimen *node, struct call *call)
{
    if (call->sent_ms + AGAIN_AFTER_MS > node->now_ms)
        return;
    call->sent_ms = node->now_ms;
    for (uint32_t to = 0; to < node->count; to++)
        if (!(call->answered >> to & 1))
            node->send(node, to, message_of(call));
}

/* Nobody waits any more for what is old. */
static void quorum_tick(struct specimen *node)
{
    struct quorum *quorum = node->state;
    for (struct call **at = &quorum->calls; *at;) {
        struct call *call = *at;
        if (call->began_ms + GIVEN_UP_MS < node->now_ms) {
            *at = call->next;
            free_call(call);
            continue;
        }
        send_again(node, call);
        at = &call->next;
    }
    if (quorum->is_weak && !specimen_has_bug(node, "no-repair"))
        node->send(
            node, specimen_other(node),
            specimen_pack("{s:s, s:o}", "t", "repair", "entries",
                          stamped_some(quorum->map, &quorum->next_repaired, REPAIRED_AT_ONCE)));
}

static const char *const variants[] = {"majority", "weak", NULL};
static const char *const bugs[] = {"no-write-back", "small-quorum", "no-query",
                                   "forget",        "no-repair",    NULL};

const struct replication replication_quorum = {
    .name = "quorum",
    .doc = "registers kept by quorums",
    .variants = variants,
    .bugs = bugs,
    .open = quorum_open,
    .close = quorum_close,
    .request = quorum_request,
    .message = quorum_message,
    .tick = quorum_tick,
};
