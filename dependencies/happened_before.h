/* The shortest way from one committed transaction to another by session order and reads-from. */
#ifndef DEPENDENCIES_HAPPENED_BEFORE_H
#define DEPENDENCIES_HAPPENED_BEFORE_H

#include "evidence/step_list.h"
#include "transactions/committed.h"

/* Adds the steps of the way to a list; none if there is none. Several steps along one session are
 * one. Breadth first, from `to` backwards and not before `from`: linear in the places between. For
 * an order of places without cycles. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int happened_before(const struct committed *done, uint32_t from, uint32_t to,
                    struct step_list *out);

#endif
