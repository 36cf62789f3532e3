/* Eventual consistency by definition (transactions/level.h): from the values alone, each read
 * against each write. */
#ifndef TESTS_ISOLATION_ORACLE_EVENTUAL_H
#define TESTS_ISOLATION_ORACLE_EVENTUAL_H

#include "checker/verdict.h"
#include "transactions/transactions.h"

#include <string.h>

/* Every micro-operation of the history with what became of its transaction. */
struct eventual_access {
    struct micro_op op;
    const struct operation *txn;
    bool is_last; /* write of its transaction to the key */
};

struct eventual_oracle {
    struct eventual_access accesses[64];
    int count;
};

static inline void eventual_oracle_init(struct eventual_oracle *oracle,
                                        const struct transactions *all)
{
    oracle->count = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
        for (struct micro_op op; micro_ops_next(&cursor, &op);) {
            for (int i = 0; i < oracle->count; i++)
                if (op.f != MICRO_READ && oracle->accesses[i].txn == txn_operation(all, txn) &&
                    oracle->accesses[i].op.key == op.key)
                    oracle->accesses[i].is_last = false;
            oracle->accesses[oracle->count++] =
                (struct eventual_access){op, txn_operation(all, txn), true};
        }
    }
}

static inline bool eventual_is_acknowledged_write(const struct eventual_access *access,
                                                  value_ref key)
{
    return access->op.f != MICRO_READ && access->op.key == key && access->txn->outcome == OP_OK;
}

/* Answered, when every acknowledged transaction that wrote anything was over. */
static inline bool eventual_is_quiet(const struct eventual_oracle *oracle,
                                     const struct eventual_access *read)
{
    bool any = false;
    if (read->op.f != MICRO_READ || read->txn->outcome != OP_OK)
        return false;
    for (int i = 0; i < oracle->count; i++) {
        const struct eventual_access *write = &oracle->accesses[i];
        if (write->op.f == MICRO_READ || write->txn->outcome != OP_OK)
            continue;
        any |= write->op.key == read->op.key;
        if (write->txn->complete >= read->txn->invoke)
            return false;
    }
    return any;
}

/* The process never read the key again. */
static inline bool eventual_is_final(const struct eventual_oracle *oracle,
                                     const struct eventual_access *read)
{
    for (int i = (int)(read - oracle->accesses) + 1; i < oracle->count; i++) {
        const struct eventual_access *later = &oracle->accesses[i];
        if (later->txn->process == read->txn->process && later->op.key == read->op.key &&
            eventual_is_quiet(oracle, later))
            return false;
    }
    return eventual_is_quiet(oracle, read);
}

/* The write of a value that did not fail; NULL if there is none. */
static inline const struct eventual_access *eventual_write_of(const struct eventual_oracle *oracle,
                                                              value_ref key, value_ref value)
{
    for (int i = 0; i < oracle->count; i++) {
        const struct eventual_access *access = &oracle->accesses[i];
        if (access->op.f != MICRO_READ && access->op.key == key && access->op.value == value &&
            access->txn->outcome != OP_FAIL)
            return access;
    }
    return NULL;
}

/* What a final read shows of acknowledged writes, one after the other; -1: that it lacks one. */
static inline int eventual_shown(const struct eventual_oracle *oracle,
                                 const struct eventual_access *read, value_ref shown[64])
{
    int count = 0;
    const value_ref *items = read->op.is_list ? read->op.items : &read->op.value;
    uint32_t item_count = read->op.is_list ? read->op.item_count : 1;
    bool has_uncertain = false;
    for (uint32_t i = 0; i < item_count; i++) {
        const struct eventual_access *write = eventual_write_of(oracle, read->op.key, items[i]);
        has_uncertain |= write && write->txn->outcome == OP_INFO;
        if (write && write->txn->outcome == OP_OK && (write->is_last || read->op.is_list))
            shown[count++] = items[i];
    }
    for (int i = 0; i < oracle->count; i++) {
        const struct eventual_access *write = &oracle->accesses[i];
        bool is_there = false;
        if (!eventual_is_acknowledged_write(write, read->op.key))
            continue;
        for (int k = 0; k < count; k++) /* anything that is in a register overwrote the rest */
            is_there |= write->op.f == MICRO_WRITE || shown[k] == write->op.value;
        if (!is_there && !(write->op.f == MICRO_WRITE && has_uncertain))
            return -1;
    }
    return count;
}

/* VALID, INVALID; UNKNOWN if a key that was written has no final read. */
static inline enum verdict eventual_oracle_verdict(const struct eventual_oracle *oracle)
{
    bool all_are_read = oracle->count > 0, any = false;
    for (int i = 0; i < oracle->count; i++) {
        value_ref one[64], other[64];
        const struct eventual_access *read = &oracle->accesses[i];
        if (read->op.f != MICRO_READ && read->txn->outcome == OP_OK) {
            bool is_read = false;
            for (int k = 0; k < oracle->count; k++)
                is_read |= oracle->accesses[k].op.key == read->op.key &&
                           eventual_is_final(oracle, &oracle->accesses[k]);
            all_are_read &= is_read;
            any = true;
        }
        if (!eventual_is_final(oracle, read))
            continue;
        int count = eventual_shown(oracle, read, one);
        if (count < 0)
            return VERDICT_INVALID;
        for (int k = 0; k < i; k++) {
            const struct eventual_access *second = &oracle->accesses[k];
            if (second->op.key != read->op.key || !eventual_is_final(oracle, second))
                continue;
            int others = eventual_shown(oracle, second, other);
            bool says_nothing = !read->op.is_list && (count == 0 || others == 0);
            if (!says_nothing &&
                (count != others || memcmp(one, other, (size_t)count * sizeof *one)))
                return VERDICT_INVALID;
        }
    }
    return any && all_are_read ? VERDICT_VALID : VERDICT_UNKNOWN;
}

#endif
