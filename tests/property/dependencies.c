/* The graph of known dependencies has those that the definitions give, and no others. */
#include "dependencies/dependencies.h"

#include "dependencies/version_inference.h"
#include "property/isolation_oracle.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { TXNS = 8 };

struct relations {
    uint8_t rows[DEPENDENCY_COUNT][TXNS];
};

/* --- by definition --- */

static bool is_installed(const struct transactions *all, uint32_t version)
{
    uint32_t writer = all->versions[version].txn;
    return writer != TXN_NONE && txn_is_committed(all, writer);
}

/* A list's unread version, or any of a register. */
static bool is_unordered(const struct transactions *all, uint32_t key, uint32_t version)
{
    return version - all->keys[key].first_version >= all->keys[key].ordered;
}

static bool is_paired(const struct version_graph *pairs, uint32_t before, uint32_t after)
{
    for (uint32_t i = 0; i < pairs->count; i++)
        if ((before == VERSION_UNREAD || pairs->pairs[i].before == before) &&
            pairs->pairs[i].after == after)
            return true;
    return false;
}

/* Whether the versions of one key are known to follow one another with none between. */
static bool follows(const struct transactions *all, const struct version_graph *pairs, uint32_t key,
                    uint32_t before, uint32_t after)
{
    if (!is_installed(all, after))
        return false;
    if (is_unordered(all, key, before))
        return is_paired(pairs, before, after);
    if (before >= after || is_paired(pairs, VERSION_UNREAD, after))
        return false;
    for (uint32_t version = before + 1; version < after; version++)
        if (is_installed(all, version) && !is_unordered(all, key, version))
            return false;
    /* Of a register only the last version that a transaction wrote was ever installed. */
    uint32_t end = all->keys[key + 1].first_version;
    return !is_unordered(all, key, after) || after + 1 == end ||
           all->versions[after + 1].txn != all->versions[after].txn;
}

static void add(struct relations *out, enum dependency kind, uint32_t from, uint32_t to)
{
    if (from != to)
        out->rows[kind][from] |= (uint8_t)(1 << to);
}

static void define_micro(const struct transactions *all, const struct version_graph *pairs,
                         uint32_t txn, const struct micro *micro, struct relations *out)
{
    uint32_t first = all->keys[micro->key].first_version;
    if (micro->version == VERSION_UNREAD)
        return;
    bool reads = micro->f == MICRO_READ, is_initial = micro->version == first;
    uint32_t writer = all->versions[micro->version].txn;
    if (reads && !is_initial && (!is_installed(all, micro->version) || writer == txn))
        return;
    if (reads && !is_initial)
        add(out, DEPENDENCY_WR, writer, txn);
    for (uint32_t after = first + 1; after < all->keys[micro->key + 1].first_version; after++)
        if (follows(all, pairs, micro->key, micro->version, after))
            add(out, reads ? DEPENDENCY_RW : DEPENDENCY_WW, txn, all->versions[after].txn);
}

static void define(const struct transactions *all, const struct version_graph *pairs,
                   struct relations *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t a = 0; a < all->txn_count; a++) {
        if (!txn_is_committed(all, a))
            continue;
        for (uint32_t i = all->txns[a].micros; i < all->txns[a + 1].micros; i++)
            define_micro(all, pairs, a, &all->micros[i], out);
        bool is_last = true;
        for (uint32_t b = a + 1; b < all->txn_count && is_last; b++)
            if (all->txns[b].session == all->txns[a].session && txn_is_committed(all, b)) {
                add(out, DEPENDENCY_SESSION, a, b);
                is_last = false;
            }
        for (uint32_t b = 0; b < all->txn_count; b++)
            if (txn_is_committed(all, b) &&
                operation_precedes(txn_operation(all, a), txn_operation(all, b)))
                add(out, DEPENDENCY_REALTIME, a, b);
    }
}

/* --- by the graph --- */

static void walk(const struct dependencies *graph, uint32_t vertex, enum dependency kind,
                 uint32_t from, struct relations *out, bool *is_back)
{
    if (vertex_is_txn(graph, vertex)) {
        *is_back |= vertex == from;
        out->rows[kind][from] |= (uint8_t)(1 << vertex);
        return;
    }
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        cr_assert_eq(edge_kind(graph->edges[i]), (enum dependency)EDGE_GOES_ON);
        walk(graph, edge_to(graph->edges[i]), kind, from, out, is_back);
    }
}

static void read_graph(const struct dependencies *graph, struct relations *out)
{
    bool is_back = false;
    memset(out, 0, sizeof *out);
    for (uint32_t txn = 0; txn < graph->all->txn_count; txn++)
        for (uint32_t i = graph->first[txn]; i < graph->first[txn + 1]; i++) {
            enum dependency kind = edge_kind(graph->edges[i]);
            cr_assert_lt(kind, DEPENDENCY_COUNT);
            walk(graph, edge_to(graph->edges[i]), kind, txn, out, &is_back);
        }
    cr_expect_not(is_back, "an edge leads back to where it began");
}

/* --- both --- */

/* Some pairs of last versions of registers, none of them against the order of their numbers. */
static void choose_pairs(struct random_transactions *world, struct version_graph *out,
                         struct version_pair *pairs, uint32_t capacity)
{
    const struct transactions *all = &world->txns;
    *out = (struct version_graph){.pairs = pairs};
    for (uint32_t key = 0; key < all->key_count; key++) {
        uint32_t end = all->keys[key + 1].first_version;
        for (uint32_t a = all->keys[key].first_version + 1; a < end; a++)
            for (uint32_t b = a + 1; b < end && out->count < capacity; b++) {
                bool are_last = (b == a + 1 ? all->versions[a].txn != all->versions[b].txn
                                            : all->versions[a].txn != all->versions[a + 1].txn) &&
                                (b + 1 == end || all->versions[b].txn != all->versions[b + 1].txn);
                if (is_installed(all, a) && is_installed(all, b) && are_last &&
                    all->versions[a].txn != all->versions[b].txn && world_chance(world, 40))
                    pairs[out->count++] = (struct version_pair){a, b};
                /* Several sources may say the same. */
                if (out->count > 0 && out->count < capacity && world_chance(world, 10)) {
                    pairs[out->count] = pairs[out->count - 1];
                    out->count++;
                }
            }
    }
}

struct edge_counts {
    uint64_t edges[DEPENDENCY_COUNT], points, chains, complete, incomplete;
};

/* Whether two accesses to one key are a dependency, or show that one goes from the one transaction
 * to the other by what is known of the key. */
static bool is_shown(const struct dependencies *graph, enum dependency kind,
                     const struct micro *from, const struct micro *to)
{
    static const struct version_graph none = {0};
    const struct version_graph *pairs = graph->versions ? graph->versions : &none;
    bool reads = from->f == MICRO_READ;
    if (from->version == VERSION_UNREAD || to->version == VERSION_UNREAD)
        return false;
    if (kind == DEPENDENCY_WR)
        return !reads && to->f == MICRO_READ && from->version == to->version;
    return reads == (kind == DEPENDENCY_RW) && to->f != MICRO_READ &&
           (is_unordered(graph->all, from->key, from->version)
                ? is_paired(pairs, from->version, to->version)
                : from->version < to->version);
}

static bool is_about(const struct dependencies *graph, enum dependency kind, uint32_t from,
                     uint32_t to, uint32_t key)
{
    const struct transactions *all = graph->all;
    for (uint32_t i = all->txns[from].micros; i < all->txns[from + 1].micros; i++)
        for (uint32_t k = all->txns[to].micros; k < all->txns[to + 1].micros; k++)
            if (all->micros[i].key == key && all->micros[k].key == key &&
                is_shown(graph, kind, &all->micros[i], &all->micros[k]))
                return true;
    return false;
}

static void expect_keys(const struct dependencies *graph, const struct relations *found)
{
    for (uint32_t kind = DEPENDENCY_WW; kind <= DEPENDENCY_RW; kind++)
        for (uint32_t a = 0; a < graph->all->txn_count; a++)
            for (uint32_t b = 0; b < graph->all->txn_count; b++)
                if (found->rows[kind][a] >> b & 1)
                    cr_assert(is_about(graph, kind, a, b, dependency_key(graph, kind, a, b)));
}

static void compare(struct random_transactions *world, const struct version_graph *pairs,
                    struct edge_counts *counts, uint64_t number)
{
    struct dependencies graph;
    struct errbuf err = ERRBUF_INIT;
    struct relations expected, found;
    cr_assert_eq(
        dependencies_build(&world->txns, pairs, DEPENDENCIES_ALL, &world->budget, &graph, &err), 0,
        "%s", err.text);
    define(&world->txns, pairs, &expected);
    read_graph(&graph, &found);
    for (int kind = 0; kind < DEPENDENCY_COUNT; kind++)
        for (int txn = 0; txn < TXNS; txn++) {
            cr_assert_eq(found.rows[kind][txn], expected.rows[kind][txn],
                         "history %llu: kind %d of transaction %d: %#x instead of %#x",
                         (unsigned long long)number, kind, txn, found.rows[kind][txn],
                         expected.rows[kind][txn]);
            counts->edges[kind] += expected.rows[kind][txn] != 0;
        }
    expect_keys(&graph, &found);
    counts->points += graph.vertex_count > world->txns.txn_count;
    counts->chains += graph.time_point > world->txns.txn_count + 2;
    ++*(graph.is_complete ? &counts->complete : &counts->incomplete);
    dependencies_fini(&graph);
}

/* Where every order is known there is but one to try. */
static void compare_complete(struct random_transactions *world)
{
    static struct oracle oracle;
    struct dependencies graph;
    struct errbuf err = ERRBUF_INIT;
    struct relations found;
    struct oracle_graph expected;
    cr_assert_eq(
        dependencies_build(&world->txns, NULL, DEPENDENCIES_ALL, &world->budget, &graph, &err), 0);
    oracle_init(&oracle, &world->txns);
    oracle.knows_last_only = true;
    oracle_build_graph(&oracle, &expected);
    read_graph(&graph, &found);
    for (int a = 0; a < oracle.count && graph.is_complete; a++)
        for (int b = 0; b < oracle.count; b++) {
            uint32_t from = oracle.txns[a], to = oracle.txns[b];
            cr_expect_eq(found.rows[DEPENDENCY_WW][from] >> to & 1, expected.ww[a] >> b & 1);
            cr_expect_eq(found.rows[DEPENDENCY_WR][from] >> to & 1, expected.wr[a] >> b & 1);
            cr_expect_eq(found.rows[DEPENDENCY_RW][from] >> to & 1, expected.rw[a] >> b & 1);
        }
    dependencies_fini(&graph);
}

static void expect_definitions(bool lists, uint32_t histories)
{
    struct edge_counts counts = {0};
    struct tally tally = {.model = lists ? "list-append" : "rw-register",
                          .algorithm = "dependencies",
                          .histories = histories};
    for (uint32_t i = 0; i < histories; i++) {
        struct random_transactions world;
        struct version_graph pairs = {0};
        struct version_pair room[16];
        random_transactions_open(&world, lists, i);
        if (!lists && i % 2)
            choose_pairs(&world, &pairs, room, 16);
        compare(&world, &pairs, &counts, i);
        if (world.txns.odd_read_count == 0)
            compare_complete(&world);
        random_transactions_close(&world);
    }
    tally.valid = counts.complete;
    tally.undecided = counts.incomplete;
    tally_print(&tally);
    for (int kind = 0; kind < DEPENDENCY_COUNT; kind++)
        if (lists || kind != DEPENDENCY_WW)
            cr_expect_gt(counts.edges[kind], histories / 20, "kind %d", kind);
    cr_expect_gt(counts.points, histories / 4);
    cr_expect_gt(counts.chains, histories / 100);
    cr_expect_gt(counts.complete, histories / 20);
    cr_expect_gt(counts.incomplete, histories / 20);
}

Test(dependencies, are_those_of_the_definitions_for_lists)
{
    expect_definitions(true, property_runs(50000));
}

Test(dependencies, are_those_of_the_definitions_for_registers)
{
    expect_definitions(false, property_runs(50000));
}
