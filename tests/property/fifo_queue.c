/* The check of FIFO queues against the definition. */
#include "property/containers.h"

Test(fifo_queue, agrees_with_every_order_of_queues_that_work_and_clients_that_lie, .timeout = 900)
{
    container_test_objects(&algorithm_fifo_queue, "fifo-queue", 8);
}

Test(fifo_queue, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_test_windows(&algorithm_fifo_queue, "fifo-queue", false, 0);
}
