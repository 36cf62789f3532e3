/* Columns of times: whatever goes in comes out, in few bytes. */
#include "core/time_column.h"

#include "core/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect_same_by(bool asks_usual, const int64_t *times, uint32_t count)
{
    struct time_column column = TIME_COLUMN_INIT;
    for (uint32_t i = 0; i < count; i++) /* the one adds what the other declines */
        cr_assert((asks_usual && time_column_add_usual(&column, times[i])) ||
                  time_column_add(&column, times[i]) == 0);
    void *memory = malloc(time_column_packed_size(&column) + 1);
    struct time_column packed = time_column_pack(&column, memory);
    time_column_fini(&column);
    struct time_cursor cursor = time_cursor_begin(&packed);
    for (uint32_t i = 0; i < count; i++) {
        cr_assert_eq(time_cursor_next(&cursor), times[i]);
        cr_assert_eq(time_column_get(&packed, i), times[i]);
    }
    free(memory);
}

static void expect_same(const int64_t *times, uint32_t count)
{
    expect_same_by(false, times, count);
    expect_same_by(true, times, count);
}

Test(time_column, holds_any_times_in_any_order)
{
    static const int64_t odd[] = {-1, 0, INT64_MAX, INT64_MIN, -1, INT64_MAX, 5, 4, -2, INT64_MIN};
    expect_same(odd, sizeof odd / sizeof odd[0]);
    expect_same(odd, 0);
    expect_same(odd + 2, 4);
}

Test(time_column, random_columns_come_back_as_they_were)
{
    enum { COUNT = 400 };
    struct random random;
    random_init(&random, 1, RANDOM_TEST, 1);
    for (int round = 0; round < 500; round++) {
        int64_t times[COUNT], now = 0;
        uint32_t count = (uint32_t)random_below(&random, COUNT);
        uint64_t untimed = random_below(&random, 100), scale = random_below(&random, 64);
        for (uint32_t i = 0; i < count; i++) {
            now = (int64_t)(((uint64_t)now + (random_u64(&random) >> scale)) & INT64_MAX);
            times[i] = i < untimed || random_below(&random, 20) == 0 ? -1 : now;
        }
        expect_same(times, count);
    }
}

Test(time_column, takes_nothing_without_times_and_few_bytes_with_them)
{
    struct time_column column = TIME_COLUMN_INIT;
    for (int i = 0; i < 1000; i++)
        time_column_add(&column, -1);
    cr_expect_eq(time_column_packed_size(&column), 0);
    time_column_reset(&column);
    for (int i = 0; i < 1000; i++)
        time_column_add(&column, INT64_C(1000000000) + i * 7000);
    cr_expect_leq(time_column_packed_size(&column), 2300);
    time_column_fini(&column);
}
