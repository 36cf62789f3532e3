/* Linearizability of a mutex that anybody may release: algorithm_mutex.
 *
 * Acquires and releases must alternate, and only their kind tells them apart. So operations take
 * effect as late as they can: one that ends now, and has not, must; if the mutex is not as it
 * needs, one of the other kind goes first, and among those that are open the one that will end
 * first (earliest deadline first; Horn 1974). Waiting never hurts: whatever is open stays so until
 * it ends, and any number may take effect at one moment. Nor does that choice: two open
 * operations of a kind can swap their places in any order if the one that ends later stands first.
 * A crashed operation never ends, so it takes effect only if nothing else will do.
 *
 * If one that must take effect cannot, no order exists for the events up to its completion, and
 * there was one for those before. The witness is then cut at the front as well: the shortest
 * stretch of events, by powers of four, that cannot follow any state. O(n log c), c operations at
 * once; 8 bytes for each open operation, and 4 an operation for an order. */
#include "checker/answer.h"
#include "checker/deadline_heap.h"

#define NONE UINT32_MAX

enum mutex_end { GO_ON, VIOLATED, NO_TIME, NO_MEMORY };

struct mutex {
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    struct deadline_heap open[2]; /* began, and did not take effect: releases, acquires */
    uint32_t spare[2];            /* others that may take effect at any time, or never */
    bool held;
    uint32_t *order; /* NULL: not wanted */
    uint32_t order_count;
    uint32_t failing;
};

static bool is_acquire(const struct operation *op)
{
    return symbol_canonical(op->f) == F_ACQUIRE;
}

static void take_effect(struct mutex *mutex, uint32_t op, bool acquire)
{
    mutex->held = acquire;
    if (mutex->order)
        mutex->order[mutex->order_count] = op;
    mutex->order_count++;
}

/* Some operation of this kind; false if there is none. */
static bool take_any(struct mutex *mutex, bool acquire)
{
    struct deadline_heap *open = &mutex->open[acquire];
    bool certain = open->count > 0 && operation_end(&mutex->ops[open->items[0]]) != POSITION_NONE;
    if (mutex->spare[acquire] > 0 && !certain) {
        mutex->spare[acquire]--;
        mutex->held = acquire;
        return true;
    }
    if (open->count == 0)
        return false;
    take_effect(mutex, deadline_heap_pop(open), acquire);
    return true;
}

static position first_end(const struct mutex *mutex, bool acquire)
{
    const struct deadline_heap *open = &mutex->open[acquire];
    return open->count > 0 ? operation_end(&mutex->ops[open->items[0]]) : POSITION_NONE;
}

/* Lets those take effect that end before `now`. */
static enum mutex_end pass_time(struct mutex *mutex, position now)
{
    for (;;) {
        bool acquire = first_end(mutex, true) < first_end(mutex, false);
        if (first_end(mutex, acquire) >= now)
            return GO_ON;
        uint32_t op = deadline_heap_pop(&mutex->open[acquire]);
        if (mutex->held == acquire && !take_any(mutex, !acquire)) {
            mutex->failing = op;
            return VIOLATED;
        }
        take_effect(mutex, op, acquire);
    }
}

/* Goes through the operations from `first` on, and the events before `stop`. */
static enum mutex_end play(struct mutex *mutex, uint32_t first, position stop)
{
    enum mutex_end end = GO_ON;
    for (uint32_t i = first; i < mutex->count && mutex->ops[i].invoke < stop && end == GO_ON; i++) {
        const struct operation *op = &mutex->ops[i];
        if (op->outcome == OP_FAIL)
            continue;
        end = pass_time(mutex, op->invoke);
        if (end == GO_ON && !deadline_heap_push(&mutex->open[is_acquire(op)], i))
            return NO_MEMORY;
        if (budget_time_over(mutex->budget))
            return NO_TIME;
    }
    return end == GO_ON ? pass_time(mutex, stop) : end;
}

static void mutex_init(struct mutex *mutex, const struct algorithm_input *input)
{
    *mutex = (struct mutex){.ops = input->object->ops,
                            .count = input->object->count,
                            .budget = input->budget,
                            .failing = NONE};
    deadline_heap_init(&mutex->open[0], input->budget, mutex->ops);
    deadline_heap_init(&mutex->open[1], input->budget, mutex->ops);
}

static void mutex_fini(struct mutex *mutex)
{
    deadline_heap_fini(&mutex->open[0]);
    deadline_heap_fini(&mutex->open[1]);
}

/* --- the witness --- */

static bool is_open_at(const struct operation *op, position from)
{
    return op->outcome != OP_FAIL && op->invoke < from && operation_end(op) > from;
}

/* Whether the operations from `first` on fail before `stop`, from this state, even if what was
 * open when the first began may take effect at any time, or never. */
static enum mutex_end play_from(const struct algorithm_input *input, uint32_t first, position stop,
                                bool held)
{
    struct mutex mutex;
    mutex_init(&mutex, input);
    mutex.held = held;
    for (uint32_t i = 0; i < first; i++)
        if (is_open_at(&mutex.ops[i], mutex.ops[first].invoke))
            mutex.spare[is_acquire(&mutex.ops[i])]++;
    enum mutex_end end = play(&mutex, first, stop);
    mutex_fini(&mutex);
    return end;
}

/* The operation to begin with; 0 if only all of them show the violation. */
static uint32_t find_first(const struct algorithm_input *input, uint32_t failing)
{
    enum { SHORTEST = 4, FACTOR = 4 };
    position stop = input->object->ops[failing].complete + 1;
    for (uint64_t size = SHORTEST; size <= failing; size *= FACTOR) {
        uint32_t first = failing + 1 - (uint32_t)size;
        if (play_from(input, first, stop, false) == VIOLATED &&
            play_from(input, first, stop, true) == VIOLATED)
            return first;
    }
    return 0;
}

static int reject(const struct algorithm_input *input, uint32_t failing,
                  struct algorithm_result *out)
{
    const struct operation *ops = input->object->ops;
    position until = ops[failing].complete;
    uint32_t first = find_first(input, failing);
    struct kept kept;
    if (!kept_init(&kept, input->budget, input->object->count))
        return answer_out_of_memory(out);
    for (uint32_t i = 0; i < input->object->count && ops[i].invoke < until; i++)
        if (ops[i].outcome != OP_FAIL && (i >= first || is_open_at(&ops[i], ops[first].invoke)))
            kept_add(&kept, i);
    out->any_state = first > 0;
    out->from = first > 0 ? ops[first].invoke : 0;
    out->until = until;
    int rc = answer_rejected(out, &kept,
                             is_acquire(&ops[failing])
                                 ? "it was acquired while nothing can have released it"
                                 : "it was released while nothing can have acquired it",
                             failing);
    kept_fini(&kept);
    return rc;
}

/* --- the algorithm --- */

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    const struct object *object = input->object;
    uint32_t *order = NULL, ordered = 0;
    struct mutex mutex;
    *out = (struct algorithm_result){.steps = object->count};
    for (uint32_t i = 0; i < object->count; i++) {
        if (!is_acquire(&object->ops[i]) && symbol_canonical(object->ops[i].f) != F_RELEASE)
            return answer_bad_operation(input, i, err);
        ordered += object->ops[i].outcome != OP_FAIL;
    }
    mutex_init(&mutex, input);
    if (input->want_order) {
        order = budget_alloc(input->budget, ordered * sizeof *order);
        if (!order)
            return answer_out_of_memory(out);
        mutex.order = order;
    }
    enum mutex_end end = play(&mutex, 0, POSITION_NONE);
    mutex_fini(&mutex);
    if (end == GO_ON && order) {
        /* Less, if operations crashed. */
        uint32_t *fitted = budget_resize(input->budget, order, ordered * sizeof *order,
                                         mutex.order_count * sizeof *order);
        if (fitted) {
            out->order = fitted;
            out->order_count = mutex.order_count;
            return answer_accepted(out);
        }
        end = NO_MEMORY;
    }
    budget_free(input->budget, order, ordered * sizeof *order);
    if (end == VIOLATED)
        return reject(input, mutex.failing, out);
    if (end == GO_ON)
        return answer_accepted(out);
    return end == NO_TIME ? answer_out_of_time(out) : answer_out_of_memory(out);
}

static const char *const models[] = {"mutex", NULL};

const struct algorithm algorithm_mutex = {
    .name = "mutex",
    .doc = "no owners: as late as possible, earliest deadline first, O(n log c)",
    .models = models,
    .run = run,
};
