/* Anomalies of single reads and writes that random histories hardly have, and what is told of them.
 */
#include "dependencies/anomalies.h"

#include "core/strbuf.h"
#include "dependencies/dependencies.h"
#include "transactions/version_index.h"
#include "unit/transactions_support.h"

struct scan_bench {
    struct txn_bench txns;
    struct arena arena;
    struct anomalies found;
};

static void scan_open(struct scan_bench *bench, const char *text)
{
    txn_bench_open(&bench->txns, text);
    arena_init(&bench->arena, 0);
    bench->found = (struct anomalies){0};
    struct anomalies_options options = {
        .wanted = (1u << ANOMALY_COUNT) - 1, .examples_max = 2, .arena = &bench->arena};
    cr_assert_eq(anomalies_scan(&bench->txns.txns, &options, &bench->txns.budget, &bench->found,
                                &bench->txns.err),
                 0);
}

static void scan_close(struct scan_bench *bench)
{
    arena_fini(&bench->arena);
    txn_bench_close(&bench->txns);
}

static const struct evidence *only(const struct scan_bench *bench, enum anomaly anomaly)
{
    cr_assert_eq(bench->found.found, anomaly_bit(anomaly), "%#x", bench->found.found);
    cr_assert_eq(bench->found.kinds[anomaly].count, 1);
    return bench->found.kinds[anomaly].examples;
}

Test(anomalies, a_value_that_nobody_wrote_was_read)
{
    struct scan_bench b;
    scan_open(&b, "0 invoke txn [[:w :x 1]]\n0 ok txn [[:w :x 1]]\n"
                  "0 invoke txn [[:r :x nil]]\n0 ok txn [[:r :x 2]]\n");
    const struct evidence *evidence = only(&b, ANOMALY_UNWRITTEN_READ);
    cr_expect_eq(evidence->txns[0], 1);
    cr_expect_eq(evidence->micros[0], 1);
    cr_expect_eq(evidence->txns[1], TXN_NONE);
    scan_close(&b);
}

Test(anomalies, an_element_that_nobody_appended_was_read_in_the_middle_of_a_list)
{
    struct scan_bench b;
    scan_open(&b, "0 invoke txn [[:append :x 1]]\n0 ok txn [[:append :x 1]]\n"
                  "0 invoke txn [[:r :x nil]]\n0 ok txn [[:r :x [7 1]]]\n");
    cr_expect_eq(only(&b, ANOMALY_UNWRITTEN_READ)->txns[0], 1);
    scan_close(&b);
}

Test(anomalies, a_transaction_read_what_it_wrote_only_later)
{
    struct scan_bench b;
    scan_open(&b, "0 invoke txn [[:r :x nil] [:w :x 1]]\n0 ok txn [[:r :x 1] [:w :x 1]]\n");
    const struct evidence *evidence = only(&b, ANOMALY_FUTURE_READ);
    cr_expect_eq(evidence->micros[0], 0);
    cr_expect_eq(evidence->micros[1], 1);
    scan_close(&b);
}

Test(anomalies, a_lost_update_is_counted_once_whoever_takes_part)
{
    struct scan_bench b;
    scan_open(&b, "0 invoke txn [[:r :x nil] [:w :x 1]]\n0 ok txn [[:r :x nil] [:w :x 1]]\n"
                  "0 invoke txn [[:r :x nil] [:w :x 2]]\n0 ok txn [[:r :x nil] [:w :x 2]]\n"
                  "0 invoke txn [[:r :x nil] [:w :x 3]]\n0 ok txn [[:r :x nil] [:w :x 3]]\n"
                  "0 invoke txn [[:r :x nil] [:w :x 4]]\n0 ok txn [[:r :x nil] [:w :x 4]]\n");
    const struct evidence *evidence = only(&b, ANOMALY_LOST_UPDATE);
    for (uint32_t i = 0; i < EVIDENCE_MICROS_MAX; i++) {
        cr_expect_eq(evidence->txns[i], i);
        cr_expect_eq(evidence->micros[i], 2 * i);
    }
    scan_close(&b);
}

Test(anomalies, without_budget_or_memory_nothing_is_settled)
{
    struct scan_bench b;
    scan_open(&b, "0 invoke txn [[:w :x 1]]\n0 ok txn [[:w :x 1]]\n");
    struct anomalies found = {0};
    struct anomalies_options options = {.wanted = 1, .examples_max = 1, .arena = &b.arena};
    struct budget budget;
    struct errbuf err = ERRBUF_INIT;
    budget_init(&budget, 0, 4);
    cr_expect_neq(anomalies_scan(&b.txns.txns, &options, &budget, &found, &err), 0);
    cr_expect_eq(found.settled, 0);
    cr_expect_eq(budget.bytes_used, 0);
    budget_init(&budget, 1, 0);
    while (!budget_time_over(&budget))
        ;
    cr_expect_eq(anomalies_scan(&b.txns.txns, &options, &budget, &found, &err), 0);
    cr_expect_eq(found.settled, 0);
    cr_expect_eq(budget.bytes_used, 0);
    scan_close(&b);
}

/* --- long cycles --- */

/* Transactions in a ring, all at once: each writes its own key and reads the next one's. */
static void write_ring(struct strbuf *out, int count, bool sees_writes)
{
    for (int i = 0; i < count; i++)
        strbuf_printf(out, "%d invoke txn [[:w %d %d] [:r %d nil]]\n", i, i, i + 1,
                      (i + 1) % count);
    for (int i = 0; i < count; i++) {
        strbuf_printf(out, "%d ok txn [[:w %d %d] [:r %d ", i, i, i + 1, (i + 1) % count);
        if (sees_writes)
            strbuf_printf(out, "%d]]\n", (i + 1) % count + 1);
        else
            strbuf_printf(out, "nil]]\n");
    }
}

static void expect_ring(int count, bool sees_writes, enum anomaly expected)
{
    struct strbuf text = STRBUF_INIT;
    struct scan_bench b;
    struct dependencies graph;
    write_ring(&text, count, sees_writes);
    scan_open(&b, text.text);
    struct budget *budget = &b.txns.budget;
    struct anomalies_options options = {.wanted = UINT32_MAX, .examples_max = 2, .arena = &b.arena};
    cr_assert_eq(
        dependencies_build(&b.txns.txns, NULL, DEPENDENCIES_ALL, budget, &graph, &b.txns.err), 0);
    cr_assert_eq(anomalies_find_cycles(&graph, &options, &b.found, &b.txns.err), 0);
    const struct evidence *evidence = only(&b, expected);
    cr_expect_eq(evidence->step_count, (uint32_t)count);
    cr_expect_eq(evidence->steps[0].from, 0, "it is told from its first transaction on");
    cr_expect(evidence_verify_anomaly(&b.txns.txns, evidence));
    cr_expect_eq(b.found.kinds[expected].example_count, 1, "it is the same wherever it begins");
    dependencies_fini(&graph);
    scan_close(&b);
    strbuf_fini(&text);
}

Test(anomalies, the_only_cycle_of_many_transactions_is_found)
{
    expect_ring(2, true, ANOMALY_G1C);
    expect_ring(3, false, ANOMALY_G2_ITEM);
    expect_ring(150, true, ANOMALY_G1C);
    expect_ring(150, false, ANOMALY_G2_ITEM);
}

/* --- how much is searched --- */

Test(anomalies, a_search_for_cycles_that_takes_too_long_leaves_its_kind_unsettled)
{
    enum { RING = 60 };
    struct strbuf text = STRBUF_INIT;
    struct scan_bench b;
    struct dependencies graph;
    write_ring(&text, RING, false);
    scan_open(&b, text.text);
    cr_assert_eq(dependencies_build(&b.txns.txns, NULL, DEPENDENCIES_ALL, &b.txns.budget, &graph,
                                    &b.txns.err),
                 0);
    for (uint64_t work_max = RING; work_max <= 100000; work_max += 100000 - RING) {
        struct anomalies found = {0};
        struct anomalies_options options = {.wanted = anomaly_bit(ANOMALY_G2_ITEM),
                                            .examples_max = 2,
                                            .work_max = work_max,
                                            .arena = &b.arena};
        cr_assert_eq(anomalies_find_cycles(&graph, &options, &found, &b.txns.err), 0);
        bool is_enough = work_max > RING;
        cr_expect_eq(found.settled, is_enough ? anomaly_bit(ANOMALY_G2_ITEM) : 0);
        cr_expect_eq(found.found, is_enough ? anomaly_bit(ANOMALY_G2_ITEM) : 0);
        cr_expect_gt(found.steps, 0);
        cr_expect_lt(found.steps, work_max + RING);
    }
    dependencies_fini(&graph);
    scan_close(&b);
    strbuf_fini(&text);
}

/* Reads of two keys in turn, most of which find two elements the wrong way round. */
static void write_odd_reads(struct strbuf *out, int count)
{
    for (int i = 0; i < count; i++) {
        const char *key = i % 2 ? ":x" : ":y";
        strbuf_printf(out, "0 invoke txn [[:append %s %d]]\n0 ok txn [[:append %s %d]]\n", key, i,
                      key, i);
        strbuf_printf(out, "0 invoke txn [[:r %s nil]]\n0 ok txn [[:r %s [%d %d]]]\n", key, key, i,
                      i < 2 ? i : i - 2);
    }
}

Test(anomalies, the_history_is_gone_through_again_for_the_examples_kept_only)
{
    struct scan_bench b;
    struct strbuf text = STRBUF_INIT;
    write_odd_reads(&text, 100);
    scan_open(&b, text.text);
    const struct anomalies_of_kind *incompatible = &b.found.kinds[ANOMALY_INCOMPATIBLE_ORDER];
    cr_expect_gt(incompatible->count, 90);
    cr_expect_eq(incompatible->example_count, 2);
    cr_expect_gt(b.found.steps, 0);
    cr_expect_leq(b.found.steps, 2 * b.txns.txns.micro_count);
    scan_close(&b);
    strbuf_fini(&text);
}

Test(anomalies, what_a_long_transaction_reads_of_its_own_takes_no_search)
{
    struct scan_bench b;
    struct strbuf text = STRBUF_INIT;
    for (int is_end = 0; is_end < 2; is_end++) {
        strbuf_puts(&text, is_end ? "0 ok txn [" : "0 invoke txn [");
        for (int i = 0; i < 10; i++)
            strbuf_printf(&text, "[:w %d 1] [:r %d %s]", i, i, is_end ? "1" : "nil");
        strbuf_puts(&text, "]\n");
    }
    scan_open(&b, text.text);
    cr_expect_eq(b.found.found, 0);
    cr_expect_eq(b.found.steps, 0);
    scan_close(&b);
    strbuf_fini(&text);
}

/* The anomaly of a second transaction that wrote, read that, and then what the first one wrote. */
static void expect_own(const char *done, enum anomaly anomaly, uint32_t read, uint32_t other)
{
    struct scan_bench b;
    struct strbuf text = STRBUF_INIT;
    bool is_list = strstr(done, "append") != NULL;
    for (int is_end = 0; is_end < 2; is_end++)
        strbuf_printf(&text, "0 %s txn [[:%s :x 3]]\n", is_end ? "ok" : "invoke",
                      is_list ? "append" : "w");
    strbuf_printf(&text, "1 invoke txn nil\n1 ok txn [%s]\n", done);
    scan_open(&b, text.text);
    enum anomaly unwanted =
        anomaly == ANOMALY_INTERNAL ? ANOMALY_UNREPEATABLE_READ : ANOMALY_INTERNAL;
    cr_expect_eq(b.found.kinds[anomaly].count, 1, "%s", done);
    cr_expect_eq(b.found.kinds[unwanted].count, 0, "%s", done);
    const struct evidence *evidence = &b.found.kinds[anomaly].examples[0];
    cr_expect_eq(evidence->micros[0], 1 + read, "%s", done);
    cr_expect_eq(evidence->micros[1], 1 + other, "%s", done);
    scan_close(&b);
    strbuf_fini(&text);
}

Test(anomalies, who_saw_its_own_write_must_still_see_it_later)
{
    expect_own("[:w :x 1] [:r :x 3]", ANOMALY_INTERNAL, 1, 0);
    expect_own("[:w :x 1] [:r :x 1] [:r :x 3]", ANOMALY_INTERNAL, 2, 0);
    expect_own("[:w :x 1] [:w :x 2] [:r :x 2] [:r :x 2] [:r :x 3]", ANOMALY_INTERNAL, 4, 1);
    expect_own("[:r :x nil] [:r :x 3] [:w :x 1]", ANOMALY_UNREPEATABLE_READ, 1, 0);
    expect_own("[:append :x 1] [:r :x [1]] [:r :x [1 3]]", ANOMALY_INTERNAL, 2, 0);
    expect_own("[:r :x nil] [:append :x 1] [:r :x [1]] [:r :x nil]", ANOMALY_INTERNAL, 3, 1);
    expect_own("[:append :x 1] [:r :x [1]] [:r :x [3 1]]", ANOMALY_UNREPEATABLE_READ, 2, 1);
    expect_own("[:r :x nil] [:append :x 1] [:r :x [3 1]]", ANOMALY_UNREPEATABLE_READ, 2, 0);
    expect_own("[:r :x nil] [:append :x 1] [:r :x [1 3]]", ANOMALY_INTERNAL, 2, 1);
}

/* --- versions by value --- */

Test(anomalies, the_versions_of_a_key_are_indexed_once)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:w :x 1] [:w :y 1] [:w :x 2] [:w :z 3]]\n"
                       "0 ok txn [[:w :x 1] [:w :y 1] [:w :x 2] [:w :z 3]]\n");
    struct version_index index;
    version_index_init(&index, &b.txns, &b.budget);
    cr_assert(version_index_add(&index, 1) && version_index_add(&index, 0));
    size_t slots = index.slot_count;
    cr_assert(version_index_add(&index, 1) && version_index_add(&index, 0));
    cr_expect_eq(index.slot_count, slots);
    uint32_t x = b.txns.keys[0].first_version, y = b.txns.keys[1].first_version;
    cr_expect_eq(version_index_find(&index, 0, value_ref_int(1)), x + 1);
    cr_expect_eq(version_index_find(&index, 0, value_ref_int(2)), x + 2);
    cr_expect_eq(version_index_find(&index, 0, value_ref_int(3)), VERSION_UNREAD);
    cr_expect_eq(version_index_find(&index, 0, VALUE_REF_NIL), VERSION_UNREAD, "the initial one");
    cr_expect_eq(version_index_find(&index, 1, value_ref_int(1)), y + 1);
    cr_expect_eq(version_index_find(&index, 1, value_ref_int(2)), VERSION_UNREAD);
    version_index_fini(&index);
    txn_bench_close(&b);
}
