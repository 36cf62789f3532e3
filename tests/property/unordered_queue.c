/* The check of unordered queues against the definition. */
#include "property/containers.h"

Test(unordered_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie,
     .timeout = 900)
{
    container_check(&algorithm_unordered_queue, NULL, 2, 8);
}

Test(unordered_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_check(&algorithm_unordered_queue, container_queue_windows, 2, 0);
}

Test(unordered_queue, agrees_with_every_order_where_many_takes_crashed, .timeout = 900)
{
    container_check(&algorithm_unordered_queue, container_crashed_queue_windows, 2, 0);
}
