/* A directed graph that is kept in a topological order while edges are added and taken back.
 *
 * Most edges are there from the beginning, in compact rows; others come and go, the last first.
 * An edge that would close a cycle is refused, with the path that it would close. Otherwise only
 * what lies between its ends in the order is looked at and moved (Pearce & Kelly, "A Dynamic
 * Topological Sort Algorithm for Directed Acyclic Graphs", JEA 2006): next to nothing where the
 * order was a good guess. Taking an edge back leaves the order as it is, as it remains one.
 *
 * From the budget: 48 bytes for each vertex, 8 for each edge of the beginning, 20 for each other.
 */
#ifndef ISOLATION_ORDER_GRAPH_H
#define ISOLATION_ORDER_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

struct budget;

#define ORDER_NONE UINT32_MAX

struct order_edge {
    uint32_t from, to;
    uint32_t label;             /* the caller's */
    uint32_t next_out, next_in; /* in dynamic; ORDER_NONE at the end */
};

/* How a vertex was come to in the last search. */
struct order_step {
    uint32_t before; /* ORDER_NONE: it began here */
    uint32_t label;  /* of the edge; ORDER_NONE: one of the beginning */
};

struct order_graph {
    struct budget *budget;
    uint32_t vertex_count, edge_count;
    uint32_t *out_first, *out; /* rows of the beginning, and where each of them begins */
    uint32_t *in_first, *in;
    uint32_t *place; /* in the order, of each vertex */
    struct order_edge *dynamic;
    uint32_t dynamic_count, dynamic_capacity;
    uint32_t *dynamic_out, *dynamic_in; /* the last one of each vertex */
    struct order_step *steps;
    uint32_t *seen, *seen_back; /* by vertex: the number of the search that saw it last */
    uint32_t search;
    uint32_t *queue;    /* what the last search saw, forwards, then backwards */
    uint32_t moved;     /* so many of the queue were moved by the last insertion */
    uint64_t work_done; /* edges looked at, ever */
};

enum order_result { ORDER_DONE, ORDER_CYCLE, ORDER_OUT_OF_BUDGET };

/* Edges of the beginning are told twice: counted, and then filled in the same number. Everything is
 * freed by fini, also after a failure. */
bool order_graph_init(struct order_graph *graph, struct budget *budget, uint32_t vertex_count);
void order_graph_fini(struct order_graph *graph);

static inline void order_graph_count(struct order_graph *graph, uint32_t from, uint32_t to)
{
    graph->out_first[from]++;
    graph->in_first[to]++;
    graph->edge_count++;
}

bool order_graph_begin_filling(struct order_graph *graph);

static inline void order_graph_fill(struct order_graph *graph, uint32_t from, uint32_t to)
{
    graph->out[graph->out_first[from]++] = to;
    graph->in[graph->in_first[to]++] = from;
}

void order_graph_end_filling(struct order_graph *graph);

/* Puts the vertices in an order of the edges of the beginning: each of those named, in turn, as
 * early as what must come before it allows; then what is left. ORDER_CYCLE: *cycle is a vertex on
 * one, and `steps` lead from it back to itself. Linear. */
enum order_result order_graph_sort(struct order_graph *graph, const uint32_t *named, uint32_t count,
                                   uint32_t *cycle);

/* Adds an edge. ORDER_CYCLE: it is not there, and `steps` lead from `from` back to `to`. */
enum order_result order_graph_insert(struct order_graph *graph, uint32_t from, uint32_t to,
                                     uint32_t label);

/* Takes back edges until so many of those inserted are left. */
void order_graph_remove(struct order_graph *graph, uint32_t dynamic_count);

/* For searches of the caller's own: `seen` of what this one sees is then graph->search. */
void order_graph_begin_search(struct order_graph *graph);

/* Looks for a shortest path with edges of the beginning and those inserted with a number below
 * `limit`; `steps` lead from `to` back to `from`. ORDER_DONE: there is none; ORDER_CYCLE: there is.
 */
enum order_result order_graph_find_path(struct order_graph *graph, uint32_t from, uint32_t to,
                                        uint32_t limit);

#endif
