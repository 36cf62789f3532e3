/* What the workloads generate: the same for the same seed, in the mix that was asked for, and in
 * the end a read of everything that was touched. Run on virtual time. */
#include "workloads/table.h"

#include "clients/table.h"
#include "injector/yaml_tree.h"
#include "isolation/judge.h"
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

static int64_t constant_latency(uint32_t thread, uint64_t number)
{
    (void)thread;
    (void)number;
    return NS_PER_MS;
}

/* Late threads are fast, and every seventh operation is slow: another interleaving altogether. */
static int64_t other_latency(uint32_t thread, uint64_t number)
{
    return (number % 7 == 0 ? 40 : 9 - (int64_t)thread) * NS_PER_MS;
}

static void run_open(struct run *run, const struct workload_type *type, const char *options,
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

static void run_simulate(struct run *run, struct generator *generator, uint32_t clients,
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
static void run_operations(struct run *run, const struct workload_type *type, const char *options,
                           uint64_t seed, uint64_t limit)
{
    run_open(run, type, options, seed);
    run_simulate(run, generator_limit(&run->arena, limit, run->workload.operations), THREADS,
                 constant_latency);
}

static void run_fini(struct run *run)
{
    trace_fini(&run->trace);
    arena_fini(&run->arena);
}

/* "3w4": key 3, write of 4; r, c (old>new), a; "-" without a key. key >= 0 = only of this key. */
static char *text_of(struct run *run, int64_t key, size_t limit)
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

static size_t count_f(const struct run *run, symbol f)
{
    size_t found = 0;
    for (size_t i = 0; i < run->count; i++)
        found += run->drawn[i]->f == f;
    return found;
}

/* --- the table --- */

Test(workload_table, every_workload_has_a_model_a_client_and_good_defaults)
{
    for (const struct workload_type *const *at = workload_table; *at; at++) {
        const struct workload_type *type = *at;
        cr_assert(type->name && type->doc && type->options && type->functions && type->open);
        cr_assert(judge_model_find(type->model, &(struct check_model){0}), "%s: %s", type->name,
                  type->model);
        bool served = false;
        for (const struct client_type *const *client = client_table; *client; client++) {
            if (*client == &client_null)
                continue;
            bool can = true;
            for (const symbol *f = type->functions; *f != F_NONE; f++) {
                const symbol *known = (*client)->functions;
                while (*known != F_NONE && *known != *f)
                    known++;
                can = can && *known == *f;
            }
            served = served || can;
        }
        cr_assert(served, "no client can do %s", type->name);
        struct run run;
        run_operations(&run, type, "{}", 1, 500);
        cr_assert_eq(run.count, 500, "%s", type->name);
        for (size_t i = 0; i < run.count; i++) {
            const symbol *f = type->functions;
            while (*f != F_NONE && *f != run.drawn[i]->f)
                f++;
            cr_assert_neq(*f, F_NONE, "%s does what it does not say", type->name);
        }
        run_fini(&run);
    }
}

/* --- register --- */

Test(register_workload, the_first_operations_of_a_seed_are_these)
{
    struct run run;
    run_operations(&run, &workload_register, "{keys: 3}", 42, 16);
    cr_assert_str_eq(text_of(&run, -1, 16),
                     " 2w3 0w0 0r 1r 2c1>1 0c3>0 1r 2w2 2r 0r 1w3 1c1>0 2r 1r 0c3>2 1r");
    run_fini(&run);
    run_operations(&run, &workload_register, "{keys: 3, values: 0}", 42, 16);
    cr_assert_str_eq(text_of(&run, -1, 16),
                     " 2w1 0w1 0r 1r 2w2 0r 1r 2c2>3 2r 0c1>2 1w1 1w2 2w4 1c2>3 0r 1r");
    run_fini(&run);
}

Test(register_workload, a_seed_gives_the_same_operations_whatever_the_timing)
{
    struct run a, b, c;
    run_operations(&a, &workload_register, "{keys: 7}", 5, 2000);
    run_open(&b, &workload_register, "{keys: 7}", 5);
    run_simulate(&b, generator_limit(&b.arena, 2000, b.workload.operations), 4, other_latency);
    run_operations(&c, &workload_register, "{keys: 7}", 6, 2000);
    cr_assert_str_eq(text_of(&a, -1, 2000), text_of(&b, -1, 2000));
    cr_assert_str_neq(text_of(&a, -1, 2000), text_of(&c, -1, 2000));
    run_fini(&a);
    run_fini(&b);
    run_fini(&c);
}

Test(register_workload, a_register_sees_the_same_operations_from_groups_and_from_all)
{
    struct run all, pairs, triples;
    run_operations(&all, &workload_register, "{keys: 8, ops_per_key: 50}", 5, 10000);
    run_operations(&pairs, &workload_register, "{keys: 8, ops_per_key: 50, group_size: 2}", 5,
                   10000);
    run_open(&triples, &workload_register, "{keys: 8, ops_per_key: 50, group_size: 3}", 5);
    run_simulate(&triples, triples.workload.operations, THREADS, other_latency);
    for (int64_t key = 0; key < 8; key++) {
        const char *expected = text_of(&all, key, 10000);
        cr_assert_gt(strlen(expected), 100);
        cr_assert_str_eq(text_of(&pairs, key, 10000), expected);
        cr_assert_str_eq(text_of(&triples, key, 10000), expected);
        cr_assert(key == 0 || strcmp(expected + 2, text_of(&all, 0, 10000) + 2) != 0,
                  "registers %d and 0 see the same", (int)key);
    }
    run_fini(&all);
    run_fini(&pairs);
    run_fini(&triples);
}

Test(register_workload, keeps_to_the_mix_the_keys_and_the_values)
{
    struct run run;
    run_operations(&run, &workload_register, "{keys: 4, values: 3, reads: 5, writes: 3, cas: 2}", 9,
                   20000);
    cr_assert_float_eq((double)count_f(&run, F_READ), 10000, 400);
    cr_assert_float_eq((double)count_f(&run, F_WRITE), 6000, 400);
    cr_assert_float_eq((double)count_f(&run, F_CAS), 4000, 400);
    size_t of_key[4] = {0}, written[3] = {0}, expected[3] = {0};
    for (size_t i = 0; i < run.count; i++) {
        const struct op *op = run.drawn[i];
        struct value old, new;
        cr_assert(op->has_key && op->key.kind == VALUE_INT);
        cr_assert(op->key.integer >= 0 && op->key.integer < 4);
        of_key[op->key.integer]++;
        if (op->f == F_READ) {
            cr_assert(value_is_nil(op->value));
        } else if (op->f == F_WRITE) {
            cr_assert(op->value.integer >= 0 && op->value.integer < 3);
            written[op->value.integer]++;
        } else {
            cr_assert(value_as_pair(op->value, &old, &new));
            cr_assert(old.integer >= 0 && old.integer < 3);
            cr_assert(new.integer >= 0 && new.integer < 3);
            expected[old.integer]++;
        }
    }
    for (int i = 0; i < 4; i++)
        cr_assert_float_eq((double)of_key[i], 5000, 300);
    for (int i = 0; i < 3; i++) {
        cr_assert_float_eq((double)written[i], 2000, 250);
        cr_assert_float_eq((double)expected[i], 1333, 200);
    }
    run_fini(&run);
    run_operations(&run, &workload_register, "{writes: 0, cas: 0}", 9, 300);
    cr_assert_eq(count_f(&run, F_READ), 300);
    run_fini(&run);
}

Test(register_workload, can_write_every_value_once_and_expect_a_recent_one)
{
    struct run run;
    run_operations(&run, &workload_register, "{keys: 3, values: 0}", 9, 3000);
    int64_t last[3] = {0};
    size_t compared = 0;
    for (size_t i = 0; i < run.count; i++) {
        const struct op *op = run.drawn[i];
        int64_t *written = &last[op->key.integer];
        struct value old, new;
        if (op->f == F_WRITE)
            cr_assert_eq(op->value.integer, ++*written);
        if (op->f != F_CAS)
            continue;
        cr_assert(value_as_pair(op->value, &old, &new));
        cr_assert(old.integer <= *written && old.integer > *written - 5);
        cr_assert(old.integer > 0 || *written == 0);
        cr_assert_eq(new.integer, ++*written);
        compared++;
    }
    cr_assert_gt(compared, 500);
    run_fini(&run);
}

Test(register_workload, leaves_a_register_alone_after_its_operations)
{
    static const char *const options[] = {"{keys: 5, ops_per_key: 20}",
                                          "{keys: 5, ops_per_key: 20, group_size: 2}"};
    for (int mode = 0; mode < 2; mode++) {
        struct run run;
        run_open(&run, &workload_register, options[mode], 1);
        run_simulate(&run, run.workload.operations, THREADS, other_latency);
        cr_assert_eq(run.trace.end, SIMULATION_DONE);
        size_t of_key[5] = {0};
        for (size_t i = 0; i < run.count; i++)
            of_key[run.drawn[i]->key.integer]++;
        for (int key = 0; key < 5; key++)
            cr_assert_eq(of_key[key], 20);
        run_fini(&run);
    }
}

Test(register_workload, a_group_keeps_to_one_register)
{
    struct run run;
    run_open(&run, &workload_register, "{keys: 9, ops_per_key: 40, group_size: 2}", 1);
    run_simulate(&run, run.workload.operations, THREADS, other_latency);
    uint32_t groups_of_key[9] = {0};
    for (size_t i = 0; i < run.trace.history.count; i++)
        groups_of_key[run.trace.history.ops[i].key.integer] |= 1u << run.trace.threads[i] / 2;
    for (int key = 0; key < 9; key++)
        cr_assert_eq(__builtin_popcount(groups_of_key[key]), 1, "register %d", key);
    run_fini(&run);
}

/* Bits of the threads that read each key; fails on anything but one read of nil by a thread. */
static void collect_final_reads(struct run *run, uint32_t *readers, size_t keys)
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

Test(register_workload, in_the_end_reads_what_was_touched_through_every_node)
{
    static const char *const options[] = {"{keys: 40}",
                                          "{keys: 40, ops_per_key: 9, group_size: 2}"};
    for (int mode = 0; mode < 2; mode++) {
        struct run run;
        run_operations(&run, &workload_register, options[mode], 3, 50);
        bool touched[40] = {false};
        size_t touched_count = 0;
        for (size_t i = 0; i < run.count; i++)
            touched[run.drawn[i]->key.integer] = true;
        for (int key = 0; key < 40; key++)
            touched_count += touched[key];
        cr_assert(touched_count > 3 && touched_count < 40);
        uint32_t readers[40];
        run_simulate(&run, run.workload.final, THREADS, other_latency);
        cr_assert_eq(run.trace.end, SIMULATION_DONE);
        collect_final_reads(&run, readers, 40);
        for (int key = 0; key < 40; key++)
            cr_assert_eq(readers[key], touched[key] ? (1u << NODES) - 1 : 0u, "register %d", key);
        run_fini(&run);
    }
}

/* --- set --- */

Test(set_workload, the_first_operations_of_a_seed_are_these)
{
    struct run run;
    run_operations(&run, &workload_set, "{adds: 3}", 42, 12);
    cr_assert_str_eq(text_of(&run, -1, 12), " -a0 -r -a1 -r -a2 -r -r -r -a3 -r -a4 -r");
    run_fini(&run);
    run_operations(&run, &workload_set, "{adds: 3, keys: 3}", 42, 12);
    cr_assert_str_eq(text_of(&run, -1, 12), " 2a0 0r 2a1 0r 2a2 2r 1r 2r 0a3 0r 2a4 1r");
    run_fini(&run);
}

Test(set_workload, adds_every_element_once_and_reads_rarely)
{
    struct run run;
    run_open(&run, &workload_set, "{keys: 3}", 5);
    run_simulate(&run, generator_limit(&run.arena, 20000, run.workload.operations), THREADS,
                 other_latency);
    int64_t next = 0;
    size_t of_key[3] = {0};
    for (size_t i = 0; i < run.count; i++) {
        const struct op *op = run.drawn[i];
        cr_assert(op->has_key);
        of_key[op->key.integer]++;
        if (op->f == F_ADD)
            cr_assert_eq(op->value.integer, next++);
        else
            cr_assert(op->f == F_READ && value_is_nil(op->value));
    }
    cr_assert_float_eq((double)count_f(&run, F_READ), 198, 60);
    for (int key = 0; key < 3; key++)
        cr_assert_float_eq((double)of_key[key], 6667, 400);
    run_fini(&run);
    run_operations(&run, &workload_set, "{reads: 0}", 5, 500);
    cr_assert_eq(count_f(&run, F_ADD), 500);
    run_fini(&run);
}

Test(set_workload, one_set_needs_no_key)
{
    struct run run;
    run_operations(&run, &workload_set, "{}", 5, 300);
    for (size_t i = 0; i < run.count; i++)
        cr_assert_not(run.drawn[i]->has_key);
    run_fini(&run);
}

Test(set_workload, in_the_end_every_thread_reads_every_set)
{
    for (uint32_t keys = 1; keys <= 4; keys += 3) {
        struct run run;
        uint32_t readers[4];
        run_operations(&run, &workload_set, keys == 1 ? "{}" : "{keys: 4}", 5, 100);
        run_simulate(&run, run.workload.final, THREADS, other_latency);
        cr_assert_eq(run.trace.end, SIMULATION_DONE);
        collect_final_reads(&run, readers, keys);
        for (uint32_t key = 0; key < keys; key++)
            cr_assert_eq(readers[key], (1u << THREADS) - 1);
        run_fini(&run);
    }
}

/* --- counter --- */

Test(counter_workload, adds_and_reads_in_the_mix_and_reads_in_the_end)
{
    struct run run;
    run_operations(&run, &workload_counter, "{amount: 3}", 5, 20000);
    cr_assert_float_eq((double)count_f(&run, F_READ), 5000, 300);
    size_t added[4] = {0};
    for (size_t i = 0; i < run.count; i++) {
        const struct op *op = run.drawn[i];
        cr_assert_not(op->has_key);
        if (op->f == F_READ) {
            cr_assert(value_is_nil(op->value));
            continue;
        }
        cr_assert(op->f == F_ADD && op->value.integer >= 1 && op->value.integer <= 3);
        added[op->value.integer]++;
    }
    for (int amount = 1; amount <= 3; amount++)
        cr_assert_float_eq((double)added[amount], 5000, 300);
    uint32_t readers[1];
    run_simulate(&run, run.workload.final, THREADS, other_latency);
    cr_assert_eq(run.trace.end, SIMULATION_DONE);
    collect_final_reads(&run, readers, 1);
    cr_assert_eq(readers[0], (1u << THREADS) - 1);
    run_fini(&run);
    run_operations(&run, &workload_counter, "{reads: 0}", 5, 500);
    cr_assert_eq(count_f(&run, F_ADD), 500);
    run_fini(&run);
}

/* --- elements --- */

Test(elements_workload, every_element_is_added_and_removed_in_turn_by_a_thread_of_its_own)
{
    enum { ELEMENTS = 4000 };
    static symbol last[ELEMENTS];
    static size_t changes[ELEMENTS];
    struct run run;
    run_open(&run, &workload_elements, "{changes: 3}", 5);
    run_simulate(&run, generator_limit(&run.arena, 6000, run.workload.operations), THREADS,
                 other_latency);
    size_t most = 0;
    for (size_t i = 0; i < run.trace.history.count; i++) {
        const struct op *op = &run.trace.history.ops[i];
        size_t element = (size_t)op->value.integer;
        if (op->type != OP_INVOKE)
            continue;
        cr_assert_lt(element, ELEMENTS);
        cr_assert_eq(element % THREADS, run.trace.threads[i]);
        cr_assert_eq(op->f, last[element] == F_ADD ? F_REMOVE : F_ADD);
        last[element] = op->f;
        if (++changes[element] > most)
            most = changes[element];
    }
    cr_assert_eq(most, 3);
    size_t begun = 0, asked[NODES] = {0};
    for (size_t i = 0; i < ELEMENTS; i++)
        begun += changes[i] > 0;
    run_simulate(&run, run.workload.final, THREADS, other_latency);
    cr_assert_eq(run.trace.end, SIMULATION_DONE);
    for (size_t i = 0; i < run.trace.history.count; i++) {
        const struct op *op = &run.trace.history.ops[i];
        if (op->type != OP_INVOKE)
            continue;
        cr_assert_eq(op->f, F_CONTAINS);
        cr_assert_gt(changes[op->value.integer], 0u);
        cr_assert_lt(run.trace.threads[i], NODES);
        asked[run.trace.threads[i]]++;
    }
    for (int node = 0; node < NODES; node++)
        cr_assert_eq(asked[node], begun);
    run_fini(&run);
}

/* --- transactions --- */

/* "r3 w3=1": the micro-operations of one transaction. */
static const char *txn_text(struct run *run, const struct op *op)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "");
    for (size_t i = 0; i < op->value.count; i++) {
        const struct value *part = op->value.items[i].items;
        strbuf_printf(&text, "%s%c%d", i ? " " : "", part[0].text[0], (int)part[1].integer);
        if (part[0].text[0] != 'r')
            strbuf_printf(&text, "=%d", (int)part[2].integer);
    }
    char *copy = arena_strdup(&run->arena, text.text);
    strbuf_fini(&text);
    return copy;
}

Test(transactions_workload, the_first_transactions_of_a_seed_are_these)
{
    static const char *const expected[] = {"r0 a1=1 r0", "r1 a1=2 a1=3 a2=1", "r2 a2=2",
                                           "a0=1 r0 r0", "a2=3 r0 a0=2",      "a0=3 r4"};
    struct run run;
    run_operations(&run, &workload_list_append, "{keys: 2, writes_per_key: 3}", 42, 6);
    for (size_t i = 0; i < 6; i++)
        cr_assert_str_eq(txn_text(&run, run.drawn[i]), expected[i], "%s",
                         txn_text(&run, run.drawn[i]));
    run_fini(&run);
}

Test(transactions_workload, writes_every_value_once_and_begins_new_keys)
{
    enum { KEYS = 6, WRITES = 9, NUMBERS = 4000 };
    static int64_t written[NUMBERS];
    static const struct workload_type *const types[] = {&workload_list_append,
                                                        &workload_rw_register};
    static const char *const names[] = {"append", "w"};
    for (int kind = 0; kind < 2; kind++) {
        struct run run;
        size_t reads = 0, writes = 0, of_length[6] = {0};
        memset(written, 0, sizeof written);
        run_operations(&run, types[kind],
                       "{keys: 6, writes_per_key: 9, length_min: 2, length_max: 5, reads: 2}", 5,
                       5000);
        int64_t most = 0;
        for (size_t i = 0; i < run.count; i++) {
            const struct value txn = run.drawn[i]->value;
            cr_assert(run.drawn[i]->f == F_TXN && !run.drawn[i]->has_key);
            cr_assert(txn.kind == VALUE_LIST && txn.count >= 2 && txn.count <= 5);
            of_length[txn.count]++;
            for (size_t n = 0; n < txn.count; n++) {
                const struct value *part = txn.items[n].items;
                cr_assert(txn.items[n].count == 3 && part[1].integer < NUMBERS);
                if (part[1].integer > most)
                    most = part[1].integer;
                /* as many as `keys` are in use at a time */
                cr_assert_lt(written[part[1].integer], WRITES);
                if (strcmp(part[0].text, "r") == 0) {
                    cr_assert(value_is_nil(part[2]));
                    reads++;
                    continue;
                }
                cr_assert_str_eq(part[0].text, names[kind]);
                cr_assert_eq(part[2].integer, ++written[part[1].integer]);
                writes++;
            }
        }
        cr_assert_float_eq((double)reads / (double)(reads + writes), 2.0 / 3, 0.02);
        for (size_t length = 2; length <= 5; length++)
            cr_assert_float_eq((double)of_length[length], 1250, 120);
        size_t unfinished = 0;
        for (int64_t key = 0; key <= most; key++)
            unfinished += written[key] < WRITES;
        cr_assert_leq(unfinished, KEYS);
        run_fini(&run);
    }
}

Test(transactions_workload, in_the_end_reads_every_key_through_every_node)
{
    struct run run;
    size_t readers[64] = {0}, keys = 0;
    run_operations(&run, &workload_rw_register, "{keys: 4, writes_per_key: 3, length_max: 3}", 5,
                   40);
    for (size_t i = 0; i < run.count; i++)
        for (size_t n = 0; n < run.drawn[i]->value.count; n++) {
            size_t key = (size_t)run.drawn[i]->value.items[n].items[1].integer;
            keys = key >= keys ? key + 1 : keys;
        }
    cr_assert(keys > 8 && keys < 60);
    run_simulate(&run, run.workload.final, THREADS, other_latency);
    cr_assert_eq(run.trace.end, SIMULATION_DONE);
    for (size_t i = 0; i < run.count; i++)
        for (size_t n = 0; n < run.drawn[i]->value.count; n++) {
            const struct value *part = run.drawn[i]->value.items[n].items;
            cr_assert(strcmp(part[0].text, "r") == 0 && value_is_nil(part[2]));
            readers[part[1].integer]++;
        }
    for (size_t key = 0; key < keys; key++)
        cr_assert_eq(readers[key], NODES, "key %zu", key);
    run_fini(&run);
}

/* --- null --- */

Test(null_workload, reads_for_ever)
{
    struct run run;
    run_operations(&run, &workload_null, "{}", 5, 1000);
    cr_assert_str_eq(text_of(&run, -1, 3), " -r -r -r");
    cr_assert_eq(count_f(&run, F_READ), 1000);
    cr_assert_null(run.workload.final);
    run_fini(&run);
}
