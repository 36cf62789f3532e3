/* What the accesses of one transaction to one key tell of each other. */
#include "dependencies/anomaly_scan.h"

/* What a read of a list saw: its elements, or so many of the key's order. */
struct seen {
    const value_ref *items; /* of an odd read */
    uint32_t first;         /* version of the key */
    uint32_t count;
};

static struct seen see(const struct anomaly_scan *scan, uint32_t index)
{
    const struct transactions *all = scan->all;
    const struct micro *micro = &all->micros[index];
    uint32_t first = all->keys[micro->key].first_version;
    const struct odd_read *odd = micro->is_list ? odd_read_find(all, index) : NULL;
    struct seen seen = {.first = first, .count = micro->version - first};
    if (odd)
        seen.items = txn_list(all, odd->txn, odd->place, &seen.count);
    return seen;
}

static value_ref item(const struct transactions *all, const struct seen *seen, uint32_t i)
{
    return seen->items ? seen->items[i] : all->versions[seen->first + 1 + i].value;
}

/* Whether a list was read that begins as one read before, with so many elements more. */
static bool extends(const struct transactions *all, const struct seen *seen,
                    const struct seen *before, uint32_t more)
{
    if (seen->count != before->count + more)
        return false;
    for (uint32_t i = 0; (seen->items || before->items) && i < before->count; i++)
        if (item(all, seen, i) != item(all, before, i))
            return false;
    return true;
}

struct own_accesses {
    const struct anomaly_scan *scan;
    const struct micro *micros;
    uint32_t first; /* of the transaction */
};

static uint32_t before(const struct own_accesses *own, uint32_t index)
{
    return own->scan->previous[index - own->first];
}

/* Whether a read sees what the transaction had appended to the list since it read it last, behind
 * what it had read. */
static bool list_fits(const struct own_accesses *own, uint32_t index)
{
    const struct transactions *all = own->scan->all;
    struct seen seen = see(own->scan, index);
    uint32_t more = 0, at = before(own, index);
    for (; at != MICRO_NONE && own->micros[at].f == MICRO_APPEND; at = before(own, at)) {
        value_ref appended = all->versions[own->micros[at].version].value;
        more++;
        if (more > seen.count || item(all, &seen, seen.count - more) != appended)
            return false;
    }
    if (at == MICRO_NONE)
        return true;
    struct seen last = see(own->scan, at);
    return extends(all, &seen, &last, more);
}

/* The write of its own that a read does not show, whatever was read between; MICRO_NONE if none. */
static uint32_t own_write_unseen(const struct own_accesses *own, uint32_t index)
{
    const struct transactions *all = own->scan->all;
    struct seen seen = see(own->scan, index);
    uint32_t more = 0;
    for (uint32_t at = before(own, index); at != MICRO_NONE; at = before(own, at)) {
        const struct micro *micro = &own->micros[at];
        if (micro->f == MICRO_WRITE)
            return micro->version == own->micros[index].version ? MICRO_NONE : at;
        if (micro->f != MICRO_APPEND)
            continue;
        more++;
        value_ref appended = all->versions[micro->version].value;
        if (more > seen.count || item(all, &seen, seen.count - more) != appended)
            return at;
    }
    return MICRO_NONE;
}

bool anomaly_scan_own_read(struct anomaly_scan *scan, uint32_t txn, uint32_t index)
{
    const struct transactions *all = scan->all;
    if (all->txns[txn].fate != TXN_COMMITTED)
        return true;
    struct own_accesses own = {scan, all->micros, all->txns[txn].micros};
    uint32_t other = before(&own, index);
    const struct micro *micro = &all->micros[index], *last = &all->micros[other];
    bool is_list = micro->is_list || last->is_list || last->f == MICRO_APPEND;
    bool fits = is_list ? list_fits(&own, index) : micro->version == last->version;
    if (fits)
        return true;
    uint32_t unseen = own_write_unseen(&own, index);
    if (unseen != MICRO_NONE)
        return anomaly_scan_note(scan, ANOMALY_INTERNAL, index, unseen, MICRO_NONE);
    while (all->micros[other].f != MICRO_READ)
        other = before(&own, other);
    return anomaly_scan_note(scan, ANOMALY_UNREPEATABLE_READ, index, other, MICRO_NONE);
}

bool anomaly_scan_own_append(struct anomaly_scan *scan, uint32_t txn, uint32_t index)
{
    const struct transactions *all = scan->all;
    struct own_accesses own = {scan, all->micros, all->txns[txn].micros};
    const struct micro *micro = &all->micros[index];
    uint32_t at = before(&own, index);
    while (at != MICRO_NONE && all->micros[at].f != MICRO_APPEND)
        at = before(&own, at);
    if (at == MICRO_NONE || all->micros[at].version < micro->version)
        return true;
    return anomaly_scan_note(
        scan, ANOMALY_CYCLIC_VERSIONS, at, index,
        anomaly_scan_reader(scan, ANOMALY_CYCLIC_VERSIONS, micro->key, micro->version));
}
