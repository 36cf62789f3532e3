/* The client operations of a history, small: what plots and figures need of 200,000 of them. The
 * words of the few that are shown are read again (client_operations_read_words). Private to
 * report/. */
#ifndef REPORT_CLIENT_OPERATIONS_H
#define REPORT_CLIENT_OPERATIONS_H

#include "core/arena.h"
#include "core/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct operations;

#define OPERATION_OPEN UINT32_MAX

struct client_operation {
    int64_t invoke_ns;
    int64_t complete_ns;     /* -1 if it never completed */
    uint32_t invoke_index;   /* positions in the history */
    uint32_t complete_index; /* OPERATION_OPEN if it never completed */
    int32_t process;
    uint32_t key_hash; /* equal keys have equal ones; 0 if it has no key */
    symbol f;
    uint8_t type; /* enum op_type; OP_INVOKE if it never completed */
};

struct client_operations {
    struct client_operation *items; /* owned; in order of invocation */
    size_t count, capacity;
    int64_t last_ns; /* of any event; -1 if no times were recorded */
    bool truncated;  /* the history's last line is cut short */
};

/* Nobody knows whether it took effect: it crashed, or was never answered. */
static inline bool operation_is_open(const struct client_operation *operation)
{
    return operation->type == OP_INFO || operation->type == OP_INVOKE;
}

/* Reads the text of a history, one operation at a time. Completions that nothing was invoked for
 * are left out. Errors: ERR_INPUT a line that is none, with its place: *out then holds what comes
 * before it; ERR_NOMEM. Needs client_operations_fini in any case. O(events). */
int client_operations_read(const char *text, size_t length, struct client_operations *out,
                           struct errbuf *err);
/* The same from operations that were read already, with the memory of theirs. ERR_NOMEM. */
int client_operations_take(const struct operations *all, struct client_operations *out,
                           struct errbuf *err);
void client_operations_fini(struct client_operations *operations);

/* The operation that was invoked at this position; NULL if none was. O(log n). */
const struct client_operation *client_operations_find(const struct client_operations *operations,
                                                      uint32_t index);

/* What the events of an operation say. */
struct operation_words {
    const struct client_operation *operation;
    struct value key;       /* nil if it has none */
    struct value invoked;   /* the value it was invoked with */
    struct value completed; /* ... and completed with; nil if it never was */
    const char *error;      /* NULL if there is none */
};

/* Fills in the words of these operations from the same text; values live in the arena. ERR_NOMEM.
 * Reads up to the last of their events. */
int client_operations_read_words(const char *text, size_t length, struct operation_words *words,
                                 size_t count, struct arena *arena, struct errbuf *err);

/* The same from operations that were read already. O(count * keys). */
int client_operations_find_words(const struct operations *all, struct operation_words *words,
                                 size_t count, struct arena *arena, struct errbuf *err);

#endif
