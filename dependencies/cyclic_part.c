#include "dependencies/cyclic_part.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

struct extraction {
    struct cyclic_part *out;
    struct components components;
    uint32_t
        *numbers; /* of each vertex of the whole graph: its own here, UINT32_MAX if it is not */
};

static bool number_vertices(struct extraction *run)
{
    struct cyclic_part *out = run->out;
    const struct dependencies *graph = out->graph;
    uint32_t count = run->components.member_count;
    out->vertices = budget_alloc(out->budget, count * sizeof *out->vertices);
    run->numbers = budget_alloc(out->budget, graph->vertex_count * sizeof *run->numbers);
    out->vertex_count = out->vertices ? count : 0;
    if (!out->vertices || !run->numbers)
        return false;
    memset(run->numbers, 0xff, graph->vertex_count * sizeof *run->numbers);
    for (uint32_t i = 0; i < count; i++)
        run->numbers[run->components.members[i]] = 0;
    uint32_t number = 0;
    for (uint32_t vertex = 0; vertex < graph->vertex_count; vertex++) {
        if (run->numbers[vertex] == UINT32_MAX)
            continue;
        out->vertices[number] = vertex;
        run->numbers[vertex] = number++;
        out->txn_count += vertex_is_txn(graph, vertex);
    }
    return true;
}

/* The edge as it is here; UINT32_MAX for one that leaves the component. */
static uint32_t renumber(const struct extraction *run, uint32_t from, uint32_t edge)
{
    uint32_t to = edge_to(edge);
    if (run->numbers[to] == UINT32_MAX || run->components.rank[to] != run->components.rank[from])
        return UINT32_MAX;
    return edge_make(run->numbers[to], edge_kind(edge));
}

static void count_edges(struct extraction *run)
{
    struct cyclic_part *out = run->out;
    const struct dependencies *graph = out->graph;
    for (uint32_t i = 0; i < out->vertex_count; i++) {
        uint32_t vertex = out->vertices[i];
        out->first[i] = out->edge_count;
        for (uint32_t k = graph->first[vertex]; k < graph->first[vertex + 1]; k++) {
            uint32_t edge = renumber(run, vertex, graph->edges[k]);
            if (edge == UINT32_MAX)
                continue;
            out->edge_count++;
            out->first_in[edge_to(edge) + 1]++;
        }
    }
    out->first[out->vertex_count] = out->edge_count;
    for (uint32_t i = 0; i < out->vertex_count; i++)
        out->first_in[i + 1] += out->first_in[i];
}

static void fill_edges(struct extraction *run)
{
    struct cyclic_part *out = run->out;
    const struct dependencies *graph = out->graph;
    uint32_t at = 0;
    for (uint32_t i = 0; i < out->vertex_count; i++) {
        uint32_t vertex = out->vertices[i];
        for (uint32_t k = graph->first[vertex]; k < graph->first[vertex + 1]; k++) {
            uint32_t edge = renumber(run, vertex, graph->edges[k]);
            if (edge == UINT32_MAX)
                continue;
            out->edges[at++] = edge;
            out->edges_in[out->first_in[edge_to(edge)]++] = edge_make(i, edge_kind(edge));
        }
    }
    for (uint32_t i = out->vertex_count; i > 0; i--)
        out->first_in[i] = out->first_in[i - 1];
    out->first_in[0] = 0;
}

static int take_edges(struct extraction *run)
{
    struct cyclic_part *out = run->out;
    size_t firsts = (size_t)out->vertex_count + 1;
    out->first = budget_alloc(out->budget, firsts * sizeof *out->first);
    out->first_in = budget_zalloc(out->budget, firsts * sizeof *out->first_in);
    if (!out->first || !out->first_in)
        return ERR_NOMEM;
    count_edges(run);
    out->edges = budget_alloc(out->budget, out->edge_count * sizeof *out->edges);
    out->edges_in = budget_alloc(out->budget, out->edge_count * sizeof *out->edges_in);
    if (!out->edges || !out->edges_in)
        return ERR_NOMEM;
    fill_edges(run);
    return 0;
}

int cyclic_part_build(const struct dependencies *graph, dependency_set steps, struct budget *budget,
                      struct cyclic_part *out)
{
    *out = (struct cyclic_part){.graph = graph, .budget = budget};
    struct extraction run = {.out = out};
    const struct step_graph whole = {graph->first, graph->edges, graph->vertex_count};
    const struct walk_rule rule = {steps, DEPENDENCIES_ALL};
    int rc = components_find(&whole, &rule, NULL, budget, &run.components);
    bool is_empty = run.components.member_count == 0;
    if (rc == 0 && !is_empty && !number_vertices(&run))
        rc = ERR_NOMEM;
    if (rc == 0 && !is_empty)
        rc = take_edges(&run);
    budget_free(budget, run.numbers, graph->vertex_count * sizeof *run.numbers);
    components_fini(&run.components);
    return rc;
}

static void see(uint32_t *edges, uint32_t first, uint32_t end, uint32_t other)
{
    for (uint32_t i = first; i < end; i++)
        if (edges[i] == edge_make(other, DEPENDENCY_WW))
            edges[i] = edge_make(other, DEPENDENCY_WR);
}

/* The number of a transaction here; UINT32_MAX if it is not. */
static uint32_t find_txn(const struct cyclic_part *part, uint32_t txn)
{
    uint32_t low = 0, high = part->txn_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (part->vertices[middle] < txn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < part->txn_count && part->vertices[low] == txn ? low : UINT32_MAX;
}

void cyclic_part_see_lists(struct cyclic_part *part)
{
    const struct transactions *all = part->graph->all;
    for (uint32_t to = 0; to < part->txn_count; to++) {
        uint32_t txn = part->vertices[to];
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            const struct micro *micro = &all->micros[i];
            if (micro->f != MICRO_READ || !micro->is_list || micro->version == VERSION_UNREAD)
                continue;
            uint32_t version = micro_version_of_others(all, txn, micro);
            uint32_t writer = all->versions[version].txn;
            uint32_t from = version == micro->version || writer == TXN_NONE
                                ? UINT32_MAX
                                : find_txn(part, writer);
            if (from == UINT32_MAX)
                continue;
            see(part->edges, part->first[from], part->first[from + 1], to);
            see(part->edges_in, part->first_in[to], part->first_in[to + 1], from);
        }
    }
}

void cyclic_part_fini(struct cyclic_part *part)
{
    struct budget *budget = part->budget;
    size_t firsts = ((size_t)part->vertex_count + 1) * sizeof *part->first;
    budget_free(budget, part->vertices, part->vertex_count * sizeof *part->vertices);
    budget_free(budget, part->first, firsts);
    budget_free(budget, part->first_in, firsts);
    budget_free(budget, part->edges, part->edge_count * sizeof *part->edges);
    budget_free(budget, part->edges_in, part->edge_count * sizeof *part->edges_in);
}
