#include "injector/model_file.h"
#include "checker/user_model.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "unit/malformed_support.h"

static struct arena arena;
static struct errbuf err;

static const struct user_model *load(const char *path)
{
    const struct user_model *model = NULL;
    arena_init(&arena, 0);
    cr_assert_eq(model_file_load(path, &arena, &model, &err), 0, "%s", err.text);
    return model;
}

static const struct user_model *load_text(const char *text)
{
    const struct user_model *model = NULL;
    arena_init(&arena, 0);
    cr_assert_eq(model_file_parse("text", text, strlen(text), &arena, &model, &err), 0, "%s",
                 err.text);
    return model;
}

Test(model_file, is_meant_by_a_path)
{
    cr_expect(model_file_is_meant("job.yaml"));
    cr_expect(model_file_is_meant("./job"));
    cr_expect_not(model_file_is_meant("mutex"));
    cr_expect_not(model_file_is_meant("yaml"));
}

Test(model_file, names_the_states_it_finds)
{
    const struct user_model *model = load(TESTS_DIR "/data/models/job.yaml");
    cr_assert_str_eq(model->name, "job");
    cr_assert_str_eq(model->doc, "waiting, running, then finished or cancelled");
    cr_assert_eq(model->state_count, 4);
    cr_assert_str_eq(model->states[model->initial], "waiting");
    cr_assert_eq(model->rule_count, 8);
    const struct user_rule *cancel = &model->rules[2];
    cr_assert_str_eq(symbol_name(cancel->f), "cancel");
    cr_assert_str_eq(model->states[cancel->to], "cancelled");
    for (uint32_t i = 0; i < model->state_count; i++)
        cr_expect_eq(cancel->from[i], strcmp(model->states[i], "waiting") == 0 ||
                                          strcmp(model->states[i], "running") == 0);
    arena_fini(&arena);
}

Test(model_file, takes_what_is_left_out_as_any_and_same)
{
    const struct user_model *model = load_text("name: x\ninitial: a\noperations: [{f: look}]\n");
    const struct user_rule *rule = model->rules;
    cr_expect_str_eq(model->doc, "");
    cr_expect(rule->any_argument && rule->any_result && rule->from[0]);
    cr_expect_eq(rule->to, USER_SAME);
    arena_fini(&arena);
}

Test(model_file, calls_operations_by_their_usual_names)
{
    const struct user_model *model = load_text("name: x\ninitial: a\noperations: [{f: unlock}]\n");
    cr_expect_eq(model->rules[0].f, F_RELEASE);
    arena_fini(&arena);
}

Test(model_file, reads_literals)
{
    const struct user_model *model =
        load_text("name: x\ninitial: a\noperations:\n"
                  "  - {f: go, value: 5, result: -7}\n"
                  "  - {f: go, value: true, result: null}\n"
                  "  - {f: go, value: {keyword: key}, result: word}\n"
                  "  - {f: go, value: '5', result: 'any'}\n"
                  "  - {f: go, value: [1, [two]], result: 9223372036854775808}\n"
                  "  - {f: go, value: any, result: any}\n"
                  "  - f: go\n"
                  "    value: :key\n");
    const struct user_rule *rules = model->rules;
    struct value two[] = {value_string("two")},
                 items[] = {value_int(1), value_items(VALUE_LIST, two, 1)};
    cr_expect(value_equal(rules[0].argument, value_int(5)));
    cr_expect(value_equal(rules[0].result, value_int(-7)));
    cr_expect(value_equal(rules[1].argument, value_bool(true)));
    cr_expect(!rules[1].any_result && value_is_nil(rules[1].result));
    cr_expect(value_equal(rules[2].argument, value_text(VALUE_KEYWORD, "key", 3)));
    cr_expect(value_equal(rules[2].result, value_string("word")));
    cr_expect(value_equal(rules[3].argument, value_string("5")));
    cr_expect(!rules[3].any_result && value_equal(rules[3].result, value_string("any")));
    cr_expect(value_equal(rules[4].argument, value_items(VALUE_LIST, items, 2)));
    cr_expect_eq(rules[4].result.kind, VALUE_STRING, "no integer of 64 bits");
    cr_expect(rules[5].any_argument && rules[5].any_result);
    cr_expect(value_equal(rules[6].argument, value_text(VALUE_KEYWORD, "key", 3)));
    arena_fini(&arena);
}

Test(model_file, that_is_not_there_is_an_error)
{
    const struct user_model *model = NULL;
    arena_init(&arena, 0);
    cr_expect_eq(model_file_load("/nowhere/model.yaml", &arena, &model, &err), ERR_INPUT);
    cr_expect_null(model);
    cr_expect(strstr(err.text, "/nowhere/model.yaml"), "%s", err.text);
    arena_fini(&arena);
}

/* --- malformed models: tests/data/models/invalid, each beside the error expected --- */

static void expect_malformed(const char *file)
{
    const struct user_model *model = NULL;
    err.text[0] = '\0';
    arena_init(&arena, 0);
    int rc = model_file_load(file, &arena, &model, &err);
    arena_fini(&arena);
    cr_expect_null(model);
    expect_its_error(file, rc, err.text);
}

Test(model_file, tells_every_mistake_with_its_place_and_what_would_be_right)
{
    size_t count = each_malformed(TESTS_DIR "/data/models/invalid", expect_malformed);
    cr_assert_geq(count, 24, "only %zu malformed models were found", count);
}
