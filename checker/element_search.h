/* Whether the operations on one element of a set have an order: it is in or out, and begins out.
 *
 * Operations change it for certain (an add that answered true), observe it (contains, and an add or
 * remove that answered false), make it so whatever it was (an answer that says nothing), or may do
 * that at some time or never (crashed).
 *
 * Goes through the events in time, and changes the element only when an operation that ends now
 * needs it; with a set of configurations, of what was used and seen so far. Observers see what
 * they can as soon as they can. Of operations that do the same, the one that ends first is used
 * first. One that must change it is used before one that may, unless that ends earlier: then both
 * are tried; and before one whose answer says nothing ends unused, it is tried as a change as well.
 * So without such ones there is one configuration, and the time is linear in the operations times
 * those that overlap. */
#ifndef CHECKER_ELEMENT_SEARCH_H
#define CHECKER_ELEMENT_SEARCH_H

#include "core/operation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

enum element_kind {
    ELEMENT_CHANGES,  /* from out to in, or from in to out */
    ELEMENT_OBSERVES, /* it was so */
    ELEMENT_MAKES,    /* it is so afterwards */
    ELEMENT_MAY,      /* the same, at any time or never: crashed */
};

struct element_op {
    position begin, end;
    uint32_t op; /* index of object->ops */
    uint8_t kind;
    bool in; /* what it leaves, or observes */
};

enum element_end {
    ELEMENT_POSSIBLE,
    ELEMENT_IMPOSSIBLE,
    ELEMENT_TOO_HARD, /* too many overlap, or too many configurations */
    ELEMENT_OUT_OF_TIME,
    ELEMENT_OUT_OF_MEMORY,
};

/* An operation that was placed, after others. */
struct element_step {
    uint32_t before; /* number of the step before it; 0: none */
    uint32_t number; /* of the operation among the element's */
    position when;   /* between this event and the next */
};

enum { ELEMENT_OVERLAP_MAX = 64, ELEMENT_CONFIGS_MAX = 256 };

/* For any number of elements, one after the other. */
struct element_search {
    struct budget *budget;
    bool want_order;

    /* The result of the last one. */
    uint32_t failing;           /* impossible: the operation that cannot be placed */
    struct element_step *order; /* possible: `before` is not used */
    uint32_t order_count;

    struct element_configs *sets; /* private, as all below */
    struct element_step *steps;
    uint32_t step_count, step_capacity, order_capacity;
    bool *placed;
    uint32_t placed_capacity;
    uint32_t *may[2];
    uint32_t may_count[2], may_capacity[2];
};

/* False when the budget's memory ran out; fini is legal then. */
bool element_search_init(struct element_search *search, bool want_order, struct budget *budget);
void element_search_fini(struct element_search *search);

/* ops: in order of their begin. */
enum element_end element_search_run(struct element_search *search, const struct element_op *ops,
                                    uint32_t count);

#endif
