/* The question whether the versions of all keys can be put in orders that a level allows, as a
 * graph and a set of choices.
 *
 * *Blocks*: versions of one key between which no other one can be. Who read a version and wrote the
 * same key wrote the next one, or the update that came between would be lost; lists tell the order
 * of what was read of them. Of any two blocks of a key one is before the other: that is a choice,
 * and gives two edges, from the last writer of the one to the first of the other (WW) and from
 * those who read the last version of the one (RW). The block of the initial version is before all
 * others.
 *
 * A level holds iff the choices can be made without a cycle. Vertices are the transactions; for
 * snapshot isolation and prefix, where some edges may not follow upon others, each is two: where
 * it begins and where it ends (Cerone & Gotsman, "Analysing Snapshot Isolation", J. ACM 2018: a
 * cycle of (SO|WR|WW);RW? is one of these). *Points* stand between many and many: one for each
 * version with several readers, and one for each time at which something was over and something
 * began.
 *
 * From the budget; about 100 bytes for a transaction and 30 for a micro-operation. Linear, but for
 * sorting by time. */
#ifndef ISOLATION_ORDER_PROBLEM_H
#define ISOLATION_ORDER_PROBLEM_H

#include "dependencies/version_inference.h"
#include "isolation/order_graph.h"
#include "transactions/level.h"
#include "transactions/transactions.h"

/* What a level demands. */
struct order_rules {
    bool wr, rw, session, realtime; /* which dependencies are in the order, beside WW */
    bool splits;                    /* two vertices for each transaction: RW does not follow RW */
    bool ww_needs_end;              /* ... nor WW */
    bool glues;                     /* who read a version and wrote the key wrote the next one */
    bool only_updates;              /* RW only from who wrote the key as well */
    bool views;                     /* no cycle of exactly one RW, either */
};

/* False for a level of another family. */
bool order_rules_of(enum level level, struct order_rules *out);

struct order_block {
    uint32_t key;
    uint32_t head, tail; /* its first and its last version */
};

#define ORDER_ABSENT (UINT32_MAX - 1) /* `next` of a version that is in no order */

struct order_problem {
    const struct transactions *all;
    const struct version_graph *versions; /* known as well; NULL */
    struct budget *budget;
    struct order_rules rules;
    struct order_block *blocks; /* by key, the one of the initial version first */
    uint32_t block_count;
    uint32_t *first_block;  /* of each key, and of one more */
    uint32_t *next;         /* of each version, in its block; ORDER_NONE: the last */
    uint32_t *block_of;     /* of each version that is in a block */
    uint32_t *first_reader; /* of each version, in readers; and of one more */
    uint32_t *readers;      /* transactions other than who wrote it */
    uint32_t reader_count;
    uint32_t *overwritten; /* of each version: the vertex before which nobody may write a later one;
                              ORDER_NONE if nobody need wait */
    uint32_t first_time, first_point, vertex_count; /* vertices: points of time, of versions */
    uint64_t *by_end; /* when a transaction was over, and which: sorted; by_end_count of them */
    uint32_t by_end_count; /* only with rules.realtime */
    struct order_graph graph;
};

enum order_built {
    ORDER_BUILT,
    ORDER_BUILT_CYCLE,  /* what is known is a cycle already: graph.steps, from *cycle back to it */
    ORDER_OWN_REVERSED, /* a list has what a transaction appended in another order than it did:
                         *cycle is the transaction (Adya, section 4.1.1) */
    ORDER_NOT_BUILT,    /* the budget ended */
};

/* To be freed with order_problem_fini, whatever came of it. */
enum order_built order_problem_build(struct order_problem *problem, uint32_t *cycle);
void order_problem_fini(struct order_problem *problem);

static inline uint32_t order_begin_of(const struct order_problem *problem, uint32_t txn)
{
    return problem->rules.splits ? 2 * txn : txn;
}

static inline uint32_t order_end_of(const struct order_problem *problem, uint32_t txn)
{
    return problem->rules.splits ? 2 * txn + 1 : txn;
}

/* TXN_NONE for a point. */
static inline uint32_t order_txn_of(const struct order_problem *problem, uint32_t vertex)
{
    if (vertex >= problem->first_time)
        return TXN_NONE;
    return problem->rules.splits ? vertex / 2 : vertex;
}

static inline uint32_t order_writer(const struct order_problem *problem, uint32_t version)
{
    return problem->all->versions[version].txn;
}

/* The vertex that a later writer's WW leads to. */
static inline uint32_t order_ww_target(const struct order_problem *problem, uint32_t txn)
{
    return problem->rules.ww_needs_end ? order_end_of(problem, txn) : order_begin_of(problem, txn);
}

/* The edges of the choice that one block is before another; ORDER_NONE for `from` if there is no
 * such. */
struct order_pair_edges {
    uint32_t ww_from, ww_to, rw_from, rw_to;
};

static inline struct order_pair_edges order_edges_between(const struct order_problem *problem,
                                                          const struct order_block *before,
                                                          const struct order_block *after)
{
    uint32_t last = order_writer(problem, before->tail);
    uint32_t first = order_writer(problem, after->head);
    return (struct order_pair_edges){.ww_from = last == TXN_NONE ? ORDER_NONE
                                                                 : order_end_of(problem, last),
                                     .ww_to = order_ww_target(problem, first),
                                     .rw_from = problem->overwritten[before->tail],
                                     .rw_to = order_end_of(problem, first)};
}

/* Whether a read is of what another one wrote, or nobody did. */
static inline bool order_is_read(const struct transactions *all, uint32_t txn,
                                 const struct micro *micro)
{
    if (micro->f != MICRO_READ || micro->version == VERSION_UNREAD)
        return false;
    uint32_t writer = all->versions[micro->version].txn;
    if (writer == TXN_NONE)
        return micro->version == all->keys[micro->key].first_version;
    return writer != txn && txn_is_committed(all, writer);
}

/* Of a list that shows own elements at its end, who appended the last before them; TXN_NONE. For
 * rules.ww_needs_end, where WW and WR are not the same: otherwise the WW says it. */
static inline uint32_t order_source_of_own(const struct order_problem *problem, uint32_t txn,
                                           const struct micro *micro)
{
    const struct transactions *all = problem->all;
    bool is_own = micro->f == MICRO_READ && micro->is_list && micro->version != VERSION_UNREAD &&
                  order_writer(problem, micro->version) == txn;
    if (!problem->rules.ww_needs_end || !is_own)
        return TXN_NONE;
    uint32_t writer = order_writer(problem, micro_version_of_others(all, txn, micro));
    return writer != TXN_NONE && txn_is_committed(all, writer) ? writer : TXN_NONE;
}

bool order_writes_key(const struct transactions *all, uint32_t txn, uint32_t key);

/* Private to order_problem.c and order_edges.c: points, edges and a first order. */
enum order_built order_problem_link(struct order_problem *problem, uint32_t *cycle);

/* Private to order_edges.c: whether the places of transactions in the history tell nothing of when
 * they were, and a better first order then, of a graph that is in any. */
bool order_lacks_times(const struct order_problem *problem);
enum order_result order_sort_by_depths(struct order_problem *problem, uint32_t *cycle);

#endif
