#include "transactions/anomaly.h"

#include <assert.h>
#include <stddef.h>

/* A row of the table. What the evidence of a kind that is no cycle has as its first, second and
 * third transaction and micro-operation stands beside it. */
struct anomaly_row {
    const char *name, *doc;
    level_set refutes; /* and every level that implies one of these */
};

#define BIT(level) (UINT32_C(1) << (LEVEL_##level))

/* Without these nobody sees any order at all. */
#define OF_SESSIONS                                                                                \
    (BIT(READ_YOUR_WRITES) | BIT(MONOTONIC_READS) | BIT(MONOTONIC_WRITES) |                        \
     BIT(WRITES_FOLLOW_READS) | BIT(WEAK_CAUSAL))
#define COMMITTED (BIT(READ_COMMITTED) | OF_SESSIONS)
/* Levels at which a transaction is more than its single steps. */
#define WHOLE (BIT(SNAPSHOT_ISOLATION) | BIT(SERIALIZABLE) | OF_SESSIONS)

#define CYCLE(name, of, refutes, process_refutes, realtime_refutes)                                \
    {name, of, refutes},                                                                           \
        {name "-process", of ", closed by the order within a session", process_refutes},           \
    {                                                                                              \
        name "-realtime", of ", closed by real time", realtime_refutes                             \
    }

static const struct anomaly_row rows[] = {
    /* the read */
    {"duplicate-elements", "a list was read with an element in it twice",
     BIT(READ_UNCOMMITTED) | OF_SESSIONS},
    /* the read; a read of the order that the others agree on */
    {"incompatible-order", "two reads of a list, neither of which is a prefix of the other",
     COMMITTED},
    /* the read */
    {"unwritten-read", "a value was read that nobody wrote", COMMITTED},
    /* the read; the write that failed */
    {"G1a", "aborted read: of what a failed transaction wrote", COMMITTED},
    /* the read; the write that was not the last of its transaction */
    {"G1b", "intermediate read: of what its writer overwrote itself", COMMITTED},
    /* the append; the one before it, that failed; a read of both */
    {"dirty-update", "a committed version builds upon that of a failed transaction", COMMITTED},
    /* the read; the write after it */
    {"future-read", "a transaction read what it wrote only later", COMMITTED},
    /* the read; the write before it */
    {"internal", "a read contradicts what its own transaction wrote before it",
     WHOLE | BIT(MONOTONIC_ATOMIC_VIEW)},
    /* the read; the one before it */
    {"unrepeatable-read", "a transaction read a key twice, and differently",
     WHOLE | BIT(READ_ATOMIC)},
    /* the reads of two or three that then wrote the key */
    {"lost-update",
     "several transactions read the same version of a key, and each then wrote the key",
     BIT(CURSOR_STABILITY)},
    /* the earlier append of a transaction; its later one; a read in which this came first */
    {"cyclic-versions", "the versions of a key would have to come before one another",
     BIT(READ_UNCOMMITTED) | OF_SESSIONS},
    /* one read; the other */
    {"divergence",
     "last reads of a key by sessions disagree, although all acknowledged writes were over",
     BIT(EVENTUAL)},
    /* the read; the write */
    {"lost-write",
     "a session's last read lacks an acknowledged write, which is not overwritten either",
     BIT(EVENTUAL)},
    CYCLE("G0", "a cycle in which each overwrote what the one before it wrote",
          BIT(READ_UNCOMMITTED), BIT(SESSION_READ_UNCOMMITTED), BIT(STRONG_READ_UNCOMMITTED)),
    CYCLE("G1c", "a cycle in which each overwrote or saw what the one before it wrote",
          BIT(READ_COMMITTED), BIT(SESSION_READ_COMMITTED), BIT(STRONG_READ_COMMITTED)),
    CYCLE("G-single", "a cycle with one anti-dependency (one did not see what the other wrote)",
          BIT(CONSISTENT_VIEW), BIT(PARALLEL_SNAPSHOT_ISOLATION), BIT(STRONG_SNAPSHOT_ISOLATION)),
    CYCLE("G-nonadjacent",
          "a cycle with two or more anti-dependencies (one did not see what the other wrote), no "
          "two next to one another",
          BIT(SNAPSHOT_ISOLATION) | BIT(REPEATABLE_READ), BIT(SESSION_SNAPSHOT_ISOLATION),
          BIT(STRONG_SNAPSHOT_ISOLATION)),
    CYCLE("G2-item",
          "a cycle with two or more anti-dependencies (one did not see what the other wrote), some "
          "next to one another",
          BIT(REPEATABLE_READ), BIT(SESSION_SERIALIZABLE), BIT(STRICT_SERIALIZABLE)),
};

static_assert(sizeof rows / sizeof rows[0] == ANOMALY_COUNT, "a row for each anomaly");

const char *anomaly_name(enum anomaly anomaly)
{
    return rows[anomaly].name;
}

const char *anomaly_doc(enum anomaly anomaly)
{
    return rows[anomaly].doc;
}

anomaly_set anomalies_of_level(enum level level)
{
    level_set weaker = level_implied(level);
    anomaly_set anomalies = 0;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (rows[i].refutes & weaker)
            anomalies |= anomaly_bit((enum anomaly)i);
    return anomalies;
}
