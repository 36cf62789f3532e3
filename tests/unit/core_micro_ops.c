/* Packed transactions: what was added comes back, whatever its size and whoever else is adding. */
#include "core/micro_ops.h"

#include "core/random.h"
#include "core/value_words.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

static struct value_pool *pool;

static void set_up(void)
{
    pool = value_pool_new(0);
}

static void tear_down(void)
{
    value_pool_free(pool);
}

static value_ref number(int32_t i)
{
    return value_ref_int(i);
}

Test(micro_ops, come_back_as_they_were_added, .init = set_up, .fini = tear_down)
{
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, pool);
    cr_assert(micro_ops_begin(&writer));
    cr_assert(micro_ops_add(&writer, MICRO_APPEND, number(5), number(7)));
    cr_assert(micro_ops_begin_list(&writer, number(5)));
    cr_assert(micro_ops_add_item(&writer, number(1)));
    cr_assert(micro_ops_add_item(&writer, number(7)));
    micro_ops_end_list(&writer);
    cr_assert(micro_ops_add(&writer, MICRO_READ, number(9), VALUE_REF_NIL));
    value_ref ref = micro_ops_end(&writer);
    cr_assert(micro_ops_is(ref));

    struct micro_cursor cursor = micro_ops_open(pool, ref);
    struct micro_op op;
    cr_assert(micro_ops_next(&cursor, &op));
    cr_expect(op.f == MICRO_APPEND && op.key == number(5) && op.value == number(7) && !op.is_list);
    cr_assert(micro_ops_next(&cursor, &op));
    cr_expect(op.f == MICRO_READ && op.is_list && op.item_count == 2);
    cr_expect(op.items[0] == number(1) && op.items[1] == number(7));
    uint32_t count;
    cr_expect_eq(micro_ops_items(pool, ref, op.place, &count), op.items);
    cr_expect_eq(count, 2);
    cr_assert(micro_ops_next(&cursor, &op));
    cr_expect(op.f == MICRO_READ && op.value == VALUE_REF_NIL && !op.is_list);
    cr_expect_not(micro_ops_next(&cursor, &op));
}

Test(micro_ops, an_unended_transaction_is_forgotten, .init = set_up, .fini = tear_down)
{
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, pool);
    cr_assert(micro_ops_begin(&writer));
    cr_assert(micro_ops_begin_list(&writer, number(1)));
    cr_assert(micro_ops_add_item(&writer, number(1)));
    cr_assert(micro_ops_begin(&writer));
    cr_assert(micro_ops_add(&writer, MICRO_WRITE, number(2), number(3)));
    struct micro_cursor cursor = micro_ops_open(pool, micro_ops_end(&writer));
    struct micro_op op;
    cr_assert(micro_ops_next(&cursor, &op));
    cr_expect(op.f == MICRO_WRITE && op.key == number(2) && op.value == number(3));
    cr_expect_not(micro_ops_next(&cursor, &op));
}

Test(micro_ops, the_pool_answers_them_as_lists_of_lists, .init = set_up, .fini = tear_down)
{
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, pool);
    cr_assert(micro_ops_begin(&writer));
    cr_assert(
        micro_ops_add(&writer, MICRO_WRITE, value_pool_intern(pool, value_string("x")), number(3)));
    cr_assert(micro_ops_begin_list(&writer, number(1)));
    micro_ops_end_list(&writer);
    value_ref ref = micro_ops_end(&writer);
    struct value keyword_w = value_text(VALUE_KEYWORD, "w", 1);
    struct value keyword_r = value_text(VALUE_KEYWORD, "r", 1);
    struct value write[] = {keyword_w, value_string("x"), value_int(3)};
    struct value read[] = {keyword_r, value_int(1), value_items(VALUE_LIST, NULL, 0)};
    struct value both[] = {value_items(VALUE_LIST, write, 3), value_items(VALUE_LIST, read, 3)};
    cr_expect(value_equal(value_pool_get(pool, ref), value_items(VALUE_LIST, both, 2)));
    size_t bytes = value_pool_bytes(pool);
    value_pool_get(pool, ref);
    cr_expect_eq(value_pool_bytes(pool), bytes, "asked again, it is made again");
    value_ref first, second;
    cr_expect_not(value_pool_pair(pool, ref, &first, &second));
}

Test(micro_ops, packed_a_value_is_what_it_was, .init = set_up, .fini = tear_down)
{
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, pool);
    struct value elements[] = {value_int(1), value_string("b")};
    struct value append[] = {value_text(VALUE_KEYWORD, "append", 6), value_int(5), value_int(7)};
    struct value read[] = {value_text(VALUE_KEYWORD, "r", 1), value_int(5),
                           value_items(VALUE_LIST, elements, 2)};
    struct value write[] = {value_text(VALUE_KEYWORD, "w", 1), value_string("k"),
                            value_items(VALUE_LIST, elements, 2)};
    struct value all[] = {value_items(VALUE_LIST, append, 3), value_items(VALUE_LIST, read, 3),
                          value_items(VALUE_LIST, write, 3)};
    struct value txn = value_items(VALUE_LIST, all, 3);
    value_ref ref;
    cr_assert(micro_ops_pack(&writer, txn, &ref));
    cr_assert(micro_ops_is(ref));
    cr_expect(value_equal(value_pool_get(pool, ref), txn));

    all[1].items = elements;
    cr_assert(micro_ops_pack(&writer, txn, &ref));
    cr_expect_eq(ref, VALUE_REF_NIL, "[1 \"b\"] is no micro-operation");
    cr_assert(micro_ops_pack(&writer, value_int(5), &ref));
    cr_expect_eq(ref, VALUE_REF_NIL);
    cr_assert(micro_ops_pack(&writer, value_items(VALUE_LIST, NULL, 0), &ref));
    cr_expect_eq(micro_ops_open(pool, ref).left, 0);
}

Test(micro_ops, without_memory_they_are_refused)
{
    struct value_pool *small = value_pool_new(300 * 1024);
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, small);
    bool goes_on = micro_ops_begin(&writer) && micro_ops_begin_list(&writer, number(1));
    uint32_t items = 0;
    for (; goes_on && items < 1000000; items++)
        goes_on = micro_ops_add_item(&writer, number(1));
    cr_expect_not(goes_on);
    cr_expect_gt(items, VALUE_WORDS_CHUNK / 2);
    cr_expect_leq(value_pool_bytes(small), 300 * 1024);
    value_pool_free(small);
}

/* --- many, by several threads --- */

enum { THREADS = 4, TRANSACTIONS = 3000 };

struct share {
    uint64_t seed;
    value_ref refs[TRANSACTIONS];
};

/* The transaction that a seed says: small ones, and now and then one of several chunks. */
static uint32_t shape(struct random *random, uint32_t *lists)
{
    *lists = (uint32_t)random_below(random, 200) == 0
                 ? VALUE_WORDS_CHUNK + (uint32_t)random_below(random, 2 * VALUE_WORDS_CHUNK)
                 : (uint32_t)random_below(random, 40);
    return 1 + (uint32_t)random_below(random, 5);
}

static void *add_all(void *context)
{
    struct share *share = context;
    struct random random;
    struct micro_ops_writer writer;
    random_init(&random, share->seed, RANDOM_TEST, 0);
    micro_ops_writer_init(&writer, pool);
    for (int i = 0; i < TRANSACTIONS; i++) {
        uint32_t items, ops = shape(&random, &items);
        bool goes_on = micro_ops_begin(&writer);
        for (uint32_t k = 0; k < ops && goes_on; k++)
            goes_on = micro_ops_add(&writer, MICRO_APPEND, number((int32_t)k), number(i));
        goes_on = goes_on && micro_ops_begin_list(&writer, number(i));
        for (uint32_t k = 0; k < items && goes_on; k++)
            goes_on = micro_ops_add_item(&writer, number((int32_t)k));
        if (goes_on)
            micro_ops_end_list(&writer);
        share->refs[i] = goes_on ? micro_ops_end(&writer) : VALUE_REF_NOMEM;
    }
    return NULL;
}

static void expect_transaction(value_ref ref, int32_t i, uint32_t ops, uint32_t items)
{
    struct micro_cursor cursor = micro_ops_open(pool, ref);
    struct micro_op op;
    for (uint32_t k = 0; k < ops; k++) {
        cr_assert(micro_ops_next(&cursor, &op));
        cr_assert(op.f == MICRO_APPEND && op.key == number((int32_t)k) && op.value == number(i));
    }
    cr_assert(micro_ops_next(&cursor, &op));
    cr_assert(op.is_list && op.key == number(i) && op.item_count == items);
    for (uint32_t k = 0; k < items; k++)
        cr_assert_eq(op.items[k], number((int32_t)k));
    cr_assert_not(micro_ops_next(&cursor, &op));
}

Test(micro_ops, of_all_sizes_are_added_by_several_threads_at_once, .init = set_up,
     .fini = tear_down)
{
    static struct share shares[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        shares[t].seed = (uint64_t)t;
        cr_assert_eq(pthread_create(&threads[t], NULL, add_all, &shares[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < THREADS; t++) {
        struct random random;
        random_init(&random, shares[t].seed, RANDOM_TEST, 0);
        for (int i = 0; i < TRANSACTIONS; i++) {
            uint32_t items, ops = shape(&random, &items);
            expect_transaction(shares[t].refs[i], i, ops, items);
        }
    }
}
