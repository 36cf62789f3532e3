/* Operations that wait to be given a place, the one that ends first in front: a binary heap of
 * indexes, by operation_end. Crashed ones come last. All memory is of the budget. */
#ifndef CHECKER_DEADLINE_HEAP_H
#define CHECKER_DEADLINE_HEAP_H

#include "core/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct budget;

struct deadline_heap {
    struct budget *budget;
    const struct operation *ops;
    uint32_t *items; /* items[0] ends first */
    uint32_t count, capacity;
};

void deadline_heap_init(struct deadline_heap *heap, struct budget *budget,
                        const struct operation *ops);
void deadline_heap_fini(struct deadline_heap *heap);

/* O(log count). False: no memory. */
bool deadline_heap_push(struct deadline_heap *heap, uint32_t op);

/* Takes out the first; there must be one. O(log count). */
uint32_t deadline_heap_pop(struct deadline_heap *heap);

#endif
