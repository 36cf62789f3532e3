#include "injector/options.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "injector/yaml_tree.h"

#include <criterion/criterion.h>
#include <float.h>
#include <string.h>

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct option table[] = {
    {.name = "on", .type = OPTION_BOOL, .standard = "true", .doc = "."},
    {.name = "count", .type = OPTION_INT, .standard = "3", .min = -2, .max = 10, .doc = "."},
    {.name = "many", .type = OPTION_INT, .min = 1, .doc = "."},
    {.name = "any", .type = OPTION_INT, .doc = "."},
    {.name = "share", .type = OPTION_REAL, .standard = "0.25", .max = 1, .doc = "."},
    {.name = "free", .type = OPTION_REAL, .doc = "."},
    {.name = "wait",
     .type = OPTION_DURATION,
     .standard = "5s",
     .min = 0.001,
     .max = 60,
     .doc = "."},
    {.name = "room",
     .type = OPTION_BYTES,
     .standard = "1MiB",
     .min = 1,
     .max = 1 << 30,
     .doc = "."},
    {.name = "text", .type = OPTION_STRING, .standard = "/a b: c/", .doc = "."},
    {.name = "note", .type = OPTION_STRING, .doc = "."},
    {.name = "colour", .type = OPTION_CHOICE, .standard = "green", .choices = colours, .doc = "."},
    {.name = "colours",
     .type = OPTION_CHOICES,
     .standard = "[blue, red]",
     .choices = colours,
     .doc = "."},
    {.name = "groups", .type = OPTION_NODE_GROUPS, .doc = "."},
    {.name = NULL},
};

static struct arena arena;
static struct errbuf err;

static void set_up(void)
{
    arena_init(&arena, 0);
}

TestSuite(options, .init = set_up);

static const struct option_values *parse(const char *text)
{
    struct yaml_node *node = NULL;
    const struct option_values *values = NULL;
    cr_assert_eq(yaml_tree_parse("p.yaml", text, strlen(text), &arena, &node, &err), 0, "%s",
                 err.text);
    int rc = option_values_parse(table, node, "it", NULL, &arena, &values, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    return values;
}

static void expect_error(const char *text, const char *message)
{
    struct yaml_node *node = NULL;
    const struct option_values *values = NULL;
    cr_assert_eq(yaml_tree_parse("p.yaml", text, strlen(text), &arena, &node, &err), 0);
    cr_assert_eq(option_values_parse(table, node, "it", NULL, &arena, &values, &err), ERR_INPUT,
                 "%s", text);
    cr_assert_str_eq(err.text, message);
    cr_assert_null(values);
}

Test(options, every_type_has_its_default)
{
    const struct option_values *values = NULL;
    size_t count;
    cr_assert_eq(option_values_parse(table, NULL, "it", NULL, &arena, &values, &err), 0);
    cr_assert(option_bool(values, "on"));
    cr_assert_eq(option_int(values, "count"), 3);
    cr_assert_eq(option_int(values, "many"), 0);
    cr_assert_eq(option_real(values, "share"), 0.25);
    cr_assert_eq(option_duration_ns(values, "wait"), INT64_C(5000000000));
    cr_assert_eq(option_bytes(values, "room"), 1 << 20);
    cr_assert_str_eq(option_string(values, "text"), "/a b: c/");
    cr_assert_null(option_string(values, "note"));
    cr_assert_eq(option_choice(values, "colour"), 1);
    const size_t *chosen = option_choices(values, "colours", &count);
    cr_assert(count == 2 && chosen[0] == 2 && chosen[1] == 0);
    option_node_groups(values, "groups", &count);
    cr_assert_eq(count, 0);
    for (const struct option *option = table; option->name; option++)
        cr_assert_not(option_is_given(values, option->name));
}

Test(options, every_type_is_read)
{
    const struct option_values *values = parse(
        "on: false\ncount: -2\nmany: 9223372036854775807\nany: -9223372036854775808\nshare: 1e-3\n"
        "free: -2.5\nwait: 250ms\nroom: 10k\ntext: 5\nnote: 'null'\ncolour: blue\ncolours: [red, "
        "red, blue]\n"
        "groups: [[n1, n2], [n3]]\n");
    size_t count;
    cr_assert_not(option_bool(values, "on"));
    cr_assert_eq(option_int(values, "count"), -2);
    cr_assert_eq(option_int(values, "many"), INT64_MAX);
    cr_assert_eq(option_int(values, "any"), INT64_MIN);
    cr_assert_float_eq(option_real(values, "share"), 0.001, DBL_EPSILON);
    cr_assert_eq(option_duration_ns(values, "wait"), 250000000);
    cr_assert_eq(option_bytes(values, "room"), 10000);
    cr_assert_str_eq(option_string(values, "text"), "5");
    cr_assert_str_eq(option_string(values, "note"), "null");
    cr_assert_eq(option_choice(values, "colour"), 2);
    const size_t *chosen = option_choices(values, "colours", &count);
    cr_assert(count == 3 && chosen[0] == 0 && chosen[1] == 0 && chosen[2] == 2);
    const struct option_group *groups = option_node_groups(values, "groups", &count);
    cr_assert(count == 2 && groups[0].count == 2 && groups[1].count == 1);
    cr_assert_str_eq(groups[0].names[1], "n2");
    for (const struct option *option = table; option->name; option++)
        cr_assert(option_is_given(values, option->name));
}

Test(options, one_choice_may_stand_without_a_list)
{
    size_t count;
    const size_t *chosen = option_choices(parse("colours: blue\n"), "colours", &count);
    cr_assert(count == 1 && chosen[0] == 2);
}

Test(options, says_what_is_wrong_and_what_would_be_right)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"on: yes", "p.yaml:1: it.on: must be true or false, not 'yes'"},
        {"on: \"true\"", "p.yaml:1: it.on: must be true or false, not the text \"true\""},
        {"count: 11", "p.yaml:1: it.count: must be a whole number from -2 to 10, not '11'"},
        {"count: 1.0", "p.yaml:1: it.count: must be a whole number from -2 to 10, not '1.0'"},
        {"count: 0x1", "p.yaml:1: it.count: must be a whole number from -2 to 10, not '0x1'"},
        {"count: []",
         "p.yaml:1: it.count: must be a whole number from -2 to 10, not an empty list"},
        {"many: 0", "p.yaml:1: it.many: must be a whole number of at least 1, not '0'"},
        {"any: 9223372036854775808",
         "p.yaml:1: it.any: must be a whole number, not '9223372036854775808'"},
        {"any: 1 ", NULL},
        {"any: --1", "p.yaml:1: it.any: must be a whole number, not '--1'"},
        {"share: 1.01", "p.yaml:1: it.share: must be a number from 0 to 1, not '1.01'"},
        {"share: nan", "p.yaml:1: it.share: must be a number from 0 to 1, not 'nan'"},
        {"share: inf", "p.yaml:1: it.share: must be a number from 0 to 1, not 'inf'"},
        {"free: 1e999", "p.yaml:1: it.free: must be a number, not '1e999'"},
        {"share: 1e-3e", "p.yaml:1: it.share: must be a number from 0 to 1, not '1e-3e'"},
        {"wait: 0s", "p.yaml:1: it.wait: must be a duration such as 250ms or 5s, from 1ms to 1m, "
                     "not '0s'"},
        {"wait: 61", "p.yaml:1: it.wait: must be a duration such as 250ms or 5s, from 1ms to 1m, "
                     "not '61'"},
        {"room: 2GiB", "p.yaml:1: it.room: must be a size such as 256MiB or 2GiB, from 1 to 1GiB, "
                       "not '2GiB'"},
        {"text:", "p.yaml:1: it.text: must be a text, not nothing"},
        {"text: {a: b}", "p.yaml:1: it.text: must be a text, not a mapping"},
        {"colour: gren", "p.yaml:1: it.colour: there is no 'gren'; did you mean 'green'? known: "
                         "red, green, blue"},
        {"colour: [red]", "p.yaml:1: it.colour: must be one of red, green, blue, not a list"},
        {"colours: [red, x]", "p.yaml:1: it.colours[1]: there is no 'x'; known: red, green, blue"},
        {"colours: [[red]]",
         "p.yaml:1: it.colours[0]: must be one or a list of red, green, blue, not a list"},
        {"groups: [[n1], []]",
         "p.yaml:1: it.groups[1]: must be a list of lists of node names, such "
         "as [[n1, n2], [n3]], not an empty list"},
        {"groups: [[n1, n1]]", "p.yaml:1: it.groups[0][1]: the group names 'n1' twice"},
        {"on: true\ncuont: 3",
         "p.yaml:2: it.cuont: there is no such key; did you mean 'count'? "
         "known: on, count, many, any, share, free, wait, room, text, note, colour, "
         "colours, groups"},
        {"[on]", "p.yaml:1: it: must be a mapping (key: value), not a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].message)
            expect_error(cases[i].text, cases[i].message);
        else
            parse(cases[i].text);
    }
}

Test(options, members_that_others_read_are_skipped_and_named_as_known)
{
    static const char *const skip[] = {"faults", NULL};
    static const struct option small[] = {{.name = "a", .type = OPTION_INT, .doc = "."},
                                          {.name = NULL}};
    const struct option_values *values;
    struct yaml_node *node;
    cr_assert_eq(yaml_tree_parse("p", "{a: 1, faults: x}", 17, &arena, &node, &err), 0);
    cr_assert_eq(option_values_parse(small, node, NULL, skip, &arena, &values, &err), 0);
    cr_assert_eq(option_int(values, "a"), 1);
    cr_assert_eq(yaml_tree_parse("p", "x: {fault: y}", 13, &arena, &node, &err), 0);
    cr_assert_eq(option_values_parse(small, node->first, NULL, skip, &arena, &values, &err),
                 ERR_INPUT);
    cr_assert_str_eq(err.text,
                     "p:1: x.fault: there is no such key; did you mean 'faults'? known: a, faults");
}

Test(options, groups_may_only_name_nodes_there_are)
{
    static const char *const nodes[] = {"n1", "n2", "n3"};
    cr_assert_eq(option_values_check_nodes(parse("groups: [[n1, n2], [n3]]"), nodes, 3, &err), 0);
    cr_assert_eq(option_values_check_nodes(parse("on: true"), nodes, 3, &err), 0);
    cr_assert_eq(option_values_check_nodes(parse("groups: [[n1], [n2, n33]]"), nodes, 3, &err),
                 ERR_INPUT);
    cr_assert_str_eq(err.text, "p.yaml:1: it.groups[1][1]: there is no node 'n33'; did you mean "
                               "'n3'? known: n1, n2, n3");
}

Test(options, given_and_default_values_become_trees_apart)
{
    const struct option_values *values = parse("note: 'a b'\ncount: 4\n");
    struct strbuf given = STRBUF_INIT, rest = STRBUF_INIT;
    yaml_node_write(&given, option_values_tree(values, OPTIONS_GIVEN, &arena));
    yaml_node_write(&rest, option_values_tree(values, OPTIONS_DEFAULT, &arena));
    cr_assert_str_eq(given.text, "count: 4\nnote: \"a b\"\n");
    cr_assert_str_eq(rest.text, "on: true\nshare: 0.25\nwait: 5s\nroom: 1MiB\ntext: \"/a b: c/\"\n"
                                "colour: green\ncolours: [blue, red]\n");
    strbuf_fini(&given);
    strbuf_fini(&rest);
}

Test(options, durations_are_exact)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"250ms", 250000000},
        {"5s", 5000000000},
        {"5", 5000000000},
        {"0", 0},
        {"0.1", 100000000},
        {"1.5m", 90000000000},
        {"1.5min", 90000000000},
        {"2h", 7200000000000},
        {"1d", 86400000000000},
        {"7us", 7000},
        {"3ns", 3},
        {"0.000000001", 1},
        {"0.1000000000000000000000000000000000001s", 100000000},
        {"9223372036s", INT64_C(9223372036000000000)},
        {"9223372036854775807ns", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        cr_assert(duration_parse(cases[i].text, &ns), "%s", cases[i].text);
        cr_assert_eq(ns, cases[i].ns, "%s became %lld", cases[i].text, (long long)ns);
    }
}

Test(options, what_is_no_duration_is_refused_and_changes_nothing)
{
    static const char *const texts[] = {
        "",       "s",    "-5s",          "+5s",         " 5s",
        "5 s",    "5s ",  ".5s",          "5.s",         "1e3s",
        "5S",     "5sec", "0x5s",         "5s5s",        "1,5s",
        "nan",    "inf",  "99999999999h", "9223372037s", "9223372036854775808ns",
        "1.5.2s",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t ns = 42;
        cr_assert_not(duration_parse(texts[i], &ns), "%s", texts[i]);
        cr_assert_eq(ns, 42);
    }
}

Test(options, a_duration_that_is_written_reads_back_the_same)
{
    static const int64_t durations[] = {
        0,           1,           999,           1000,           1500000000, 3000000000,
        60000000000, 90000000000, 3600000000000, 86400000000000, INT64_MAX};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        char text[DURATION_TEXT_SIZE];
        int64_t back = -1;
        duration_format(durations[i], text);
        cr_assert(duration_parse(text, &back), "%s", text);
        cr_assert_eq(back, durations[i], "%s", text);
    }
    char text[DURATION_TEXT_SIZE];
    duration_format(1500000000, text);
    cr_assert_str_eq(text, "1500ms");
    duration_format(0, text);
    cr_assert_str_eq(text, "0s");
}

Test(options, sizes_know_both_kinds_of_units)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"123", 123},
        {"1B", 1},
        {"10k", 10000},
        {"10kB", 10000},
        {"10KiB", 10240},
        {"256MiB", UINT64_C(256) << 20},
        {"2GiB", UINT64_C(2) << 30},
        {"1.5GiB", UINT64_C(3) << 29},
        {"2G", 2000000000},
        {"1TiB", UINT64_C(1) << 40},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 7;
        cr_assert(bytes_parse(cases[i].text, &bytes), "%s", cases[i].text);
        cr_assert_eq(bytes, cases[i].bytes, "%s", cases[i].text);
    }
    static const char *const wrong[] = {"",     "GiB", "-1",         "1 GiB",
                                        "1gib", "1K",  "8388608TiB", "1e9"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint64_t bytes = 7;
        cr_assert_not(bytes_parse(wrong[i], &bytes), "%s", wrong[i]);
        cr_assert_eq(bytes, 7);
    }
}
