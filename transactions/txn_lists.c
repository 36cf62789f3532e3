/* Which state of its key every read of a list saw. */
#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "transactions/element_table.h"
#include "transactions/txn_build.h"

#include <string.h>

/* Reads that are none of the states are kept; there are few, or the database is broken. */
static int add_odd(struct transactions *all, const struct odd_read *read, struct errbuf *err)
{
    if (all->odd_read_count == all->odd_read_capacity) {
        uint32_t old = all->odd_read_capacity, more = old ? 2 * old : 16;
        struct odd_read *reads =
            budget_resize(all->budget, all->odd_reads, old * sizeof *reads, more * sizeof *reads);
        if (!reads)
            return txn_no_memory(err);
        all->odd_reads = reads;
        all->odd_read_capacity = more;
    }
    all->odd_reads[all->odd_read_count++] = *read;
    return 0;
}

struct lists {
    struct txn_build *build;
    struct element_table seen;
};

static int resolve_odd(struct lists *run, uint32_t txn, uint32_t index, const value_ref *items,
                       uint32_t count, struct errbuf *err)
{
    struct transactions *all = run->build->out;
    struct micro *micro = &all->micros[index];
    struct odd_read read = {.txn = txn, .micro = index, .place = micro->version};
    if (!element_table_begin(&run->seen, count))
        return txn_no_memory(err);
    bool all_differ = element_table_all_differ(&run->seen, items, count);
    read.kind = all_differ ? READ_INCOMPATIBLE : READ_DUPLICATES;
    if (!version_index_add(&run->build->index, micro->key))
        return txn_no_memory(err);
    micro->version = version_index_find(&run->build->index, micro->key, items[count - 1]);
    return add_odd(all, &read, err);
}

static int resolve(struct lists *run, uint32_t txn, uint32_t index, struct errbuf *err)
{
    struct transactions *all = run->build->out;
    struct micro *micro = &all->micros[index];
    const struct longest_list *order = &run->build->keys[micro->key].longest;
    uint32_t count;
    const value_ref *items = txn_list(all, txn, micro->version, &count);
    bool is_prefix =
        count <= order->count && (count == 0 || items == order->items ||
                                  memcmp(items, order->items, count * sizeof *items) == 0);
    if (!is_prefix)
        return resolve_odd(run, txn, index, items, count, err);
    micro->version = all->keys[micro->key].first_version + count;
    return 0;
}

int txn_resolve_lists(struct txn_build *build, struct errbuf *err)
{
    struct transactions *all = build->out;
    struct lists run = {.build = build};
    element_table_init(&run.seen, all->budget);
    int rc = 0;
    for (uint32_t txn = 0; txn < all->txn_count && rc == 0; txn++) {
        if (budget_time_over(all->budget))
            rc = txn_time_over(err);
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros && rc == 0; i++)
            if (all->micros[i].is_list)
                rc = resolve(&run, txn, i, err);
    }
    element_table_fini(&run.seen);
    return rc;
}
