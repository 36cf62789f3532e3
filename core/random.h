/* Named random streams from one seed.
 *
 * Each purpose draws from a stream of its own, so that a change in one place (one more fault, one
 * more draw in a workload) leaves every other choice of a run as it was. The list of streams is
 * append-only: the number of a stream is part of what a stored seed means.
 *
 * Generator: xoshiro256** (Blackman & Vigna, "Scrambled linear pseudorandom number generators",
 * ACM TOMS 2021), each stream seeded through SplitMix64 from (seed, stream, index).
 * Not thread-safe; deterministic on every machine. */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum random_stream {
    RANDOM_SCHEDULE = 0,       /* when the next operation is due, which generator gives it */
    RANDOM_WORKLOAD = 1,       /* operations of a workload; index = its key group */
    RANDOM_NEMESIS = 2,        /* which fault comes next and when */
    RANDOM_NEMESIS_TARGET = 3, /* whom a fault hits; index = number of the fault */
    RANDOM_TEST = 4,           /* property tests and generated histories */
};

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed, enum random_stream stream, uint64_t index);

uint64_t random_u64(struct random *random);
/* Uniform in [0, bound); bound > 0. Unbiased (Lemire 2019). */
uint64_t random_below(struct random *random, uint64_t bound);
/* Uniform in [low, high]; low <= high. */
int64_t random_between(struct random *random, int64_t low, int64_t high);
/* Uniform in [0, 1). */
double random_unit(struct random *random);
/* A random order of 0..count-1 (Fisher-Yates). */
void random_shuffle(struct random *random, uint32_t *items, size_t count);

#endif
