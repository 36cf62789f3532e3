/* The schedule of faults on virtual time: a whole golden trace, and what holds for every seed. */
#include "nemesis/schedule.h"

#include "core/clock.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const three[] = {"partition", "kill", "pause"};

enum { CLIENTS = 2, NEMESIS = CLIENTS };

struct event {
    int64_t time_ns;
    const char *f;
    int64_t id;
};

/* Plays the nemesis: each operation takes `start_ns` or `stop_ns`. Whatever wakes later than `end`
 * is not seen any more. */
struct play {
    struct nemesis_schedule config;
    int64_t start_ns, stop_ns, end_ns;
    struct event events[400];
    size_t count;
};

static void play(struct play *play)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct generator *generator = nemesis_schedule_new(&arena, &play->config);
    cr_assert_not_null(generator);
    bool busy[CLIENTS + 1] = {true, true, false};
    int32_t process[CLIENTS + 1] = {0, 1, PROCESS_NEMESIS};
    struct generator_context context = {.first = NEMESIS,
                                        .last = NEMESIS + 1,
                                        .client_count = CLIENTS,
                                        .preferred = NEMESIS,
                                        .busy = busy,
                                        .process = process,
                                        .arena = &arena};
    while (context.now_ns < play->end_ns) {
        struct generator_step step;
        generator_step(generator, &context, &step);
        if (step.outcome == GENERATOR_WAIT) {
            cr_assert_gt(step.wake_ns, context.now_ns);
            context.now_ns = step.wake_ns;
            continue;
        }
        cr_assert_eq(step.outcome, GENERATOR_OP);
        cr_assert_eq(step.thread, NEMESIS);
        cr_assert_eq(step.op.process, PROCESS_NEMESIS);
        cr_assert_lt(play->count, sizeof play->events / sizeof play->events[0]);
        play->events[play->count++] =
            (struct event){context.now_ns, symbol_name(step.op.f), step.op.value.integer};
        generator_update(generator, &context, NEMESIS, &step.op);
        busy[NEMESIS] = true;
        struct generator_step during;
        generator_step(generator, &context, &during);
        cr_assert(during.outcome == GENERATOR_WAIT && during.wake_ns == INT64_MAX);
        busy[NEMESIS] = false;
        bool start = strncmp(symbol_name(step.op.f), "start-", 6) == 0;
        context.now_ns += start ? play->start_ns : play->stop_ns;
        step.op.type = OP_INFO;
        generator_update(generator, &context, NEMESIS, &step.op);
    }
    arena_fini(&arena);
}

static struct play a_minute(uint64_t seed)
{
    return (struct play){.config = {.seed = seed,
                                    .interval_ns = 5 * NS_PER_S,
                                    .duration_ns = 2500 * NS_PER_MS,
                                    .names = three,
                                    .count = 3},
                         .start_ns = 10 * NS_PER_MS,
                         .stop_ns = 20 * NS_PER_MS,
                         .end_ns = 60 * NS_PER_S};
}

Test(nemesis_schedule, gives_the_golden_trace_for_seed_42)
{
    static struct play golden;
    golden = a_minute(42);
    play(&golden);
    struct strbuf trace = STRBUF_INIT;
    for (size_t i = 0; i < golden.count; i++)
        strbuf_printf(&trace, "%7.3f %s %d\n", (double)golden.events[i].time_ns / 1e9,
                      golden.events[i].f, (int)golden.events[i].id);
    static char expected[8192];
    FILE *file = fopen(TESTS_DIR "/sim/nemesis_schedule.golden", "r");
    cr_assert_not_null(file);
    size_t length = fread(expected, 1, sizeof expected - 1, file);
    fclose(file);
    expected[length] = '\0';
    cr_expect_str_eq(trace.text, expected, "the trace is now:\n%s", trace.text);
    strbuf_fini(&trace);
}

Test(nemesis_schedule, a_minute_holds_three_of_each_of_three_faults)
{
    static struct play minute;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        minute = a_minute(seed);
        play(&minute);
        size_t starts = 0, by_fault[3] = {0};
        for (size_t i = 0; i < minute.count; i++)
            for (size_t f = 0; f < 3; f++)
                if (strncmp(minute.events[i].f, "start-", 6) == 0 &&
                    strcmp(minute.events[i].f + 6, three[f]) == 0) {
                    starts++;
                    by_fault[f]++;
                }
        cr_assert_geq(starts, 11);
        for (size_t f = 0; f < 3; f++)
            cr_assert_geq(by_fault[f], 3);
    }
}

Test(nemesis_schedule, a_fault_is_stopped_before_the_next_one_starts)
{
    static struct play minute;
    for (uint64_t seed = 0; seed < 300; seed++) {
        minute = a_minute(seed);
        play(&minute);
        for (size_t i = 0; i < minute.count; i++) {
            const char *verb = i % 2 ? "stop-" : "start-";
            cr_assert_eq(strncmp(minute.events[i].f, verb, strlen(verb)), 0);
            cr_assert_eq(minute.events[i].id, (int64_t)(i / 2));
            if (i % 2)
                cr_assert_str_eq(minute.events[i].f + 5, minute.events[i - 1].f + 6);
        }
    }
}

Test(nemesis_schedule, first_fault_comes_early_and_the_others_near_the_grid)
{
    static struct play minute;
    for (uint64_t seed = 0; seed < 300; seed++) {
        minute = a_minute(seed);
        play(&minute);
        for (size_t i = 0; i < minute.count; i += 2) {
            int64_t grid_ns = 2 * NS_PER_S + (int64_t)(i / 2) * 5 * NS_PER_S;
            cr_assert_leq(llabs(minute.events[i].time_ns - grid_ns), NS_PER_S);
        }
    }
}

Test(nemesis_schedule, a_fault_lasts_its_duration_from_when_it_was_in_place)
{
    static struct play minute;
    minute = a_minute(3);
    minute.start_ns = 700 * NS_PER_MS;
    play(&minute);
    for (size_t i = 0; i + 1 < minute.count; i += 2)
        cr_assert_eq(minute.events[i + 1].time_ns - minute.events[i].time_ns, 3200 * NS_PER_MS);
}

/* Healing that takes three intervals: the next fault waits for it, and then for a little calm. */
Test(nemesis_schedule, slow_healing_delays_the_next_fault)
{
    static struct play slow;
    slow = a_minute(3);
    slow.stop_ns = 15 * NS_PER_S;
    play(&slow);
    cr_assert_geq(slow.count, 6);
    for (size_t i = 1; i + 1 < slow.count; i += 2)
        cr_assert_eq(slow.events[i + 1].time_ns - slow.events[i].time_ns,
                     slow.stop_ns + 625 * NS_PER_MS);
}

Test(nemesis_schedule, every_round_deals_every_fault_once)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        for (size_t count = 1; count < 9; count++) {
            for (uint64_t round = 0; round < 5; round++) {
                unsigned dealt = 0;
                for (size_t i = 0; i < count; i++)
                    dealt |= 1u << nemesis_schedule_fault(seed, count, round * count + i);
                cr_assert_eq(dealt, (1u << count) - 1);
            }
        }
    }
}

Test(nemesis_schedule, rounds_are_dealt_in_different_orders)
{
    size_t same = 0;
    for (uint64_t round = 0; round < 600; round++) {
        bool equal = true;
        for (uint64_t i = 0; i < 3; i++)
            equal = equal &&
                    nemesis_schedule_fault(9, 3, i) == nemesis_schedule_fault(9, 3, 3 * round + i);
        same += equal;
    }
    cr_assert(same > 60 && same < 140, "one in six orders should be the first one: %zu", same);
}

Test(nemesis_schedule, same_seed_gives_the_same_and_another_seed_another)
{
    static struct play a, b, c;
    a = a_minute(11);
    b = a_minute(11);
    c = a_minute(12);
    play(&a);
    play(&b);
    play(&c);
    cr_assert_eq(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        cr_assert_eq(a.events[i].time_ns, b.events[i].time_ns);
        cr_assert_str_eq(a.events[i].f, b.events[i].f);
    }
    cr_assert_neq(a.events[0].time_ns, c.events[0].time_ns);
}

Test(nemesis_schedule, is_done_at_once_without_faults)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct nemesis_schedule config = {.seed = 1};
    struct generator *generator = nemesis_schedule_new(&arena, &config);
    struct generator_context context = {.first = 0, .last = 1, .arena = &arena};
    struct generator_step step;
    generator_step(generator, &context, &step);
    cr_assert_eq(step.outcome, GENERATOR_DONE);
    arena_fini(&arena);
}

Test(nemesis_schedule, events_of_others_do_not_move_it)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct play minute = a_minute(1);
    struct generator *generator = nemesis_schedule_new(&arena, &minute.config);
    bool busy[1] = {false};
    int32_t process[1] = {PROCESS_NEMESIS};
    struct generator_context context = {
        .last = 1, .busy = busy, .process = process, .arena = &arena};
    struct generator_step step;
    generator_step(generator, &context, &step);
    context.now_ns = step.wake_ns;
    generator_step(generator, &context, &step);
    cr_assert_eq(step.outcome, GENERATOR_OP);
    struct op read = {.f = F_READ, .type = OP_OK};
    generator_update(generator, &context, 0, &read);
    generator_step(generator, &context, &step);
    cr_assert(step.outcome == GENERATOR_WAIT && step.wake_ns == INT64_MAX);
    arena_fini(&arena);
}
