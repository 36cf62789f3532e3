/* What sessions see of lists, element by element, in small stories: which levels hold, and how it
 * is told why others do not. */
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "isolation/level_check.h"
#include "unit/transactions_support.h"

#include <string.h>

struct list_story {
    struct txn_bench bench;
    struct arena arena;
    struct level_answer answer;
};

static void ask(struct list_story *story, const char *text, enum level level)
{
    struct anomalies anomalies = {.settled = UINT32_MAX};
    struct errbuf err = ERRBUF_INIT;
    txn_bench_open(&story->bench, text);
    arena_init(&story->arena, 0);
    struct level_question question = {.all = &story->bench.txns,
                                      .anomalies = &anomalies,
                                      .budget = story->bench.txns.budget,
                                      .arena = &story->arena};
    cr_assert_eq(decider_causal.decide(&question, level, &story->answer, &err), 0);
}

static void close_story(struct list_story *story)
{
    arena_fini(&story->arena);
    txn_bench_close(&story->bench);
}

static void expect_held(const char *text, level_set held)
{
    for (enum level level = 0; level < LEVEL_COUNT; level++) {
        struct list_story story;
        if (!(decider_causal.levels & level_bit(level)))
            continue;
        ask(&story, text, level);
        bool holds = held & level_bit(level);
        cr_expect_eq(story.answer.verdict, holds ? VERDICT_VALID : VERDICT_INVALID, "%s: %d",
                     level_row(level)->name, story.answer.verdict);
        cr_expect(holds || evidence_verify(&story.bench.txns, level, &story.answer.evidence), "%s",
                  level_row(level)->name);
        close_story(&story);
    }
}

static void expect_words(const char *text, enum level level, const char *words)
{
    struct list_story story;
    struct strbuf out = STRBUF_INIT;
    ask(&story, text, level);
    evidence_put_words(&out, &story.bench.txns, &story.answer.evidence);
    const char *then = out.text ? strstr(out.text, "Then\n") : NULL;
    cr_expect_str_eq(then ? then : "", words, "%s", out.text);
    strbuf_fini(&out);
    close_story(&story);
}

/* A session appended 2, then 1; somebody saw 1 before 2. */
static const char *const turned_round = "0 invoke txn [[:append :x 2]]\n"
                                        "0 ok txn [[:append :x 2]]\n"
                                        "0 invoke txn [[:append :x 1]]\n"
                                        "0 ok txn [[:append :x 1]]\n"
                                        "1 invoke txn [[:r :x nil]]\n"
                                        "1 ok txn [[:r :x [1 2]]]\n";

Test(list_views, elements_out_of_the_order_of_their_session_refute_what_keeps_it)
{
    expect_held(turned_round, level_bit(LEVEL_READ_YOUR_WRITES) | level_bit(LEVEL_MONOTONIC_READS) |
                                  level_bit(LEVEL_WRITES_FOLLOW_READS));
    expect_words(turned_round, LEVEL_MONOTONIC_WRITES,
                 "Then\n"
                 "  (1) T3 saw 1 of T1 before 2 of T2 in key :x:\n"
                 "      T1 appended 1 to key :x, and T3 saw it: T1 before T3.\n"
                 "      So T1 wrote key :x before T2 did.\n"
                 "  - T1 appended 1 to key :x before T2 did, by (1): T1 before T2.\n"
                 "  - process 0 did T2 and then T1: T2 before T1.\n"
                 "So T1 would come before itself.\n");
}

/* The list has an element of a transaction in its middle, of which nothing else was seen. */
static const char *const half_seen = "0 invoke txn [[:append :x 1] [:append :y 2]]\n"
                                     "0 ok txn [[:append :x 1] [:append :y 2]]\n"
                                     "1 invoke txn [[:append :x 3]]\n"
                                     "1 ok txn [[:append :x 3]]\n"
                                     "2 invoke txn [[:r :x nil] [:r :y nil]]\n"
                                     "2 ok txn [[:r :x [1 3]] [:r :y []]]\n";

Test(list_views, who_sees_an_element_amid_a_list_sees_all_of_its_transaction)
{
    expect_held(half_seen, 0);
    expect_words(half_seen, LEVEL_WEAK_CAUSAL,
                 "Then\n"
                 "  - T1 appended 1 to key :x, and T2 saw it: T1 before T2.\n"
                 "  - T2 did not see 2 in key :y, which T1 appended: T2 before T1.\n"
                 "So T1 would come before itself.\n");
}

/* Two lists contradict two sessions together; who reads one of them only is not wrong. */
static const char *const crossed = "0 invoke txn [[:append :x 1]]\n"
                                   "0 ok txn [[:append :x 1]]\n"
                                   "0 invoke txn [[:append :y 1]]\n"
                                   "0 ok txn [[:append :y 1]]\n"
                                   "1 invoke txn [[:append :y 2]]\n"
                                   "1 ok txn [[:append :y 2]]\n"
                                   "1 invoke txn [[:append :x 2]]\n"
                                   "1 ok txn [[:append :x 2]]\n"
                                   "2 invoke txn [[:r :x nil]]\n"
                                   "2 ok txn [[:r :x [2 1]]]\n"
                                   "3 invoke txn [[:r :y nil]]\n"
                                   "3 ok txn [[:r :y [1 2]]]\n";

Test(list_views, lists_that_nobody_read_both_of_contradict_nobody)
{
    struct list_story story;
    expect_held(crossed, decider_causal.levels);
    char together[1024];
    snprintf(together, sizeof together, "%s%s", crossed,
             "2 invoke txn [[:r :y nil]]\n2 ok txn [[:r :y [1 2]]]\n");
    ask(&story, together, LEVEL_WEAK_CAUSAL);
    cr_expect_eq(story.answer.verdict, VERDICT_VALID, "each transaction has a view of its own");
    close_story(&story);
    ask(&story, together, LEVEL_PRAM);
    cr_expect_eq(story.answer.verdict, VERDICT_INVALID, "a session has one");
    close_story(&story);
    snprintf(together, sizeof together, "%s%s", crossed,
             "4 invoke txn [[:r :x nil] [:r :y nil]]\n4 ok txn [[:r :x [2 1]] [:r :y [1 2]]]\n");
    ask(&story, together, LEVEL_WEAK_CAUSAL);
    cr_expect_eq(story.answer.verdict, VERDICT_INVALID, "here one transaction has");
    cr_expect_eq(story.answer.evidence.step_count - story.answer.evidence.cycle, 4);
    close_story(&story);
}

/* That somebody who read the list saw what the second transaction appended before what the first
 * one did, by whose session it came later. */
static bool is_believed(const char *text, enum level level, uint32_t via)
{
    struct txn_bench bench;
    struct step steps[] = {{.from = 1, .to = 2, .lemma = LEMMA_NONE, .kind = STEP_WR},
                           {.from = 1, .to = 0, .lemma = 0, .kind = STEP_WW},
                           {.from = 0, .to = 1, .lemma = LEMMA_NONE, .kind = STEP_SESSION}};
    struct lemma lemma = {.from = 1, .to = 0, .via = via, .count = 1};
    struct evidence evidence = {.kind = EVIDENCE_CYCLE,
                                .anomaly = ANOMALY_COUNT,
                                .steps = steps,
                                .step_count = 3,
                                .cycle = 1,
                                .lemmas = &lemma,
                                .lemma_count = 1};
    txn_bench_open(&bench, text);
    bool is_accepted = evidence_verify(&bench.txns, level, &evidence);
    txn_bench_close(&bench);
    return is_accepted;
}

static const char *const in_order = "0 invoke txn [[:append :x 1]]\n"
                                    "0 ok txn [[:append :x 1]]\n"
                                    "0 invoke txn [[:append :x 2]]\n"
                                    "0 ok txn [[:append :x 2]]\n"
                                    "1 invoke txn [[:r :x nil]]\n"
                                    "1 ok txn [[:r :x [1 2]]]\n";

Test(list_views, a_judge_does_not_believe_that_an_element_is_missing_that_is_there)
{
    struct txn_bench bench;
    struct step steps[] = {{.from = 2, .to = 0, .lemma = LEMMA_NONE, .kind = STEP_RW},
                           {.from = 0, .to = 2, .lemma = LEMMA_NONE, .kind = STEP_WR}};
    struct evidence evidence = {
        .kind = EVIDENCE_CYCLE, .anomaly = ANOMALY_COUNT, .steps = steps, .step_count = 2};
    txn_bench_open(&bench, in_order);
    for (enum level level = 0; level < LEVEL_COUNT; level++)
        cr_expect(!evidence_verify(&bench.txns, level, &evidence), "%s", level_row(level)->name);
    txn_bench_close(&bench);
}

Test(list_views, a_judge_believes_only_what_a_list_shows)
{
    cr_expect(is_believed(turned_round, LEVEL_PRAM, 2));
    cr_expect(is_believed(turned_round, LEVEL_WEAK_CAUSAL, 2));
    cr_expect(!is_believed(turned_round, LEVEL_READ_YOUR_WRITES, 2), "another's session");
    cr_expect(!is_believed(turned_round, LEVEL_PRAM, 0), "who did not read it");
    cr_expect(!is_believed(in_order, LEVEL_PRAM, 2));
    cr_expect(!is_believed(in_order, LEVEL_WEAK_CAUSAL, 2));
}
