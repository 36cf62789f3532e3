/* Windows in order of their beginnings, some of which wait: which of them that began before some
 * point still goes on there? A tree of the latest ends, eight below each node. O(log n). */
#ifndef CHECKER_WAITING_H
#define CHECKER_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

#define WAITING_NONE UINT32_MAX

enum { WAITING_LEVELS = 11 }; /* 8^11 > 2^32 */

struct waiting {
    struct budget *budget;
    uint32_t *ends; /* of all levels */
    size_t capacity;
    uint32_t *levels[WAITING_LEVELS]; /* levels[0]: the windows' ends; 0 = does not wait */
    uint32_t level_count;
};

/* None waits: write their ends to levels[0], then call waiting_begin. False when the budget's
 * memory ran out; then there is nothing to fini. */
bool waiting_init(struct waiting *waiting, uint32_t count, struct budget *budget);
void waiting_begin(struct waiting *waiting);
void waiting_fini(struct waiting *waiting);

/* The last of the first `count` windows that ends after the point, or WAITING_NONE. */
uint32_t waiting_find(const struct waiting *waiting, uint32_t count, uint32_t point);

/* It waits no longer. */
void waiting_leave(struct waiting *waiting, uint32_t window);

#endif
