/* The trees of values that packed transactions (core/micro_ops.h) stand for, made when somebody
 * asks and kept: what a value pool answers for them. Not thread-safe. */
#ifndef CORE_MICRO_VALUES_H
#define CORE_MICRO_VALUES_H

#include "core/micro_ops.h"
#include "core/value.h"

struct capped_arena;

struct micro_values {
    struct micro_value *slots; /* open addressing, by reference */
    uint32_t mask, count;
};

void micro_values_fini(struct micro_values *values);

/* The list that a packed transaction of the pool stands for; what it points to is in the arena.
 * Nil when memory ran out. O(its size) the first time. */
struct value micro_values_get(struct micro_values *values, const struct value_pool *pool,
                              struct capped_arena *arena, value_ref ref);

/* Bytes held outside the arena. */
size_t micro_values_bytes(const struct micro_values *values);

#endif
