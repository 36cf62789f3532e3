/* Causal consistency, PRAM and the session guarantees by definition, spelled out and slow.
 *
 * Causal consistency after Bouajjani, Enea, Guerraoui & Hamza, "On Verifying Causal Consistency"
 * (POPL 2017), section 3, of transactions instead of single operations: CO is the transitive
 * closure of session order and reads-from (with every value written once that is the smallest
 * causal order, section 5.1). PRAM after Lipton & Sandberg (Princeton 1988): each session explains
 * what it read by one order of its own transactions and everybody's writes.
 *
 * Session guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated Data"
 * (PDIS 1994), as Brzezinski, Sobaniec & Wawrzyniak make them precise ("From Session Causality to
 * Causal Consistency", PDP 2004): each session explains what it read by one order of its own reads
 * and everybody's writes, and the guarantees differ in what this order must keep. */
#ifndef TESTS_ISOLATION_ORACLE_CAUSAL_H
#define TESTS_ISOLATION_ORACLE_CAUSAL_H

#include "property/isolation_oracle.h"

/* --- one order that explains what some transactions read --- */

struct oracle_view {
    const struct oracle *oracle;
    const oracle_set *order; /* rows: to be kept */
    oracle_set members;      /* the transactions in it */
    oracle_set explained;    /* those whose reads must come out right */
};

struct oracle_sequence {
    int8_t txns[ORACLE_TXNS_MAX], count; /* those in the order so far */
    int8_t last[ORACLE_KEYS_MAX];        /* who wrote each key last; -1: nobody */
};

/* Where in a list the next element is that one in the view appended. */
static inline int oracle_skip_others(const struct oracle_view *view, int key, int at, int end)
{
    const struct oracle_key *own = &view->oracle->keys[key];
    while (at < end && !(view->members >> view->oracle->version_txn[own->versions[at]] & 1))
        at++;
    return at;
}

/* How much of a list there is after a transaction, or what it does before a place, appended to it;
 * more than there is if it did so in another order. */
static inline int oracle_append_all(const struct oracle_view *view, int txn, int place, int key,
                                    int at)
{
    const struct oracle *oracle = view->oracle;
    const struct oracle_key *own = &oracle->keys[key];
    const struct txn *txns = &oracle->all->txns[oracle->txns[txn]];
    for (int i = 0; i < place && txns->micros + (uint32_t)i < txns[1].micros; i++) {
        const struct micro *micro = &oracle->all->micros[txns->micros + (uint32_t)i];
        if (micro->f != MICRO_APPEND || micro->key != (uint32_t)key)
            continue;
        at = oracle_skip_others(view, key, at, own->count);
        if (at >= own->count || oracle->version_numbers[own->versions[at]] != micro->version)
            return own->count + 1;
        at++;
    }
    return at;
}

/* Whether a list is all that was appended before, element by element, but for those that are of
 * nobody in the view. */
static inline bool oracle_list_fits(const struct oracle_view *view, const struct oracle_read *read,
                                    const struct oracle_sequence *before)
{
    const struct oracle_key *own = &view->oracle->keys[read->key];
    int at = 0, end = 0;
    for (bool is_found = read->version == 0; !is_found; end++) {
        if (end == own->count)
            return false;
        is_found = own->versions[end] == read->version;
    }
    for (int i = 0; i < before->count; i++)
        at = oracle_append_all(view, before->txns[i], INT8_MAX, read->key, at);
    at = oracle_append_all(view, read->txn, read->place, read->key, at);
    return oracle_skip_others(view, read->key, at, end) == end;
}

static inline bool oracle_reads_fit(const struct oracle_view *view, int txn,
                                    const struct oracle_sequence *before)
{
    const struct oracle *oracle = view->oracle;
    for (int i = 0; i < oracle->read_count; i++) {
        const struct oracle_read *read = &oracle->reads[i];
        if (read->txn != txn)
            continue;
        if (oracle_is_list(oracle, read->key)
                ? !oracle_list_fits(view, read, before)
                : read->is_outer && before->last[read->key] != oracle->version_txn[read->version])
            return false;
    }
    return true;
}

static inline bool oracle_can_explain(const struct oracle_view *view, oracle_set placed,
                                      const struct oracle_sequence *before)
{
    const struct oracle *oracle = view->oracle;
    if (placed == view->members)
        return true;
    ORACLE_EACH(txn, oracle)
    {
        if (!(view->members >> txn & 1) || (placed >> txn & 1))
            continue;
        bool is_next = true;
        ORACLE_EACH(other, oracle)
        is_next = is_next && (!(view->members >> other & 1) || (placed >> other & 1) ||
                              !(view->order[other] >> txn & 1));
        if (!is_next || ((view->explained >> txn & 1) && !oracle_reads_fit(view, txn, before)))
            continue;
        struct oracle_sequence then = *before;
        then.txns[then.count++] = (int8_t)txn;
        for (int key = 0; key < ORACLE_KEYS_MAX; key++)
            if (oracle->writers[key] >> txn & 1)
                then.last[key] = (int8_t)txn;
        if (oracle_can_explain(view, (oracle_set)(placed | 1 << txn), &then))
            return true;
    }
    return false;
}

static inline bool oracle_explains(const struct oracle_view *view)
{
    struct oracle_sequence nobody = {.count = 0};
    memset(nobody.last, -1, sizeof nobody.last);
    return oracle_can_explain(view, 0, &nobody);
}

/* --- causal consistency --- */

static inline oracle_set oracle_before(const struct oracle *oracle, const oracle_set rows[],
                                       int txn)
{
    oracle_set before = 0;
    ORACLE_EACH(i, oracle) if (rows[i] >> txn & 1) before |= (oracle_set)(1 << i);
    return before;
}

/* Each transaction's own reads are explained by an order of its causal past; in causal memory also
 * those of its session before it. */
static inline bool oracle_causal(const struct oracle *oracle, const oracle_set co[],
                                 bool with_session)
{
    ORACLE_EACH(txn, oracle)
    {
        oracle_set own = (oracle_set)(1 << txn);
        oracle_set session = oracle_before(oracle, oracle->so, txn);
        struct oracle_view view = {
            .oracle = oracle,
            .order = co,
            .members = (oracle_set)(oracle_before(oracle, co, txn) | own),
            .explained = (oracle_set)(own | (with_session ? session : 0)),
        };
        if (!oracle_explains(&view))
            return false;
    }
    return true;
}

static inline oracle_set oracle_all_writers(const struct oracle *oracle)
{
    oracle_set writers = 0;
    for (int key = 0; key < oracle->key_count; key++)
        writers |= oracle->writers[key];
    return writers;
}

static inline bool oracle_pram(const struct oracle *oracle)
{
    oracle_set writers = 0;
    for (int key = 0; key < oracle->key_count; key++)
        writers |= oracle->writers[key];
    ORACLE_EACH(txn, oracle)
    {
        oracle_set session =
            (oracle_set)(oracle_before(oracle, oracle->so, txn) | oracle->so[txn] | 1 << txn);
        struct oracle_view view = {.oracle = oracle,
                                   .order = oracle->so,
                                   .members = (oracle_set)(writers | session),
                                   .explained = session};
        if (!oracle_explains(&view))
            return false;
    }
    return true;
}

/* --- session guarantees --- */

enum oracle_guarantee {
    GUARANTEE_READ_YOUR_WRITES = 1,
    GUARANTEE_MONOTONIC_READS = 2,
    GUARANTEE_MONOTONIC_WRITES = 4,
    GUARANTEE_WRITES_FOLLOW_READS = 8,
};

static inline oracle_set oracle_readers(const struct oracle *oracle)
{
    oracle_set readers = 0;
    for (int i = 0; i < oracle->read_count; i++)
        readers |= (oracle_set)(1 << oracle->reads[i].txn);
    return readers;
}

/* What a session's view must keep the order of. A session always sees its own writes in order. */
static inline void oracle_kept(const struct oracle *oracle, const oracle_set wr[],
                               oracle_set session, unsigned guarantees, oracle_set out[])
{
    oracle_set writers = oracle_all_writers(oracle), readers = oracle_readers(oracle);
    ORACLE_EACH(a, oracle)
    {
        bool is_own = session >> a & 1, writes = writers >> a & 1, reads = readers >> a & 1;
        oracle_set to = 0;
        if (writes && (is_own || (guarantees & GUARANTEE_MONOTONIC_WRITES)))
            to |= writers;
        if (is_own && writes && (guarantees & GUARANTEE_READ_YOUR_WRITES))
            to |= readers;
        if (is_own && reads && (guarantees & GUARANTEE_MONOTONIC_READS))
            to |= readers;
        out[a] = (oracle_set)(oracle->so[a] & to);
        if (!(guarantees & GUARANTEE_WRITES_FOLLOW_READS))
            continue;
        ORACLE_EACH(r, oracle)
        if (wr[a] >> r & 1)
            out[a] |= (oracle_set)((oracle->so[r] | 1 << r) & writers);
    }
}

/* Each session explains all it read by one order of everybody's writes and its own reads. */
static inline bool oracle_guarantees(const struct oracle *oracle, const oracle_set wr[],
                                     unsigned guarantees)
{
    oracle_set writers = oracle_all_writers(oracle);
    ORACLE_EACH(txn, oracle)
    {
        oracle_set kept[ORACLE_TXNS_MAX];
        oracle_set session =
            (oracle_set)(oracle_before(oracle, oracle->so, txn) | oracle->so[txn] | 1 << txn);
        oracle_kept(oracle, wr, session, guarantees, kept);
        struct oracle_view view = {.oracle = oracle,
                                   .order = kept,
                                   .members = (oracle_set)(writers | session),
                                   .explained = session};
        if (!oracle_explains(&view))
            return false;
    }
    return true;
}

/* --- all of them --- */

static inline level_set oracle_levels_of_sessions(struct oracle *oracle)
{
    struct oracle_graph graph;
    oracle_set co[ORACLE_TXNS_MAX];
    oracle_build_graph(oracle, &graph);
    ORACLE_EACH(i, oracle) co[i] = (oracle_set)(oracle->so[i] | graph.wr[i]);
    oracle_close(co, oracle->count);
    level_set held = oracle_pram(oracle) ? level_bit(LEVEL_PRAM) : 0;
    if (oracle_is_acyclic(co, oracle->count)) {
        held |= oracle_causal(oracle, co, false) ? level_bit(LEVEL_WEAK_CAUSAL) : 0;
        held |= oracle_causal(oracle, co, true) ? level_bit(LEVEL_CAUSAL_MEMORY) : 0;
    }
    static const struct {
        enum level level;
        unsigned guarantee;
    } sessions[] = {
        {LEVEL_READ_YOUR_WRITES, GUARANTEE_READ_YOUR_WRITES},
        {LEVEL_MONOTONIC_READS, GUARANTEE_MONOTONIC_READS},
        {LEVEL_MONOTONIC_WRITES, GUARANTEE_MONOTONIC_WRITES},
        {LEVEL_WRITES_FOLLOW_READS, GUARANTEE_WRITES_FOLLOW_READS},
    };
    for (int i = 0; i < 4; i++)
        if (oracle_guarantees(oracle, graph.wr, sessions[i].guarantee))
            held |= level_bit(sessions[i].level);
    return held & ~oracle_excluded(oracle);
}

#endif
