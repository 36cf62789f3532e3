/* Checks a history while it is being recorded: takes its events in order, keeps a live search
 * (live_search.h) for each key, and says as soon as it is asked whether what happened so far can be
 * linearized.
 *
 * Linearizability is closed under prefixes, so a violation stays one whatever comes after, if no
 * completion says that another value was written than the invocation did. What is
 * found here is to be confirmed by check_history of the whole history all the same: it has the
 * separate code for that. What is not proven here is not said: a width that was too small makes a
 * suspicion, which is only counted.
 *
 * Pure: no clock, no thread, no file. Not thread-safe; anyone may use one at a time. Memory: what
 * is open, what waits for an outcome, the configurations of each key, and the values that are no
 * small integers; the limit holds for all of it. Cost: some microseconds an event with a few
 * clients on a key, and the same for each waiting event when looking ahead. */
#ifndef CHECKER_ONLINE_H
#define CHECKER_ONLINE_H

#include "checker/semantics.h"
#include "core/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct online;

struct online_options {
    const char *model; /* one that online_knows */
    struct history_semantics semantics;
    size_t memory_limit_bytes; /* 0 = none */
    uint32_t width_max;        /* configurations of a key; 0 = all of them */
    uint32_t waiting_max;      /* events of a key that may wait for an outcome; 0 = any number */
};

/* Whether a model can be checked while the history grows: those of linearizability can, checkers
 * that look at a whole history cannot. */
bool online_knows(const char *model);

/* Errors: ERR_INPUT (no such model), ERR_NOMEM. */
int online_open(const struct online_options *options, struct online **out, struct errbuf *err);
void online_close(struct online *online); /* NULL is allowed */

/* The operation that could not be got past. What had happened can no longer be linearized from its
 * completion on, or from a later outcome on that took an explanation away (an open write that then
 * failed). Where several keys are violated, one of them. */
struct online_violation {
    bool has_key;
    struct value key; /* lives as long as the check */
    uint64_t index;   /* of its invocation */
    int32_t process;
    symbol f;
    int64_t time_ns; /* of its completion; -1 if not recorded */
};

/* The next event of the history; its index counts, its values are copied. Events that are no
 * client's are passed over, as is a completion of nothing. Afterwards nothing more is taken once
 * there is a violation. True when there is one. O(1) and the search. */
bool online_take(struct online *online, const struct op *event);

/* Looks at everything taken so far, what is open having happened or not: true when it cannot be
 * linearized. Only keys with news are looked at. */
bool online_look(struct online *online);

/* NULL if there is none. */
const struct online_violation *online_violation(const struct online *online);

struct online_status {
    uint64_t events;           /* of clients, taken */
    uint64_t waiting;          /* of those, for the outcome of an operation */
    int64_t checked_until_ns;  /* time of the last event when it was last looked at; -1 = never */
    uint32_t keys, keys_ended; /* ended: no longer checked, for want of memory or of a state */
    uint64_t suspected;        /* times that the width was too small to decide */
    uint64_t presumed;         /* operations presumed crashed, as too much waited for them */
    uint64_t unreadable;       /* operations the model does not know: the check will refuse them */
    uint64_t steps;            /* configurations examined */
    size_t bytes;              /* in use */
};

struct online_status online_status(const struct online *online);

#endif
