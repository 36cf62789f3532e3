/* What Jepsen's "queue" and "total-queue" look at: which elements were put into a queue, and which
 * came out of it, each as a small number.
 *
 * enqueue v; dequeue -> v; drain -> list of all that it took out. Other names of these as in
 * checker/specification.h. A failed enqueue put nothing in; one of unknown outcome may have. Only
 * dequeues and drains that succeeded took something out for certain; those of unknown outcome took
 * what nobody knows. A dequeue that answers nil, "empty" or :empty found nothing. */
#ifndef CHECKER_QUEUE_MOVES_H
#define CHECKER_QUEUE_MOVES_H

#include "checker/number_lists.h"

struct queue_move {
    uint32_t element; /* its number */
    uint32_t number;  /* of the operation */
};

struct queue_moves {
    struct number_lists lists; /* what drains took; numbers.refs are the elements */
    struct queue_move *puts;   /* that did not fail, by invocation */
    struct queue_move *takes;  /* that succeeded, by completion */
    size_t put_count, put_capacity;
    size_t take_count, take_capacity;
    uint32_t crashed_dequeues, crashed_drains;
    /* The last dequeue or drain to be invoked that left nothing: UINT32_MAX if there is none. */
    uint32_t last_empty;
};

/* Errors: ERR_INPUT (an operation that is none of these, a drain that is no list), ERR_NOMEM,
 * ERR_TIMEOUT. Call queue_moves_fini in any case. Linear, but for the order of completion. */
int queue_moves_init(struct queue_moves *moves, const struct checker_input *input,
                     const struct checker *checker, struct errbuf *err);
void queue_moves_fini(struct queue_moves *moves, const struct checker_input *input);

/* Whether there was nothing more to take at some moment of the operation: a drain that succeeded, a
 * dequeue that found nothing or, as Jepsen's clients say that, failed. */
bool queue_leaves_nothing(const struct object *object, const struct operation *op);

/* How often the operation took the value out, for certain: by the operation itself. */
uint32_t queue_takes_of(const struct object *object, const struct operation *op, value_ref value);

extern const symbol queue_functions[];

#endif
