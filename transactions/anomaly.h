/* What a transactional history can show that some consistency level forbids.
 *
 * The names are those of Elle (Kingsbury & Alvaro, VLDB 2020) and Adya ("Weak Consistency", MIT
 * 1999). The cycles are of dependencies (dependencies/dependencies.h); each has variants that need
 * the order of a session (-process) or of time (-realtime) as well. */
#ifndef TRANSACTIONS_ANOMALY_H
#define TRANSACTIONS_ANOMALY_H

#include "transactions/level.h"

#include <stdbool.h>
#include <stdint.h>

enum anomaly {
    /* Seen in single reads and writes. */
    ANOMALY_DUPLICATE_ELEMENTS, /* a list was read with an element in it twice */
    ANOMALY_INCOMPATIBLE_ORDER, /* two reads of a list, neither of which is a prefix of the other */
    ANOMALY_UNWRITTEN_READ,     /* a value was read that nobody wrote */
    ANOMALY_G1A,                /* aborted read: of what a failed transaction wrote */
    ANOMALY_G1B,                /* intermediate read: of what its writer overwrote itself */
    ANOMALY_DIRTY_UPDATE,       /* a committed version upon that of a failed transaction */
    ANOMALY_FUTURE_READ,        /* a transaction read what it wrote only later */
    ANOMALY_INTERNAL,           /* a transaction did not see its own write */
    ANOMALY_UNREPEATABLE_READ,  /* a transaction read a key twice, and differently */
    ANOMALY_LOST_UPDATE,        /* two read the same version of a key and wrote the key */
    ANOMALY_CYCLIC_VERSIONS,    /* the order of a key's versions would have a cycle */
    ANOMALY_DIVERGENCE,         /* final reads disagree (isolation/eventual.c) */
    ANOMALY_LOST_WRITE,         /* a final read lacks an acknowledged write */
    /* Cycles: each kind, its -process and its -realtime variant, in this order. */
    ANOMALY_G0, /* dirty write: WW only */
    ANOMALY_G0_PROCESS,
    ANOMALY_G0_REALTIME,
    ANOMALY_G1C, /* circular information flow: WW and at least one WR */
    ANOMALY_G1C_PROCESS,
    ANOMALY_G1C_REALTIME,
    ANOMALY_G_SINGLE, /* read skew: exactly one RW */
    ANOMALY_G_SINGLE_PROCESS,
    ANOMALY_G_SINGLE_REALTIME,
    ANOMALY_G_NONADJACENT, /* two or more RW, no two of them next to one another */
    ANOMALY_G_NONADJACENT_PROCESS,
    ANOMALY_G_NONADJACENT_REALTIME,
    ANOMALY_G2_ITEM, /* anti-dependency cycle: two or more RW, some next to one another */
    ANOMALY_G2_ITEM_PROCESS,
    ANOMALY_G2_ITEM_REALTIME,
    ANOMALY_COUNT,
};

typedef uint32_t anomaly_set; /* bit = enum anomaly */

static inline anomaly_set anomaly_bit(enum anomaly anomaly)
{
    return UINT32_C(1) << anomaly;
}

static inline bool anomaly_is_cycle(enum anomaly anomaly)
{
    return anomaly >= ANOMALY_G0;
}

/* "G-single-process"; what it means, one sentence. */
const char *anomaly_name(enum anomaly anomaly);
const char *anomaly_doc(enum anomaly anomaly);

/* The anomalies that refute a level wherever they occur, whatever order of versions is chosen. None
 * of them is no proof that the level holds: see isolation/level_check.h. */
anomaly_set anomalies_of_level(enum level level);

#endif
