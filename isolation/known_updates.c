#include "isolation/known_updates.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

struct looking {
    const struct transactions *all;
    uint32_t *last_write; /* by key: the transaction's, as a micro-operation */
    enum known_updates found;
    struct step *steps;
};

static bool is_installed(const struct transactions *all, uint32_t version)
{
    uint32_t writer = all->versions[version].txn;
    return writer != TXN_NONE && txn_is_committed(all, writer);
}

static bool is_ordered(const struct transactions *all, uint32_t key, uint32_t version)
{
    return version - all->keys[key].first_version < all->keys[key].ordered;
}

/* The next version in the known order of the key; VERSION_UNREAD if there is none. */
static uint32_t next_of(const struct transactions *all, uint32_t key, uint32_t version)
{
    uint32_t end = all->keys[key].first_version + all->keys[key].ordered;
    while (++version < end)
        if (is_installed(all, version))
            return version;
    return VERSION_UNREAD;
}

/* Whether others than the transaction wrote versions of the key in no known order. */
static bool has_rivals(const struct transactions *all, uint32_t key, uint32_t txn)
{
    uint32_t begin = all->keys[key].first_version + all->keys[key].ordered;
    for (uint32_t version = begin; version < all->keys[key + 1].first_version; version++)
        if (is_installed(all, version) && all->versions[version].txn != txn)
            return true;
    return false;
}

/* What becomes of the reader of a version whose transaction wrote the key too. */
static void look_at_update(struct looking *run, uint32_t txn, const struct micro *read,
                           const struct micro *write)
{
    const struct transactions *all = run->all;
    uint32_t next = is_ordered(all, read->key, read->version)
                        ? next_of(all, read->key, read->version)
                        : VERSION_UNREAD;
    if (next == VERSION_UNREAD) {
        bool is_behind = !is_ordered(all, read->key, write->version);
        if (is_behind && has_rivals(all, read->key, txn) && run->found == UPDATES_IN_ORDER)
            run->found = UPDATES_UNCERTAIN;
        return;
    }
    uint32_t rival = all->versions[next].txn;
    if (rival == txn || write->version < next)
        return;
    run->found = UPDATE_LOST;
    run->steps[0] = (struct step){txn, rival, read->key, LEMMA_NONE, STEP_RW};
    run->steps[1] = (struct step){rival, txn, read->key, LEMMA_NONE, STEP_WW};
}

static bool tells(const struct transactions *all, uint32_t txn, const struct micro *read)
{
    if (read->f != MICRO_READ || read->version == VERSION_UNREAD)
        return false;
    uint32_t writer = all->versions[read->version].txn;
    bool is_initial = read->version == all->keys[read->key].first_version;
    return is_initial || (writer != txn && is_installed(all, read->version));
}

/* Of a list every version counts, the last of them most: they are in the transaction's order. */
static void look_at_txn(struct looking *run, uint32_t txn)
{
    const struct transactions *all = run->all;
    uint32_t begin = all->txns[txn].micros, end = all->txns[txn + 1].micros;
    for (uint32_t i = begin; i < end; i++)
        if (all->micros[i].f != MICRO_READ)
            run->last_write[all->micros[i].key] = i;
    for (uint32_t i = begin; i < end && run->found != UPDATE_LOST; i++) {
        uint32_t write = run->last_write[all->micros[i].key];
        bool is_update = write != UINT32_MAX && write >= begin && write < end;
        if (is_update && tells(all, txn, &all->micros[i]))
            look_at_update(run, txn, &all->micros[i], &all->micros[write]);
    }
}

int known_updates_look(const struct transactions *all, struct budget *budget,
                       enum known_updates *out, struct step steps[2])
{
    size_t size = all->key_count * sizeof(uint32_t);
    struct looking run = {.all = all, .steps = steps, .found = UPDATES_IN_ORDER};
    run.last_write = budget_alloc(budget, size);
    if (!run.last_write)
        return ERR_NOMEM;
    memset(run.last_write, 0xff, size);
    int rc = 0;
    for (uint32_t txn = 0; txn < all->txn_count && rc == 0 && run.found != UPDATE_LOST; txn++) {
        if (txn_is_committed(all, txn))
            look_at_txn(&run, txn);
        rc = budget_time_over(budget) ? ERR_TIMEOUT : 0;
    }
    budget_free(budget, run.last_write, size);
    *out = run.found;
    return rc;
}
