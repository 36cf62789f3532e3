/* What lists tell the order of committed transactions. Private to committed_build. */
#ifndef TRANSACTIONS_COMMITTED_LISTS_H
#define TRANSACTIONS_COMMITTED_LISTS_H

#include "transactions/committed.h"

/* Fills out->list_ends. Errors: ERR_NOMEM. */
int committed_find_list_ends(struct committed *out);

/* Fills out->fresh, if a list was read. Linear. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int committed_find_fresh(struct committed *out);

#endif
