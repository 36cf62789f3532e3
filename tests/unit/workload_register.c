/* What the workload of registers generates. */
#include "unit/workload_support.h"

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
