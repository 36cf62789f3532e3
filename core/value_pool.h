/* The values of a history, each kept once: equal values have equal references, so that operations
 * store 32 bits and compare them as numbers.
 *
 * Integers of 31 bits are their own reference and take no memory; everything else is copied into
 * the pool. Interning takes a lock, so any number of threads may; reading takes none, and is for
 * references the reader has from an intern that happened before. About 40 bytes for each value that
 * is no small integer, and its text or items. */
#ifndef CORE_VALUE_POOL_H
#define CORE_VALUE_POOL_H

#include "core/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t value_ref;

#define VALUE_REF_NIL   UINT32_C(0)
#define VALUE_REF_FALSE UINT32_C(1)
#define VALUE_REF_TRUE  UINT32_C(2)
#define VALUE_REF_ZERO  UINT32_C(0x80000000) /* the integer 0 */
#define VALUE_REF_NOMEM UINT32_C(0x7fffffff) /* no value: what interning answers without memory */

enum { VALUE_REF_INT_MAX = (1 << 30) - 1, VALUE_REF_INT_MIN = -(1 << 30) };

struct value_pool;

/* bytes_max: of the pool, 0 = no cap. NULL when out of memory. */
struct value_pool *value_pool_new(size_t bytes_max);
void value_pool_free(struct value_pool *pool);

static inline bool value_ref_holds_int(int64_t integer)
{
    return integer >= VALUE_REF_INT_MIN && integer <= VALUE_REF_INT_MAX;
}

/* The reference of an integer that value_ref_holds_int. */
static inline value_ref value_ref_int(int32_t integer)
{
    return UINT32_C(0x80000000) | ((uint32_t)integer & UINT32_C(0x7fffffff));
}

static inline bool value_ref_is_int(value_ref ref)
{
    return ref >> 31;
}

/* The integer of a reference that value_ref_is_int. */
static inline int32_t value_ref_as_int(value_ref ref)
{
    return (int32_t)(ref << 1) >> 1;
}

/* The reference of a value, deep-copied if it is new; VALUE_REF_NOMEM when the cap or the memory
 * ran out. O(size of the value) expected. */
value_ref value_pool_intern(struct value_pool *pool, struct value value);

/* The value behind a reference; what it points to lives as long as the pool. Of a packed
 * transaction (core/micro_ops.h) nil when memory ran out. */
struct value value_pool_get(const struct value_pool *pool, value_ref ref);

/* The two references of a list of two, interned with it: false for anything else. O(1). */
bool value_pool_pair(const struct value_pool *pool, value_ref ref, value_ref *first,
                     value_ref *second);

/* The reference of the list [first second], as value_pool_intern; no struct value is built. */
value_ref value_pool_intern_pair(struct value_pool *pool, value_ref first, value_ref second);

size_t value_pool_bytes(const struct value_pool *pool);

#endif
