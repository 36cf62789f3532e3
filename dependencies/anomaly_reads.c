/* What one read, and the order of one key, tell of the transactions that wrote. */
#include "dependencies/anomaly_scan.h"

/* --- finding --- */

/* The micro-operation of its transaction that wrote a version; MICRO_NONE as anomaly_scan_reader.
 * O(micro-operations of the transaction). */
static uint32_t find_writer(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t version)
{
    const struct transactions *all = scan->all;
    uint32_t txn = all->versions[version].txn;
    if (!anomalies_keeps(scan->out, scan->options, anomaly))
        return MICRO_NONE;
    scan->out->steps += all->txns[txn + 1].micros - all->txns[txn].micros;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].f != MICRO_READ && all->micros[i].version == version)
            return i;
    return MICRO_NONE;
}

uint32_t anomaly_scan_reader(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t key,
                             uint32_t version)
{
    const struct transactions *all = scan->all;
    if (!anomalies_keeps(scan->out, scan->options, anomaly))
        return MICRO_NONE;
    scan->out->steps += all->micro_count;
    uint32_t end = all->keys[key].first_version + all->keys[key].ordered;
    for (uint32_t i = 0; i < all->micro_count; i++) {
        const struct micro *micro = &all->micros[i];
        bool is_of_key = micro->key == key && micro->f == MICRO_READ;
        if (is_of_key && micro->version >= version && micro->version < end &&
            !odd_read_find(all, i))
            return i;
    }
    return MICRO_NONE;
}

/* --- who wrote what was read --- */

static enum anomaly fault_of(const struct transactions *all, uint32_t version)
{
    if (version == VERSION_UNREAD || all->versions[version].txn == TXN_NONE)
        return ANOMALY_UNWRITTEN_READ;
    return txn_is_committed(all, all->versions[version].txn) ? ANOMALY_COUNT : ANOMALY_G1A;
}

static bool note_fault(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t index,
                       uint32_t version)
{
    uint32_t writer = anomaly == ANOMALY_G1A ? find_writer(scan, anomaly, version) : MICRO_NONE;
    return anomaly_scan_note(scan, anomaly, index, writer, MICRO_NONE);
}

/* The first element of a list that nobody wrote, and the first of a transaction that failed. */
static bool scan_elements(struct anomaly_scan *scan, uint32_t index)
{
    const struct transactions *all = scan->all;
    const struct micro *micro = &all->micros[index];
    uint32_t first = all->keys[micro->key].first_version;
    const struct key_faults *faults = &scan->faults[micro->key];
    if (faults->aborted <= micro->version - first &&
        !note_fault(scan, ANOMALY_G1A, index, first + faults->aborted))
        return false;
    return faults->unwritten > micro->version - first ||
           note_fault(scan, ANOMALY_UNWRITTEN_READ, index, first + faults->unwritten);
}

/* What its own transaction wrote later. */
static bool scan_future(struct anomaly_scan *scan, uint32_t index)
{
    uint32_t version = scan->all->micros[index].version;
    if (scan->written[version / 64] >> version % 64 & 1)
        return true;
    return anomaly_scan_note(scan, ANOMALY_FUTURE_READ, index,
                             find_writer(scan, ANOMALY_FUTURE_READ, version), MICRO_NONE);
}

bool anomaly_scan_read(struct anomaly_scan *scan, uint32_t txn, uint32_t index)
{
    const struct transactions *all = scan->all;
    const struct micro *micro = &all->micros[index];
    uint32_t version = micro->version, first = all->keys[micro->key].first_version;
    bool is_odd = scan->odd < all->odd_read_count && all->odd_reads[scan->odd].micro == index;
    scan->odd += is_odd;
    if (version == VERSION_UNREAD)
        return true;
    bool is_ordered = version - first < all->keys[micro->key].ordered;
    if (!is_odd && is_ordered && !scan_elements(scan, index))
        return false;
    if (version == first)
        return true;
    enum anomaly fault = fault_of(all, version);
    if (!is_odd && !is_ordered && fault != ANOMALY_COUNT)
        return note_fault(scan, fault, index, version);
    if (fault != ANOMALY_COUNT)
        return true;
    if (all->versions[version].txn == txn)
        return scan_future(scan, index);
    return !anomaly_scan_is_intermediate(scan, version) ||
           anomaly_scan_note(scan, ANOMALY_G1B, index, find_writer(scan, ANOMALY_G1B, version),
                             MICRO_NONE);
}

/* --- odd reads --- */

bool anomaly_scan_odd_read(struct anomaly_scan *scan, const struct odd_read *read)
{
    const struct transactions *all = scan->all;
    uint32_t key = all->micros[read->micro].key, count, seen = 0;
    const value_ref *items = txn_list(all, read->txn, read->place, &count);
    if (!version_index_add(&scan->elements, key))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t version = version_index_find(&scan->elements, key, items[i]);
        enum anomaly fault = fault_of(all, version);
        if (fault == ANOMALY_COUNT || (seen & anomaly_bit(fault)))
            continue;
        seen |= anomaly_bit(fault);
        if (!note_fault(scan, fault, read->micro, version))
            return false;
    }
    if (read->kind == READ_DUPLICATES)
        return anomaly_scan_note(scan, ANOMALY_DUPLICATE_ELEMENTS, read->micro, MICRO_NONE,
                                 MICRO_NONE);
    uint32_t last = all->keys[key].first_version + all->keys[key].ordered - 1;
    return anomaly_scan_note(scan, ANOMALY_INCOMPATIBLE_ORDER, read->micro,
                             anomaly_scan_reader(scan, ANOMALY_INCOMPATIBLE_ORDER, key, last),
                             MICRO_NONE);
}

/* --- orders of keys --- */

static bool note_dirty_update(struct anomaly_scan *scan, uint32_t key, uint32_t aborted,
                              uint32_t version)
{
    const enum anomaly dirty = ANOMALY_DIRTY_UPDATE;
    return anomaly_scan_note(scan, dirty, find_writer(scan, dirty, version),
                             find_writer(scan, dirty, aborted),
                             anomaly_scan_reader(scan, dirty, key, version));
}

bool anomaly_scan_key(struct anomaly_scan *scan, uint32_t key)
{
    const struct transactions *all = scan->all;
    uint32_t first = all->keys[key].first_version, aborted = 0; /* not built upon yet; 0 = none */
    struct key_faults faults = {UINT32_MAX, UINT32_MAX};
    for (uint32_t i = 1; i < all->keys[key].ordered; i++) {
        enum anomaly fault = fault_of(all, first + i);
        if (fault == ANOMALY_UNWRITTEN_READ) {
            faults.unwritten = faults.unwritten < i ? faults.unwritten : i;
            aborted = 0;
        } else if (fault == ANOMALY_G1A) {
            faults.aborted = faults.aborted < i ? faults.aborted : i;
            aborted = i;
        } else if (all->txns[all->versions[first + i].txn].fate == TXN_COMMITTED) {
            if (aborted && !note_dirty_update(scan, key, first + aborted, first + i))
                return false;
            aborted = 0;
        }
    }
    scan->faults[key] = faults;
    return true;
}
