/* States that are sets of numbers, with numbers far apart. */
#include "checker/model_bits.h"
#include "checker/budget.h"
#include "core/random.h"

#include <criterion/criterion.h>

enum { NUMBERS = 400 };

static struct budget budget;
static struct model_context context;

static int32_t init(void)
{
    budget_init(&budget, 0, 0);
    context = (struct model_context){.budget = &budget};
    state_table_init(&context.states, &budget);
    return state_table_intern(&context.states, NULL, 0);
}

static void fini(void)
{
    state_table_fini(&context.states);
    cr_expect_eq(budget.bytes_used, 0);
}

static int32_t with(int32_t state, int32_t number)
{
    return bits_put(&context, state, number, true);
}

static int32_t without(int32_t state, int32_t number)
{
    return bits_put(&context, state, number, false);
}

Test(model_bits, are_the_same_state_in_whatever_order_they_came)
{
    int32_t empty = init();
    int32_t up = with(with(with(empty, 3), 40), 399), down = with(with(with(empty, 399), 40), 3);
    cr_expect_eq(up, down);
    cr_expect_eq(with(up, 40), up);
    cr_expect_neq(with(up, 41), up);
    fini();
}

Test(model_bits, taken_out_again_leave_no_trace)
{
    int32_t empty = init(), one = with(empty, 200);
    cr_expect_eq(without(one, 200), empty);
    cr_expect_eq(without(with(one, 3), 3), one, "the first word is empty again");
    cr_expect_eq(without(with(one, 399), 399), one, "the last word is empty again");
    cr_expect_eq(without(one, 7), one);
    cr_expect_eq(without(one, 390), one);
    cr_expect_eq(without(empty, 5), empty);
    fini();
}

Test(model_bits, of_a_draft_are_those_that_were_added)
{
    int32_t empty = init();
    struct bits_draft draft;
    cr_assert(bits_draft(&context, 10, 300, &draft));
    cr_expect_eq(bits_intern(&context, &draft), empty);
    cr_assert(bits_draft(&context, 10, 300, &draft));
    bits_add(&draft, 100);
    bits_add(&draft, 70);
    cr_expect_eq(bits_intern(&context, &draft), with(with(empty, 70), 100));
    fini();
}

/* Against an array of flags. */
Test(model_bits, agree_with_flags)
{
    bool in[NUMBERS] = {false};
    struct random random;
    random_init(&random, 5, RANDOM_TEST, 0);
    int32_t state = init();
    for (int i = 0; i < 20000; i++) {
        int32_t number = (int32_t)random_below(&random, NUMBERS);
        bool put = random_below(&random, 100) < (i / 2000 % 2 ? 10 : 60);
        in[number] = put;
        state = bits_put(&context, state, number, put);
        number = (int32_t)random_below(&random, NUMBERS);
        cr_assert_eq(bits_have(&context, state, number), in[number]);
    }
    int32_t again = state_table_intern(&context.states, NULL, 0);
    for (int32_t i = NUMBERS - 1; i >= 0; i--)
        again = in[i] ? with(again, i) : again;
    cr_expect_eq(again, state);
    fini();
}
