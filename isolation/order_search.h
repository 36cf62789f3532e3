/* Makes the choices of an order_problem, or shows that it cannot be done.
 *
 * The graph's order is a proposal: blocks of a key that do not overlap in it need no choice at all.
 * Where two do, the one that is moved less is moved behind the other. What closes a cycle is
 * learned from, so that the search ends, at the latest with every choice made; nothing is chosen
 * that the proposal settles. A choice that already known edges refuse is proved: its contrary is a
 * lemma (evidence/evidence.h). What is learned otherwise is not: isolation/order_cases.h.
 * Exponential at worst; near linear where the times of the transactions, by which the proposal was
 * made, or without times what they read (isolation/order_depths.c), tell the order but for the
 * nearest ones. */
#ifndef ISOLATION_ORDER_SEARCH_H
#define ISOLATION_ORDER_SEARCH_H

#include "isolation/order_choices.h"
#include "isolation/order_problem.h"

enum order_found { ORDER_EXISTS, ORDER_IMPOSSIBLE, ORDER_UNDECIDED };

struct order_search {
    struct order_problem *problem;
    struct order_choices choices;
    uint32_t *sorted; /* the blocks of each key, as the graph's order has their heads */
    uint32_t *spot;   /* of each block in `sorted` */
    uint32_t *dirty;  /* blocks to be looked at (again) */
    uint32_t dirty_count;
    bool *is_dirty;
    uint32_t *point_blocks; /* of each point of a version its block */
    /* ORDER_IMPOSSIBLE: the edge that closed the last cycle, back along graph.steps: of a choice,
     * or from who read a version to who wrote a later one (rules.views; otherwise last_version is
     * ORDER_NONE). last_from is ORDER_NONE if it was no cycle, but what had been learned. */
    uint32_t last_from, last_to, last_label, last_version;
    uint64_t work_end; /* of the graph's work_done: then the search makes a pause */
    bool is_paused;
};

/* The label of a choice's edges. */
static inline uint32_t order_label(uint32_t literal, bool is_rw)
{
    return 2 * literal + is_rw;
}

/* The problem is built. To be freed with order_search_fini, also after a failure. */
bool order_search_init(struct order_search *search, struct order_problem *problem);
void order_search_fini(struct order_search *search);

/* ORDER_UNDECIDED: the budget ended, or so much work was done (is_paused): then it goes on from
 * there when it is called again. Without a bound unless one was set. */
enum order_found order_search_run(struct order_search *search);

/* Whether some reader of the last version of `before` comes after `after` by what is known, so that
 * it cannot be before it (rules.views): graph.steps lead from *reader back to the writer. Only
 * edges inserted below `limit` count. ORDER_CYCLE: yes. */
enum order_result order_search_find_view(struct order_search *search, uint32_t before,
                                         uint32_t after, uint32_t limit, uint32_t *reader);

#endif
