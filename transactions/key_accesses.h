/* What each transaction found in a register and what it left there, by register: the history of
 * every key by itself.
 *
 * From the budget, read-only once built: 12 bytes for each transaction and register. Linear. */
#ifndef TRANSACTIONS_KEY_ACCESSES_H
#define TRANSACTIONS_KEY_ACCESSES_H

#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

#define ACCESS_UNKNOWN UINT32_MAX

struct key_access {
    uint32_t txn;
    uint32_t found; /* the version that it read before it wrote; if it read none, that it wrote */
    uint32_t left;  /* the last version that it wrote; if it wrote none, that it read */
};

struct key_accesses {
    struct budget *budget;
    struct key_access *items; /* by key, then by transaction; none of lists */
    uint32_t *first;          /* of each key; and of one more */
    uint32_t count, key_count;
};

/* Of committed transactions. What was read is unknown if it is no last version of a committed
 * transaction. False without memory; to be freed also then. */
bool key_accesses_build(const struct transactions *all, struct budget *budget,
                        struct key_accesses *out);
void key_accesses_fini(struct key_accesses *accesses);

#endif
