/* Generators: what is done next, by whom and when, as pure step functions over virtual time.
 *
 * A generator is asked for a step and answers with an operation for one free thread, or with the
 * time at which asking again makes sense, or that it is exhausted. It never blocks, never looks at
 * a clock, and draws only from random streams of its own: the same seed and the same times give
 * the same operations. Generators nest; each is made in an arena and freed with it.
 *
 * Threads are numbered: 0..clients-1 are client workers, the last one is the nemesis. A step is
 * asked for a range of threads, so that parents can hand part of them to a child.
 *
 * Not thread-safe: the driver calls under its lock. */
#ifndef INJECTOR_GENERATOR_H
#define INJECTOR_GENERATOR_H

#include "core/arena.h"
#include "core/op.h"
#include "core/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum generator_outcome {
    GENERATOR_OP,     /* `op` is for `thread`, now */
    GENERATOR_WAIT,   /* nothing before wake_ns, unless a thread becomes free or completes first */
    GENERATOR_DONE,   /* nothing ever again */
    GENERATOR_FAILED, /* out of memory: the run cannot go on. Parents hand it up as it is */
};

struct generator_context {
    int64_t now_ns;
    uint32_t first, last;   /* threads to choose from: first <= t < last */
    uint32_t client_count;  /* the nemesis is thread client_count */
    uint32_t preferred;     /* the thread that asks: take it if it is free and will do */
    const bool *busy;       /* by thread, of all threads */
    const int32_t *process; /* by thread: the logical process it now is */
    struct arena *arena;    /* for the value of the operation; valid until its completion */
};

struct generator_step {
    enum generator_outcome outcome;
    uint32_t thread; /* GENERATOR_OP */
    struct op op;    /* GENERATOR_OP: f, key, value, process; index and time are the driver's */
    int64_t wake_ns; /* GENERATOR_WAIT: INT64_MAX = only an event can change it */
};

struct generator {
    const struct generator_type *type;
};

struct generator_type {
    const char *name;
    void (*step)(struct generator *generator, const struct generator_context *context,
                 struct generator_step *out);
    /* Told of every invocation and completion in the generator's part of the threads, until it is
     * done. May be NULL. */
    void (*update)(struct generator *generator, const struct generator_context *context,
                   uint32_t thread, const struct op *event);
};

void generator_step(struct generator *generator, const struct generator_context *context,
                    struct generator_step *out);
void generator_update(struct generator *generator, const struct generator_context *context,
                      uint32_t thread, const struct op *event);

/* The preferred or else the lowest free thread of the context; false if all are busy. */
bool generator_free_thread(const struct generator_context *context, uint32_t *thread);

/* The combinators. All return NULL when the arena is full; a NULL child makes a NULL parent, so
 * that only the outermost needs checking. */

/* Calls fn for each operation: it sets f, key and value (made in `arena`) and returns false when
 * it has no more. Draws only from `random`, which is this generator's own. */
struct generator *generator_source(struct arena *arena, struct random random,
                                   bool (*fn)(void *context, struct random *random,
                                              struct arena *arena, struct op *op),
                                   void *context);

/* Each operation comes from one of the children, chosen by weight; an exhausted child drops out. */
struct generator *generator_mix(struct arena *arena, struct random random,
                                struct generator *const *children, const uint32_t *weights,
                                size_t count);

/* At most `rate` operations a second in total, gaps uniform between 0 and twice the mean. rate 0
 * = no limit. Operations are never brought forward to catch up more than one second. */
struct generator *generator_stagger(struct arena *arena, struct random random, double rate,
                                    struct generator *child);

/* At most count operations. */
struct generator *generator_limit(struct arena *arena, uint64_t count, struct generator *child);

/* Done duration_ns after its first step. */
struct generator *generator_time_limit(struct arena *arena, int64_t duration_ns,
                                       struct generator *child);

/* One after the other; each begins when its predecessor is done and all threads are free. */
struct generator *generator_phases(struct arena *arena, struct generator *const *children,
                                   size_t count);

/* Only client threads, only the nemesis' thread. */
struct generator *generator_clients(struct arena *arena, struct generator *child);
struct generator *generator_nemesis(struct arena *arena, struct generator *child);

/* All children side by side; the first that has an operation gives it, the turn going round; done
 * when all are done. */
struct generator *generator_interleave(struct arena *arena, struct generator *const *children,
                                       size_t count);

/* Like interleave, but done as soon as the first child (the work) is. */
struct generator *generator_while(struct arena *arena, struct generator *work,
                                  struct generator *beside);

/* Independent objects: the client threads are split into groups of group_size (the last may be
 * smaller); each group works on one key at a time, with a generator made by `make` for that key,
 * until that is done, and then takes the next key. Keys are handed out in order from 0; `keys` = 0
 * means without end. A group that finds no key left is done. Operations get has_key and the key.
 * Costs the memory of one made generator per key. `make` should draw from a stream of the key's
 * own: then a key's operations are the same whoever performs them and whenever. */
struct generator *generator_groups(struct arena *arena, uint32_t group_size, uint64_t keys,
                                   struct generator *(*make)(void *context, struct arena *arena,
                                                             uint64_t key),
                                   void *context);

/* Every client thread performs the child's operations once each; e.g. final reads on every node. */
struct generator *generator_each_thread(
    struct arena *arena,
    struct generator *(*make)(void *context, struct arena *arena, uint32_t thread), void *context);

/* Nothing for duration_ns from its first step, then done. */
struct generator *generator_sleep(struct arena *arena, int64_t duration_ns);

/* These operations in order, then done. Copies ops (not what they point to). */
struct generator *generator_sequence(struct arena *arena, const struct op *ops, size_t count);

#endif
