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

static size_t first_slot(const struct ref_map *map, value_ref ref)
{
    return (size_t)(ref * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->size - 1);
}

void ref_map_prefetch(const struct ref_map *map, value_ref ref)
{
    if (map->slots)
        __builtin_prefetch(&map->slots[first_slot(map, ref)]);
}

/* The slot of a reference, or the free one where it belongs. */
static size_t probe(const struct ref_map *map, value_ref ref)
{
    size_t mask = map->size - 1;
    size_t at = first_slot(map, ref);
    while (map->slots[at].number != REF_MAP_NONE && map->slots[at].ref != ref)
        at = (at + 1) & mask;
    return at;
}

uint32_t *ref_map_place(struct ref_map *map, value_ref ref)
{
    if (map->numbers)
        return &map->numbers[ref_map_order(ref) - map->base];
    struct ref_map_slot *slot = &map->slots[probe(map, ref)];
    slot->ref = ref;
    return &slot->number;
}

uint32_t ref_map_find(const struct ref_map *map, value_ref ref)
{
    if (map->numbers) {
        uint32_t at = ref_map_order(ref) - map->base;
        return at < map->size ? map->numbers[at] : REF_MAP_NONE;
    }
    return map->slots[probe(map, ref)].number;
}
