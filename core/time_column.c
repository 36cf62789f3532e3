#include "core/time_column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void time_column_fini(struct time_column *column)
{
    free(column->bytes);
    free(column->restarts);
    *column = (struct time_column)TIME_COLUMN_INIT;
}

void time_column_reset(struct time_column *column)
{
    column->count = column->untimed = column->size = column->restarts_count = 0;
    column->last = 0;
}

size_t time_column_capacity(const struct time_column *column)
{
    return column->capacity + column->restarts_capacity * sizeof *column->restarts;
}

static int grow_bytes(struct time_column *column)
{
    uint32_t capacity = column->capacity ? column->capacity * 2 : 64;
    uint8_t *bytes = realloc(column->bytes, capacity);
    if (!bytes)
        return -1;
    column->bytes = bytes;
    column->capacity = capacity;
    return 0;
}

static int add_restart(struct time_column *column)
{
    if (column->restarts_count == column->restarts_capacity) {
        uint32_t capacity = column->restarts_capacity ? column->restarts_capacity * 2 : 4;
        uint32_t *restarts = realloc(column->restarts, capacity * sizeof *restarts);
        if (!restarts)
            return -1;
        column->restarts = restarts;
        column->restarts_capacity = capacity;
    }
    column->restarts[column->restarts_count++] = column->size;
    return 0;
}

int time_column_add(struct time_column *column, int64_t time_ns)
{
    if (time_ns == -1 && column->untimed == column->count) {
        column->untimed++;
        column->count++;
        return 0;
    }
    if (column->capacity - column->size < TIME_BYTES_MAX && grow_bytes(column) != 0)
        return -1;
    bool is_restart = (column->count - column->untimed) % TIME_RESTART == 0;
    if (is_restart && add_restart(column) != 0)
        return -1;
    time_column_put(column, time_column_code(time_ns, is_restart ? 0 : column->last));
    column->last = time_ns;
    column->count++;
    return 0;
}

size_t time_column_packed_size(const struct time_column *column)
{
    return column->restarts_count * sizeof *column->restarts + column->size;
}

struct time_column time_column_pack(const struct time_column *column, void *memory)
{
    struct time_column packed = *column;
    packed.restarts = memory;
    packed.bytes = (uint8_t *)memory + column->restarts_count * sizeof *column->restarts;
    packed.restarts_capacity = packed.restarts_count;
    packed.capacity = packed.size;
    if (column->restarts_count) {
        memcpy(packed.restarts, column->restarts, column->restarts_count * sizeof *packed.restarts);
        memcpy(packed.bytes, column->bytes, column->size);
    }
    return packed;
}

struct time_cursor time_cursor_begin(const struct time_column *column)
{
    return (struct time_cursor){.column = column, .at = column->bytes};
}

int64_t time_cursor_next(struct time_cursor *cursor)
{
    const struct time_column *column = cursor->column;
    uint32_t index = cursor->next++;
    assert(index < column->count);
    if (index < column->untimed)
        return -1;
    uint64_t code = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = *cursor->at++;
        code |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    uint64_t difference = code >> 1 ^ (0 - (code & 1));
    bool is_restart = (index - column->untimed) % TIME_RESTART == 0;
    cursor->last = (int64_t)((is_restart ? 0 : (uint64_t)cursor->last) + difference);
    return cursor->last;
}

int64_t time_column_get(const struct time_column *column, uint32_t index)
{
    assert(index < column->count);
    if (index < column->untimed)
        return -1;
    uint32_t restart = (index - column->untimed) / TIME_RESTART;
    struct time_cursor cursor = {.column = column,
                                 .at = column->bytes + column->restarts[restart],
                                 .next = column->untimed + restart * TIME_RESTART};
    int64_t time_ns;
    do
        time_ns = time_cursor_next(&cursor);
    while (cursor.next <= index);
    return time_ns;
}
