/* Private to transactions_build and its neighbours: transactions under construction. */
#ifndef TRANSACTIONS_TXN_BUILD_H
#define TRANSACTIONS_TXN_BUILD_H

#include "transactions/transactions.h"
#include "transactions/version_index.h"

/* The longest read of a list seen so far, by committed transactions. */
struct longest_list {
    const value_ref *items;
    uint32_t count;
};

/* The `version` of a read that was not answered, while versions are still values: VERSION_UNREAD is
 * the reference of -1. */
#define VALUE_UNREAD VALUE_REF_NOMEM

/* What is known of a key while building. */
struct key_build {
    struct longest_list longest;
    uint32_t values; /* micro-operations with one value: written, or read */
    bool has_list;   /* was read */
    bool has_append, has_write;
    bool is_list;
    bool has_duplicates;              /* in the longest read of all */
    uint32_t accessed_by, written_by; /* the transaction before this number did it last; 0 = none */
    uint32_t last_write;              /* its micro-operation */
};

/* As many keys as `key` of struct micro has numbers for. */
#define TXN_KEYS_MAX (UINT32_C(1) << 28)

struct txn_build {
    const struct transactions_source *source;
    struct transactions *out;
    struct value_pool *pool;
    struct key_build *keys;
    uint32_t key_capacity;
    uint32_t keys_max;          /* TXN_KEYS_MAX; tests come to the limit sooner */
    struct version_index index; /* of the keys with odd reads, once versions are numbered */
};

/* From values to micro-operations whose `version` is still a value, or the place of a list.
 * Errors: as transactions_build; ERR_INPUT also for more than keys_max keys. */
int txn_decode(struct txn_build *build, struct errbuf *err);

/* Numbers the versions of all keys, and makes `version` of everything but list reads a version. */
int txn_number_versions(struct txn_build *build, struct errbuf *err);

/* Makes `version` of list reads a version; finds the odd ones. */
int txn_resolve_lists(struct txn_build *build, struct errbuf *err);

int txn_no_memory(struct errbuf *err); /* ERR_NOMEM */
int txn_time_over(struct errbuf *err); /* ERR_TIMEOUT */

#endif
