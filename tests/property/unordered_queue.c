/* The check of unordered queues against the definition. */
#include "property/containers.h"

Test(unordered_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie,
     .timeout = 900)
{
    container_test_objects(&algorithm_unordered_queue, "unordered-queue", 8);
}

Test(unordered_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_test_windows(&algorithm_unordered_queue, "unordered-queue", false, 0);
}
