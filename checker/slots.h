/* Which call has which bit in the masks of a configuration.
 *
 * The same for all configurations of a moment, so kept once. A live call (one that returns) holds
 * a live slot from its invocation to its return. A crashed call (one that never does) holds a
 * crash slot from its invocation until nothing can need it any more.
 *
 * Identical crashed calls form a class: they are interchangeable, and the earliest invoked is
 * always used first, so in any configuration those left of a class are its latest. A class needs
 * no more members than there are calls yet to come that could need what it gives (its demand): the
 * earliest of a larger class are retired, which frees their slots.
 *
 * Events must be fed in order. O(1) expected an event. Memory comes from the budget. */
#ifndef CHECKER_SLOTS_H
#define CHECKER_SLOTS_H

#include "checker/calls.h"

#define SLOT_NONE UINT32_MAX

struct slot_class {
    struct model_op op;
    uint32_t *members; /* crash slots in order of invocation; [head, tail) are in use */
    uint32_t head, tail;
    uint32_t size;            /* members it will ever have */
    bool endless;             /* using a member does not use it up */
    uint32_t next_same_gives; /* the next class + 1 that gives the same value */
};

struct slots {
    struct budget *budget;
    const struct calls *calls;
    uint32_t value_count;
    uint32_t crashed_count; /* calls that never return */

    uint32_t *slot_of;   /* by live call */
    uint32_t *live;      /* by live slot: its call, or SLOT_NONE */
    uint32_t live_count; /* slots ever in use: how wide the masks must be */
    uint32_t *live_free;
    uint32_t live_free_count;

    uint32_t *class_of; /* by crashed call */
    struct slot_class *classes;
    uint32_t class_count;
    uint32_t *members;     /* of all classes */
    uint32_t *gives_first; /* by value: the first class + 1 that gives it */
    uint32_t crash_count;  /* as live_count */
    uint32_t *crash_free;
    uint32_t crash_free_count;

    uint32_t *demand;      /* by value: calls that need it and may still be linearized */
    uint32_t avoid_demand; /* calls that avoid some value and have not returned */
    uint32_t *lowered;     /* values whose demand has fallen: work to do */
    uint32_t lowered_count;

    /* What the last event did to crash slots, in order: slot << 1 | is_opened. */
    uint32_t *changes;
    uint32_t change_count;
};

/* Also runs once through all events, so that live_count and crash_count are final.
 * -1 when the budget's memory ran out; then there is nothing to free. */
int slots_init(struct slots *slots, const struct calls *calls, uint32_t value_count,
               struct budget *budget);
void slots_fini(struct slots *slots);

/* A call begins, and gets its slot. */
void slots_invoke(struct slots *slots, uint32_t call);

/* A call returns; its slot is free again for the events that follow. */
void slots_return(struct slots *slots, uint32_t call);

/* The crash slot of the member that a configuration with these `open` bits of crashed calls would
 * use next; SLOT_NONE if it has used them all. O(log members). */
uint32_t slots_next_of_class(const struct slot_class *class, const uint64_t *open);

#endif
