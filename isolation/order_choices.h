/* Choices that are made, taken back, and learned from: which of two blocks of a key is first.
 *
 * A literal is a choice made one way. What cannot be true together is a clause: one of its literals
 * must be. A conflict is turned into a clause as CDCL solvers do (Marques-Silva & Sakallah,
 * "GRASP", IEEE Trans. Computers 1999: the first unique implication point), clauses are watched by
 * two literals (Moskewicz et al., "Chaff", DAC 2001). Choices come into being when they are asked
 * for.
 *
 * From the budget: 40 bytes for a choice, 4 for each literal of a clause. */
#ifndef ISOLATION_ORDER_CHOICES_H
#define ISOLATION_ORDER_CHOICES_H

#include "isolation/order_graph.h"

#include <stdbool.h>
#include <stdint.h>

struct budget;

struct order_choice {
    uint32_t low, high;  /* blocks; the literal 2i says low before high, 2i + 1 the contrary */
    uint32_t level;      /* if it is made */
    uint32_t reason;     /* the clause that made it; ORDER_NONE: a decision, or proved by itself */
    uint32_t edges;      /* of the graph, before its own; ORDER_NONE if it has none yet */
    uint32_t watched[2]; /* clauses that watch each of its literals: the first one */
    uint8_t value;       /* 0 open, 1 low is before high, 2 the contrary */
    bool is_seen, is_direct;
};

struct order_choices {
    struct budget *budget;
    struct order_choice *items;
    uint32_t count, capacity;
    uint32_t *slots; /* of a hash table: one more than a choice; 0 = free */
    uint32_t slot_count;
    uint32_t *trail;            /* literals that are true, in the order they became so */
    uint32_t trail_count, done; /* so many were followed up */
    uint32_t *levels;           /* where in the trail each decision is; the first is level 1 */
    uint32_t level;
    /* Clauses: length, the next clause that watches the first literal and the second (twice the
     * clause, plus which), and the literals. */
    uint32_t *clauses;
    uint32_t clauses_used, clauses_capacity, clause_count;
    uint32_t *conflict; /* literals, all false, one of which would have to be true */
    uint32_t conflict_count, conflict_capacity;
    uint64_t conflicts; /* ever */
};

void order_choices_init(struct order_choices *choices, struct budget *budget);
void order_choices_fini(struct order_choices *choices);

static inline uint32_t literal_not(uint32_t literal)
{
    return literal ^ 1;
}

static inline uint32_t literal_before(const struct order_choices *choices, uint32_t literal)
{
    const struct order_choice *choice = &choices->items[literal / 2];
    return literal & 1 ? choice->high : choice->low;
}

static inline uint32_t literal_after(const struct order_choices *choices, uint32_t literal)
{
    return literal_before(choices, literal_not(literal));
}

static inline bool literal_is_true(const struct order_choices *choices, uint32_t literal)
{
    return choices->items[literal / 2].value == 1 + (literal & 1);
}

static inline bool literal_is_false(const struct order_choices *choices, uint32_t literal)
{
    return literal_is_true(choices, literal_not(literal));
}

static inline bool literal_is_open(const struct order_choices *choices, uint32_t literal)
{
    return choices->items[literal / 2].value == 0;
}

/* That one block is before another; ORDER_NONE without memory. O(1) expected. */
uint32_t order_choices_literal(struct order_choices *choices, uint32_t before, uint32_t after);

/* Makes an open literal true. A decision begins a level. */
void order_choices_decide(struct order_choices *choices, uint32_t literal);
void order_choices_set(struct order_choices *choices, uint32_t literal, uint32_t reason);

enum choice_result { CHOICE_DONE, CHOICE_CONFLICT, CHOICE_NO_MEMORY };

/* Follows a literal that became true through the clauses. CHOICE_CONFLICT: `conflict` is set. */
enum choice_result order_choices_propagate(struct order_choices *choices, uint32_t literal);

/* Builds `conflict`. False without memory. */
bool order_choices_add_conflict(struct order_choices *choices, uint32_t literal);

/* Takes back all levels above one. Returns the edges the graph had before them; ORDER_NONE if none
 * of them gave any. */
uint32_t order_choices_back_to(struct order_choices *choices, uint32_t level);

/* Learns from `conflict`, which is not empty and whose literals are false: *level is the level to
 * go back to, where *literal follows from *clause (ORDER_NONE if it is alone in it).
 * CHOICE_CONFLICT: it is a conflict without any decision. */
enum choice_result order_choices_learn(struct order_choices *choices, uint32_t *level,
                                       uint32_t *literal, uint32_t *clause);

/* Adds `conflict`, at least two literals, as a clause. Of the first two each is open, or false of
 * the highest level but for the first one. ORDER_NONE without memory. */
uint32_t order_choices_add_clause(struct order_choices *choices);

static inline uint32_t *order_choices_clause(struct order_choices *choices, uint32_t clause,
                                             uint32_t *count)
{
    *count = choices->clauses[clause];
    return &choices->clauses[clause + 3];
}

/* Everything is open again. */
void order_choices_reset(struct order_choices *choices);

#endif
