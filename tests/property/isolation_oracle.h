/* The consistency levels by definition, spelled out and slow: tries every order of versions. Shares
 * nothing with isolation/ but the numbering of transactions and versions, and the names of the
 * levels.
 *
 * Here by dependencies (Adya, "Weak Consistency", MIT 1999; Cerone & Gotsman, "Analysing Snapshot
 * Isolation", J. ACM 2018): for some order of the versions of each key, a graph without certain
 * cycles. Levels that the axioms (isolation_oracle_axioms.h) know too are held against each other
 * by tests/property/isolation_oracle.c. */
#ifndef TESTS_ISOLATION_ORACLE_H
#define TESTS_ISOLATION_ORACLE_H

#include "transactions/level.h"
#include "transactions/transactions.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ORACLE_TXNS_MAX = 7, ORACLE_VERSIONS_MAX = 24, ORACLE_KEYS_MAX = 4, ORACLE_READS_MAX = 48 };

typedef uint8_t oracle_set; /* of transactions */

struct oracle_read {
    uint8_t txn, key, version; /* by number in the oracle */
    uint8_t place;             /* among the micro-operations of its transaction */
    bool is_outer;
};

struct oracle_key {
    uint8_t versions[ORACLE_VERSIONS_MAX]; /* of committed transactions, in the order tried */
    uint8_t count, ordered;                /* the first so many may not be moved */
};

struct oracle {
    const struct transactions *all;
    uint32_t txns[ORACLE_TXNS_MAX]; /* the committed ones */
    uint8_t count;
    oracle_set so[ORACLE_TXNS_MAX], rt[ORACLE_TXNS_MAX]; /* row a: those that come after a */
    oracle_set writers[ORACLE_KEYS_MAX];
    /* Versions: number 0 is the initial one of every key. */
    uint32_t version_numbers[ORACLE_VERSIONS_MAX];
    int8_t version_txn[ORACLE_VERSIONS_MAX];      /* -1: nobody committed */
    uint32_t version_places[ORACLE_VERSIONS_MAX]; /* the micro-operation that wrote it */
    uint8_t version_count;
    struct oracle_key keys[ORACLE_KEYS_MAX];
    uint8_t key_count;
    struct oracle_read reads[ORACLE_READS_MAX];
    uint8_t read_count;
    bool has_aborted_read, has_intermediate_read, has_future_read;
    bool has_duplicates, has_incompatible_read;
    bool sees_own_writes, is_repeatable; /* in each transaction by itself */
    bool knows_last_only; /* WR is from the last element of a list only, as Elle has it */
};

/* --- relations --- */

static inline void oracle_close(oracle_set rows[], int count)
{
    for (int k = 0; k < count; k++)
        for (int i = 0; i < count; i++)
            if (rows[i] >> k & 1)
                rows[i] |= rows[k];
}

static inline bool oracle_is_acyclic(const oracle_set rows[], int count)
{
    oracle_set closed[ORACLE_TXNS_MAX];
    memcpy(closed, rows, (size_t)count);
    oracle_close(closed, count);
    for (int i = 0; i < count; i++)
        if (closed[i] >> i & 1)
            return false;
    return true;
}

#define ORACLE_EACH(i, oracle) for (int i = 0; i < (oracle)->count; i++)

/* --- what is in the history --- */

static inline int oracle_txn(const struct oracle *oracle, uint32_t txn)
{
    ORACLE_EACH(i, oracle) if (oracle->txns[i] == txn) return i;
    return -1;
}

static inline uint8_t oracle_version(struct oracle *oracle, uint32_t version, uint32_t key)
{
    if (version == oracle->all->keys[key].first_version)
        return 0;
    for (uint8_t i = 1; i < oracle->version_count; i++)
        if (oracle->version_numbers[i] == version)
            return i;
    assert(oracle->version_count < ORACLE_VERSIONS_MAX);
    uint32_t txn = oracle->all->versions[version].txn;
    oracle->version_numbers[oracle->version_count] = version;
    oracle->version_txn[oracle->version_count] =
        (int8_t)(txn == TXN_NONE ? -1 : oracle_txn(oracle, txn));
    for (uint32_t i = 0; i < oracle->all->txns[oracle->all->txn_count].micros; i++)
        if (oracle->all->micros[i].f != MICRO_READ && oracle->all->micros[i].version == version)
            oracle->version_places[oracle->version_count] = i;
    return oracle->version_count++;
}

/* Whether the transaction that wrote a version wrote a later one to the same key. */
static inline bool oracle_is_intermediate(const struct transactions *all, uint32_t version)
{
    const struct txn *txn = &all->txns[all->versions[version].txn];
    for (uint32_t i = txn->micros; i < txn[1].micros; i++)
        if (all->micros[i].f != MICRO_READ && all->micros[i].version == version)
            return !all->micros[i].is_outer;
    return false;
}

/* Whether what was read, or any element before it in a list, is of nobody who committed. */
static inline bool oracle_is_aborted_read(const struct transactions *all, const struct micro *micro)
{
    uint32_t first = all->keys[micro->key].first_version;
    for (uint32_t i = micro->is_list ? first + 1 : micro->version; i <= micro->version; i++) {
        uint32_t writer = all->versions[i].txn;
        if (i != first && (writer == TXN_NONE || !txn_is_committed(all, writer)))
            return true;
    }
    return false;
}

/* The version of a key with this value, but the initial one; VERSION_UNREAD if there is none. */
static inline uint32_t version_find(const struct transactions *all, uint32_t key, value_ref value)
{
    uint32_t end = all->keys[key + 1].first_version;
    for (uint32_t version = all->keys[key].first_version + 1; version < end; version++)
        if (all->versions[version].value == value)
            return version;
    return VERSION_UNREAD;
}

/* Whether a list was read with an element that nobody wrote, or that a failed transaction did:
 * every version is also a read of those before it. */
static inline bool oracle_shows_aborted(const struct transactions *all, uint32_t index)
{
    const struct micro *micro = &all->micros[index];
    const struct odd_read *odd = NULL;
    for (uint32_t i = 0; i < all->odd_read_count; i++)
        if (all->odd_reads[i].micro == index)
            odd = &all->odd_reads[i];
    uint32_t first = all->keys[micro->key].first_version, count = micro->version - first;
    const value_ref *items = odd ? txn_list(all, odd->txn, odd->place, &count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t version = items ? version_find(all, micro->key, items[i]) : first + 1 + i;
        uint32_t writer = version == VERSION_UNREAD ? TXN_NONE : all->versions[version].txn;
        if (writer == TXN_NONE || !txn_is_committed(all, writer))
            return true;
    }
    return false;
}

static inline void oracle_take_read(struct oracle *oracle, int txn, uint32_t index)
{
    const struct transactions *all = oracle->all;
    const struct micro *micro = &all->micros[index];
    if (micro->version == VERSION_UNREAD)
        return;
    uint32_t first = all->txns[oracle->txns[txn]].micros;
    uint32_t writer = all->versions[micro->version].txn;
    oracle->has_aborted_read |= micro->is_list && oracle_shows_aborted(all, index);
    bool is_initial = micro->version == all->keys[micro->key].first_version;
    assert(oracle->read_count < ORACLE_READS_MAX);
    oracle->reads[oracle->read_count++] =
        (struct oracle_read){.txn = (uint8_t)txn,
                             .key = (uint8_t)micro->key,
                             .version = oracle_version(oracle, micro->version, micro->key),
                             .place = (uint8_t)(index - first),
                             .is_outer = micro->is_outer};
    if (is_initial)
        return;
    oracle->has_aborted_read |= oracle_is_aborted_read(all, micro);
    if (writer == TXN_NONE || !txn_is_committed(all, writer))
        return;
    if (writer != oracle->txns[txn])
        oracle->has_intermediate_read |= oracle_is_intermediate(all, micro->version);
    else
        for (uint32_t i = index + 1; i < all->txns[writer + 1].micros; i++)
            oracle->has_future_read |=
                all->micros[i].f != MICRO_READ && all->micros[i].version == micro->version;
}

/* A list shows each of its elements: whoever saw one of a transaction that failed, or of nobody,
 * read what was not committed. */
static inline void oracle_look_at_elements(struct oracle *oracle, uint32_t key,
                                           const struct micro_op *op)
{
    for (uint32_t i = 0; i < op->item_count; i++) {
        uint32_t version = version_find(oracle->all, key, op->items[i]);
        uint32_t writer = version == VERSION_UNREAD ? TXN_NONE : oracle->all->versions[version].txn;
        oracle->has_aborted_read |= writer == TXN_NONE || !txn_is_committed(oracle->all, writer);
    }
}

/* --- each transaction by itself --- */

/* What a transaction knows of a key: its own elements, behind an unknown beginning or not. */
struct oracle_state {
    value_ref items[32];
    uint8_t count;
    bool is_known; /* from its beginning */
};

static inline bool oracle_fits(const struct oracle_state *state, const struct micro_op *op)
{
    const value_ref *items = op->is_list ? op->items : &op->value;
    uint32_t count = op->is_list ? op->item_count : op->value != VALUE_REF_NIL;
    if (state->is_known ? count != state->count : count < state->count)
        return false;
    return memcmp(items + (count - state->count), state->items, state->count * sizeof *items) == 0;
}

static inline void oracle_know(struct oracle_state *state, const struct micro_op *op)
{
    if (op->f == MICRO_WRITE) {
        state->is_known = true;
        state->count = 0;
    }
    if (op->is_list) {
        assert(op->item_count < 32);
        memcpy(state->items, op->items, op->item_count * sizeof *op->items);
        state->count = (uint8_t)op->item_count;
    } else if (op->value != VALUE_REF_NIL) {
        state->items[state->count++] = op->value;
    }
}

/* A read that does not fit does not show the transaction's own writes if those do not fit by
 * themselves; else the transaction reads differently what others wrote. */
static inline void oracle_look_inside(struct oracle *oracle, int txn)
{
    const struct transactions *all = oracle->all;
    struct oracle_state states[ORACLE_KEYS_MAX], writes[ORACLE_KEYS_MAX];
    memset(states, 0, sizeof states);
    memset(writes, 0, sizeof writes);
    struct micro_cursor cursor =
        micro_ops_open(all->object->values, all->packed[oracle->txns[txn]]);
    const struct micro *micro = &all->micros[all->txns[oracle->txns[txn]].micros];
    for (struct micro_op op; micro_ops_next(&cursor, &op); micro++) {
        struct oracle_state *state = &states[micro->key];
        if (op.f == MICRO_READ) {
            if (micro->is_list)
                oracle_look_at_elements(oracle, micro->key, &op);
            bool is_own = !oracle_fits(&writes[micro->key], &op);
            if (!oracle_fits(state, &op))
                *(is_own ? &oracle->sees_own_writes : &oracle->is_repeatable) = false;
            state->is_known = true;
            state->count = 0;
        } else {
            oracle_know(&writes[micro->key], &op);
        }
        oracle_know(state, &op);
    }
}

/* --- setting up --- */

static inline void oracle_take_orders(struct oracle *oracle)
{
    const struct transactions *all = oracle->all;
    for (int a = 0; a < oracle->count; a++) {
        for (int b = 0; b < oracle->count; b++) {
            const struct txn *one = &all->txns[oracle->txns[a]],
                             *other = &all->txns[oracle->txns[b]];
            if (a < b && one->session == other->session)
                oracle->so[a] |= (oracle_set)(1 << b);
            if (operation_precedes(&all->object->ops[one->op], &all->object->ops[other->op]))
                oracle->rt[a] |= (oracle_set)(1 << b);
        }
    }
}

/* Versions that stand: of lists all of committed transactions, of registers the last of each. */
static inline void oracle_take_key(struct oracle *oracle, uint32_t key)
{
    const struct transactions *all = oracle->all;
    struct oracle_key *own = &oracle->keys[key];
    bool is_list = all->keys[key].ordered > 1;
    for (uint32_t i = 0; i < all->txns[all->txn_count].micros; i++)
        is_list |= all->micros[i].key == key && all->micros[i].f == MICRO_APPEND;
    for (uint32_t i = 1; i < txn_key_versions(all, key); i++) {
        uint32_t version = all->keys[key].first_version + i;
        uint32_t txn = all->versions[version].txn;
        if (txn == TXN_NONE || !txn_is_committed(all, txn))
            continue;
        oracle->writers[key] |= (oracle_set)(1 << oracle_txn(oracle, txn));
        if (!is_list && oracle_is_intermediate(all, version))
            continue;
        own->versions[own->count++] = oracle_version(oracle, version, key);
        own->ordered += i < all->keys[key].ordered;
    }
}

static inline void oracle_init(struct oracle *oracle, const struct transactions *all)
{
    memset(oracle, 0, sizeof *oracle);
    oracle->all = all;
    oracle->version_count = 1;
    oracle->version_txn[0] = -1;
    oracle->sees_own_writes = oracle->is_repeatable = true;
    for (uint32_t i = 0; i < all->txn_count; i++)
        if (txn_is_committed(all, i)) {
            assert(oracle->count < ORACLE_TXNS_MAX);
            oracle->txns[oracle->count++] = i;
        }
    assert(all->key_count <= ORACLE_KEYS_MAX);
    oracle->key_count = (uint8_t)all->key_count;
    oracle_take_orders(oracle);
    for (uint32_t key = 0; key < all->key_count; key++)
        oracle_take_key(oracle, key);
    ORACLE_EACH(txn, oracle)
    {
        uint32_t number = oracle->txns[txn];
        for (uint32_t i = all->txns[number].micros; i < all->txns[number + 1].micros; i++)
            if (all->micros[i].f == MICRO_READ)
                oracle_take_read(oracle, txn, i);
        if (all->txns[number].fate == TXN_COMMITTED)
            oracle_look_inside(oracle, txn);
    }
    for (uint32_t i = 0; i < all->odd_read_count; i++)
        *(all->odd_reads[i].kind == READ_DUPLICATES ? &oracle->has_duplicates
                                                    : &oracle->has_incompatible_read) = true;
}

/* --- by dependencies --- */

struct oracle_graph {
    oracle_set ww[ORACLE_TXNS_MAX], wr[ORACLE_TXNS_MAX], rw[ORACLE_TXNS_MAX];
    oracle_set ww_of[ORACLE_KEYS_MAX][ORACLE_TXNS_MAX], rw_of[ORACLE_KEYS_MAX][ORACLE_TXNS_MAX];
};

static inline void oracle_link(oracle_set rows[], int from, int to)
{
    if (from >= 0 && to >= 0 && from != to)
        rows[from] |= (oracle_set)(1 << to);
}

/* The writer of the version that follows one in its key's order; -1 if there is none, -2 if the
 * version is not in it. */
static inline int oracle_next_writer(const struct oracle *oracle, int key, int version)
{
    const struct oracle_key *own = &oracle->keys[key];
    int at = version == 0 ? 0 : own->count + 1;
    for (int i = 0; i < own->count; i++)
        if (own->versions[i] == version)
            at = i + 1;
    if (at > own->count)
        return -2;
    return at == own->count ? -1 : oracle->version_txn[own->versions[at]];
}

static inline bool oracle_is_list(const struct oracle *oracle, int key)
{
    for (uint32_t i = 0; i < oracle->all->micro_count; i++)
        if (oracle->all->micros[i].key == (uint32_t)key && oracle->all->micros[i].f == MICRO_APPEND)
            return true;
    return false;
}

/* Whose version was read: of a list, who appended the last element that is not the reader's own,
 * as what it appended itself stands behind what it saw of others. -1: nobody's. */
static inline int oracle_source(const struct oracle *oracle, const struct oracle_read *read)
{
    const struct oracle_key *own = &oracle->keys[read->key];
    int last = -1;
    if (read->version == 0 || !oracle_is_list(oracle, read->key))
        return oracle->version_txn[read->version];
    for (int i = 0; i < own->count; i++) {
        if (oracle->version_txn[own->versions[i]] != read->txn)
            last = oracle->version_txn[own->versions[i]];
        if (own->versions[i] == read->version)
            break;
    }
    return last;
}

/* Whom it read from: of a list, everyone else who appended an element of it. Whoever reads a list
 * sees every append in it (Burckhardt et al., "Replicated Data Types: Specification, Verification,
 * Optimality", POPL 2014). */
static inline oracle_set oracle_sources(const struct oracle *oracle, const struct oracle_read *read)
{
    const struct oracle_key *own = &oracle->keys[read->key];
    int writer = oracle->version_txn[read->version];
    oracle_set sources = writer < 0 ? 0 : (oracle_set)(1 << writer);
    bool is_whole =
        read->version != 0 && oracle_is_list(oracle, read->key) && !oracle->knows_last_only;
    for (int i = 0; is_whole && i < own->count; i++) {
        sources |= (oracle_set)(1 << oracle->version_txn[own->versions[i]]);
        if (own->versions[i] == read->version)
            break;
    }
    return (oracle_set)(sources & ~(1 << read->txn));
}

static inline void oracle_build_graph(const struct oracle *oracle, struct oracle_graph *graph)
{
    memset(graph, 0, sizeof *graph);
    for (int key = 0; key < oracle->key_count; key++) {
        const struct oracle_key *own = &oracle->keys[key];
        for (int i = 1; i < own->count; i++) {
            int from = oracle->version_txn[own->versions[i - 1]];
            oracle_link(graph->ww, from, oracle->version_txn[own->versions[i]]);
            oracle_link(graph->ww_of[key], from, oracle->version_txn[own->versions[i]]);
        }
    }
    for (int i = 0; i < oracle->read_count; i++) {
        const struct oracle_read *read = &oracle->reads[i];
        oracle_set sources = oracle_sources(oracle, read);
        ORACLE_EACH(from, oracle) if (sources >> from & 1) oracle_link(graph->wr, from, read->txn);
        if (oracle->version_txn[read->version] == read->txn)
            continue;
        int next = oracle_next_writer(oracle, read->key, read->version);
        oracle_link(graph->rw, read->txn, next);
        oracle_link(graph->rw_of[read->key], read->txn, next);
    }
}

static inline bool oracle_acyclic_with(const struct oracle *oracle, const oracle_set a[],
                                       const oracle_set b[], const oracle_set c[],
                                       const oracle_set d[])
{
    oracle_set rows[ORACLE_TXNS_MAX];
    ORACLE_EACH(i, oracle)
    rows[i] = (oracle_set)(a[i] | (b ? b[i] : 0) | (c ? c[i] : 0) | (d ? d[i] : 0));
    return oracle_is_acyclic(rows, oracle->count);
}

/* base;rw? as one relation. */
static inline void oracle_extend(const struct oracle *oracle, const oracle_set base[],
                                 const oracle_set rw[], oracle_set out[])
{
    ORACLE_EACH(i, oracle)
    {
        out[i] = base[i];
        ORACLE_EACH(k, oracle) if (base[i] >> k & 1) out[i] |= rw[k];
    }
}

static inline bool oracle_snapshot(const struct oracle *oracle, const struct oracle_graph *graph,
                                   const oracle_set order[])
{
    oracle_set base[ORACLE_TXNS_MAX], both[ORACLE_TXNS_MAX];
    ORACLE_EACH(i, oracle)
    base[i] = (oracle_set)(graph->ww[i] | graph->wr[i] | (order ? order[i] : 0));
    oracle_extend(oracle, base, graph->rw, both);
    return oracle_is_acyclic(both, oracle->count);
}

/* No cycle of `base` and exactly one of `rw`. */
static inline bool oracle_no_single(const struct oracle *oracle, const oracle_set base[],
                                    const oracle_set rw[])
{
    oracle_set closed[ORACLE_TXNS_MAX];
    memcpy(closed, base, sizeof closed);
    oracle_close(closed, oracle->count);
    ORACLE_EACH(a, oracle)
    ORACLE_EACH(b, oracle) if ((rw[a] >> b & 1) && (closed[b] >> a & 1)) return false;
    return true;
}

static inline bool oracle_consistent_view(const struct oracle *oracle,
                                          const struct oracle_graph *graph,
                                          const oracle_set order[])
{
    oracle_set base[ORACLE_TXNS_MAX];
    ORACLE_EACH(i, oracle)
    base[i] = (oracle_set)(graph->ww[i] | graph->wr[i] | (order ? order[i] : 0));
    return oracle_no_single(oracle, base, graph->rw);
}

static inline bool oracle_no_lost_update(const struct oracle *oracle,
                                         const struct oracle_graph *graph)
{
    for (int key = 0; key < oracle->key_count; key++)
        if (!oracle_no_single(oracle, graph->ww_of[key], graph->rw_of[key]))
            return false;
    return true;
}

static inline bool oracle_prefix(const struct oracle *oracle, const struct oracle_graph *graph)
{
    oracle_set base[ORACLE_TXNS_MAX], both[ORACLE_TXNS_MAX];
    ORACLE_EACH(i, oracle) base[i] = (oracle_set)(graph->wr[i] | oracle->so[i]);
    oracle_extend(oracle, base, graph->rw, both);
    ORACLE_EACH(i, oracle) both[i] |= graph->ww[i];
    return oracle_is_acyclic(both, oracle->count);
}

/* The levels that this order of versions is good for, leaving aside what else they ask. */
static inline level_set oracle_by_graph(const struct oracle *oracle)
{
    struct oracle_graph g;
    oracle_build_graph(oracle, &g);
    const oracle_set *so = oracle->so, *rt = oracle->rt;
    const struct {
        enum level level;
        bool holds;
    } answers[] = {
        {LEVEL_READ_UNCOMMITTED, oracle_is_acyclic(g.ww, oracle->count)},
        {LEVEL_SESSION_READ_UNCOMMITTED, oracle_acyclic_with(oracle, g.ww, so, NULL, NULL)},
        {LEVEL_STRONG_READ_UNCOMMITTED, oracle_acyclic_with(oracle, g.ww, rt, NULL, NULL)},
        {LEVEL_READ_COMMITTED, oracle_acyclic_with(oracle, g.ww, g.wr, NULL, NULL)},
        {LEVEL_SESSION_READ_COMMITTED, oracle_acyclic_with(oracle, g.ww, g.wr, so, NULL)},
        {LEVEL_STRONG_READ_COMMITTED, oracle_acyclic_with(oracle, g.ww, g.wr, rt, NULL)},
        {LEVEL_CURSOR_STABILITY,
         oracle_acyclic_with(oracle, g.ww, g.wr, NULL, NULL) && oracle_no_lost_update(oracle, &g)},
        {LEVEL_CONSISTENT_VIEW, oracle_acyclic_with(oracle, g.ww, g.wr, NULL, NULL) &&
                                    oracle_consistent_view(oracle, &g, NULL)},
        {LEVEL_PARALLEL_SNAPSHOT_ISOLATION, oracle_acyclic_with(oracle, g.ww, g.wr, so, NULL) &&
                                                oracle_consistent_view(oracle, &g, so)},
        {LEVEL_PREFIX, oracle_prefix(oracle, &g)},
        {LEVEL_SNAPSHOT_ISOLATION, oracle_snapshot(oracle, &g, NULL)},
        {LEVEL_SESSION_SNAPSHOT_ISOLATION, oracle_snapshot(oracle, &g, so)},
        {LEVEL_STRONG_SNAPSHOT_ISOLATION, oracle_snapshot(oracle, &g, rt)},
        {LEVEL_REPEATABLE_READ, oracle_acyclic_with(oracle, g.ww, g.wr, g.rw, NULL)},
        {LEVEL_SERIALIZABLE, oracle_acyclic_with(oracle, g.ww, g.wr, g.rw, NULL)},
        {LEVEL_SESSION_SERIALIZABLE, oracle_acyclic_with(oracle, g.ww, g.wr, g.rw, so)},
        {LEVEL_STRICT_SERIALIZABLE, oracle_acyclic_with(oracle, g.ww, g.wr, g.rw, rt)},
    };
    level_set held = 0;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        held |= answers[i].holds ? level_bit(answers[i].level) : 0;
    return held;
}

/* A transaction's own versions are in the order in which it wrote them (Adya, section 4.1.1). */
static inline bool oracle_keeps_own_order(const struct oracle *oracle, const struct oracle_key *key)
{
    for (int i = 0; i < key->count; i++)
        for (int k = i + 1; k < key->count; k++) {
            int a = key->versions[i], b = key->versions[k];
            if (oracle->version_txn[a] == oracle->version_txn[b] &&
                oracle->version_places[a] > oracle->version_places[b])
                return false;
        }
    return true;
}

static inline void oracle_try_orders(struct oracle *oracle, int key, int at, level_set *held)
{
    if (key == oracle->key_count) {
        *held |= oracle_by_graph(oracle);
        return;
    }
    struct oracle_key *own = &oracle->keys[key];
    if (at == own->count) {
        if (oracle_keeps_own_order(oracle, own))
            oracle_try_orders(oracle, key + 1,
                              key + 1 < oracle->key_count ? oracle->keys[key + 1].ordered : 0,
                              held);
        return;
    }
    for (int i = at; i < own->count; i++) {
        uint8_t version = own->versions[at];
        own->versions[at] = own->versions[i];
        own->versions[i] = version;
        oracle_try_orders(oracle, key, at + 1, held);
        own->versions[i] = own->versions[at];
        own->versions[at] = version;
    }
}

/* What levels ask beside the graph. */
static inline level_set oracle_excluded(const struct oracle *oracle)
{
    level_set everything = level_bit(LEVEL_COUNT) - 1;
    level_set uncommitted = level_bit(LEVEL_READ_UNCOMMITTED) |
                            level_bit(LEVEL_SESSION_READ_UNCOMMITTED) |
                            level_bit(LEVEL_STRONG_READ_UNCOMMITTED);
    level_set loose = uncommitted | level_bit(LEVEL_READ_COMMITTED) |
                      level_bit(LEVEL_SESSION_READ_COMMITTED) |
                      level_bit(LEVEL_STRONG_READ_COMMITTED) | level_bit(LEVEL_CURSOR_STABILITY) |
                      level_bit(LEVEL_CONSISTENT_VIEW) | level_bit(LEVEL_REPEATABLE_READ);
    if (oracle->has_duplicates)
        return everything;
    if (oracle->has_aborted_read || oracle->has_intermediate_read || oracle->has_future_read ||
        oracle->has_incompatible_read)
        return everything & ~uncommitted;
    if (!oracle->sees_own_writes)
        return everything & ~loose;
    if (!oracle->is_repeatable)
        return everything & ~(loose | level_bit(LEVEL_MONOTONIC_ATOMIC_VIEW));
    return 0;
}

static inline level_set oracle_levels_by_dependencies(struct oracle *oracle)
{
    level_set held = 0;
    oracle_try_orders(oracle, 0, oracle->key_count ? oracle->keys[0].ordered : 0, &held);
    return held & ~oracle_excluded(oracle);
}

#endif
