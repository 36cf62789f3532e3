/* Queues and the stack, and their lies; also the objects behind Jepsen's queue and total-queue,
 * which are FIFO queues whose dequeue fails when there is nothing.
 *
 * Elements come in for a while, until elements_max are in, then go out until none is.
 *
 * The anomalies use elements that are added once and by nobody else: S, or first S and then T, one
 * after the other was acknowledged. "Removing until" is truthful.
 *
 *   phantom      a removal gives S, which nobody adds.
 *   aborted      adding S fails, a removal gives S: its only adder did not happen.
 *   future       a removal gives S, and is over before S is added.
 *   double       S is added, removing until S comes, and then S comes again.
 *   lost         S is acknowledged and never put in; removing until there is nothing. No removal
 *                ever gives S - and none crashes, which might have taken it -, so S was there when
 *                there was nothing.
 *   false-empty  S is added; a removal says that there is nothing; then removing until S comes.
 *                S was there all the time between.
 *   reordered    S and T are added. FIFO queue: removing until S is next; then T comes, and then S.
 *                Stack: S comes, and then T. Both times the other one was there and before it.
 *   inverted     priority queue: S and T are added, T above S and all others; S comes, and then T,
 *                which was there all the time. */
#include "generator/generate_object.h"

#include <stdlib.h>
#include <string.h>

enum container_kind { KIND_FIFO, KIND_ANY, KIND_LARGEST, KIND_LIFO };

struct container {
    struct generate_object base;
    enum container_kind kind;
    symbol adds, removes;
    bool refuses_empty; /* a removal of nothing fails */
    int64_t *items;     /* oldest first; of KIND_FIFO from `head` on, around the end */
    uint32_t head, count, capacity;
    bool drains;           /* elements go out just now */
    int64_t first, second; /* the script's S and T */
    bool gave_first;       /* the last removal gave S */
    bool gave_nothing;
    struct value *drained;
};

static struct container *as_container(struct generate_object *object)
{
    return (struct container *)(void *)object;
}

static bool begin(struct generate_object *object, enum container_kind kind, symbol adds,
                  symbol removes)
{
    struct container *self = as_container(object);
    self->kind = kind;
    self->adds = adds;
    self->removes = removes;
    return true;
}

static void end(struct generate_object *object)
{
    free(as_container(object)->items);
    free(as_container(object)->drained);
}

/* --- the container --- */

static int64_t *item(const struct container *self, uint32_t number)
{
    return &self->items[(self->head + number) % self->capacity];
}

static bool make_room(struct container *self)
{
    if (self->count < self->capacity)
        return true;
    uint32_t capacity = self->capacity ? self->capacity * 2 : 64;
    int64_t *items = malloc(capacity * sizeof *items);
    if (!items)
        return false;
    for (uint32_t i = 0; i < self->count; i++)
        items[i] = *item(self, i);
    free(self->items);
    self->items = items;
    self->capacity = capacity;
    self->head = 0;
    return true;
}

/* The priority queue is a binary heap, its root the largest. */
static void sift_up(struct container *self, uint32_t at)
{
    for (; at > 0 && self->items[at] > self->items[(at - 1) / 2]; at = (at - 1) / 2) {
        int64_t parent = self->items[(at - 1) / 2];
        self->items[(at - 1) / 2] = self->items[at];
        self->items[at] = parent;
    }
}

static void sift_down(struct container *self, uint32_t at)
{
    for (;;) {
        uint32_t largest = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < self->count; child++)
            if (self->items[child] > self->items[largest])
                largest = child;
        if (largest == at)
            return;
        int64_t value = self->items[at];
        self->items[at] = self->items[largest];
        self->items[largest] = value;
        at = largest;
    }
}

static bool put_in(struct container *self, int64_t value)
{
    if (!make_room(self))
        return false;
    *item(self, self->count++) = value;
    if (self->kind == KIND_LARGEST)
        sift_up(self, self->count - 1);
    return true;
}

/* Takes what the kind says from a container that is not empty. */
static int64_t take_out(struct container *self)
{
    uint32_t at = 0;
    if (self->kind == KIND_FIFO) {
        int64_t value = *item(self, 0);
        self->head = (self->head + 1) % self->capacity;
        self->count--;
        return value;
    }
    if (self->kind == KIND_LIFO)
        at = self->count - 1;
    else if (self->kind == KIND_ANY)
        at = (uint32_t)random_below(self->base.random, self->count);
    int64_t value = self->items[at];
    self->items[at] = self->items[--self->count];
    if (self->kind == KIND_LARGEST)
        sift_down(self, 0);
    return value;
}

/* For a script: removes this one from wherever it is. */
static void pull_out(struct container *self, int64_t value)
{
    uint32_t at = 0;
    while (*item(self, at) != value)
        at++;
    for (; at + 1 < self->count; at++)
        *item(self, at) = *item(self, at + 1);
    self->count--;
    for (at = self->count; self->kind == KIND_LARGEST && at > 0; at--)
        sift_down(self, at - 1);
}

/* --- operations --- */

/* Every value once, but in no order: so that priorities of new elements fall anywhere. */
static int64_t scatter(int64_t value)
{
    return (int64_t)(((uint64_t)value * 0x9e3779b1u) & 0x1fffffff);
}

static int64_t new_element(struct container *self)
{
    int64_t value = generate_value(&self->base);
    bool scatters = self->kind == KIND_LARGEST && self->base.options->values == 0;
    return scatters ? scatter(value) : value;
}

/* Above all others in a priority queue; see scatter. */
static int64_t secret_element(struct container *self)
{
    int64_t value = generate_secret(&self->base);
    bool scatters = self->kind == KIND_LARGEST && self->base.options->values == 0;
    return scatters ? value + 0x20000000 : value;
}

static void set_add(struct container *self, struct generate_call *call, int64_t value)
{
    call->f = self->adds;
    call->argument = value_int(value);
}

static void set_remove(struct container *self, struct generate_call *call)
{
    call->f = self->removes;
    call->argument = value_nil();
}

static void forge_remove(struct container *self, struct generate_call *call, struct value result)
{
    set_remove(self, call);
    call->result = result;
    call->mode = GENERATE_FORGED;
}

static void invoke(struct generate_object *object, struct generate_call *call)
{
    struct container *self = as_container(object);
    if (self->count >= generate_elements(object))
        self->drains = true;
    else if (self->count == 0 && random_below(object->random, 4) == 0)
        self->drains = false;
    if (generate_reads(object, self->drains ? 0.7 : 0.3)) {
        const char *anomaly = object->options->anomaly;
        set_remove(self, call);
        call->never_crashes = anomaly && generate_is(anomaly, "lost");
        call->crashes_idle = self->refuses_empty; /* an element that nobody got would be lost */
    } else {
        set_add(self, call, new_element(self));
    }
}

static enum generate_end drain(struct container *self, struct generate_call *call)
{
    self->drained = calloc(self->count + 1, sizeof *self->drained);
    if (!self->drained)
        return GENERATE_NOMEM;
    uint32_t count = self->count;
    for (uint32_t i = 0; i < count; i++)
        self->drained[i] = value_int(take_out(self));
    call->result = value_items(VALUE_LIST, self->drained, count);
    return GENERATE_APPLIED;
}

static enum generate_end apply(struct generate_object *object, struct generate_call *call)
{
    struct container *self = as_container(object);
    call->result = call->argument;
    if (call->f == F_DRAIN)
        return drain(self, call);
    if (call->f == self->adds)
        return put_in(self, call->argument.integer) ? GENERATE_APPLIED : GENERATE_NOMEM;
    self->gave_first = false;
    self->gave_nothing = self->count == 0;
    if (self->count == 0)
        return self->refuses_empty ? GENERATE_REFUSED : GENERATE_APPLIED;
    int64_t value = take_out(self);
    self->gave_first = value == self->first;
    call->result = value_int(value);
    return GENERATE_APPLIED;
}

static bool finish(struct generate_object *object, uint32_t step, struct generate_call *call)
{
    (void)object;
    call->f = F_DRAIN;
    call->argument = value_nil();
    return step == 0;
}

/* --- lies --- */

/* S, and a removal before or after it. */
static bool script_alone(struct container *self, const char *anomaly, uint32_t step,
                         struct generate_call *call)
{
    bool aborted = generate_is(anomaly, "aborted");
    if (step > (generate_is(anomaly, "phantom") ? 0u : 1u))
        return false;
    if (step == (aborted ? 1u : 0u)) {
        forge_remove(self, call, value_int(self->first));
        return true;
    }
    set_add(self, call, self->first);
    call->result = call->argument;
    call->mode = aborted ? GENERATE_FAILED : GENERATE_FORGED;
    return true;
}

/* S is added, and then removed until it comes: script_state counts what happens after that. */
static bool script_double(struct container *self, uint32_t step, struct generate_call *call)
{
    if (step == 0) {
        set_add(self, call, self->first);
    } else if (step == 1 || !self->gave_first) {
        set_remove(self, call);
    } else if (self->base.script_state++ == 0) {
        forge_remove(self, call, value_int(self->first));
    } else {
        return false;
    }
    return true;
}

static bool script_lost(struct container *self, uint32_t step, struct generate_call *call)
{
    if (step == 0) {
        set_add(self, call, self->first);
        call->result = call->argument;
        call->mode = GENERATE_FORGED;
    } else if (step == 1 || !self->gave_nothing) {
        set_remove(self, call);
    } else {
        return false;
    }
    return true;
}

static bool script_false_empty(struct container *self, uint32_t step, struct generate_call *call)
{
    if (step == 0)
        set_add(self, call, self->first);
    else if (step == 1)
        forge_remove(self, call, value_nil());
    else if (step == 2 || !self->gave_first)
        set_remove(self, call);
    else
        return false;
    return true;
}

/* The one of S and T comes first that must not. */
static bool script_order(struct container *self, uint32_t step, struct generate_call *call)
{
    int64_t too_early = self->kind == KIND_FIFO ? self->second : self->first;
    if (step == 0) {
        set_add(self, call, self->first);
    } else if (step == 1) {
        self->second = secret_element(self);
        set_add(self, call, self->second);
    } else if (self->kind == KIND_FIFO && self->base.script_state == 0 &&
               *item(self, 0) != self->first) {
        set_remove(self, call);
    } else if (self->base.script_state++ == 0) {
        pull_out(self, too_early);
        forge_remove(self, call, value_int(too_early));
    } else if (self->base.script_state == 2) {
        set_remove(self, call);
    } else {
        return false;
    }
    return true;
}

static bool script(struct generate_object *object, const char *anomaly, uint32_t step,
                   struct generate_call *call)
{
    struct container *self = as_container(object);
    if (step == 0)
        self->first = secret_element(self);
    if (generate_is(anomaly, "double"))
        return script_double(self, step, call);
    if (generate_is(anomaly, "lost"))
        return self->refuses_empty && step > 0 ? false : script_lost(self, step, call);
    if (generate_is(anomaly, "false-empty"))
        return script_false_empty(self, step, call);
    if (generate_is(anomaly, "reordered") || generate_is(anomaly, "inverted"))
        return script_order(self, step, call);
    return script_alone(self, anomaly, step, call);
}

/* --- models --- */

static bool begin_fifo(struct generate_object *object)
{
    return begin(object, KIND_FIFO, F_ENQUEUE, F_DEQUEUE);
}

static bool begin_refusing(struct generate_object *object)
{
    as_container(object)->refuses_empty = true;
    return begin(object, KIND_FIFO, F_ENQUEUE, F_DEQUEUE);
}

static bool begin_unordered(struct generate_object *object)
{
    return begin(object, KIND_ANY, F_ENQUEUE, F_DEQUEUE);
}

static bool begin_priority(struct generate_object *object)
{
    return begin(object, KIND_LARGEST, F_INSERT, F_POLL);
}

static bool begin_stack(struct generate_object *object)
{
    return begin(object, KIND_LIFO, F_PUSH, F_POP);
}

#define COMMON_ANOMALIES                                                                           \
    "phantom-dequeue", "aborted-dequeue", "future-dequeue", "double-dequeue", "lost-enqueue",      \
        "false-empty"
static const char *const unordered_anomalies[] = {COMMON_ANOMALIES, NULL};
static const char *const fifo_anomalies[] = {COMMON_ANOMALIES, "reordered-dequeue", NULL};
static const char *const priority_anomalies[] = {COMMON_ANOMALIES, "inverted-priority", NULL};
static const char *const stack_anomalies[] = {"phantom-pop",   "aborted-pop", "future-pop",
                                              "double-pop",    "lost-push",   "false-empty",
                                              "reordered-pop", NULL};
/* Jepsen's queue takes every invoked enqueue as one that happened, and its total-queue does not
 * mind duplicates. */
static const char *const queue_anomalies[] = {"phantom-dequeue", "future-dequeue", "double-dequeue",
                                              NULL};
static const char *const total_queue_anomalies[] = {"phantom-dequeue", "lost-enqueue", NULL};

#define CONTAINER                                                                                  \
    .object_size = sizeof(struct container), .end = end, .invoke = invoke, .apply = apply,         \
    .script = script

const struct generate_model generate_fifo_queue = {
    CONTAINER, .name = "fifo-queue", .begin = begin_fifo, .anomalies = fifo_anomalies};
const struct generate_model generate_unordered_queue = {CONTAINER, .name = "unordered-queue",
                                                        .begin = begin_unordered,
                                                        .anomalies = unordered_anomalies};
const struct generate_model generate_priority_queue = {
    CONTAINER, .name = "priority-queue", .begin = begin_priority, .anomalies = priority_anomalies};
const struct generate_model generate_stack = {CONTAINER, .name = "stack", .begin = begin_stack,
                                              .anomalies = stack_anomalies};
const struct generate_model generate_queue = {CONTAINER, .name = "queue", .begin = begin_refusing,
                                              .anomalies = queue_anomalies};
const struct generate_model generate_total_queue = {CONTAINER, .name = "total-queue",
                                                    .begin = begin_refusing, .finish = finish,
                                                    .anomalies = total_queue_anomalies};
