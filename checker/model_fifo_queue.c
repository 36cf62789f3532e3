/* A queue, first in first out.
 *
 * In which order enqueues that overlap took effect is decided only when their elements are taken:
 * an enqueue is announced (model.h), and the state says of each element that is there whether its
 * enqueue has returned, and which others were invoked only after that. These must come after it;
 * so the element that is taken next may be any that need not come after another one. Whatever is
 * taken one after the other like this, there are moments for the enqueues: each as late as
 * possible, right before the first that returns of it and those taken after it. Nobody sees them,
 * but who finds the queue empty: which is possible as long as no enqueue has returned whose element
 * is there.
 *
 * Of equal elements that may be taken, the one whose enqueue returns first is taken. An order in
 * which another one was is still one with the two exchanged: what must come before either has been
 * taken, and what must come after the one that returned later must come after the other one, too.
 *
 * So the state follows from the values that were taken, one after the other, and the orders of the
 * enqueues, which multiply, need not be told apart.
 *
 * The state is pairs of words, by the order of invocations: an element's number; and either how
 * many of the pairs were invoked before its enqueue returned, or, negative, when it will. Crashed
 * ones never will: those of them that may be taken are counted, by number, before all others.
 * Announced or not, it is the same: an enqueue that is not is invoked, and returns, when it takes
 * effect. */
#include "checker/model_container.h"

enum { PAIR = 2, CRASHED = 1 << 30 };

/* --- pairs --- */

struct queue {
    int32_t *words;
    uint32_t count; /* of pairs */
};

static int32_t *number_of(const struct queue *queue, uint32_t i)
{
    return &queue->words[PAIR * i];
}

static int32_t *until_of(const struct queue *queue, uint32_t i)
{
    return &queue->words[PAIR * i + 1];
}

static int32_t open_until(uint32_t when)
{
    return (int32_t)(when - ((uint32_t)INT32_MAX + 1)); /* negative, in the same order */
}

static uint32_t open_when(int32_t until)
{
    return (uint32_t)until + (uint32_t)INT32_MAX + 1;
}

/* How many crashed enqueues the pair counts; 0: it is not of such. */
static uint32_t crashed_count(int32_t until)
{
    return until < 0 && open_when(until) >= CRASHED ? open_when(until) - CRASHED : 0;
}

/* A draft of the state, with room for one more pair. False without memory. */
static bool draft_of(struct model_context *context, int32_t state, struct queue *out)
{
    uint32_t length;
    state_table_get(&context->states, state, &length);
    out->count = length / PAIR;
    out->words = state_table_draft(&context->states, length + PAIR);
    if (out->words && length)
        memcpy(out->words, state_table_get(&context->states, state, &length),
               length * sizeof *out->words);
    return out->words;
}

static struct queue view_of(const struct model_context *context, int32_t state)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    return (struct queue){.words = (int32_t *)(uintptr_t)words, .count = length / PAIR};
}

/* The first so many pairs may be taken next. */
static uint32_t first_count(const struct queue *queue)
{
    uint32_t count = queue->count;
    for (uint32_t i = 0; i < count; i++)
        if (*until_of(queue, i) >= 0 && (uint32_t)*until_of(queue, i) < count)
            count = (uint32_t)*until_of(queue, i);
    return count;
}

static void remove_pair(struct queue *queue, uint32_t at)
{
    queue->count--;
    memmove(number_of(queue, at), number_of(queue, at + 1),
            (size_t)(queue->count - at) * PAIR * sizeof(int32_t));
    for (uint32_t i = 0; i < queue->count; i++)
        if (*until_of(queue, i) > (int32_t)at)
            --*until_of(queue, i);
}

/* --- crashed enqueues --- */

/* Moves the pair to the front, where crashed ones are counted by number. */
static void count_crashed(struct queue *queue, uint32_t at)
{
    int32_t number = *number_of(queue, at), until = *until_of(queue, at);
    uint32_t to = 0;
    while (to < at && crashed_count(*until_of(queue, to)) && *number_of(queue, to) < number)
        to++;
    if (to < at && *number_of(queue, to) == number && crashed_count(*until_of(queue, to))) {
        *until_of(queue, to) += (int32_t)crashed_count(until);
        remove_pair(queue, at);
        return;
    }
    memmove(number_of(queue, to + 1), number_of(queue, to),
            (size_t)(at - to) * PAIR * sizeof(int32_t));
    *number_of(queue, to) = number;
    *until_of(queue, to) = until;
}

/* Once it is known which may be taken. */
static int32_t intern(struct model_context *context, struct queue *queue)
{
    for (uint32_t i = 0, first = first_count(queue); i < first;) {
        uint32_t count = queue->count;
        if (crashed_count(*until_of(queue, i)))
            count_crashed(queue, i);
        i += count == queue->count;
        first -= count - queue->count;
    }
    return state_table_intern_draft(&context->states, PAIR * queue->count);
}

/* --- steps --- */

static int32_t add(struct model_context *context, int32_t state, const struct model_op *op)
{
    struct queue queue;
    if (container_is_useless(context, op))
        return op->announced ? state : MODEL_REFUSED;
    if (!draft_of(context, state, &queue))
        return MODEL_NOMEM;
    *number_of(&queue, queue.count) = op->argument;
    *until_of(&queue, queue.count) = op->announced ? op->result : (int32_t)queue.count + 1;
    queue.count++;
    return intern(context, &queue);
}

/* The enqueue has returned. */
static int32_t settle(struct model_context *context, int32_t state, const struct model_op *op)
{
    struct queue queue = view_of(context, state);
    uint32_t at = 0;
    while (at < queue.count && *until_of(&queue, at) != op->result)
        at++;
    if (at == queue.count)
        return state;
    if (!draft_of(context, state, &queue))
        return MODEL_NOMEM;
    *until_of(&queue, at) = (int32_t)queue.count;
    return intern(context, &queue);
}

/* Of equal ones, the first to return; queue->count if there is none. Where it has returned is less
 * than when it will. */
static uint32_t find_first(const struct queue *queue, int32_t number)
{
    uint32_t best = queue->count, until = 0, count = first_count(queue);
    for (uint32_t i = 0; i < count; i++) {
        if (*number_of(queue, i) != number)
            continue;
        if (best == queue->count || (uint32_t)*until_of(queue, i) < until) {
            best = i;
            until = (uint32_t)*until_of(queue, i);
        }
    }
    return best;
}

static int32_t take(struct model_context *context, int32_t state, int32_t number)
{
    struct queue queue = view_of(context, state);
    uint32_t at = find_first(&queue, number);
    if (at == queue.count)
        return MODEL_REFUSED;
    if (!draft_of(context, state, &queue))
        return MODEL_NOMEM;
    if (crashed_count(*until_of(&queue, at)) > 1)
        --*until_of(&queue, at);
    else
        remove_pair(&queue, at);
    return intern(context, &queue);
}

/* One of the different numbers that may be taken. */
static int32_t take_any(struct model_context *context, int32_t state, uint32_t choice)
{
    struct queue queue = view_of(context, state);
    uint32_t count = first_count(&queue);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t same = 0;
        while (*number_of(&queue, same) != *number_of(&queue, i))
            same++;
        if (same == i && choice-- == 0)
            return take(context, state, *number_of(&queue, i));
    }
    return MODEL_NO_CHOICE;
}

static bool may_be_empty(const struct model_context *context, int32_t state)
{
    struct queue queue = view_of(context, state);
    for (uint32_t i = 0; i < queue.count; i++)
        if (*until_of(&queue, i) >= 0)
            return false;
    return true;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == CONTAINER_TAKE_ANY)
        return take_any(context, state, choice);
    return op->code == CONTAINER_TAKE ? take(context, state, op->argument)
                                      : add(context, state, op);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->announced)
        return op->returned ? settle(context, state, op) : add(context, state, op);
    if (op->code == CONTAINER_IS_EMPTY)
        return may_be_empty(context, state) ? state : MODEL_REFUSED;
    return model_remembered_step(context, state, op, choice, work);
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    int rc = container_compile(context, op, F_ENQUEUE, F_DEQUEUE, out);
    if (rc < 0 || rc == MODEL_SAYS_NOTHING)
        return rc;
    out->branches = out->code == CONTAINER_TAKE_ANY;
    out->announced = context->announces && out->code <= CONTAINER_MAY_ADD;
    out->commutes = out->announced;
    if (out->announced)
        out->result = open_until(out->code == CONTAINER_ADD ? op->complete : CRASHED + 1);
    return rc;
}

static const symbol functions[] = {F_ENQUEUE, F_DEQUEUE, F_NONE};

const struct model model_fifo_queue = {
    .name = "fifo-queue",
    .doc = "enqueue, dequeue of the oldest element; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
