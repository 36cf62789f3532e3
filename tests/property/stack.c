/* The check of stacks against the definition. */
#include "property/containers.h"

Test(stack, agrees_with_every_order_of_stacks_that_work_and_clients_that_lie, .timeout = 900)
{
    container_test_objects(&algorithm_stack, "stack", 8);
}

Test(stack, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_test_windows(&algorithm_stack, "stack", true, 8);
}
