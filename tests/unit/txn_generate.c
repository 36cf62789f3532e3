/* Generated histories of transactions: what every one of them must be, whatever the level. Which
 * levels they keep is for tests/property/txn_generate.c. */
#include "generator/txn_generate.h"

#include "core/err.h"
#include "unit/generated_support.h"

#include <string.h>

static struct txn_generate_options usual(void)
{
    return (struct txn_generate_options){.common = {.model = "list-append",
                                                    .operations = 3000,
                                                    .keys = 3,
                                                    .concurrency = 5,
                                                    .read_share = 0.5,
                                                    .crash_share = 0.05,
                                                    .fail_share = 0.1,
                                                    .seed = 7,
                                                    .anomaly_at = 0.5},
                                         .micro_ops_min = 2,
                                         .micro_ops_max = 6,
                                         .writes_per_key = 16};
}

static void generate(const struct txn_generate_options *options, struct history *history)
{
    struct errbuf err = ERRBUF_INIT;
    struct op_sink sink = history_sink(history);
    history_init(history);
    cr_assert_eq(txn_generate(options, &sink, &err), 0, "%s", err.text);
}

static char *as_text(const struct txn_generate_options *options)
{
    struct history history;
    generate(options, &history);
    return take_text(&history);
}

Test(txn_generate, same_options_give_the_same_history_and_another_seed_another)
{
    struct txn_generate_options options = usual();
    char *first = as_text(&options), *again = as_text(&options);
    options.common.seed++;
    char *other = as_text(&options);
    expect_same_and_another(first, again, other);
}

Test(txn_generate, processes_invoke_and_complete_in_turn_and_never_come_back_after_a_crash)
{
    struct txn_generate_options options = usual();
    struct history history;
    for (size_t i = 0; (options.level = txn_generate_level(i)) != NULL; i++) {
        generate(&options, &history);
        expect_turns(&history);
        history_fini(&history);
    }
}

Test(txn_generate, there_are_as_many_transactions_crashes_and_failures_as_asked_for)
{
    struct txn_generate_options options = usual();
    options.common.operations = 20000;
    struct history history;
    generate(&options, &history);
    for (size_t i = 0; i < history.count; i++) {
        const struct op *op = &history.ops[i];
        cr_assert(op->f == F_TXN && !op->has_key);
        cr_assert(op->value.count >= 2 && op->value.count <= 6);
    }
    expect_20000_operations(&history);
    history_fini(&history);
}

Test(txn_generate, lists_stay_as_short_as_asked_for_and_never_are_if_that_is_no_limit)
{
    struct txn_generate_options options = usual();
    for (int limited = 0; limited < 2; limited++) {
        options.writes_per_key = limited ? 16 : 0;
        struct history history;
        uint32_t longest = 0;
        int64_t greatest_key = 0;
        generate(&options, &history);
        for (size_t i = 0; i < history.count; i++) {
            for (uint32_t k = 0; k < history.ops[i].value.count; k++) {
                const struct value *micro = history.ops[i].value.items[k].items;
                if (micro[2].kind == VALUE_LIST && micro[2].count > longest)
                    longest = micro[2].count;
                if (micro[1].integer > greatest_key)
                    greatest_key = micro[1].integer;
            }
        }
        cr_expect(limited ? longest >= 8 && longest <= 16 : longest > 1000, "%u", longest);
        cr_expect(limited ? greatest_key > 300 : greatest_key == 2, "%d", (int)greatest_key);
        history_fini(&history);
    }
}

static bool is_by_an_actor(const struct txn_generate_options *options, const struct op *op)
{
    return op->process % (int32_t)(options->common.concurrency + 4) >=
           (int32_t)options->common.concurrency;
}

Test(txn_generate, an_anomaly_is_about_where_it_was_wanted)
{
    struct txn_generate_options options = usual();
    size_t number = 0;
    while ((options.common.anomaly = txn_generate_anomaly(options.common.model, &number)) != NULL) {
        struct history history;
        size_t first = 0, last = 0;
        generate(&options, &history);
        for (size_t i = 0; i < history.count; i++) {
            if (!is_by_an_actor(&options, &history.ops[i]))
                continue;
            first = first ? first : i;
            last = i;
        }
        cr_expect(first > history.count * 45 / 100 && last < history.count * 55 / 100,
                  "%s: from %zu to %zu of %zu", options.common.anomaly, first, last, history.count);
        history_fini(&history);
    }
}

Test(txn_generate, final_reads_of_an_eventual_store_are_all_the_same)
{
    struct txn_generate_options options = usual();
    options.level = "eventual";
    options.micro_ops_max = 3;
    struct history history;
    generate(&options, &history);
    cr_assert_gt(history.count, 10);
    struct value last = history.ops[history.count - 1].value;
    cr_assert_eq(last.count, 3);
    for (size_t i = 1; i <= 9; i += 2) {
        const struct op *op = &history.ops[history.count - i];
        cr_expect(op->type == OP_OK && value_equal(op->value, last));
        cr_expect_eq(op->process % 9, 4 - (int32_t)(i / 2));
    }
    history_fini(&history);
}

static void expect_refused(const struct txn_generate_options *options, const char *because)
{
    struct op_sink sink = {0};
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(txn_generate(options, &sink, &err), ERR_INPUT);
    cr_expect(strstr(err.text, because), "%s", err.text);
}

Test(txn_generate, what_there_is_not_is_refused_with_what_there_is)
{
    struct txn_generate_options options = usual();
    options.common.anomaly = "G3";
    expect_refused(&options, "G-single-realtime");
    options = usual();
    options.level = "linearizable";
    expect_refused(&options, "strict-serializable, strong-session-serializable");
    options = usual();
    options.common.model = "cas-register";
    expect_refused(&options, "cas-register");
}

Test(txn_generate, a_level_may_have_any_of_its_names)
{
    struct txn_generate_options options = usual();
    options.level = "snapshot-isolation";
    char *one = as_text(&options);
    options.level = "SI";
    char *other = as_text(&options);
    cr_expect_str_eq(one, other);
    free(one);
    free(other);
}

Test(txn_generate, impossible_numbers_are_refused)
{
    struct txn_generate_options options = usual();
    options.common.concurrency = 0;
    expect_refused(&options, "clients");
    options = usual();
    options.common.crash_share = 0.95;
    expect_refused(&options, "shares");
    options = usual();
    options.micro_ops_min = 7;
    expect_refused(&options, "7 to 6");
    options = usual();
    options.common.duplicate_share = 0.1;
    expect_refused(&options, "must be new");
}

static int refuse(void *context, const struct op *op, struct errbuf *err)
{
    uint32_t *left = context;
    (void)op;
    return (*left)-- == 0 ? errbuf_set(err, ERR_IO, "full") : 0;
}

Test(txn_generate, what_the_sink_says_ends_it)
{
    struct txn_generate_options options = usual();
    options.common.anomaly = "G1c";
    options.common.anomaly_at = 0;
    for (uint32_t events = 0; events < 200; events += 7) {
        uint32_t left = events;
        struct op_sink sink = {.take = refuse, .context = &left};
        struct errbuf err = ERRBUF_INIT;
        cr_expect_eq(txn_generate(&options, &sink, &err), ERR_IO);
        cr_expect_str_eq(err.text, "full");
    }
}
