#include "transactions/committed_lists.h"

#include "checker/budget.h"
#include "core/err.h"

/* --- their known order --- */

uint32_t committed_list_previous(const struct committed *done, const struct micro *micro)
{
    const struct transactions *all = done->all;
    if (micro->f != MICRO_APPEND || !done->list_ends)
        return TXN_NONE;
    const struct txn_key *key = &all->keys[micro->key];
    if (micro->version - key->first_version >= key->ordered)
        return done->list_ends[micro->key];
    for (uint32_t version = micro->version - 1; version > key->first_version; version--) {
        uint32_t txn = all->versions[version].txn;
        if (txn != TXN_NONE && txn_is_committed(all, txn))
            return txn;
    }
    return TXN_NONE;
}

int committed_find_list_ends(struct committed *out)
{
    const struct transactions *all = out->all;
    out->list_ends = budget_alloc(out->budget, all->key_count * sizeof *out->list_ends);
    if (!out->list_ends)
        return ERR_NOMEM;
    for (uint32_t key = 0; key < all->key_count; key++) {
        uint32_t first = all->keys[key].first_version, txn = TXN_NONE;
        for (uint32_t i = all->keys[key].ordered; i > 1 && txn == TXN_NONE; i--) {
            uint32_t writer = all->versions[first + i - 1].txn;
            if (writer != TXN_NONE && txn_is_committed(all, writer))
                txn = writer;
        }
        out->list_ends[key] = txn;
    }
    return 0;
}

/* --- what sessions had read of them --- */

/* How far a session has read a list. */
struct list_reading {
    uint32_t session; /* one more than its number; 0: nobody yet */
    uint32_t version;
};

struct freshness {
    struct committed *out;
    uint32_t *first;               /* by session, where its transactions are; and two more */
    uint32_t *txns;                /* by session, in its order */
    struct list_reading *readings; /* by key, of the session that is looked at */
};

static bool is_list_read(const struct micro *micro)
{
    return micro->is_list && micro->f == MICRO_READ && micro->version != VERSION_UNREAD;
}

static bool has_list_reads(const struct transactions *all)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (is_list_read(&all->micros[i]))
            return true;
    return false;
}

static void sort_by_session(struct freshness *run)
{
    const struct transactions *all = run->out->all;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        run->first[all->txns[txn].session + 2]++;
    for (uint32_t i = 2; i < all->session_count + 2; i++)
        run->first[i] += run->first[i - 1];
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        run->txns[run->first[all->txns[txn].session + 1]++] = txn;
}

static void look_at(struct freshness *run, uint32_t txn)
{
    const struct transactions *all = run->out->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (!is_list_read(micro))
            continue;
        struct list_reading *reading = &run->readings[micro->key];
        if (reading->session != all->txns[txn].session + 1)
            *reading = (struct list_reading){all->txns[txn].session + 1,
                                             all->keys[micro->key].first_version};
        uint32_t version = micro_version_of_others(all, txn, micro);
        run->out->fresh[i] = reading->version + 1;
        reading->version = version > reading->version ? version : reading->version;
    }
}

static int look_at_all(struct freshness *run)
{
    const struct transactions *all = run->out->all;
    sort_by_session(run);
    for (uint32_t i = 0; i < all->txn_count; i++) {
        if (budget_time_over(run->out->budget))
            return ERR_TIMEOUT;
        if (txn_is_committed(all, run->txns[i]))
            look_at(run, run->txns[i]);
    }
    return 0;
}

int committed_find_fresh(struct committed *out)
{
    const struct transactions *all = out->all;
    struct budget *budget = out->budget;
    size_t sessions = (size_t)all->session_count + 2;
    if (!has_list_reads(all))
        return 0;
    struct freshness run = {.out = out};
    out->fresh = budget_alloc(budget, all->micro_count * sizeof *out->fresh);
    run.first = budget_zalloc(budget, sessions * sizeof *run.first);
    run.txns = budget_alloc(budget, all->txn_count * sizeof *run.txns);
    run.readings = budget_zalloc(budget, all->key_count * sizeof *run.readings);
    bool is_done = out->fresh && run.first && run.txns && run.readings;
    int rc = is_done ? look_at_all(&run) : ERR_NOMEM;
    budget_free(budget, run.first, sessions * sizeof *run.first);
    budget_free(budget, run.txns, all->txn_count * sizeof *run.txns);
    budget_free(budget, run.readings, all->key_count * sizeof *run.readings);
    return rc;
}

/* --- what one read shows --- */

struct committed_elements committed_elements(const struct committed *done, uint32_t txn,
                                             uint32_t read)
{
    const struct transactions *all = done->all;
    const struct micro *micro = &all->micros[done->reads[read].micro];
    if (!micro->is_list)
        return (struct committed_elements){0};
    return (struct committed_elements){all->keys[micro->key].first_version + 1,
                                       micro_version_of_others(all, txn, micro)};
}

struct committed_elements committed_fresh_elements(const struct committed *done, uint32_t txn,
                                                   uint32_t read)
{
    struct committed_elements elements = committed_elements(done, txn, read);
    if (elements.end > elements.at)
        elements.at = done->fresh[done->reads[read].micro];
    return elements;
}

bool committed_reads_from(const struct committed *done, uint32_t place, uint32_t read,
                          uint32_t from)
{
    if (done->reads[read].writer == from)
        return true;
    struct committed_elements elements = committed_elements(done, done->txns[place].txn, read);
    for (uint32_t version = elements.end; version > elements.at; version--)
        if (committed_appender(done, version - 1) == from)
            return true;
    return false;
}
