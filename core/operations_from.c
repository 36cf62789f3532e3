#include "core/operations_from.h"

#include "core/errbuf.h"

int operations_from_history(struct operations *all, const struct history *history, size_t bytes_max,
                            struct errbuf *err)
{
    int rc = operations_init(all, bytes_max);
    if (rc != 0)
        return errbuf_set(err, rc, "no memory for the operations");
    for (size_t i = 0; i < history->count && rc == 0; i++)
        rc = operations_append(all, &history->ops[i], err);
    if (rc == 0)
        rc = operations_finish(all, err);
    all->truncated = history->truncated;
    return rc;
}
