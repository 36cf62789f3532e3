/* The times of the events of one part, in order: about 2-3 bytes each in histories as they are
 * recorded, nothing for events without a time before the first that has one, and never more
 * than 11.
 *
 * A time is stored as its difference from the one before, as a zigzag varint; every
 * TIME_RESTART-th is stored whole, so that one time is found by reading at most so many. Any 64-bit
 * times, in any order, come back as they were. */
#ifndef CORE_TIME_COLUMN_H
#define CORE_TIME_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIME_RESTART = 64, TIME_BYTES_MAX = 10 };

struct time_column {
    uint32_t count;
    uint32_t untimed;   /* of them: the leading ones, which are all -1 and stored nowhere */
    uint32_t *restarts; /* where in bytes every TIME_RESTART-th stored time begins */
    uint8_t *bytes;
    uint32_t size, capacity;                    /* of bytes */
    uint32_t restarts_count, restarts_capacity; /* of restarts */
    int64_t last;
};

#define TIME_COLUMN_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

/* A time by that before it; differences wrap around, so that any two have one. */
static inline uint64_t time_column_code(int64_t time_ns, int64_t before)
{
    uint64_t difference = (uint64_t)time_ns - (uint64_t)before;
    return difference << 1 ^ (uint64_t) - (int64_t)(difference >> 63);
}

/* For time_column_add; there must be room for TIME_BYTES_MAX more. */
static inline void time_column_put(struct time_column *column, uint64_t code)
{
    uint8_t *at = column->bytes + column->size;
    while (code >= 0x80) {
        *at++ = (uint8_t)(code | 0x80);
        code >>= 7;
    }
    *at++ = (uint8_t)code;
    column->size = (uint32_t)(at - column->bytes);
}

/* Frees a column that was filled with time_column_add; not one made by time_column_pack. */
void time_column_fini(struct time_column *column);

/* Forgets the times and keeps the memory. */
void time_column_reset(struct time_column *column);

/* -1, and nothing changed, without memory. Amortised O(1). */
int time_column_add(struct time_column *column, int64_t time_ns);

/* The same for most times; false, and nothing changed, for the others, such as the first of all and
 * every TIME_RESTART-th. */
static inline bool time_column_add_usual(struct time_column *column, int64_t time_ns)
{
    if ((column->count - column->untimed) % TIME_RESTART == 0 ||
        column->capacity - column->size < TIME_BYTES_MAX)
        return false;
    time_column_put(column, time_column_code(time_ns, column->last));
    column->last = time_ns;
    column->count++;
    return true;
}

/* Bytes held by a column under construction. */
size_t time_column_capacity(const struct time_column *column);

/* A read-only copy in the caller's memory of time_column_packed_size(column) bytes, aligned to 4.
 */
size_t time_column_packed_size(const struct time_column *column);
struct time_column time_column_pack(const struct time_column *column, void *memory);

/* The time at index < count. O(TIME_RESTART). */
int64_t time_column_get(const struct time_column *column, uint32_t index);

/* Goes through a column in order. */
struct time_cursor {
    const struct time_column *column;
    const uint8_t *at;
    uint32_t next;
    int64_t last;
};

struct time_cursor time_cursor_begin(const struct time_column *column);

/* The next time; to be asked at most column->count times. O(1). */
int64_t time_cursor_next(struct time_cursor *cursor);

#endif
