/* An arena whose blocks are taken from a cap shared with others. Not thread-safe itself; any number
 * may share the cap. */
#ifndef CORE_CAPPED_ARENA_H
#define CORE_CAPPED_ARENA_H

#include "core/arena.h"

#include <stddef.h>

struct byte_cap;

struct capped_arena {
    struct arena arena;
    struct byte_cap *cap; /* borrowed */
    size_t taken;         /* from the cap */
};

void capped_arena_init(struct capped_arena *arena, struct byte_cap *cap);
/* Gives back to the cap. */
void capped_arena_fini(struct capped_arena *arena);

/* As arena_alloc: 16-byte aligned, not zeroed, NULL when memory or the cap ran out. */
void *capped_arena_alloc(struct capped_arena *arena, size_t size);

#endif
