/* Evidence about small stories: what a judge accepts, and how it is told. */
#include "evidence/evidence.h"

#include "core/strbuf.h"
#include "dependencies/version_inference.h"
#include "evidence/evidence_explain.h"
#include "unit/transactions_support.h"

#include <stdlib.h>
#include <string.h>

static struct step step_of(enum step_kind kind, uint32_t from, uint32_t to, uint32_t key)
{
    return (struct step){from, to, key, LEMMA_NONE, (uint8_t)kind};
}

static struct evidence cycle_of(struct step *steps, uint32_t count)
{
    return (struct evidence){
        .kind = EVIDENCE_CYCLE, .anomaly = ANOMALY_COUNT, .steps = steps, .step_count = count};
}

/* Two that read the same two lists, and each appended to one of them: write skew. */
static const char *const write_skew = "0 invoke txn [[:r :x nil] [:append :y 1]]\n"
                                      "1 invoke txn [[:r :y nil] [:append :x 2]]\n"
                                      "0 ok txn [[:r :x []] [:append :y 1]]\n"
                                      "1 ok txn [[:r :y []] [:append :x 2]]\n";

Test(evidence, of_write_skew_refutes_serializability_and_not_snapshot_isolation)
{
    struct txn_bench bench;
    txn_bench_open(&bench, write_skew);
    struct step steps[] = {step_of(STEP_RW, 0, 1, 0), step_of(STEP_RW, 1, 0, 1)};
    struct evidence evidence = cycle_of(steps, 2);
    cr_expect(evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &evidence));
    cr_expect(evidence_verify(&bench.txns, LEVEL_STRICT_SERIALIZABLE, &evidence));
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SNAPSHOT_ISOLATION, &evidence));
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CAUSAL, &evidence));
    evidence.anomaly = ANOMALY_G2_ITEM;
    cr_expect(evidence_verify_anomaly(&bench.txns, &evidence));
    evidence.anomaly = ANOMALY_G_SINGLE;
    cr_expect(!evidence_verify_anomaly(&bench.txns, &evidence));
    steps[1].to = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &evidence), "no cycle");
    steps[1] = step_of(STEP_RW, 1, 0, 0);
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &evidence), "another key");
    steps[1] = step_of(STEP_REALTIME, 1, 0, 0);
    cr_expect(!evidence_verify(&bench.txns, LEVEL_STRICT_SERIALIZABLE, &evidence), "concurrent");
    txn_bench_close(&bench);
}

/* Who read 1 had seen 2, which came after it in some order that nobody tells. */
static const char *const forgotten = "0 invoke txn [[:w :x 1]]\n"
                                     "0 ok txn [[:w :x 1]]\n"
                                     "0 invoke txn [[:w :x 2]]\n"
                                     "0 ok txn [[:w :x 2]]\n"
                                     "1 invoke txn [[:r :x nil]]\n"
                                     "1 ok txn [[:r :x 2]]\n"
                                     "1 invoke txn [[:r :x nil]]\n"
                                     "1 ok txn [[:r :x 1]]\n";

/* 2 before the last read, which saw 1: so 2 was written before 1. But the session wrote 1 first. */
static void make_forgotten(struct step *steps, struct lemma *lemma, struct evidence *out)
{
    *lemma = (struct lemma){.from = 1, .to = 0, .key = 0, .via = 3, .first = 0, .count = 2};
    steps[0] = step_of(STEP_WR, 1, 2, 0);
    steps[1] = step_of(STEP_SESSION, 2, 3, 0);
    steps[2] = step_of(STEP_SESSION, 0, 1, 0);
    steps[3] = (struct step){1, 0, 0, 0, STEP_WW};
    *out = cycle_of(steps, 4);
    out->cycle = 2;
    out->lemmas = lemma;
    out->lemma_count = 1;
}

Test(evidence, rests_on_lemmas_with_their_premises)
{
    struct txn_bench bench;
    struct step steps[4];
    struct lemma lemma;
    struct evidence evidence;
    txn_bench_open(&bench, forgotten);
    make_forgotten(steps, &lemma, &evidence);
    cr_expect(evidence_verify(&bench.txns, LEVEL_CAUSAL, &evidence));
    cr_expect(evidence_verify(&bench.txns, LEVEL_SESSION_SERIALIZABLE, &evidence));
    cr_expect(evidence_verify(&bench.txns, LEVEL_PRAM, &evidence), "the view of process 1");
    cr_expect(!evidence_verify(&bench.txns, LEVEL_READ_ATOMIC, &evidence),
              "two steps are too many");
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &evidence), "it has no sessions");
    cr_expect(!evidence_verify(&bench.txns, LEVEL_MONOTONIC_READS, &evidence),
              "nor order of writes");
    lemma.first = 1;
    lemma.count = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CAUSAL, &evidence), "a premise from elsewhere");
    make_forgotten(steps, &lemma, &evidence);
    steps[3].lemma = LEMMA_NONE;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CAUSAL, &evidence), "registers tell no order");
    txn_bench_close(&bench);
}

/* Three wrote z, and nobody tells in which order. */
static const char *const disputed = "0 invoke txn [[:w :x 2] [:w :z 4]]\n"
                                    "1 invoke txn [[:w :x 5] [:w :z 6]]\n"
                                    "2 invoke txn [[:w :z 1] [:r :x nil]]\n"
                                    "3 invoke txn [[:r :x nil] [:r :z nil]]\n"
                                    "0 ok txn [[:w :x 2] [:w :z 4]]\n"
                                    "1 ok txn [[:w :x 5] [:w :z 6]]\n"
                                    "2 ok txn [[:w :z 1] [:r :x 2]]\n"
                                    "3 ok txn [[:r :x 5] [:r :z 4]]\n";

struct dispute {
    struct step steps[7];
    struct lemma lemmas[4];
    struct evidence evidence;
};

/* 2 was overwritten by 5 (1), and 4 by 1 (2). Suppose 6 was before 1 (3): its transaction came
 * before one that did not see its 5. So 1 was before 6 (4): and then its transaction came before
 * the last one, which did not see it. */
static void make_dispute(struct dispute *out)
{
    *out = (struct dispute){
        .steps = {step_of(STEP_WR, 0, 3, 1), step_of(STEP_WR, 0, 2, 0), step_of(STEP_WW, 1, 2, 1),
                  step_of(STEP_RW, 2, 1, 0), step_of(STEP_WW, 2, 1, 1), step_of(STEP_WR, 1, 3, 0),
                  step_of(STEP_RW, 3, 2, 1)},
        .lemmas = {{.from = 0, .to = 1, .key = 0, .via = 3, .first = 0, .count = 1},
                   {.from = 0, .to = 2, .key = 1, .via = 2, .first = 1, .count = 1},
                   {.from = 1, .to = 2, .key = 1, .kind = LEMMA_SUPPOSED},
                   {.from = 2,
                    .to = 1,
                    .key = 1,
                    .first = 2,
                    .count = 2,
                    .ends = 3,
                    .kind = LEMMA_CONTRARY}}};
    out->steps[2].lemma = 2;
    out->steps[3].lemma = 0;
    out->steps[4].lemma = 3;
    out->steps[6].lemma = 1;
    out->evidence = cycle_of(out->steps, 7);
    out->evidence.cycle = 4;
    out->evidence.lemmas = out->lemmas;
    out->evidence.lemma_count = 4;
}

Test(evidence, goes_through_cases_and_rests_on_none_of_them)
{
    struct txn_bench bench;
    struct dispute dispute;
    txn_bench_open(&bench, disputed);
    make_dispute(&dispute);
    cr_expect(evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    cr_expect(evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &dispute.evidence));
    cr_expect(!evidence_verify(&bench.txns, LEVEL_READ_COMMITTED, &dispute.evidence));
    cr_expect(!evidence_verify_anomaly(&bench.txns, &dispute.evidence), "no anomaly has cases");
    dispute.lemmas[3].ends = CASE_NONE;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "the contrary of nothing");
    make_dispute(&dispute);
    dispute.lemmas[3].within = 3;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "the contrary is not of the case");
    make_dispute(&dispute);
    dispute.steps[4] = dispute.steps[2];
    dispute.steps[5] = dispute.steps[3];
    dispute.evidence.step_count = 6;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "only the case cannot be");
    make_dispute(&dispute);
    dispute.lemmas[3].from = 1;
    dispute.lemmas[3].to = 2;
    dispute.steps[4] = dispute.steps[2];
    dispute.steps[4].lemma = 3;
    dispute.steps[5] = dispute.steps[3];
    dispute.evidence.step_count = 6;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "not the contrary, but what cannot be");
    make_dispute(&dispute);
    dispute.lemmas[2].count = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "a supposition rests on nothing");
    make_dispute(&dispute);
    dispute.steps[3] = dispute.steps[4];
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence),
              "a contrary that rests on itself");
    txn_bench_close(&bench);
}

/* 1 saw what 0 wrote to x, and did not write x itself: so nothing of 1 came after it. */
Test(evidence, of_an_order_of_versions_is_about_those_who_wrote_the_key)
{
    struct txn_bench bench;
    txn_bench_open(&bench, "0 invoke txn [[:w :x 1]]\n"
                           "0 ok txn [[:w :x 1]]\n"
                           "1 invoke txn [[:r :x nil] [:w :y 1]]\n"
                           "1 ok txn [[:r :x 1] [:w :y 1]]\n"
                           "2 invoke txn [[:r :x nil] [:r :y nil]]\n"
                           "2 ok txn [[:r :x 1] [:r :y 1]]\n");
    struct lemma lemma = {.from = 0, .to = 1, .key = 0, .via = 1, .first = 0, .count = 1};
    struct step steps[] = {step_of(STEP_WR, 0, 1, 0), step_of(STEP_WR, 1, 2, 1),
                           step_of(STEP_RW, 2, 1, 0)};
    struct evidence evidence = cycle_of(steps, 3);
    steps[2].lemma = 0;
    evidence.cycle = 1;
    evidence.lemmas = &lemma;
    evidence.lemma_count = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &evidence));
    txn_bench_close(&bench);
}

/* What is said of a case that no supposition begins, even where nothing rests on it. */
Test(evidence, has_no_cases_that_nobody_supposed)
{
    struct txn_bench bench;
    struct dispute dispute;
    struct lemma lemmas[5];
    txn_bench_open(&bench, disputed);
    make_dispute(&dispute);
    memcpy(lemmas, dispute.lemmas, sizeof dispute.lemmas);
    lemmas[4] = lemmas[1];
    dispute.evidence.lemmas = lemmas;
    dispute.evidence.lemma_count = 5;
    cr_expect(evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    lemmas[4].within = 3;
    cr_expect(evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    lemmas[4].within = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    txn_bench_close(&bench);
}

/* Where time counts, one transaction of a session comes before another only if it was over. */
Test(evidence, of_times_takes_no_step_of_a_session_that_overlaps_in_time)
{
    struct txn_bench bench;
    txn_bench_open(&bench, "0 invoke txn [[:append :x 1]]\n"
                           "0 ok txn [[:append :x 1]]\n"
                           "0 invoke txn [[:append :x 2]]\n"
                           "0 ok txn [[:append :x 2]]\n"
                           "1 invoke txn [[:r :x nil]]\n"
                           "1 ok txn [[:r :x [2 1]]]\n");
    struct step steps[] = {step_of(STEP_SESSION, 0, 1, 0), step_of(STEP_WW, 1, 0, 0)};
    struct evidence evidence = cycle_of(steps, 2);
    cr_expect(evidence_verify(&bench.txns, LEVEL_SESSION_READ_UNCOMMITTED, &evidence));
    cr_expect(evidence_verify(&bench.txns, LEVEL_STRONG_READ_UNCOMMITTED, &evidence));
    /* As in a history that was recorded without times, or with clocks that do not agree. */
    bench.copy.ops[0].complete = bench.copy.ops[1].complete;
    cr_expect(evidence_verify(&bench.txns, LEVEL_SESSION_READ_UNCOMMITTED, &evidence));
    cr_expect(!evidence_verify(&bench.txns, LEVEL_STRONG_READ_UNCOMMITTED, &evidence));
    txn_bench_close(&bench);
}

/* The two that wrote z in some order also wrote w, maybe in another one. */
Test(evidence, of_a_case_of_one_key_tells_nothing_of_another_key)
{
    struct txn_bench bench;
    struct dispute dispute;
    txn_bench_open(&bench, "0 invoke txn [[:w :x 2] [:w :z 4]]\n"
                           "1 invoke txn [[:w :x 5] [:w :z 6] [:w :w 7]]\n"
                           "2 invoke txn [[:w :z 1] [:r :x nil] [:w :w 8]]\n"
                           "3 invoke txn [[:r :x nil] [:r :z nil]]\n"
                           "0 ok txn [[:w :x 2] [:w :z 4]]\n"
                           "1 ok txn [[:w :x 5] [:w :z 6] [:w :w 7]]\n"
                           "2 ok txn [[:w :z 1] [:r :x 2] [:w :w 8]]\n"
                           "3 ok txn [[:r :x 5] [:r :z 4]]\n");
    make_dispute(&dispute);
    cr_expect(evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    dispute.lemmas[3].key = dispute.steps[4].key = 2;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    txn_bench_close(&bench);
}

/* That 2's 1 came after 4, which the last one read, says nothing of 1's 6. */
Test(evidence, of_who_overwrote_what_was_read_rests_on_a_lemma_about_that_one)
{
    struct txn_bench bench;
    struct dispute dispute;
    txn_bench_open(&bench, disputed);
    make_dispute(&dispute);
    dispute.evidence.cycle = 5;
    dispute.steps[6].to = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_SERIALIZABLE, &dispute.evidence));
    txn_bench_close(&bench);
}

Test(evidence, of_a_case_within_another_is_not_so_outside)
{
    struct txn_bench bench;
    struct dispute dispute;
    struct lemma lemmas[4];
    txn_bench_open(&bench, disputed);
    make_dispute(&dispute);
    /* In case 3, whatever else is supposed cannot be, and so the contrary of (1) is so. */
    memcpy(lemmas, dispute.lemmas, sizeof lemmas);
    struct lemma within[] = {lemmas[0],
                             lemmas[1],
                             lemmas[2],
                             {.from = 0, .to = 1, .key = 0, .within = 3, .kind = LEMMA_SUPPOSED},
                             {.from = 1,
                              .to = 0,
                              .key = 0,
                              .first = 2,
                              .count = 2,
                              .within = 3,
                              .ends = 4,
                              .kind = LEMMA_CONTRARY}};
    dispute.steps[4] = (struct step){0, 1, 0, 0, STEP_WW};
    dispute.steps[5] = (struct step){1, 0, 0, 4, STEP_WW};
    dispute.evidence.step_count = 6;
    dispute.evidence.lemmas = within;
    dispute.evidence.lemma_count = 5;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    within[4].within = CASE_NONE;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_CONSISTENT_VIEW, &dispute.evidence));
    txn_bench_close(&bench);
}

Test(evidence, rests_on_promises_only_where_they_were_given)
{
    struct txn_bench bench;
    struct evidence_judge judge;
    txn_bench_open(&bench, "0 invoke txn [[:w :x 1]]\n"
                           "0 ok txn [[:w :x 1]]\n"
                           "1 invoke txn [[:w :x 2] [:w :y 1]]\n"
                           "2 invoke txn [[:r :x nil] [:r :y nil]]\n"
                           "2 ok txn [[:r :x 1] [:r :y 1]]\n"
                           "1 ok txn [[:w :x 2] [:w :y 1]]\n");
    struct step steps[] = {step_of(STEP_WR, 1, 2, 1), step_of(STEP_RW, 2, 1, 0)};
    struct evidence evidence = cycle_of(steps, 2);
    evidence_judge_init(&judge, &bench.txns, &bench.budget);
    cr_expect(!evidence_judge_accepts(&judge, LEVEL_SERIALIZABLE, &evidence));
    judge.promises = INFER_SEQUENTIAL;
    cr_expect(!evidence_judge_accepts(&judge, LEVEL_SERIALIZABLE, &evidence), "two sessions");
    judge.promises = INFER_LINEARIZABLE;
    cr_expect(evidence_judge_accepts(&judge, LEVEL_SERIALIZABLE, &evidence), "1 was over before 2");
    cr_expect(!evidence_judge_accepts(&judge, LEVEL_READ_COMMITTED, &evidence), "it allows RW");
    evidence_judge_fini(&judge);
    txn_bench_close(&bench);
}

Test(evidence, of_one_read_is_looked_up)
{
    struct txn_bench bench;
    txn_bench_open(&bench, "0 invoke txn [[:append :x 1]]\n"
                           "0 fail txn [[:append :x 1]]\n"
                           "1 invoke txn [[:r :x nil]]\n"
                           "1 ok txn [[:r :x [1]]]\n");
    struct evidence evidence = {.kind = EVIDENCE_MICROS,
                                .anomaly = ANOMALY_G1A,
                                .txns = {1, 0, TXN_NONE},
                                .micros = {1, 0, 0}};
    cr_expect(evidence_verify(&bench.txns, LEVEL_READ_COMMITTED, &evidence));
    cr_expect(!evidence_verify(&bench.txns, LEVEL_READ_UNCOMMITTED, &evidence));
    evidence.txns[1] = 1;
    cr_expect(!evidence_verify(&bench.txns, LEVEL_READ_COMMITTED, &evidence), "it did not fail");
    txn_bench_close(&bench);
}

/* --- in words --- */

static void expect_words(const struct transactions *all, const struct evidence *evidence,
                         const char *const *parts)
{
    struct strbuf words = STRBUF_INIT;
    evidence_put_words(&words, all, evidence);
    for (; *parts; parts++)
        expect_contains(words.text, *parts);
    strbuf_fini(&words);
}

Test(evidence, is_told_step_by_step)
{
    struct txn_bench bench;
    struct step steps[] = {step_of(STEP_RW, 0, 1, 0), step_of(STEP_RW, 1, 0, 1)};
    struct evidence evidence = cycle_of(steps, 2);
    txn_bench_open(&bench, write_skew);
    evidence.anomaly = ANOMALY_G2_ITEM;
    expect_words(
        &bench.txns, &evidence,
        (const char *const[]){"G2-item", "T1 = [r :x []] [append :y 1]\n",
                              "process 0, event 0 to 2, 0.000000 s to 2.000000 s",
                              "T1 did not see 2 in key :x, which T2 appended: T1 before T2",
                              "T2 did not see 1 in key :y, which T1 appended: T2 before T1",
                              "So T1 would come before itself", NULL});
    txn_bench_close(&bench);
}

Test(evidence, tells_lemmas_before_what_rests_on_them)
{
    struct txn_bench bench;
    struct step steps[4];
    struct lemma lemma;
    struct evidence evidence;
    txn_bench_open(&bench, forgotten);
    make_forgotten(steps, &lemma, &evidence);
    expect_words(
        &bench.txns, &evidence,
        (const char *const[]){"(1) T4 read key :x from T1, and T2, which wrote it too, came "
                              "before T4:",
                              "T2 wrote 2 to key :x, and T3 saw it", "process 1 did T3 and then T4",
                              "So T2 wrote key :x before T1 did", "process 0 did T1 and then T2",
                              "T2 wrote 2 to key :x before T1 did, by (1)", NULL});
    txn_bench_close(&bench);
}

Test(evidence, tells_cases_with_what_ends_them)
{
    struct txn_bench bench;
    struct dispute dispute;
    struct strbuf json = STRBUF_INIT, dot = STRBUF_INIT, svg = STRBUF_INIT;
    txn_bench_open(&bench, disputed);
    make_dispute(&dispute);
    expect_words(&bench.txns, &dispute.evidence,
                 (const char *const[]){"(3) Case 3: suppose that T2 wrote key :z before T1 did.",
                                       "(4) Case 3 cannot be, as somebody would come before itself",
                                       "T2 wrote 6 to key :z before T1 did, by (3)",
                                       "So T1 wrote key :z before T2 did", NULL});
    evidence_put_json(&json, &bench.txns, &dispute.evidence);
    evidence_put_dot(&dot, &bench.txns, &dispute.evidence);
    evidence_put_svg(&svg, &bench.txns, &dispute.evidence);
    cr_assert(strbuf_ok(&json) && strbuf_ok(&dot) && strbuf_ok(&svg));
    expect_contains(json.text, "{\"number\":3,\"kind\":\"supposed\",\"from\":\"T2\",\"to\":\"T1\"");
    expect_contains(json.text, "\"kind\":\"contrary\",\"from\":\"T1\",\"to\":\"T2\"");
    expect_contains(json.text, "\"ends\":3,\"premise\":[");
    expect_contains(dot.text, "T2 -> T1 [label=\"ww :z (3), case 3\"");
    expect_contains(dot.text, "style=dotted");
    expect_contains(svg.text, ">such a case was supposed, and cannot be: dotted arrows</text>");
    strbuf_fini(&json);
    strbuf_fini(&dot);
    strbuf_fini(&svg);
    txn_bench_close(&bench);
}

Test(evidence, abbreviates_long_lists)
{
    struct txn_bench bench;
    txn_bench_open(&bench, "0 invoke txn [[:r :x nil]]\n"
                           "0 ok txn [[:r :x [1 2 3 4 5 6 7 8 9 10 11 12 1]]]\n");
    struct evidence evidence = {.kind = EVIDENCE_MICROS,
                                .anomaly = ANOMALY_DUPLICATE_ELEMENTS,
                                .txns = {0, TXN_NONE, TXN_NONE}};
    expect_words(&bench.txns, &evidence,
                 (const char *const[]){
                     "[r :x [1 2 3 .. 7 elements .. 11 12 1]] has an element twice", NULL});
    txn_bench_close(&bench);
}

/* --- in one line --- */

Test(evidence, of_a_cycle_a_line_says_at_which_events_it_is)
{
    struct txn_bench bench;
    struct step steps[4];
    struct lemma lemma;
    struct evidence evidence;
    struct strbuf line = STRBUF_INIT;
    txn_bench_open(&bench, forgotten);
    make_forgotten(steps, &lemma, &evidence);
    evidence_put_sentence(&line, &bench.txns, &evidence);
    cr_assert(strbuf_ok(&line));
    cr_expect_str_eq(line.text,
                     "the transactions at events 0 and 2 would each come before the other");
    strbuf_fini(&line);
    txn_bench_close(&bench);
}

/* --- for programs --- */

Test(evidence, is_a_document_a_graph_and_a_picture)
{
    struct txn_bench bench;
    struct step steps[4];
    struct lemma lemma;
    struct evidence evidence;
    struct strbuf json = STRBUF_INIT, dot = STRBUF_INIT, svg = STRBUF_INIT;
    txn_bench_open(&bench, forgotten);
    make_forgotten(steps, &lemma, &evidence);
    evidence_put_json(&json, &bench.txns, &evidence);
    evidence_put_dot(&dot, &bench.txns, &evidence);
    evidence_put_svg(&svg, &bench.txns, &evidence);
    cr_assert(strbuf_ok(&json) && strbuf_ok(&dot) && strbuf_ok(&svg));
    expect_contains(json.text, "\"from\":\"T2\",\"to\":\"T1\",\"kind\":\"ww\"");
    expect_contains(json.text, "\"premise\":[{\"from\":\"T2\",\"to\":\"T3\"");
    expect_contains(dot.text, "T2 -> T1 [label=\"ww :x (1)\"");
    expect_contains(dot.text, "T2 -> T3 [label=\"wr :x\" color=\"#1d4ed8\"");
    expect_contains(svg.text, "<svg xmlns");
    expect_contains(svg.text, ">[w :x 1]</text>");
    expect_contains(svg.text, ">ww :x (1)</text>");
    expect_contains(svg.text, ">A to B: B wrote the key after A did</text>");
    expect_contains(svg.text, ">such a number: this follows from the dashed arrows</text>");
    cr_expect(!strstr(svg.text, "A did not see what B wrote"), "a legend of what is not there");
    strbuf_fini(&json);
    strbuf_fini(&dot);
    strbuf_fini(&svg);
    txn_bench_close(&bench);
}

Test(evidence, a_text_too_long_for_a_box_ends_in_two_dots)
{
    static const char text[] =
        "0 invoke txn [[:w :abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1] [:r :y 2]]\n"
        "1 invoke txn [[:w :y 2] [:r :abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1]]\n"
        "0 ok txn [[:w :abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1] [:r :y 2]]\n"
        "1 ok txn [[:w :y 2] [:r :abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1]]\n";
    struct txn_bench bench;
    struct strbuf svg = STRBUF_INIT;
    txn_bench_open(&bench, text);
    struct step steps[] = {step_of(STEP_WR, 0, 1, bench.txns.micros[0].key),
                           step_of(STEP_WR, 1, 0, bench.txns.micros[1].key)};
    struct evidence evidence = cycle_of(steps, 2);
    evidence_put_svg(&svg, &bench.txns, &evidence);
    cr_assert(strbuf_ok(&svg));
    expect_contains(svg.text, ">[w :abcdefghijklmnopqrstuvwxyzabcdefghijklmn..</text>");
    strbuf_fini(&svg);
    txn_bench_close(&bench);
}

/* A ring of writers and readers, as large as wanted; written to a file where FAULTLINE_PICTURES
 * says so, to be looked at. */
static void draw_ring(int count)
{
    struct strbuf text = STRBUF_INIT, svg = STRBUF_INIT;
    struct step steps[16];
    struct txn_bench bench;
    for (int i = 0; i < count; i++) {
        int before = (i + count - 1) % count;
        strbuf_printf(&text, "%d invoke txn [[:w :k%d %d]]\n", i, i, i);
        strbuf_printf(&text, "%d ok txn [[:w :k%d %d] [:r :k%d %d] [:r :other nil]]\n", i, i, i,
                      before, before);
    }
    txn_bench_open(&bench, text.text);
    for (int i = 0; i < count; i++) {
        uint32_t key = bench.txns.micros[bench.txns.txns[i].micros].key;
        steps[i] = step_of(STEP_WR, (uint32_t)i, (uint32_t)((i + 1) % count), key);
    }
    struct evidence evidence = cycle_of(steps, (uint32_t)count);
    cr_expect(evidence_verify(&bench.txns, LEVEL_READ_COMMITTED, &evidence));
    evidence_put_svg(&svg, &bench.txns, &evidence);
    cr_assert(strbuf_ok(&svg));
    const char *folder = getenv("FAULTLINE_PICTURES");
    if (folder) {
        char path[512];
        snprintf(path, sizeof path, "%s/ring-%d.svg", folder, count);
        FILE *file = fopen(path, "w");
        cr_assert(file && fputs(svg.text, file) >= 0 && fclose(file) == 0, "%s", path);
    }
    int boxes = 0;
    for (const char *at = svg.text; (at = strstr(at, "font-weight=\"bold\">T")); at++)
        boxes++;
    cr_expect_eq(boxes, count);
    strbuf_fini(&svg);
    strbuf_fini(&text);
    txn_bench_close(&bench);
}

Test(evidence, draws_rings_of_two_to_eight)
{
    for (int count = 2; count <= 8; count++)
        draw_ring(count);
}
