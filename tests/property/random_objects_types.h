/* What random_objects.h works with: an object of each model, its clients, and cheap choices. */
#ifndef TESTS_RANDOM_OBJECTS_TYPES_H
#define TESTS_RANDOM_OBJECTS_TYPES_H

#include "checker/object.h"
#include "checker/specification.h"
#include "checker/user_model.h"
#include "core/random.h"

#include <assert.h>
#include <string.h>

enum {
    RANDOM_OBJECT_OPS_MAX = 24,
    RANDOM_OBJECT_CLIENTS_MAX = 8,
    RANDOM_OBJECT_RULES_MAX = 8, /* of a user's model */
    RANDOM_OBJECT_STATES_MAX = 4,
};

/* The models, by what their objects have in common. */
enum random_kind {
    RANDOM_REGISTER,
    RANDOM_CAS_REGISTER,
    RANDOM_MULTI_REGISTER,
    RANDOM_KV,
    RANDOM_MUTEX,
    RANDOM_OWNED_MUTEX,
    RANDOM_REENTRANT_MUTEX,
    RANDOM_SEMAPHORE,
    RANDOM_LINEAR_SET,
    RANDOM_GROW_ONLY_SET,
    RANDOM_FIFO_QUEUE,
    RANDOM_UNORDERED_QUEUE,
    RANDOM_PRIORITY_QUEUE,
    RANDOM_STACK,
    RANDOM_LINEAR_COUNTER,
    RANDOM_USER,
    RANDOM_KIND_COUNT,
};

static const char *const random_kind_names[RANDOM_KIND_COUNT] = {
    "register",       "cas-register",  "multi-register",  "kv",
    "mutex",          "owned-mutex",   "reentrant-mutex", "semaphore",
    "linear-set",     "grow-only-set", "fifo-queue",      "unordered-queue",
    "priority-queue", "stack",         "linear-counter",  "user",
};

struct random_options {
    uint32_t operations_min, operations_max; /* up to RANDOM_OBJECT_OPS_MAX */
    uint32_t clients_max;                    /* up to RANDOM_OBJECT_CLIENTS_MAX */
    uint32_t values;                         /* up to 8: how many different ones are used */
    bool distinct;        /* queues, stack, registers: every value added or written is new */
    uint32_t add_percent; /* of operations; 0 = half */
    uint32_t crash_percent, fail_percent, lie_percent;
};

struct random_client {
    bool busy, crashed; /* a crashed one may still have an effect, but never answers */
    bool done;          /* the effect has happened, with this answer: */
    bool refused;       /* ... which is that it was not possible */
    value_ref answer;
    uint32_t op;
    int32_t process;
};

/* The object itself, working. */
struct random_state {
    value_ref registers[2];
    value_ref items[RANDOM_OBJECT_OPS_MAX];
    int32_t count;    /* of items, or of permits held; a counter's value; how often it is held;
                         of a user's model the state */
    uint32_t members; /* of a set, as bits */
    value_ref text;   /* of a kv */
    value_ref owner;  /* of a mutex; nil while it is free */
};

struct random_objects {
    enum random_kind kind;
    const struct specification *specification;
    struct specification_context context; /* of the history made last, as is all below */
    struct history_semantics semantics;
    struct random_options options;
    struct object object;
    struct operation ops[RANDOM_OBJECT_OPS_MAX];

    struct random random;
    struct value_pool *pool;
    value_ref flags[8][2]; /* [element bool] */
    value_ref subsets[256];
    value_ref empty[3], names[2], no_text;

    struct user_model user; /* another one for every history */
    struct user_rule rules[RANDOM_OBJECT_RULES_MAX];
    bool from[RANDOM_OBJECT_RULES_MAX][RANDOM_OBJECT_STATES_MAX];

    struct random_state state;
    struct random_client clients[RANDOM_OBJECT_CLIENTS_MAX];
    uint32_t client_count, operations_left;
    int32_t next_process, next_value;
    position now;
    bool owners_given, answers_given, aliases;
};

/* --- choices: cheap, and so slightly uneven --- */

static inline uint32_t random_pick(struct random_objects *all, uint32_t bound)
{
    return (uint32_t)(((random_u64(&all->random) >> 32) * bound) >> 32);
}

static inline bool random_chance(struct random_objects *all, uint32_t percent)
{
    return percent > 0 && random_pick(all, 100) < percent;
}

/* --- words --- */

static inline void random_objects_make_values(struct random_objects *all)
{
    struct value items[8];
    for (int32_t a = 0; a < 8; a++) {
        all->flags[a][0] = value_pool_intern_pair(all->pool, value_ref_int(a), VALUE_REF_FALSE);
        all->flags[a][1] = value_pool_intern_pair(all->pool, value_ref_int(a), VALUE_REF_TRUE);
    }
    for (uint32_t set = 0; set < 256; set++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < 8; i++)
            if (set >> i & 1)
                items[count++] = value_int(i);
        uint32_t kind = set % 3 == 0 ? VALUE_SET : VALUE_LIST;
        all->subsets[set] = value_pool_intern(all->pool, value_items(kind, items, count));
    }
    all->empty[0] = VALUE_REF_NIL;
    all->empty[1] = value_pool_intern(all->pool, value_string("empty"));
    all->empty[2] = value_pool_intern(all->pool, value_text(VALUE_KEYWORD, "empty", 5));
    all->names[0] = value_pool_intern(all->pool, value_text(VALUE_KEYWORD, "x", 1));
    all->no_text = value_pool_intern(all->pool, value_string(""));
    all->names[1] = value_pool_intern(all->pool, value_text(VALUE_KEYWORD, "y", 1));
}

static inline bool random_is_container(enum random_kind kind)
{
    return kind >= RANDOM_FIFO_QUEUE && kind <= RANDOM_STACK;
}

static inline bool random_is_mutex(enum random_kind kind)
{
    return kind >= RANDOM_MUTEX && kind <= RANDOM_SEMAPHORE;
}

#endif
