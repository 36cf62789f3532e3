/* What the workloads of transactions generate. */
#include "unit/workload_support.h"

#include "isolation/judge.h"

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
