/* When which fault begins and ends: a generator of `start-FAULT` and `stop-FAULT` for the nemesis'
 * thread, the value being the injection's id.
 *
 * Injection number i is planned for first + i * interval, first being the smaller of half an
 * interval and 2 s, moved by up to a fifth of the interval either way: the jitter does not add up,
 * so that a time limit of T holds (T - first) / interval injections, give or take one. It lasts for
 * `duration`, counted from the moment at which it was in place. Two faults never overlap: while the
 * healing of one takes long the next one waits, and between two there is at least a quarter of what
 * the interval leaves beside the duration.
 *
 * Which fault it is, is dealt from a shuffled deck of all of them, one round after the other, so
 * that after any number of injections no fault is more than one ahead of another.
 *
 * Deterministic: draws only from RANDOM_NEMESIS of the seed. Never done (while there is a fault);
 * whoever wraps it ends it, and heals what is active then. Pure; see injector/generator.h. */
#ifndef NEMESIS_SCHEDULE_H
#define NEMESIS_SCHEDULE_H

#include "injector/generator.h"

enum { NEMESIS_FAULTS_MAX = 256 };

struct nemesis_schedule {
    uint64_t seed;
    int64_t interval_ns;      /* > 0 */
    int64_t duration_ns;      /* >= 0, less than interval_ns */
    const char *const *names; /* of the faults; borrowed */
    size_t count; /* at most NEMESIS_FAULTS_MAX; 0 gives a generator that is done at once */
};

/* NULL when the arena is full, or the process has no more names for operations. */
struct generator *nemesis_schedule_new(struct arena *arena, const struct nemesis_schedule *config);

/* Which of `count` faults injection `id` is. O(count). */
size_t nemesis_schedule_fault(uint64_t seed, size_t count, uint64_t id);

#endif
