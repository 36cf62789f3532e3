/* Who wrote a key, of each session the last: asked again and again over the same sessions. */
#include "transactions/key_writers.h"

#include "unit/transactions_support.h"

struct writers_bench {
    struct txn_bench txns;
    struct committed done;
    struct session_clocks clocks;
    struct key_writers writers;
};

/* Two sessions write a key, and a third one, at the last place, has seen both. */
static void writers_open(struct writers_bench *b)
{
    txn_bench_open(&b->txns, "0 invoke txn [[:w :x 1] [:w :y 1]]\n0 ok txn [[:w :x 1] [:w :y 1]]\n"
                             "1 invoke txn [[:w :x 2] [:w :z 2]]\n1 ok txn [[:w :x 2] [:w :z 2]]\n"
                             "2 invoke txn nil\n2 ok txn [[:r :y 1] [:r :z 2]]\n");
    struct budget *budget = &b->txns.budget;
    cr_assert_eq(committed_build(&b->txns.txns, false, budget, &b->done), 0);
    cr_assert_eq(session_clocks_init(&b->clocks, &b->done, 0, budget), 0);
    cr_assert_eq(key_writers_init(&b->writers, &b->done, budget), 0);
    session_clocks_begin(&b->clocks, 0);
}

static void writers_close(struct writers_bench *b)
{
    key_writers_fini(&b->writers);
    session_clocks_fini(&b->clocks);
    committed_fini(&b->done);
    txn_bench_close(&b->txns);
}

/* Goes to the last place, and returns the clock of what is before it. */
static const int32_t *go_to_the_last(struct writers_bench *b)
{
    for (uint32_t place = 0; place + 1 < b->done.count; place++) {
        session_clocks_enter(&b->clocks, place);
        session_clocks_leave(&b->clocks, place);
        key_writers_pass(&b->writers, place);
    }
    return session_clocks_enter(&b->clocks, b->done.count - 1);
}

static uint32_t count_visible(struct writers_bench *b, const int32_t *clock)
{
    struct visible_writers search = {
        .writers = &b->writers, .clocks = &b->clocks, .clock = clock, .key = 0};
    uint32_t count = 0;
    int rc = 0;
    visible_writers_begin(&search);
    while (visible_writers_next(&search, &rc) != PLACE_NONE)
        count++;
    cr_expect_eq(rc, 0);
    return count;
}

Test(key_writers, of_each_session_are_found_by_every_question_also_after_as_many_as_have_numbers)
{
    struct writers_bench b;
    writers_open(&b);
    const int32_t *clock = go_to_the_last(&b);
    cr_expect_eq(count_visible(&b, clock), 2);
    b.writers.question = UINT32_MAX - 1; /* as if so many had been asked */
    for (int i = 0; i < 4; i++)
        cr_expect_eq(count_visible(&b, clock), 2, "question %d about the last number", i);
    writers_close(&b);
}

/* The marks of sessions that no question found lately are as old as they can be. */
Test(key_writers, are_found_whatever_their_marks_were_before_numbers_began_anew)
{
    struct writers_bench b;
    writers_open(&b);
    const int32_t *clock = go_to_the_last(&b);
    for (uint32_t mark = 0; mark < 3; mark++) {
        for (uint32_t i = 0; i < b.writers.stamp_count; i++)
            b.writers.stamps[i] = mark;
        b.writers.question = UINT32_MAX;
        cr_expect_eq(count_visible(&b, clock), 2, "marked by question %u", mark);
        cr_expect_eq(count_visible(&b, clock), 2, "marked by question %u", mark);
    }
    writers_close(&b);
}
