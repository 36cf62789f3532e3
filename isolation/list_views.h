/* Whether what sessions read of lists can be explained element by element: in the order that
 * explains it, a read finds what was appended before it to its key, in the order of the list, and
 * nothing else. The views of session_view.h know of a list only who appended its last element,
 * which is enough to refute.
 *
 * Who read a list read from everyone who appended an element of it. In weak causal consistency a
 * view has only those whom the transaction follows by session order and reads-from.
 *
 * As a list says which appends came before a read, in which order, and that all others came after
 * it, nothing is left to be chosen: there is such an order if and only if those orders, and what
 * the level keeps, have no cycle (Kahn, CACM 1962). Linear in the history for each session; of weak
 * causal consistency, where causal memory does not hold, for each transaction.
 *
 * From the budget. */
#ifndef ISOLATION_LIST_VIEWS_H
#define ISOLATION_LIST_VIEWS_H

#include "transactions/committed.h"
#include "transactions/level.h"

struct budget;

/* *holds: whether there are no lists, or every session has such an order. Where keys are registers
 * too it is false, as what the two ask for together is not looked at, and where weak causal
 * consistency would take too long. For histories in which single
 * reads show nothing (isolation/decider_ready.h). Errors: ERR_NOMEM, ERR_TIMEOUT. */
int list_views_explain(const struct committed *done, enum level level, struct budget *budget,
                       bool *holds);

#endif
