/* Decides whether the calls of one object are linearizable, within the budget.
 *
 * First a search of small width that goes back where it gets stuck (backjump.h), which is enough
 * for nearly every history that is linearizable. Where that does not help, windows before that
 * moment are searched exhaustively, with nothing known of the state they begin in: most violations
 * show in a short one, and what cannot be linearized in a window cannot be linearized at all. If no
 * window shows it, the width grows, at last without bound. */
#ifndef CHECKER_LINEAR_H
#define CHECKER_LINEAR_H

#include "checker/config_search.h"
#include "checker/linear_order.h"

enum linear_end { LINEAR_VALID, LINEAR_INVALID, LINEAR_OUT_OF_TIME, LINEAR_OUT_OF_MEMORY };

struct linear_result {
    enum linear_end end;
    uint32_t last;  /* not valid: the event (of calls->events) that was not got past */
    uint32_t first; /* invalid: the events from here to `last` show it ... */
    bool any_state; /* ... from any state; else first is 0, and from the initial states */
    uint64_t steps;
    /* Valid, and wanted: see linear_order.h. Left out if the memory or the time for it ran out:
     * then order.numbers is NULL. */
    struct linear_order order;
};

struct linear_input {
    const struct model *model;
    struct model_context *context;
    const struct calls *calls;
    const int32_t *initial;
    uint32_t initial_count;
    /* The states it may be in when nothing is known; none if that cannot be said: then no window
     * is searched. */
    const int32_t *anywhere;
    uint32_t anywhere_count;
    bool want_order;
};

/* linear_order_fini gives the order back, if there is one. */
struct linear_result linear_check(const struct linear_input *input);

/* Searches the window first..last of the calls from anywhere, keeping at most width_max
 * configurations a layer. Adds to *steps. Frees all it allocated. SEARCH_STUCK if the model cannot
 * say what that is. */
enum search_end linear_search_window(const struct linear_input *input, uint32_t first,
                                     uint32_t last, uint32_t width_max, uint64_t *steps);

#endif
