/* A history in memory: every invocation and completion in order.
 *
 * Grows while it is read, is read-only while it is checked, is freed once. One thread writes; any
 * number may read afterwards. About 88 bytes per event besides text and lists. */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "core/arena.h"
#include "core/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

struct history {
    struct op *ops; /* owned; ops[i].index == i */
    size_t count;
    size_t capacity;
    struct arena arena; /* values, keys and errors of the ops */
    bool truncated;     /* the source ended in the middle of its last event, which was left out */
};

void history_init(struct history *history);
void history_fini(struct history *history);

/* Appends a deep copy of op; its index becomes its position. ERR_NOMEM leaves the history as it
 * was. Amortised O(1). */
int history_append(struct history *history, const struct op *op, struct errbuf *err);

/* Something that takes operations one by one: how every reader hands out what it reads. The op and
 * all it points to are borrowed for the call. A negative return stops the reader, which returns it.
 */
struct op_sink {
    int (*take)(void *context, const struct op *op, struct errbuf *err);
    void *context;
};

/* A sink that appends to this history. */
struct op_sink history_sink(struct history *history);

#define HISTORY_UNPAIRED UINT32_MAX

/* For each event the position of its partner: of an invocation its completion, of a completion its
 * invocation; HISTORY_UNPAIRED if there is none (an invocation never answered; a nemesis' event).
 * Events of one process pair in order. *partner has history->count elements and is the caller's,
 * to free().
 *
 * Errors: ERR_INPUT when a process invokes while its previous invocation is still open, or after
 * it crashed (`info`), or completes what it never invoked, or completes another f than it
 * invoked: the text names both events. ERR_NOMEM. O(n) expected. */
int history_pair(const struct history *history, uint32_t **partner, struct errbuf *err);

#endif
