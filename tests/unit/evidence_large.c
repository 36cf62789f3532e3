/* How much a judge does for evidence of thousands of steps, and when it ends. */
#include "evidence/evidence.h"

#include "core/clock.h"
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "unit/transactions_support.h"

#include <stdlib.h>
#include <string.h>

enum { RING = 2000 };

/* Each of as many sessions writes a key of its own and reads that of the one before. */
static const char ring_of_reads[] = "%u %s txn [[:w %u 1] [:r %u %s]]\n";

static void make_ring_of_reads(struct strbuf *text)
{
    for (uint32_t i = 0; i < RING; i++)
        strbuf_printf(text, ring_of_reads, i, "invoke", i, (i + RING - 1) % RING, "nil");
    for (uint32_t i = 0; i < RING; i++)
        strbuf_printf(text, ring_of_reads, i, "ok", i, (i + RING - 1) % RING, "1");
}

/* Nobody knows how they ended, but the lists that they appended to were read, with something of the
 * reader's own behind it: in each the one before is first. */
static void make_ring_of_appends(struct strbuf *text)
{
    for (uint32_t i = 0; i < RING; i++)
        strbuf_printf(text, "%u invoke txn [[:append %u %u] [:append %u %u]]\n", i, i, i,
                      (i + 1) % RING, i);
    for (uint32_t i = 0; i < RING; i++)
        strbuf_printf(text,
                      "%u invoke txn [[:append %u %u] [:r %u nil]]\n"
                      "%u ok txn [[:append %u %u] [:r %u [%u %u %u]]]\n",
                      RING + i, i, RING + i, i, RING + i, i, RING + i, i, (i + RING - 1) % RING, i,
                      RING + i);
    for (uint32_t i = 0; i < RING; i++)
        strbuf_printf(text, "%u info txn [[:append %u %u] [:append %u %u]]\n", i, i, i,
                      (i + 1) % RING, i);
}

struct ring {
    struct txn_bench bench;
    struct strbuf text;
    struct step *steps;
    struct evidence evidence;
    struct evidence_judge judge;
};

/* The ring's transactions are the first ones. */
static void ring_open(struct ring *ring, void (*make)(struct strbuf *), enum step_kind kind)
{
    ring->text = (struct strbuf)STRBUF_INIT;
    make(&ring->text);
    cr_assert(strbuf_ok(&ring->text));
    txn_bench_open(&ring->bench, ring->text.text);
    ring->steps = malloc(RING * sizeof *ring->steps);
    cr_assert(ring->steps);
    for (uint32_t i = 0; i < RING; i++) {
        uint32_t to = (i + 1) % RING, name = kind == STEP_WR ? i : to, key = 0;
        while ((uint32_t)value_ref_as_int(txn_key_value(&ring->bench.txns, key)) != name)
            key++;
        ring->steps[i] = (struct step){i, to, key, LEMMA_NONE, (uint8_t)kind};
    }
    ring->evidence = (struct evidence){
        .kind = EVIDENCE_CYCLE, .anomaly = ANOMALY_COUNT, .steps = ring->steps, .step_count = RING};
    evidence_judge_init(&ring->judge, &ring->bench.txns, &ring->bench.budget);
}

static void ring_close(struct ring *ring)
{
    evidence_judge_fini(&ring->judge);
    free(ring->steps);
    strbuf_fini(&ring->text);
    txn_bench_close(&ring->bench);
}

Test(evidence_large, of_a_ring_is_proved_once_for_all_its_sessions)
{
    static const enum level levels[] = {LEVEL_WEAK_CAUSAL, LEVEL_CAUSAL_MEMORY, LEVEL_CAUSAL};
    struct ring ring;
    ring_open(&ring, make_ring_of_reads, STEP_WR);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        cr_expect(evidence_judge_accepts(&ring.judge, levels[i], &ring.evidence));
    cr_expect(!evidence_judge_accepts(&ring.judge, LEVEL_PRAM, &ring.evidence));
    cr_expect(!evidence_judge_accepts(&ring.judge, LEVEL_MONOTONIC_READS, &ring.evidence));
    ring.steps[RING - 1].key = ring.steps[0].key;
    cr_expect(!evidence_judge_accepts(&ring.judge, LEVEL_WEAK_CAUSAL, &ring.evidence));
    cr_expect_leq(ring.judge.work, 2 * 6 * RING);
    ring_close(&ring);
}

Test(evidence_large, is_of_the_view_that_one_of_its_steps_tells)
{
    static const struct step cycle[] = {{2, 0, 0, LEMMA_NONE, STEP_RW},
                                        {0, 1, 0, LEMMA_NONE, STEP_WR},
                                        {1, 2, 0, LEMMA_NONE, STEP_SESSION}};
    static const enum level levels[] = {LEVEL_PRAM, LEVEL_MONOTONIC_READS, LEVEL_CAUSAL_MEMORY};
    struct txn_bench bench;
    txn_bench_open(&bench, "0 invoke txn [[:w :x 1]]\n0 ok txn [[:w :x 1]]\n"
                           "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x 1]]\n"
                           "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x nil]]\n");
    for (uint32_t first = 0; first < 3; first++) {
        struct step steps[3];
        struct evidence evidence = {
            .kind = EVIDENCE_CYCLE, .anomaly = ANOMALY_COUNT, .steps = steps, .step_count = 3};
        for (uint32_t i = 0; i < 3; i++)
            steps[i] = cycle[(first + i) % 3];
        for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
            cr_expect(evidence_verify(&bench.txns, levels[i], &evidence), "%s, from step %u",
                      level_row(levels[i])->name, first);
        cr_expect(!evidence_verify(&bench.txns, LEVEL_READ_YOUR_WRITES, &evidence));
    }
    txn_bench_close(&bench);
}

Test(evidence_large, looks_at_the_history_a_few_times_for_who_took_effect)
{
    struct ring ring;
    ring_open(&ring, make_ring_of_appends, STEP_WW);
    cr_expect(evidence_judge_accepts(&ring.judge, LEVEL_READ_UNCOMMITTED, &ring.evidence));
    cr_expect(evidence_judge_accepts(&ring.judge, LEVEL_SERIALIZABLE, &ring.evidence));
    cr_expect_leq(ring.judge.work, 16 * RING);
    ring_close(&ring);
}

Test(evidence_large, is_not_accepted_once_the_time_is_over)
{
    struct ring ring;
    ring_open(&ring, make_ring_of_appends, STEP_WW);
    budget_set_deadline(&ring.bench.budget, monotonic_ns() - 1);
    cr_expect(!evidence_judge_accepts(&ring.judge, LEVEL_READ_UNCOMMITTED, &ring.evidence));
    cr_expect(ring.judge.is_time_over);
    cr_expect_leq(ring.judge.work, 4);
    ring_close(&ring);
}

static uint32_t count_lines(const char *text)
{
    uint32_t count = 0;
    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

Test(evidence_large, is_told_in_a_few_words_and_has_all_in_its_json)
{
    struct strbuf words = STRBUF_INIT, json = STRBUF_INIT;
    struct ring ring;
    ring_open(&ring, make_ring_of_reads, STEP_WR);
    evidence_put_words(&words, &ring.bench.txns, &ring.evidence);
    evidence_put_json(&json, &ring.bench.txns, &ring.evidence);
    cr_assert(strbuf_ok(&words) && strbuf_ok(&json));
    cr_expect_lt(count_lines(words.text), 140);
    cr_expect(strstr(words.text, "T41 = "), "the steps that are shown end with it");
    cr_expect(!strstr(words.text, "T42 = "));
    cr_expect(strstr(words.text, "and 1959 transactions more, which the JSON has.\n"));
    cr_expect(strstr(words.text, "and 1960 steps more, from T41 on.\n"));
    cr_expect(strstr(json.text, "\"name\":\"T2000\""));
    cr_expect(strstr(json.text, "{\"from\":\"T2000\",\"to\":\"T1\""));
    strbuf_fini(&words);
    strbuf_fini(&json);
    ring_close(&ring);
}
