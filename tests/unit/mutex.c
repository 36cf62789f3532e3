/* Mutexes: what algorithm_mutex and algorithm_owned_mutex say, and why. */
#include "unit/algorithm_support.h"

static const struct asked mutex = {.algorithm = &algorithm_mutex, .model = "mutex"};
static const struct asked owned = {.algorithm = &algorithm_owned_mutex, .model = "owned-mutex"};

Test(mutex, lets_anybody_release)
{
    expect_order(&mutex,
                 "0 invoke acquire\n0 ok acquire\n1 invoke release\n1 ok release\n"
                 "2 invoke lock\n2 ok lock",
                 "0 1 2");
}

Test(mutex, orders_a_release_before_the_acquire_that_ended_before_it)
{
    expect_order(&mutex,
                 "0 invoke acquire\n0 ok acquire\n0 invoke release\n1 invoke acquire\n"
                 "1 ok acquire\n0 ok release",
                 "0 1 2");
}

Test(mutex, uses_a_crashed_release_only_if_it_must)
{
    expect_order(&mutex,
                 "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 info release\n"
                 "1 invoke acquire\n1 ok acquire",
                 "0 1 2");
    expect_order(&mutex,
                 "0 invoke acquire\n0 ok acquire\n1 invoke release\n1 info release\n"
                 "0 invoke release\n0 ok release",
                 "0 2");
}

Test(mutex, rejects_a_second_acquire)
{
    expect_rejected(&mutex, "0 invoke acquire\n0 ok acquire\n1 invoke acquire\n1 ok acquire", "0 1",
                    "it was acquired while nothing can have released it");
}

Test(mutex, rejects_a_release_of_what_is_free)
{
    expect_rejected(&mutex, "0 invoke release\n0 ok release", "0",
                    "it was released while nothing can have acquired it");
}

Test(mutex, shows_only_the_end_of_a_long_history)
{
    expect_rejected(&mutex,
                    "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 ok release\n"
                    "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 ok release\n"
                    "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 ok release\n"
                    "0 invoke release\n0 ok release\n0 invoke acquire\n0 ok acquire",
                    "3 4 5 6", "it was released while nothing can have acquired it");
}

Test(mutex, holds_its_budget)
{
    expect_holds_budget(mutex, "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 ok release");
}

Test(owned_mutex, orders_the_holds_of_two_owners)
{
    expect_order(&owned,
                 "0 invoke acquire\n1 invoke acquire\n1 ok acquire\n1 invoke release\n"
                 "1 ok release\n0 ok acquire\n0 invoke release\n0 ok release",
                 "1 2 0 3");
}

Test(owned_mutex, takes_the_argument_as_the_owner_if_there_is_one)
{
    expect_order(&owned, "0 invoke acquire 7\n0 ok acquire 7\n1 invoke release 7\n1 ok release 7",
                 "0 1");
}

Test(owned_mutex, uses_a_crashed_release_and_leaves_out_a_crashed_acquire)
{
    expect_order(&owned,
                 "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 info release\n"
                 "2 invoke acquire\n2 info acquire\n1 invoke acquire\n1 ok acquire",
                 "0 1 3");
}

Test(owned_mutex, rejects_an_acquire_while_another_holds_it)
{
    expect_rejected(&owned,
                    "0 invoke acquire\n0 ok acquire\n1 invoke acquire\n1 ok acquire\n"
                    "0 invoke release\n0 ok release",
                    "0 1 2", "it was acquired while another held it");
}

Test(owned_mutex, rejects_two_that_both_hold_it_for_ever)
{
    expect_rejected(&owned, "0 invoke acquire\n0 ok acquire\n1 invoke acquire\n1 ok acquire", "0 1",
                    "it was acquired while another held it");
}

Test(owned_mutex, rejects_a_second_acquire_of_its_holder)
{
    expect_rejected(&owned, "0 invoke acquire\n0 ok acquire\n0 invoke acquire\n0 ok acquire", "0 1",
                    "it was acquired by one that held it already");
}

Test(owned_mutex, rejects_a_release_by_one_that_does_not_hold_it)
{
    expect_rejected(&owned, "0 invoke acquire\n0 ok acquire\n1 invoke release\n1 ok release", "1",
                    "it was released by one that did not hold it");
}

Test(owned_mutex, leaves_an_owner_that_does_two_things_at_once_to_others)
{
    expect_not_for_this(&owned,
                        "0 invoke acquire 7\n1 invoke release 7\n0 ok acquire 7\n1 ok release 7",
                        "operations of one owner overlap");
}

Test(owned_mutex, holds_its_budget)
{
    expect_holds_budget(owned, "0 invoke acquire\n0 ok acquire\n0 invoke release\n0 info release");
}
