/* The pool of values: equal values have equal references, whatever they are made of. */
#include "core/value_pool.h"

#include "core/arena.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct value pair_of(struct value items[2], struct value first, struct value second)
{
    items[0] = first;
    items[1] = second;
    return value_items(VALUE_LIST, items, 2);
}

Test(value_pool, small_integers_are_their_own_reference)
{
    static const int64_t integers[] = {0, 1, -1, 5, VALUE_REF_INT_MAX, VALUE_REF_INT_MIN};
    struct value_pool *pool = value_pool_new(0);
    size_t before = value_pool_bytes(pool);
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        value_ref ref = value_pool_intern(pool, value_int(integers[i]));
        cr_expect(value_ref_is_int(ref));
        cr_expect_eq(value_ref_as_int(ref), integers[i]);
        cr_expect_eq(ref, value_ref_int((int32_t)integers[i]));
        cr_expect_eq(value_pool_get(pool, ref).integer, integers[i]);
    }
    cr_expect_eq(value_pool_bytes(pool), before);
    value_pool_free(pool);
}

Test(value_pool, large_integers_are_kept_whole)
{
    static const int64_t integers[] = {VALUE_REF_INT_MAX + 1LL, VALUE_REF_INT_MIN - 1LL, INT64_MAX,
                                       INT64_MIN};
    struct value_pool *pool = value_pool_new(0);
    for (size_t i = 0; i < 4; i++) {
        value_ref ref = value_pool_intern(pool, value_int(integers[i]));
        cr_expect_not(value_ref_is_int(ref));
        cr_expect_eq(value_pool_get(pool, ref).integer, integers[i]);
        cr_expect_eq(value_pool_intern(pool, value_int(integers[i])), ref);
    }
    value_pool_free(pool);
}

Test(value_pool, tells_kinds_with_the_same_text_apart)
{
    struct value_pool *pool = value_pool_new(0);
    value_ref string = value_pool_intern(pool, value_string("a"));
    value_ref keyword = value_pool_intern(pool, value_text(VALUE_KEYWORD, "a", 1));
    cr_expect_neq(string, keyword);
    cr_expect_eq(value_pool_get(pool, keyword).kind, VALUE_KEYWORD);
    cr_expect_eq(value_pool_intern(pool, value_nil()), VALUE_REF_NIL);
    cr_expect_eq(value_pool_intern(pool, value_bool(true)), VALUE_REF_TRUE);
    cr_expect_eq(value_pool_intern(pool, value_bool(false)), VALUE_REF_FALSE);
    cr_expect(value_pool_get(pool, VALUE_REF_TRUE).boolean);
    value_pool_free(pool);
}

Test(value_pool, copies_what_it_is_given)
{
    struct value_pool *pool = value_pool_new(0);
    char text[] = "text\0more";
    value_ref ref = value_pool_intern(pool, value_text(VALUE_STRING, text, 9));
    memset(text, 'x', sizeof text);
    cr_expect_eq(memcmp(value_pool_get(pool, ref).text, "text\0more", 10), 0);
    value_pool_free(pool);
}

Test(value_pool, takes_pairs_apart_into_references)
{
    struct value_pool *pool = value_pool_new(0);
    struct value items[2];
    value_ref ref = value_pool_intern(pool, pair_of(items, value_int(3), value_string("x")));
    value_ref first, second;
    cr_assert(value_pool_pair(pool, ref, &first, &second));
    cr_expect_eq(first, value_ref_int(3));
    cr_expect_eq(second, value_pool_intern(pool, value_string("x")));
    cr_expect_eq(value_pool_intern_pair(pool, first, second), ref);
    cr_expect_neq(value_pool_intern_pair(pool, second, first), ref);
    cr_expect_str_eq(value_pool_get(pool, ref).items[1].text, "x");
    cr_expect_not(value_pool_pair(pool, first, &first, &second));
    cr_expect_not(value_pool_pair(pool, second, &first, &second));
    struct value set = value_items(VALUE_SET, items, 2);
    cr_expect_not(value_pool_pair(pool, value_pool_intern(pool, set), &first, &second));
    value_pool_free(pool);
}

Test(value_pool, sets_and_maps_are_equal_in_any_order)
{
    struct value_pool *pool = value_pool_new(0);
    struct value one[] = {value_int(1), value_int(2), value_int(3)};
    struct value two[] = {value_int(3), value_int(1), value_int(2)};
    cr_expect_eq(value_pool_intern(pool, value_items(VALUE_SET, one, 3)),
                 value_pool_intern(pool, value_items(VALUE_SET, two, 3)));
    cr_expect_neq(value_pool_intern(pool, value_items(VALUE_LIST, one, 3)),
                  value_pool_intern(pool, value_items(VALUE_LIST, two, 3)));
    struct value nan = {.kind = VALUE_FLOAT, .real = NAN};
    cr_expect_eq(value_pool_intern(pool, nan), value_pool_intern(pool, nan));
    value_pool_free(pool);
}

/* Random nested values: references are equal exactly where values are. */
static struct value random_value(struct random *random, struct arena *arena, int depth)
{
    static const char *const texts[] = {"", "a", "b", "ab"};
    switch (random_below(random, depth > 0 ? 9 : 6)) {
    case 0:
        return value_nil();
    case 1:
        return value_bool(random_below(random, 2));
    case 2:
        return value_int((int64_t)1 << random_below(random, 40));
    case 3:
        return (struct value){.kind = VALUE_FLOAT, .real = (double)random_below(random, 3)};
    case 4:
        return value_string(texts[random_below(random, 4)]);
    case 5:
        return value_text(VALUE_KEYWORD, "ab", random_below(random, 3));
    default: {
        size_t count = random_below(random, 4);
        enum value_kind kind = (enum value_kind)(VALUE_LIST + random_below(random, 3));
        count += kind == VALUE_MAP && count % 2;
        struct value *items = arena_alloc(arena, count * sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = random_value(random, arena, depth - 1);
        return value_items(kind, items, count);
    }
    }
}

Test(value_pool, references_are_equal_exactly_where_values_are)
{
    enum { COUNT = 1500 };
    static struct value values[COUNT];
    static value_ref refs[COUNT];
    struct random random;
    struct arena arena;
    struct value_pool *pool = value_pool_new(0);
    size_t equal = 0;
    random_init(&random, 1, RANDOM_TEST, 0);
    arena_init(&arena, 0);
    for (int i = 0; i < COUNT; i++) {
        values[i] = random_value(&random, &arena, 3);
        refs[i] = value_pool_intern(pool, values[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        cr_assert(value_equal(value_pool_get(pool, refs[i]), values[i]));
        for (int j = 0; j < i; j++) {
            bool same = value_equal(values[i], values[j]);
            cr_assert_eq(same, refs[i] == refs[j]);
            equal += same;
        }
    }
    cr_expect_gt(equal, 1000);
    arena_fini(&arena);
    value_pool_free(pool);
}

Test(value_pool, ends_at_its_cap_and_keeps_what_it_has)
{
    enum { CAP = 1 << 16 };
    struct value_pool *pool = value_pool_new(CAP);
    value_ref first = value_pool_intern(pool, value_string("first")), ref = first;
    size_t count = 0;
    for (; ref != VALUE_REF_NOMEM; count++) {
        char text[32];
        snprintf(text, sizeof text, "value %zu", count);
        ref = value_pool_intern(pool, value_string(text));
        cr_assert_leq(value_pool_bytes(pool), CAP);
    }
    cr_expect_gt(count, 200);
    cr_expect_eq(value_pool_intern(pool, value_string("first")), first);
    cr_expect_eq(value_pool_intern(pool, value_int(5)), value_ref_int(5));
    value_pool_free(pool);
    cr_expect_null(value_pool_new(100));
}
