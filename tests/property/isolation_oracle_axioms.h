/* The consistency levels by axioms, spelled out and slow (Biswas & Enea, "On the Complexity of
 * Checking Transactional Consistency", OOPSLA 2019; Cerone, Bernardi & Gotsman, CONCUR 2015): for
 * some total order of the transactions in which they commit, every read sees the last version of
 * those that must be visible to it; levels differ in what must be. */
#ifndef TESTS_ISOLATION_ORACLE_AXIOMS_H
#define TESTS_ISOLATION_ORACLE_AXIOMS_H

#include "property/isolation_oracle.h"

/* A total order of the transactions: row a of `later` holds those after a. */
struct oracle_commit {
    uint8_t place[ORACLE_TXNS_MAX];
    oracle_set later[ORACLE_TXNS_MAX];
};

static inline bool oracle_contains(const struct oracle *oracle, const oracle_set rows[],
                                   const oracle_set part[])
{
    ORACLE_EACH(i, oracle) if (part[i] & ~rows[i]) return false;
    return true;
}

/* What is visible to each transaction: column-wise, row t3 holds the t2. */
struct oracle_visible {
    oracle_set to[ORACLE_TXNS_MAX];
};

/* Of what others wrote. A list tells it also behind own elements, as all of it is shown. */
static inline bool oracle_is_of_others(const struct oracle *oracle, const struct oracle_read *read)
{
    return oracle->version_txn[read->version] != read->txn || oracle_is_list(oracle, read->key);
}

static inline bool oracle_sees_last(const struct oracle *oracle, const struct oracle_commit *commit,
                                    const struct oracle_read *read, oracle_set visible)
{
    int writer = oracle_source(oracle, read);
    oracle_set others = (oracle_set)(visible & oracle->writers[read->key] & ~(1 << read->txn));
    ORACLE_EACH(t2, oracle)
    if ((others >> t2 & 1) && t2 != writer &&
        (writer < 0 || commit->place[t2] > commit->place[writer]))
        return false;
    return true;
}

static inline bool oracle_all_see_last(const struct oracle *oracle,
                                       const struct oracle_commit *commit,
                                       const struct oracle_visible *visible)
{
    for (int i = 0; i < oracle->read_count; i++) {
        const struct oracle_read *read = &oracle->reads[i];
        if ((read->is_outer || oracle_is_list(oracle, read->key)) &&
            !oracle_sees_last(oracle, commit, read, visible->to[read->txn]))
            return false;
    }
    return true;
}

static inline void oracle_reverse(const struct oracle *oracle, const oracle_set rows[],
                                  struct oracle_visible *out)
{
    memset(out, 0, sizeof *out);
    ORACLE_EACH(a, oracle)
    ORACLE_EACH(b, oracle) if (rows[a] >> b & 1) out->to[b] |= (oracle_set)(1 << a);
}

static inline bool oracle_monotonic_atomic_view(const struct oracle *oracle,
                                                const struct oracle_commit *commit)
{
    for (int i = 0; i < oracle->read_count; i++) {
        oracle_set seen = 0;
        for (int k = 0; k < oracle->read_count; k++)
            if (oracle->reads[k].txn == oracle->reads[i].txn &&
                oracle->reads[k].place < oracle->reads[i].place)
                seen |= oracle_sources(oracle, &oracle->reads[k]);
        if (oracle_is_of_others(oracle, &oracle->reads[i]) &&
            !oracle_sees_last(oracle, commit, &oracle->reads[i], seen))
            return false;
    }
    return true;
}

/* Lists tell part of the order: a list's writers commit in it, and others after them. */
static inline bool oracle_agrees_with_lists(const struct oracle *oracle,
                                            const struct oracle_commit *commit)
{
    for (int key = 0; key < oracle->key_count; key++) {
        const struct oracle_key *own = &oracle->keys[key];
        for (int i = 0; i < own->ordered; i++)
            for (int k = i + 1; k < own->count; k++) {
                int a = oracle->version_txn[own->versions[i]];
                int b = oracle->version_txn[own->versions[k]];
                bool is_own = a == b && oracle->version_places[own->versions[i]] <
                                            oracle->version_places[own->versions[k]];
                if (!is_own && commit->place[a] >= commit->place[b])
                    return false;
            }
    }
    return true;
}

static inline bool oracle_in_conflict(const struct oracle *oracle, int a, int b)
{
    for (int key = 0; key < oracle->key_count; key++)
        if ((oracle->writers[key] >> a & 1) && (oracle->writers[key] >> b & 1))
            return true;
    return false;
}

/* Visibility is transitive, and one of two that write the same key sees the other (TransVis and
 * NoConflict of Cerone, Bernardi & Gotsman). */
static inline bool oracle_parallel_snapshots(const struct oracle *oracle,
                                             const struct oracle_commit *commit,
                                             const oracle_set base[])
{
    oracle_set sees[ORACLE_TXNS_MAX];
    struct oracle_visible visible;
    ORACLE_EACH(a, oracle)
    {
        sees[a] = base[a];
        ORACLE_EACH(b, oracle)
        if ((commit->later[a] >> b & 1) && oracle_in_conflict(oracle, a, b))
            sees[a] |= (oracle_set)(1 << b);
    }
    oracle_close(sees, oracle->count);
    oracle_reverse(oracle, sees, &visible);
    return oracle_all_see_last(oracle, commit, &visible);
}

static inline level_set oracle_by_commit(const struct oracle *oracle,
                                         const struct oracle_commit *commit, const oracle_set wr[])
{
    oracle_set base[ORACLE_TXNS_MAX], closed[ORACLE_TXNS_MAX], after[ORACLE_TXNS_MAX];
    struct oracle_visible visible;
    level_set held = 0;
    ORACLE_EACH(i, oracle) base[i] = (oracle_set)(oracle->so[i] | wr[i]);
    if (!oracle_contains(oracle, commit->later, base) || !oracle_agrees_with_lists(oracle, commit))
        return 0;
    if (oracle_monotonic_atomic_view(oracle, commit))
        held |= level_bit(LEVEL_MONOTONIC_ATOMIC_VIEW);
    oracle_reverse(oracle, base, &visible);
    if (oracle_all_see_last(oracle, commit, &visible))
        held |= level_bit(LEVEL_READ_ATOMIC);
    memcpy(closed, base, sizeof closed);
    oracle_close(closed, oracle->count);
    oracle_reverse(oracle, closed, &visible);
    if (oracle_all_see_last(oracle, commit, &visible))
        held |= level_bit(LEVEL_CAUSAL);
    /* what commits before something that is read or comes before in the session: CO*;(SO u WR) */
    ORACLE_EACH(a, oracle)
    {
        after[a] = base[a];
        ORACLE_EACH(b, oracle) if (commit->later[a] >> b & 1) after[a] |= base[b];
    }
    oracle_reverse(oracle, after, &visible);
    if (oracle_all_see_last(oracle, commit, &visible))
        held |= level_bit(LEVEL_PREFIX);
    /* and before something that writes what it writes too */
    ORACLE_EACH(t4, oracle)
    ORACLE_EACH(t3, oracle)
    {
        if (!oracle_in_conflict(oracle, t4, t3) || !(commit->later[t4] >> t3 & 1))
            continue;
        visible.to[t3] |= (oracle_set)(1 << t4);
        ORACLE_EACH(t2, oracle)
        if (commit->later[t2] >> t4 & 1)
            visible.to[t3] |= (oracle_set)(1 << t2);
    }
    if (oracle_all_see_last(oracle, commit, &visible))
        held |= level_bit(LEVEL_SESSION_SNAPSHOT_ISOLATION);
    oracle_reverse(oracle, commit->later, &visible);
    if (oracle_all_see_last(oracle, commit, &visible))
        held |= level_bit(LEVEL_SESSION_SERIALIZABLE);
    if (oracle_parallel_snapshots(oracle, commit, base))
        held |= level_bit(LEVEL_PARALLEL_SNAPSHOT_ISOLATION);
    return held;
}

static inline void oracle_try_commits(const struct oracle *oracle, const oracle_set wr[],
                                      struct oracle_commit *commit, oracle_set placed, int count,
                                      level_set *held)
{
    if (count == oracle->count) {
        *held |= oracle_by_commit(oracle, commit, wr);
        return;
    }
    ORACLE_EACH(i, oracle)
    {
        if (placed >> i & 1)
            continue;
        oracle_set all = (oracle_set)((1 << oracle->count) - 1);
        commit->place[i] = (uint8_t)count;
        commit->later[i] = (oracle_set)(all & ~placed & ~(1 << i));
        oracle_try_commits(oracle, wr, commit, (oracle_set)(placed | 1 << i), count + 1, held);
    }
}

static inline level_set oracle_levels_by_axioms(struct oracle *oracle)
{
    struct oracle_graph graph;
    struct oracle_commit commit;
    level_set held = 0;
    oracle_build_graph(oracle, &graph);
    oracle_try_commits(oracle, graph.wr, &commit, 0, 0, &held);
    return held & ~oracle_excluded(oracle);
}

#endif
