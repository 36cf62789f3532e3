#include "transactions/transactions.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "transactions/txn_build.h"
#include "transactions/version_index.h"

int txn_no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the transactions");
}

int txn_time_over(struct errbuf *err)
{
    return errbuf_set(err, ERR_TIMEOUT, "the time was over before the transactions were numbered");
}

void transactions_fini(struct transactions *all)
{
    struct budget *budget = all->budget;
    budget_free(budget, all->txns, ((size_t)all->txn_count + 1) * sizeof *all->txns);
    budget_free(budget, all->packed, all->txn_count * sizeof *all->packed);
    budget_free(budget, all->micros, all->micro_count * sizeof *all->micros);
    budget_free(budget, all->keys, ((size_t)all->key_count + 1) * sizeof *all->keys);
    budget_free(budget, all->versions, all->version_capacity * sizeof *all->versions);
    budget_free(budget, all->odd_reads, all->odd_read_capacity * sizeof *all->odd_reads);
    value_numbers_fini(&all->key_values);
}

uint32_t version_key(const struct transactions *all, uint32_t version)
{
    uint32_t low = 0, high = all->key_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (all->keys[middle].first_version <= version)
            low = middle;
        else
            high = middle;
    }
    return low;
}

const struct odd_read *odd_read_find(const struct transactions *all, uint32_t micro)
{
    uint32_t low = 0, high = all->odd_read_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (all->odd_reads[middle].micro < micro)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < all->odd_read_count && all->odd_reads[low].micro == micro;
    return is_there ? &all->odd_reads[low] : NULL;
}

/* An uncertain transaction took effect if a committed one saw a version of it. */
static void observe(struct transactions *all, uint32_t version)
{
    uint32_t writer = all->versions[version].txn;
    if (writer != TXN_NONE && all->txns[writer].fate == TXN_UNSEEN)
        all->txns[writer].fate = TXN_OBSERVED;
}

static void observe_odd(struct transactions *all, const struct version_index *index)
{
    for (uint32_t i = 0; i < all->odd_read_count; i++) {
        const struct odd_read *read = &all->odd_reads[i];
        uint32_t count, key = all->micros[read->micro].key;
        const value_ref *items = txn_list(all, read->txn, read->place, &count);
        for (uint32_t k = 0; k < count; k++) {
            uint32_t version = version_index_find(index, key, items[k]);
            if (version != VERSION_UNREAD)
                observe(all, version);
        }
    }
}

static void find_observed(struct transactions *all, const struct version_index *index)
{
    for (uint32_t key = 0; key < all->key_count; key++)
        for (uint32_t i = 1; i < all->keys[key].ordered; i++)
            observe(all, all->keys[key].first_version + i);
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (all->txns[txn].fate != TXN_COMMITTED)
            continue;
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
            if (all->micros[i].f == MICRO_READ && all->micros[i].version != VERSION_UNREAD)
                observe(all, all->micros[i].version);
    }
    observe_odd(all, index);
}

int transactions_build(const struct transactions_source *source, struct budget *budget,
                       struct transactions *out, struct errbuf *err)
{
    *out = (struct transactions){
        .object = source->object, .budget = budget, .rewritten_by = {TXN_NONE, TXN_NONE}};
    value_numbers_init(&out->key_values, budget);
    struct txn_build build = {
        .source = source, .out = out, .pool = source->object->values, .keys_max = TXN_KEYS_MAX};
    version_index_init(&build.index, out, budget);
    int rc = txn_decode(&build, err);
    if (rc == 0)
        rc = txn_number_versions(&build, err);
    if (rc == 0)
        rc = txn_resolve_lists(&build, err);
    if (rc == 0)
        find_observed(out, &build.index);
    version_index_fini(&build.index);
    budget_free(budget, build.keys, build.key_capacity * sizeof *build.keys);
    return rc;
}
