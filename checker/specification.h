/* What each object is: its sequential specification, in the simplest code that says it.
 *
 * This is the definition. The models and algorithms that make the checker fast are other code, and
 * are held against this one: by the brute force of the property tests, and by `verify`, which
 * accepts no answer without it. Nothing here is fast, shared with the checker, or clever.
 *
 * Operations of every model (f argument -> result), as Jepsen and Knossos write them:
 *
 *   register         read -> v; write v
 *   cas-register     read -> v; write v; cas [expected new]
 *   multi-register   txn [[read k nil] [write k v] ...] -> the same with what was read; also "r"
 *                    and "w"; read [k nil] -> [k v] and write [k v] of one register as well
 *   kv               get -> text; put text; append text: one key is one object
 *   mutex            acquire; release: by anybody
 *   owned-mutex      acquire; release: by its holder only, and not twice
 *   reentrant-mutex  acquire; release: by its holder only, as often as acquired
 *   semaphore        acquire n; release n: nil is 1; at most `permits` are held, and at least 0
 *   linear-set       add v; remove v; contains v -> bool, or [v bool]
 *   grow-only-set    add v; read -> list or set
 *   fifo-queue       enqueue v; dequeue -> v, or that there was nothing
 *   unordered-queue  as fifo-queue; dequeue gives any element that is there
 *   priority-queue   as fifo-queue, of integers; dequeue gives the largest
 *   stack            push v; pop -> v, or that there was nothing
 *   linear-counter   add n; increment n and decrement n, where nil is 1; read -> n
 *   a user's model   see user_model.h
 *
 * Registers begin with `initial`, or nil if none is given, or either if it may be nil; all the
 * registers of a multi-register with the same. A read of nil says nothing where
 * nil_read_is_unknown. A kv begins with "" and a counter with 0, unless the user gives a text, or
 * an integer; everything else is empty or free. A kv's get of nil reads "".
 *
 * The owner of a mutex is the argument, or the process if that is nil. For queues, stack and sets
 * the element added is the argument. There was nothing: nil, "empty" or :empty, which therefore
 * cannot be elements of queues and stacks. A set's add and
 * remove -> true or false say whether it changed the set, any other answer of theirs nothing. A
 * counter's add, increment and decrement -> an integer other than the argument: the new value. A
 * read of nil of a set or a counter says nothing.
 *
 * Other names of the same: enq, insert, offer = enqueue; deq, poll, remove-min, remove-max =
 * dequeue; lock = acquire, unlock = release; inc, dec.
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
