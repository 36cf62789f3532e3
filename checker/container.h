/* A container's history by value: when each element was put in and when it was taken out. What the
 * checks of queues and stacks with distinct values begin with, and how they end: as an order, or as
 * a few operations that cannot be (O'Hearn, Rinetzky, Vechev, Yahav & Yorsh, PODC 2010; Bouajjani,
 * Emmi, Enea & Hamza, ICALP 2015).
 *
 * Time is counted in cells: cell i lies after event i of the object and before event i+1. An
 * operation takes effect in one of the cells of its window, from .. to-1; the object's
 * linearization is a choice of cells, and an order of what falls into the same one.
 *
 * Windows are as narrow as they can be made without losing an order: an element cannot be taken out
 * before its insert began, nor be put in after its removal ended. So a crashed insert whose value
 * was taken out has ended with that. What cannot matter is left out: failed operations, and
 * crashed inserts of values that nobody took out. Values that were put in more than once are set
 * aside: what the others prove, holds; if they prove nothing, the checks here do not decide. */
#ifndef CHECKER_CONTAINER_H
#define CHECKER_CONTAINER_H

#include "checker/algorithm.h"
#include "checker/cover.h"
#include "checker/sort_items.h"

struct window {
    uint32_t from, to; /* cells from .. to-1 */
};

#define CELL_NEVER   UINT32_MAX /* as `to`: nothing ends it. As both: it never happened */
#define CONTAINER_NO UINT32_MAX /* no operation */

struct container_value {
    uint32_t insert, remove; /* indexes of object->ops; CONTAINER_NO: it was not taken out */
    struct window in, out;   /* in.from <= out.from, in.to <= out.to */
};

struct container_op {
    uint32_t op; /* index of object->ops */
    struct window at;
};

struct container {
    const struct object *object;
    struct budget *budget;
    struct container_value *values; /* in order of their insert's invocation */
    struct container_op *empties;   /* removals that found nothing */
    struct container_op *crashed;   /* removals that may have taken anything; see below */
    uint32_t count, empty_count, crashed_count;
    uint32_t set_aside; /* values that were put in more than once */
    uint32_t cells;
    bool small_integers; /* all that was put in are integers that are their own references */
    /* Values that no ok operation took out, in the order in which their inserts ended; only if
     * removals crashed, which may have taken them. */
    uint32_t *left;
    uint32_t left_count;

    size_t value_capacity, empty_capacity, crashed_capacity, left_capacity; /* as allocated */
};

/* The cells in which a value is certainly in: from in.to to out.from-1, if there are any. */
static inline bool container_stays(const struct container_value *value)
{
    return value->in.to < value->out.from;
}

/* Asked in every loop over values or operations: whether time is over; about 0.1 ns. */
static inline bool container_time_over(struct budget *budget, uint32_t i)
{
    return (i & 1023) == 0 && budget_time_over(budget);
}

/* Reads the operations `insert` and `remove` (canonical symbols). Sets out->end: ACCEPTED means
 * that no value by itself breaks a rule; the container must be given back in this case only.
 * REJECTED with a witness: a value was taken out that was never put in, twice, or too early.
 * Errors: ERR_INPUT, another operation. Linear; 40 bytes a value. */
int container_read(struct container *container, const struct algorithm_input *input, symbol insert,
                   symbol remove, struct algorithm_result *out, struct errbuf *err);
void container_fini(struct container *container);

/* The i-th of them takes the i-th of the values left: for the FIFO queue and the unordered queue,
 * the best there is. */
void container_give_left(struct container *container);

/* Lets crashed removals take values that are left, the more urgent a value the earlier a removal. A
 * value must be gone before an operation that began after it was put in ended: one that found
 * nothing, or took out a value that is earlier in the sequence (whose keys are not looked at).
 * Those that need not be gone stay. This is a good guess, no more. O(n log n). */
enum sort_end container_give_urgent(struct container *container, const struct sort_item *sequence);

/* Nobody has taken the values left. */
void container_take_back_left(struct container *container);

/* Leaves out all values that are left, so that crashed removals took nothing. */
void container_drop_left(struct container *container);

/* Chooses a free cell for each removal that found nothing, and makes it the first of its window:
 * they ascend. Rejects the first that has none. The cover has the cells in which some value
 * certainly is in. */
void container_check_empties(struct container *container, struct cover *cover,
                             struct algorithm_result *out);

/* The same with a cover of its own. */
void container_check_all_empties(struct container *container, struct algorithm_result *out);

/* Results. Each sets out->end: REJECTED or ACCEPTED, or that time or memory ran out. */

/* The witness: all operations on these values, `more` others (CONTAINER_NO: none), and, if one of
 * the values was left, every crashed removal, and as many values left as make it so. */
void container_reject(const struct container *container, const uint32_t *values, uint32_t count,
                      uint32_t more, uint32_t failing, const char *reason,
                      struct algorithm_result *out);

/* The same with the fewest of `candidates` (value numbers; NULL: all of them) that together are in
 * during all of the window. They are, and are followed in the witness by `value` unless it is
 * CONTAINER_NO. */
void container_reject_covered(const struct container *container, struct window window,
                              const uint32_t *candidates, uint32_t count, uint32_t value,
                              uint32_t more, uint32_t failing, const char *reason,
                              struct algorithm_result *out);

/* Takes a witness back: the values were looked at too closely. */
void container_forget_witness(const struct container *container, struct algorithm_result *out);

enum container_doubt { CONTAINER_SET_ASIDE, CONTAINER_CRASHED };

/* Nothing was wrong with the values that were looked at, but there are others. */
void container_not_for_this(struct algorithm_result *out, enum container_doubt doubt);

/* The order: items (index of object->ops) by their keys. Takes over items, which are `capacity`
 * long and of this budget. */
void container_accept(struct budget *budget, struct sort_item *items, size_t count, size_t capacity,
                      struct algorithm_result *out);

/* The order in which each value is put in as late as it can be, and taken out in a cell of its own
 * choice (NULL: as early as it can be). In one cell come first the removals, in this sequence of
 * the values (NULL: by number), each behind its insert if that has not been before; then removals
 * that found nothing; then other inserts. */
void container_accept_late(const struct container *container, const uint32_t *sequence,
                           const uint32_t *taken, struct algorithm_result *out);

/* What a sort that was not done means for the result. */
void container_end_sort(struct algorithm_result *out, enum sort_end end);

#endif
