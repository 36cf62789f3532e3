/* Registers with unique writes: what algorithm_zones says, and why. */
#include "unit/algorithm_support.h"

static const struct asked a_register = {.algorithm = &algorithm_zones, .model = "cas-register"};

Test(zones, orders_a_read_after_the_write_it_saw)
{
    expect_order(&a_register, "0 invoke read\n1 invoke write 1\n1 ok write 1\n0 ok read 1", "1 0");
}

Test(zones, orders_concurrent_writes_by_what_was_read_between)
{
    expect_order(&a_register,
                 "0 invoke write 1\n1 invoke write 2\n2 invoke read\n2 ok read 2\n"
                 "2 invoke read\n2 ok read 1\n0 ok write 1\n1 ok write 2",
                 "1 2 0 3");
}

Test(zones, orders_reads_of_the_initial_value_first)
{
    expect_order(&a_register, "0 invoke write 1\n1 invoke read\n1 ok read nil\n0 ok write 1",
                 "1 0");
}

Test(zones, puts_a_cas_right_behind_the_value_it_replaced)
{
    expect_order(&a_register,
                 "0 invoke write 1\n0 ok write 1\n0 invoke cas [1 2]\n1 invoke read\n"
                 "1 ok read 1\n0 ok cas [1 2]\n1 invoke read\n1 ok read 2",
                 "0 2 1 3");
}

Test(zones, leaves_out_a_crashed_write_that_nobody_read)
{
    expect_order(&a_register, "0 invoke write 1\n1 invoke read\n1 ok read nil", "1");
}

Test(zones, uses_a_crashed_cas_whose_value_was_read)
{
    expect_order(&a_register,
                 "0 invoke write 1\n0 info write 1\n1 invoke cas [1 2]\n1 info cas [1 2]\n"
                 "2 invoke read\n2 ok read 2",
                 "0 1 2");
}

Test(zones, rejects_a_read_of_what_was_overwritten_before_by_two_operations)
{
    expect_rejected(&a_register,
                    "0 invoke write 1\n0 ok write 1\n0 invoke write 2\n0 ok write 2\n"
                    "1 invoke read\n1 ok read 1",
                    "1 2",
                    "a read returned a value that had been overwritten before the read began");
}

Test(zones, rejects_a_read_of_the_initial_value_after_a_write)
{
    expect_rejected(&a_register, "0 invoke write 1\n0 ok write 1\n1 invoke read\n1 ok read nil",
                    "0 1",
                    "a read returned a value that had been overwritten before the read began");
}

Test(zones, rejects_a_value_that_comes_back)
{
    expect_rejected(&a_register,
                    "0 invoke write 1\n1 invoke read\n1 ok read 1\n2 invoke write 2\n"
                    "2 ok write 2\n1 invoke read\n1 ok read 1\n0 ok write 1",
                    "0 1 2 3",
                    "a read returned a value that had been overwritten before the read began");
}

Test(zones, rejects_a_read_that_ended_before_its_write_began)
{
    expect_rejected(&a_register, "0 invoke read\n0 ok read 1\n0 invoke write 1\n0 ok write 1",
                    "0 1", "a read returned a value before the operation that writes it began");
}

Test(zones, rejects_a_read_of_a_value_that_nothing_wrote)
{
    expect_rejected(&a_register, "0 invoke read\n0 ok read 9", "0",
                    "a read returned a value that nothing has written");
}

Test(zones, rejects_a_read_of_what_only_a_failed_write_would_have_written)
{
    expect_rejected(
        &a_register, "0 invoke write 9\n0 fail write 9\n0 invoke read\n0 ok read 9", "1",
        "a read returned a value that only an operation that failed would have written");
}

Test(zones, rejects_two_cas_of_one_value)
{
    expect_rejected(&a_register,
                    "0 invoke write 1\n0 ok write 1\n0 invoke cas [1 2]\n1 invoke cas [1 3]\n"
                    "0 ok cas [1 2]\n1 ok cas [1 3]",
                    "0 1 2", "two cas replaced the same value, which was there only once");
}

Test(zones, rejects_cas_that_need_each_other)
{
    expect_rejected(&a_register,
                    "0 invoke cas [1 2]\n1 invoke cas [2 1]\n0 ok cas [1 2]\n1 ok cas [2 1]", "0 1",
                    "several cas each replaced what another of them had written");
}

Test(zones, rejects_a_read_of_a_value_that_a_cas_had_replaced)
{
    expect_rejected(&a_register,
                    "0 invoke write 1\n0 ok write 1\n0 invoke cas [1 2]\n0 ok cas [1 2]\n"
                    "1 invoke read\n1 ok read 1",
                    "0 1 2",
                    "a read returned a value that a cas had replaced before the read began");
}

Test(zones, leaves_a_value_written_twice_and_read_to_others)
{
    expect_not_for_this(&a_register,
                        "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1\n"
                        "0 invoke read\n0 ok read 1",
                        "a value that was read is written twice");
}

Test(zones, leaves_the_initial_value_written_and_read_to_others)
{
    expect_not_for_this(&a_register,
                        "0 invoke write nil\n0 ok write nil\n0 invoke read\n0 ok read nil",
                        "a value that was read is written, and the initial one");
}

Test(zones, decides_a_value_written_twice_if_nobody_read_it)
{
    expect_order(&a_register, "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1",
                 "0 1");
}

Test(zones, decides_a_write_that_crashed_and_was_tried_again)
{
    expect_order(&a_register,
                 "0 invoke write 1\n0 info write 1\n1 invoke write 1\n1 ok write 1\n"
                 "1 invoke read\n1 ok read 1",
                 "1 2");
}

Test(zones, leaves_a_violation_to_others_if_a_crashed_write_may_explain_it)
{
    expect_not_for_this(&a_register,
                        "0 invoke write 1\n0 info write 1\n1 invoke write 1\n1 ok write 1\n"
                        "1 invoke write 2\n1 ok write 2\n1 invoke read\n1 ok read 1",
                        "a crashed operation may have written a value a second time");
}

Test(zones, leaves_failed_cas_that_prove_something_to_others_unless_there_is_a_violation)
{
    struct asked differs = a_register;
    differs.semantics.failed_cas_differs = true;
    expect_not_for_this(&differs, "0 invoke cas [1 2]\n0 fail cas [1 2]",
                        "a failed cas says what the value was not");
    expect_rejected(&differs, "0 invoke cas [1 2]\n0 fail cas [1 2]\n0 invoke read\n0 ok read 9",
                    "1", "a read returned a value that nothing has written");
}

Test(zones, tries_nil_where_the_object_may_also_begin_with_it)
{
    struct asked either = a_register;
    either.semantics.initial = value_ref_int(0);
    either.semantics.initial_is_given = true;
    expect_rejected(&either, "0 invoke read\n0 ok read nil", "0",
                    "a read returned a value that nothing has written");
    either.semantics.initial_may_be_nil = true;
    expect_order(&either, "0 invoke read\n0 ok read nil", "0");
    expect_order(&either, "0 invoke read\n0 ok read 0", "0");
    expect_rejected(&either, "0 invoke read\n0 ok read 0\n0 invoke read\n0 ok read nil", "0 1",
                    "a read returned a value that nothing has written");
}

Test(zones, takes_a_cas_from_a_value_to_itself_as_a_read)
{
    expect_rejected(&a_register, "0 invoke cas [1 1]\n0 ok cas [1 1]", "0",
                    "a read returned a value that nothing has written");
}

Test(zones, names_an_operation_that_the_model_does_not_have)
{
    struct asked plain = {.algorithm = &algorithm_zones, .model = "register"};
    struct answered got = ask(&plain, "0 invoke read\n0 ok read nil\n0 invoke cas [1 2]");
    cr_expect_str_eq(got.error,
                     "event 2: a register has no operation \"cas\"; it has read and write");
}

Test(zones, holds_its_budget)
{
    expect_holds_budget(a_register, "0 invoke write 1\n0 ok write 1\n0 invoke cas [1 5000]\n"
                                    "0 ok cas [1 5000]\n1 invoke read\n1 ok read 5000");
}
