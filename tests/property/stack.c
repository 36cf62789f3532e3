/* The check of stacks against the definition. */
#include "property/containers.h"

Test(stack, agrees_with_every_order_of_stacks_that_work_and_clients_that_lie, .timeout = 900)
{
    container_check(&algorithm_stack, NULL, 2, 8);
}

Test(stack, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_check(&algorithm_stack, container_stack_windows, 2, 500);
}

Test(stack, agrees_with_every_order_where_many_takes_crashed, .timeout = 900)
{
    container_check(&algorithm_stack, container_crashed_stack_windows, 2, 250);
}
