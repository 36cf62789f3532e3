#include "core/clock.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

Test(clock, a_virtual_clock_moves_only_when_told_and_never_back)
{
    struct clock clock;
    clock_init_virtual(&clock);
    cr_assert_eq(clock_now_ns(&clock), 0);
    clock_advance_to(&clock, 5 * NS_PER_S);
    cr_assert_eq(clock_now_ns(&clock), 5 * NS_PER_S);
    clock_advance_to(&clock, 2 * NS_PER_S);
    cr_assert_eq(clock_now_ns(&clock), 5 * NS_PER_S);
}

Test(clock, a_real_clock_counts_from_its_origin)
{
    struct clock clock;
    clock_init_real(&clock);
    int64_t first_ns = clock_now_ns(&clock);
    cr_assert(first_ns >= 0 && first_ns < NS_PER_S);
    sleep_ns(20 * NS_PER_MS);
    int64_t second_ns = clock_now_ns(&clock);
    cr_assert_geq(second_ns - first_ns, 20 * NS_PER_MS);
    cr_assert_leq(second_ns - first_ns, 5 * NS_PER_S);
    cr_assert_float_eq((double)clock.wall_ns / 1e9, (double)time(NULL), 5);
    sleep_ns(0);
    sleep_ns(-NS_PER_S);
}

Test(clock, moments_are_written_as_iso_8601)
{
    struct clock clock;
    char text[CLOCK_ISO8601_SIZE];
    clock_init_virtual(&clock);
    clock_iso8601(&clock, 0, text);
    cr_assert_str_eq(text, "1970-01-01T00:00:00.000000Z");
    clock.wall_ns = INT64_C(1769903999) * NS_PER_S + 123456 * NS_PER_US;
    clock_iso8601(&clock, 0, text);
    cr_assert_str_eq(text, "2026-01-31T23:59:59.123456Z");
    clock_iso8601(&clock, NS_PER_S - 123456 * NS_PER_US + 999, text);
    cr_assert_str_eq(text, "2026-02-01T00:00:00.000000Z");
}
