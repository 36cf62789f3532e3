/* Why no order explains what a session read, as evidence tells it (evidence/evidence.h). Private to
 * view_search_evidence.c and view_proof.c.
 *
 * The search for an order (isolation/view_search.h) ends at a cycle that its choices close. A
 * choice that could not be made the other way is told as a lemma; one that was tried, as a case
 * whose contrary was refuted. As isolation/order_proof.h, which has more about such proofs; only
 * that a choice is named here by its number among those made so far.
 *
 * From the budget of the search. Going through cases is exponential at worst, and is given up after
 * a thousand, or where forty would be one within the other. */
#ifndef ISOLATION_VIEW_PROOF_H
#define ISOLATION_VIEW_PROOF_H

#include "evidence/step_list.h"
#include "isolation/order_proof.h"
#include "isolation/view_search.h"

/* A cycle, and what the choices on it are grounded on. */
struct view_refutation {
    uint32_t first_ground, ground_count; /* in view_proof.sequence: each rests on earlier ones */
    uint32_t first_step, step_count;
};

/* Why a choice is made one way. */
struct view_ground {
    struct view_pair pair;
    bool is_after, is_case; /* is_case: the contrary was refuted; otherwise, steps */
    uint32_t choice;
    struct view_refutation of;       /* the contrary's; or only its steps: the premise of a lemma */
    uint32_t first_need, need_count; /* is_case: choices outside of it, in view_proof.needs */
};

struct view_proof {
    struct view_search *search;
    uint32_t *path;   /* vertices, from the first to the last */
    uint32_t *labels; /* of the edge behind each of them */
    uint32_t length;
    struct step_list steps;    /* a step's lemma is a choice */
    struct proof_row grounds;  /* struct view_ground */
    struct proof_row sequence; /* numbers of grounds */
    struct proof_row needs;    /* choices */
    uint32_t choices_max;      /* that were made at a time, and one more */
    struct view_refutation last;
};

/* Errors: ERR_NOMEM. To be freed also after an error. */
int view_proof_init(struct view_proof *proof, struct view_search *search);
void view_proof_fini(struct view_proof *proof);

/* --- view_search_evidence.c: paths as steps --- */

/* Makes `last` of search->last_pair, which can be ordered neither way: the one is a lemma, and the
 * other closes the cycle. Errors: as view_search_evidence. */
int view_proof_take_pair(struct view_proof *proof);

/* *out: the premise of the lemma that a pair is ordered so: the path that the contrary would close
 * to a cycle, along choices made before number `limit`. Errors: as above. */
int view_proof_premise(struct view_proof *proof, const struct view_pair *pair, bool is_after,
                       uint32_t limit, struct view_refutation *out);

/* --- view_proof.c --- */

/* Goes through cases from the beginning. *is_refuted: `last` is complete; otherwise there would be
 * too many. */
int view_proof_search(struct view_proof *proof, bool *is_refuted);

/* `last`, complete, as evidence. */
int view_proof_tell(struct view_proof *proof, struct arena *arena, struct evidence *out);

#endif
