#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/value_pool_shared.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- memory --- */

void *operations_resize(struct operations_own *own, void *block, size_t old_size, size_t new_size)
{
    new_size = new_size ? new_size : 1;
    old_size = block && old_size == 0 ? 1 : old_size;
    if (new_size > old_size && !byte_cap_take(&own->cap, new_size - old_size))
        return NULL;
    void *moved = realloc(block, new_size);
    if (moved && new_size < old_size)
        byte_cap_give(&own->cap, old_size - new_size);
    else if (!moved && new_size > old_size)
        byte_cap_give(&own->cap, new_size - old_size);
    return moved;
}

void operations_release(struct operations_own *own, void *block, size_t size)
{
    if (!block)
        return;
    free(block);
    byte_cap_give(&own->cap, size ? size : 1);
}

bool operations_make_room(struct operations_own *own, void **items, uint32_t count,
                          uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    if (count >= UINT32_MAX / 2)
        return false;
    uint32_t larger = *capacity ? *capacity * 2 : 8;
    void *moved = operations_resize(own, *items, *capacity * size, larger * size);
    if (!moved)
        return false;
    *items = moved;
    *capacity = larger;
    return true;
}

int operations_no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the operations of the history");
}

int operations_init(struct operations *all, size_t bytes_max)
{
    *all = (struct operations){0};
    struct operations_own *own = calloc(1, sizeof *own);
    if (!own)
        return ERR_NOMEM;
    own->cap.bytes_max = bytes_max;
    own->part_events = OPERATIONS_PART_MAX;
    if (byte_cap_take(&own->cap, sizeof *own))
        all->values = value_pool_new_shared(&own->cap);
    if (!all->values) {
        free(own);
        return ERR_NOMEM;
    }
    pthread_mutex_init(&own->lock, NULL);
    all->own = own;
    return 0;
}

void operations_fini(struct operations *all)
{
    struct operations_own *own = all->own;
    if (!own)
        return;
    for (uint32_t w = 0; w < own->writer_count; w++)
        operations_free_writer(own->writers[w]);
    free(own->writers);
    free(own->parts);
    free(own->errors);
    free(own->heads);
    free(all->keys);
    free(all->others);
    value_pool_free(all->values);
    pthread_mutex_destroy(&own->lock);
    free(own);
    *all = (struct operations){0};
}

size_t operations_bytes(const struct operations *all)
{
    return atomic_load(&all->own->cap.bytes_used);
}

void operations_set_part_events(struct operations *all, uint32_t events)
{
    assert(events > 0 && events <= OPERATIONS_PART_MAX && all->own->writer_count == 0);
    all->own->part_events = events;
}

/* --- operations --- */

/* The next operation of one writer's list. */
struct list_cursor {
    const struct operations_block *block; /* NULL at the end */
    uint32_t at;
};

static position cursor_position(const struct list_cursor *cursor)
{
    return cursor->block ? cursor->block->ops[cursor->at].invoke : POSITION_NONE;
}

/* Copies the operations before `stop`, at most to the end of the block. */
static uint32_t copy_run(struct list_cursor *cursor, position stop, struct operation *out)
{
    const struct operation *ops = cursor->block->ops + cursor->at;
    uint32_t left = cursor->block->count - cursor->at, count = 1;
    if (ops[left - 1].invoke < stop)
        count = left;
    else
        while (ops[count].invoke < stop)
            count++;
    memcpy(out, ops, count * sizeof *out);
    cursor->at += count;
    if (cursor->at == cursor->block->count)
        *cursor = (struct list_cursor){.block = cursor->block->next};
    /* Blocks that lost all their operations are at the end. */
    if (cursor->block && cursor->block->count == 0)
        cursor->block = NULL;
    return count;
}

void operations_of_key(const struct operations *all, uint32_t key, struct operation *out)
{
    enum { WRITERS_MAX = 256 };
    uint32_t writers = all->own->writer_count;
    assert(key < all->key_count && writers <= WRITERS_MAX);
    struct list_cursor cursors[WRITERS_MAX];
    for (uint32_t w = 0; w < writers; w++)
        cursors[w] = (struct list_cursor){.block = all->keys[key].lists[w]};
    for (uint32_t done = 0; done < all->keys[key].count;) {
        uint32_t first = 0;
        position stop = POSITION_NONE;
        for (uint32_t w = 1; w < writers; w++) {
            position at = cursor_position(&cursors[w]);
            if (at < cursor_position(&cursors[first])) {
                stop = cursor_position(&cursors[first]);
                first = w;
            } else if (at < stop) {
                stop = at;
            }
        }
        done += copy_run(&cursors[first], stop, out + done);
    }
}

bool operations_find(const struct operations *all, position invoke, uint32_t *key,
                     struct operation *out)
{
    uint32_t number = position_part(invoke);
    if (number >= all->own->part_count || !all->own->parts[number])
        return false;
    uint32_t writer = all->own->parts[number]->writer->number;
    for (uint32_t k = 0; k < all->key_count && all->keys[k].first <= invoke; k++)
        for (const struct operations_block *block = all->keys[k].lists[writer];
             block && block->count && block->ops[0].invoke <= invoke; block = block->next) {
            if (block->ops[block->count - 1].invoke < invoke)
                continue;
            for (uint32_t i = 0; i < block->count; i++)
                if (block->ops[i].invoke == invoke) {
                    *key = k;
                    *out = block->ops[i];
                    return true;
                }
        }
    return false;
}

/* --- events --- */

static const struct operations_part *part_of(const struct operations *all, position at)
{
    assert(position_part(at) < all->own->part_count);
    const struct operations_part *part = all->own->parts[position_part(at)];
    assert(part && position_event(at) < part->count);
    return part;
}

uint64_t operations_index(const struct operations *all, position at)
{
    return part_of(all, at)->first_index + position_event(at);
}

position operations_position(const struct operations *all, uint64_t index)
{
    assert(index < all->event_count);
    const struct operations_own *own = all->own;
    uint32_t low = 0, high = own->part_count; /* the part is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2, begun = middle;
        while (begun < high && !own->parts[begun])
            begun++;
        if (begun < high && own->parts[begun]->first_index <= index)
            low = begun;
        else
            high = middle;
    }
    /* Left-out and empty parts before it share its first index. */
    while (!own->parts[low] || index - own->parts[low]->first_index >= own->parts[low]->count)
        low++;
    return low << OPERATIONS_PART_BITS | (uint32_t)(index - own->parts[low]->first_index);
}

int64_t operations_time_ns(const struct operations *all, position at)
{
    return time_column_get(&part_of(all, at)->times, position_event(at));
}

const char *operations_error(const struct operations *all, position at)
{
    const struct operations_own *own = all->own;
    uint32_t low = 0, high = own->error_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (own->errors[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == own->error_count || own->errors[low].at != at)
        return NULL;
    return value_pool_get(all->values, own->errors[low].text).text;
}

void operations_put_truncation(const struct operations *all, struct strbuf *out)
{
    strbuf_printf(out, "the file ends in the middle of %s",
                  all->truncated_in ? all->truncated_in : "an event");
    if (all->truncated_at > 0)
        strbuf_printf(out, ", at byte %llu of the uncompressed text",
                      (unsigned long long)all->truncated_at);
    strbuf_puts(out, "; what follows is missing");
}
