/* The transactions of a history as the checks of isolation read them: who installed which version
 * of which key, and which version every read saw.
 *
 * Transactions, keys, versions and sessions are numbers. A *version* is what one write or append
 * put into one key; reading a value found it, as every value is written to a key at most once (if
 * not, transactions_build says so, and no verdict is possible). Each key begins with the version
 * that nobody wrote.
 *
 * Lists (append) tell the order of their versions: the longest read of a key without duplicates is
 * the order, every shorter one must be its prefix (Kingsbury & Alvaro, "Elle", VLDB 2020, section
 * 4.2.3: traceability), and what nobody read comes after it, in no known order. Registers tell
 * none.
 *
 * A transaction that failed is aborted. One that nobody knows the end of (info) is committed if
 * somebody saw a version of it, and otherwise is left out, as it may as well have aborted; what it
 * read is not known.
 *
 * Everything is from the budget and read-only once it is built. About 12 bytes for each
 * micro-operation and 12 for each transaction. */
#ifndef TRANSACTIONS_TRANSACTIONS_H
#define TRANSACTIONS_TRANSACTIONS_H

#include "checker/object.h"
#include "checker/value_numbers.h"
#include "core/micro_ops.h"

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct errbuf;

#define TXN_NONE       UINT32_MAX /* who wrote the first version of a key; or nobody did */
#define VERSION_UNREAD UINT32_MAX /* of a read that was not answered */

enum txn_fate {
    TXN_COMMITTED,
    TXN_OBSERVED, /* info, and a committed transaction saw something of it */
    TXN_UNSEEN,   /* info, and nobody did */
    TXN_ABORTED,
};

struct txn {
    uint32_t op;      /* index of object->ops; transactions are in order of invocation */
    uint32_t micros;  /* its first one; the next transaction's is where they end */
    uint32_t session; /* from 0, one for each process */
    uint8_t fate;     /* enum txn_fate */
};

struct micro {
    uint32_t key : 28;
    uint32_t f : 2;        /* enum micro_f */
    uint32_t is_outer : 1; /* the first access to its key, if a read; the last write to it */
    uint32_t is_list : 1;  /* a list was read */
    uint32_t version;      /* read or installed; of a list, that of its last element */
};

struct version {
    uint32_t txn; /* TXN_NONE: nobody wrote it */
    value_ref value;
};

struct txn_key {
    uint32_t first_version; /* the initial one; the others of the key follow */
    uint32_t ordered;       /* so many, with the first, are in the order they were installed in */
};

/* A read of a list that is none of the states of its key. */
enum odd_read_kind {
    READ_DUPLICATES,   /* an element is there twice */
    READ_INCOMPATIBLE, /* it is no prefix of the order */
};

struct odd_read {
    enum odd_read_kind kind;
    uint32_t txn, micro;
    uint32_t place; /* of what was read: see txn_list */
};

struct transactions {
    const struct object *object;
    struct budget *budget;
    struct txn *txns;  /* txn_count, and one more whose `micros` ends the last one's */
    value_ref *packed; /* what each of them is (core/micro_ops.h) */
    uint32_t txn_count;
    struct micro *micros;
    uint32_t micro_count;
    struct txn_key *keys; /* key_count, and one more */
    uint32_t key_count;
    struct version *versions;
    uint32_t version_count;
    uint32_t session_count;
    struct value_numbers key_values; /* key k is value number k + 1 */
    struct odd_read *odd_reads;      /* in order of the transactions */
    uint32_t odd_read_count;
    uint32_t version_capacity, odd_read_capacity;
    uint32_t ignored_reads; /* of what nobody wrote, that say nothing */
    /* A value that was written twice to one key; TXN_NONE if there is none. Of a value that the key
     * began with, and that was read, too, the first of the two is TXN_NONE, and the second is not.
     */
    uint32_t rewritten_by[2], rewritten_key;
    value_ref rewritten_value;
};

/* What it is built from. */
struct transactions_source {
    const struct object *object;      /* values: transactions, packed or as lists of lists */
    value_ref initial;                /* what a key holds before its first write; nil */
    bool initial_may_be_nil;          /* ... or nil */
    bool has_no_initial;              /* a read must have a writer */
    bool unwritten_reads_say_nothing; /* of registers: they count as unanswered */
    unsigned threads;                 /* 0 = one a core */
};

/* Fills *out, to be freed with transactions_fini, also after an error. Linear, but for numbering
 * (expected). Errors: ERR_INPUT (a value that is no transaction, or mixes lists and registers in
 * one key; the text names the event), ERR_NOMEM, ERR_TIMEOUT. */
int transactions_build(const struct transactions_source *source, struct budget *budget,
                       struct transactions *out, struct errbuf *err);

void transactions_fini(struct transactions *all);

/* --- reading --- */

static inline bool txn_is_committed(const struct transactions *all, uint32_t txn)
{
    return all->txns[txn].fate <= TXN_OBSERVED;
}

static inline value_ref txn_key_value(const struct transactions *all, uint32_t key)
{
    return all->key_values.refs[key + 1];
}

/* The elements of a list that a transaction read. */
static inline const value_ref *txn_list(const struct transactions *all, uint32_t txn,
                                        uint32_t place, uint32_t *count)
{
    return micro_ops_items(all->object->values, all->packed[txn], place, count);
}

/* The version of others that a transaction's read showed: of a list, all but what the transaction
 * itself had appended, which stands at the end. */
static inline uint32_t micro_version_of_others(const struct transactions *all, uint32_t txn,
                                               const struct micro *micro)
{
    uint32_t version = micro->version;
    if (!micro->is_list || version == VERSION_UNREAD)
        return version;
    while (version > all->keys[micro->key].first_version && all->versions[version].txn == txn)
        version--;
    return version;
}

/* How many versions a key has, with the first. */
static inline uint32_t txn_key_versions(const struct transactions *all, uint32_t key)
{
    return all->keys[key + 1].first_version - all->keys[key].first_version;
}

static inline const struct operation *txn_operation(const struct transactions *all, uint32_t txn)
{
    return &all->object->ops[all->txns[txn].op];
}

/* The odd read that a micro-operation is; NULL if it is none. O(log odd reads). */
const struct odd_read *odd_read_find(const struct transactions *all, uint32_t micro);

/* The key of a version. O(log keys). */
uint32_t version_key(const struct transactions *all, uint32_t version);

#endif
