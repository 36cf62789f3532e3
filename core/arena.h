/* A region of memory that grows by blocks and is freed once.
 *
 * Not thread-safe. Allocations are 16-byte aligned, never move, and are not zeroed. With a byte
 * cap, an allocation that would pass it returns NULL and leaves the arena as it was; the caller
 * turns that into ERR_NOMEM or into the verdict `unknown`. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *head; /* the block in use; older ones are linked behind it */
    size_t used;              /* bytes taken from head */
    size_t bytes_total;       /* bytes of all blocks, what the cap is held against */
    size_t bytes_max;         /* 0 = no cap */
};

/* bytes_max = 0 means no cap. */
void arena_init(struct arena *arena, size_t bytes_max);
void arena_fini(struct arena *arena);

/* Forgets every allocation and keeps at most one block for use again. */
void arena_reset(struct arena *arena);

/* NULL when memory or the cap ran out. A size of 0 returns a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_zalloc(struct arena *arena, size_t count, size_t size);

/* Copies; NULL as arena_alloc. The string copy is NUL-terminated. */
void *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
