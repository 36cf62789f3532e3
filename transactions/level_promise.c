/* What a level promises to who uses a database, without the words of the literature. The
 * definitions (levels.c) are exact; these say what one may rely on. */
#include "transactions/level.h"

#include <assert.h>

#define RC       "reads show only what transactions left behind in the end, "
#define ONE_KEY  "of two transactions that ran at the same time at most one may write the same key"
#define CAUSES   "who sees an effect sees its causes, too: what its writer had done and seen before"
#define IN_ORDER "all keys tell the same order of the transactions that wrote them"

static const char *const promises[LEVEL_COUNT] = {
    [LEVEL_READ_UNCOMMITTED] = IN_ORDER,
    [LEVEL_READ_COMMITTED] = RC "nothing that failed or that they overwrote themselves, and no two "
                                "transactions saw each other's work",
    [LEVEL_CURSOR_STABILITY] =
        "read-committed, and no update is lost: who reads a key and then writes it overwrites just "
        "what it read",
    [LEVEL_CONSISTENT_VIEW] = "who sees one effect of a transaction sees all of its effects, and "
                              "those of all that it depends on",
    [LEVEL_REPEATABLE_READ] = "transactions behave as if they ran one after another, apart from "
                              "reads by predicate and a transaction's view of its own writes",
    [LEVEL_SNAPSHOT_ISOLATION] =
        "each transaction reads from a snapshot of what was committed at one moment; " ONE_KEY,
    [LEVEL_SERIALIZABLE] = "transactions behave as if they ran one after another, in some order",
    [LEVEL_SESSION_READ_UNCOMMITTED] =
        IN_ORDER ", and each process is found in it in the order in which it did its own",
    [LEVEL_SESSION_READ_COMMITTED] =
        "read-committed, and what was written and seen agrees with the order in which each process "
        "did its own transactions",
    [LEVEL_SESSION_SNAPSHOT_ISOLATION] =
        "each transaction reads from a snapshot that has all that its own process did and saw "
        "before; " ONE_KEY,
    [LEVEL_SESSION_SERIALIZABLE] =
        "transactions behave as if they ran one after another, those of each process in the order "
        "in which it did them",
    [LEVEL_STRONG_READ_UNCOMMITTED] =
        IN_ORDER ", and none stands in it before another that was over when it began",
    [LEVEL_STRONG_READ_COMMITTED] =
        "read-committed, and what was written and seen agrees with time: nothing comes before what "
        "was over when it began",
    [LEVEL_STRONG_SNAPSHOT_ISOLATION] =
        "each transaction reads from a snapshot that has all that was over when it began; " ONE_KEY,
    [LEVEL_STRICT_SERIALIZABLE] =
        "each transaction behaves as if it ran in one moment between its beginning and its end",
    [LEVEL_MONOTONIC_ATOMIC_VIEW] =
        "once a transaction has seen something of another, its later reads see all of that one's "
        "writes, or newer ones",
    [LEVEL_READ_ATOMIC] =
        "who sees one write of a transaction sees all of its writes, or newer ones; and those of "
        "its own process",
    [LEVEL_WEAK_CAUSAL] = CAUSES "; two may see what has no such order in different orders",
    [LEVEL_CAUSAL] = CAUSES "; and all agree on which of several writes to a key is the last",
    [LEVEL_CAUSAL_MEMORY] =
        CAUSES "; and one order of the writes explains all that a process reads",
    [LEVEL_PREFIX] = "each transaction sees the beginning of one order of all commits that is the "
                     "same for everybody, and all that its own process did before",
    [LEVEL_PARALLEL_SNAPSHOT_ISOLATION] =
        "each transaction reads from a snapshot that has the causes of all that is in it; " ONE_KEY
        "; snapshots may differ in the order of what is unrelated",
    [LEVEL_READ_YOUR_WRITES] = "a process sees its own earlier writes",
    [LEVEL_MONOTONIC_READS] = "what a process has seen it does not lose sight of again",
    [LEVEL_MONOTONIC_WRITES] =
        "everybody sees the writes of a process in the order in which it made them",
    [LEVEL_WRITES_FOLLOW_READS] =
        "who sees a write sees what its process had read before it made it, too",
    [LEVEL_PRAM] = "everybody sees the writes of a process in the order in which it made them, and "
                   "each process its own at once",
    [LEVEL_SEQUENTIAL] = "operations behave as if they were done one after another, those of each "
                         "process in its own order",
    [LEVEL_LINEARIZABLE] =
        "each operation behaves as if it was done in one moment between its beginning and its end",
    [LEVEL_EVENTUAL] = "when writing has ended, everybody comes to read the same, and no "
                       "acknowledged write is missing",
};

const char *level_promise(enum level level)
{
    assert(level < LEVEL_COUNT && promises[level]);
    return promises[level];
}
