/* A cap on bytes that several threads share: what each of them allocates is taken from it first. */
#ifndef CORE_BYTE_CAP_H
#define CORE_BYTE_CAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_cap {
    size_t bytes_max; /* 0 = none */
    _Atomic size_t bytes_used;
};

/* False, and nothing taken, if that would pass the cap. */
static inline bool byte_cap_take(struct byte_cap *cap, size_t size)
{
    size_t before = atomic_fetch_add_explicit(&cap->bytes_used, size, memory_order_relaxed);
    if (!cap->bytes_max || (before <= cap->bytes_max && size <= cap->bytes_max - before))
        return true;
    atomic_fetch_sub_explicit(&cap->bytes_used, size, memory_order_relaxed);
    return false;
}

static inline void byte_cap_give(struct byte_cap *cap, size_t size)
{
    atomic_fetch_sub_explicit(&cap->bytes_used, size, memory_order_relaxed);
}

/* What may still be taken; other threads may be faster. */
static inline size_t byte_cap_left(struct byte_cap *cap)
{
    size_t used = atomic_load_explicit(&cap->bytes_used, memory_order_relaxed);
    if (!cap->bytes_max)
        return SIZE_MAX / 2;
    return used < cap->bytes_max ? cap->bytes_max - used : 0;
}

#endif
