/* The operations of one object as the search sees them: intervals with a compiled outcome.
 *
 * Built from a history, or cut out of other calls: every cut is a *sound reduction*, which means
 * that calls that could be linearized before it still can be after it. So what cannot be
 * linearized after a reduction could not be before. Memory comes from the budget. */
#ifndef CHECKER_CALLS_H
#define CHECKER_CALLS_H

#include "checker/model.h"
#include "checker/object.h"

struct errbuf;

#define CALL_NEVER POSITION_NONE

struct call {
    struct model_op op;
    uint32_t number;   /* of the operation, in object->ops; CALL_NEVER for an endless call */
    position invoke;   /* of the invocation: the call's identity */
    position complete; /* of the completion; CALL_NEVER if it crashed */
    bool returns;      /* its return is among the events */
    bool optional;     /* it may have happened before these calls begin, or may never: its return
                          forces nothing. True for every call that does not return. */
    bool endless;      /* it may happen any number of times, at any time: stands for all calls that
                          give its value; of no operation of the history */
};

struct calls {
    struct budget *budget;
    struct call *calls; /* in order of invocation */
    uint32_t count, capacity;
    uint32_t *events; /* call << 1 | is_return, in order of time */
    uint32_t event_count, event_capacity;
};

static inline uint32_t event_call(uint32_t event)
{
    return event >> 1;
}

static inline bool event_is_return(uint32_t event)
{
    return event & 1;
}

/* The calls of an object. Failed operations, those of unknown outcome that change nothing, and
 * crashed ones whose effect nothing that follows could have observed are left out.
 * Errors: ERR_INPUT, an operation that the model does not know or whose value it cannot read: the
 * text names the event by its index; ERR_NOMEM. On error nothing is left to free.
 * O(n log n + values), the logarithm of a sort of the completions. */
int calls_build(struct calls *out, const struct object *object, const struct model *model,
                struct model_context *context, struct errbuf *err);

/* As calls_build, of the operations whose numbers are in `numbers` only: ascending. */
int calls_build_some(struct calls *out, const struct object *object, const uint32_t *numbers,
                     uint32_t count, const struct model *model, struct model_context *context,
                     struct errbuf *err);

/* The calls from event `first` up to and with event `last`: those that returned before `first` are
 * dropped, those still open there are optional, those that return after `last` never do.
 * ERR_NOMEM leaves nothing to free. O(last). */
int calls_window(struct calls *out, const struct calls *all, uint32_t first, uint32_t last);

/* A copy without the calls for which drop[call] is set. ERR_NOMEM as above. O(n). */
int calls_without(struct calls *out, const struct calls *all, const bool *drop);

/* Clears drop[] for calls that cannot be dropped soundly together with the others marked: a call
 * may go if it is pure, or if no call that is left and could have seen it (does not return before
 * it is invoked) needs the value that it gives, or avoids another one. Opaque calls are the
 * caller's to judge (witness_units.h). value_count is that of the context's numbers. ERR_NOMEM
 * leaves drop[] unspecified. O(n) a pass, nearly always one or two. */
int calls_keep_needed(const struct calls *calls, uint32_t value_count, bool *drop);

/* A copy in which `value` is free: anybody may give it, at any time and as often as they like. All
 * calls that give it are left out (but for the one invoked at `keep`), and an endless one added.
 * Whatever those calls did, it can do. ERR_NOMEM as above. O(n). */
int calls_with_free_value(struct calls *out, const struct calls *all, int32_t value, uint32_t keep);

void calls_fini(struct calls *calls);

#endif
