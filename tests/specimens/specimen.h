/* Specimens: a small replicated store whose promise is known, to prove the checkers on.
 *
 * Each kind of replication is a state machine: requests of clients, messages of other nodes and the
 * passing of time go in, messages and answers go out. It keeps what its `promise` says because of
 * its algorithm, and breaks it because of one of its bugs, which leave out a single step. Nothing
 * here knows how it is checked.
 *
 * Requests are those of clients/lines.c: {"f":"txn","value":[["r",1,null],["append",2,5]]}, or
 * read, write and cas of a "key", or add, remove, contains and read of a set or a counter.
 *
 * Messages may be lost, delayed, doubled and overtaken. What is kept is in memory, and ends with
 * the process, unless a replication says otherwise. Without memory the node ends. */
#ifndef SPECIMENS_SPECIMEN_H
#define SPECIMENS_SPECIMEN_H

#include "core/random.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { SPECIMEN_NODES_MAX = 16, SPECIMEN_TICK_MS = 20, SPECIMEN_KEY_SIZE = 32 };

struct specimen {
    const struct replication *type;
    void *state;
    uint32_t self, count; /* this node's number, of so many */
    const char *variant;  /* of type->variants */
    const char *bug;      /* "" for none */
    const char *dir;      /* where it may keep files */
    int64_t now_ms;       /* since it started */
    int64_t wall_ms;      /* the node's clock, which may be wrong */
    int64_t next_id;      /* for specimen_id */
    struct random random;

    /* The world outside. `send` and `answer` take over what they are given. */
    void (*send)(struct specimen *node, uint32_t to, json_t *message);
    void (*answer)(struct specimen *node, int64_t request, json_t *answer);
    void *world;
};

struct replication {
    const char *name;
    const char *doc;
    const char *const *variants; /* the first one is the default; ends with NULL */
    const char *const *bugs;     /* ends with NULL */
    void *(*open)(struct specimen *node);
    void (*close)(void *state);
    void (*request)(struct specimen *node, int64_t request, json_t *op);
    void (*message)(struct specimen *node, uint32_t from, json_t *message);
    void (*tick)(struct specimen *node); /* every SPECIMEN_TICK_MS */
};

/* Ends with NULL. */
extern const struct replication *const replications[];

/* False if there is no such replication, variant (NULL = the first) or bug ("" = none). The rest of
 * *node is set by the caller before. */
bool specimen_open(struct specimen *node, const char *replication, const char *variant,
                   const char *bug);
void specimen_close(struct specimen *node);

bool specimen_has_bug(const struct specimen *node, const char *bug);
bool specimen_is(const struct specimen *node, const char *variant);

/* Different from all others of this cluster. */
int64_t specimen_id(struct specimen *node);

/* --- messages and answers --- */

/* Takes over the message. To others, and to all with this node. */
void specimen_send_others(struct specimen *node, json_t *message);
void specimen_send_all(struct specimen *node, json_t *message);

/* Another node, at random; this one if it is alone. */
uint32_t specimen_other(struct specimen *node);

/* Takes over the value; NULL = as it was sent. */
void specimen_succeed(struct specimen *node, int64_t request, json_t *value);
void specimen_refuse(struct specimen *node, int64_t request, const char *error);

/* --- JSON, where there is no way but to have it --- */

/* json_pack that ends the node if it fails. */
json_t *specimen_pack(const char *format, ...);

const char *message_type(const json_t *message);
int64_t message_int(const json_t *message, const char *name);

/* The text of a key, an integer. */
const char *specimen_key(const json_t *key, char out[SPECIMEN_KEY_SIZE]);

extern const struct replication replication_primary, replication_chain, replication_quorum,
    replication_gossip, replication_causal, replication_counter, replication_set,
    replication_two_phase;

#endif
