/* Counters that are changed by one amount: what algorithm_counter says, and why. */
#include "unit/algorithm_support.h"

static const struct asked counter = {.algorithm = &algorithm_counter, .model = "linear-counter"};

Test(counter, orders_each_read_behind_the_change_it_counts)
{
    expect_order(&counter,
                 "0 invoke read\n1 invoke add 1\n2 invoke add 1\n0 ok read 1\n1 ok add 1\n"
                 "0 invoke read\n2 ok add 1\n0 ok read 2",
                 "1 0 2 3");
}

Test(counter, uses_a_crashed_change_only_if_nothing_else_was_counted)
{
    expect_order(&counter, "0 invoke add 1\n0 info add 1\n1 invoke read\n1 ok read 1", "0 1");
    expect_order(&counter,
                 "0 invoke add 1\n0 info add 1\n1 invoke add 1\n1 ok add 1\n1 invoke read\n"
                 "1 ok read 1",
                 "1 2");
}

Test(counter, gives_a_change_the_step_it_answered)
{
    expect_order(&counter,
                 "0 invoke increment\n1 invoke increment\n0 ok increment 2\n1 ok increment 1",
                 "1 0");
}

Test(counter, counts_down_and_by_other_amounts_than_one)
{
    expect_order(&counter, "0 invoke decrement\n0 ok decrement\n0 invoke read\n0 ok read -1",
                 "0 1");
    expect_order(&counter, "0 invoke add 5\n0 ok add 5\n0 invoke read\n0 ok read 5", "0 1");
}

Test(counter, begins_where_the_user_says)
{
    struct asked ten = counter;
    ten.semantics.initial = value_ref_int(10);
    ten.semantics.initial_is_given = true;
    expect_order(&ten, "0 invoke add 1\n0 ok add 1\n0 invoke read\n0 ok read 11", "0 1");
}

Test(counter, rejects_a_read_that_counts_too_few)
{
    expect_rejected(&counter, "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read 0", "0 1",
                    "an answer counts fewer changes than were over before it was asked for");
}

Test(counter, rejects_a_read_that_counts_too_many)
{
    expect_rejected(&counter, "0 invoke read\n0 ok read 1\n1 invoke add 1\n1 ok add 1", "0 1",
                    "an answer counts more changes than had begun before it was given");
}

Test(counter, rejects_a_counter_that_goes_back)
{
    expect_rejected(&counter,
                    "0 invoke add 1\n1 invoke read\n1 ok read 1\n1 invoke read\n1 ok read 0\n"
                    "0 ok add 1",
                    "0 1 2", "an answer is behind one that was given before it was asked for");
}

Test(counter, rejects_changes_between_two_reads_that_do_not_add_up)
{
    /* Two changes lie between reads of 1 and 2. */
    expect_rejected(&counter,
                    "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read 1\n0 invoke add 1\n"
                    "0 ok add 1\n0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read 2",
                    "0 2 3 4",
                    "an answer counts fewer changes than were over before it was asked for");
}

Test(counter, rejects_a_number_between_two_steps)
{
    expect_rejected(&counter, "0 invoke add 2\n0 ok add 2\n0 invoke read\n0 ok read 1", "0 1",
                    "an answer is no number the counter can have had");
}

Test(counter, rejects_two_changes_that_answered_the_same)
{
    expect_rejected(&counter,
                    "0 invoke increment\n0 ok increment 1\n0 invoke increment\n0 ok increment 1",
                    "0 1", "two changes answered the same new value");
}

Test(counter, leaves_different_amounts_to_others)
{
    expect_not_for_this(&counter, "0 invoke add 1\n0 ok add 1\n0 invoke add 2\n0 ok add 2",
                        "it is changed by different amounts");
}

Test(counter, names_a_read_that_is_no_number)
{
    struct answered got = ask(&counter, "0 invoke read\n0 ok read \"x\"");
    cr_expect_str_eq(got.error, "event 0: a counter's value is an integer, not \"x\"");
}

Test(counter, holds_its_budget)
{
    expect_holds_budget(counter, "0 invoke add 1\n0 ok add 1\n0 invoke read\n0 ok read 1");
}
