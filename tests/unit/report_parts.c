/* The pieces that pages are made of: numbers for people, harmless text, figures, places. */
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/random.h"
#include "report/human.h"
#include "report/plot.h"
#include "report/results.h"
#include "report/safe_text.h"
#include "report/statistics.h"
#include "report/timeline.h"

#include <criterion/criterion.h>
#include <string.h>

static struct strbuf out;

static void begin(void)
{
    strbuf_reset(&out);
    strbuf_puts(&out, "");
}

static void expect(const char *wanted)
{
    cr_expect_str_eq(out.text, wanted);
    begin();
}

Test(report_human, groups_digits_by_three)
{
    static const struct {
        int64_t count;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1,000"},
                {12345, "12,345"},
                {-1234567, "-1,234,567"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        human_put_count(&out, rows[i].count);
        expect(rows[i].text);
    }
}

Test(report_human, writes_durations_with_three_digits_and_never_sixty_seconds)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {{-1, "\xe2\x80\x93"},
                {0, "0 s"},
                {812000, "812 \xc2\xb5s"},
                {999499, "999 \xc2\xb5s"},
                {999600, "1.00 ms"},
                {3412000, "3.41 ms"},
                {99960000, "100 ms"},
                {1215 * NS_PER_MS, "1.22 s"},
                {59940 * NS_PER_MS, "59.9 s"},
                {59960 * NS_PER_MS, "1 min 0 s"},
                {119600 * NS_PER_MS, "2 min 0 s"},
                {3599600 * NS_PER_MS, "1 h 0 min"},
                {3780 * NS_PER_S, "1 h 3 min"}};
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        human_put_duration(&out, rows[i].ns);
        expect(rows[i].text);
    }
}

Test(report_human, rounds_moments_and_carries)
{
    begin();
    human_put_moment(&out, 1215349999999, 1);
    expect("1,215.3 s");
    human_put_moment(&out, 1999600000, 3);
    expect("2.000 s");
    human_put_moment(&out, 5, 0);
    expect("0 s");
}

Test(report_human, shows_no_part_as_all_or_nothing)
{
    begin();
    human_put_percent(&out, 99999, 100000);
    expect("over 99.9 %");
    human_put_percent(&out, 1, 100000);
    expect("under 0.1 %");
    human_put_percent(&out, 5, 5);
    expect("100 %");
    human_put_percent(&out, 0, 5);
    expect("0.0 %");
}

Test(report_safe_text, replaces_what_is_not_text)
{
    begin();
    safe_puts_html(&out, "a<b>&\"'\x01\xc3\x28\xed\xa0\x80\xe2\x80\xaez\xc3\xa9");
    expect("a&lt;b&gt;&amp;&quot;&#39;\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa9");
}

Test(report_safe_text, cuts_by_characters_never_within_one)
{
    begin();
    safe_puts_html_cut(&out, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 3);
    expect("\xc3\xa9\xc3\xa9\xe2\x80\xa6");
    safe_puts_html_cut(&out, "<<<", 3);
    expect("&lt;&lt;&lt;");
    safe_puts_html_cut(&out, "", 3);
    expect("");
}

Test(report_statistics, quantiles_are_nearest_ranks)
{
    int64_t latency[100];
    for (int i = 0; i < 100; i++)
        latency[i] = i + 1;
    cr_expect_eq(statistics_quantile(latency, 100, 50), 50);
    cr_expect_eq(statistics_quantile(latency, 100, 99), 99);
    cr_expect_eq(statistics_quantile(latency, 1, 50), 1);
    cr_expect_eq(statistics_quantile(latency, 3, 50), 2);
    cr_expect_eq(statistics_quantile(latency, 0, 50), -1);
}

static const char history[] =
    "{\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n"
    "{\"time\":10,\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n"
    "{\"time\":20,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"value\":null}\n"
    "{\"time\":30,\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n"
    "{\"time\":40,\"process\":0,\"type\":\"info\",\"f\":\"write\",\"value\":1}\n"
    "{\"time\":50,\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n"
    "{\"time\":60,\"process\":1,\"type\":\"fail\",\"f\":\"read\",\"value\":null}\n"
    "{\"time\":70,\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n";

Test(report_statistics, counts_what_never_completed_as_unknown_and_leaves_the_nemesis_out)
{
    struct client_operations operations;
    struct statistics statistics;
    cr_assert_eq(client_operations_read(history, strlen(history), &operations, NULL), 0);
    cr_assert_eq(statistics_make(&operations, &statistics, NULL), 0);
    cr_expect_eq(statistics.all.count, 4);
    cr_expect_eq(statistics.all.ok, 1);
    cr_expect_eq(statistics.all.fail, 1);
    cr_expect_eq(statistics.all.info, 2);
    cr_expect_eq(statistics.all.p50_ns, 20);
    cr_expect_eq(statistics.function_count, 2);
    cr_expect_eq(statistics.functions[0].f, F_WRITE);
    cr_expect_eq(statistics.functions[1].count, 3);
    client_operations_fini(&operations);
}

Test(report_operations, reads_the_words_of_the_wanted_operations_only)
{
    struct client_operations operations;
    struct arena arena;
    arena_init(&arena, 0);
    cr_assert_eq(client_operations_read(history, strlen(history), &operations, NULL), 0);
    struct operation_words words[2] = {{.operation = client_operations_find(&operations, 1)},
                                       {.operation = client_operations_find(&operations, 7)}};
    cr_assert(words[0].operation && words[1].operation);
    cr_assert_null(client_operations_find(&operations, 3)); /* a completion */
    cr_assert_eq(client_operations_read_words(history, strlen(history), words, 2, &arena, NULL), 0);
    cr_expect(value_equal(words[0].completed, value_int(1)));
    cr_expect(value_is_nil(words[1].completed));
    cr_expect_eq(words[1].operation->complete_index, OPERATION_OPEN);
    client_operations_fini(&operations);
    arena_fini(&arena);
}

/* --- the timeline's places --- */

enum { OPS = 200, ROWS = 7 };

static void make_ops(struct client_operation *operations, struct timeline_op *ops,
                     struct random *random)
{
    int64_t now = 0, index = 0;
    uint32_t open[ROWS] = {0}; /* op + 1 */
    for (uint32_t made = 0; made < OPS;) {
        uint32_t row = (uint32_t)random_below(random, ROWS);
        now += random_between(random, 1, 100) * (random_below(random, 50) == 0 ? 1000000 : 1000);
        if (open[row]) {
            operations[open[row] - 1].complete_index = (uint32_t)index++;
            operations[open[row] - 1].complete_ns = now;
            operations[open[row] - 1].type = OP_OK;
            open[row] = 0;
            continue;
        }
        operations[made] = (struct client_operation){.invoke_ns = now,
                                                     .complete_ns = -1,
                                                     .invoke_index = (uint32_t)index++,
                                                     .complete_index = OPERATION_OPEN,
                                                     .process = (int32_t)row * 3,
                                                     .type = OP_INVOKE};
        ops[made] = (struct timeline_op){.words.operation = &operations[made],
                                         .label = "x",
                                         .label_chars = (size_t)random_between(random, 1, 24)};
        open[row] = ++made;
    }
}

Test(report_timeline, keeps_the_order_of_events_and_room_for_every_label)
{
    static struct client_operation operations[OPS];
    static struct timeline_op ops[OPS];
    struct random random;
    random_init(&random, 11, RANDOM_TEST, 0);
    for (int round = 0; round < 20; round++) {
        struct arena arena;
        arena_init(&arena, 0);
        make_ops(operations, ops, &random);
        struct timeline timeline = {.ops = ops, .count = OPS};
        cr_assert(timeline_layout(&timeline, 100, &arena));
        cr_expect_eq(timeline.row_count, ROWS);
        timeline_stretch(&timeline, 900);
        for (size_t i = 1; i < timeline.stop_count; i++)
            cr_assert_geq(timeline.stops[i].x, timeline.stops[i - 1].x);
        for (size_t i = 0; i < OPS; i++) {
            cr_assert_lt(ops[i].x_begin, ops[i].x_end);
            cr_assert_leq(ops[i].x_end, timeline.right);
            double end = ops[i].x_label + 6.7 * (double)ops[i].label_chars;
            cr_assert_leq(end, timeline.right);
            for (size_t j = i + 1; j < OPS; j++)
                if (ops[j].row == ops[i].row)
                    cr_assert_geq(ops[j].x_begin, end);
        }
        arena_fini(&arena);
    }
}

Test(report_timeline, places_times_between_the_events_around_them)
{
    struct client_operation operation = {.invoke_ns = 1000,
                                         .complete_ns = 3000,
                                         .invoke_index = 0,
                                         .complete_index = 1,
                                         .type = OP_OK};
    struct timeline_op op = {.words.operation = &operation, .label = "x", .label_chars = 1};
    struct timeline timeline = {.ops = &op, .count = 1};
    struct arena arena;
    arena_init(&arena, 0);
    cr_assert(timeline_layout(&timeline, 100, &arena));
    cr_expect_eq(timeline_x(&timeline, 500), timeline.left);
    cr_expect_float_eq(timeline_x(&timeline, 2000), (op.x_begin + op.x_end) / 2, 1e-9);
    cr_expect_eq(timeline_x(&timeline, 9000), timeline.right);
    arena_fini(&arena);
}

Test(report_plot, ticks_are_one_two_or_five)
{
    cr_expect_float_eq(plot_tick_step(100, 4), 50, 1e-9);
    cr_expect_float_eq(plot_tick_step(7, 4), 2, 1e-9);
    cr_expect_float_eq(plot_tick_step(0.35, 4), 0.1, 1e-9);
    cr_expect_float_eq(plot_tick_step(4000, 4), 1000, 1e-9);
}

Test(results, puts_the_violations_that_are_easiest_to_follow_first)
{
    struct results_key keys[] = {
        {.key = "a", .verdict = OUTCOME_INVALID, .witness_count = 9},
        {.key = "b", .verdict = OUTCOME_VALID},
        {.key = "c", .verdict = OUTCOME_INVALID, .witness_count = 2},
        {.key = "d", .verdict = OUTCOME_INVALID, .witness_count = 4},
        {.key = "e", .verdict = OUTCOME_INVALID, .witness_count = 2},
    };
    struct results_check check = {.keys = keys, .key_count = 5};
    const struct results_key *first[3];
    cr_expect_eq(results_violations(&check, first, 3), 4);
    cr_expect_str_eq(first[0]->key, "c");
    cr_expect_str_eq(first[1]->key, "e");
    cr_expect_str_eq(first[2]->key, "d");
    check.key_count = 1;
    cr_expect_eq(results_violations(&check, first, 3), 1);
    cr_expect_str_eq(first[0]->key, "a");
}
