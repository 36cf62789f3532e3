/* Whether what sessions read of lists can be explained element by element: in the order that
 * explains it, a read finds what was appended before it to its key, in the order of the list, and
 * nothing else.
 *
 * As a list says which appends came before a read, in which order, and that all others came after
 * it, nothing is left to be chosen: there is such an order if and only if those orders, and what
 * the level keeps, have no cycle (isolation/list_order.h). One walk over the history where a single
 * order explains everybody; otherwise one for each session.
 *
 * In weak causal consistency each transaction has a view of its own, of what happened before it.
 * Somebody may have happened before who appended what the transaction did not see: for that, one
 * walk over the history for each session is enough. Or the lists that it read may contradict what
 * happened before; as long as the lists of all of them do not, no list does. If they do, what the
 * cycle found takes of lists parts the transactions, those who read all of that from those who did
 * not, and so on, within a bound of work.
 *
 * From the budget: about 20 bytes for a place, 12 for a version and 16 for a read. */
#ifndef ISOLATION_LIST_VIEWS_H
#define ISOLATION_LIST_VIEWS_H

#include "evidence/evidence.h"
#include "transactions/committed.h"
#include "transactions/level.h"

struct arena;
struct budget;

enum list_views_end {
    LIST_VIEWS_NONE, /* there are no lists */
    LIST_VIEWS_HOLD, /* everything that was read has such an order */
    LIST_VIEWS_REFUTED,
    LIST_VIEWS_GIVEN_UP, /* keys are registers, too; or weak causal consistency takes too long */
};

/* *out: evidence that it is refuted, in the arena. What lists and registers ask for together is not
 * looked at. For histories in which single reads show nothing (isolation/decider_ready.h). Errors:
 * ERR_NOMEM, also the arena's, ERR_TIMEOUT. */
int list_views_explain(const struct committed *done, enum level level, struct budget *budget,
                       struct arena *arena, enum list_views_end *end, struct evidence *out);

#endif
