#include "checker/config_set.h"

#include "checker/budget.h"

#include <string.h>

enum { CAPACITY_MIN = 16, TABLE_MIN = 32, KEEP_BYTES = 1 << 20, RING_LOOK_MAX = 256 };

struct config_shape config_shape_make(uint32_t live_slots, uint32_t used_slots)
{
    struct config_shape shape = {.live_words = (live_slots + 63) / 64,
                                 .used_words = (used_slots + 7) / 8};
    shape.words = 1 + 2 * shape.live_words + shape.used_words;
    return shape;
}

void config_set_init(struct config_set *set, struct budget *budget, struct config_shape shape,
                     const uint64_t *blind)
{
    *set = (struct config_set){.budget = budget, .shape = shape, .blind = blind};
}

static size_t config_bytes(const struct config_set *set)
{
    return set->shape.words * sizeof(uint64_t);
}

void config_set_fini(struct config_set *set)
{
    budget_free(set->budget, set->words, set->capacity * config_bytes(set));
    budget_free(set->budget, set->next, set->capacity * sizeof *set->next);
    budget_free(set->budget, set->nodes, set->capacity * sizeof *set->nodes);
    budget_free(set->budget, set->rings, set->table_capacity * sizeof *set->rings);
    budget_free(set->budget, set->exact, set->table_capacity * sizeof *set->exact);
    struct config_set empty = {.budget = set->budget,
                               .shape = set->shape,
                               .blind = set->blind,
                               .weights = set->weights,
                               .ring_max = set->ring_max};
    *set = empty;
}

static void clear_tables(struct config_set *set, uint32_t count)
{
    set->table_count = count;
    if (count == 0)
        return;
    memset(set->rings, 0, count * sizeof *set->rings);
    memset(set->exact, 0, count * sizeof *set->exact);
}

void config_set_reset(struct config_set *set)
{
    if (set->capacity * config_bytes(set) > KEEP_BYTES && set->count < set->capacity / 8)
        config_set_fini(set);
    /* As large as the last use would have liked it: neither grown again nor cleared in vain. */
    uint32_t count = TABLE_MIN;
    while (count < set->table_capacity && count / 4 < set->count)
        count *= 2;
    clear_tables(set, set->table_capacity ? count : 0);
    set->count = set->dropped = 0;
    set->cut = false;
}

/* --- the tables --- */

struct config_hash {
    uint32_t ring, exact;
};

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9fb21c651e98df25u;
    return h ^ h >> 32;
}

static struct config_hash hash_config(const struct config_set *set, const uint64_t *config)
{
    uint32_t live = set->shape.live_words, words = set->shape.words;
    uint64_t ring = mix(0x9e3779b97f4a7c15u, config[0]), rest = 0;
    for (uint32_t i = 0; i < live; i++) {
        ring = mix(ring, config[1 + i] & ~set->blind[i]);
        ring = mix(ring, config[1 + live + i] & ~set->blind[i]);
        rest =
            mix(rest, (config[1 + i] & set->blind[i]) * 3 ^ (config[1 + live + i] & set->blind[i]));
    }
    for (uint32_t i = 1 + 2 * live; i < words; i++)
        rest = mix(rest, config[i]);
    return (struct config_hash){.ring = (uint32_t)ring, .exact = (uint32_t)mix(ring, rest)};
}

static uint64_t *words_at(const struct config_set *set, uint32_t index)
{
    return set->words + (size_t)index * set->shape.words;
}

static bool same_ring(const struct config_set *set, const uint64_t *a, const uint64_t *b)
{
    uint32_t live = set->shape.live_words;
    uint64_t differ = a[0] ^ b[0];
    for (uint32_t i = 0; i < live; i++)
        differ |= ((a[1 + i] ^ b[1 + i]) | (a[1 + live + i] ^ b[1 + live + i])) & ~set->blind[i];
    return differ == 0;
}

static uint32_t probe_ring(const struct config_set *set, const uint32_t *table,
                           const uint64_t *config, uint32_t hash)
{
    uint32_t mask = set->table_count - 1, at = hash & mask;
    while (table[at] != 0 && !same_ring(set, words_at(set, table[at] - 1), config))
        at = (at + 1) & mask;
    return at;
}

static uint32_t probe_exact(const struct config_set *set, const uint32_t *table,
                            const uint64_t *config, uint32_t hash)
{
    uint32_t mask = set->table_count - 1, at = hash & mask;
    while (table[at] != 0 && memcmp(words_at(set, table[at] - 1), config, config_bytes(set)) != 0)
        at = (at + 1) & mask;
    return at;
}

static void fill_tables(struct config_set *set, const uint32_t *old_rings, uint32_t old_count,
                        uint32_t *rings, uint32_t *exact)
{
    for (uint32_t i = 0; i < old_count; i++) {
        if (old_rings[i] == 0)
            continue;
        const uint64_t *config = words_at(set, old_rings[i] - 1);
        rings[probe_ring(set, rings, config, hash_config(set, config).ring)] = old_rings[i];
    }
    uint32_t mask = set->table_count - 1;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t at = hash_config(set, words_at(set, i)).exact & mask;
        while (exact[at] != 0)
            at = (at + 1) & mask;
        exact[at] = i + 1;
    }
}

static int grow_tables(struct config_set *set)
{
    uint32_t count = set->table_count ? set->table_count * 2 : TABLE_MIN;
    size_t old_bytes = set->table_capacity * sizeof *set->rings, bytes = count * sizeof *set->rings;
    uint32_t *rings = budget_zalloc(set->budget, bytes);
    uint32_t *exact = budget_zalloc(set->budget, bytes);
    if (!rings || !exact) {
        budget_free(set->budget, rings, bytes);
        budget_free(set->budget, exact, bytes);
        return -1;
    }
    uint32_t old_count = set->table_count;
    set->table_count = set->table_capacity = count;
    fill_tables(set, set->rings, old_count, rings, exact);
    budget_free(set->budget, set->rings, old_bytes);
    budget_free(set->budget, set->exact, old_bytes);
    set->rings = rings;
    set->exact = exact;
    return 0;
}

static int grow_words(struct config_set *set)
{
    if (set->capacity > UINT32_MAX / 4)
        return -1;
    uint32_t capacity = set->capacity ? set->capacity * 2 : CAPACITY_MIN;
    size_t bytes = config_bytes(set), old = set->capacity * sizeof *set->next;
    uint32_t *next = budget_alloc(set->budget, capacity * sizeof *next);
    uint32_t *nodes = budget_alloc(set->budget, capacity * sizeof *nodes);
    uint64_t *words = next && nodes ? budget_resize(set->budget, set->words, set->capacity * bytes,
                                                    capacity * bytes)
                                    : NULL;
    if (!words) {
        budget_free(set->budget, next, capacity * sizeof *next);
        budget_free(set->budget, nodes, capacity * sizeof *nodes);
        return -1;
    }
    if (set->count) {
        memcpy(next, set->next, set->count * sizeof *next);
        memcpy(nodes, set->nodes, set->count * sizeof *nodes);
    }
    budget_free(set->budget, set->next, old);
    budget_free(set->budget, set->nodes, old);
    set->words = words;
    set->next = next;
    set->nodes = nodes;
    set->capacity = capacity;
    return 0;
}

/* --- domination --- */

/* Whether each byte of a is at most that of b. */
static bool bytes_at_most(uint64_t a, uint64_t b)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t difference = (b | high) - (a & ~high); /* of the lower seven bits, in every byte */
    return (((b & ~a) | (~(a ^ b) & difference)) & high) == high;
}

/* Whether a owes no call that b does not, and may still do every call that b may. */
static bool covers(const struct config_shape *shape, const uint64_t *a, const uint64_t *b)
{
    uint32_t live = shape->live_words;
    uint64_t missing = 0;
    for (uint32_t i = 1; i <= live; i++)
        missing |= (a[i] & ~b[i]) | (b[live + i] & ~a[live + i]);
    if (missing != 0)
        return false;
    for (uint32_t i = 1 + 2 * live; i < shape->words; i++)
        if (!bytes_at_most(a[i], b[i]))
            return false;
    return true;
}

static void drop(struct config_set *set, uint32_t index)
{
    set->next[index] = CONFIG_DROPPED;
    set->dropped++;
}

/* Looks through a ring: true if config is superfluous; else what it makes superfluous is dropped.
 */
static bool is_superfluous(struct config_set *set, const uint64_t *config, uint32_t *first)
{
    uint32_t *link = first, kept = 0;
    for (uint32_t looks = 0; looks < RING_LOOK_MAX && *link != 0; looks++) {
        uint32_t index = *link - 1;
        const uint64_t *other = words_at(set, index);
        if (covers(&set->shape, other, config))
            return true;
        if (covers(&set->shape, config, other)) {
            *link = set->next[index];
            drop(set, index);
        } else {
            link = &set->next[index];
            kept++;
        }
    }
    if (set->ring_max == 0 || kept < set->ring_max)
        return false;
    set->cut = true;
    return true;
}

int config_set_add(struct config_set *set, const uint64_t *config)
{
    if ((set->count + 1) * 2 > set->table_count && grow_tables(set) != 0)
        return -1;
    if (set->count == set->capacity && grow_words(set) != 0)
        return -1;
    struct config_hash hash = hash_config(set, config);
    uint32_t *exact = &set->exact[probe_exact(set, set->exact, config, hash.exact)];
    if (*exact != 0)
        return 0;
    uint32_t *first = &set->rings[probe_ring(set, set->rings, config, hash.ring)];
    if (is_superfluous(set, config, first))
        return 0;
    uint32_t index = set->count++;
    memcpy(words_at(set, index), config, config_bytes(set));
    set->next[index] = *first;
    *first = *exact = index + 1;
    return 1;
}

void config_set_reduce(struct config_set *set, uint32_t count_max)
{
    if (config_set_size(set) > count_max || config_set_size(set) < 2)
        return;
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *a = config_set_at(set, i);
        for (uint32_t j = 0; a && j < set->count; j++) {
            uint64_t *b = j == i ? NULL : config_set_at(set, j);
            if (b && a[0] == b[0] && covers(&set->shape, a, b))
                drop(set, j);
        }
    }
}

/* --- width --- */

enum { COST_MAX = 1023 };

/* What a configuration owes and has spent. A blind call is easily done without anybody seeing it,
 * so what counts of those is whether they can still be used. */
static uint32_t cost(const struct config_set *set, uint64_t *config)
{
    const uint64_t *must = config_must(config), *open = config_open(&set->shape, config);
    const uint8_t *used = config_used(&set->shape, config);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < set->shape.live_words; i++)
        sum +=
            (uint32_t)__builtin_popcountll((must[i] & ~set->blind[i]) | (~open[i] & set->blind[i]));
    for (uint32_t i = 0; set->weights && i < set->shape.used_words * 8; i++)
        sum += (uint32_t)used[i] * set->weights[i];
    return sum < COST_MAX ? sum : COST_MAX;
}

bool config_set_prune(struct config_set *set, uint32_t width)
{
    if (config_set_size(set) <= width)
        return false;
    uint32_t count_by_cost[COST_MAX + 1] = {0};
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *config = config_set_at(set, i);
        if (config)
            count_by_cost[cost(set, config)]++;
    }
    uint32_t most = 0, below = 0; /* keep all below `most`, and some with exactly it */
    while (most < COST_MAX && below + count_by_cost[most] <= width)
        below += count_by_cost[most++];
    uint32_t at_most = width - below;
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *config = config_set_at(set, i);
        if (!config)
            continue;
        uint32_t sum = cost(set, config);
        if (sum > most || (sum == most && at_most == 0))
            drop(set, i);
        else
            at_most -= sum == most;
    }
    return true;
}
