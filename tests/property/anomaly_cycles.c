/* Cycles in the graph of dependencies: those found are there, are simple, and are the shortest;
 * those that are there are found, or else a worse one is. */
#include "dependencies/anomalies.h"

#include "property/isolation_oracle.h"

#include "property/evidence_mutations.h"
#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>

enum { TXNS = 8, CYCLES = ANOMALY_COUNT - ANOMALY_G0, VARIANTS = 3 };

/* Which kinds of steps there are from one transaction to another. */
struct steps {
    uint32_t count;
    uint8_t kinds[TXNS][TXNS];
};

static void walk(const struct dependencies *graph, uint32_t vertex, enum dependency kind,
                 uint32_t from, struct steps *out)
{
    if (vertex_is_txn(graph, vertex)) {
        out->kinds[from][vertex] |= dependency_bit(kind);
        return;
    }
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++)
        walk(graph, edge_to(graph->edges[i]), kind, from, out);
}

static void read_steps(const struct dependencies *graph, struct steps *out)
{
    const struct transactions *all = graph->all;
    *out = (struct steps){.count = all->txn_count};
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = graph->first[txn]; i < graph->first[txn + 1]; i++)
            walk(graph, edge_to(graph->edges[i]), edge_kind(graph->edges[i]), txn, out);
    for (uint32_t a = 0; a < all->txn_count; a++)
        for (uint32_t b = a + 1; b < all->txn_count; b++)
            if (all->txns[a].session == all->txns[b].session && txn_is_committed(all, a) &&
                txn_is_committed(all, b))
                out->kinds[a][b] |= dependency_bit(DEPENDENCY_SESSION);
}

/* --- all simple cycles --- */

/* What is known of some steps in a row. */
struct so_far {
    uint8_t rw; /* 0, 1, 2 for more */
    bool is_adjacent, begins_rw, ends_rw, has_wr, has_session, has_time;
};

static struct so_far append(struct so_far path, int kind, bool is_first)
{
    bool is_rw = kind == DEPENDENCY_RW;
    path.is_adjacent |= is_rw && path.ends_rw;
    path.begins_rw |= is_first && is_rw;
    path.ends_rw = is_rw;
    path.rw += is_rw && path.rw < 2;
    path.has_wr |= kind == DEPENDENCY_WR;
    path.has_session |= kind == DEPENDENCY_SESSION;
    path.has_time |= kind == DEPENDENCY_REALTIME;
    return path;
}

static int class_of(const struct so_far *cycle, uint32_t length)
{
    bool wraps = cycle->begins_rw && cycle->ends_rw && length > 1;
    int variant = cycle->has_time ? 2 : cycle->has_session ? 1 : 0;
    int kind = cycle->rw == 0   ? cycle->has_wr
               : cycle->rw == 1 ? 2
                                : 3 + (cycle->is_adjacent || wraps);
    return kind * VARIANTS + variant;
}

struct all_cycles {
    const struct steps *steps;
    uint32_t shortest[CYCLES]; /* 0: there is none */
};

static void close_all(struct all_cycles *all, struct so_far path, uint8_t kinds, uint32_t length)
{
    for (int kind = 0; kind < DEPENDENCY_COUNT; kind++) {
        if (!(kinds >> kind & 1))
            continue;
        struct so_far cycle = append(path, kind, length == 1);
        int number = class_of(&cycle, length);
        if (all->shortest[number] == 0 || all->shortest[number] > length)
            all->shortest[number] = length;
    }
}

static void extend(struct all_cycles *all, uint32_t start, uint32_t at, uint32_t visited,
                   struct so_far path, uint32_t length)
{
    for (uint32_t next = start; next < all->steps->count; next++) {
        uint8_t kinds = all->steps->kinds[at][next];
        if (next == start && length > 0)
            close_all(all, path, kinds, length + 1);
        if (visited >> next & 1)
            continue;
        for (int kind = 0; kind < DEPENDENCY_COUNT; kind++)
            if (kinds >> kind & 1)
                extend(all, start, next, visited | 1u << next, append(path, kind, length == 0),
                       length + 1);
    }
}

static void find_all(const struct steps *steps, struct all_cycles *out)
{
    *out = (struct all_cycles){.steps = steps};
    for (uint32_t start = 0; start < steps->count; start++)
        extend(out, start, start, 1u << start, (struct so_far){0}, 0);
}

/* --- what was found --- */

static struct so_far read_cycle(const struct steps *steps, const struct evidence *evidence)
{
    struct so_far path = {0};
    uint32_t visited = 0;
    for (uint32_t i = 0; i < evidence->step_count; i++) {
        const struct step *step = &evidence->steps[i];
        const struct step *next = &evidence->steps[(i + 1) % evidence->step_count];
        cr_assert_eq(step->to, next->from);
        cr_assert_not(visited >> step->from & 1, "it passes a transaction twice");
        cr_assert(steps->kinds[step->from][step->to] >> step->kind & 1, "no such step");
        visited |= 1u << step->from;
        path = append(path, step->kind, i == 0);
    }
    return path;
}

static bool has_worse(const struct anomalies *found, int number)
{
    for (int i = 0; i < CYCLES; i++)
        if (i != number && i / VARIANTS <= number / VARIANTS && i % VARIANTS <= number % VARIANTS &&
            found->kinds[ANOMALY_G0 + i].count > 0)
            return true;
    return false;
}

struct cycle_counts {
    struct tally all;
    uint64_t found[CYCLES], missed[CYCLES], longer;
};

static void expect_kind(const struct all_cycles *all, const struct anomalies *found, int number,
                        struct cycle_counts *counts, uint64_t history)
{
    const struct anomalies_of_kind *of = &found->kinds[ANOMALY_G0 + number];
    const char *name = anomaly_name((enum anomaly)(ANOMALY_G0 + number));
    uint32_t shortest = all->shortest[number];
    cr_assert(of->count > 0 || shortest == 0 || has_worse(found, number),
              "history %llu: there is %s of %u steps", (unsigned long long)history, name, shortest);
    counts->found[number] += of->count > 0;
    counts->missed[number] += of->count == 0 && shortest > 0;
    cr_expect_eq(of->count > 0, of->example_count > 0);
    for (uint32_t i = 0; i < of->example_count; i++) {
        const struct evidence *example = &of->examples[i];
        struct so_far cycle = read_cycle(all->steps, example);
        cr_assert_eq(class_of(&cycle, example->step_count), number, "history %llu: it is no %s",
                     (unsigned long long)history, name);
        cr_assert_geq(example->step_count, shortest);
        cr_assert(i > 0 || example->step_count == shortest || has_worse(found, number),
                  "history %llu: %s of %u steps, not %u", (unsigned long long)history, name,
                  example->step_count, shortest);
        counts->longer += i == 0 && example->step_count > shortest;
    }
}

static void expect_proofs(const struct transactions *all, const struct anomalies *found,
                          level_set held, uint64_t history, struct tally *tally)
{
    for (int number = ANOMALY_G0; number < ANOMALY_COUNT; number++) {
        const struct anomalies_of_kind *of = &found->kinds[number];
        for (uint32_t i = 0; i < of->example_count; i++)
            cr_assert(evidence_verify_anomaly(all, &of->examples[i]), "history %llu: %s",
                      (unsigned long long)history, anomaly_name((enum anomaly)number));
        for (int level = 0; level < LEVEL_COUNT && of->count > 0; level++) {
            if (!(anomalies_of_level((enum level)level) & anomaly_bit((enum anomaly)number)))
                continue;
            cr_assert_not(held >> level & 1, "history %llu: %s holds with %s",
                          (unsigned long long)history, level_row((enum level)level)->name,
                          anomaly_name((enum anomaly)number));
            expect_evidence(all, (enum level)level, of->examples, held, history, tally);
        }
    }
}

static void find_cycles(struct random_transactions *world, struct dependencies *graph,
                        struct arena *arena, struct anomalies *found)
{
    struct errbuf err = ERRBUF_INIT;
    struct anomalies_options options = {
        .wanted = (1u << ANOMALY_COUNT) - 1, .examples_max = 3, .arena = arena};
    int rc = dependencies_build(&world->txns, NULL, DEPENDENCIES_ALL, &world->budget, graph, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    *found = (struct anomalies){0};
    cr_assert_eq(anomalies_find_cycles(graph, &options, found, &err), 0, "%s", err.text);
    cr_expect_eq(found->settled, options.wanted & ~((1u << ANOMALY_G0) - 1));
}

static void compare(struct random_transactions *world, bool refutes, struct cycle_counts *counts,
                    uint64_t history)
{
    struct dependencies graph;
    struct arena arena;
    struct anomalies found;
    struct steps steps;
    struct all_cycles all;
    static struct oracle oracle;
    arena_init(&arena, 0);
    find_cycles(world, &graph, &arena, &found);
    read_steps(&graph, &steps);
    find_all(&steps, &all);
    for (int number = 0; number < CYCLES; number++)
        expect_kind(&all, &found, number, counts, history);
    counts->all.valid += found.found == 0;
    counts->all.invalid += found.found != 0;
    if (refutes && found.found) {
        oracle_init(&oracle, &world->txns);
        expect_proofs(&world->txns, &found,
                      oracle_levels_by_dependencies(&oracle) | oracle_levels_by_axioms(&oracle) |
                          oracle_levels_of_sessions(&oracle),
                      history, &counts->all);
    }
    dependencies_fini(&graph);
    arena_fini(&arena);
}

static void expect_cycles(bool lists, bool refutes, uint32_t histories, struct cycle_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    counts->all = (struct tally){.model = lists ? "list-append" : "rw-register",
                                 .algorithm = refutes ? "cycles-levels" : "cycles",
                                 .histories = histories};
    for (uint32_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, lists, i);
        compare(&world, refutes, counts, i);
        random_transactions_close(&world);
    }
    tally_print(&counts->all);
}

Test(anomaly_cycles, of_lists_are_those_that_are_there)
{
    struct cycle_counts counts;
    uint32_t histories = property_runs(50000);
    expect_cycles(true, false, histories, &counts);
    for (int number = 0; number < CYCLES; number++) {
        const char *name = anomaly_name((enum anomaly)(ANOMALY_G0 + number));
        bool is_rare = number / VARIANTS == 3;
        cr_expect_gt(counts.found[number], is_rare ? 0 : histories / 1000, "%s", name);
        cr_expect_lt(counts.missed[number], histories / 50, "%s: %llu, found %llu", name,
                     (unsigned long long)counts.missed[number],
                     (unsigned long long)counts.found[number]);
    }
    cr_expect_lt(counts.longer, histories / 100);
}

Test(anomaly_cycles, of_registers_are_those_that_are_there)
{
    struct cycle_counts counts;
    uint32_t histories = property_runs(50000);
    expect_cycles(false, false, histories, &counts);
    cr_expect_gt(counts.found[ANOMALY_G_SINGLE - ANOMALY_G0], histories / 1000);
    cr_expect_gt(counts.found[ANOMALY_G2_ITEM_REALTIME - ANOMALY_G0], histories / 1000);
}

Test(anomaly_cycles, refute_their_levels)
{
    struct cycle_counts counts;
    uint32_t histories = property_runs(10000);
    expect_cycles(true, true, histories, &counts);
    expect_cycles(false, true, histories / 2, &counts);
}
