/* Why an order_problem has no solution, as a tree: a *refutation* is a cycle, and what the choices
 * on it are grounded on. A choice is grounded on how its contrary closes a cycle with what was
 * known before it; or on the refutation of its contrary, a case of its own. Of a search that goes
 * on from supposition to supposition only what its end rests on is kept.
 *
 * Made while the edges of the choices are still in the graph: the level of the choices is how many
 * cases there are around. Linear for each ground. From the budget. */
#ifndef ISOLATION_ORDER_PROOF_H
#define ISOLATION_ORDER_PROOF_H

#include "isolation/order_search.h"

/* A row of equal items that grows. */
struct proof_row {
    void *items;
    size_t size;
    uint32_t count, capacity;
};

/* Room for one more item; NULL without memory. */
void *proof_row_push(struct budget *budget, struct proof_row *row);
void proof_row_fini(struct budget *budget, struct proof_row *row);

/* An edge of a path in the graph. */
struct proof_hop {
    uint32_t from, to, label;
};

/* Keeps the path of the graph's last search that leads to a vertex, but not what is before `stop`.
 * False without memory. */
bool proof_keep_path(struct proof_row *hops, const struct order_problem *problem, uint32_t vertex,
                     uint32_t stop);

/* The cycle: hops; and, where last_version is not ORDER_NONE, from who read that to who wrote a
 * later one, as known, or as the choice of last_label has it. */
struct order_refutation {
    uint32_t first_ground, ground_count; /* in order_proof.sequence: each rests on earlier ones */
    uint32_t first_hop, hop_count;
    uint32_t last_version, last_to, last_label;
};

/* Why a choice is made one way. */
struct order_ground {
    uint32_t literal;
    bool is_case; /* its contrary was refuted */
    bool is_rw;   /* or else the hops end at one who read the last version of the block that would
                     come first; or at who wrote that */
    uint32_t first_hop, hop_count; /* from the head of the block that is first */
    struct order_refutation of_contrary;
    uint32_t first_need, need_count; /* is_case: choices outside of it, in order_proof.needs */
};

struct order_proof {
    struct order_search *search;
    struct budget *budget;
    struct proof_row hops;     /* struct proof_hop */
    struct proof_row grounds;  /* struct order_ground */
    struct proof_row sequence; /* numbers of grounds */
    struct proof_row needs;    /* choices */
    uint32_t *ground_of;       /* of each choice that is made as its contrary was refuted */
    bool *is_needed;           /* by choice */
    uint32_t choice_count;
    struct order_refutation last; /* as far as it is known */
};

/* False without memory; to be freed with order_proof_fini in any case. */
bool order_proof_init(struct order_proof *proof, struct order_search *search);
void order_proof_fini(struct order_proof *proof);

/* Keeps the cycle that the search tells of (last_from and the others, graph.steps) in `last`. False
 * without memory, or if there is a choice on it that is not made. */
bool order_proof_take_cycle(struct order_proof *proof);

/* Grounds the choices of the innermost case that `last` rests on. *rests: whether it rests on the
 * supposition itself; if not, it holds without the case. Level 0: then `last` is complete. False
 * without memory, or if a choice has no ground. */
bool order_proof_close(struct order_proof *proof, bool *rests);

/* After the innermost case was closed and taken back: its contrary is grounded on it. The choice is
 * still to be made. ORDER_NONE without memory. */
uint32_t order_proof_conclude(struct order_proof *proof, uint32_t contrary);

#endif
