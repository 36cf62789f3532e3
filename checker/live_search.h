/* The configuration search of one object while its history is still being recorded.
 *
 * Told of every invocation and completion as it happens, it says as soon as it can that what
 * happened so far cannot be linearized. Linearizability is closed under prefixes: no answer that is
 * yet to come makes a violation good.
 *
 * The search wants to know what calls do when they begin, so it follows at a distance: events wait
 * in a queue until the outcome of everything invoked before them is known, that is, for about as
 * long as the slowest operation takes. live_search_probe looks ahead: it takes what is open as what
 * may have happened, which is what a history says that ends here, and goes back. Ask it as often as
 * a violation must be found in time; it costs a search of what waits.
 *
 * When more than `queue_max` events wait, the oldest open operation is presumed crashed, for ever:
 * it may have happened, and its answer no longer counts. From then on less is noticed, but what is
 * reported is still a violation. The same is true once the width was not enough (LIVE_SUSPECTED):
 * the search goes on from any state the model knows (model->anywhere).
 *
 * Errors are ends, see enum live_end. Cost: that of a frontier with this width (frontier.h), about
 * a microsecond for each of its configurations a completion. Memory: the layer, the queue, crashed
 * operations by kind, and what the context has interned: it does not depend on the number of events
 * beyond that. Of a register, values that no state and no pending operation names are forgotten
 * now and then, so that this is bounded, too; the states of other models stay interned. Up to 2^32
 * events. Not thread-safe: one thread feeds it, and any thread may feed another one whose context
 * is another one. */
#ifndef CHECKER_LIVE_SEARCH_H
#define CHECKER_LIVE_SEARCH_H

#include "checker/model.h"

struct live_search;

enum live_end {
    LIVE_PASSED,      /* nothing is wrong with what was looked at */
    LIVE_VIOLATION,   /* proven: no order exists. Said again from then on */
    LIVE_SUSPECTED,   /* the width was too small to find an order, or to prove there is none.
                         Said once; then the search goes on from any state */
    LIVE_LOST,        /* the same, and the model cannot say what "any state" is. Said again */
    LIVE_UNREADABLE,  /* the model does not know the operation, or cannot read its value: it was
                         taken as one that says nothing */
    LIVE_OUT_OF_TIME, /* of the budget; as LIVE_OUT_OF_MEMORY, said again from then on */
    LIVE_OUT_OF_MEMORY,
};

struct live_options {
    const struct model *model;
    struct model_context *context; /* borrowed; its budget pays for all; `growing` is set */
    uint32_t width_max;            /* 0 = all configurations: then nothing is only suspected */
    uint32_t queue_max;            /* events that may wait; 0 = any number */
    uint32_t values_max;           /* values known before any is forgotten; 0 = 1024 */
};

/* NULL when the memory ran out, or the model has no initial state. */
struct live_search *live_search_open(const struct live_options *options);
void live_search_close(struct live_search *live);

#define LIVE_NO_CALL UINT32_MAX

/* An invocation. Its handle, valid until it completes; LIVE_NO_CALL when the memory ran out. The
 * operation is copied; of its outcome nothing is taken yet. O(1). */
uint32_t live_search_invoke(struct live_search *live, const struct operation *op);

/* Its completion: ok, fail or info, as op->outcome says; op is the same operation, now with its
 * result. Searches as far as all outcomes are known. */
enum live_end live_search_complete(struct live_search *live, uint32_t handle,
                                   const struct operation *op);

/* Whether all that has happened so far can be linearized, open operations having happened or not.
 */
enum live_end live_search_probe(struct live_search *live);

struct live_status {
    uint64_t events;    /* invocations and completions told */
    uint64_t waiting;   /* of those, not searched yet (the probe apart) */
    uint64_t presumed;  /* operations presumed crashed */
    uint64_t suspected; /* how often the width was too small */
    uint64_t steps;
    position failing; /* invocation of the operation that could not be got past; POSITION_NONE */
};

struct live_status live_search_status(const struct live_search *live);

#endif
