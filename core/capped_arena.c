#include "core/capped_arena.h"

#include "core/byte_cap.h"

void capped_arena_init(struct capped_arena *arena, struct byte_cap *cap)
{
    *arena = (struct capped_arena){.cap = cap};
    arena_init(&arena->arena, 0);
}

void capped_arena_fini(struct capped_arena *arena)
{
    arena_fini(&arena->arena);
    byte_cap_give(arena->cap, arena->taken);
    arena->taken = 0;
}

void *capped_arena_alloc(struct capped_arena *arena, size_t size)
{
    size_t before = arena->arena.bytes_total, left = byte_cap_left(arena->cap);
    if (before + left == 0)
        return NULL;
    arena->arena.bytes_max = before + left; /* so that the last block is as small as it must be */
    void *result = arena_alloc(&arena->arena, size);
    size_t added = arena->arena.bytes_total - before;
    if (added == 0)
        return result;
    if (!byte_cap_take(arena->cap, added)) /* another thread was faster; the block stays unused */
        return NULL;
    arena->taken += added;
    return result;
}
