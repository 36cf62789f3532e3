#include "checker/state_table.h"
#include "checker/budget.h"
#include "core/random.h"

#include <criterion/criterion.h>

#include <string.h>

enum { LENGTH_MAX = 6, STATES_MAX = 4000 };

static struct budget budget;
static struct state_table table;

static void init(size_t bytes_max)
{
    budget_init(&budget, 0, bytes_max);
    state_table_init(&table, &budget);
}

static void fini(void)
{
    state_table_fini(&table);
    cr_expect_eq(budget.bytes_used, 0);
}

static int32_t intern(uint32_t length, const int32_t *words)
{
    return state_table_intern(&table, words, length);
}

static void expect_words(int32_t state, uint32_t length, const int32_t *words)
{
    uint32_t known;
    const int32_t *there = state_table_get(&table, state, &known);
    cr_assert_eq(known, length);
    cr_assert(length == 0 || memcmp(there, words, length * sizeof *words) == 0);
}

Test(state_table, numbers_states_from_one_and_gives_their_words_back)
{
    init(0);
    cr_expect_eq(intern(2, (int32_t[]){1, 2}), 1);
    cr_expect_eq(intern(1, (int32_t[]){1}), 2);
    cr_expect_eq(intern(3, (int32_t[]){1, 2, 0}), 3);
    expect_words(1, 2, (int32_t[]){1, 2});
    expect_words(2, 1, (int32_t[]){1});
    expect_words(3, 3, (int32_t[]){1, 2, 0});
    fini();
}

Test(state_table, gives_equal_states_the_same_number)
{
    init(0);
    int32_t first = intern(2, (int32_t[]){-7, 9});
    cr_expect_neq(intern(2, (int32_t[]){9, -7}), first);
    cr_expect_eq(intern(2, (int32_t[]){-7, 9}), first);
    fini();
}

Test(state_table, knows_the_empty_state)
{
    init(0);
    int32_t empty = intern(0, NULL);
    cr_expect_eq(empty, 1);
    cr_expect_eq(intern(1, (int32_t[]){0}), 2);
    cr_expect_eq(intern(0, NULL), empty);
    expect_words(empty, 0, NULL);
    fini();
}

Test(state_table, finds_what_is_there_and_adds_nothing)
{
    init(0);
    cr_expect_eq(state_table_find(&table, (int32_t[]){4}, 1), 0);
    int32_t four = intern(1, (int32_t[]){4});
    cr_expect_eq(state_table_find(&table, (int32_t[]){4}, 1), four);
    cr_expect_eq(state_table_find(&table, (int32_t[]){5}, 1), 0);
    cr_expect_eq(intern(1, (int32_t[]){5}), four + 1);
    fini();
}

/* Against a plain list of all states in order of arrival. */
Test(state_table, agrees_with_a_list_of_random_states)
{
    static int32_t words[STATES_MAX][LENGTH_MAX];
    static uint32_t lengths[STATES_MAX];
    uint32_t known = 0;
    struct random random;
    random_init(&random, 3, RANDOM_TEST, 0);
    init(0);
    for (uint32_t i = 0; i < 5 * STATES_MAX && known < STATES_MAX; i++) {
        int32_t state[LENGTH_MAX];
        uint32_t length = (uint32_t)random_below(&random, LENGTH_MAX + 1), at = 0;
        for (uint32_t j = 0; j < length; j++)
            state[j] = (int32_t)random_between(&random, -2, 2);
        while (at < known &&
               (lengths[at] != length || memcmp(words[at], state, length * sizeof *state) != 0))
            at++;
        if (at == known) {
            lengths[known] = length;
            memcpy(words[known++], state, length * sizeof *state);
        }
        cr_assert_eq(intern(length, state), (int32_t)at + 1);
    }
    cr_assert_gt(known, 1000);
    for (uint32_t i = 0; i < known; i++)
        expect_words((int32_t)i + 1, lengths[i], words[i]);
    fini();
}

Test(state_table, is_as_it_was_when_the_budget_ran_out)
{
    init(4096);
    int32_t last = 0, next = 0;
    while ((next = intern(1, &last)) > 0)
        last = next;
    cr_expect_eq(next, -2);
    cr_expect_gt(last, 16);
    cr_expect_leq(budget.bytes_peak, 4096);
    for (int32_t i = 0; i < last; i++)
        cr_expect_eq(intern(1, &i), i + 1);
    fini();
}

Test(state_table, interns_a_draft_and_drops_one_that_is_known)
{
    init(0);
    int32_t known = intern(2, (int32_t[]){4, 5});
    int32_t *draft = state_table_draft(&table, 3);
    memcpy(draft, (int32_t[]){4, 5, 6}, 3 * sizeof *draft);
    cr_expect_eq(state_table_intern_draft(&table, 2), known, "its first two words");
    draft = state_table_draft(&table, 3);
    memcpy(draft, (int32_t[]){4, 5, 6}, 3 * sizeof *draft);
    int32_t longer = state_table_intern_draft(&table, 3);
    cr_expect_eq(longer, known + 1);
    expect_words(longer, 3, (int32_t[]){4, 5, 6});
    cr_assert_not_null(state_table_draft(&table, 0));
    cr_expect_eq(state_table_intern_draft(&table, 0), longer + 1);
    fini();
}

Test(state_table, makes_no_draft_without_memory)
{
    init(1024);
    cr_expect_null(state_table_draft(&table, 1000));
    cr_expect_not_null(state_table_draft(&table, 100));
    fini();
}
