#include "core/symbol.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

Test(symbol, names_that_all_know_have_their_numbers)
{
    cr_assert_eq(symbol_intern("read", 4), F_READ);
    cr_assert_eq(symbol_intern("cas", 3), F_CAS);
    cr_assert_eq(symbol_intern("generate", 8), F_GENERATE);
    cr_assert_str_eq(symbol_name(F_DEQUEUE), "dequeue");
    for (int i = 1; i < F_BUILTIN_COUNT; i++) {
        const char *name = symbol_name((symbol)i);
        cr_assert_eq(symbol_intern(name, strlen(name)), i, "%s", name);
    }
}

Test(symbol, a_name_has_one_number_and_is_compared_whole)
{
    symbol first = symbol_intern("read-all and more", 8);
    cr_assert_neq(first, F_NONE);
    cr_assert_neq(first, F_READ);
    cr_assert_str_eq(symbol_name(first), "read-all");
    cr_assert_eq(symbol_intern("read-all", 8), first);
    cr_assert_neq(symbol_intern("read-al", 7), first);
    cr_assert_neq(symbol_intern("read-alll", 9), first);
    cr_assert_eq(symbol_intern("rea", 3), symbol_intern("rea", 3));
    cr_assert_neq(symbol_intern("rea", 3), F_READ);
}

Test(symbol, what_is_no_name_is_none)
{
    cr_assert_eq(symbol_intern("", 0), F_NONE);
    cr_assert_eq(symbol_intern(NULL, 0), F_NONE);
    cr_assert_eq(symbol_intern("re\0d", 4), F_NONE);
    cr_assert_str_eq(symbol_name(F_NONE), "");
}

Test(symbol, there_are_4096_and_then_no_more)
{
    int made = 0;
    for (int i = 0; i < 5000; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "n%d", i);
        symbol id = symbol_intern(name, (size_t)length);
        made += id != F_NONE;
        if (id != F_NONE)
            cr_assert_str_eq(symbol_name(id), name);
    }
    cr_assert_eq(made, SYMBOL_MAX - F_BUILTIN_COUNT);
    cr_assert_eq(symbol_intern("write", 5), F_WRITE, "those that are there stay");
    cr_assert_neq(symbol_intern("n17", 3), F_NONE);
}

static void *intern_all(void *context)
{
    symbol *ids = context;
    for (int i = 0; i < 500; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "t%d", i);
        ids[i] = symbol_intern(name, (size_t)length);
    }
    return NULL;
}

Test(symbol, threads_agree_on_the_numbers)
{
    static symbol ids[4][500];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, intern_all, ids[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < 4; i++)
        cr_assert_arr_eq(ids[i], ids[0], sizeof ids[0]);
}
