/* What each object is: its sequential specification, in the simplest code that says it.
 *
 * This is the definition. The models and algorithms that make the checker fast are other code, and
 * are held against this one: by the brute force of the property tests, and by `verify`, which
 * accepts no answer without it. Nothing here is fast, shared with the checker, or clever.
 *
 * Operations of every model (f argument -> result), as Jepsen and Knossos write them:
 *
 *   register         read -> v          write v
 *   cas-register     read -> v          write v          cas [expected new]
 *   multi-register   txn [[read k nil] [write k v] ...] -> the same with what was read; "r" and "w"
 *                    also; read and write of one register as well: read [k nil] -> [k v], write [k
 * v]. Registers not written yet hold nil; a read of nil says nothing where nil_read_is_unknown kv
 * get -> text        put text         append text       (one key an object) begins with ""; a get
 * of nil reads "" mutex            acquire            release           (whoever) owned-mutex
 * acquire            release           (by the holder only; not twice) reentrant-mutex  acquire
 * release           (by the holder only; as often as acquired) The owner is the argument, or the
 * process if that is nil. semaphore        acquire n          release n         (nil is 1; at most
 * `permits` are held) linear-set       add v              remove v          contains v -> bool add
 * -> true/false, remove -> true/false: whether it changed the set; any other result of them says
 * nothing. contains -> [v bool] also grow-only-set    add v              read -> collection
 *   fifo-queue       enqueue v          dequeue -> v; nil, "empty" or :empty: there was nothing
 *   unordered-queue  as fifo-queue; dequeue gives any element that is there
 *   priority-queue   as fifo-queue; dequeue gives the largest integer
 *   stack            push v             pop -> v, or empty as above
 *   linear-counter   add n, increment [n = 1], decrement [n = 1]        read -> n
 *                    begins with 0 unless the user says otherwise; add etc. -> n: the new value
 *   a user's model   see user_model.h
 *
 * Other names of the same: enq, insert, offer = enqueue; deq, poll, remove-min/max = dequeue; lock
 * = acquire, unlock = release; inc, dec. For queues and stack the value of an operation that adds
 * is the argument.
 *
 * Outcomes: `ok` took effect with its result. `fail` did not happen and says nothing - but a failed
 * cas says that the value was another one where failed_cas_differs. `info` may have happened, with
 * any result: a crashed dequeue takes what it takes, a crashed cas has an effect only if it
 * succeeded. */
#ifndef CHECKER_SPECIFICATION_H
#define CHECKER_SPECIFICATION_H

#include "checker/semantics.h"
#include "core/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;

/* The state: a short list of values, meant as each specification says (a queue: its elements, head
 * first; a register: its one value; a set: its elements, sorted by reference). */
struct specification_state {
    value_ref *items; /* malloc'ed */
    uint32_t count, capacity;
};

void specification_state_fini(struct specification_state *state);
bool specification_state_copy(struct specification_state *to,
                              const struct specification_state *from); /* false: no memory */
bool specification_state_equal(const struct specification_state *a,
                               const struct specification_state *b);

enum specification_effect {
    SPECIFICATION_NOTHING, /* says nothing and does nothing: it is left out */
    SPECIFICATION_MUST,    /* happened between its invocation and its completion */
    SPECIFICATION_MAY,     /* at some time after its invocation, or never */
};

struct specification_context {
    struct value_pool *values; /* interning is allowed: states may hold values of no operation */
    const struct history_semantics *semantics;
};

enum specification_step {
    SPECIFICATION_APPLIED,
    SPECIFICATION_REFUSED,   /* the operation cannot have this outcome in this state */
    SPECIFICATION_NO_CHOICE, /* there are fewer choices than that */
    SPECIFICATION_NOMEM,
};

struct specification {
    const char *model;

    /* The `choice`-th state the object may begin in, from 0; NO_CHOICE when there are no more. */
    enum specification_step (*begin)(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state);

    enum specification_effect (*effect)(const struct specification_context *context,
                                        const struct operation *op);

    /* Changes the state by the operation. An operation may leave several states behind (a crashed
     * dequeue of an unordered queue): choice says which, from 0; NO_CHOICE when there are no more.
     * On anything but APPLIED the state is as before. */
    enum specification_step (*apply)(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state);

    /* Whether the operation, with its outcome, never changes the state: it may be left out of any
     * history without making a linearizable one not so. */
    bool (*observes)(const struct specification_context *context, const struct operation *op);

    /* ERR_INPUT if the model has no such operation, or its values are not as above; the text says
     * what would be right, without the position. */
    int (*accepts)(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err);
};

extern const struct specification *const specification_table[];

/* NULL if there is none of this name. */
const struct specification *specification_find(const char *model);

#endif
