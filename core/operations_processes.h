/* What each process of a writer is doing, looked up by its number at every event. Private to
 * operations*.c.
 *
 * An open-addressing table of 16 bytes a process. Numbers that follow each other share a cache
 * line, as processes are numbered without gaps: ten thousand clients need 160 KiB, which a core
 * keeps near. */
#ifndef CORE_OPERATIONS_PROCESSES_H
#define CORE_OPERATIONS_PROCESSES_H

#include "core/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct operations_own;

/* What a process does; above these, it has an operation open, of list number doing - DOES_OPEN. */
enum process_doing { DOES_UNKNOWN, DOES_NOTHING, DOES_CRASHED, DOES_OPEN };

struct process_slot {
    struct operation *op; /* open: its operation; crashed: the one it crashed in, or NULL if that
                             was invoked in an earlier part */
    int32_t process;
    uint32_t doing; /* enum process_doing; unknown: the slot is free */
};

struct process_table {
    struct process_slot *slots;
    uint32_t capacity, count;
};

static inline uint32_t process_home(const struct process_table *table, int32_t process)
{
    enum { PER_LINE_BITS = 2 };
    uint32_t line = (uint32_t)process >> PER_LINE_BITS;
    uint32_t mixed = (uint32_t)(line * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    uint32_t within = (uint32_t)process & ((1 << PER_LINE_BITS) - 1);
    return (mixed << PER_LINE_BITS | within) & (table->capacity - 1);
}

/* The slot of a process; a free one if it has none: process and doing are then to be filled in, and
 * count raised. The table must have room. O(1). */
static inline struct process_slot *process_table_find(const struct process_table *table,
                                                      int32_t process)
{
    uint32_t i = process_home(table, process);
    while (table->slots[i].doing != DOES_UNKNOWN && table->slots[i].process != process)
        i = (i + 1) & (table->capacity - 1);
    return &table->slots[i];
}

/* Whether there is room for one more, and making it; false without memory. */
static inline bool process_table_has_room(const struct process_table *table)
{
    return table->count * 2 < table->capacity;
}
bool process_table_grow(struct process_table *table, struct operations_own *own);

/* Forgets all processes and keeps the memory. O(capacity). */
void process_table_clear(struct process_table *table);
void process_table_fini(struct process_table *table, struct operations_own *own);

/* Asks for what the next event of this process will need. */
static inline void process_table_prefetch(const struct process_table *table, int32_t process)
{
    if (table->capacity == 0)
        return;
    const struct process_slot *slot = &table->slots[process_home(table, process)];
    __builtin_prefetch(slot->op, 1);
}

#endif
