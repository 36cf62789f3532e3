/* Generated histories: what every one of them must be, whatever the model. Whether they are valid
 * or not is for tests/property/generated.c. */
#include "generator/generate.h"

#include "core/err.h"
#include "unit/generated_support.h"

#include <string.h>

static struct generate_options usual(const char *model)
{
    return (struct generate_options){.model = model,
                                     .operations = 2000,
                                     .keys = 3,
                                     .concurrency = 5,
                                     .read_share = -1,
                                     .crash_share = 0.05,
                                     .fail_share = 0.1,
                                     .seed = 7};
}

static void generate(const struct generate_options *options, struct history *history)
{
    struct errbuf err = ERRBUF_INIT;
    struct op_sink sink = history_sink(history);
    history_init(history);
    cr_assert_eq(generate_history(options, &sink, &err), 0, "%s", err.text);
}

static char *as_text(const struct generate_options *options)
{
    struct history history;
    generate(options, &history);
    return take_text(&history);
}

Test(generate, same_options_give_the_same_history_and_another_seed_another)
{
    struct generate_options options = usual("cas-register");
    char *first = as_text(&options), *again = as_text(&options);
    options.seed++;
    char *other = as_text(&options);
    expect_same_and_another(first, again, other);
}

Test(generate, processes_invoke_and_complete_in_turn_and_never_come_back_after_a_crash)
{
    struct generate_options options = usual("cas-register");
    struct history history;
    generate(&options, &history);
    expect_turns(&history);
    history_fini(&history);
}

Test(generate, there_are_as_many_operations_keys_crashes_and_failures_as_asked_for)
{
    struct generate_options options = usual("register");
    options.operations = 20000;
    struct history history;
    bool seen[3] = {false};
    generate(&options, &history);
    for (size_t i = 0; i < history.count; i++) {
        const struct op *op = &history.ops[i];
        cr_assert(op->has_key && op->key.integer >= 0 && op->key.integer < 3);
        seen[op->key.integer] = true;
    }
    cr_expect(seen[0] && seen[1] && seen[2]);
    expect_20000_operations(&history);
    history_fini(&history);
}

Test(generate, every_client_of_an_object_is_always_busy)
{
    struct generate_options options = usual("register");
    options.keys = 0;
    options.crash_share = 0;
    struct history history;
    int open = 0;
    generate(&options, &history);
    for (size_t i = 0; i + 100 < history.count; i++) {
        open += history.ops[i].type == OP_INVOKE ? 1 : -1;
        cr_assert_not(history.ops[i].has_key);
        cr_assert(i < 100 || open >= 4, "%d open at %zu", open, i);
    }
    history_fini(&history);
}

Test(generate, the_lie_of_a_stale_read_is_about_where_it_was_wanted)
{
    struct generate_options options = usual("register");
    options.keys = 0;
    options.values = 5;
    options.anomaly = "stale-read";
    options.anomaly_at = 0.5;
    struct history history;
    size_t lie = 0;
    generate(&options, &history);
    for (size_t i = 0; i < history.count; i++)
        if (history.ops[i].type == OP_OK && history.ops[i].f == F_READ &&
            history.ops[i].value.integer == 6)
            lie = i;
    cr_expect(lie > history.count * 4 / 10 && lie < history.count * 6 / 10, "at %zu of %zu", lie,
              history.count);
    history_fini(&history);
}

Test(generate, an_unknown_model_or_anomaly_is_refused_with_those_there_are)
{
    struct generate_options options = usual("regster");
    struct op_sink sink = {0};
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(generate_history(&options, &sink, &err), ERR_INPUT);
    cr_expect(strstr(err.text, "cas-register"), "%s", err.text);
    options.model = "register";
    options.anomaly = "stale";
    cr_expect_eq(generate_history(&options, &sink, &err), ERR_INPUT);
    cr_expect(strstr(err.text, "stale-read"), "%s", err.text);
    cr_expect_null(generate_anomalies("regster"));
    cr_expect_not_null(generate_anomalies("register"));
}

Test(generate, impossible_numbers_are_refused)
{
    struct op_sink sink = {0};
    struct errbuf err = ERRBUF_INIT;
    struct generate_options options = usual("register");
    options.concurrency = 0;
    cr_expect_eq(generate_history(&options, &sink, &err), ERR_INPUT);
    options = usual("register");
    options.crash_share = 0.95;
    cr_expect_eq(generate_history(&options, &sink, &err), ERR_INPUT);
    options = usual("register");
    options.anomaly = "stale-read";
    options.anomaly_at = 1.5;
    cr_expect_eq(generate_history(&options, &sink, &err), ERR_INPUT);
}

static int refuse(void *context, const struct op *op, struct errbuf *err)
{
    uint32_t *left = context;
    (void)op;
    return (*left)-- == 0 ? errbuf_set(err, ERR_IO, "full") : 0;
}

Test(generate, what_the_sink_says_ends_it)
{
    struct generate_options options = usual("register");
    for (uint32_t events = 0; events < 60; events += 7) {
        uint32_t left = events;
        struct op_sink sink = {.take = refuse, .context = &left};
        struct errbuf err = ERRBUF_INIT;
        cr_expect_eq(generate_history(&options, &sink, &err), ERR_IO);
        cr_expect_str_eq(err.text, "full");
    }
}
