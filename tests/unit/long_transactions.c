/* Transactions, lists and cycles so long that whatever goes through them once for each of their
 * parts takes minutes, as it did: these tests end because it is done in one pass. */
#include "core/strbuf.h"
#include "dependencies/dependencies.h"
#include "evidence/evidence_explain.h"
#include "evidence/evidence_text.h"
#include "isolation/level_check.h"
#include "unit/transactions_support.h"

enum { LONG = 60000 };

/* A micro-operation on every key of a range, with one value: "[:w 17 1] ". */
static void put_range(struct strbuf *out, const char *f, int first, int count, const char *value)
{
    for (int key = first; key < first + count; key++)
        strbuf_printf(out, "[:%s %d %s] ", f, key, value);
}

/* --- dependencies --- */

/* 0 appended to the first keys, and 1 saw the last of these; 2 appended to the last key that 1 saw
 * without anything, and 3 to what 0 did last. 4 tells the order. */
static void write_chain(struct strbuf *out)
{
    strbuf_puts(out, "0 ok txn [");
    put_range(out, "append", 0, LONG, "1");
    strbuf_puts(out, "]\n1 ok txn [");
    put_range(out, "r", LONG, LONG, "[]");
    strbuf_printf(out, "[:r %d [1]]]\n2 ok txn [", LONG - 1);
    put_range(out, "append", 2 * LONG - 1, LONG, "1");
    strbuf_puts(out, "]\n3 ok txn [");
    put_range(out, "append", 3 * LONG, LONG, "1");
    strbuf_printf(out, "[:append %d 2]]\n4 ok txn [[:r %d [1 2]]]\n", LONG - 1, LONG - 1);
}

/* Every line an invocation and a completion, one transaction after the other. */
static void open_lines(struct txn_bench *bench, const struct strbuf *lines)
{
    struct strbuf text = STRBUF_INIT;
    for (const char *at = lines->text; *at;) {
        size_t length = strcspn(at, "\n") + 1;
        strbuf_printf(&text, "%c invoke txn nil\n", *at);
        strbuf_add(&text, at, length);
        at += length;
    }
    txn_bench_open(bench, text.text);
    strbuf_fini(&text);
}

static void build_graph(struct txn_bench *bench, struct dependencies *graph)
{
    const dependency_set kinds = dependency_bit(DEPENDENCY_WW) | dependency_bit(DEPENDENCY_WR) |
                                 dependency_bit(DEPENDENCY_RW);
    cr_assert_eq(dependencies_build(&bench->txns, NULL, kinds, &bench->budget, graph, &bench->err),
                 0);
}

static int64_t key_of(const struct dependencies *graph, enum dependency kind, uint32_t from,
                      uint32_t to)
{
    uint32_t key = dependency_key(graph, kind, from, to);
    return key == UINT32_MAX ? -1 : value_ref_as_int(txn_key_value(graph->all, key));
}

Test(long_transactions, are_searched_for_the_key_of_a_dependency_in_one_pass)
{
    struct txn_bench b;
    struct dependencies graph;
    struct strbuf lines = STRBUF_INIT;
    write_chain(&lines);
    open_lines(&b, &lines);
    build_graph(&b, &graph);
    cr_expect_eq(key_of(&graph, DEPENDENCY_WR, 0, 1), LONG - 1);
    cr_expect_eq(key_of(&graph, DEPENDENCY_RW, 1, 2), 2 * LONG - 1);
    cr_expect_eq(key_of(&graph, DEPENDENCY_WW, 0, 3), LONG - 1);
    cr_expect_eq(key_of(&graph, DEPENDENCY_RW, 1, 3), LONG - 1);
    cr_expect_eq(key_of(&graph, DEPENDENCY_WR, 0, 2), -1, "nothing that one wrote the other read");
    cr_expect_eq(key_of(&graph, DEPENDENCY_WW, 3, 0), -1, "the other way round");
    size_t used = b.budget.bytes_used;
    b.budget.bytes_max = used + 64;
    cr_expect_eq(key_of(&graph, DEPENDENCY_WR, 0, 1), -1, "without memory");
    cr_expect_eq(b.budget.bytes_used, used);
    dependencies_fini(&graph);
    txn_bench_close(&b);
    strbuf_fini(&lines);
}

/* To each of many keys two appended what nobody read, behind what a third one found empty; to one
 * more key too, which the first of them had found empty itself. */
Test(long_transactions, are_looked_at_once_for_all_versions_that_several_followed)
{
    struct txn_bench b;
    struct dependencies graph;
    struct strbuf lines = STRBUF_INIT;
    strbuf_puts(&lines, "0 ok txn [[:r -1 []] [:append -1 1] ");
    put_range(&lines, "append", 0, LONG, "1");
    strbuf_puts(&lines, "]\n1 ok txn [[:append -1 2] ");
    put_range(&lines, "append", 0, LONG, "2");
    strbuf_puts(&lines, "]\n2 ok txn [");
    put_range(&lines, "r", 0, LONG, "[]");
    strbuf_puts(&lines, "]\n");
    open_lines(&b, &lines);
    build_graph(&b, &graph);
    enum { CHAIN_POINTS = 4, CHAIN_EDGES = 6 };
    cr_expect_eq(graph.vertex_count, 3 + CHAIN_POINTS + LONG);
    cr_expect_eq(graph.edge_count, 1 + CHAIN_EDGES + LONG + 2 * LONG,
                 "from each reader to the points of a key, and from there on");
    cr_expect_eq(graph.first[3] - graph.first[2], LONG);
    cr_expect_eq(graph.first[1] - graph.first[0], 1);
    cr_expect(!graph.is_complete);
    dependencies_fini(&graph);
    txn_bench_close(&b);
    strbuf_fini(&lines);
}

/* --- eventual consistency --- */

static struct level_answer ask_eventual(struct txn_bench *bench)
{
    struct arena arena;
    struct level_answer answer;
    arena_init(&arena, 0);
    const struct level_question question = {
        .all = &bench->txns, .budget = &bench->budget, .arena = &arena};
    cr_assert_eq(decider_eventual.decide(&question, LEVEL_EVENTUAL, &answer, &bench->err), 0);
    arena_fini(&arena);
    return answer;
}

/* Registers that one wrote and another one read finally, the last of them with this value. */
static struct level_answer read_finally(const char *last)
{
    struct txn_bench b;
    struct strbuf lines = STRBUF_INIT;
    strbuf_puts(&lines, "0 ok txn [");
    put_range(&lines, "w", 0, LONG, "1");
    put_range(&lines, "w", 0, LONG, "2");
    strbuf_puts(&lines, "]\n1 ok txn [");
    put_range(&lines, "r", 0, LONG - 1, "2");
    strbuf_printf(&lines, "[:r %d %s]]\n", LONG - 1, last);
    open_lines(&b, &lines);
    struct level_answer answer = ask_eventual(&b);
    txn_bench_close(&b);
    strbuf_fini(&lines);
    return answer;
}

Test(long_transactions, are_looked_up_once_for_all_that_was_read_finally)
{
    cr_expect_eq(read_finally("2").verdict, VERDICT_VALID);
    struct level_answer answer = read_finally("1");
    cr_expect_eq(answer.verdict, VERDICT_INVALID, "its transaction overwrote it");
    cr_expect_eq(answer.evidence.anomaly, ANOMALY_LOST_WRITE);
}

static void put_items(struct strbuf *out, int count)
{
    for (int i = 0; i < count; i++)
        strbuf_printf(out, "%d ", i);
}

/* A list, as one appended it and two sessions read it finally; the second one with an element in
 * front whose end nobody knows, so that the first is no prefix of the order. */
static struct level_answer read_lists_finally(const char *last_of_first)
{
    struct txn_bench b;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "9 invoke txn [[:append :x -1]]\n9 info txn [[:append :x -1]]\n"
                       "0 invoke txn nil\n0 ok txn [");
    for (int i = 0; i < LONG; i++)
        strbuf_printf(&text, "[:append :x %d] ", i);
    strbuf_puts(&text, "]\n1 invoke txn nil\n1 ok txn [[:r :x [");
    put_items(&text, LONG - 2);
    strbuf_printf(&text, "%s]]]\n2 invoke txn nil\n2 ok txn [[:r :x [-1 ", last_of_first);
    put_items(&text, LONG);
    strbuf_puts(&text, "]]]\n");
    txn_bench_open(&b, text.text);
    cr_expect_eq(b.txns.odd_read_count, 1);
    struct level_answer answer = ask_eventual(&b);
    txn_bench_close(&b);
    strbuf_fini(&text);
    return answer;
}

Test(long_transactions, and_long_lists_in_several_orders_are_compared_in_one_pass)
{
    char as_it_is[32], swapped[32], lacking[32];
    snprintf(as_it_is, sizeof as_it_is, "%d %d", LONG - 2, LONG - 1);
    snprintf(swapped, sizeof swapped, "%d %d", LONG - 1, LONG - 2);
    snprintf(lacking, sizeof lacking, "%d", LONG - 1);
    cr_expect_eq(read_lists_finally(as_it_is).verdict, VERDICT_VALID);
    cr_expect_eq(read_lists_finally(swapped).evidence.anomaly, ANOMALY_DIVERGENCE);
    cr_expect_eq(read_lists_finally(lacking).evidence.anomaly, ANOMALY_LOST_WRITE);
}

/* --- words --- */

/* Everybody wrote at the same time; a cycle through all, the last one first. */
static void open_ring(struct txn_bench *bench, struct step steps[LONG])
{
    struct strbuf text = STRBUF_INIT;
    for (uint32_t i = 0; i < LONG; i++) {
        strbuf_printf(&text, "%u invoke txn [[:w 0 %u]]\n", i, i);
        steps[i] = (struct step){.from = LONG - 1 - i,
                                 .to = (2 * LONG - 2 - i) % LONG,
                                 .lemma = LEMMA_NONE,
                                 .kind = STEP_WW};
    }
    txn_bench_open(bench, text.text);
    strbuf_fini(&text);
}

Test(long_transactions, in_a_long_cycle_each_have_a_name_that_is_found_without_a_search)
{
    struct txn_bench b;
    struct strbuf words = STRBUF_INIT;
    struct evidence_cast cast;
    static struct step steps[LONG];
    open_ring(&b, steps);
    const struct evidence evidence = {
        .kind = EVIDENCE_CYCLE, .anomaly = ANOMALY_COUNT, .steps = steps, .step_count = LONG};
    cr_assert(evidence_cast_init(&cast, &b.txns, &evidence));
    cr_expect_eq(cast.count, LONG);
    for (uint32_t i = 0; i < LONG; i++)
        cr_assert_eq(evidence_cast_find(&cast, steps[i].from), i + 1);
    cr_expect_eq(evidence_cast_find(&cast, LONG), 0, "it takes no part");
    evidence_cast_fini(&cast);
    evidence_put_words(&words, &b.txns, &evidence);
    char line[64];
    snprintf(line, sizeof line, "Let\n  T1 = [w 0 %d]\n", LONG - 1);
    expect_contains(words.text, line);
    snprintf(line, sizeof line, "and %d steps more, from T41 on.\n", LONG - 40);
    expect_contains(words.text, line);
    txn_bench_close(&b);
    strbuf_fini(&words);
}
