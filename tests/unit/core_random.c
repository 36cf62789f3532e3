#include "core/random.h"

#include <criterion/criterion.h>

/* The reference implementation's first outputs from the state {1, 2, 3, 4}. */
Test(random, is_xoshiro256_starstar)
{
    static const uint64_t expected[] = {UINT64_C(11520),
                                        UINT64_C(0),
                                        UINT64_C(1509978240),
                                        UINT64_C(1215971899390074240),
                                        UINT64_C(1216172134540287360),
                                        UINT64_C(607988272756665600),
                                        UINT64_C(16172922978634559625),
                                        UINT64_C(8476171486693032832),
                                        UINT64_C(10595114339597558777),
                                        UINT64_C(2904607092377533576)};
    struct random random = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        cr_assert_eq(random_u64(&random), expected[i], "output %zu", i);
}

/* Every stored seed depends on these numbers: they may never change. */
Test(random, a_seed_means_the_same_for_ever)
{
    static const struct {
        uint64_t seed;
        enum random_stream stream;
        uint64_t index, first;
    } pinned[] = {
        {42, RANDOM_SCHEDULE, 0, UINT64_C(14521572776820312757)},
        {42, RANDOM_WORKLOAD, 0, UINT64_C(13690241449161951195)},
        {42, RANDOM_WORKLOAD, 1, UINT64_C(4640515020065519376)},
        {42, RANDOM_NEMESIS, 0, UINT64_C(15171856160638686117)},
        {42, RANDOM_NEMESIS_TARGET, 7, UINT64_C(1111029714251383819)},
        {0, RANDOM_TEST, 0, UINT64_C(7469731531047508571)},
    };
    for (size_t i = 0; i < sizeof pinned / sizeof pinned[0]; i++) {
        struct random random;
        random_init(&random, pinned[i].seed, pinned[i].stream, pinned[i].index);
        cr_assert_eq(random_u64(&random), pinned[i].first, "row %zu", i);
    }
}

Test(random, streams_and_indexes_differ_from_the_first_draw)
{
    uint64_t first[5 * 40];
    size_t count = 0;
    for (int stream = RANDOM_SCHEDULE; stream <= RANDOM_TEST; stream++)
        for (uint64_t index = 0; index < 40; index++) {
            struct random random;
            random_init(&random, 1, (enum random_stream)stream, index);
            first[count] = random_u64(&random);
            for (size_t i = 0; i < count; i++)
                cr_assert_neq(first[i], first[count]);
            count++;
        }
}

Test(random, below_is_uniform_and_in_range)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 0);
    size_t found[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint64_t drawn = random_below(&random, 7);
        cr_assert_lt(drawn, 7);
        found[drawn]++;
    }
    for (int i = 0; i < 7; i++)
        cr_assert_float_eq((double)found[i], 10000, 500);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(random_below(&random, 1), 0);
    /* Three quarters of 2^64: a biased method would give the lower third twice as often. */
    uint64_t bound = UINT64_C(3) << 62;
    size_t low = 0;
    for (int i = 0; i < 30000; i++)
        low += random_below(&random, bound) < bound / 3;
    cr_assert_float_eq((double)low, 10000, 500);
}

Test(random, between_reaches_both_ends_of_any_range)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 1);
    size_t found[5] = {0};
    for (int i = 0; i < 1000; i++) {
        int64_t drawn = random_between(&random, -2, 2);
        cr_assert(drawn >= -2 && drawn <= 2);
        found[drawn + 2]++;
    }
    for (int i = 0; i < 5; i++)
        cr_assert_gt(found[i], 100);
    cr_assert_eq(random_between(&random, INT64_MIN, INT64_MIN), INT64_MIN);
    size_t negative = 0;
    for (int i = 0; i < 1000; i++)
        negative += random_between(&random, INT64_MIN, INT64_MAX) < 0;
    cr_assert_float_eq((double)negative, 500, 120);
}

Test(random, unit_stays_below_one)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 2);
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double drawn = random_unit(&random);
        cr_assert(drawn >= 0 && drawn < 1);
        sum += drawn;
    }
    cr_assert_float_eq(sum, 5000, 150);
    struct random all_ones = {{0, UINT64_MAX, 0, 0}}; /* whatever the draw, never 1 */
    cr_assert_lt(random_unit(&all_ones), 1);
}

Test(random, shuffle_gives_every_order_equally_often)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 3);
    size_t found[27] = {0};
    for (int i = 0; i < 6000; i++) {
        uint32_t items[3] = {9, 9, 9};
        random_shuffle(&random, items, 3);
        cr_assert_eq(items[0] + items[1] + items[2], 3);
        cr_assert_eq(items[0] * items[0] + items[1] * items[1] + items[2] * items[2], 5);
        found[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    size_t orders = 0;
    for (int i = 0; i < 27; i++) {
        orders += found[i] > 0;
        cr_assert(found[i] == 0 || (found[i] > 850 && found[i] < 1150));
    }
    cr_assert_eq(orders, 6);
    random_shuffle(&random, NULL, 0);
}
