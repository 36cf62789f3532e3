/* A workload that only reads one register nobody writes, as a skeleton for others. It is useful as
 * it is, with the null client, to measure what scheduling and recording cost.
 *
 * To make a workload of it: rename, put it into workloads/table.h and .c, and fill in the parts. */
#include "workloads/table.h"

#include "core/err.h"
#include "core/errbuf.h"

/* Options come from the plan (`workload: {use: null, ...}`), checked against this table. Choose the
 * limits so that whatever passes them can be run: a plan's mistakes are told before it starts. */
static const struct option options[] = {
    {.name = NULL},
};

/* What the client must be able to do; the plan is refused if it cannot. */
static const symbol functions[] = {F_READ, F_NONE};

/* The next operation: f, value and, if there are several objects, has_key and key. Whatever they
 * point to is made in `arena`. Draw only from `random`. False ends the workload. */
static bool next_operation(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)context;
    (void)random;
    (void)arena;
    op->f = F_READ;
    op->value = value_nil();
    return true;
}

/* Puts the generators together (injector/generator.h has the combinators), with their state in
 * env->arena. Rate, time limit and nemesis are put around `operations` by others. `final` is what
 * is done once everything has healed, usually reads that show what was lost. */
static int null_open(const struct workload_env *env, struct workload *out, struct errbuf *err)
{
    struct random random;
    random_init(&random, env->seed, RANDOM_WORKLOAD, 0);
    *out = (struct workload){0};
    out->operations = generator_source(env->arena, random, next_operation, NULL);
    return out->operations ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the workload");
}

const struct workload_type workload_null = {
    .name = "null",
    .doc = "reads of one register that nobody writes",
    .model = "register",
    .options = options,
    .functions = functions,
    .open = null_open,
};
