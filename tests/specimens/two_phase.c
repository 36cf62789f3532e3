/* Two-phase commit across shards, with two-phase locking (Bernstein, Hadzilacos & Goodman,
 * "Concurrency Control and Recovery in Database Systems", 1987, chapters 3 and 7): key k belongs to
 * node k mod count. The node that a client asks coordinates: it has every shard lock its keys and
 * say what they hold, performs the transaction on that, and has every shard install the result and
 * unlock, or, if one refused, just unlock. A key that is locked refuses at once, so that nobody
 * waits for another. What others have missed is sent until they acknowledge it.
 *
 * Strict serializable: all locks of a transaction are held at the same time.
 *
 * Bugs: read-unlocked reads keys that it does not write without a lock; early-unlock unlocks after
 * the vote; read-before-commit has each shard install and unlock as soon as it agreed, so that
 * others read what is aborted yet; apply-twice installs a decision that arrives again again;
 * ignore-refusal commits although a shard refused. */
#include "specimens/operation.h"

#include <stdlib.h>
#include <string.h>

enum { VOTES_WITHIN_MS = 300, KEPT_MS = 10000 };

enum state { VOTING, COMMITTED, ABORTED };

/* What a coordinator knows of a transaction. */
struct transaction {
    struct transaction *next;
    int64_t id, began_ms;
    json_t *op;
    enum state state;
    uint32_t shards, answered, refused; /* bit = node; answered: voted, or acknowledged */
    json_t *found;                      /* {key: value} */
    json_t *result;                     /* {key: value}, of keys that were written */
};

struct two_phase {
    struct transaction *coordinated;
    json_t *store;
    json_t *locks;    /* {key: transaction} */
    json_t *prepared; /* {transaction: {key: what it held}} */
    json_t *decided;  /* {transaction: true} */
};

static void *two_phase_open(struct specimen *node)
{
    (void)node;
    struct two_phase *self = calloc(1, sizeof *self);
    if (!self)
        abort();
    self->store = json_object();
    self->locks = json_object();
    self->prepared = json_object();
    self->decided = json_object();
    return self;
}

static void free_transaction(struct transaction *transaction)
{
    json_decref(transaction->op);
    json_decref(transaction->found);
    json_decref(transaction->result);
    free(transaction);
}

static void two_phase_close(void *state)
{
    struct two_phase *self = state;
    while (self->coordinated) {
        struct transaction *transaction = self->coordinated;
        self->coordinated = transaction->next;
        free_transaction(transaction);
    }
    json_decref(self->store);
    json_decref(self->locks);
    json_decref(self->prepared);
    json_decref(self->decided);
    free(self);
}

static uint32_t shard_of(const struct specimen *node, const char *key)
{
    return (uint32_t)(strtoull(key, NULL, 10) % node->count);
}

/* --- the coordinator --- */

static json_t *prepare_message(const struct specimen *node, const struct transaction *transaction,
                               uint32_t shard)
{
    json_t *reads = json_array(), *writes = json_array();
    for (size_t i = 0; i < operation_count(transaction->op); i++) {
        struct access access = operation_access(transaction->op, i);
        if (shard_of(node, access.key) == shard)
            json_array_append_new(access.f == ACCESS_READ ? reads : writes,
                                  json_string(access.key));
    }
    return specimen_pack("{s:s, s:I, s:o, s:o}", "t", "prepare", "id", (json_int_t)transaction->id,
                         "reads", reads, "writes", writes);
}

static json_t *decide_message(const struct specimen *node, const struct transaction *transaction,
                              uint32_t shard)
{
    json_t *writes = json_object(), *value;
    const char *key;
    json_object_foreach(transaction->result, key, value) if (shard_of(node, key) == shard)
        json_object_set(writes, key, value);
    return specimen_pack("{s:s, s:I, s:b, s:o}", "t", "decide", "id", (json_int_t)transaction->id,
                         "commit", transaction->state == COMMITTED, "writes", writes);
}

static void send_unanswered(struct specimen *node, const struct transaction *transaction)
{
    for (uint32_t shard = 0; shard < node->count; shard++)
        if (transaction->shards & ~transaction->answered & 1u << shard)
            node->send(node, shard,
                       transaction->state == VOTING ? prepare_message(node, transaction, shard)
                                                    : decide_message(node, transaction, shard));
}

static json_t *read_found(void *context, const char *key)
{
    const struct transaction *transaction = context;
    json_t *own = json_object_get(transaction->result, key);
    json_t *found = own ? own : json_object_get(transaction->found, key);
    return json_is_null(found) ? NULL : found;
}

static void write_result(void *context, const char *key, json_t *value)
{
    json_object_set_new(((struct transaction *)context)->result, key, value);
}

static void decide(struct specimen *node, struct transaction *transaction)
{
    struct operation_store store = {read_found, write_result, transaction};
    json_object_clear(transaction->result);
    bool refused = transaction->refused != 0 && !specimen_has_bug(node, "ignore-refusal");
    bool missing = (transaction->shards & ~transaction->answered) != 0;
    json_t *answer = refused || missing ? NULL : operation_perform(transaction->op, &store);
    transaction->state = answer ? COMMITTED : ABORTED;
    transaction->answered = 0;
    if (answer)
        specimen_succeed(node, transaction->id, answer);
    else
        specimen_refuse(node, transaction->id,
                        missing   ? "aborted: a shard did not vote"
                        : refused ? "aborted: a key was locked"
                                  : "value differs");
    send_unanswered(node, transaction);
}

static void two_phase_request(struct specimen *node, int64_t request, json_t *op)
{
    struct two_phase *self = node->state;
    if (operation_refuse_strange(node, request, op))
        return;
    struct transaction *transaction = calloc(1, sizeof *transaction);
    if (!transaction)
        abort();
    *transaction = (struct transaction){.next = self->coordinated,
                                        .id = request,
                                        .began_ms = node->now_ms,
                                        .op = json_incref(op),
                                        .found = json_object(),
                                        .result = json_object()};
    for (size_t i = 0; i < operation_count(op); i++)
        transaction->shards |= 1u << shard_of(node, operation_access(op, i).key);
    self->coordinated = transaction;
    send_unanswered(node, transaction);
}

/* The bug read-before-commit. */
static void commit_early(struct specimen *node, struct transaction *transaction, uint32_t shard)
{
    struct operation_store store = {read_found, write_result, transaction};
    json_object_clear(transaction->result);
    json_decref(operation_perform(transaction->op, &store));
    transaction->state = COMMITTED;
    node->send(node, shard, decide_message(node, transaction, shard));
    transaction->state = VOTING;
}

static struct transaction *find(struct two_phase *self, int64_t id)
{
    struct transaction *transaction = self->coordinated;
    while (transaction && transaction->id != id)
        transaction = transaction->next;
    return transaction;
}

static void take_vote(struct specimen *node, uint32_t from, const json_t *vote)
{
    struct transaction *transaction = find(node->state, message_int(vote, "id"));
    if (!transaction || transaction->state != VOTING)
        return;
    transaction->answered |= 1u << from;
    if (json_is_true(json_object_get(vote, "agreed")))
        json_object_update(transaction->found, json_object_get(vote, "found"));
    else
        transaction->refused |= 1u << from;
    if (!(transaction->refused >> from & 1) && specimen_has_bug(node, "read-before-commit"))
        commit_early(node, transaction, from);
    if (transaction->answered == transaction->shards)
        decide(node, transaction);
}

static void two_phase_tick(struct specimen *node)
{
    struct two_phase *self = node->state;
    for (struct transaction **at = &self->coordinated; *at;) {
        struct transaction *transaction = *at;
        bool ended = transaction->state != VOTING && transaction->answered == transaction->shards;
        if (ended && transaction->began_ms + KEPT_MS < node->now_ms) {
            *at = transaction->next;
            free_transaction(transaction);
            continue;
        }
        if (transaction->state == VOTING && transaction->began_ms + VOTES_WITHIN_MS < node->now_ms)
            decide(node, transaction);
        else if (transaction->began_ms + SPECIMEN_TICK_MS < node->now_ms)
            send_unanswered(node, transaction);
        at = &transaction->next;
    }
}

/* --- a shard --- */

static const char *id_text(const json_t *message, char out[SPECIMEN_KEY_SIZE])
{
    return specimen_key(json_object_get(message, "id"), out);
}

static bool lock_all(struct two_phase *self, const json_t *keys, const char *id)
{
    const json_t *key;
    size_t i;
    json_array_foreach(keys, i, key)
    {
        const char *owner = json_string_value(json_object_get(self->locks, json_string_value(key)));
        if (owner && strcmp(owner, id) != 0)
            return false;
        json_object_set_new(self->locks, json_string_value(key), json_string(id));
    }
    return true;
}

static void unlock_all(struct two_phase *self, const char *id)
{
    const char *key;
    json_t *owner;
    void *next;
    json_object_foreach_safe(self->locks, next, key,
                             owner) if (strcmp(json_string_value(owner), id) == 0)
        json_object_del(self->locks, key);
}

static void put_found(const struct two_phase *self, const json_t *keys, json_t *found)
{
    const json_t *key;
    size_t i;
    json_array_foreach(keys, i, key)
    {
        json_t *value = json_object_get(self->store, json_string_value(key));
        json_object_set_new(found, json_string_value(key),
                            value ? json_incref(value) : json_null());
    }
}

/* The keys with what they hold; NULL if one is locked. Votes the same when asked again. */
static json_t *prepare(struct specimen *node, const json_t *message, const char *id)
{
    struct two_phase *self = node->state;
    const json_t *reads = json_object_get(message, "reads");
    const json_t *writes = json_object_get(message, "writes");
    json_t *found = json_object_get(self->prepared, id);
    if (found)
        return json_incref(found);
    if (json_object_get(self->decided, id))
        return NULL;
    bool locks_reads = !specimen_has_bug(node, "read-unlocked");
    if (!lock_all(self, writes, id) || (locks_reads && !lock_all(self, reads, id))) {
        unlock_all(self, id);
        return NULL;
    }
    found = json_object();
    put_found(self, reads, found);
    put_found(self, writes, found);
    json_object_set(self->prepared, id, found);
    if (specimen_has_bug(node, "early-unlock"))
        unlock_all(self, id);
    return found;
}

static void vote(struct specimen *node, uint32_t from, const json_t *message)
{
    char id[SPECIMEN_KEY_SIZE];
    json_t *found = prepare(node, message, id_text(message, id));
    node->send(node, from,
               specimen_pack("{s:s, s:I, s:b, s:o*}", "t", "vote", "id",
                             (json_int_t)message_int(message, "id"), "agreed", found != NULL,
                             "found", found));
}

static void carry_out(struct specimen *node, uint32_t from, const json_t *message)
{
    char id[SPECIMEN_KEY_SIZE];
    struct two_phase *self = node->state;
    id_text(message, id);
    bool agreed = json_object_get(self->prepared, id) != NULL;
    bool first = !json_object_get(self->decided, id);
    bool installs = (agreed && first) || specimen_has_bug(node, "apply-twice");
    if (installs && json_is_true(json_object_get(message, "commit")))
        json_object_update(self->store, json_object_get(message, "writes"));
    json_object_set_new(self->decided, id, json_true());
    json_object_del(self->prepared, id);
    unlock_all(self, id);
    node->send(
        node, from,
        specimen_pack("{s:s, s:I}", "t", "done", "id", (json_int_t)message_int(message, "id")));
}

static void two_phase_message(struct specimen *node, uint32_t from, json_t *message)
{
    const char *type = message_type(message);
    if (strcmp(type, "prepare") == 0) {
        vote(node, from, message);
    } else if (strcmp(type, "vote") == 0) {
        take_vote(node, from, message);
    } else if (strcmp(type, "decide") == 0) {
        carry_out(node, from, message);
    } else if (strcmp(type, "done") == 0) {
        struct transaction *transaction = find(node->state, message_int(message, "id"));
        if (transaction && transaction->state != VOTING)
            transaction->answered |= 1u << from;
    }
}

static const char *const variants[] = {"locking", NULL};
static const char *const bugs[] = {"read-unlocked", "early-unlock",   "read-before-commit",
                                   "apply-twice",   "ignore-refusal", NULL};

const struct replication replication_two_phase = {
    .name = "two-phase",
    .doc = "two-phase commit across shards",
    .variants = variants,
    .bugs = bugs,
    .open = two_phase_open,
    .close = two_phase_close,
    .request = two_phase_request,
    .message = two_phase_message,
    .tick = two_phase_tick,
};
