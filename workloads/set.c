/* Adds to grow-only sets, and in the end everybody reads them whole.
 *
 * Elements are integers that are added once, whatever happens: 0, 1, 2, ... over all sets. So an
 * acknowledged element that a later read lacks is lost, and one that nobody added came from
 * nowhere. Reads cost as much as the set is large; in between there are few. */
#include "workloads/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "workloads/final_reads.h"

static const struct option options[] = {
    {.name = "keys",
     .type = OPTION_INT,
     .standard = "1",
     .min = 1,
     .max = 10000,
     .doc = "number of sets; with one, operations have no key"},
    {.name = "adds",
     .type = OPTION_INT,
     .standard = "100",
     .min = 1,
     .max = 1000000,
     .doc = "weight of adds in the mix"},
    {.name = "reads",
     .type = OPTION_INT,
     .standard = "1",
     .max = 1000000,
     .doc = "weight of reads in the mix; 0 = only the final ones"},
    {.name = NULL},
};

struct sets {
    int64_t adds, reads;
    int64_t count;
    int64_t next_element;
};

static void choose_set(const struct sets *sets, struct op *op, int64_t number)
{
    op->has_key = sets->count > 1;
    op->key = op->has_key ? value_int(number) : value_nil();
}

static bool next_operation(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)arena;
    struct sets *sets = context;
    choose_set(sets, op, (int64_t)random_below(random, (uint64_t)sets->count));
    bool add = (int64_t)random_below(random, (uint64_t)(sets->adds + sets->reads)) < sets->adds;
    op->f = add ? F_ADD : F_READ;
    op->value = add ? value_int(sets->next_element++) : value_nil();
    return true;
}

static bool read_set(const void *context, int64_t *next, struct arena *arena, struct op *op)
{
    (void)arena;
    const struct sets *sets = context;
    if (*next == sets->count)
        return false;
    choose_set(sets, op, (*next)++);
    op->f = F_READ;
    op->value = value_nil();
    return true;
}

static int set_open(const struct workload_env *env, struct workload *out, struct errbuf *err)
{
    struct sets *sets = arena_alloc(env->arena, sizeof *sets);
    if (!sets)
        return errbuf_set(err, ERR_NOMEM, "no memory for the sets");
    *sets = (struct sets){.adds = option_int(env->options, "adds"),
                          .reads = option_int(env->options, "reads"),
                          .count = option_int(env->options, "keys")};
    struct random random;
    random_init(&random, env->seed, RANDOM_WORKLOAD, 0);
    struct workload made = {.operations =
                                generator_source(env->arena, random, next_operation, sets),
                            .final = final_reads(env->arena, read_set, sets, env->client_count)};
    if (!made.operations || !made.final)
        return errbuf_set(err, ERR_NOMEM, "no memory for the sets");
    *out = made;
    return 0;
}

static const symbol functions[] = {F_READ, F_ADD, F_NONE};

const struct workload_type workload_set = {
    .name = "set",
    .doc = "adds to grow-only sets, which everybody reads in the end",
    .model = "set",
    .options = options,
    .functions = functions,
    .open = set_open,
};
