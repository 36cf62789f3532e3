/* Sets, and their lies: linear-set, of which elements are asked one by one; and those that are read
 * as a whole: grow-only-set and Jepsen's set (read once, at the end) and set-full; also the rows of
 * Jepsen's causal-reverse and comments, which are written, and read as a whole.
 *
 * A set that is read again and again stays small, as every read lists it: elements_max are added
 * over the whole history. One that is read at the end grows with the history, 16 bytes an element.
 *
 * The anomalies use an element S that nobody else adds or removes.
 *
 *   lost      adding S is acknowledged, and S is never put in: linear-set is asked for it, and it
 *             is not there; the others are read. For set-full, which lets an element come late, S
 * is added and read once, and is gone from then on. phantom   S is there and nobody adds it.
 *   aborted   adding S fails, and S is there.
 *   revived   linear-set: S is added and removed, and is there.
 *   stale     grow-only-set: S is added, and a read after that lacks it.
 *   double    set-full: a read gives one element twice.
 *   reversed  causal-reverse, comments: S is written, then T, and a read has T without S. */
#include "generator/generate_object.h"

#include <stdlib.h>
#include <string.h>

/* --- linear-set --- */

struct linear_set {
    struct generate_object base;
    int64_t *items; /* in any order */
    uint32_t count, capacity;
    int64_t secret;
};

static struct linear_set *as_linear(struct generate_object *object)
{
    return (struct linear_set *)(void *)object;
}

static void end_linear(struct generate_object *object)
{
    free(as_linear(object)->items);
}

static void set_call(struct generate_call *call, symbol f, int64_t value)
{
    call->f = f;
    call->argument = value_int(value);
}

/* An element that is there, so that removals do not only find what is gone. */
static int64_t present(struct linear_set *self)
{
    if (self->count == 0)
        return generate_earlier(&self->base);
    int64_t value = self->items[random_below(self->base.random, self->count)];
    bool is_secret = self->base.secret_first <= value && value <= self->base.secret_last;
    return is_secret ? generate_earlier(&self->base) : value;
}

static void invoke_linear(struct generate_object *object, struct generate_call *call)
{
    struct linear_set *self = as_linear(object);
    bool mostly_there = random_below(object->random, 4) != 0;
    if (generate_reads(object, 0.4))
        set_call(call, F_CONTAINS, mostly_there ? present(self) : generate_earlier(object));
    else if (random_below(object->random, 2 * (uint64_t)generate_elements(object)) < self->count)
        set_call(call, F_REMOVE, mostly_there ? present(self) : generate_earlier(object));
    else
        set_call(call, F_ADD, generate_value(object));
}

static enum generate_end apply_linear(struct generate_object *object, struct generate_call *call)
{
    struct linear_set *self = as_linear(object);
    uint32_t at = 0;
    while (at < self->count && self->items[at] != call->argument.integer)
        at++;
    bool there = at < self->count;
    call->result = value_bool(call->f == F_ADD ? !there : there);
    if (call->f == F_REMOVE && there)
        self->items[at] = self->items[--self->count];
    if (call->f != F_ADD || there)
        return GENERATE_APPLIED;
    if (self->count == self->capacity) {
        uint32_t capacity = self->capacity ? 2 * self->capacity : 64;
        int64_t *items = realloc(self->items, capacity * sizeof *items);
        if (!items)
            return GENERATE_NOMEM;
        self->items = items;
        self->capacity = capacity;
    }
    self->items[self->count++] = call->argument.integer;
    return GENERATE_APPLIED;
}

static bool script_linear(struct generate_object *object, const char *anomaly, uint32_t step,
                          struct generate_call *call)
{
    struct linear_set *self = as_linear(object);
    bool lost = generate_is(anomaly, "lost"), aborted = generate_is(anomaly, "aborted"),
         revived = generate_is(anomaly, "revived");
    uint32_t last = revived ? 2 : lost || aborted ? 1 : 0;
    if (step == 0)
        self->secret = generate_secret(object);
    if (step > last)
        return false;
    set_call(call, step == last ? F_CONTAINS : step == 0 ? F_ADD : F_REMOVE, self->secret);
    call->mode = revived && step < last ? GENERATE_TRUE : GENERATE_FORGED;
    if (aborted && step == 0)
        call->mode = GENERATE_FAILED;
    call->result = value_bool(step < last || !lost);
    return true;
}

static const char *const linear_anomalies[] = {"lost-add", "phantom-element", "aborted-add",
                                               "revived-element", NULL};

const struct generate_model generate_linear_set = {
    .name = "linear-set",
    .anomalies = linear_anomalies,
    .object_size = sizeof(struct linear_set),
    .end = end_linear,
    .invoke = invoke_linear,
    .apply = apply_linear,
    .script = script_linear,
};

/* --- sets that are read as a whole --- */

struct whole_set {
    struct generate_object base;
    bool reads; /* all along, not only at the end */
    symbol adds;
    enum value_kind kind; /* of what a read gives */
    struct value *items;  /* as added: a read gives the first ones. Never moves if `reads` */
    uint32_t count, capacity;
    uint64_t *known; /* one bit for each value: whether it is in */
    uint64_t known_words;
    uint32_t wanted, asked; /* elements, if `reads` */
    struct value *forged;
    int64_t secret;
};

static struct whole_set *as_whole(struct generate_object *object)
{
    return (struct whole_set *)(void *)object;
}

static bool begin_whole(struct generate_object *object)
{
    as_whole(object)->adds = F_ADD;
    as_whole(object)->kind = VALUE_LIST;
    return true;
}

/* Room for all that will be added, and what a script adds. */
static bool begin_reading(struct generate_object *object)
{
    struct whole_set *self = as_whole(object);
    begin_whole(object);
    self->reads = true;
    self->wanted = generate_elements(object);
    self->capacity = self->wanted + 4;
    self->items = calloc(self->capacity, sizeof *self->items);
    self->forged = calloc(self->capacity, sizeof *self->forged);
    return self->items && self->forged;
}

static bool begin_rows(struct generate_object *object)
{
    bool begun = begin_reading(object);
    as_whole(object)->adds = F_WRITE;
    return begun;
}

static bool begin_comments(struct generate_object *object)
{
    bool begun = begin_rows(object);
    as_whole(object)->kind = VALUE_SET;
    return begun;
}

static void end_whole(struct generate_object *object)
{
    free(as_whole(object)->items);
    free(as_whole(object)->known);
    free(as_whole(object)->forged);
}

static void set_read(struct generate_call *call)
{
    call->f = F_READ;
    call->argument = value_nil();
}

/* The adds are spread over the history. */
static bool adds_now(struct whole_set *self)
{
    if (!self->reads)
        return true;
    if (self->asked >= self->wanted)
        return false;
    double share = 2.0 * self->wanted / ((double)self->base.operations + 1);
    return generate_chance(&self->base, share < 0.5 ? share : 0.5);
}

static void invoke_whole(struct generate_object *object, struct generate_call *call)
{
    struct whole_set *self = as_whole(object);
    if (adds_now(self)) {
        self->asked++;
        set_call(call, self->adds, generate_value(object));
    } else {
        set_read(call);
    }
}

static bool make_known(struct whole_set *self, int64_t value)
{
    uint64_t word = (uint64_t)value / 64;
    if (word < self->known_words)
        return true;
    uint64_t words = 2 * word + 16;
    uint64_t *known = realloc(self->known, words * sizeof *known);
    if (!known)
        return false;
    memset(known + self->known_words, 0, (words - self->known_words) * sizeof *known);
    self->known = known;
    self->known_words = words;
    return true;
}

static bool make_room(struct whole_set *self)
{
    if (self->count < self->capacity)
        return true;
    uint32_t capacity = self->capacity ? 2 * self->capacity : 256;
    struct value *items = realloc(self->items, capacity * sizeof *items);
    if (!items)
        return false;
    self->items = items;
    self->capacity = capacity;
    return true;
}

static enum generate_end put_in(struct whole_set *self, int64_t value)
{
    if (!make_known(self, value))
        return GENERATE_NOMEM;
    uint64_t *word = &self->known[value / 64], bit = UINT64_C(1) << (value % 64);
    if (*word & bit)
        return GENERATE_APPLIED;
    if (!make_room(self))
        return GENERATE_NOMEM;
    *word |= bit;
    self->items[self->count++] = value_int(value);
    return GENERATE_APPLIED;
}

static enum generate_end apply_whole(struct generate_object *object, struct generate_call *call)
{
    struct whole_set *self = as_whole(object);
    call->result = call->argument;
    if (call->f == self->adds)
        return put_in(self, call->argument.integer);
    call->result = value_items(self->kind, self->items, self->count);
    return GENERATE_APPLIED;
}

static bool finish(struct generate_object *object, uint32_t step, struct generate_call *call)
{
    (void)object;
    set_read(call);
    return step == 0;
}

static void forge_read(struct whole_set *self, struct generate_call *call, uint32_t count)
{
    set_read(call);
    call->result = value_items(self->kind, self->forged, count);
    call->mode = GENERATE_FORGED;
}

/* A read that gives the last element twice, or lacks it. The element is the script's own, so no
 * other read has it yet. */
static bool script_read(struct whole_set *self, bool twice, uint32_t step,
                        struct generate_call *call)
{
    if (step == 0) {
        set_call(call, F_ADD, self->secret);
    } else if (step == 1) {
        memcpy(self->forged, self->items, self->count * sizeof *self->forged);
        self->forged[self->count] = value_int(self->secret);
        forge_read(self, call, twice ? self->count + 1 : self->count - 1);
    } else {
        return false;
    }
    return true;
}

/* set-full: there once, and then no more. */
static bool script_vanishes(struct whole_set *self, uint32_t step, struct generate_call *call)
{
    if (step == 0)
        set_call(call, F_ADD, self->secret);
    else if (step == 1)
        set_read(call);
    else
        self->count--;
    return step < 2;
}

static bool script_reversed(struct whole_set *self, uint32_t step, struct generate_call *call)
{
    if (step < 2) {
        set_call(call, self->adds, step == 0 ? self->secret : generate_secret(&self->base));
    } else if (step == 2) {
        uint32_t others = self->count - 2;
        memcpy(self->forged, self->items, others * sizeof *self->forged);
        self->forged[others] = self->items[others + 1];
        forge_read(self, call, others + 1);
    } else {
        return false;
    }
    return true;
}

/* An add that is told otherwise than it went, or none; then a read, or that at the end. */
static bool script_add(struct whole_set *self, const char *anomaly, uint32_t step,
                       struct generate_call *call)
{
    bool phantom = generate_is(anomaly, "phantom"), lost = generate_is(anomaly, "lost");
    if (step == 0 && !lost)
        self->base.no_memory = put_in(self, self->secret) == GENERATE_NOMEM;
    if (step == 0 && !phantom) {
        set_call(call, F_ADD, self->secret);
        call->result = call->argument;
        call->mode = lost ? GENERATE_FORGED : GENERATE_FAILED;
        return true;
    }
    set_read(call);
    return self->reads && step == (phantom ? 0 : 1);
}

static bool script_whole(struct generate_object *object, const char *anomaly, uint32_t step,
                         struct generate_call *call)
{
    struct whole_set *self = as_whole(object);
    if (step == 0)
        self->secret = generate_secret(object);
    if (generate_is(anomaly, "stale") || generate_is(anomaly, "double"))
        return script_read(self, generate_is(anomaly, "double"), step, call);
    if (generate_is(anomaly, "reversed"))
        return script_reversed(self, step, call);
    if (generate_is(anomaly, "lost-element"))
        return script_vanishes(self, step, call);
    return script_add(self, anomaly, step, call);
}

static const char *const grow_only_anomalies[] = {"lost-add", "phantom-element", "aborted-add",
                                                  "stale-read", NULL};
static const char *const set_anomalies[] = {"lost-add", "phantom-element", NULL};
static const char *const set_full_anomalies[] = {"lost-element", "double-element", NULL};
static const char *const rows_anomalies[] = {"reversed-write", NULL};

#define WHOLE_SET                                                                                  \
    .object_size = sizeof(struct whole_set), .end = end_whole, .invoke = invoke_whole,             \
    .apply = apply_whole, .script = script_whole

const struct generate_model generate_grow_only_set = {
    WHOLE_SET, .name = "grow-only-set", .begin = begin_reading, .anomalies = grow_only_anomalies};
const struct generate_model generate_set = {WHOLE_SET, .name = "set", .begin = begin_whole,
                                            .finish = finish, .anomalies = set_anomalies};
const struct generate_model generate_set_full = {
    WHOLE_SET,        .name = "set-full",     .begin = begin_reading,
    .finish = finish, .values_are_new = true, .anomalies = set_full_anomalies};
const struct generate_model generate_causal_reverse = {WHOLE_SET, .name = "causal-reverse",
                                                       .begin = begin_rows, .values_are_new = true,
                                                       .anomalies = rows_anomalies};
const struct generate_model generate_comments = {WHOLE_SET, .name = "comments",
                                                 .begin = begin_comments, .values_are_new = true,
                                                 .anomalies = rows_anomalies};
