/* One pass over all transactions, which looks at each access to a key together with those before it
 * in its transaction; one over the orders of all keys; one over the odd reads. */
#include "dependencies/anomaly_scan.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

static const anomaly_set of_scans = (1u << (ANOMALY_CYCLIC_VERSIONS + 1)) - 1;

/* --- evidence --- */

/* The transaction of a micro-operation. */
static uint32_t txn_of(const struct transactions *all, uint32_t index)
{
    uint32_t low = 0, high = all->txn_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (all->txns[middle].micros <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool anomaly_scan_note(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t first,
                       uint32_t second, uint32_t third)
{
    struct evidence *example;
    if (!anomalies_note(scan->out, scan->options, anomaly, &example))
        return false;
    const uint32_t micros[EVIDENCE_MICROS_MAX] = {first, second, third};
    for (int i = 0; example && i < EVIDENCE_MICROS_MAX; i++) {
        if (micros[i] == MICRO_NONE)
            continue;
        example->micros[i] = micros[i];
        example->txns[i] = txn_of(scan->all, micros[i]);
    }
    return true;
}

/* --- lost updates --- */

/* Whether it is what another transaction that committed left in the key, or the beginning. */
static bool is_installed(const struct anomaly_scan *scan, uint32_t txn, uint32_t read)
{
    const struct transactions *all = scan->all;
    uint32_t version = all->micros[read].version;
    if (version == VERSION_UNREAD || version == all->keys[all->micros[read].key].first_version)
        return version != VERSION_UNREAD;
    uint32_t writer = all->versions[version].txn;
    return writer != TXN_NONE && writer != txn && txn_is_committed(all, writer) &&
           !anomaly_scan_is_intermediate(scan, version);
}

static bool note_update(struct anomaly_scan *scan, uint32_t txn, uint32_t read)
{
    struct anomalies_of_kind *kind = &scan->out->kinds[ANOMALY_LOST_UPDATE];
    uint32_t version = scan->all->micros[read].version;
    uint32_t *updater = &scan->updater[version];
    const uint32_t several = MICRO_NONE - 1;
    if (*updater == MICRO_NONE) {
        *updater = read;
        return true;
    }
    if (*updater != several) {
        uint32_t first = *updater;
        *updater = several;
        return anomaly_scan_note(scan, ANOMALY_LOST_UPDATE, first, read, MICRO_NONE);
    }
    for (uint32_t i = 0; i < kind->example_count; i++) {
        struct evidence *example = &kind->examples[i];
        if (scan->all->micros[example->micros[0]].version == version &&
            example->txns[2] == TXN_NONE) {
            example->txns[2] = txn;
            example->micros[2] = read;
        }
    }
    return true;
}

/* --- transactions --- */

static bool scan_read(struct anomaly_scan *scan, uint32_t txn, uint32_t index)
{
    const struct micro *micro = &scan->all->micros[index];
    if (!micro->is_outer && !anomaly_scan_own_read(scan, txn, index))
        return false;
    if (micro->is_outer)
        scan->accesses[micro->key].outer_read = index;
    return anomaly_scan_read(scan, txn, index);
}

static bool scan_write(struct anomaly_scan *scan, uint32_t txn, uint32_t index)
{
    const struct micro *micro = &scan->all->micros[index];
    uint32_t read = scan->accesses[micro->key].outer_read;
    bool is_update = micro->is_outer && read != MICRO_NONE && read >= scan->all->txns[txn].micros;
    scan->written[micro->version / 64] |= UINT64_C(1) << micro->version % 64;
    if (micro->f == MICRO_APPEND && !anomaly_scan_own_append(scan, txn, index))
        return false;
    return !is_update || !is_installed(scan, txn, read) || note_update(scan, txn, read);
}

static bool scan_txn(struct anomaly_scan *scan, uint32_t txn)
{
    const struct transactions *all = scan->all;
    uint32_t first = all->txns[txn].micros, end = all->txns[txn + 1].micros;
    for (uint32_t i = first; i < end; i++) {
        struct key_access *access = &scan->accesses[all->micros[i].key];
        bool is_again = access->last != MICRO_NONE && access->last >= first;
        scan->previous[i - first] = is_again ? access->last : MICRO_NONE;
        access->last = i;
        if (!(all->micros[i].f == MICRO_READ ? scan_read : scan_write)(scan, txn, i))
            return false;
    }
    return true;
}

/* --- passes --- */

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for looking for anomalies");
}

static int scan_all(struct anomaly_scan *scan, struct errbuf *err)
{
    const struct transactions *all = scan->all;
    for (uint32_t key = 0; key < all->key_count; key++)
        if (!anomaly_scan_key(scan, key))
            return no_memory(err);
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (budget_time_over(scan->budget))
            return 0;
        if (txn_is_committed(all, txn) && !scan_txn(scan, txn))
            return no_memory(err);
    }
    for (uint32_t i = 0; i < all->odd_read_count; i++) {
        if (budget_time_over(scan->budget))
            return 0;
        if (!anomaly_scan_odd_read(scan, &all->odd_reads[i]))
            return no_memory(err);
    }
    scan->out->settled |= of_scans & scan->options->wanted;
    return 0;
}

static void mark_intermediate(struct anomaly_scan *scan)
{
    const struct transactions *all = scan->all;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        uint32_t first = all->txns[txn].micros, end = all->txns[txn + 1].micros;
        scan->longest = end - first > scan->longest ? end - first : scan->longest;
        for (uint32_t i = first; i < end; i++) {
            const struct micro *micro = &all->micros[i];
            if (micro->f != MICRO_READ && !micro->is_outer)
                scan->intermediate[micro->version / 64] |= UINT64_C(1) << micro->version % 64;
        }
    }
}

static size_t words_of(const struct transactions *all)
{
    return (size_t)all->version_count / 64 + 1;
}

static bool make_room(struct anomaly_scan *scan)
{
    const struct transactions *all = scan->all;
    struct budget *budget = scan->budget;
    scan->accesses = budget_alloc(budget, all->key_count * sizeof *scan->accesses);
    scan->faults = budget_alloc(budget, all->key_count * sizeof *scan->faults);
    scan->intermediate = budget_zalloc(budget, words_of(all) * sizeof *scan->intermediate);
    scan->written = budget_zalloc(budget, words_of(all) * sizeof *scan->written);
    scan->updater = budget_alloc(budget, all->version_count * sizeof *scan->updater);
    if (!scan->accesses || !scan->faults || !scan->intermediate || !scan->written || !scan->updater)
        return false;
    memset(scan->accesses, 0xff, all->key_count * sizeof *scan->accesses);
    memset(scan->updater, 0xff, all->version_count * sizeof *scan->updater);
    mark_intermediate(scan);
    scan->previous = budget_alloc(budget, scan->longest * sizeof *scan->previous);
    return scan->previous != NULL;
}

int anomalies_scan(const struct transactions *all, const struct anomalies_options *options,
                   struct budget *budget, struct anomalies *out, struct errbuf *err)
{
    struct anomaly_scan scan = {.all = all, .options = options, .budget = budget, .out = out};
    version_index_init(&scan.elements, all, budget);
    int rc = make_room(&scan) ? scan_all(&scan, err) : no_memory(err);
    version_index_fini(&scan.elements);
    budget_free(budget, scan.accesses, all->key_count * sizeof *scan.accesses);
    budget_free(budget, scan.faults, all->key_count * sizeof *scan.faults);
    budget_free(budget, scan.intermediate, words_of(all) * sizeof *scan.intermediate);
    budget_free(budget, scan.written, words_of(all) * sizeof *scan.written);
    budget_free(budget, scan.updater, all->version_count * sizeof *scan.updater);
    budget_free(budget, scan.previous, scan.longest * sizeof *scan.previous);
    return rc;
}
