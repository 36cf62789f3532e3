#include "transactions/level.h"

#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define BIT(level) (UINT32_C(1) << (LEVEL_##level))

#define ADYA_2000 "Adya, Liskov & O'Neil, \"Generalized Isolation Level Definitions\", ICDE 2000, "
#define ADYA_1999 "Adya, \"Weak Consistency\", PhD thesis, MIT 1999, "
#define BISWAS                                                                                     \
    "Biswas & Enea, \"On the Complexity of Checking Transactional Consistency\", OOPSLA 2019, "
#define CERONE                                                                                     \
    "Cerone, Bernardi & Gotsman, \"A Framework for Transactional Consistency Models with Atomic "  \
    "Visibility\", CONCUR 2015, "
#define BOUAJJANI "Bouajjani et al., \"On Verifying Causal Consistency\", POPL 2017, "
#define ELLE      "Kingsbury & Alvaro, \"Elle\", VLDB 2020, "
#define DAUDJEE   "Daudjee & Salem, \"Lazy Database Replication with "
#define TERRY                                                                                      \
    "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994, "
#define VIOTTI                                                                                     \
    "Viotti & Vukolic, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM "     \
    "Computing Surveys 2016, "

/* The hierarchy is that of Adya's thesis (chapter 4), Bailis et al., "Highly Available
 * Transactions", VLDB 2014 (figure 2), Cerone et al. (section 3) and Viotti & Vukolic (figure 1),
 * as far as these definitions bear it out: tests/property/isolation_levels.c holds each pair of
 * levels against them. */
static const struct level_row rows[LEVEL_COUNT] = {
    [LEVEL_READ_UNCOMMITTED] = {.name = "read-uncommitted",
                                .also = "PL-1 ru",
                                .definition = "no cycle of WW",
                                .source = ADYA_2000 "section 5.1"},
    [LEVEL_READ_COMMITTED] =
        {.name = "read-committed",
         .also = "PL-2",
         .definition =
             "no cycle of WW and WR; reads see only what was committed, and the last that "
             "its transaction wrote",
         .source = ADYA_2000 "section 5.2",
         .implies = BIT(READ_UNCOMMITTED)},
    [LEVEL_CURSOR_STABILITY] =
        {.name = "cursor-stability",
         .also = "PL-CS cs",
         .definition =
             "read-committed, and no cycle of WW and one RW of a single key: no update is "
             "lost",
         .source = ADYA_1999 "chapter 4 (PL-CS: G-cursor)",
         .implies = BIT(READ_COMMITTED)},
    [LEVEL_CONSISTENT_VIEW] = {.name = "consistent-view",
                               .also = "PL-2+",
                               .definition = "read-committed, and no cycle of WW, WR and one RW",
                               .source = ADYA_1999 "chapter 4 (PL-2+: G-single)",
                               .implies = BIT(CURSOR_STABILITY)},
    [LEVEL_REPEATABLE_READ] =
        {.name = "repeatable-read",
         .also = "PL-2.99 rr",
         .definition = "read-committed, and no cycle of WW, WR and RW: serializable, but for reads "
                       "by predicate and a transaction's view of its own writes",
         .source = ADYA_2000 "section 5.4 (G2-item)",
         .implies = BIT(CONSISTENT_VIEW)},
    [LEVEL_SNAPSHOT_ISOLATION] =
        {.name = "snapshot-isolation",
         .also = "PL-SI si",
         .definition = "no cycle of WW, WR and RW without two RW in a row; a transaction sees its "
                       "own writes",
         .source = "Cerone & Gotsman, \"Analysing Snapshot Isolation\", J. ACM 2018, theorem 9; "
                   "Adya's PL-SI with snapshots of any age",
         .implies = BIT(CONSISTENT_VIEW)},
    [LEVEL_SERIALIZABLE] =
        {.name = "serializable",
         .also = "PL-3 ser",
         .definition = "no cycle of WW, WR and RW: as if one transaction ran after another",
         .source = ADYA_2000 "section 5.3",
         .implies = BIT(REPEATABLE_READ) | BIT(SNAPSHOT_ISOLATION)},
    [LEVEL_SESSION_READ_UNCOMMITTED] = {.name = "strong-session-read-uncommitted",
                                        .also = "strong-session-PL-1",
                                        .definition = "no cycle of WW and SO",
                                        .source = ELLE "orders of processes",
                                        .implies = BIT(READ_UNCOMMITTED),
                                        .is_of_sessions = true},
    [LEVEL_SESSION_READ_COMMITTED] = {.name = "strong-session-read-committed",
                                      .also = "strong-session-PL-2",
                                      .definition = "read-committed, and no cycle of WW, WR and SO",
                                      .source = ELLE "orders of processes",
                                      .implies =
                                          BIT(READ_COMMITTED) | BIT(SESSION_READ_UNCOMMITTED),
                                      .is_of_sessions = true},
    [LEVEL_SESSION_SNAPSHOT_ISOLATION] =
        {.name = "strong-session-snapshot-isolation",
         .also = "strong-session-si strong-session-PL-SI",
         .definition = "snapshot-isolation, also with SO among WW and WR: snapshots have all that "
                       "the session did and saw before",
         .source = DAUDJEE "Snapshot Isolation\", VLDB 2006, section 2; " BISWAS
                           "figure 2 (snapshot isolation)",
         .implies = BIT(SNAPSHOT_ISOLATION) | BIT(PREFIX) | BIT(PARALLEL_SNAPSHOT_ISOLATION),
         .is_of_sessions = true},
    [LEVEL_SESSION_SERIALIZABLE] = {.name = "strong-session-serializable",
                                    .also = "strong-session-ser strong-session-PL-3",
                                    .definition = "no cycle of WW, WR, RW and SO",
                                    .source = DAUDJEE "Ordering Guarantees\", ICDE 2004, section 2",
                                    .implies = BIT(SERIALIZABLE) | BIT(SESSION_SNAPSHOT_ISOLATION) |
                                               BIT(SEQUENTIAL),
                                    .is_of_sessions = true},
    [LEVEL_STRONG_READ_UNCOMMITTED] = {.name = "strong-read-uncommitted",
                                       .also = "strong-PL-1",
                                       .definition = "no cycle of WW and RT",
                                       .source = ELLE "real-time orders",
                                       .implies = BIT(SESSION_READ_UNCOMMITTED),
                                       .needs_time = true},
    [LEVEL_STRONG_READ_COMMITTED] = {.name = "strong-read-committed",
                                     .also = "strong-PL-2",
                                     .definition = "read-committed, and no cycle of WW, WR and RT",
                                     .source = ELLE "real-time orders",
                                     .implies =
                                         BIT(SESSION_READ_COMMITTED) | BIT(STRONG_READ_UNCOMMITTED),
                                     .needs_time = true},
    [LEVEL_STRONG_SNAPSHOT_ISOLATION] =
        {.name = "strong-snapshot-isolation",
         .also = "strong-si strong-PL-SI conventional-snapshot-isolation",
         .definition = "snapshot-isolation, also with RT among WW and WR: snapshots have all that "
                       "was over before",
         .source = DAUDJEE "Snapshot Isolation\", VLDB 2006, section 2",
         .implies = BIT(SESSION_SNAPSHOT_ISOLATION) | BIT(STRONG_READ_COMMITTED),
         .needs_time = true},
    [LEVEL_STRICT_SERIALIZABLE] =
        {.name = "strict-serializable",
         .also = "strong-serializable PL-SS strict-1sr",
         .definition = "no cycle of WW, WR, RW and RT: as if each transaction ran in one moment "
                       "between its beginning and its end",
         .source = "Papadimitriou, \"The Serializability of Concurrent Database Updates\", J. ACM "
                   "1979",
         .implies = BIT(SESSION_SERIALIZABLE) | BIT(STRONG_SNAPSHOT_ISOLATION) | BIT(LINEARIZABLE),
         .needs_time = true},
    [LEVEL_MONOTONIC_ATOMIC_VIEW] =
        {.name = "monotonic-atomic-view",
         .also = "mav awdit-rc",
         .definition = "there is an order of commits with SO and WR in which a read sees the last "
                       "version of all that its transaction read from before",
         .source = "Bailis et al., \"Highly Available Transactions\", VLDB 2014, section 5.1; "
                   "called read committed by " BISWAS "figure 2",
         .implies = BIT(SESSION_READ_COMMITTED),
         .is_of_sessions = true},
    [LEVEL_READ_ATOMIC] =
        {.name = "read-atomic",
         .also = "ra",
         .definition = "there is an order of commits with SO and WR in which a read sees the last "
                       "version of all that its transaction follows by one step of SO or WR",
         .source = "Bailis et al., \"Scalable Atomic Visibility with RAMP Transactions\", SIGMOD "
                   "2014, section 3; " CERONE "section 3; " BISWAS "figure 2",
         .implies = BIT(MONOTONIC_ATOMIC_VIEW),
         .is_of_sessions = true},
    [LEVEL_WEAK_CAUSAL] =
        {.name = "weak-causal",
         .also = "cc causal-consistency",
         .definition = "some order of all that a transaction follows by SO and WR explains what it "
                       "reads",
         .source = BOUAJJANI "section 3 (CC)",
         .is_of_sessions = true},
    [LEVEL_CAUSAL] =
        {.name = "causal",
         .also = "ccv causal-convergence causal-cerone tcc",
         .definition = "there is an order of commits with SO and WR in which a read sees the last "
                       "version of all that its transaction follows by SO and WR",
         .source = CERONE "section 3; " BISWAS "figure 2; " BOUAJJANI "section 3 (CCv)",
         .implies = BIT(READ_ATOMIC) | BIT(WEAK_CAUSAL),
         .is_of_sessions = true},
    [LEVEL_CAUSAL_MEMORY] =
        {.name = "causal-memory",
         .also = "cm",
         .definition = "some order of all that a session follows by SO and WR explains all that "
                       "the session reads",
         .source = "Ahamad et al., \"Causal Memory\", Distributed Computing 1995; " BOUAJJANI
                   "section 3 (CM)",
         .implies = BIT(WEAK_CAUSAL) | BIT(PRAM) | BIT(WRITES_FOLLOW_READS),
         .is_of_sessions = true},
    [LEVEL_PREFIX] =
        {.name = "prefix",
         .also = "pc prefix-consistency consistent-prefix",
         .definition = "no cycle of WW, WR, SO and RW in which an RW follows anything but a WR or "
                       "SO; a transaction sees its own writes",
         .source = CERONE "section 3 (PC); " BISWAS "figure 2",
         .implies = BIT(CAUSAL),
         .is_of_sessions = true},
    [LEVEL_PARALLEL_SNAPSHOT_ISOLATION] =
        {.name = "parallel-snapshot-isolation",
         .also = "psi",
         .definition = "no cycle of WW, WR, SO and at most one RW; a transaction sees its own "
                       "writes",
         .source =
             "Sovran et al., \"Transactional Storage for Geo-Replicated Systems\", SOSP 2011, "
             "section 3; " CERONE "section 3",
         .implies = BIT(CAUSAL) | BIT(CAUSAL_MEMORY) | BIT(CONSISTENT_VIEW),
         .is_of_sessions = true},
    [LEVEL_READ_YOUR_WRITES] =
        {.name = "read-your-writes",
         .also = "ryw read-my-writes",
         .definition =
             "for each session, some order of all writes, its own as it did them, and its "
             "reads explains those, and its reads come after its earlier writes",
         .source = TERRY "section 3",
         .is_of_sessions = true},
    [LEVEL_MONOTONIC_READS] =
        {.name = "monotonic-reads",
         .also = "mr",
         .definition =
             "for each session, some order of all writes, its own as it did them, and its "
             "reads explains those, and its reads keep their order",
         .source = TERRY "section 3",
         .is_of_sessions = true},
    [LEVEL_MONOTONIC_WRITES] =
        {.name = "monotonic-writes",
         .also = "mw",
         .definition =
             "for each session, some order of all writes and its reads explains them, and "
             "the writes of every session keep their order",
         .source = TERRY "section 3",
         .is_of_sessions = true},
    [LEVEL_WRITES_FOLLOW_READS] =
        {.name = "writes-follow-reads",
         .also = "wfr session-causality",
         .definition =
             "for each session, some order of all writes, its own as it did them, and its "
             "reads explains those, and writes come after those that their session had read from",
         .source = TERRY "section 3",
         .is_of_sessions = true},
    [LEVEL_PRAM] = {.name = "pram",
                    .also = "fifo-consistency",
                    .definition =
                        "for each session, some order with SO of all writes and its reads explains "
                        "them",
                    .source =
                        "Lipton & Sandberg, \"PRAM: A Scalable Shared Memory\", Princeton 1988",
                    .implies = BIT(READ_YOUR_WRITES) | BIT(MONOTONIC_READS) | BIT(MONOTONIC_WRITES),
                    .is_of_sessions = true},
    [LEVEL_SEQUENTIAL] =
        {.name = "sequential",
         .also = "sequential-consistency sc",
         .definition = "strong-session-serializable, of transactions that are single operations",
         .source = "Lamport, \"How to Make a Multiprocessor Computer That Correctly Executes "
                   "Multiprocess Programs\", IEEE ToC 1979; " VIOTTI "section 3",
         .implies = BIT(CAUSAL_MEMORY) | BIT(CAUSAL),
         .is_of_sessions = true,
         .is_of_single_operations = true},
    [LEVEL_LINEARIZABLE] =
        {.name = "linearizable",
         .also = "linearizability atomic",
         .definition = "strict-serializable, of transactions that are single operations",
         .source =
             "Herlihy & Wing, \"Linearizability\", TOPLAS 1990, section 2; " VIOTTI "section 3",
         .implies = BIT(SEQUENTIAL),
         .needs_time = true,
         .is_of_single_operations = true},
    [LEVEL_EVENTUAL] =
        {.name = "eventual",
         .also = "eventual-consistency",
         .definition =
             "what each session reads last of a key after the last write of all agrees, and "
             "every acknowledged write is there or overwritten",
         .source = "Vogels, \"Eventually Consistent\", CACM 2009; " VIOTTI "section 3",
         .needs_time = true},
};

const struct level_row *level_row(enum level level)
{
    assert(level < LEVEL_COUNT);
    return &rows[level];
}

/* --- names --- */

static char plain(char c)
{
    return c == '_' || c == ' ' ? '-' : (char)tolower((unsigned char)c);
}

static bool is_called(const char *name, const char *one, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (plain(name[i]) != plain(one[i]))
            return false;
    return name[length] == '\0';
}

static bool is_one_of(const char *name, const char *names)
{
    for (; *names; names += strspn(names, " ")) {
        size_t length = strcspn(names, " ");
        if (is_called(name, names, length))
            return true;
        names += length;
    }
    return false;
}

bool level_find(const char *name, enum level *out)
{
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (is_one_of(name, rows[i].name) || is_one_of(name, rows[i].also)) {
            *out = (enum level)i;
            return true;
        }
    return false;
}

/* --- the order of levels --- */

level_set level_implied(enum level level)
{
    level_set implied = level_bit(level), before = 0;
    while (implied != before) {
        before = implied;
        for (int i = 0; i < LEVEL_COUNT; i++)
            if (implied >> i & 1)
                implied |= rows[i].implies;
    }
    return implied;
}

level_set level_refuted(enum level level)
{
    level_set refuted = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (level_implied((enum level)i) >> level & 1)
            refuted |= level_bit((enum level)i);
    return refuted;
}

enum level level_meaning(enum level level)
{
    if (level == LEVEL_LINEARIZABLE)
        return LEVEL_STRICT_SERIALIZABLE;
    return level == LEVEL_SEQUENTIAL ? LEVEL_SESSION_SERIALIZABLE : level;
}

level_set levels_strongest(level_set levels)
{
    level_set strongest = levels;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            strongest &= ~(level_implied((enum level)i) & ~level_bit((enum level)i));
    return strongest;
}

level_set levels_weakest(level_set levels)
{
    level_set weakest = levels;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            weakest &= ~(level_refuted((enum level)i) & ~level_bit((enum level)i));
    return weakest;
}
