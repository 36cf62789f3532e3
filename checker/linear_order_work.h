/* What the parts of linear_order.h share. Nobody else includes this. */
#ifndef CHECKER_LINEAR_ORDER_WORK_H
#define CHECKER_LINEAR_ORDER_WORK_H

#include "checker/linear_order.h"

#define NOT_PLACED UINT32_MAX

/* A step of the path: a call, and the state it leaves; the gap before it is where other calls may
 * go. steps[0] is the initial state, without a call. */
struct order_step {
    uint32_t call, event;
    int32_t state;
};

struct order_work {
    const struct model *model;
    struct model_context *context;
    const struct calls *calls;
    struct budget *budget;
    struct order_step *steps;
    uint32_t step_count;
    uint32_t *begins, *ends; /* by call: its events, as indexes; ends is POSITION_NONE if crashed */
    uint32_t *gaps;  /* by call: where it goes, 2 * the step after it + whether it is hidden;
                        NOT_PLACED: it is a step itself, or does not go anywhere */
    uint32_t *same;  /* by crashed call: the next that does the same + 1 */
    uint32_t *kinds; /* open addressing: the first crashed call left of a kind + 1 */
    uint32_t kind_size;
    uint32_t *starts;    /* by 2 * step + hidden: how many calls, then where the next goes */
    uint32_t *announced; /* those that took effect, in order; NULL: there are none */
    uint32_t announced_count;
};

/* Announced calls that took effect: in which order, and the gap of each. */
int order_place_announced(struct order_work *work);

#endif
