/* A simulated store of transactions, which keeps one consistency level and no more.
 *
 * Every version has the number of the commit that made it, and the replica where that was. What a
 * transaction reads is settled by its *view*: for each replica, up to which commit its versions are
 * visible. A read finds the last visible version of its key; a write makes a version after all
 * others. So the order of the commits is that of the versions, and levels differ in their views:
 *
 *   the present, at one moment                                      strict serializable
 *   writers the present, readers something older                    serializable
 *   what was there at one commit, and nobody wrote the same since   snapshot isolation
 *   the same, and others may have written                           prefix consistency
 *   what a replica has; replicas learn all that another has         causal consistency
 *   the same, and nobody unseen wrote the same                      parallel snapshot isolation
 *   for each replica up to some commit                              read atomic
 *   the same, and it grows from read to read                        monotonic atomic view
 *   anew for each read                                              read committed
 *
 * Lists show all that stands before what they show last, and who shows an append must have seen its
 * transaction. So views of some commits of each replica grow until they have all of those; and a
 * replica that appends to a list first learns all that there is.
 *
 * Views take what the session did before into account where the level's definition does
 * (transactions/level.h). Not thread-safe. */
#ifndef GENERATOR_TXN_STORE_H
#define GENERATOR_TXN_STORE_H

#include "core/micro_ops.h"
#include "core/random.h"
#include "generator/txn_generate.h"

#include <stdbool.h>
#include <stdint.h>

enum { STORE_REPLICAS_MAX = 5 };

struct store_level;

/* By number from 0, or by any of its names (transactions/level.h); NULL when there is none. */
const struct store_level *store_level_at(size_t number);
const struct store_level *store_level_find(const char *name);
const char *store_level_name(const struct store_level *level);

/* Clients should read every key once all is done. */
bool store_level_has_final_reads(const struct store_level *level);

struct store_version {
    uint64_t commit; /* from 1 */
    uint32_t value, replica;
};

struct store_key {
    int64_t number;
    struct store_version *versions; /* in the order of their commits */
    uint32_t count, capacity;
    uint32_t values; /* given out, from 1 */
    uint32_t users;  /* micro-operations, and one if it is in use */
};

struct store_micro {
    struct store_key *key;
    uint32_t value; /* written */
    uint32_t seen;  /* how many versions of the key the transaction read from */
    uint8_t f;      /* enum micro_f */
};

/* A client's transaction, from its invocation to its completion. */
struct store_txn {
    struct store_micro *micros; /* room for micro_ops_max */
    uint32_t count;
    bool writes, is_begun;
    uint64_t snapshot; /* the commit it reads from */
};

struct store_session {
    uint32_t replica; /* where it does everything */
    uint64_t last;    /* the commit it has seen or made */
};

struct store {
    const struct txn_generate_options *options;
    const struct store_level *level;
    struct random *random;
    struct store_key **keys; /* in use */
    struct store_key **spare;
    uint32_t key_count, spare_count, spare_capacity;
    int64_t next_key; /* the number of the next new one */
    uint64_t commits, lag_max;
    uint32_t replica_count;
    uint64_t has[STORE_REPLICAS_MAX][STORE_REPLICAS_MAX]; /* the view of each replica */
};

/* False without memory; to be freed with store_fini in any case. */
bool store_init(struct store *store, const struct txn_generate_options *options,
                const struct store_level *level, struct random *random);
void store_fini(struct store *store);

/* Chooses what a transaction will do. False without memory: then it does nothing. */
bool store_plan(struct store *store, struct store_txn *txn);

/* A transaction that reads every key of some, from number `first`, which it counts on. */
void store_plan_final(struct store *store, struct store_txn *txn, uint32_t *first);

/* Settles what it reads. To be called again at its commit if it was not before. */
void store_begin(struct store *store, struct store_txn *txn, const struct store_session *session);

/* It takes effect. False without memory. */
bool store_commit(struct store *store, struct store_txn *txn, struct store_session *session);

/* It is over, whether it committed or not. */
void store_release(struct store *store, struct store_txn *txn);

#endif
