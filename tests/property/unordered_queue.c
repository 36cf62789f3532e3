/* The check of unordered queues against the definition. */
#include "property/containers.h"

Test(unordered_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie,
     .timeout = 300)
{
    struct container_tally tally =
        container_test_objects(&algorithm_unordered_queue, "unordered-queue");
    container_expect_both(&tally, CONTAINER_HISTORIES / 8);
}

Test(unordered_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 300)
{
    struct container_tally tally =
        container_test_windows(&algorithm_unordered_queue, "unordered-queue", false);
    container_expect_both(&tally, 0);
}
