/* The contract of a sequential specification that the configuration search can step through fast:
 * what an object answers when nobody else uses it. The definition it must agree with, and the
 * shapes of operations, are in checker/specification.h.
 *
 * A model compiles each operation of an object once into a struct model_op, and steps an interned
 * state over it. Nothing else of the search knows what an operation means.
 *
 * To add one, do these four things: write model_NAME.c with a `const struct model` in it; declare
 * it here; name it in model_table (model.c); add histories under tests/data/histories/NAME. */
#ifndef CHECKER_MODEL_H
#define CHECKER_MODEL_H

#include "checker/semantics.h"
#include "checker/state_table.h"
#include "checker/value_numbers.h"
#include "core/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct budget;

enum {
    MODEL_ANY = 0,        /* the state that stands for every state: "whatever it was before" */
    MODEL_NONE = -1,      /* in a model_op: no value */
    MODEL_REFUSED = -1,   /* from step: the operation cannot have this outcome in this state */
    MODEL_NOMEM = -2,     /* from step: the budget's memory ran out */
    MODEL_NO_CHOICE = -3, /* from step: there are fewer choices than that */
};

/* An operation with its outcome, compiled. The numbers are of the context's value numbers.
 *
 * needs, gives and avoids let the search see which operations can matter to which others: an
 * operation with needs != MODEL_NONE is possible only in the state `needs`; one with avoids only
 * in states other than `avoids`; and after one with gives the state is `gives`. A model whose
 * operations do not work like this sets `opaque` on all of them, and the search then leaves out no
 * operation for its own sake. */
struct model_op {
    int32_t needs;
    int32_t gives;
    int32_t avoids;
    uint32_t code;    /* the model's own: which operation */
    int32_t argument; /* the model's own, too: numbers of values, of states, amounts */
    int32_t result;
    bool pure;  /* never changes a state, except MODEL_ANY to a state it proves */
    bool blind; /* possible in every state (crashed: or in none), and the next state does not
                   depend on it */
    bool total; /* not blind, but possible in every state, and nothing in its answer says which: it
                   may be put right before a blind one, where nobody sees what it did */
    bool opaque;
    bool branches; /* may lead to several states: step is asked for choice 0, 1, ... */

    /* The state holds it as pending from its invocation on, and the model itself finds out when it
     * took effect: it is stepped at its invocation, and again, with `returned` set, when it
     * returns. Neither may be refused. commutes: only pure operations can tell whether it has
     * returned. */
    bool announced;
    bool returned;
    bool commutes;
};

enum { MODEL_ANNOUNCED_MAX = 1 << 30 };

/* What the operations of one object are compiled against. A state is a number >= 1: a value's
 * number (registers) or one of `states` (queues and the like: an interned array of int32). */
struct model_context {
    const struct history_semantics *semantics;
    struct value_pool *pool; /* parts of values are interned, too */
    struct budget *budget;
    struct value_numbers values;
    struct state_table states;
    /* Operations are still compiled after the first step: no model may conclude anything from what
     * it has not seen yet. */
    bool growing;
    /* Whoever searches can deal with announced operations; the positions of all operations are
     * below MODEL_ANNOUNCED_MAX. */
    bool announces;
};

enum model_compiled {
    MODEL_SAYS_NOTHING = 0, /* the operation puts no constraint on anything: leave it out */
    MODEL_HAPPENED = 1,     /* between its invocation and its completion */
    MODEL_MAY_HAPPEN = 2,   /* at some time after its invocation, or never */
};

struct model {
    const char *name;        /* also that of its specification */
    const char *doc;         /* one line */
    const symbol *functions; /* the operations it knows, canonical; ends with F_NONE */

    /* Compiles an operation. Returns an enum model_compiled, ERR_INPUT (the model does not know the
     * operation, or cannot read its value; the words are the specification's: see `accepts` there)
     * or ERR_NOMEM. */
    int (*compile)(struct model_context *context, const struct operation *op, struct model_op *out);

    /* The state after op, or one of the above. choice is 0 unless op->branches. Called for every
     * step of the search. */
    int32_t (*step)(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice);

    /* The states an object may begin in, as the semantics say: at most `max`, at least one.
     * Returns how many, or ERR_NOMEM. */
    int (*initial)(struct model_context *context, int32_t *states, int max);

    /* The states it may be in when nothing is known (registers: MODEL_ANY; a mutex: both). NULL if
     * that cannot be said in at most MODEL_INITIAL_MAX states. Returns as initial; 0 if they are
     * too many after all. */
    int (*anywhere)(struct model_context *context, int32_t *states, int max);

    /* A state is the number of a value, and operations name values as needs, gives and avoids only:
     * what no state and no operation names can be forgotten. */
    bool holds_value;
};

enum { MODEL_INITIAL_MAX = 64 };

extern const struct model model_register;
extern const struct model model_cas_register;
extern const struct model model_multi_register;
extern const struct model model_kv;
extern const struct model model_mutex;
extern const struct model model_owned_mutex;
extern const struct model model_reentrant_mutex;
extern const struct model model_semaphore;
extern const struct model model_linear_set;
extern const struct model model_grow_only_set;
extern const struct model model_fifo_queue;
extern const struct model model_unordered_queue;
extern const struct model model_priority_queue;
extern const struct model model_stack;
extern const struct model model_linear_counter;
extern const struct model model_user; /* semantics->user says what it does */

/* Every model there is, NULL at the end. */
extern const struct model *const model_table[];

/* Also by the names that public collections of histories have for them. NULL if there is none of
 * this name. */
const struct model *model_find(const char *name);

#endif
