/* Adds to one counter, and reads of it; in the end everybody reads it. With reads: 0 only the final
 * reads count, which is what can be asked of a counter that converges. */
#include "workloads/table.h"

#include "core/err.h"
#include "core/errbuf.h"

static const struct option options[] = {
    {.name = "adds",
     .type = OPTION_INT,
     .standard = "3",
     .min = 1,
     .max = 1000000,
     .doc = "weight of adds in the mix"},
    {.name = "reads",
     .type = OPTION_INT,
     .standard = "1",
     .max = 1000000,
     .doc = "weight of reads in the mix; 0 = only the final ones"},
    {.name = "amount",
     .type = OPTION_INT,
     .standard = "1",
     .min = 1,
     .max = 1000000,
     .doc = "adds are of 1 to this"},
    {.name = NULL},
};

struct counter {
    int64_t adds, reads, amount;
};

static bool next_operation(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)arena;
    const struct counter *counter = context;
    uint64_t weights = (uint64_t)(counter->adds + counter->reads);
    bool add = (int64_t)random_below(random, weights) < counter->adds;
    op->f = add ? F_ADD : F_READ;
    op->value = add ? value_int(random_between(random, 1, counter->amount)) : value_nil();
    return true;
}

static struct generator *generate_final(void *context, struct arena *arena, uint32_t thread)
{
    (void)context;
    (void)thread;
    struct op read = {.f = F_READ};
    return generator_sequence(arena, &read, 1);
}

static int counter_open(const struct workload_env *env, struct workload *out, struct errbuf *err)
{
    struct counter *counter = arena_alloc(env->arena, sizeof *counter);
    if (!counter)
        return errbuf_set(err, ERR_NOMEM, "no memory for the counter");
    *counter = (struct counter){.adds = option_int(env->options, "adds"),
                                .reads = option_int(env->options, "reads"),
                                .amount = option_int(env->options, "amount")};
    struct random random;
    random_init(&random, env->seed, RANDOM_WORKLOAD, 0);
    struct workload made = {.operations =
                                generator_source(env->arena, random, next_operation, counter),
                            .final = generator_each_thread(env->arena, generate_final, NULL)};
    if (!made.operations || !made.final)
        return errbuf_set(err, ERR_NOMEM, "no memory for the counter");
    *out = made;
    return 0;
}

static const symbol functions[] = {F_READ, F_ADD, F_NONE};

const struct workload_type workload_counter = {
    .name = "counter",
    .doc = "adds to a counter, which everybody reads in the end",
    .model = "counter",
    .options = options,
    .functions = functions,
    .open = counter_open,
};
