#include "workloads/transactions.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "workloads/final_reads.h"

const struct option transactions_options[] = {
    {.name = "keys",
     .type = OPTION_INT,
     .standard = "5",
     .min = 1,
     .max = 10000,
     .doc = "number of keys at a time"},
    {.name = "writes_per_key",
     .type = OPTION_INT,
     .standard = "32",
     .min = 1,
     .max = 1000000,
     .doc = "writes to a key after which a new one takes its place"},
    {.name = "length_min",
     .type = OPTION_INT,
     .standard = "1",
     .min = 1,
     .max = 64,
     .doc = "reads and writes in the shortest transaction"},
    {.name = "length_max",
     .type = OPTION_INT,
     .standard = "4",
     .min = 1,
     .max = 64,
     .doc = "reads and writes in the longest transaction; at least length_min are drawn"},
    {.name = "reads",
     .type = OPTION_INT,
     .standard = "1",
     .max = 1000000,
     .doc = "weight of reads in a transaction"},
    {.name = "writes",
     .type = OPTION_INT,
     .standard = "1",
     .min = 1,
     .max = 1000000,
     .doc = "weight of writes in a transaction"},
    {.name = NULL},
};

struct txn_key {
    int64_t number;
    int64_t written;
};

struct transactions {
    const char *write;
    struct txn_key *keys; /* at this time */
    int64_t count, writes_per_key, length_min, length_max, reads, writes;
    int64_t next_number; /* keys below it were used */
};

/* --- one transaction --- */

enum { PARTS = 3 };

static struct value micro_op(struct value *parts, const char *f, int64_t key, struct value value)
{
    parts[0] = value_string(f);
    parts[1] = value_int(key);
    parts[2] = value;
    return value_items(VALUE_LIST, parts, PARTS);
}

static struct value draw_micro_op(struct transactions *all, struct random *random,
                                  struct value *parts)
{
    struct txn_key *key = &all->keys[random_below(random, (uint64_t)all->count)];
    int64_t number = key->number;
    if ((int64_t)random_below(random, (uint64_t)(all->reads + all->writes)) < all->reads)
        return micro_op(parts, "r", number, value_nil());
    int64_t value = ++key->written;
    if (value == all->writes_per_key)
        *key = (struct txn_key){.number = all->next_number++};
    return micro_op(parts, all->write, number, value_int(value));
}

static bool next_transaction(void *context, struct random *random, struct arena *arena,
                             struct op *op)
{
    struct transactions *all = context;
    int64_t most = all->length_max < all->length_min ? all->length_min : all->length_max;
    size_t length = (size_t)random_between(random, all->length_min, most);
    struct value *items = arena_alloc(arena, length * (1 + PARTS) * sizeof *items);
    if (!items)
        return false;
    for (size_t i = 0; i < length; i++)
        items[i] = draw_micro_op(all, random, items + length + i * PARTS);
    op->f = F_TXN;
    op->value = value_items(VALUE_LIST, items, length);
    return true;
}

/* --- final reads: every key that was used, through every node --- */

static bool read_used_keys(const void *context, int64_t *next, struct arena *arena, struct op *op)
{
    const struct transactions *all = context;
    int64_t left = all->next_number - *next;
    if (left == 0)
        return false;
    size_t length = (size_t)(left < all->length_max ? left : all->length_max);
    struct value *items = arena_alloc(arena, length * (1 + PARTS) * sizeof *items);
    if (!items)
        return false;
    for (size_t i = 0; i < length; i++)
        items[i] = micro_op(items + length + i * PARTS, "r", (*next)++, value_nil());
    op->f = F_TXN;
    op->value = value_items(VALUE_LIST, items, length);
    return true;
}

/* --- the workload --- */

static struct transactions *transactions_new(const struct workload_env *env, const char *write)
{
    const struct option_values *values = env->options;
    int64_t count = option_int(values, "keys");
    struct transactions *all = arena_zalloc(env->arena, 1, sizeof *all);
    struct txn_key *keys = arena_zalloc(env->arena, (size_t)count, sizeof *keys);
    if (!all || !keys)
        return NULL;
    *all = (struct transactions){.write = write,
                                 .keys = keys,
                                 .count = count,
                                 .writes_per_key = option_int(values, "writes_per_key"),
                                 .length_min = option_int(values, "length_min"),
                                 .length_max = option_int(values, "length_max"),
                                 .reads = option_int(values, "reads"),
                                 .writes = option_int(values, "writes"),
                                 .next_number = count};
    for (int64_t i = 0; i < count; i++)
        keys[i].number = i;
    return all;
}

int transactions_open(const struct workload_env *env, const char *write, struct workload *out,
                      struct errbuf *err)
{
    struct transactions *all = transactions_new(env, write);
    if (!all)
        return errbuf_set(err, ERR_NOMEM, "no memory for the transactions");
    struct random random;
    random_init(&random, env->seed, RANDOM_WORKLOAD, 0);
    struct workload made = {.operations =
                                generator_source(env->arena, random, next_transaction, all),
                            .final = final_reads(env->arena, read_used_keys, all, env->node_count)};
    if (!made.operations || !made.final)
        return errbuf_set(err, ERR_NOMEM, "no memory for the transactions");
    *out = made;
    return 0;
}

const symbol transactions_functions[] = {F_TXN, F_NONE};
