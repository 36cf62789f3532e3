/* A set of configurations of the search, without those that another one makes superfluous.
 *
 * A configuration says what a history may have come to: the state, and for every pending call
 * whether it must still be linearized, may be, or is done. Two bit masks say this: `open` (it can
 * still be linearized) and `must` (it has to be, before it returns):
 *
 *     must, open      not linearized yet
 *     open            either: it may count as linearized already, or be linearized later
 *     neither         linearized
 *
 * So a configuration with the same state, no more in `must` and no less in `open` can do whatever
 * another one can, and more: it dominates it. Crashed calls are never in `must`.
 *
 * Layout of a configuration, in 64-bit words: state and tag; must; open of live calls; open of
 * crashed calls. Memory comes from the budget. Not thread-safe. */
#ifndef CHECKER_CONFIG_SET_H
#define CHECKER_CONFIG_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

struct config_shape {
    uint32_t live_words;  /* of `must`, and of `open` of live calls */
    uint32_t crash_words; /* of `open` of crashed calls */
    uint32_t words;       /* in all */
};

struct config_set {
    struct budget *budget;
    struct config_shape shape;
    uint64_t *words; /* `capacity` configurations */
    uint32_t *chain; /* by configuration: the next that differs in crashed calls only, in a ring;
                        CONFIG_DROPPED if it was dropped */
    uint32_t count;  /* dropped ones included */
    uint32_t dropped;
    uint32_t capacity;
    uint32_t *rings;         /* open addressing, by all but crashed calls: last of a ring + 1 */
    uint32_t *exact;         /* open addressing, by all: configuration + 1 */
    uint32_t table_count;    /* slots in use of each */
    uint32_t table_capacity; /* ... and allocated */
};

#define CONFIG_DROPPED UINT32_MAX

struct config_shape config_shape_make(uint32_t live_slots, uint32_t crash_slots);

static inline int32_t config_state(const uint64_t *config)
{
    return (int32_t)(uint32_t)config[0];
}

/* A tag of one bit beside the state; configurations with another tag are others. */
static inline bool config_tag(const uint64_t *config)
{
    return config[0] >> 32 != 0;
}

static inline void config_set_state(uint64_t *config, int32_t state, bool tag)
{
    config[0] = (uint64_t)tag << 32 | (uint32_t)state;
}

static inline uint64_t *config_must(uint64_t *config)
{
    return config + 1;
}

static inline uint64_t *config_open(const struct config_shape *shape, uint64_t *config)
{
    return config + 1 + shape->live_words;
}

static inline uint64_t *config_crash(const struct config_shape *shape, uint64_t *config)
{
    return config + 1 + (size_t)2 * shape->live_words;
}

void config_set_init(struct config_set *set, struct budget *budget, struct config_shape shape);
void config_set_fini(struct config_set *set);

/* Empties it. Memory far beyond what the last use needed is given back. */
void config_set_reset(struct config_set *set);

/* The i-th configuration; NULL if it was dropped. Moves when something is added. */
static inline uint64_t *config_set_at(const struct config_set *set, uint32_t i)
{
    return set->chain[i] == CONFIG_DROPPED ? NULL : set->words + (size_t)i * set->shape.words;
}

static inline uint32_t config_set_size(const struct config_set *set)
{
    return set->count - set->dropped;
}

/* Adds a copy, unless it is, or was, there already, or one dominates it that differs in crashed
 * calls only; drops those that it so dominates. Of very many that differ so, it looks at the oldest
 * only. config must not lie in the set. -1 when the budget's memory ran out. O(1) expected, beside
 * the look. */
int config_set_add(struct config_set *set, const uint64_t *config);

/* Drops every configuration that another one dominates, if there are at most `count_max`: the scan
 * is quadratic. After this, and after config_set_prune, nothing may be added until a reset. */
void config_set_reduce(struct config_set *set, uint32_t count_max);

/* Drops all but `width` configurations, keeping those that have most crashed calls left: they are
 * the likeliest to go on. Returns whether any was dropped. */
bool config_set_prune(struct config_set *set, uint32_t width);

#endif
