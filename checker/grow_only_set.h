/* What the files of algorithm_grow_only_set share; grow_only_set.c says how it works. */
#ifndef CHECKER_GROW_ONLY_SET_H
#define CHECKER_GROW_ONLY_SET_H

#include "checker/algorithm.h"
#include "checker/ref_map.h"
#include "checker/sort_items.h"

#include <stdbool.h>
#include <stdint.h>

#define GROW_NONE UINT32_MAX

enum grow_end { GROW_GO_ON, GROW_VIOLATED, GROW_REPEATED, GROW_NO_TIME, GROW_NO_MEMORY };

enum { GROW_EXTRA = 1 }; /* in a place: an add of what was there already */

struct grow_element {
    uint32_t first_add; /* the add that began first */
    uint32_t class;     /* of reads, the first that has it; GROW_NONE: none */
    uint32_t stamp;     /* the last read that was seen to have it, + 1 */
};

struct grow_only {
    const struct algorithm_input *input;
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    uint32_t adds, reads;
    uint32_t low, high; /* of the elements added, as ref_map_order */
    struct ref_map map; /* from an added value to its element */
    struct grow_element *elements;
    uint32_t element_count;
    struct sort_item *sorted; /* the reads: key = how many elements it has */
    uint32_t class_count;
    bool repeats;     /* some read has an element twice, and `sorted` knows of it */
    uint32_t *places; /* by operation: twice its block, + GROW_EXTRA; GROW_NONE: nowhere */
    uint32_t *latest; /* by block: the operation that began last in those before it; GROW_NONE */
    uint32_t block_count;

    const char *reason; /* violated: by these reads, and all adds of these elements */
    uint32_t failing, other, shown[2];
};

/* The element that an add added. */
static inline uint32_t grow_only_element_added(const struct grow_only *set, uint32_t add)
{
    return ref_map_find(&set->map, set->ops[add].argument);
}

/* Fills in out->order, once all places are known and nothing is violated; set->latest is
 * overwritten. GROW_GO_ON, GROW_NO_TIME or GROW_NO_MEMORY. O(n log n) where elements are added
 * twice, else O(n). */
enum grow_end grow_only_make_order(struct grow_only *set, struct algorithm_result *out);

#endif
