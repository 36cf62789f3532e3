/* From a history in memory to operations: for those who have it event by event already. */
#ifndef CORE_OPERATIONS_FROM_H
#define CORE_OPERATIONS_FROM_H

#include "core/history.h"
#include "core/operations.h"

/* Initialises *all and fills it with every event, paired; the caller frees it with operations_fini
 * in any case. bytes_max as operations_init. Errors: as operations_append and operations_finish. */
int operations_from_history(struct operations *all, const struct history *history, size_t bytes_max,
                            struct errbuf *err);

#endif
