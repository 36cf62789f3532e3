#include "checker/config_set.h"

#include "checker/budget.h"

#include <string.h>

enum { CAPACITY_MIN = 16, TABLE_MIN = 32, KEEP_BYTES = 1 << 20, RING_LOOK_MAX = 256 };

struct config_shape config_shape_make(uint32_t live_slots, uint32_t crash_slots)
{
    struct config_shape shape = {.live_words = (live_slots + 63) / 64,
                                 .crash_words = (crash_slots + 63) / 64};
    shape.words = 1 + 2 * shape.live_words + shape.crash_words;
    return shape;
}

void config_set_init(struct config_set *set, struct budget *budget, struct config_shape shape)
{
    *set = (struct config_set){.budget = budget, .shape = shape};
}

static size_t config_bytes(const struct config_set *set)
{
    return set->shape.words * sizeof(uint64_t);
}

void config_set_fini(struct config_set *set)
{
    budget_free(set->budget, set->words, set->capacity * config_bytes(set));
    budget_free(set->budget, set->chain, set->capacity * sizeof *set->chain);
    budget_free(set->budget, set->rings, set->table_capacity * sizeof *set->rings);
    budget_free(set->budget, set->exact, set->table_capacity * sizeof *set->exact);
    *set = (struct config_set){.budget = set->budget, .shape = set->shape};
}

static void clear_tables(struct config_set *set, uint32_t count)
{
    set->table_count = count;
    if (count == 0)
        return;
    memset(set->rings, 0, count * sizeof *set->rings);
    if (set->shape.crash_words > 0)
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
}

/* --- the tables --- */

/* The words that all of a ring have in common. */
static uint32_t ring_words(const struct config_set *set)
{
    return 1 + 2 * set->shape.live_words;
}

static uint32_t hash_words(const uint64_t *config, uint32_t words)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < words; i++) {
        h = (h ^ config[i]) * 0x9fb21c651e98df25u;
        h ^= h >> 32;
    }
    return (uint32_t)h;
}

/* The slot of the table for configurations that begin with the same `words` words. */
static uint32_t probe(const struct config_set *set, const uint32_t *table, const uint64_t *config,
                      uint32_t words)
{
    uint32_t mask = set->table_count - 1, at = hash_words(config, words) & mask;
    while (table[at] != 0 && memcmp(set->words + (size_t)(table[at] - 1) * set->shape.words, config,
                                    words * sizeof *config) != 0)
        at = (at + 1) & mask;
    return at;
}

static void fill_table(struct config_set *set, const uint32_t *old, uint32_t old_count,
                       uint32_t *table, uint32_t words)
{
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i] != 0)
            table[probe(set, table, set->words + (size_t)(old[i] - 1) * set->shape.words, words)] =
                old[i];
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
    fill_table(set, set->rings, old_count, rings, ring_words(set));
    if (set->shape.crash_words > 0)
        fill_table(set, set->exact, old_count, exact, set->shape.words);
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
    size_t bytes = config_bytes(set);
    uint32_t *chain = budget_alloc(set->budget, capacity * sizeof *chain);
    if (!chain)
        return -1;
    uint64_t *words =
        budget_resize(set->budget, set->words, set->capacity * bytes, capacity * bytes);
    if (!words) {
        budget_free(set->budget, chain, capacity * sizeof *chain);
        return -1;
    }
    if (set->count)
        memcpy(chain, set->chain, set->count * sizeof *chain);
    budget_free(set->budget, set->chain, set->capacity * sizeof *chain);
    set->words = words;
    set->chain = chain;
    set->capacity = capacity;
    return 0;
}

/* --- domination --- */

/* Whether a has every bit that b has. */
static bool covers(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint64_t missing = 0;
    for (uint32_t i = 0; i < words; i++)
        missing |= b[i] & ~a[i];
    return missing == 0;
}

static bool dominates(const struct config_shape *shape, uint64_t *a, uint64_t *b)
{
    return a[0] == b[0] && covers(config_must(b), config_must(a), shape->live_words) &&
           covers(config_open(shape, a), config_open(shape, b),
                  shape->live_words + shape->crash_words);
}

static void drop(struct config_set *set, uint32_t index)
{
    set->chain[index] = CONFIG_DROPPED;
    set->dropped++;
}

enum relation { UNRELATED, DOMINATED, DOMINATING };

/* What config is to another of its ring, by their crashed calls. */
static enum relation relate(const uint64_t *config, const uint64_t *other, uint32_t words)
{
    uint64_t only_config = 0, only_other = 0;
    for (uint32_t i = 0; i < words; i++) {
        only_config |= config[i] & ~other[i];
        only_other |= other[i] & ~config[i];
        if (only_config && only_other)
            return UNRELATED;
    }
    return only_config ? DOMINATING : DOMINATED;
}

/* Looks through a ring, the oldest first: true if config is superfluous; else what it makes
 * superfluous is dropped. *last is the ring's last + 1, and 0 once the ring is empty. */
static bool is_superfluous(struct config_set *set, const uint64_t *config, uint32_t *last)
{
    uint32_t skip = ring_words(set), previous = *last - 1;
    for (uint32_t looks = 0; looks < RING_LOOK_MAX && *last != 0; looks++) {
        uint32_t index = set->chain[previous];
        bool is_last = index == *last - 1;
        enum relation relation =
            relate(config + skip, set->words + (size_t)index * set->shape.words + skip,
                   set->shape.crash_words);
        if (relation == DOMINATED)
            return true;
        if (relation == DOMINATING) {
            set->chain[previous] = set->chain[index];
            if (is_last)
                *last = index == previous ? 0 : previous + 1;
            drop(set, index);
        } else {
            previous = index;
        }
        if (is_last)
            break;
    }
    return false;
}

static void append(struct config_set *set, const uint64_t *config, uint32_t *last)
{
    uint32_t index = set->count++;
    memcpy(set->words + (size_t)index * set->shape.words, config, config_bytes(set));
    set->chain[index] = *last ? set->chain[*last - 1] : index;
    if (*last)
        set->chain[*last - 1] = index;
    *last = index + 1;
}

int config_set_add(struct config_set *set, const uint64_t *config)
{
    if ((set->count + 1) * 2 > set->table_count && grow_tables(set) != 0)
        return -1;
    if (set->count == set->capacity && grow_words(set) != 0)
        return -1;
    uint32_t *exact = NULL;
    if (set->shape.crash_words > 0) {
        exact = &set->exact[probe(set, set->exact, config, set->shape.words)];
        if (*exact != 0)
            return 0;
    }
    uint32_t *last = &set->rings[probe(set, set->rings, config, ring_words(set))];
    if (*last != 0 && is_superfluous(set, config, last))
        return 0;
    append(set, config, last);
    if (exact)
        *exact = set->count;
    return 0;
}

void config_set_reduce(struct config_set *set, uint32_t count_max)
{
    if (config_set_size(set) > count_max || config_set_size(set) < 2)
        return;
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *a = config_set_at(set, i);
        for (uint32_t j = 0; a && j < set->count; j++) {
            uint64_t *b = j == i ? NULL : config_set_at(set, j);
            if (b && dominates(&set->shape, a, b))
                drop(set, j);
        }
    }
}

/* --- width --- */

/* How many calls are at a configuration's disposal: crashed ones left, live ones not owed. */
static uint32_t calls_left(const struct config_set *set, uint64_t *config)
{
    const uint64_t *must = config_must(config), *crash = config_crash(&set->shape, config);
    uint32_t left = set->shape.live_words * 64;
    for (uint32_t i = 0; i < set->shape.live_words; i++)
        left -= (uint32_t)__builtin_popcountll(must[i]);
    for (uint32_t i = 0; i < set->shape.crash_words; i++)
        left += (uint32_t)__builtin_popcountll(crash[i]);
    return left;
}

bool config_set_prune(struct config_set *set, uint32_t width)
{
    enum { LEFT_MAX = 4096 };
    if (config_set_size(set) <= width)
        return false;
    uint32_t count_by_left[LEFT_MAX] = {0};
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *config = config_set_at(set, i);
        uint32_t left = config ? calls_left(set, config) : 0;
        count_by_left[left < LEFT_MAX ? left : LEFT_MAX - 1] += config != NULL;
    }
    uint32_t least = LEFT_MAX - 1, above = 0; /* keep all above `least`, and some with exactly it */
    while (least > 0 && above + count_by_left[least] <= width)
        above += count_by_left[least--];
    uint32_t at_least = width - above;
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t *config = config_set_at(set, i);
        if (!config)
            continue;
        uint32_t left = calls_left(set, config);
        left = left < LEFT_MAX ? left : LEFT_MAX - 1;
        if (left < least || (left == least && at_least == 0))
            drop(set, i);
        else
            at_least -= left == least;
    }
    return true;
}
