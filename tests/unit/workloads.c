/* What the workloads generate: the same for the same seed, in the mix that was asked for, and in
 * the end a read of everything that was touched. Those of registers and of transactions have files
 * of their own. */
#include "unit/workload_support.h"

#include "clients/table.h"
#include "isolation/judge.h"

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
