#include "formats/reader_layout.h"

#include "core/strbuf.h"
#include "unit/reader_support.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct layout_names json = {.names = {[LAYOUT_INDEX] = "\"index\":",
                                                   [LAYOUT_PROCESS] = "\"process\":",
                                                   [LAYOUT_TYPE] = "\"type\":",
                                                   [LAYOUT_F] = "\"f\":",
                                                   [LAYOUT_KEY] = "\"key\":",
                                                   [LAYOUT_VALUE] = "\"value\":"},
                                         .name_end = '"'};

static const struct layout_names edn = {.names = {[LAYOUT_PROCESS] = ":process",
                                                  [LAYOUT_TYPE] = ":type",
                                                  [LAYOUT_F] = ":f",
                                                  [LAYOUT_VALUE] = ":value"}};

static void learn(struct reader_layout *layout, const struct layout_names *names, bool is_pair,
                  const char *event)
{
    reader_layout_learn(layout, names, is_pair, event, event + strlen(event));
}

static void expect_step(const struct reader_layout *layout, int number, const char *text,
                        enum layout_field field)
{
    const struct layout_step *step = &layout->steps[number];
    cr_expect_eq(step->length, strlen(text), "step %d", number);
    cr_expect_arr_eq(step->words, text, strlen(text), "step %d", number);
    cr_expect_eq(step->field, field, "step %d", number);
}

Test(reader_layout, is_what_stands_between_the_values_of_json)
{
    struct reader_layout layout = {0};
    learn(&layout, &json, false,
          "{\"index\":12,\"type\":\"ok\",\"process\": "
          "3,\"f\":\"cas\",\"value\":[1,\"]\"],\"key\":9}");
    cr_assert(layout.is_known && layout.has_key);
    expect_step(&layout, 0, "{\"index\":", LAYOUT_INDEX);
    expect_step(&layout, 1, ",\"type\":\"", LAYOUT_TYPE);
    expect_step(&layout, 2, "\",\"process\": ", LAYOUT_PROCESS);
    expect_step(&layout, 3, ",\"f\":\"", LAYOUT_F);
    expect_step(&layout, 4, "\",\"value\":", LAYOUT_VALUE);
    expect_step(&layout, 5, ",\"key\":", LAYOUT_KEY);
    expect_step(&layout, 6, "}", LAYOUT_END);
}

Test(reader_layout, takes_the_pairs_of_independent_keys_apart)
{
    struct reader_layout layout = {0};
    learn(&layout, &edn, true, "{:type :invoke, :f :read, :value [4 nil], :process 0}");
    cr_assert(layout.is_known && layout.has_key);
    expect_step(&layout, 2, ", :value [", LAYOUT_KEY);
    expect_step(&layout, 3, " ", LAYOUT_VALUE);
    expect_step(&layout, 4, "], :process ", LAYOUT_PROCESS);
    expect_step(&layout, 5, "}", LAYOUT_END);
}

Test(reader_layout, of_a_value_that_is_a_pair_of_no_key_is_one_value)
{
    struct reader_layout layout = {0};
    learn(&layout, &edn, false, "{:type :ok, :f :cas, :value [4 [5 \"}\"]], :process 0}");
    cr_assert(layout.is_known && !layout.has_key);
    expect_step(&layout, 2, ", :value ", LAYOUT_VALUE);
    expect_step(&layout, 3, ", :process ", LAYOUT_PROCESS);
}

Test(reader_layout, is_not_learned_from_what_has_no_process_type_or_f_or_other_members)
{
    static const char *const events[] = {
        "{:type :ok, :f :read, :value 1}",
        "{:process 1, :f :read, :value 1}",
        "{:process 1, :type :ok, :value 1}",
        "{:process 1, :type :ok, :f :read, :error :x}",
        "{:process 1, :type :ok, :f :read, :f :read}",
        "{:process 1,         :type :ok, :f :read}", /* one byte too many */
        "{:process 1,                                   :type :ok, :f :read}",
        "{:process 1, :type :ok, :f :read} ",
        "{:process 1, :type :ok, :f :read",
    };
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct reader_layout layout = {0};
        learn(&layout, &edn, false, events[i]);
        cr_expect(!layout.is_known, "%s", events[i]);
    }
    struct reader_layout layout = {0};
    learn(&layout, &edn, true, "{:type :ok, :f :read, :value 1, :process 0}");
    cr_expect(!layout.is_known, "a value without a key");
    layout = (struct reader_layout){0};
    learn(&layout, &edn, true, "{:type :ok, :f :read, :process 0}");
    cr_expect(!layout.is_known, "no value");
}

Test(reader_layout, is_learned_anew_when_others_come_again_and_again)
{
    struct reader_layout layout = {0};
    learn(&layout, &edn, false, "{:type :ok, :f :read, :process 0}");
    for (int i = 0; i < 15; i++)
        learn(&layout, &edn, false, "{:f :read, :type :ok, :process 0}");
    expect_step(&layout, 0, "{:type :", LAYOUT_TYPE);
    learn(&layout, &edn, false, "{:f :read, :type :ok, :process 0}");
    expect_step(&layout, 0, "{:f :", LAYOUT_F);
}

/* --- what is odd in an event of a known layout --- */

/* Reads the usual event, the odd one, and what makes room for a fast path to try, by both. */
static void expect_same_reading(const struct reader *reader, bool is_keyed, const char *usual,
                                const char *odd)
{
    struct strbuf text = STRBUF_INIT;
    struct errbuf errs[2] = {ERRBUF_INIT, ERRBUF_INIT};
    struct history histories[2];
    int rcs[2];
    strbuf_printf(&text, "%s\n%s\n%2000s\n", usual, odd, "");
    for (int general = 0; general < 2; general++) {
        struct reader_options options = {
            .threads = 1, .independent = is_keyed, .general_only = general};
        rcs[general] = read_bytes(reader, text.text, text.length, options, &histories[general],
                                  &errs[general]);
    }
    cr_expect_eq(rcs[0], rcs[1], "%s", odd);
    cr_expect_str_eq(errs[0].text, errs[1].text, "%s", odd);
    cr_expect(rcs[0] != 0 || rcs[1] != 0 || same_events(&histories[0], &histories[1]), "%s", odd);
    history_fini(&histories[0]);
    history_fini(&histories[1]);
    strbuf_fini(&text);
}

/* An event: each $ of the format is one of the values, but for the one that is changed. The first
 * is the type. */
static void put_event(struct strbuf *out, const char *format, const char *const *values,
                      const char *type, size_t changed, const char *odd)
{
    size_t next = 0;
    strbuf_reset(out);
    for (const char *at = format; *at; at++) {
        if (*at != '$') {
            strbuf_putc(out, *at);
            continue;
        }
        strbuf_puts(out, next == changed ? odd : next == 0 ? type : values[next - 1]);
        next++;
    }
}

/* An invocation, and its completion with each value in turn replaced by each of the odd ones. */
static void try_odd_values(const struct reader *reader, bool is_keyed, const char *format,
                           const char *const *values, size_t count)
{
    static const char *const odd[] = {
        "",
        "-",
        "-7",
        "1x",
        "1 2",
        "1.5",
        "12345678",
        "123456789",
        "007",
        "nil",
        "null",
        "[1 2]",
        "[1, 2]",
        "[1]",
        "\"a\"",
        ":a",
        "okay",
        "oki",
        "ok\\",
        "fai",
        "inf",
        "invoked",
        "failed",
        "faix",
        "write",
        "a-long-name",
        "a-name-of-more-than-sixteen-bytes",
        "re\\u0061d",
        "re ad",
        "2147483647",
        "2147483648",
        "1073741824",
        "123456789012345678",
        "1234567890123456789",
        "9223372036854775808",
        "123456789012345678901234567890",
    };
    struct strbuf usual = STRBUF_INIT, changed = STRBUF_INIT;
    put_event(&usual, format, values, "invoke", SIZE_MAX, NULL);
    for (size_t which = 0; which <= count; which++)
        for (size_t o = 0; o < sizeof odd / sizeof odd[0]; o++) {
            put_event(&changed, format, values, "ok", which, odd[o]);
            expect_same_reading(reader, is_keyed, usual.text, changed.text);
        }
    strbuf_fini(&usual);
    strbuf_fini(&changed);
}

#define TRY_ODD_VALUES(reader, is_keyed, format, ...)                                              \
    try_odd_values(reader, is_keyed, format, (const char *const[]){__VA_ARGS__},                   \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

Test(reader_layout, odd_values_mean_what_the_general_parser_says)
{
    TRY_ODD_VALUES(&reader_jsonl, false,
                   "{\"type\":\"$\",\"index\":$,\"time\":$,\"process\":$,\"f\":\"$\",\"key\":$,"
                   "\"value\":$}",
                   "12", "100", "3", "read", "7", "5");
    TRY_ODD_VALUES(&reader_jsonl, false,
                   "{\"type\": \"$\", \"f\": \"$\", \"value\": $, \"process\": $, \"time\": $}",
                   "read", "5", "3", "100");
    TRY_ODD_VALUES(&reader_json, true,
                   "{\"type\":\"$\",\"f\":\"$\",\"value\":[$,$],\"process\":$,\"index\":$}", "read",
                   "7", "5", "3", "12");
    TRY_ODD_VALUES(&reader_edn, false, "{:type :$, :f :$, :value $, :process $, :time $, :index $}",
                   "read", "5", "3", "100", "12");
    TRY_ODD_VALUES(&reader_edn, true,
                   "{:type :$, :f :$, :value [$ $], :process $, :time $, :index $}", "read", "7",
                   "5", "3", "100", "12");
}
