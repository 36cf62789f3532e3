/* The check of priority queues against the definition. */
#include "property/containers.h"

Test(priority_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie,
     .timeout = 900)
{
    container_test_objects(&algorithm_priority_queue, "priority-queue", 8);
}

Test(priority_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_test_windows(&algorithm_priority_queue, "priority-queue", false, 8);
}
