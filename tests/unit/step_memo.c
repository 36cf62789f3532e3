#include "checker/step_memo.h"
#include "checker/budget.h"

#include <criterion/criterion.h>

Test(step_memo, knows_nothing_at_first)
{
    struct budget budget;
    struct step_memo memo;
    budget_init(&budget, 0, 0);
    step_memo_init(&memo, &budget);
    cr_expect_eq(step_memo_find(&memo, 1, 0), 0);
    step_memo_fini(&memo);
    cr_expect_eq(budget.bytes_used, 0);
}

Test(step_memo, tells_states_and_operations_apart)
{
    struct budget budget;
    struct step_memo memo;
    budget_init(&budget, 0, 0);
    step_memo_init(&memo, &budget);
    step_memo_add(&memo, 1, 7, 5);
    cr_expect_eq(step_memo_find(&memo, 1, 7), 5);
    cr_expect_eq(step_memo_find(&memo, 2, 7), 0);
    cr_expect_eq(step_memo_find(&memo, 1, 8), 0);
    step_memo_add(&memo, 1, 8, -1);
    cr_expect_eq(step_memo_find(&memo, 1, 8), -1);
    step_memo_fini(&memo);
    cr_expect_eq(budget.bytes_used, 0);
}

/* It may forget; it may not say anything else than what it was told. */
Test(step_memo, forgets_but_never_lies_and_stays_small)
{
    struct budget budget;
    struct step_memo memo;
    uint32_t known = 0;
    enum { STATES = 300, LABELS = 1000 };
    budget_init(&budget, 0, 0);
    step_memo_init(&memo, &budget);
    for (int32_t state = 1; state <= STATES; state++)
        for (uint64_t label = 0; label < LABELS; label++)
            step_memo_add(&memo, state, label << 32, state * LABELS + (int32_t)label);
    for (int32_t state = 1; state <= STATES; state++)
        for (uint64_t label = 0; label < LABELS; label++) {
            int32_t next = step_memo_find(&memo, state, label << 32);
            cr_assert(next == 0 || next == state * LABELS + (int32_t)label);
            known += next != 0;
        }
    cr_expect_gt(known, 30000);
    cr_expect_leq(budget.bytes_used, 1 << 20);
    step_memo_fini(&memo);
    cr_expect_eq(budget.bytes_used, 0);
}

Test(step_memo, does_without_memory_it_is_not_given)
{
    struct budget budget;
    struct step_memo memo;
    budget_init(&budget, 0, 5000);
    step_memo_init(&memo, &budget);
    for (int32_t state = 1; state <= 10000; state++)
        step_memo_add(&memo, state, 1, state + 1);
    cr_expect_leq(budget.bytes_peak, 5000);
    step_memo_add(&memo, 3, 1, 4);
    cr_expect_eq(step_memo_find(&memo, 3, 1), 4);
    step_memo_fini(&memo);
    cr_expect_eq(budget.bytes_used, 0);
    budget_init(&budget, 0, 1);
    step_memo_init(&memo, &budget);
    step_memo_add(&memo, 3, 1, 4);
    cr_expect_eq(step_memo_find(&memo, 3, 1), 0);
    step_memo_fini(&memo);
}
