/* For who walks over many packed transactions in a row: asks the processor for the beginning of one
 * that comes soon, so that opening it does not wait for memory. Changes nothing else. */
#ifndef CORE_MICRO_OPS_AHEAD_H
#define CORE_MICRO_OPS_AHEAD_H

#include "core/micro_ops.h"
#include "core/value_pool_shared.h"
#include "core/value_words.h"

enum { MICRO_OPS_AHEAD = 12 }; /* transactions: about what memory takes while they are decoded */

/* ref: any value of the pool; only for transactions something is done. */
static inline void micro_ops_ahead(struct value_pool *pool, value_ref ref)
{
    if (!micro_ops_is(ref))
        return;
    uint32_t unit = ref & ((UINT32_C(1) << 30) - 1);
    uintptr_t at = (uintptr_t)value_words_at(value_pool_words(pool), unit);
    __builtin_prefetch((const void *)at);
    __builtin_prefetch((const void *)(at + 64)); /* its next line, which may be nobody's */
}

#endif
