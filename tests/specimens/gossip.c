/* Gossip with last-writer-wins: a node performs everything on what it has, and tells others, one
 * key after the other, what it has; the later stamp wins.
 *
 * A stamp is one more than that of the value it overwrites. Eventual; and as a client keeps to its
 * node and a node only ever takes later values, read-your-writes and monotonic reads. Not causal:
 * of two keys the second may arrive first.
 *
 * Bugs: clock takes the node's clock for the stamp, so that an acknowledged write is gone if the
 * clock is behind that of who wrote last; no-tie-break keeps what it has if two stamps are equal
 * but for the node. */
#include "specimens/operation.h"
#include "specimens/stamped.h"

#include <stdlib.h>

enum { KEYS_AT_ONCE = 1 };

struct gossip {
    json_t *map;
    size_t next_told;
};

static void *gossip_open(struct specimen *node)
{
    (void)node;
    struct gossip *gossip = calloc(1, sizeof *gossip);
    if (!gossip)
        abort();
    gossip->map = json_object();
    return gossip;
}

static void gossip_close(void *state)
{
    struct gossip *gossip = state;
    json_decref(gossip->map);
    free(gossip);
}

static json_t *read_key(void *context, const char *key)
{
    const struct gossip *gossip = ((struct specimen *)context)->state;
    return stamped_value(gossip->map, key);
}

static void write_key(void *context, const char *key, json_t *value)
{
    struct specimen *node = context;
    struct gossip *gossip = node->state;
    struct stamp stamp = {stamped_stamp(gossip->map, key).time + 1, specimen_id(node)};
    if (specimen_has_bug(node, "clock"))
        stamp.time = node->wall_ms;
    if (specimen_has_bug(node, "no-tie-break"))
        stamp.id = 0;
    json_t *entry = stamped_entry(value, stamp);
    stamped_merge(gossip->map, key, entry);
    json_decref(entry);
    json_decref(value);
}

static void gossip_request(struct specimen *node, int64_t request, json_t *op)
{
    struct operation_store store = {read_key, write_key, node};
    if (operation_refuse_strange(node, request, op))
        return;
    json_t *answer = operation_perform(op, &store);
    if (answer)
        specimen_succeed(node, request, answer);
    else
        specimen_refuse(node, request, "value differs");
}

static void gossip_message(struct specimen *node, uint32_t from, json_t *message)
{
    (void)from;
    struct gossip *gossip = node->state;
    stamped_merge_all(gossip->map, json_object_get(message, "entries"));
}

static void gossip_tick(struct specimen *node)
{
    struct gossip *gossip = node->state;
    specimen_send_others(
        node, specimen_pack("{s:s, s:o}", "t", "gossip", "entries",
                            stamped_some(gossip->map, &gossip->next_told, KEYS_AT_ONCE)));
}

static const char *const variants[] = {"last-writer", NULL};
static const char *const bugs[] = {"clock", "no-tie-break", NULL};

const struct replication replication_gossip = {
    .name = "gossip",
    .doc = "gossip with last-writer-wins",
    .variants = variants,
    .bugs = bugs,
    .open = gossip_open,
    .close = gossip_close,
    .request = gossip_request,
    .message = gossip_message,
    .tick = gossip_tick,
};
