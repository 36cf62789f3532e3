/* Transactions as values: lists of micro-operations such as [[:append 5 7] [:r 5 [1 7]] [:w 8 3]],
 * kept as numbers of 4 bytes instead of trees of values. They are most of a transactional history:
 * a list read of a thousand elements takes 4 KB here, and nothing is hashed or locked to add one.
 *
 * A transaction in a pool has a reference like every value. It is not interned: equal ones have
 * different references. value_pool_get makes the list it stands for, once, and keeps it.
 *
 * What was read may also be the beginning of a list that others read (core/micro_lists.h): then it
 * is stored as a place and a length. Who reads it sees no difference. */
#ifndef CORE_MICRO_OPS_H
#define CORE_MICRO_OPS_H

#include "core/value_pool.h"

#include <stdbool.h>
#include <stdint.h>

enum micro_f { MICRO_READ, MICRO_WRITE, MICRO_APPEND }; /* :r :w :append */

struct micro_op {
    enum micro_f f;
    bool is_list;           /* what was read is the list of `items`, and value is nil */
    value_ref key, value;   /* value: written, appended or read */
    const value_ref *items; /* in the pool */
    uint32_t item_count;
    uint32_t place; /* of the items, for micro_ops_items */
};

/* --- adding: each thread has a writer of its own --- */

struct micro_ops_writer {
    struct value_pool *pool;
    uint32_t *block;     /* what it claimed last, from `unit` on */
    uint32_t *begin;     /* of the transaction under construction */
    uint32_t *list;      /* of the list under construction */
    uint32_t *at, *stop; /* where the next word goes, and the end of the block */
    uint32_t unit;
};

void micro_ops_writer_init(struct micro_ops_writer *writer, struct value_pool *pool);

/* A transaction is begun, its micro-operations are added in order, and it is ended; or another one
 * is begun, which forgets it. False when the memory, or the pool's cap, ran out: then it must not
 * be ended. Amortised O(1) for each word. */
bool micro_ops_begin(struct micro_ops_writer *writer);
bool micro_ops_add(struct micro_ops_writer *writer, enum micro_f f, value_ref key, value_ref value);

/* The read of a list is begun, its items are added in order, and it is ended. */
bool micro_ops_begin_list(struct micro_ops_writer *writer, value_ref key);
void micro_ops_end_list(struct micro_ops_writer *writer);

/* The read of the first `count` items at an address that core/micro_lists.h gave out. */
bool micro_ops_add_shared(struct micro_ops_writer *writer, value_ref key, uint32_t address,
                          uint32_t count);

bool micro_ops_make_room(struct micro_ops_writer *writer, uint32_t words);

static inline bool micro_ops_add_item(struct micro_ops_writer *writer, value_ref item)
{
    if (writer->at == writer->stop && !micro_ops_make_room(writer, 1))
        return false;
    *writer->at++ = item;
    return true;
}

/* Never fails. */
value_ref micro_ops_end(struct micro_ops_writer *writer);

/* Adds what a value stands for, as one transaction: a list of [f key value], f one of :r :w :append
 * or the same as a string, value a list only if it was read. False without memory. *out is nil if
 * the value is nothing like that. */
bool micro_ops_pack(struct micro_ops_writer *writer, struct value value, value_ref *out);

/* --- reading --- */

struct micro_cursor {
    const struct value_pool *pool;
    const uint32_t *begin, *at;
    uint32_t left; /* micro-operations */
};

/* Whether a reference is of a transaction kept like this. */
static inline bool micro_ops_is(value_ref ref)
{
    return ref >> 30 == 1 && ref != VALUE_REF_NOMEM;
}

/* ref: one that micro_ops_is. */
struct micro_cursor micro_ops_open(const struct value_pool *pool, value_ref ref);

/* The items of a list read again, by where it stood: micro_op.place. O(1). */
const value_ref *micro_ops_items(const struct value_pool *pool, value_ref ref, uint32_t place,
                                 uint32_t *count);

/* False past the last one. O(1). */
bool micro_ops_next(struct micro_cursor *cursor, struct micro_op *out);

/* Whether a transaction that was answered is the one that was invoked: the same micro-operations,
 * but for what was read. Both are micro_ops_is. O(micro-operations). */
bool micro_ops_answer(const struct value_pool *pool, value_ref invoked, value_ref answered);

/* Where they first differ: each as the list it stands for, nil for one that is missing. */
void micro_ops_find_difference(struct value_pool *pool, value_ref invoked, value_ref answered,
                               struct value *was, struct value *is);

#endif
