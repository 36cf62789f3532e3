#include "formats/reader_unnamed.h"

#include "core/err.h"

/* Whether every event is of no process, and all are pairs: an invocation, then its completion. */
static bool are_pairs(const struct operations *all)
{
    bool pairs = all->operation_count == 0 && all->other_count > 0;
    for (uint32_t i = 0; i < all->other_count && pairs; i++) {
        const struct op *op = &all->others[i].op;
        pairs = op->process == PROCESS_NONE && (op->type == OP_INVOKE) == (i % 2 == 0) &&
                (i % 2 == 0 || op->f == all->others[i - 1].op.f);
    }
    return pairs;
}

static int append_all(const struct operations *all, bool independent, struct operations *named,
                      struct errbuf *err)
{
    int rc = 0;
    int32_t client = 0;
    for (uint32_t i = 0; i < all->other_count && rc == 0; i++) {
        struct op op = all->others[i].op;
        op.process = client;
        client += op.type == OP_INFO; /* who crashed is never seen again */
        if (independent)
            reader_split_key(&op);
        rc = operations_append(named, &op, err);
    }
    return rc == 0 ? operations_finish(named, err) : rc;
}

int reader_name_clients(const struct reader_options *options, struct operations *all,
                        struct errbuf *err)
{
    struct operations named;
    if (!are_pairs(all))
        return 0;
    int rc = operations_init(&named, options->bytes_max);
    if (rc != 0)
        return rc;
    rc = append_all(all, options->independent, &named, err);
    if (rc != 0) {
        operations_fini(&named);
        return rc;
    }
    named.truncated = all->truncated;
    operations_fini(all);
    *all = named;
    return 0;
}
