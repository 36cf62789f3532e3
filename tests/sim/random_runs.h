/* Simulated runs of random operations that take random times. */
#ifndef TESTS_RANDOM_RUNS_H
#define TESTS_RANDOM_RUNS_H

#include "sim/simulate.h"

static struct arena arena;

static inline struct random stream(uint64_t seed, uint64_t index)
{
    struct random random;
    random_init(&random, seed, RANDOM_TEST, index);
    return random;
}

static inline bool next_random_write(void *context, struct random *random, struct arena *values,
                                     struct op *op)
{
    (void)context;
    (void)values;
    op->f = F_WRITE;
    op->value = value_int((int64_t)random_below(random, 1000000));
    return true;
}

static inline struct generator *source(uint64_t seed, uint64_t index)
{
    return generator_source(&arena, stream(seed, index), next_random_write, NULL);
}

/* Latencies that differ from seed to seed: 0 to 20 ms, now and then half a second. */
static uint64_t latency_seed;

static inline int64_t random_latency(uint32_t thread, uint64_t number)
{
    struct random random = stream(latency_seed, number * 100 + thread);
    return random_below(&random, 50) == 0 ? 500 * NS_PER_MS
                                          : random_between(&random, 0, 20) * NS_PER_MS;
}

static inline bool is_invocation(const struct trace *trace, size_t i)
{
    return trace->history.ops[i].type == OP_INVOKE;
}

static inline size_t count_invocations(const struct trace *trace)
{
    size_t count = 0;
    for (size_t i = 0; i < trace->history.count; i++)
        count += is_invocation(trace, i);
    return count;
}

/* Every history must pair: no process does two things at once, or goes on after an info. */
static inline void must_pair(const struct trace *trace)
{
    struct errbuf err = ERRBUF_INIT;
    uint32_t *partner = NULL;
    cr_assert_eq(history_pair(&trace->history, &partner, &err), 0, "%s", err.text);
    for (size_t i = 0; i < trace->history.count; i++)
        cr_assert(trace->history.ops[i].process < 0 || partner[i] != HISTORY_UNPAIRED);
    free(partner);
}

#endif
