/* A few cycles, the best of all that were found: one of each component comes before further ones of
 * the same, and a shorter one before a longer one. From the budget. */
#ifndef DEPENDENCIES_FOUND_CYCLES_H
#define DEPENDENCIES_FOUND_CYCLES_H

#include "evidence/evidence.h"

struct budget;

struct found_cycle {
    struct step *steps;
    uint32_t count;
    bool is_further; /* the component has another one that is kept */
};

struct found_cycles {
    struct budget *budget;
    struct found_cycle *cycles;
    uint32_t count, max;
};

/* False without memory. */
bool found_cycles_init(struct found_cycles *found, uint32_t max, struct budget *budget);
void found_cycles_fini(struct found_cycles *found);
void found_cycles_clear(struct found_cycles *found);

/* Keeps a copy of a cycle, turned so that it begins at its transaction of the lowest number, unless
 * the same cycle is there already or better ones leave no room; what had the last place then goes.
 * is_further: another cycle of its component is kept. O(steps) for each one kept. False without
 * memory. */
bool found_cycles_add(struct found_cycles *found, const struct step *steps, uint32_t count,
                      bool is_further);

#endif
