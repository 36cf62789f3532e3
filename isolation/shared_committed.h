/* The committed transactions in order (transactions/committed.h), in the two forms that deciders of
 * weak levels want, each built when it is first asked for and kept for the next level. Internal to
 * isolation/. Where nobody appended both forms are one.
 *
 * Their memory is in use until they are released. In a budget with a cap one form is kept at a
 * time; who asks levels releases it before one that has no use for it, so that no level has less
 * memory than if it were asked alone. */
#ifndef ISOLATION_SHARED_COMMITTED_H
#define ISOLATION_SHARED_COMMITTED_H

#include "transactions/committed.h"

struct shared_committed {
    struct committed forms[2]; /* without and with the order that lists tell */
    bool is_built[2];
};

/* All zero is one of which nothing is built. *out stays until the next call. Errors: ERR_NOMEM,
 * ERR_TIMEOUT of the budget; the form is not built then. */
int shared_committed_get(struct shared_committed *shared, const struct transactions *all,
                         bool with_lists, struct budget *budget, const struct committed **out);
void shared_committed_release(struct shared_committed *shared);

#endif
