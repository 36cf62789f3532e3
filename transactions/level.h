/* The consistency levels there are.
 *
 * H is a history: transactions, of which those that committed count; SO orders the transactions of
 * each session, RT those of which one ended before the other began. A version order chosen for
 * every key gives the dependencies of Adya ("Weak Consistency", MIT 1999, section 4.4):
 * WW (installed the next version), WR (read what was written), RW (read a version of which the
 * other installed the next). "There is" means: for some choice of what the history does not tell.
 *
 * Who read a list read, by WR, from every other transaction that appended an element of it, also
 * where elements of its own are among them: whoever reads a list sees each append in it
 * (Burckhardt, Gotsman, Yang & Zawirski, "Replicated Data Types: Specification, Verification,
 * Optimality", POPL 2014: visible appends in the order of arbitration). But for its own elements at
 * the end of the list it read the version before them, and must be shown all that is visible to it.
 * Where WW counts as much as WR, as in all of Adya's levels, the last element alone says the same.
 *
 * Levels of two families meet here. Those after Adya know neither sessions nor time, unless their
 * name says "strong-session" or "strong". Those after Cerone, Bernardi & Gotsman (CONCUR 2015),
 * Biswas & Enea (OOPSLA 2019) and Bouajjani et al. (POPL 2017) are about sessions from the start.
 *
 * Eventual consistency is about final reads: what a session read last of a key, in transactions
 * that began after every acknowledged one that wrote anything was over. All must show the same of
 * what acknowledged transactions wrote: of a register the last write of one of them, which
 * overwrote the others (a read of an uncertain transaction's write says nothing); of a list all
 * their elements, in one order.
 *
 * Sequential consistency and linearizability are the strong-session and the strict variant of
 * serializability, for histories in which every transaction is one operation. */
#ifndef TRANSACTIONS_LEVEL_H
#define TRANSACTIONS_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

enum level {
    LEVEL_READ_UNCOMMITTED,
    LEVEL_READ_COMMITTED,
    LEVEL_CURSOR_STABILITY,
    LEVEL_CONSISTENT_VIEW,
    LEVEL_REPEATABLE_READ,
    LEVEL_SNAPSHOT_ISOLATION,
    LEVEL_SERIALIZABLE,
    LEVEL_SESSION_READ_UNCOMMITTED,
    LEVEL_SESSION_READ_COMMITTED,
    LEVEL_SESSION_SNAPSHOT_ISOLATION,
    LEVEL_SESSION_SERIALIZABLE,
    LEVEL_STRONG_READ_UNCOMMITTED,
    LEVEL_STRONG_READ_COMMITTED,
    LEVEL_STRONG_SNAPSHOT_ISOLATION,
    LEVEL_STRICT_SERIALIZABLE,
    LEVEL_MONOTONIC_ATOMIC_VIEW,
    LEVEL_READ_ATOMIC,
    LEVEL_WEAK_CAUSAL,
    LEVEL_CAUSAL,
    LEVEL_CAUSAL_MEMORY,
    LEVEL_PREFIX,
    LEVEL_PARALLEL_SNAPSHOT_ISOLATION,
    LEVEL_READ_YOUR_WRITES,
    LEVEL_MONOTONIC_READS,
    LEVEL_MONOTONIC_WRITES,
    LEVEL_WRITES_FOLLOW_READS,
    LEVEL_PRAM,
    LEVEL_SEQUENTIAL,
    LEVEL_LINEARIZABLE,
    LEVEL_EVENTUAL,
    LEVEL_COUNT,
};

typedef uint32_t level_set; /* bit = enum level */

static inline level_set level_bit(enum level level)
{
    return UINT32_C(1) << level;
}

#define LEVELS_ALL ((UINT32_C(1) << LEVEL_COUNT) - 1)

/* A row of the table of levels (levels.c). */
struct level_row {
    const char *name;       /* "strict-serializable" */
    const char *also;       /* other names, separated by a space: "strong-serializable PL-SS" */
    const char *definition; /* one sentence, in the words above */
    const char *source;     /* who defined it: author, title, year, section */
    level_set implies;      /* the next weaker ones */
    bool needs_time;        /* meaningless without the times of the operations */
    bool is_of_sessions;    /* depends on which session did what */
    bool is_of_single_operations; /* meaningless for transactions of several */
};

const struct level_row *level_row(enum level level);

/* What it promises to who uses a database, in plain words: "transactions behave as if they ran one
 * after another, in some order" (level_promise.c). */
const char *level_promise(enum level level);

/* False if no level is called so, by any of its names; case does not matter, nor do _ and space for
 * the hyphen. */
bool level_find(const char *name, enum level *out);

/* All that hold if this one does, and all that do not hold if this one does not; each with itself.
 */
level_set level_implied(enum level level);
level_set level_refuted(enum level level);

/* The level that says the same of a history this one has a meaning for: of linearizable and
 * sequential the variant of serializability, of every other one itself. */
enum level level_meaning(enum level level);

/* Of a set, those that none of the others imply; those that imply none of the others. */
level_set levels_strongest(level_set levels);
level_set levels_weakest(level_set levels);

#endif
