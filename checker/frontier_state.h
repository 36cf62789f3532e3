/* What the parts of a frontier share; see frontier.h. Nobody else includes this. */
#ifndef CHECKER_FRONTIER_STATE_H
#define CHECKER_FRONTIER_STATE_H

#include "checker/budget.h"
#include "checker/config_set.h"
#include "checker/frontier.h"

/* For a state: which live calls are possible in it and leave it as it is. */
struct stay {
    int32_t state;
    uint32_t round; /* of which round this is; see frontier.round */
    uint64_t *pure; /* may be linearized at once */
    uint64_t *same; /* the others: may count as linearized */
};

enum { STAY_COUNT = 64 };

struct frontier {
    const struct model *model;
    struct model_context *context;
    struct budget *budget;
    struct pending pending;
    struct trace trace;
    bool want_trace;
    uint32_t width_max;
    uint64_t steps_max;

    struct config_shape shape;
    struct config_set layer; /* after the returns so far */
    struct config_set next;  /* after the current one */
    struct config_set mid;   /* on the way there: the returning call is not linearized yet */

    /* Scratch of `shape`, in one block. */
    uint64_t *words;
    size_t words_size;
    uint64_t *config, *child, *done; /* one configuration each */
    uint64_t *set_must, *set_open;   /* what began since the last return */
    uint64_t *blind;                 /* live calls that overwrite everything, or are total */
    struct stay stays[STAY_COUNT];
    uint32_t round; /* counts the sets of pending calls there were */

    uint32_t *wanted; /* by value: the last expansion in which a call was open that needs it */
    uint32_t wanted_count;
    uint32_t expansion;
    uint32_t avoiding; /* live calls that avoid a value */

    uint8_t *weights;          /* by byte of configurations: what using a crashed call costs */
    uint32_t node, child_node; /* of config and child; UINT32_MAX: not made yet */
    uint32_t event;
    bool pruned;
    uint64_t steps;
    uint32_t widest;
};

struct frontier_mark {
    struct pending pending;
    struct config_shape shape;
    struct budget *budget;
    uint64_t *words; /* the layer; then blind, set_must and set_open */
    size_t words_size;
    uint32_t *nodes;
    uint32_t count, avoiding;
    bool pruned;
};

/* The returning call, while its layer is worked on. */
struct returning {
    uint32_t slot;
};

/* Why a step came to nothing. */
static inline enum frontier_end frontier_failure(const struct frontier *frontier)
{
    return frontier->budget->time_is_over ? FRONTIER_OUT_OF_TIME : FRONTIER_OUT_OF_MEMORY;
}

static inline bool mask_has(const uint64_t *mask, uint32_t bit)
{
    return mask[bit / 64] >> (bit % 64) & 1;
}

static inline void mask_add(uint64_t *mask, uint32_t bit)
{
    mask[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void mask_remove(uint64_t *mask, uint32_t bit)
{
    mask[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

/* --- frontier_expand.c --- */

/* Linearizes what can be without changing the state. *observed: a call was among them that proves
 * what the state is. -1 when the memory or the time (budget->time_is_over) ran out, as below. */
int frontier_settle(struct frontier *frontier, uint64_t *config, bool *observed);

/* A configuration before the return, whose node is frontier->child_node or is yet to be made of
 * `step`. If the call may count as linearized, it is one after the return too; but it may also be
 * linearized still, so that the state is what it leaves behind. */
int frontier_route(struct frontier *frontier, const struct returning *returning, uint64_t *config,
                   uint32_t call);

/* All that can come of frontier->config by linearizing one call more. */
int frontier_expand(struct frontier *frontier, const struct returning *returning);

#endif
