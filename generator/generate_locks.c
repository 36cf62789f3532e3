/* Mutexes and the semaphore, and their lies.
 *
 * A client that holds the lock releases it, one that does not acquires it; what it believes is the
 * truth, even after a crash, so that nothing stays locked for ever. An owned mutex is told its
 * owner as the argument: the number of the client, who keeps it when his process changes.
 *
 * All clients are at rest for an anomaly, and the script first releases what is still held. S and T
 * are owners that do nothing else.
 *
 *   double-acquire   acquire, acquire. Without owners: only a release between them could explain
 *                    it, none is open, and none crashes in such a history. Owned: S acquires, T
 *                    acquires, T releases, S releases; reentrant: S acquires twice and has released
 *                    once when T comes.
 *   reacquire        owned mutex: S acquires, S acquires.
 *   double-release   acquire, release, release: only an acquire could explain it, none is open, and
 *                    none crashes in such a history.
 *   foreign-release  S acquires, T releases: T never acquires.
 *   over-acquire     semaphore: all permits are acquired, and then one more; as double-acquire.
 *   over-release     semaphore: one is released when none is held; as double-release. */
#include "generator/generate_object.h"

#include <stdlib.h>

enum lock_kind { LOCK_PLAIN, LOCK_OWNED, LOCK_REENTRANT, LOCK_SEMAPHORE };

enum { DEPTH_MAX = 3 };

struct lock {
    struct generate_object base;
    enum lock_kind kind;
    uint32_t held;   /* in all: times, or permits */
    int64_t owner;   /* of the owned kinds, while it is held */
    uint32_t *holds; /* of each client */
};

static struct lock *as_lock(struct generate_object *object)
{
    return (struct lock *)(void *)object;
}

static bool begin(struct generate_object *object, enum lock_kind kind)
{
    struct lock *self = as_lock(object);
    self->kind = kind;
    self->holds = calloc(object->clients, sizeof *self->holds);
    return self->holds != NULL;
}

static void end(struct generate_object *object)
{
    free(as_lock(object)->holds);
}

static uint32_t permits(const struct lock *self)
{
    return self->base.options->permits ? self->base.options->permits : 1;
}

static bool has_owner(const struct lock *self)
{
    return self->kind == LOCK_OWNED || self->kind == LOCK_REENTRANT;
}

/* number: the owner, or how many permits; unused for a plain mutex. */
static void set(struct lock *self, struct generate_call *call, symbol f, int64_t number)
{
    call->f = f;
    call->argument = self->kind == LOCK_PLAIN ? value_nil() : value_int(number);
}

static bool wants_release(struct lock *self, uint32_t holds)
{
    if (holds == 0)
        return random_below(self->base.random, 16) == 0; /* will mostly fail */
    return self->kind != LOCK_REENTRANT || holds == DEPTH_MAX || self->base.should_rest ||
           random_below(self->base.random, 2) == 0;
}

static void invoke(struct generate_object *object, struct generate_call *call)
{
    struct lock *self = as_lock(object);
    const char *anomaly = object->options->anomaly;
    uint32_t holds = self->holds[call->client];
    int64_t number = call->client;
    bool releases = wants_release(self, holds);
    if (self->kind == LOCK_SEMAPHORE)
        number = releases ? (holds ? holds : 1)
                          : 1 + (int64_t)random_below(object->random, permits(self));
    set(self, call, releases ? F_RELEASE : F_ACQUIRE, number);
    if (anomaly && !has_owner(self))
        call->never_crashes = releases == (generate_is(anomaly, "double-acquire") ||
                                           generate_is(anomaly, "over-acquire"));
}

static uint32_t amount(const struct lock *self, const struct generate_call *call)
{
    return self->kind == LOCK_SEMAPHORE ? (uint32_t)call->argument.integer : 1;
}

static bool may_acquire(const struct lock *self, const struct generate_call *call)
{
    if (self->kind == LOCK_SEMAPHORE)
        return self->held + amount(self, call) <= permits(self);
    if (self->kind == LOCK_REENTRANT && self->held > 0)
        return self->owner == call->argument.integer;
    return self->held == 0;
}

static bool may_release(const struct lock *self, const struct generate_call *call)
{
    return self->held >= amount(self, call) &&
           (!has_owner(self) || self->owner == call->argument.integer);
}

/* What the clients believe; a script's owners are none of them. */
static void note(struct lock *self, const struct generate_call *call, int64_t change)
{
    if (has_owner(self) && call->argument.integer >= self->base.clients)
        return;
    uint32_t client = has_owner(self) ? (uint32_t)call->argument.integer : call->client;
    int64_t holds = (int64_t)self->holds[client] + change;
    self->holds[client] = holds < 0 || self->held == 0 ? 0 : (uint32_t)holds;
}

static enum generate_end apply(struct generate_object *object, struct generate_call *call)
{
    struct lock *self = as_lock(object);
    uint32_t n = amount(self, call);
    call->result = call->argument;
    if (call->f == F_RELEASE) {
        if (!may_release(self, call)) {
            if (!has_owner(self))
                self->holds[call->client] = 0; /* somebody else has released it */
            return GENERATE_REFUSED;
        }
        self->held -= n;
        note(self, call, -(int64_t)n);
        return GENERATE_APPLIED;
    }
    /* It waits, and now and then has waited long enough. */
    if (!may_acquire(self, call))
        return random_below(object->random, 8) == 0 ? GENERATE_REFUSED : GENERATE_BLOCKED;
    self->held += n;
    self->owner = call->argument.kind == VALUE_INT ? call->argument.integer : 0;
    note(self, call, n);
    return GENERATE_APPLIED;
}

static bool may_rest(struct generate_object *object, uint32_t client)
{
    return as_lock(object)->holds[client] == 0;
}

/* --- lies --- */

struct lock_step {
    symbol f;
    uint8_t owner; /* 0: S, 1: T */
    uint8_t mode;
    bool all; /* semaphore: all permits; else one */
};

static const struct lock_step double_acquire[] = {{F_ACQUIRE, 0, GENERATE_TRUE, true},
                                                  {F_ACQUIRE, 1, GENERATE_FORGED, false},
                                                  {F_NONE, 0, 0, false}};
static const struct lock_step owned_double_acquire[] = {{F_ACQUIRE, 0, GENERATE_TRUE, false},
                                                        {F_ACQUIRE, 1, GENERATE_FORGED, false},
                                                        {F_RELEASE, 1, GENERATE_FORGED, false},
                                                        {F_RELEASE, 0, GENERATE_TRUE, false},
                                                        {F_NONE, 0, 0, false}};
static const struct lock_step reentrant_double_acquire[] = {{F_ACQUIRE, 0, GENERATE_TRUE, false},
                                                            {F_ACQUIRE, 0, GENERATE_TRUE, false},
                                                            {F_RELEASE, 0, GENERATE_TRUE, false},
                                                            {F_ACQUIRE, 1, GENERATE_FORGED, false},
                                                            {F_RELEASE, 1, GENERATE_FORGED, false},
                                                            {F_RELEASE, 0, GENERATE_TRUE, false},
                                                            {F_NONE, 0, 0, false}};
static const struct lock_step reacquire[] = {{F_ACQUIRE, 0, GENERATE_TRUE, false},
                                             {F_ACQUIRE, 0, GENERATE_FORGED, false},
                                             {F_RELEASE, 0, GENERATE_TRUE, false},
                                             {F_NONE, 0, 0, false}};
static const struct lock_step double_release[] = {{F_ACQUIRE, 0, GENERATE_TRUE, true},
                                                  {F_RELEASE, 0, GENERATE_TRUE, true},
                                                  {F_RELEASE, 0, GENERATE_FORGED, false},
                                                  {F_NONE, 0, 0, false}};
static const struct lock_step foreign_release[] = {{F_ACQUIRE, 0, GENERATE_TRUE, false},
                                                   {F_RELEASE, 1, GENERATE_FORGED, false},
                                                   {F_RELEASE, 0, GENERATE_TRUE, false},
                                                   {F_NONE, 0, 0, false}};

static const struct lock_step *steps_of(const struct lock *self, const char *anomaly)
{
    if (generate_is(anomaly, "reacquire"))
        return reacquire;
    if (generate_is(anomaly, "foreign-release"))
        return foreign_release;
    if (generate_is(anomaly, "double-release") || generate_is(anomaly, "over-release"))
        return double_release;
    return self->kind == LOCK_OWNED       ? owned_double_acquire
           : self->kind == LOCK_REENTRANT ? reentrant_double_acquire
                                          : double_acquire;
}

/* What a crashed acquire took at the last moment goes first. */
static bool script(struct generate_object *object, const char *anomaly, uint32_t step,
                   struct generate_call *call)
{
    struct lock *self = as_lock(object);
    (void)step;
    if (object->script_state == 0 && self->held > 0) {
        set(self, call, F_RELEASE, has_owner(self) ? self->owner : 1);
        return true;
    }
    const struct lock_step *next = &steps_of(self, anomaly)[object->script_state++];
    if (next->f == F_NONE)
        return false;
    int64_t number = object->clients + next->owner;
    if (self->kind == LOCK_SEMAPHORE)
        number = next->all ? permits(self) : 1;
    set(self, call, next->f, number);
    call->mode = next->mode;
    call->result = call->argument;
    return true;
}

/* --- models --- */

static bool begin_plain(struct generate_object *object)
{
    return begin(object, LOCK_PLAIN);
}

static bool begin_owned(struct generate_object *object)
{
    return begin(object, LOCK_OWNED);
}

static bool begin_reentrant(struct generate_object *object)
{
    return begin(object, LOCK_REENTRANT);
}

static bool begin_semaphore(struct generate_object *object)
{
    return begin(object, LOCK_SEMAPHORE);
}

static const char *const mutex_anomalies[] = {"double-acquire", "double-release", NULL};
static const char *const owned_anomalies[] = {"double-acquire", "reacquire", "foreign-release",
                                              NULL};
static const char *const reentrant_anomalies[] = {"double-acquire", "foreign-release", NULL};
static const char *const semaphore_anomalies[] = {"over-acquire", "over-release", NULL};

#define LOCK                                                                                       \
    .object_size = sizeof(struct lock), .end = end, .invoke = invoke, .apply = apply,              \
    .script = script, .script_needs_rest = true, .may_rest = may_rest

const struct generate_model generate_mutex = {LOCK, .name = "mutex", .begin = begin_plain,
                                              .anomalies = mutex_anomalies};
const struct generate_model generate_owned_mutex = {
    LOCK, .name = "owned-mutex", .begin = begin_owned, .anomalies = owned_anomalies};
const struct generate_model generate_reentrant_mutex = {
    LOCK, .name = "reentrant-mutex", .begin = begin_reentrant, .anomalies = reentrant_anomalies};
const struct generate_model generate_semaphore = {
    LOCK, .name = "semaphore", .begin = begin_semaphore, .anomalies = semaphore_anomalies};
