#include "core/value.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct value real(double number)
{
    return (struct value){.kind = VALUE_FLOAT, .real = number};
}

/* One of every kind, all different; two of each where order or content matter. */
static size_t samples(struct value *out)
{
    static struct value one_two[2], two_one[2], one_one[2], nested[2], abcd[4];
    one_two[0] = one_one[0] = one_one[1] = two_one[1] = value_int(1);
    one_two[1] = two_one[0] = value_int(2);
    nested[0] = value_items(VALUE_LIST, one_two, 2);
    nested[1] = value_nil();
    abcd[0] = value_string("a");
    abcd[1] = value_int(1);
    abcd[2] = value_string("b");
    abcd[3] = value_int(2);
    const struct value all[] = {
        value_nil(),
        value_bool(false),
        value_bool(true),
        value_int(0),
        value_int(-1),
        value_int(INT64_MIN),
        value_int(INT64_MAX),
        real(0),
        real(1),
        real(-1.5),
        real(1e300),
        real(5e-324),
        real(INFINITY),
        real(-INFINITY),
        real(NAN),
        value_string(""),
        value_string("text"),
        value_text(VALUE_STRING, "a\0b", 3),
        value_text(VALUE_STRING, "a\0c", 3),
        value_text(VALUE_KEYWORD, "text", 4),
        value_items(VALUE_LIST, NULL, 0),
        value_items(VALUE_LIST, one_two, 2),
        value_items(VALUE_LIST, two_one, 2),
        value_items(VALUE_LIST, one_two, 1),
        value_items(VALUE_LIST, nested, 2),
        value_items(VALUE_SET, NULL, 0),
        value_items(VALUE_SET, one_two, 2),
        value_items(VALUE_SET, one_one, 2),
        value_items(VALUE_MAP, NULL, 0),
        value_items(VALUE_MAP, one_two, 2),
        value_items(VALUE_MAP, two_one, 2),
        value_items(VALUE_MAP, abcd, 4),
    };
    memcpy(out, all, sizeof all);
    return sizeof all / sizeof all[0];
}

Test(value, equals_itself_and_its_copy_and_nothing_else)
{
    struct value all[64];
    size_t count = samples(all);
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t i = 0; i < count; i++) {
        struct value copy;
        cr_assert_eq(value_copy(&arena, all[i], &copy), 0);
        for (size_t j = 0; j < count; j++)
            cr_assert_eq(value_equal(copy, all[j]), i == j, "samples %zu and %zu", i, j);
        cr_assert_eq(value_hash(copy), value_hash(all[i]));
    }
    arena_fini(&arena);
}

Test(value, sets_and_maps_are_equal_in_any_order_and_hash_alike)
{
    struct value ab[4] = {value_int(1), value_int(2), value_int(3), value_int(4)};
    struct value ba[4] = {value_int(3), value_int(4), value_int(1), value_int(2)};
    struct value crossed[4] = {value_int(1), value_int(4), value_int(3), value_int(2)};
    struct value map = value_items(VALUE_MAP, ab, 4);
    cr_assert(value_equal(map, value_items(VALUE_MAP, ba, 4)));
    cr_assert_eq(value_hash(map), value_hash(value_items(VALUE_MAP, ba, 4)));
    cr_assert_not(value_equal(map, value_items(VALUE_MAP, crossed, 4)));
    struct value set = value_items(VALUE_SET, ab, 4);
    cr_assert(value_equal(set, value_items(VALUE_SET, crossed, 4)));
    cr_assert_eq(value_hash(set), value_hash(value_items(VALUE_SET, crossed, 4)));
    cr_assert_not(value_equal(value_items(VALUE_LIST, ab, 4), value_items(VALUE_LIST, ba, 4)));
}

Test(value, how_often_an_element_is_there_matters_in_a_set)
{
    struct value aab[3] = {value_int(1), value_int(1), value_int(2)};
    struct value abb[3] = {value_int(1), value_int(2), value_int(2)};
    cr_assert_not(value_equal(value_items(VALUE_SET, aab, 3), value_items(VALUE_SET, abb, 3)));
}

Test(value, zeros_are_equal_and_hash_alike_whatever_their_sign)
{
    cr_assert(value_equal(real(0.0), real(-0.0)));
    cr_assert_eq(value_hash(real(0.0)), value_hash(real(-0.0)));
}

Test(value, a_copy_does_not_depend_on_its_source)
{
    char text[] = "text";
    struct value inner[1] = {value_string(text)};
    struct value outer[1] = {value_items(VALUE_LIST, inner, 1)};
    struct arena arena;
    arena_init(&arena, 0);
    struct value copy;
    cr_assert_eq(value_copy(&arena, value_items(VALUE_SET, outer, 1), &copy), 0);
    text[0] = 'X';
    inner[0] = value_nil();
    outer[0] = value_nil();
    cr_assert_str_eq(copy.items[0].items[0].text, "text");
    arena_fini(&arena);
}

Test(value, a_copy_that_does_not_fit_says_so)
{
    struct value items[300];
    for (int i = 0; i < 300; i++)
        items[i] = value_string("some text");
    struct arena arena;
    arena_init(&arena, 4096);
    struct value copy;
    cr_assert_eq(value_copy(&arena, value_items(VALUE_LIST, items, 300), &copy), -1);
    arena_fini(&arena);
}

Test(value, only_a_list_of_two_is_a_pair)
{
    struct arena arena;
    struct value pair, first, second;
    arena_init(&arena, 0);
    cr_assert_eq(value_pair(&arena, value_int(1), value_nil(), &pair), 0);
    cr_assert(value_as_pair(pair, &first, &second));
    cr_assert(value_equal(first, value_int(1)) && value_is_nil(second));
    struct value three[3] = {value_nil(), value_nil(), value_nil()};
    cr_assert_not(value_as_pair(value_items(VALUE_LIST, three, 3), &first, &second));
    cr_assert_not(value_as_pair(value_items(VALUE_LIST, three, 1), &first, &second));
    cr_assert_not(value_as_pair(value_items(VALUE_SET, three, 2), &first, &second));
    cr_assert_not(value_as_pair(value_items(VALUE_MAP, three, 2), &first, &second));
    cr_assert_not(value_as_pair(value_int(1), &first, &second));
    arena_fini(&arena);
}

static void assert_written(struct value value, const char *json, const char *text)
{
    struct strbuf buf = STRBUF_INIT;
    value_write_json(&buf, value);
    cr_assert_str_eq(buf.text, json);
    strbuf_reset(&buf);
    value_write_text(&buf, value);
    cr_assert_str_eq(buf.text, text);
    strbuf_fini(&buf);
}

Test(value, is_written_as_json_and_for_people)
{
    struct value items[4] = {value_string("a"), value_int(1), value_text(VALUE_KEYWORD, "k", 1),
                             value_nil()};
    assert_written(value_nil(), "null", "nil");
    assert_written(value_bool(true), "true", "true");
    assert_written(value_int(-5), "-5", "-5");
    assert_written(real(5), "5.0", "5.0");
    assert_written(real(0.1), "0.10000000000000001", "0.10000000000000001");
    assert_written(real(1e22), "1e+22", "1e+22");
    assert_written(real(-0.0), "-0.0", "-0.0");
    assert_written(real(-INFINITY), "{\"float\":\"-inf\"}", "-inf");
    assert_written(value_string("a\"b"), "\"a\\\"b\"", "\"a\\\"b\"");
    assert_written(value_text(VALUE_KEYWORD, "k", 1), "{\"keyword\":\"k\"}", ":k");
    assert_written(value_items(VALUE_LIST, items, 4), "[\"a\",1,{\"keyword\":\"k\"},null]",
                   "[\"a\" 1 :k nil]");
    assert_written(value_items(VALUE_SET, items, 2), "{\"set\":[\"a\",1]}", "#{\"a\" 1}");
    assert_written(value_items(VALUE_MAP, items, 4), "{\"map\":[\"a\",1,{\"keyword\":\"k\"},null]}",
                   "{\"a\" 1 :k nil}");
    assert_written(value_items(VALUE_LIST, NULL, 0), "[]", "[]");
}
