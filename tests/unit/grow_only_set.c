/* Sets that only grow: what algorithm_grow_only_set says, and why. */
#include "unit/algorithm_support.h"

static const struct asked set = {.algorithm = &algorithm_grow_only_set, .model = "grow-only-set"};

Test(grow_only_set, orders_reads_by_size_and_adds_between_them)
{
    expect_order(&set,
                 "0 invoke add 1\n1 invoke add 2\n2 invoke read\n2 ok read #{2}\n"
                 "2 invoke read\n2 ok read [1 2]\n0 ok add 1\n1 ok add 2",
                 "1 2 0 3");
}

Test(grow_only_set, puts_what_nobody_read_last_and_leaves_out_what_crashed)
{
    expect_order(&set,
                 "0 invoke add 1\n1 invoke add 2\n1 info add 2\n2 invoke read\n2 ok read []\n"
                 "0 ok add 1",
                 "2 0");
}

Test(grow_only_set, counts_an_element_that_is_named_twice_once)
{
    expect_order(&set,
                 "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read [1 1]\n0 invoke add 2\n"
                 "0 ok add 2\n1 invoke read\n1 ok read [2 1]",
                 "0 1 2 3");
}

Test(grow_only_set, lets_the_add_that_began_first_bring_the_element)
{
    expect_order(&set,
                 "0 invoke add 1\n0 info add 1\n1 invoke read\n1 ok read [1]\n1 invoke add 1\n"
                 "1 ok add 1",
                 "0 1 2");
}

Test(grow_only_set, knows_elements_that_are_no_small_numbers)
{
    expect_order(&set, "0 invoke add \"a\"\n0 ok add \"a\"\n0 invoke read\n0 ok read [\"a\"]",
                 "0 1");
    expect_rejected(&set, "0 invoke add \"a\"\n0 ok add \"a\"\n0 invoke read\n0 ok read [\"b\"]",
                    "1", "a read returned an element that nothing has added");
}

Test(grow_only_set, rejects_a_read_that_misses_an_element)
{
    expect_rejected(&set,
                    "0 invoke add 1\n0 ok add 1\n0 invoke add 2\n0 ok add 2\n1 invoke read\n"
                    "1 ok read [2]",
                    "0 2", "a read misses an element that had been added before");
}

Test(grow_only_set, rejects_a_read_that_lost_an_element)
{
    expect_rejected(&set,
                    "0 invoke add 1\n1 invoke read\n1 ok read [1]\n1 invoke read\n1 ok read []",
                    "0 1 2", "a read misses an element that an earlier one had returned");
}

Test(grow_only_set, rejects_an_element_from_the_future)
{
    expect_rejected(&set, "0 invoke read\n0 ok read [1]\n0 invoke add 1\n0 ok add 1", "0 1",
                    "a read returned an element before its add began");
}

Test(grow_only_set, rejects_two_reads_of_which_none_holds_the_other)
{
    expect_rejected(&set,
                    "0 invoke add 1\n1 invoke add 2\n2 invoke read\n3 invoke read\n"
                    "2 ok read [1]\n3 ok read [2]\n0 ok add 1\n1 ok add 2",
                    "0 1 2 3", "two reads each miss an element that the other one has");
}

Test(grow_only_set, rejects_a_read_of_the_later_add_without_the_earlier_one)
{
    expect_rejected(&set,
                    "2 invoke read\n0 invoke add 1\n0 ok add 1\n0 invoke add 2\n0 ok add 2\n"
                    "2 ok read [2]",
                    "0 1 2",
                    "a read returned an element, and misses one that was added before that");
}

Test(grow_only_set, names_a_read_that_is_no_collection)
{
    struct answered got = ask(&set, "0 invoke read\n0 ok read 5");
    expect_contains(got.error, "event 0: a read of a set must be a list or a set");
}

Test(grow_only_set, holds_its_budget)
{
    expect_holds_budget(set, "0 invoke add 1\n0 ok add 1\n1 invoke add 1\n1 ok add 1\n"
                             "0 invoke read\n0 ok read [1]");
}
