/* The contract of an algorithm that decides linearizability of one object.
 *
 * To add one, do these four things: write NAME.c with a `const struct algorithm` in it; declare it
 * here; name it in algorithm_table (algorithm.c), before any that is slower on what both decide;
 * add it to the property tests, which compare it with brute force (tests/property). */
#ifndef CHECKER_ALGORITHM_H
#define CHECKER_ALGORITHM_H

#include "checker/budget.h"
#include "checker/object.h"
#include "checker/semantics.h"

struct errbuf;
struct model;

enum algorithm_end {
    ALGORITHM_ACCEPTED,
    ALGORITHM_REJECTED,
    ALGORITHM_NOT_FOR_THIS, /* outside of what it decides: another one has to */
    ALGORITHM_OUT_OF_TIME,
    ALGORITHM_OUT_OF_MEMORY,
};

struct algorithm_input {
    const struct object *object;
    const struct model *model;
    const struct history_semantics *semantics;
    struct budget *budget; /* pays for everything, and ends it */
    bool want_order;       /* a linearization, if there is one */
};

/* Arrays are from the budget; algorithm_result_fini gives them back. */
struct algorithm_result {
    enum algorithm_end end;
    const char *reason; /* static text. Rejected: the rule that is broken, as a sentence without its
                           end: "a read returned a value that was overwritten before it began". Not
                           for this: what stands against it: "a value is written twice" */
    /* Accepted, and wanted: the operations that took effect, in one order that explains all
     * answers, as indexes of object->ops. Every ok operation that says something is among them;
     * crashed ones may be; failed ones are where they prove something (a failed cas). */
    uint32_t *order;
    uint32_t order_count;
    /* Rejected: indexes of object->ops, ascending: these alone cannot be linearized, and leaving
     * out the others is a sound reduction (checker/verify.h says which there are). */
    uint32_t *witness;
    uint32_t witness_count;
    /* Rejected, and the witness proves it only with these reductions (struct refutation): */
    bool any_state;
    position from;
    value_ref *free_values;
    uint32_t free_count;
    uint32_t failing; /* rejected: the one of them that cannot be placed, best to show */
    position until;   /* rejected or ended: no violation among the events before it; 0 if unknown */
    uint64_t steps;   /* configurations or operations examined */
};

struct algorithm {
    const char *name;
    const char *doc;           /* one line, with its source */
    const char *const *models; /* names of the models it decides, NULL at the end; NULL for all */

    /* Decides. The result is set in every case of return 0; ALGORITHM_NOT_FOR_THIS is found out
     * cheaply, and no verdict. Errors: ERR_INPUT, an operation that the model does not know or
     * whose value it cannot read: the text names the event by its index. */
    int (*run)(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err);
};

extern const struct algorithm algorithm_zones;                /* registers, unique writes */
extern const struct algorithm algorithm_fifo_queue;           /* fifo-queue, distinct values */
extern const struct algorithm algorithm_priority_queue;       /* priority-queue, distinct values */
extern const struct algorithm algorithm_stack;                /* stack, distinct values */
extern const struct algorithm algorithm_unordered_queue;      /* unordered-queue, distinct values */
extern const struct algorithm algorithm_grow_only_set;        /* grow-only-set */
extern const struct algorithm algorithm_element_set;          /* linear-set: element by element */
extern const struct algorithm algorithm_counter;              /* linear-counter, steps of one */
extern const struct algorithm algorithm_mutex;                /* mutex without owners */
extern const struct algorithm algorithm_owned_mutex;          /* owned-mutex */
extern const struct algorithm algorithm_configuration_search; /* every model; see linear.h */

/* Fast ones first; NULL at the end. */
extern const struct algorithm *const algorithm_table[];

/* NULL if there is none of this name. */
const struct algorithm *algorithm_find(const char *name);

bool algorithm_decides(const struct algorithm *algorithm, const char *model);

void algorithm_result_fini(struct algorithm_result *result, struct budget *budget);

#endif
