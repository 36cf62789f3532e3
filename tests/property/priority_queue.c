/* The check of priority queues against the definition. */
#include "property/containers.h"

Test(priority_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie,
     .timeout = 900)
{
    container_check(&algorithm_priority_queue, NULL, 2, 8);
}

Test(priority_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_check(&algorithm_priority_queue, container_queue_windows, 2, 500);
}

Test(priority_queue, agrees_with_every_order_where_many_takes_crashed, .timeout = 900)
{
    container_check(&algorithm_priority_queue, container_crashed_queue_windows, 2, 250);
}
