/* Reads, writes and compare-and-set on many registers.
 *
 * Every register draws its operations from a stream of its own, so that for one seed it sees the
 * same sequence of operations whoever performs them and whenever. Which register is next is drawn
 * from one more stream (every thread works on all registers), or given by the groups of threads
 * that take one register after the other (group_size).
 *
 * At the end every register that was touched is read once through every node: a lost write that was
 * acknowledged cannot hide behind the end of the run. */
#include "workloads/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "workloads/final_reads.h"

static const struct option options[] = {
    {.name = "keys",
     .type = OPTION_INT,
     .standard = "10",
     .min = 1,
     .max = 1000000,
     .doc = "number of registers"},
    {.name = "values",
     .type = OPTION_INT,
     .standard = "5",
     .max = 1e9,
     .doc = "values written are 0 to this, exclusive; 0 = every value is written once"},
    {.name = "reads",
     .type = OPTION_INT,
     .standard = "2",
     .min = 1,
     .max = 1000000,
     .doc = "weight of reads in the mix"},
    {.name = "writes",
     .type = OPTION_INT,
     .standard = "1",
     .max = 1000000,
     .doc = "weight of writes in the mix"},
    {.name = "cas",
     .type = OPTION_INT,
     .standard = "1",
     .max = 1000000,
     .doc = "weight of compare-and-set in the mix"},
    {.name = "ops_per_key",
     .type = OPTION_INT,
     .standard = "0",
     .max = 1e9,
     .doc = "operations on a register after which it is left alone; 0 = no limit"},
    {.name = "group_size",
     .type = OPTION_INT,
     .standard = "0",
     .max = 10000,
     .doc = "threads that work on one register at a time; 0 = all threads on all registers"},
    {.name = NULL},
};

struct registers;

struct register_key {
    struct registers *registers;
    int64_t written; /* operations that wrote, or tried to */
    int64_t left;    /* operations that may follow */
    bool touched;
};

struct registers {
    uint64_t seed;
    int64_t values, reads, writes, cas;
    int64_t count;
    struct register_key *keys;
    struct random *streams; /* by key; all threads on all registers only */
    uint32_t *live;         /* keys that are not left alone yet; likewise */
    uint32_t live_count;
};

/* --- one register's operations --- */

static int64_t value_to_write(struct register_key *key, struct random *random)
{
    key->written++;
    int64_t values = key->registers->values;
    return values ? (int64_t)random_below(random, (uint64_t)values) : key->written;
}

/* Where every value is written once, one of the last few; 0, which is none, if there is none. */
static int64_t value_to_expect(const struct register_key *key, struct random *random)
{
    enum { RECENT = 5 };
    int64_t values = key->registers->values, written = key->written;
    if (values)
        return (int64_t)random_below(random, (uint64_t)values);
    if (written == 0)
        return 0;
    return written - (int64_t)random_below(random, written < RECENT ? (uint64_t)written : RECENT);
}

static bool draw_operation(struct register_key *key, struct random *random, struct arena *arena,
                           struct op *op)
{
    const struct registers *registers = key->registers;
    int64_t weights = registers->reads + registers->writes + registers->cas;
    int64_t drawn = (int64_t)random_below(random, (uint64_t)weights);
    key->touched = true;
    op->value = value_nil();
    if (drawn < registers->reads) {
        op->f = F_READ;
    } else if (drawn < registers->reads + registers->writes) {
        op->f = F_WRITE;
        op->value = value_int(value_to_write(key, random));
    } else {
        op->f = F_CAS;
        int64_t old = value_to_expect(key, random);
        int64_t new = value_to_write(key, random);
        return value_pair(arena, value_int(old), value_int(new), &op->value) == 0;
    }
    return true;
}

/* --- all threads on all registers --- */

/* `random` chooses the register. */
static bool next_of_all(void *context, struct random *random, struct arena *arena, struct op *op)
{
    struct registers *registers = context;
    if (registers->live_count == 0)
        return false;
    uint64_t at = random_below(random, registers->live_count);
    uint32_t number = registers->live[at];
    struct register_key *key = &registers->keys[number];
    if (--key->left == 0)
        registers->live[at] = registers->live[--registers->live_count];
    op->has_key = true;
    op->key = value_int(number);
    return draw_operation(key, &registers->streams[number], arena, op);
}

static struct generator *generate_all(const struct workload_env *env, struct registers *registers)
{
    uint32_t count = (uint32_t)registers->count;
    registers->streams = arena_zalloc(env->arena, count, sizeof *registers->streams);
    registers->live = arena_zalloc(env->arena, count, sizeof *registers->live);
    if (!registers->streams || !registers->live)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        random_init(&registers->streams[i], env->seed, RANDOM_WORKLOAD, i);
        registers->live[i] = i;
    }
    registers->live_count = count;
    struct random choice;
    random_init(&choice, env->seed, RANDOM_WORKLOAD, UINT64_MAX);
    return generator_source(env->arena, choice, next_of_all, registers);
}

/* --- groups of threads, register after register --- */

static bool next_of_key(void *context, struct random *random, struct arena *arena, struct op *op)
{
    struct register_key *key = context;
    return key->left-- > 0 && draw_operation(key, random, arena, op);
}

static struct generator *generate_key(void *context, struct arena *arena, uint64_t number)
{
    struct registers *registers = context;
    struct random random;
    random_init(&random, registers->seed, RANDOM_WORKLOAD, number);
    return generator_source(arena, random, next_of_key, &registers->keys[number]);
}

/* --- final reads --- */

static bool read_touched(const void *context, int64_t *next, struct arena *arena, struct op *op)
{
    (void)arena;
    const struct registers *registers = context;
    while (*next < registers->count && !registers->keys[*next].touched)
        (*next)++;
    if (*next == registers->count)
        return false;
    op->f = F_READ;
    op->value = value_nil();
    op->has_key = true;
    op->key = value_int((*next)++);
    return true;
}

/* --- the workload --- */

static struct registers *registers_new(const struct workload_env *env)
{
    const struct option_values *values = env->options;
    int64_t count = option_int(values, "keys"), limit = option_int(values, "ops_per_key");
    struct registers *registers = arena_zalloc(env->arena, 1, sizeof *registers);
    struct register_key *keys = arena_zalloc(env->arena, (size_t)count, sizeof *keys);
    if (!registers || !keys)
        return NULL;
    *registers = (struct registers){.seed = env->seed,
                                    .values = option_int(values, "values"),
                                    .reads = option_int(values, "reads"),
                                    .writes = option_int(values, "writes"),
                                    .cas = option_int(values, "cas"),
                                    .count = count,
                                    .keys = keys};
    for (int64_t i = 0; i < count; i++)
        keys[i] = (struct register_key){.registers = registers, .left = limit ? limit : INT64_MAX};
    return registers;
}

static int register_open(const struct workload_env *env, struct workload *out, struct errbuf *err)
{
    struct arena *arena = env->arena;
    struct registers *registers = registers_new(env);
    if (!registers)
        return errbuf_set(err, ERR_NOMEM, "no memory for the registers");
    uint32_t group_size = (uint32_t)option_int(env->options, "group_size");
    struct workload made = {.operations = group_size ? generator_groups(arena, group_size,
                                                                        (uint64_t)registers->count,
                                                                        generate_key, registers)
                                                     : generate_all(env, registers),
                            .final = final_reads(arena, read_touched, registers, env->node_count)};
    if (!made.operations || !made.final)
        return errbuf_set(err, ERR_NOMEM, "no memory for the registers");
    *out = made;
    return 0;
}

static const symbol functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};

const struct workload_type workload_register = {
    .name = "register",
    .doc = "reads, writes and compare-and-set on many registers",
    .model = "cas-register",
    .options = options,
    .functions = functions,
    .open = register_open,
};
