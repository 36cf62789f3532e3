/* What operations.c and its neighbours share: how operations are kept while they are filled and
 * after. Also for tests that need small parts. */
#ifndef CORE_OPERATIONS_INTERNAL_H
#define CORE_OPERATIONS_INTERNAL_H

#include "core/byte_cap.h"
#include "core/capped_arena.h"
#include "core/operations.h"
#include "core/operations_processes.h"
#include "core/time_column.h"

#include <pthread.h>

/* Operations of one key in the order of their invocations. */
struct operations_block {
    struct operations_block *next;
    uint32_t count, capacity; /* the last block's count is set by operations_finish */
    struct operation ops[];
};

enum { BLOCK_MIN = 2, BLOCK_MAX = 256 };

/* Operations of one key from one writer. While it is filled, the last block's count is not kept: it
 * would be one more cache line to wait for. */
struct operations_list {
    struct operations_block *head, *tail;
    struct operation *next, *end; /* what is free of the last block */
    value_ref key;
    bool has_key;
    position first;
    uint32_t count, ok, failed;
};

/* What a process did in one part: its first event there, which only the parts before can judge, and
 * what it does at the end: that is filled in when the part ends. */
struct process_record {
    struct operation *op; /* open: its operation ... */
    uint32_t doing;       /* enum process_doing ... */
    position at;          /* ... since here: the invocation, or the completion it crashed with */
    position first;
    int32_t process;
    value_ref key, value; /* of the first event, if that is a completion */
    symbol first_f;
    uint8_t first_type;
    bool has_key;
};

/* An event that cannot be where it is. */
enum misstep_kind {
    MISSTEP_NONE,
    INVOKES_AFTER_CRASH,
    INVOKES_WHILE_OPEN,
    COMPLETES_NOTHING,
    COMPLETES_OTHER_F,
    COMPLETES_OTHER_KEY,
    COMPLETES_OTHER_MICROS,
};

struct misstep {
    enum misstep_kind kind;
    position at, earlier;
    int32_t process;
    symbol f, earlier_f;
    uint8_t type;
    bool has_key, earlier_has_key;
    value_ref key, earlier_key;
    value_ref value, earlier_value; /* of other micro-operations */
};

struct operations_error {
    position at;
    value_ref text;
};

struct operations_part {
    struct operations_part *next; /* of the same writer */
    struct operations_writer *writer;
    uint32_t number;
    uint32_t count;
    uint64_t first_index; /* of its first event; set by finish */
    bool is_dropped;
    struct time_column times;
    struct process_record *records;
    uint32_t record_count;
    struct misstep misstep;
};

struct operations_writer {
    struct operations_own *own;
    struct value_pool *values;
    uint32_t number;
    bool is_sequential; /* the one of operations_append: its processes go on from part to part */
    struct capped_arena arena; /* blocks, parts, packed times and records */

    struct operations_part *first_part, *part; /* the current one is the last */

    struct operations_list *lists;
    uint32_t list_count, list_capacity;
    uint32_t keyless; /* the list without a key, plus one; 0 = none yet */
    uint32_t *by_key; /* number of a list plus one, in an open-addressing table */
    uint32_t by_key_capacity;

    struct process_table processes; /* of the current part */
    struct process_record *records; /* of the same */
    uint32_t record_count, record_capacity;
    struct time_column times;

    struct operations_other *others;
    uint32_t other_count, other_capacity;
    struct operations_error *errors;
    uint32_t error_count, error_capacity;
};

struct operations_own {
    struct byte_cap cap;
    pthread_mutex_t lock; /* writers and their count, while they are opened */
    struct operations_writer **writers;
    uint32_t writer_count, writer_capacity;
    struct operations_writer *sequential;
    uint32_t part_events; /* at most in a part */
    bool has_dropped;

    /* Once it is finished. */
    struct operations_part **parts; /* by number; NULL if left out */
    uint32_t part_count;
    struct operations_error *errors;
    uint32_t error_count;
    uint32_t keys_capacity, others_capacity, errors_capacity;
    struct operations_block **heads; /* what the keys' lists point into */
    size_t heads_bytes;
};

/* For tests: at most so many events in a part, at most OPERATIONS_PART_MAX. Before any is added. */
void operations_set_part_events(struct operations *all, uint32_t events);

/* realloc within the cap. NULL leaves the block as it was. */
void *operations_resize(struct operations_own *own, void *block, size_t old_size, size_t new_size);
void operations_release(struct operations_own *own, void *block, size_t size);

/* Room for one more item in an array that doubles; false without memory. */
bool operations_make_room(struct operations_own *own, void **items, uint32_t count,
                          uint32_t *capacity, size_t size);

/* Returns ERR_NOMEM. */
int operations_no_memory(struct errbuf *err);

/* For open-addressing tables of numbers. */
static inline uint32_t hash32(uint32_t number)
{
    return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static inline uint32_t position_part(position at)
{
    return at >> OPERATIONS_PART_BITS;
}

static inline uint32_t position_event(position at)
{
    return at & (OPERATIONS_PART_MAX - 1);
}

/* The last event of a process that is open or crashed, in an operation it invoked in this part. */
static inline position doing_since(const struct process_slot *slot)
{
    return slot->doing == DOES_CRASHED ? slot->op->complete : slot->op->invoke;
}

/* Ends the current part, if there is one. ERR_NOMEM. */
int operations_end_part(struct operations_writer *writer, struct errbuf *err);

/* Frees what only filling needs. */
void operations_close_writer(struct operations_writer *writer);
void operations_free_writer(struct operations_writer *writer);

/* ERR_INPUT with the text of a misstep whose events have these indexes. */
int operations_misstep_error(const struct operations *all, const struct misstep *misstep,
                             uint64_t index, uint64_t earlier_index, struct errbuf *err);

/* Whether a completion can complete this open operation of a list; *out is filled in if not. */
bool operations_completes(const struct value_pool *values, const struct operation *op,
                          const struct operations_list *list, const struct operation_event *event,
                          position at, struct misstep *out);

/* Fills in the completion, and returns what the process does from now on. */
enum process_doing operations_complete(struct operation *op, struct operations_list *list,
                                       const struct operation_event *event, position at);

#endif
