/* The contract of a sequential specification: what an object answers when nobody else uses it.
 *
 * A model compiles each operation of the history once into a struct model_op, and steps an
 * interned state over it. Nothing else of the checker knows what an operation means.
 *
 * To add one, do these four things: write model_NAME.c with a `const struct model` in it; declare
 * it here; name it in model_table (model.c); add histories under tests/data/histories/NAME. */
#ifndef CHECKER_MODEL_H
#define CHECKER_MODEL_H

#include "checker/value_table.h"
#include "core/symbol.h"

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct errbuf;
struct history_semantics;
struct op;

enum {
    MODEL_ANY = 0,      /* the state that stands for every state: "whatever it was before" */
    MODEL_NONE = -1,    /* in a model_op: no value */
    MODEL_REFUSED = -1, /* from step: the operation cannot have this outcome in this state */
    MODEL_NOMEM = -2,   /* from step: the budget's memory ran out */
};

/* An operation with its outcome, compiled. The numbers are of the context's value table.
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
    uint32_t code; /* the model's own: which operation, which arguments */
    bool pure;     /* never changes a state, except MODEL_ANY to a state it proves */
    bool blind;    /* possible in every state, and the next state does not depend on it */
    bool opaque;
};

/* What the operations of one object are compiled against. States are numbers of `values`: a model
 * with larger states (a queue) interns them as values too. */
struct model_context {
    const struct history_semantics *semantics;
    struct budget *budget;
    struct value_table values;
};

enum model_compiled {
    MODEL_SAYS_NOTHING = 0, /* the operation puts no constraint on anything: leave it out */
    MODEL_HAPPENED = 1,     /* between its invocation and its completion */
    MODEL_MAY_HAPPEN = 2,   /* at some time after its invocation, or never */
};

struct model {
    const char *name;
    const char *doc;         /* one line */
    const symbol *functions; /* the operations it knows; ends with F_NONE */

    /* Compiles an operation. completion is NULL if it was never answered. Returns an
     * enum model_compiled, or ERR_INPUT (the model does not know the operation, or cannot read its
     * value: the text names the event) or ERR_NOMEM. */
    int (*compile)(struct model_context *context, const struct op *invocation,
                   const struct op *completion, struct model_op *out, struct errbuf *err);

    /* The state after op, MODEL_REFUSED or MODEL_NOMEM. Called for every step of the search. */
    int32_t (*step)(struct model_context *context, int32_t state, const struct model_op *op);

    /* The states an object may begin in, as the semantics say: at most `max`, at least one.
     * Returns how many, or ERR_NOMEM. */
    int (*initial)(struct model_context *context, int32_t *states, int max);

    /* Models that are not searched (set) have a checker of their own; see check.c. Then the three
     * functions above are NULL. */
};

enum { MODEL_INITIAL_MAX = 4 };

extern const struct model model_register;
extern const struct model model_cas_register;
extern const struct model model_set;

/* Every model there is, NULL at the end. */
extern const struct model *const model_table[];

/* NULL if there is none of this name. */
const struct model *model_find(const char *name);

#endif
