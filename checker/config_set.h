/* A set of configurations of the search, without those that another one makes superfluous.
 *
 * A configuration says what a history may have come to: the state; for every pending call whether
 * it must still be linearized, may be, or is done; and how many crashed calls of each kind have
 * been used. Two bit masks say the second: `open` (it can still be linearized) and `must` (it has
 * to be, before it returns):
 *
 *     must, open      not linearized yet
 *     open            either: it may count as linearized already, or be linearized later
 *     neither         linearized
 *
 * So a configuration with the same state, no more in `must`, no less in `open`, and no more crashed
 * calls used can do whatever another one can, and more: it dominates it.
 *
 * Layout of a configuration, in 64-bit words: state and tag; must; open; the numbers of crashed
 * calls used, a byte for each kind. Configurations that may only differ in the blind calls (those
 * that overwrite everything) and in the crashed ones are chained in a ring, in which domination is
 * looked for. Memory comes from the budget. Not thread-safe. */
#ifndef CHECKER_CONFIG_SET_H
#define CHECKER_CONFIG_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

struct config_shape {
    uint32_t live_words; /* of `must`, and of `open` */
    uint32_t used_words; /* of the numbers of crashed calls used */
    uint32_t words;      /* in all */
};

struct config_set {
    struct budget *budget;
    struct config_shape shape;
    const uint64_t *blind;  /* live_words, borrowed: which live calls are blind. Not changed while
                               there is anything in the set that may meet another */
    const uint8_t *weights; /* by byte of the used ones, borrowed: what using a crashed call costs
                               when configurations are chosen; NULL: nothing */
    uint32_t ring_max;      /* of how many configurations a ring may be; 0 = any number. The first
                               to come stay */
    bool cut;               /* one was left out for that since the last reset */
    uint64_t *words;        /* `capacity` configurations */
    uint32_t *next;         /* by configuration: the next of its ring + 1; 0 = the last;
                               CONFIG_DROPPED if it was dropped */
    uint32_t *nodes;        /* by configuration: the caller's; see trace.h */
    uint32_t count;         /* dropped ones included */
    uint32_t dropped;
    uint32_t capacity;
    uint32_t *rings;         /* open addressing: first of a ring + 1 */
    uint32_t *exact;         /* open addressing, by all words: configuration + 1 */
    uint32_t table_count;    /* slots in use of each */
    uint32_t table_capacity; /* ... and allocated */
};

#define CONFIG_DROPPED UINT32_MAX

struct config_shape config_shape_make(uint32_t live_slots, uint32_t used_slots);

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

static inline uint8_t *config_used(const struct config_shape *shape, uint64_t *config)
{
    return (uint8_t *)(config + 1 + (size_t)2 * shape->live_words);
}

void config_set_init(struct config_set *set, struct budget *budget, struct config_shape shape,
                     const uint64_t *blind);
void config_set_fini(struct config_set *set);

/* Empties it. Memory far beyond what the last use needed is given back. */
void config_set_reset(struct config_set *set);

/* The i-th configuration; NULL if it was dropped. Moves when something is added. */
static inline uint64_t *config_set_at(const struct config_set *set, uint32_t i)
{
    return set->next[i] == CONFIG_DROPPED ? NULL : set->words + (size_t)i * set->shape.words;
}

static inline uint32_t config_set_size(const struct config_set *set)
{
    return set->count - set->dropped;
}

/* Adds a copy, unless it is, or was, there already, or one of its ring dominates it; drops those of
 * its ring that it dominates. Of very many in a ring, it looks at the latest only. config must not
 * lie in the set. 1: added, as the last; 0: superfluous; -1: the budget's memory ran out. O(1)
 * expected, beside the look. */
int config_set_add(struct config_set *set, const uint64_t *config);

/* Drops every configuration that another one dominates, if there are at most `count_max`: the scan
 * is quadratic. After this, and after config_set_prune, nothing may be added until a reset. */
void config_set_reduce(struct config_set *set, uint32_t count_max);

/* Drops all but `width` configurations, keeping those that owe the fewest calls, can still do the
 * most blind ones, and have used the fewest crashed ones by their weights: they are the likeliest
 * to go on. Returns whether any was dropped. */
bool config_set_prune(struct config_set *set, uint32_t width);

#endif
