#include "checker/ref_map.h"

#include "checker/budget.h"

#include <string.h>

enum { SPARSE = 4 }; /* so many places for a reference are still an array */

bool ref_map_init(struct ref_map *map, uint32_t low, uint32_t high, uint32_t count,
                  struct budget *budget)
{
    size_t range = count ? (size_t)high - low + 1 : 0;
    *map = (struct ref_map){.budget = budget, .base = low};
    if (range <= (size_t)SPARSE * count) {
        map->size = range;
        map->numbers = budget_alloc(budget, range * sizeof *map->numbers);
        if (map->numbers)
            memset(map->numbers, 0xff, range * sizeof *map->numbers);
        return map->numbers;
    }
    map->size = 16;
    while (map->size < (size_t)count * 2)
        map->size *= 2;
    map->slots = budget_alloc(budget, map->size * sizeof *map->slots);
    if (map->slots)
        memset(map->slots, 0xff, map->size * sizeof *map->slots);
    return map->slots;
}

void ref_map_fini(struct ref_map *map)
{
    budget_free(map->budget, map->numbers, map->size * sizeof *map->numbers);
    budget_free(map->budget, map->slots, map->size * sizeof *map->slots);
    map->numbers = NULL;
    map->slots = NULL;
}

struct ref_map_slot *ref_map_probe(const struct ref_map *map, value_ref ref)
{
    size_t mask = map->size - 1;
    size_t at = ref_map_first_slot(map, ref);
    while (map->slots[at].number != REF_MAP_NONE && map->slots[at].ref != ref)
        at = (at + 1) & mask;
    return &map->slots[at];
}
