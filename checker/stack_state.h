/* A stack whose pushes are put in order only when their elements are popped.
 *
 * An element that is there was pushed at some moment of its window: from the invocation of the push
 * until its return, or any time yet to come while it has not returned. When an element is popped,
 * all others that are there were pushed before it, or will be pushed after the pop: so it is best
 * to say that it was pushed as late as its window allows, and then no moment from there to the pop
 * is left to any other. It can be popped if all others have a moment left.
 *
 * So the moments that are left fall into segments, numbered 0 .. now; a new one begins when a push
 * returns, and after a pop. A window is a range of segments, the first and the last. Segments that
 * no two elements tell apart are made one, and equal elements put in order, so that equal states
 * are the same words.
 *
 * Of equal elements one is as good as another if it leaves as much to all: it may be popped only
 * instead of one that was pushed no later, if neither keeps others from more moments, or if both
 * pushes can still be yet to come and it returns no later. Crashed pushes may always be yet to
 * come, and are counted.
 *
 * O(n log n) a step, n elements. The memory is the caller's. */
#ifndef CHECKER_STACK_STATE_H
#define CHECKER_STACK_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct pushed {
    int32_t number;
    int32_t first; /* segment */
    int32_t last;  /* segment; negative: it has not returned, and this says when it will */
    uint32_t tag;  /* the caller's */
};

struct stack_state {
    struct pushed *items;
    uint32_t count;
    int32_t now; /* the segment */
};

enum { STACK_CRASHED = 1 << 30 }; /* later than any return; and how many of them */

/* What `last` is of a push that has not returned; in the order of `when`. */
static inline int32_t stack_open(uint32_t when)
{
    return (int32_t)(when - ((uint32_t)INT32_MAX + 1));
}

/* How many crashed pushes it counts; 0: it is not of such. */
static inline int32_t stack_crashed(const struct pushed *item)
{
    int32_t least = (int32_t)((uint32_t)STACK_CRASHED - ((uint32_t)INT32_MAX + 1));
    return item->last < 0 && item->last >= least ? item->last - least : 0;
}

/* Which one is popped by the choice-th way to pop an element, this one or any; `count` if there are
 * no more ways. */
uint32_t stack_state_choose(const struct stack_state *state, const int32_t *number,
                            uint32_t choice);

/* Pops it; sets *segment to that in which it was pushed. */
void stack_state_pop(struct stack_state *state, uint32_t at, int32_t *segment);

/* There is room for one more. */
void stack_state_push(struct stack_state *state, struct pushed item);

/* A push has returned that was to return then: its place, or `count` if its element is gone. */
uint32_t stack_state_returned(struct stack_state *state, int32_t open);

/* There was nothing on the stack: false if that cannot be. */
bool stack_state_empty(struct stack_state *state);

/* The same words for the same state. scratch: now + 1 words. */
void stack_state_normalise(struct stack_state *state, int32_t *scratch);

#endif
