#include "injector/outcomes.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void add(struct history *history, int32_t process, enum op_type type, const char *error)
{
    struct op op = {.process = process, .type = (uint8_t)type, .f = F_READ, .error = error};
    cr_assert_eq(history_append(history, &op, NULL), 0);
}

Test(outcomes, counts_equal_errors_together_and_puts_the_most_frequent_first)
{
    struct history history;
    struct outcomes outcomes;
    history_init(&history);
    add(&history, 0, OP_FAIL, "rare");
    for (int i = 0; i < 3; i++)
        add(&history, i, OP_FAIL, "refused");
    add(&history, 4, OP_INFO, "refused");
    add(&history, 4, OP_INFO, "refused");
    outcomes_count(&history, &outcomes);
    cr_assert_eq(outcomes.count, 3);
    cr_expect_str_eq(outcomes.items[0].error, "refused");
    cr_expect_eq(outcomes.items[0].type, OP_FAIL);
    cr_expect_eq(outcomes.items[0].count, 3);
    cr_expect_eq(outcomes.items[1].type, OP_INFO);
    cr_expect_eq(outcomes.items[1].count, 2);
    cr_expect_str_eq(outcomes.items[2].error, "rare");
    history_fini(&history);
}

Test(outcomes, leaves_out_the_nemesis_and_what_succeeded)
{
    struct history history;
    struct outcomes outcomes;
    history_init(&history);
    add(&history, PROCESS_NEMESIS, OP_INFO, "could not be injected");
    add(&history, 0, OP_OK, NULL);
    add(&history, 0, OP_INVOKE, NULL);
    outcomes_count(&history, &outcomes);
    cr_expect_eq(outcomes.count, 0);
    cr_expect_eq(outcomes.others, 0);
    history_fini(&history);
}

Test(outcomes, counts_what_finds_no_place_as_others)
{
    struct history history;
    struct outcomes outcomes;
    history_init(&history);
    for (int i = 0; i < OUTCOMES_MAX + 5; i++) {
        char error[32];
        snprintf(error, sizeof error, "error %d", i);
        add(&history, 0, OP_FAIL, error);
    }
    outcomes_count(&history, &outcomes);
    cr_expect_eq(outcomes.count, OUTCOMES_MAX);
    cr_expect_eq(outcomes.others, 5);
    history_fini(&history);
}
