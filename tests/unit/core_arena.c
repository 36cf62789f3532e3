#include "core/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(arena, allocations_are_aligned_and_never_overlap_or_move)
{
    struct arena arena;
    arena_init(&arena, 0);
    enum { COUNT = 2000 };
    static unsigned char *blocks[COUNT];
    static size_t sizes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = i * 37 % 501;
        blocks[i] = arena_alloc(&arena, sizes[i]);
        cr_assert_not_null(blocks[i]);
        cr_assert_eq((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            cr_assert_eq(blocks[i][j], i % 251);
    arena_fini(&arena);
}

Test(arena, an_allocation_past_the_cap_fails_and_leaves_the_arena_as_it_was)
{
    struct arena arena;
    arena_init(&arena, 10000);
    char *first = arena_strdup(&arena, "first");
    cr_assert_not_null(first);
    struct arena before = arena;
    cr_assert_null(arena_alloc(&arena, 20000));
    cr_assert_eq(memcmp(&before, &arena, sizeof arena), 0);
    size_t taken = 0;
    while (arena_alloc(&arena, 100))
        taken += 100;
    cr_assert(taken > 4000 && taken <= 10000, "%zu", taken);
    cr_assert_leq(arena.bytes_total, 10000);
    cr_assert_str_eq(first, "first");
    arena_fini(&arena);
    cr_assert_eq(arena.bytes_total, 0);
    cr_assert_not_null(arena_alloc(&arena, 100), "it can be used again");
    arena_fini(&arena);
}

Test(arena, reset_forgets_everything_and_keeps_one_block)
{
    struct arena arena;
    size_t settled = 0;
    arena_init(&arena, 1 << 20);
    arena_reset(&arena);
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 100; i++)
            cr_assert_not_null(arena_alloc(&arena, 1000), "round %d", round);
        size_t full = arena.bytes_total;
        arena_reset(&arena);
        cr_assert_eq(arena.used, 0);
        cr_assert(arena.bytes_total > 0 && arena.bytes_total <= full);
        if (round == 3)
            settled = arena.bytes_total;
        cr_assert(round <= 3 || arena.bytes_total == settled, "it grows with every round");
    }
    arena_fini(&arena);
}

Test(arena, sizes_that_cannot_be_are_refused)
{
    struct arena arena;
    arena_init(&arena, 0);
    cr_assert_null(arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(arena_zalloc(&arena, SIZE_MAX / 4, 8));
    cr_assert_not_null(arena_alloc(&arena, 0));
    cr_assert_not_null(arena_zalloc(&arena, 0, 8));
    cr_assert_not_null(arena_zalloc(&arena, 8, 0));
    arena_fini(&arena);
}

Test(arena, copies_hold_what_they_were_given)
{
    struct arena arena;
    arena_init(&arena, 0);
    memset(arena_alloc(&arena, 64), 0xff, 64);
    arena_reset(&arena);
    const char zeros[64] = {0};
    cr_assert_arr_eq((char *)arena_zalloc(&arena, 4, 16), zeros, 64);
    cr_assert_arr_eq((char *)arena_copy(&arena, "a\0b", 3), "a\0b", 3);
    cr_assert_str_eq(arena_strndup(&arena, "abcdef", 3), "abc");
    cr_assert_str_eq(arena_strdup(&arena, ""), "");
    cr_assert_str_eq(arena_printf(&arena, "%s-%d", "x", 42), "x-42");
    char *large = arena_printf(&arena, "%0*d", 100000, 7);
    cr_assert_eq(strlen(large), 100000);
    cr_assert_eq(large[99999], '7');
    arena_fini(&arena);
}
