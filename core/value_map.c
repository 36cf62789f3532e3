#include "core/value_map.h"

#include "core/arena.h"

#include <stdlib.h>

enum { FEW = 16 };

/* Each key is compared with all others. */
static bool repeats_among_few(struct value map)
{
    for (uint32_t i = 2; i + 1 < map.count; i += 2)
        for (uint32_t j = 0; j < i; j += 2)
            if (value_equal(map.items[i], map.items[j]))
                return true;
    return false;
}

struct hashed_key {
    uint64_t hash;
    const struct value *key;
};

static int compare_hashes(const void *a, const void *b)
{
    const struct hashed_key *left = a, *right = b;
    return (left->hash > right->hash) - (left->hash < right->hash);
}

/* Equal keys have equal hashes, and are neighbours when sorted by these, but for others of the same
 * hash. */
static bool repeats_among_many(const struct hashed_key *keys, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count && keys[j].hash == keys[i].hash; j++)
            if (value_equal(*keys[i].key, *keys[j].key))
                return true;
    return false;
}

bool value_map_repeats(struct value map, struct arena *arena)
{
    uint32_t count = map.count / 2;
    if (count <= FEW)
        return repeats_among_few(map);
    struct hashed_key *keys = arena_alloc(arena, count * sizeof *keys);
    if (!keys)
        return false;
    for (uint32_t i = 0; i < count; i++)
        keys[i] = (struct hashed_key){value_hash(map.items[2 * i]), &map.items[2 * i]};
    qsort(keys, count, sizeof *keys, compare_hashes);
    return repeats_among_many(keys, count);
}

bool value_map_get(struct value map, enum value_kind kind, const char *name, struct value *out)
{
    for (uint32_t i = 0; map.kind == VALUE_MAP && i + 1 < map.count; i += 2)
        if (value_is_text(map.items[i], kind, name)) {
            *out = map.items[i + 1];
            return true;
        }
    return false;
}
