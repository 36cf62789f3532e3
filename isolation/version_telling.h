/* Paths of an order_problem's graph, told as steps and lemmas of evidence (evidence/evidence.h).
 * Private to version_evidence.c and version_telling.c.
 *
 * A path is put together as `path`, and then moved to `steps`, as the premise of a lemma or the
 * cycle itself. Steps rest on lemmas, which are told before them. From the budget; linear in what
 * is told. */
#ifndef ISOLATION_VERSION_TELLING_H
#define ISOLATION_VERSION_TELLING_H

#include "evidence/evidence.h"
#include "isolation/order_proof.h"

struct telling {
    struct order_search *search; /* NULL: no choice was made */
    struct order_problem *problem;
    const struct order_proof *proof; /* NULL, likewise */
    struct budget *budget;
    const struct proof_hop *hops;
    struct proof_row steps, lemmas;
    uint32_t *lemma_of; /* of each choice: that it is as it was told last */
    uint32_t choices;
    uint32_t in_case;       /* that is being told: see struct lemma */
    struct proof_row path;  /* steps of the path at hand */
    struct proof_row chain; /* versions of the block at hand */
    uint32_t *first_lemmas; /* of each block: one more than the lemma that the key's first block is
                               before it */
};

static inline const struct order_block *telling_block(const struct telling *run, uint32_t block)
{
    return &run->problem->blocks[block];
}

/* Makes steps of hops, from a transaction on; tells the lemmas of keys' first blocks on the way.
 * *end: where they lead to, or who stands before the point that they lead to. False if there is a
 * step that no evidence can tell, or without memory. */
bool telling_path(struct telling *run, uint32_t first, uint32_t count, uint32_t *end);

/* Appends a step to the path at hand; the path at hand to the steps. */
bool telling_add_step(struct telling *run, struct step step);
bool telling_flush(struct telling *run);

/* Tells the lemma of a choice, whose own grounds are told: from hops; from the refutation of the
 * contrary, told by the function. */
typedef bool tell_refutation(struct telling *run, const struct order_refutation *refutation);
bool telling_ground(struct telling *run, const struct order_ground *ground);
bool telling_case(struct telling *run, const struct order_ground *ground, tell_refutation *tell);

/* What orders a version before the first one of a block: a lemma, or LEMMA_NONE. False as
 * telling_path. */
bool telling_order(struct telling *run, uint32_t version, uint32_t label, uint32_t after,
                   uint32_t *lemma);

#endif
