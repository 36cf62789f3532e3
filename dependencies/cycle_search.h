/* Shortest cycles of a pattern through given transactions.
 *
 * Breadth first over (vertex, what the pattern still asks): polynomial, and a path is never longer
 * than asked for. Where a pattern counts steps the shortest closed walk may pass a vertex twice; it
 * then consists of cycles that each ask less, and so of a worse anomaly. Such walks are left out: a
 * path that comes back to one of its own vertices is not followed. So every cycle found is simple,
 * it is a shortest one if no worse anomaly is there, and if none is found, there is none or there
 * is a worse one. (To find a shortest simple one in any case is NP-hard: two edges that must be on
 * it make it the problem of two disjoint paths; Fortune, Hopcroft & Wyllie, TCS 1980.) */
#ifndef DEPENDENCIES_CYCLE_SEARCH_H
#define DEPENDENCIES_CYCLE_SEARCH_H

#include "dependencies/cyclic_part.h"
#include "evidence/evidence.h"

#define PATTERN_RW_ANY 3

struct cycle_pattern {
    dependency_set first;    /* of which kinds the first step may be */
    dependency_set steps;    /* any step */
    dependency_set last;     /* the last one, if it does not close in time */
    dependency_set rw_after; /* what may come right before an RW, but for the first step */
    dependency_set needs;    /* at least one step of these; 0 for none */
    uint8_t rw_min, rw_max;  /* how many RW: up to two, or PATTERN_RW_ANY */
    bool needs_adjacent_rw;  /* two in a row, neither first and last */
    /* The last step is REALTIME: from who was over to the first one, who only then began. No other
     * step need be: of two, what is over earlier precedes one of the two that began, so that there
     * is a shorter cycle with one. */
    bool closes_in_time;
};

enum { PATTERN_STATES_MAX = 32 };

struct cycle_search {
    const struct cyclic_part *part;
    struct budget *budget;
    const struct cycle_pattern *pattern;
    const uint32_t *component; /* of each vertex; a cycle stays in one */
    const uint32_t *rank;      /* if not NULL: never higher than that of the start */
    uint32_t start, bound;
    bool was_cut; /* a longer path than allowed was not followed, since this was cleared */
    bool is_time_over;
    /* Edges gone along in all searches; at more than so many they end without a cycle. */
    uint64_t work, work_max;
    bool is_given_up; /* ... which one of them did */
    /* The automaton. */
    uint32_t states;
    int8_t begin[DEPENDENCY_COUNT], next[PATTERN_STATES_MAX][DEPENDENCY_COUNT]; /* -1: not so */
    dependency_set closes[PATTERN_STATES_MAX];
    bool in_session[PATTERN_STATES_MAX];
    /* By node: vertex * states + state. */
    uint32_t *distance, *parent;
    uint8_t *arrived_by;
    uint32_t epoch;             /* distances from it on are of this search */
    dependency_set *into_start; /* by vertex: steps from it to the start */
    uint32_t *marked, marked_count;
    uint32_t *level, level_count, level_capacity;
    uint32_t *later, later_count, later_capacity;
    /* The cycle found. */
    struct step *steps;
    uint32_t step_count, step_capacity;
};

/* Errors: ERR_NOMEM. To be ended with cycle_search_fini, also after an error. The bound is the
 * usual one: set search->work_max for another one. */
int cycle_search_init(struct cycle_search *search, const struct cyclic_part *part,
                      const struct cycle_pattern *pattern, const uint32_t *component,
                      struct budget *budget);
void cycle_search_fini(struct cycle_search *search);

/* The shortest cycle of at most `bound` steps that begins with this transaction, in search->steps:
 * their keys are not filled in. 0 if there is none, the time was over, or it was given up. Errors:
 * ERR_NOMEM. */
int cycle_search_from(struct cycle_search *search, uint32_t start, uint32_t bound);

#endif
