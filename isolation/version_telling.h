/* Private to version_evidence.c: paths of an order_problem's graph as steps and lemmas. */
#ifndef ISOLATION_VERSION_TELLING_H
#define ISOLATION_VERSION_TELLING_H

#include "evidence/evidence.h"
#include "isolation/order_search.h"

/* An edge of a path in the graph. */
struct hop {
    uint32_t from, to, label;
};

/* A choice that something rests on, and what it rests on itself. */
struct ground {
    uint32_t literal;
    uint32_t first, count; /* hops: from the head of the block that is first to the tail of the
                              other, or to who read that */
    bool is_rw;            /* the latter */
    uint32_t lemma;        /* that the tail of the one is before the head of the other */
};

/* A row of equal items that grows. */
struct telling_row {
    void *items;
    size_t size;
    uint32_t count, capacity;
};

struct telling {
    struct order_search *search; /* NULL: no choice was made */
    struct order_problem *problem;
    struct budget *budget;
    struct telling_row hops, grounds, steps, lemmas;
    uint32_t *ground_of; /* of each literal of the trail, by its choice: one more than its ground */
    uint32_t choices;
    struct telling_row path;  /* steps of the path at hand */
    struct telling_row chain; /* versions of the block at hand */
    uint32_t *first_lemmas;   /* of each block: one more than the lemma that the key's first block
                                 is before it */
};

static inline const struct order_block *telling_block(const struct telling *run, uint32_t block)
{
    return &run->problem->blocks[block];
}

/* Room for one more item; NULL without memory. */
void *telling_push(struct telling *run, struct telling_row *row);

/* Makes steps of hops, from a transaction on; tells the lemmas of keys' first blocks on the way.
 * *end: where they lead to, or who stands before the point that they lead to. False if there is a
 * step that no evidence can tell, or without memory. */
bool telling_path(struct telling *run, uint32_t first, uint32_t count, uint32_t *end);

/* Appends a step to the path at hand; the path at hand to the steps. */
bool telling_add_step(struct telling *run, struct step step);
bool telling_flush(struct telling *run);

/* Tells the lemma of a choice, whose own grounds are told. */
bool telling_ground(struct telling *run, struct ground *ground);

/* What orders a version before the first one of a block: a lemma, or LEMMA_NONE. False as
 * telling_path. */
bool telling_order(struct telling *run, uint32_t version, uint32_t label, uint32_t after,
                   uint32_t *lemma);

#endif
