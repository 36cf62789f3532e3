/* Numbers for value references: a plain array where the references lie close together, as those of
 * integers given out in turn do; else a hash table with linear probing. O(1) expected. */
#ifndef CHECKER_REF_MAP_H
#define CHECKER_REF_MAP_H

#include "core/value_pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

#define REF_MAP_NONE UINT32_MAX /* the number of a reference that has none */

struct ref_map_slot {
    value_ref ref;
    uint32_t number;
};

struct ref_map {
    struct budget *budget;
    uint32_t *numbers;          /* the array: by ref_map_order(ref) - base; or ... */
    struct ref_map_slot *slots; /* ... the hash table */
    uint32_t base;
    size_t size; /* of either; of the table, a power of two */
};

/* References in an order in which integers ascend without a gap. */
static inline uint32_t ref_map_order(value_ref ref)
{
    return ref ^ UINT32_C(0x40000000);
}

/* For `count` references at most, of which low and high are the first and the last in that order.
 * False when the budget's memory ran out; then there is nothing to fini. */
bool ref_map_init(struct ref_map *map, uint32_t low, uint32_t high, uint32_t count,
                  struct budget *budget);
void ref_map_fini(struct ref_map *map);

/* In the hash table: the slot of a reference, or the free one where it belongs. */
struct ref_map_slot *ref_map_probe(const struct ref_map *map, value_ref ref);

static inline size_t ref_map_first_slot(const struct ref_map *map, value_ref ref)
{
    return (size_t)(ref * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->size - 1);
}

/* Where the number of a reference is, REF_MAP_NONE if it has none yet; write it there to give it
 * one. The reference is in the map's bounds. */
static inline uint32_t *ref_map_place(struct ref_map *map, value_ref ref)
{
    if (map->numbers)
        return &map->numbers[ref_map_order(ref) - map->base];
    struct ref_map_slot *slot = ref_map_probe(map, ref);
    slot->ref = ref;
    return &slot->number;
}

/* The number of any reference, or REF_MAP_NONE. */
static inline uint32_t ref_map_find(const struct ref_map *map, value_ref ref)
{
    if (!map->numbers)
        return ref_map_probe(map, ref)->number;
    uint32_t at = ref_map_order(ref) - map->base;
    return at < map->size ? map->numbers[at] : REF_MAP_NONE;
}

/* Has the processor fetch what it will take to find a reference, some tens of nanoseconds later. */
static inline void ref_map_prefetch(const struct ref_map *map, value_ref ref)
{
    if (map->slots)
        __builtin_prefetch(&map->slots[ref_map_first_slot(map, ref)]);
}

#endif
