/* Runs of a workload on virtual time. */
#ifndef TESTS_WORKLOAD_SUPPORT_H
#define TESTS_WORKLOAD_SUPPORT_H

#include "workloads/table.h"

#include "injector/yaml_tree.h"
#include "sim/simulate.h"

#include <criterion/criterion.h>

struct run {
    struct arena arena;
    struct workload workload;
    struct trace trace;      /* of the last simulation */
    const struct op **drawn; /* its invocations, in order */
    size_t count;
};

enum { NODES = 3, THREADS = 6 };

static inline int64_t constant_latency(uint32_t thread, uint64_t number)
{
    (void)thread;
    (void)number;
    return NS_PER_MS;
}

/* Late threads are fast, and every seventh operation is slow: another interleaving altogether. */
static inline int64_t other_latency(uint32_t thread, uint64_t number)
{
    return (number % 7 == 0 ? 40 : 9 - (int64_t)thread) * NS_PER_MS;
}

static inline void run_open(struct run *run, const struct workload_type *type, const char *options,
                            uint64_t seed)
{
    *run = (struct run){0};
    arena_init(&run->arena, 0);
    struct errbuf err = ERRBUF_INIT;
    struct yaml_node *yaml;
    struct workload_env env = {
        .arena = &run->arena, .seed = seed, .client_count = THREADS, .node_count = NODES};
    cr_assert_eq(yaml_tree_parse_value("test", options, &run->arena, &yaml, &err), 0, "%s",
                 err.text);
    cr_assert_eq(
        option_values_parse(type->options, yaml, "workload", NULL, &run->arena, &env.options, &err),
        0, "%s", err.text);
    cr_assert_eq(type->open(&env, &run->workload, &err), 0, "%s", err.text);
}

static inline void run_simulate(struct run *run, struct generator *generator, uint32_t clients,
                                int64_t (*latency_ns)(uint32_t, uint64_t))
{
    struct simulation what = {.generator = generator, .clients = clients, .latency_ns = latency_ns};
    trace_fini(&run->trace);
    simulate(&what, &run->trace);
    run->drawn = arena_alloc(&run->arena, (run->trace.history.count + 1) * sizeof *run->drawn);
    run->count = 0;
    for (size_t i = 0; i < run->trace.history.count; i++)
        if (run->trace.history.ops[i].type == OP_INVOKE)
            run->drawn[run->count++] = &run->trace.history.ops[i];
}

/* The first `limit` operations. */
static inline void run_operations(struct run *run, const struct workload_type *type,
                                  const char *options, uint64_t seed, uint64_t limit)
{
    run_open(run, type, options, seed);
    run_simulate(run, generator_limit(&run->arena, limit, run->workload.operations), THREADS,
                 constant_latency);
}

static inline void run_fini(struct run *run)
{
    trace_fini(&run->trace);
    arena_fini(&run->arena);
}

/* "3w4": key 3, write of 4; r, c (old>new), a; "-" without a key. key >= 0 = only of this key. */
static inline char *text_of(struct run *run, int64_t key, size_t limit)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "");
    for (size_t i = 0; i < run->count && limit > 0; i++) {
        const struct op *op = run->drawn[i];
        if (key >= 0 && op->key.integer != key)
            continue;
        limit--;
        struct value old, new;
        if (op->has_key)
            strbuf_printf(&text, " %d", (int)op->key.integer);
        else
            strbuf_puts(&text, " -");
        strbuf_putc(&text, symbol_name(op->f)[0]);
        if (value_as_pair(op->value, &old, &new))
            strbuf_printf(&text, "%d>%d", (int)old.integer, (int)new.integer);
        else if (!value_is_nil(op->value))
            strbuf_put_int(&text, op->value.integer);
    }
    char *copy = arena_strdup(&run->arena, text.text);
    strbuf_fini(&text);
    return copy;
}

static inline size_t count_f(const struct run *run, symbol f)
{
    size_t found = 0;
    for (size_t i = 0; i < run->count; i++)
        found += run->drawn[i]->f == f;
    return found;
}

/* Bits of the threads that read each key; fails on anything but one read of nil by a thread. */
static inline void collect_final_reads(struct run *run, uint32_t *readers, size_t keys)
{
    memset(readers, 0, keys * sizeof *readers);
    for (size_t i = 0; i < run->trace.history.count; i++) {
        const struct op *op = &run->trace.history.ops[i];
        if (op->type != OP_INVOKE)
            continue;
        cr_assert(op->f == F_READ && value_is_nil(op->value));
        size_t key = op->has_key ? (size_t)op->key.integer : 0;
        cr_assert_lt(key, keys);
        uint32_t bit = 1u << run->trace.threads[i];
        cr_assert_eq(readers[key] & bit, 0u, "register %zu is read twice by a thread", key);
        readers[key] |= bit;
    }
}

#endif
