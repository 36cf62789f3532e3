#include "core/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_ALIGN = 16,
    ARENA_BLOCK_MIN = 4096,
    ARENA_BLOCK_MAX = 1 << 22,
};

struct arena_block {
    struct arena_block *next;
    size_t size; /* payload bytes */
    _Alignas(ARENA_ALIGN) unsigned char data[];
};

void arena_init(struct arena *arena, size_t bytes_max)
{
    *arena = (struct arena){.bytes_max = bytes_max};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_fini(struct arena *arena)
{
    free_blocks(arena->head);
    *arena = (struct arena){.bytes_max = arena->bytes_max};
}

void arena_reset(struct arena *arena)
{
    if (!arena->head)
        return;
    free_blocks(arena->head->next);
    arena->head->next = NULL;
    arena->bytes_total = arena->head->size;
    arena->used = 0;
}

static int add_block(struct arena *arena, size_t need)
{
    size_t size = arena->head ? arena->head->size * 2 : ARENA_BLOCK_MIN;
    if (size > ARENA_BLOCK_MAX)
        size = ARENA_BLOCK_MAX;
    if (size < need)
        size = need;
    if (arena->bytes_max && arena->bytes_total + size > arena->bytes_max) {
        size = need;
        if (arena->bytes_total + size > arena->bytes_max)
            return -1;
    }
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return -1;
    block->next = arena->head;
    block->size = size;
    arena->head = block;
    arena->used = 0;
    arena->bytes_total += size;
    return 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (size == 0)
        size = ARENA_ALIGN;
    if (!arena->head || arena->head->size - arena->used < size) {
        if (add_block(arena, size) != 0)
            return NULL;
    }
    void *result = arena->head->data + arena->used;
    arena->used += size;
    return result;
}

void *arena_zalloc(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size)
        return NULL;
    void *result = arena_alloc(arena, count * size);
    if (result)
        memset(result, 0, count * size);
    return result;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *result = arena_alloc(arena, size);
    if (result && size)
        memcpy(result, data, size);
    return result;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *result = arena_alloc(arena, length + 1);
    if (!result)
        return NULL;
    memcpy(result, text, length);
    result[length] = '\0';
    return result;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *result = arena_alloc(arena, (size_t)length + 1);
    if (result)
        vsnprintf(result, (size_t)length + 1, format, again);
    va_end(again);
    return result;
}
