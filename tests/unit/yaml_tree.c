#include "injector/yaml_tree.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct errbuf err;

static void set_up(void)
{
    arena_init(&arena, 0);
}

TestSuite(yaml_tree, .init = set_up);

static struct yaml_node *parse(const char *text)
{
    struct yaml_node *root = NULL;
    int rc = yaml_tree_parse("f.yaml", text, strlen(text), &arena, &root, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    return root;
}

static void expect_error(const char *text, size_t length, const char *message)
{
    struct yaml_node *untouched = (struct yaml_node *)&arena, *root = untouched;
    err.text[0] = '\0';
    cr_assert_eq(yaml_tree_parse("f.yaml", text, length, &arena, &root, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, message);
    cr_assert_eq(root, untouched, "the output changed");
}

Test(yaml_tree, keeps_order_lines_and_how_scalars_were_written)
{
    struct yaml_node *root = parse("b: 1\na:\n  - x\n  - \"1\"\n  - {k: 'v'}\n");
    cr_assert_eq(root->kind, YAML_MAPPING);
    cr_assert_eq(root->count, 2);
    cr_assert_str_eq(root->first->key, "b");
    cr_assert(root->first->plain);
    const struct yaml_node *a = yaml_node_find(root, "a");
    cr_assert_eq(a->line, 2);
    cr_assert_eq(a->count, 3);
    cr_assert_eq(a->first->line, 3);
    cr_assert_not(a->first->next->plain);
    cr_assert_str_eq(a->first->next->text, "1");
    cr_assert_str_eq(a->last->first->key, "k");
    cr_assert_eq(a->last->index, 2);
    cr_assert_null(yaml_node_find(root, "c"));
    cr_assert_null(yaml_node_find(a, "c"));
    cr_assert_null(yaml_node_find(NULL, "c"));
}

Test(yaml_tree, nothing_and_null_are_null_but_their_quoted_texts_are_not)
{
    struct yaml_node *root = parse("[~, null, '', 'null', nil, ]");
    const struct yaml_node *item = root->first;
    cr_assert(yaml_node_is_null(item));
    cr_assert(yaml_node_is_null(item = item->next));
    cr_assert_not(yaml_node_is_null(item = item->next));
    cr_assert_not(yaml_node_is_null(item = item->next));
    cr_assert_not(yaml_node_is_null(item = item->next));
}

Test(yaml_tree, names_line_and_path_in_errors)
{
    struct yaml_node *root = parse("a:\n  b:\n    - {c: 1}\n    - {c: 2}\n");
    const struct yaml_node *list = yaml_node_find(yaml_node_find(root, "a"), "b");
    const struct yaml_node *c = list->last->first;
    yaml_node_error(c, &err, "is %d", 2);
    cr_assert_str_eq(err.text, "f.yaml:4: a.b[1].c: is 2");
    yaml_node_error_below(c, list->last, "here", &err, "is 2");
    cr_assert_str_eq(err.text, "f.yaml:4: here.c: is 2");
    yaml_node_error_missing(list->last, "d", &err, "missing");
    cr_assert_str_eq(err.text, "f.yaml:4: a.b[1].d: missing");
    yaml_node_error(root, &err, "all wrong");
    cr_assert_str_eq(err.text, "f.yaml:1: all wrong");
    cr_assert_eq(yaml_node_error(root, NULL, "nobody listens"), ERR_INPUT);
}

Test(yaml_tree, cuts_what_messages_quote_and_hides_control_characters)
{
    char described[YAML_DESCRIPTION_SIZE];
    struct yaml_node *root = parse(
        "- \"a\\tb\\x1b[31m\"\n- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u00e4\u00e4\u00e4\n");
    yaml_node_describe(root->first, described);
    cr_assert_str_eq(described, "the text \"a?b?[31m\"");
    yaml_node_describe(root->last, described);
    cr_assert_str_eq(described, "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'");
}

Test(yaml_tree, bounds_depth_size_keys_and_count)
{
    static char text[YAML_TREE_BYTES_MAX + 2];
    char key[300];
    memset(text, '[', 33);
    expect_error(text, 33, "f.yaml:1: nested deeper than 32 levels");
    memset(text, ' ', sizeof text);
    expect_error(text, YAML_TREE_BYTES_MAX + 1, "f.yaml:1: longer than 256 KiB");
    memset(key, 'k', 129);
    strcpy(key + 129, ": 1\n");
    expect_error(key, strlen(key), "f.yaml:1: a key is longer than 128 bytes");
    for (int i = 0; i < 20000; i += 2)
        memcpy(text + i, i ? "1," : "[ ", 2);
    memcpy(text + 20000, "1,1]", 4);
    expect_error(text, 20004, "f.yaml:1: more than 10000 values");
}

Test(yaml_tree, refuses_what_would_mean_two_things)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "f.yaml:1: there is nothing in it"},
        {"# x\n", "f.yaml:1: there is nothing in it"},
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3: a: the key is there twice, first on line 1"},
        {"a: 1\n\"a\": 3\n", "f.yaml:2: a: the key is there twice, first on line 1"},
        {"? {a: 1}\n: 2\n", "f.yaml:1: a key must be a plain name"},
        {"\"\": 2\n", "f.yaml:1: a key is empty"},
        {"a: 1\n---\nb: 1\n", "f.yaml:2: a second document begins; one is allowed"},
        {"a:\n\tb: 1\n", "f.yaml:2: the line begins with a tab; indent with spaces"},
        {"a: \"x\\0y\"\n", "f.yaml:1: a text holds the byte NUL"},
        {"a: 1\nb: \xc3\x28\n", "f.yaml:2: not UTF-8 text: invalid trailing UTF-8 octet"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cases[i].text, strlen(cases[i].text), cases[i].message);
    expect_error("a: 1\n\0", 6, "f.yaml:2: not UTF-8 text: control characters are not allowed");
}

Test(yaml_tree, a_value_that_stands_alone_has_no_lines)
{
    struct yaml_node *root = NULL;
    cr_assert_eq(yaml_tree_parse_value("--set a", "[1, {b: 2}]", &arena, &root, &err), 0);
    yaml_node_error(root->last->first, &err, "no");
    cr_assert_str_eq(err.text, "--set a: [1].b: no");
    cr_assert_eq(yaml_tree_parse_value("--set a", "{b: 1, b: 2}", &arena, &root, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, "--set a: b: the key is there twice");
    cr_assert_eq(yaml_tree_parse_value("--set a", "[", &arena, &root, &err), ERR_INPUT);
    cr_assert(strncmp(err.text, "--set a: not YAML: ", 19) == 0, "%s", err.text);
}

Test(yaml_tree, a_member_that_is_set_again_keeps_its_place)
{
    struct yaml_node *root = parse("a: 1\nb: 2\nc: 3\n");
    cr_assert_eq(yaml_node_set(&arena, root, "b", parse("[x, y]")), 0);
    cr_assert_eq(yaml_node_set(&arena, root, "d", parse("4")), 0);
    cr_assert_eq(root->count, 4);
    cr_assert_str_eq(root->first->next->key, "b");
    cr_assert_str_eq(root->first->next->next->key, "c");
    yaml_node_error(yaml_node_find(root, "b")->last, &err, "no");
    cr_assert_str_eq(err.text, "f.yaml:1: b[1]: no");
    cr_assert_eq(yaml_node_set(&arena, root, "e", NULL), ERR_NOMEM);
}

static bool trees_equal(const struct yaml_node *a, const struct yaml_node *b)
{
    if (a->kind != b->kind || a->count != b->count || !a->key != !b->key ||
        (a->key && strcmp(a->key, b->key) != 0))
        return false;
    if (a->kind == YAML_SCALAR)
        return yaml_node_is_null(a) ? yaml_node_is_null(b)
                                    : !yaml_node_is_null(b) && strcmp(a->text, b->text) == 0;
    const struct yaml_node *y = b->first;
    for (const struct yaml_node *x = a->first; x; x = x->next, y = y->next)
        if (!trees_equal(x, y))
            return false;
    return true;
}

Test(yaml_tree, what_is_written_parses_to_an_equal_tree)
{
    static const char *const texts[] = {
        "a: 1\n",
        "[]",
        "{}",
        "-5",
        "{a: {}, b: [], c: ~, d: '', e: 'null', f: \"- x\", g: '---', h: ' lead', i: 'trail '}",
        "{'a b': 1, \"c: d\": 2, '#e': 3, '~': 4, null: 5, '-': 6, '[x': 7}",
        "- \"tab\\t nl\\n cr\\r quote\\\" back\\\\ bell\\a nel\\N nbsp\\_ ls\\L zwnbsp\\uFEFF "
        "ffff\\uFFFF\"\n- \"gr\u00fc\u00df \u65e5\u672c \U0001F600\"\n",
        "a:\n  - - 1\n    - {long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, other: "
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy}\n  - [1, 2]\nb: |\n  text\n   "
        "more\n",
        "x: \"$(rm -rf /) `ls` ${HOME} 'q' \\\"d\\\" {{node.ip}}, [a], {b}: c # d\"\n",
        "{a: -, b: --x, c: 1.5, d: .5, e: 1e3, f: /p/q, g: ./r, h: =, i: 2n, j: a:b}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;
        struct yaml_node *first = parse(texts[i]);
        yaml_node_write(&out, first);
        struct yaml_node *second = parse(out.text);
        cr_assert(trees_equal(first, second), "case %zu became: %s", i, out.text);
        yaml_node_write(&again, second);
        cr_assert_str_eq(out.text, again.text);
        strbuf_fini(&out);
        strbuf_fini(&again);
    }
}

Test(yaml_tree, numbers_and_words_stay_plain_when_written)
{
    struct strbuf out = STRBUF_INIT;
    yaml_node_write(&out, parse("{a: 5, b: '5', c: -1.5, d: true, e: 2n, f: ~}"));
    cr_assert_str_eq(out.text, "a: 5\nb: \"5\"\nc: -1.5\nd: true\ne: 2n\nf: null\n");
    strbuf_fini(&out);
}

Test(yaml_tree, says_which_file_cannot_be_read)
{
    struct yaml_node *root;
    cr_assert_eq(yaml_tree_read("/no/such.yaml", &arena, &root, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, "/no/such.yaml: No such file or directory");
    cr_assert_eq(yaml_tree_read("/tmp", &arena, &root, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, "/tmp: Is a directory");
    cr_assert_eq(yaml_tree_read("/dev/zero", &arena, &root, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, "/dev/zero:1: longer than 256 KiB");
}

Test(yaml_tree, runs_out_of_memory_without_harm)
{
    static const char text[] = "a: [1, 2, {b: c}]\nd: {e: f}\n";
    for (size_t cap = 1; cap < 200; cap++) {
        struct arena small;
        struct yaml_node *root = NULL;
        arena_init(&small, cap * 64);
        int rc = yaml_tree_parse("f.yaml", text, strlen(text), &small, &root, &err);
        cr_assert(rc == 0 ? root != NULL : rc == ERR_NOMEM, "cap %zu: %s", cap, err.text);
        arena_fini(&small);
    }
}
