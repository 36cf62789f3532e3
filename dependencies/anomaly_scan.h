/* Private to anomalies_scan and its neighbours: what single reads and writes show. */
#ifndef DEPENDENCIES_ANOMALY_SCAN_H
#define DEPENDENCIES_ANOMALY_SCAN_H

#include "dependencies/anomalies.h"
#include "transactions/version_index.h"

/* Of one key, what the transaction looked at did last and first; by micro-operation. Older ones are
 * of other transactions. */
struct key_access {
    uint32_t last, outer_read;
};

/* Of one key, the first versions of its order that no transaction wrote, or one that failed. */
struct key_faults {
    uint32_t aborted, unwritten; /* counted from the initial one; UINT32_MAX if there are none */
};

struct anomaly_scan {
    const struct transactions *all;
    const struct anomalies_options *options;
    struct budget *budget;
    struct anomalies *out;
    struct key_access *accesses;   /* by key */
    struct key_faults *faults;     /* by key */
    uint64_t *intermediate;        /* a bit for each version: its transaction overwrote it */
    uint64_t *written;             /* a bit for each version: its transaction did, so far */
    uint32_t *updater;             /* by version: who read it and then wrote its key */
    uint32_t *previous;            /* of each micro-operation of a transaction: that of the key */
    uint32_t longest;              /* transaction, in micro-operations */
    uint32_t odd;                  /* the next odd read */
    struct version_index elements; /* of the keys with odd reads */
};

#define MICRO_NONE UINT32_MAX

static inline bool anomaly_scan_is_intermediate(const struct anomaly_scan *scan, uint32_t version)
{
    return scan->intermediate[version / 64] >> version % 64 & 1;
}

/* All false without memory. */
bool anomaly_scan_note(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t first,
                       uint32_t second, uint32_t third); /* micro-operations, MICRO_NONE for none */

/* What a transaction's own accesses to one key tell, from the one with this number back. */
bool anomaly_scan_own_read(struct anomaly_scan *scan, uint32_t txn, uint32_t index);
bool anomaly_scan_own_append(struct anomaly_scan *scan, uint32_t txn, uint32_t index);

/* What one read tells of the transactions that wrote what it saw. */
bool anomaly_scan_read(struct anomaly_scan *scan, uint32_t txn, uint32_t index);
bool anomaly_scan_odd_read(struct anomaly_scan *scan, const struct odd_read *read);

/* What the order of a key tells. */
bool anomaly_scan_key(struct anomaly_scan *scan, uint32_t key);

/* For the evidence of an anomaly: the micro-operation that read a version, or a longer state of the
 * list that begins with it. MICRO_NONE if there is none, or no example more of the anomaly is kept:
 * so there are as many searches as examples. O(micro-operations of the history). */
uint32_t anomaly_scan_reader(struct anomaly_scan *scan, enum anomaly anomaly, uint32_t key,
                             uint32_t version);

#endif
