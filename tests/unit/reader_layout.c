#include "checker/reader_layout.h"

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
        "{:process 1,                   :type :ok, :f :read}",
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
