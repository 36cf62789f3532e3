/* The configurations that a growing history of one object may have come to: the core of the
 * configuration search, fed with calls in the order in which they begin and return.
 *
 * Wing & Gong ("Testing and verifying concurrent objects", JPDC 1993) search for an order of the
 * operations; Lowe ("Testing for linearizability", CCPE 2017) linearizes just in time, only when a
 * return forces it, and remembers configurations; Horn & Kroening ("Faster linearizability checking
 * via P-compositionality", FORTE 2015) split by object. This goes breadth first over the returns,
 * so that a configuration need only say what has become of the calls that are pending at that
 * moment (config_set.h), and its memory is that of one layer, whatever the length of the history.
 *
 * What keeps a layer small:
 * - pure calls are linearized as soon as the state allows;
 * - a pending call that overwrites everything (a write) may always be put right before another
 *   one, where nobody sees it: when one is linearized, the others pending become optional instead
 *   of the search trying every subset of them. So does one that is possible in every state and
 *   whose answer says nothing (an append). Proof: let such a call t be pending where a blind call b
 *   is linearized. In the order with t right before b, t is possible, since it always is; b leaves
 *   the state that it left without t, since that does not depend on what it found; and nothing is
 *   between them that could see what t did;
 * - of calls that do the same the one that returns first is taken, and a crashed one only if there
 *   is no other (pending.h);
 * - a call that changes the state for nobody to see before it is overwritten is not tried;
 * - crashed calls are counted, and forgotten when nothing can need them;
 * - configurations that another one dominates are left out.
 *
 * With a width, only so many configurations are kept a layer, the likeliest to go on: then what is
 * accepted is linearizable, but nothing is rejected any more once one was left out.
 *
 * What the calls do must be known when they begin, also the result of a read that has not returned.
 * For a history that is still being recorded, live_search.h waits for it.
 *
 * Complexity: O(configurations * kinds of pending calls) a return. The problem is NP-complete
 * (Gibbons & Korach, "Testing shared memories", 1997), and so the number of configurations can grow
 * exponentially with compare-and-sets that are pending together. All memory, of a
 * frontier that does not trace and knows no demand, is for the layer and the calls pending, crashed
 * ones a kind at a time. Not thread-safe; several frontiers may be used by several threads if their
 * contexts are not shared. */
#ifndef CHECKER_FRONTIER_H
#define CHECKER_FRONTIER_H

#include "checker/pending.h"
#include "checker/trace.h"

struct frontier;

struct frontier_options {
    const struct model *model;
    struct model_context *context; /* its budget pays for everything and ends it */
    const int32_t *initial;        /* the states it may begin in; MODEL_ANY is one. Only read while
                                      opening */
    uint32_t initial_count;
    struct demand *demand; /* borrowed, and changed; NULL: what is yet to come is not known */
    uint32_t width_max;    /* configurations to keep a layer; 0 = all */
    uint64_t steps_max;    /* 0 = no limit; passed, the search is stuck */
    bool want_trace;       /* remember the order in which calls were linearized */
};

struct frontier_call {
    struct model_op op;
    uint32_t id;         /* the caller's; for the trace */
    uint32_t returns_at; /* when it will return, compared with others': later is greater */
    bool optional;       /* it may have happened before the first event, or may never: its return
                            forces nothing */
};

enum frontier_end {
    FRONTIER_PASSED,
    FRONTIER_REJECTED, /* proven: no order exists */
    FRONTIER_STUCK, /* none was found, but configurations had been left out, or the steps ended */
    FRONTIER_OUT_OF_TIME,
    FRONTIER_OUT_OF_MEMORY,
};

/* NULL when the memory ran out. */
struct frontier *frontier_open(const struct frontier_options *options);
void frontier_close(struct frontier *frontier);

/* A call that will return begins. Its slot, or PENDING_NONE when the memory ran out. */
uint32_t frontier_begin(struct frontier *frontier, const struct frontier_call *call);

/* A call that never returns begins; endless: it stands for any number of them. -1 when the memory
 * ran out. */
int frontier_crash(struct frontier *frontier, const struct model_op *op, uint32_t id, bool endless);

/* An announced call (model.h) begins, or returns: it needs no slot. Ends as frontier_return does.
 */
enum frontier_end frontier_announce(struct frontier *frontier, const struct model_op *op,
                                    uint32_t id, uint32_t event);
enum frontier_end frontier_announced(struct frontier *frontier, const struct model_op *op,
                                     uint32_t id, uint32_t event);

/* The call returns; event is the caller's number of that, for the trace. Anything but
 * FRONTIER_PASSED: the frontier can only be restored, or closed. */
enum frontier_end frontier_return(struct frontier *frontier, uint32_t slot, uint32_t event);

/* Ends a call without having got past its return: only after frontier_restart. -1: no memory. */
int frontier_forget(struct frontier *frontier, uint32_t slot);

/* Forgets all that was found: the object is in one of these states, and every call that is pending
 * may have happened or not. What is rejected from then on was not linearizable before either. Not
 * with a demand or a trace. -1 when the memory ran out. */
int frontier_restart(struct frontier *frontier, const int32_t *states, uint32_t count);

void frontier_set_width(struct frontier *frontier, uint32_t width_max);

struct frontier_counts {
    uint64_t steps; /* configurations examined */
    uint32_t width; /* of the layer now */
    uint32_t widest;
    bool pruned; /* configurations were left out on the way to here */
};

struct frontier_counts frontier_counts(const struct frontier *frontier);

/* A copy of all but the demand and the trace. */
struct frontier_mark;
struct frontier_mark *frontier_save(const struct frontier *frontier); /* NULL: no memory */
void frontier_mark_free(struct frontier_mark *mark);

/* Back to the mark, which stays; the caller has rewound the demand. -1 when the memory ran out. */
int frontier_restore(struct frontier *frontier, const struct frontier_mark *mark);

/* Sets used[number] of the values that the operation names. */
void frontier_mark_op_values(const struct model_op *op, bool *used);

/* Sets used[number] of every value that a state or a call names, of a model that holds_value. Not
 * with a demand. */
void frontier_mark_values(const struct frontier *frontier, bool *used);

/* The trace, and its node of the configuration that it would be best to go on with; NULL without
 * want_trace. */
const struct trace *frontier_trace(const struct frontier *frontier, uint32_t *node);

/* Collects what no configuration needs any more, of the frontier or these marks, if it pays.
 * -1 when the memory ran out. */
int frontier_collect(struct frontier *frontier, struct frontier_mark *const *marks, uint32_t count);

#endif
