/* The operations of a history, paired and grouped by object: 24 bytes each, and about 6 for the
 * times of their two events. What the checkers read.
 *
 * Filled once, by one thread (operations_append) or by several at the same time, each reading parts
 * of the text (struct operations_writer); then closed by operations_finish, and read-only from then
 * on, by any number of threads.
 *
 * The events of process 0 and above are paired by process, in order. Those of other processes
 * (nemesis, or none) are kept aside, unpaired, in `others`. */
#ifndef CORE_OPERATIONS_H
#define CORE_OPERATIONS_H

#include "core/arena.h"
#include "core/history.h"
#include "core/operation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct operations_block;
struct operations_own;
struct strbuf;

/* One of the independent objects. Operations without a key are those of one more object. */
struct operations_key {
    bool has_key;
    value_ref key;
    uint32_t count, ok, failed, crashed; /* operations; crashed also counts the never answered */
    position first;                      /* of its first invocation */
    struct operations_block **lists;     /* one for each writer */
};

/* An event that is no client's. */
struct operations_other {
    position at;
    struct op op;
};

struct operations {
    struct value_pool *values;
    struct operations_key *keys; /* in order of first appearance */
    uint32_t key_count;
    uint64_t event_count;     /* invocations, completions and others */
    uint32_t operation_count; /* of all keys */
    uint32_t largest_key;     /* the largest keys[i].count */
    struct operations_other *others;
    uint32_t other_count;
    /* The source ended before its end, and a last event that was not whole was left out. */
    bool truncated;
    const char *truncated_in; /* in the middle of this: "an event", ...; static; NULL = unknown */
    uint64_t truncated_at;    /* how many bytes of text there were, unpacked; 0 = unknown */

    struct operations_own *own; /* private to operations.c and its neighbours */
};

/* bytes_max: of everything in it, 0 = no cap. ERR_NOMEM. */
int operations_init(struct operations *all, size_t bytes_max);
void operations_fini(struct operations *all);

/* Bytes held now. */
size_t operations_bytes(const struct operations *all);

/* --- filling --- */

/* One event as a reader hands it over. */
struct operation_event {
    int64_t time_ns; /* -1 if not recorded */
    int32_t process;
    symbol f;
    uint8_t type; /* enum op_type */
    bool has_key;
    value_ref key;
    value_ref value;
    const char *error; /* borrowed; NULL if there is none */
};

/* The event that op is, its values interned; its error is borrowed. False without memory. */
bool operation_event_of(struct value_pool *values, const struct op *op,
                        struct operation_event *out);

/* Appends a copy of one event; op->index is ignored. Not to be mixed with writers. Errors:
 * ERR_NOMEM; ERR_INPUT as operations_finish, at once. */
int operations_append(struct operations *all, const struct op *op, struct errbuf *err);

/* The same for one whose values are in all->values already. */
int operations_append_event(struct operations *all, const struct operation_event *event,
                            struct errbuf *err);

/* Every part holds at most this many events: a reader cuts its text into parts of at most this many
 * times the shortest event's length. */
enum {
    OPERATIONS_PART_BITS = 22,
    OPERATIONS_PART_MAX = 1 << OPERATIONS_PART_BITS,
    OPERATIONS_PARTS_MAX = (1 << (32 - OPERATIONS_PART_BITS)) - 1,
};

/* What one thread fills. Owned by the operations; may be opened by any thread before it is used by
 * one. Errors: ERR_NOMEM. */
struct operations_writer;
int operations_open_writer(struct operations *all, struct operations_writer **out,
                           struct errbuf *err);

/* Starts part number `part`: parts are numbered in the order of the text from 0 to
 * OPERATIONS_PARTS_MAX - 1, each is filled by one writer, and a writer fills its parts in ascending
 * order. Numbers may be left out. Errors: ERR_NOMEM; ERR_INPUT when the number is too large. */
int operations_begin_part(struct operations_writer *writer, uint32_t part, struct errbuf *err);

/* Takes back a part and everything in it; another writer may then fill it anew. No writer may be at
 * work meanwhile. No effect on a part that nobody filled. */
void operations_drop_part(struct operations *all, uint32_t part);

/* Adds the next event of the part. Amortised O(1), about 20 ns. An event that cannot follow what
 * its process did before is noted for operations_finish, and the rest of the part left out.
 * Errors: ERR_NOMEM, also for the cap; ERR_INPUT when the part is full. */
int operations_add(struct operations_writer *writer, const struct operation_event *event,
                   struct errbuf *err);

/* The same for several events, a few dozen, one after the other: sooner done, as what they need of
 * memory is waited for together. */
int operations_add_all(struct operations_writer *writer, const struct operation_event *events,
                       uint32_t count, struct errbuf *err);

/* Joins the parts. Errors: ERR_NOMEM; ERR_INPUT when a process invokes while its previous
 * invocation is still open or after it crashed (`info`), completes what it never invoked, or
 * completes another f or key than it invoked, or (ok) other micro-operations: the text names both
 * events by their indexes, and it is the first such event of the history. O(keys + parts x
 * processes). */
int operations_finish(struct operations *all, struct errbuf *err);

/* --- reading --- */

/* Copies the operations of a key to out, which has room for keys[key].count, in order of
 * invocation. */
void operations_of_key(const struct operations *all, uint32_t key, struct operation *out);

/* The position of an event as its index from 0 in the history, and back. O(log parts). */
uint64_t operations_index(const struct operations *all, position at);
position operations_position(const struct operations *all, uint64_t index);

/* -1 if it was not recorded. O(events between restart points), about 100 ns. */
int64_t operations_time_ns(const struct operations *all, position at);

/* NULL if there is none. O(log errors). */
const char *operations_error(const struct operations *all, position at);

/* The operation invoked at this position, and its key. False if there is none. O(keys x log). */
bool operations_find(const struct operations *all, position invoke, uint32_t *key,
                     struct operation *out);

/* Of a truncated history: "the file ends in the middle of an event, at byte 812 of the uncompressed
 * text; what follows is missing". */
void operations_put_truncation(const struct operations *all, struct strbuf *out);

/* Hands every event to the sink, in order, as it was read: the whole history again. ERR_NOMEM, or
 * what the sink returned. O(n), 16 bytes an event meanwhile. */
int operations_for_each_event(const struct operations *all, const struct op_sink *sink,
                              struct errbuf *err);

#endif
