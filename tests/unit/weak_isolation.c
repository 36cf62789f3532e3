/* Weak levels of histories in which somebody wrote a key very often, unseen. */
#include "core/strbuf.h"
#include "isolation/level_check.h"
#include "unit/transactions_support.h"

static void put_txn(struct strbuf *out, int process, const char *micros)
{
    strbuf_printf(out, "%d invoke txn nil\n%d ok txn [%s]\n", process, process, micros);
}

static enum verdict ask_causal(const char *text)
{
    struct txn_bench b;
    struct arena arena;
    struct level_answer answer;
    const struct anomalies nothing = {.settled = (1u << ANOMALY_COUNT) - 1};
    txn_bench_open(&b, text);
    arena_init(&arena, 0);
    const struct level_question question = {
        .all = &b.txns, .anomalies = &nothing, .budget = &b.budget, .arena = &arena};
    cr_assert_eq(decider_weak.decide(&question, LEVEL_CAUSAL, &answer, &b.err), 0);
    cr_expect(answer.verdict != VERDICT_INVALID ||
              evidence_verify(&b.txns, LEVEL_CAUSAL, &answer.evidence));
    arena_fini(&arena);
    txn_bench_close(&b);
    return answer.verdict;
}

/* 0 wrote x; 1 and 2 wrote it too, and 2 had seen what 0 wrote, if told so; 3 and 5 wrote it in
 * turn so often that nobody looks back so far; 4 saw 1 and 2, and of x what 0 wrote. */
static enum verdict ask_with(const char *last_of_2)
{
    struct strbuf text = STRBUF_INIT;
    put_txn(&text, 0, "[:w :x 0]");
    put_txn(&text, 1, "[:w :x 1] [:w :y 1]");
    put_txn(&text, 2, last_of_2);
    for (int i = 0; i < 200; i++) {
        char micro[32];
        snprintf(micro, sizeof micro, "[:w :x %d]", 10 + i);
        put_txn(&text, i % 2 ? 3 : 5, micro);
    }
    put_txn(&text, 4, "[:r :y 1] [:r :z 2] [:r :x 0]");
    enum verdict verdict = ask_causal(text.text);
    strbuf_fini(&text);
    return verdict;
}

Test(weak_isolation, of_all_sessions_that_a_reader_has_seen_each_may_refute_causality)
{
    cr_expect_eq(ask_with("[:w :x 2] [:w :z 2]"), VERDICT_VALID);
    cr_expect_eq(ask_with("[:r :x 0] [:w :x 2] [:w :z 2]"), VERDICT_INVALID);
}
