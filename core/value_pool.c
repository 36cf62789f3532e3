/* Entries lie in segments that double in size and never move; the table of their references is an
 * open-addressing one, at most three quarters full. Looking up takes no lock: a slot is written
 * once, after its entry, and a table that was outgrown stays until the pool is freed, so that
 * whoever still searches it at most misses what is new, takes the lock, and searches again. */
#include "core/value_pool.h"

#include "core/byte_cap.h"
#include "core/capped_arena.h"
#include "core/micro_ops.h"
#include "core/micro_values.h"
#include "core/value_pool_shared.h"
#include "core/value_words.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_REF = 3, /* of an entry; below are nil, false, true */
    SEGMENT_BITS = 5,
    SEGMENT_COUNT = 32 - SEGMENT_BITS,
    TABLE_MIN = 64,
    ENTRIES_MAX = (1 << 30) - FIRST_REF, /* above are packed transactions */
};

struct entry {
    struct value value;
    uint32_t hash;
};

/* What a list of two points to: its items, and behind them their references. */
struct pair {
    struct value items[2];
    value_ref refs[2];
};

struct table {
    struct table *older;
    uint32_t mask;
    _Atomic value_ref slots[]; /* nil = free */
};

struct value_pool {
    struct byte_cap *cap;
    struct byte_cap own_cap;
    _Atomic(struct table *) table;
    struct entry *segments[SEGMENT_COUNT];
    struct value_words words;
    pthread_mutex_t lock; /* everything below, and all writing */
    struct capped_arena arena;
    struct micro_values micro_values;
    uint32_t count;
};

/* --- entries --- */

/* Segment k holds 2^(SEGMENT_BITS + k) entries. */
static struct entry *entry_at(const struct value_pool *pool, uint32_t index)
{
    uint32_t shifted = index + (UINT32_C(1) << SEGMENT_BITS);
    int top = 31 - __builtin_clz(shifted);
    return &pool->segments[top - SEGMENT_BITS][shifted - (UINT32_C(1) << top)];
}

static size_t segment_bytes(int segment)
{
    return sizeof(struct entry) << (SEGMENT_BITS + segment);
}

/* The next free entry; it counts once it is in the table. */
static struct entry *next_entry(struct value_pool *pool)
{
    if (pool->count == ENTRIES_MAX)
        return NULL;
    int segment = 31 - __builtin_clz(pool->count + (UINT32_C(1) << SEGMENT_BITS)) - SEGMENT_BITS;
    if (!pool->segments[segment]) {
        if (!byte_cap_take(pool->cap, segment_bytes(segment)))
            return NULL;
        pool->segments[segment] = malloc(segment_bytes(segment));
        if (!pool->segments[segment]) {
            byte_cap_give(pool->cap, segment_bytes(segment));
            return NULL;
        }
    }
    return entry_at(pool, pool->count);
}

static struct value unpack(const struct value_pool *pool, value_ref ref)
{
    struct value_pool *at = (struct value_pool *)(uintptr_t)pool;
    pthread_mutex_lock(&at->lock);
    struct value value = micro_values_get(&at->micro_values, at, &at->arena, ref);
    pthread_mutex_unlock(&at->lock);
    return value;
}

struct value value_pool_get(const struct value_pool *pool, value_ref ref)
{
    if (value_ref_is_int(ref))
        return value_int(value_ref_as_int(ref));
    if (ref < FIRST_REF)
        return ref == VALUE_REF_NIL ? value_nil() : value_bool(ref == VALUE_REF_TRUE);
    if (micro_ops_is(ref))
        return unpack(pool, ref);
    return entry_at(pool, ref - FIRST_REF)->value;
}

bool value_pool_pair(const struct value_pool *pool, value_ref ref, value_ref *first,
                     value_ref *second)
{
    if (value_ref_is_int(ref) || ref < FIRST_REF || micro_ops_is(ref))
        return false;
    const struct value *value = &entry_at(pool, ref - FIRST_REF)->value;
    if (value->kind != VALUE_LIST || value->count != 2)
        return false;
    const struct pair *pair = (const struct pair *)(const void *)value->items;
    *first = pair->refs[0];
    *second = pair->refs[1];
    return true;
}

/* --- the table --- */

static size_t table_bytes(uint32_t capacity)
{
    return sizeof(struct table) + (size_t)capacity * sizeof(value_ref);
}

static struct table *new_table(struct value_pool *pool, uint32_t capacity)
{
    if (!byte_cap_take(pool->cap, table_bytes(capacity)))
        return NULL;
    struct table *table = calloc(1, table_bytes(capacity));
    if (!table) {
        byte_cap_give(pool->cap, table_bytes(capacity));
        return NULL;
    }
    table->mask = capacity - 1;
    return table;
}

/* What is looked up: a pair by its references, anything else by its value. */
struct wanted {
    uint32_t hash;
    bool is_pair;
    value_ref refs[2];
    struct value value;
};

static bool is_wanted(const struct entry *entry, const struct wanted *wanted)
{
    if (entry->hash != wanted->hash)
        return false;
    bool is_pair = entry->value.kind == VALUE_LIST && entry->value.count == 2;
    if (!wanted->is_pair)
        return !is_pair && value_equal(entry->value, wanted->value);
    if (!is_pair)
        return false;
    const struct pair *pair = (const struct pair *)(const void *)entry->value.items;
    return pair->refs[0] == wanted->refs[0] && pair->refs[1] == wanted->refs[1];
}

/* Nil if it is not there. */
static value_ref find(const struct value_pool *pool, const struct wanted *wanted)
{
    struct value_pool *at = (struct value_pool *)(uintptr_t)pool;
    struct table *table = atomic_load_explicit(&at->table, memory_order_acquire);
    for (uint32_t i = wanted->hash & table->mask;; i = (i + 1) & table->mask) {
        value_ref ref = atomic_load_explicit(&table->slots[i], memory_order_acquire);
        if (ref == VALUE_REF_NIL || is_wanted(entry_at(pool, ref - FIRST_REF), wanted))
            return ref;
    }
}

static void put(struct table *table, uint32_t hash, value_ref ref)
{
    uint32_t i = hash & table->mask;
    while (atomic_load_explicit(&table->slots[i], memory_order_relaxed) != VALUE_REF_NIL)
        i = (i + 1) & table->mask;
    atomic_store_explicit(&table->slots[i], ref, memory_order_release);
}

/* Makes room for one more. */
static bool make_room(struct value_pool *pool)
{
    struct table *old = atomic_load_explicit(&pool->table, memory_order_relaxed);
    if (pool->count < old->mask - old->mask / 4)
        return true;
    if (old->mask >= UINT32_C(1) << 31)
        return pool->count < old->mask - 1;
    struct table *table = new_table(pool, (old->mask + 1) * 2);
    if (!table)
        return false;
    for (uint32_t i = 0; i < pool->count; i++)
        put(table, entry_at(pool, i)->hash, i + FIRST_REF);
    table->older = old;
    atomic_store_explicit(&pool->table, table, memory_order_release);
    return true;
}

/* --- interning --- */

/* value_copy into the pool's own memory. */
static bool copy_value(struct value_pool *pool, struct value value, struct value *out)
{
    if (value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD) {
        char *text = capped_arena_alloc(&pool->arena, (size_t)value.count + 1);
        if (!text)
            return false;
        if (value.count)
            memcpy(text, value.text, value.count);
        text[value.count] = '\0';
        value.text = text;
    } else if (value.kind >= VALUE_LIST) {
        struct value *items = capped_arena_alloc(&pool->arena, value.count * sizeof *items);
        if (!items)
            return false;
        for (uint32_t i = 0; i < value.count; i++)
            if (!copy_value(pool, value.items[i], &items[i]))
                return false;
        value.items = items;
    }
    *out = value;
    return true;
}

static bool make_pair(struct value_pool *pool, const value_ref refs[2], struct value *out)
{
    struct pair *pair = capped_arena_alloc(&pool->arena, sizeof *pair);
    if (!pair)
        return false;
    for (int i = 0; i < 2; i++) {
        pair->refs[i] = refs[i];
        pair->items[i] = value_pool_get(pool, refs[i]);
    }
    *out = value_items(VALUE_LIST, pair->items, 2);
    return true;
}

static value_ref add(struct value_pool *pool, const struct wanted *wanted)
{
    struct entry *entry = make_room(pool) ? next_entry(pool) : NULL;
    struct value value;
    if (!entry || !(wanted->is_pair ? make_pair(pool, wanted->refs, &value)
                                    : copy_value(pool, wanted->value, &value)))
        return VALUE_REF_NOMEM;
    *entry = (struct entry){.value = value, .hash = wanted->hash};
    value_ref ref = FIRST_REF + pool->count++;
    put(atomic_load_explicit(&pool->table, memory_order_relaxed), wanted->hash, ref);
    return ref;
}

static value_ref find_or_add(struct value_pool *pool, const struct wanted *wanted)
{
    value_ref ref = find(pool, wanted);
    if (ref != VALUE_REF_NIL)
        return ref;
    pthread_mutex_lock(&pool->lock);
    ref = find(pool, wanted);
    if (ref == VALUE_REF_NIL)
        ref = add(pool, wanted);
    pthread_mutex_unlock(&pool->lock);
    return ref;
}

value_ref value_pool_intern_pair(struct value_pool *pool, value_ref first, value_ref second)
{
    uint64_t hash = ((uint64_t)first << 32 | second) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 32) * UINT64_C(0x9fb21c651e98df25);
    struct wanted wanted = {
        .hash = (uint32_t)(hash >> 32), .is_pair = true, .refs = {first, second}};
    return find_or_add(pool, &wanted);
}

value_ref value_pool_intern(struct value_pool *pool, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NIL:
        return VALUE_REF_NIL;
    case VALUE_BOOL:
        return value.boolean ? VALUE_REF_TRUE : VALUE_REF_FALSE;
    case VALUE_INT:
        if (value_ref_holds_int(value.integer))
            return value_ref_int((int32_t)value.integer);
        break;
    case VALUE_LIST:
        if (value.count == 2) {
            value_ref first = value_pool_intern(pool, value.items[0]);
            value_ref second = value_pool_intern(pool, value.items[1]);
            if (first == VALUE_REF_NOMEM || second == VALUE_REF_NOMEM)
                return VALUE_REF_NOMEM;
            return value_pool_intern_pair(pool, first, second);
        }
        break;
    case VALUE_FLOAT:
    case VALUE_STRING:
    case VALUE_KEYWORD:
    case VALUE_SET:
    case VALUE_MAP:
        break;
    }
    uint64_t hash = value_hash(value) * UINT64_C(0x9e3779b97f4a7c15);
    struct wanted wanted = {.hash = (uint32_t)(hash >> 32), .value = value};
    return find_or_add(pool, &wanted);
}

/* --- the pool --- */

static struct value_pool *make_pool(struct byte_cap *cap, size_t bytes_max)
{
    struct value_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->own_cap.bytes_max = bytes_max;
    pool->cap = cap ? cap : &pool->own_cap;
    capped_arena_init(&pool->arena, pool->cap);
    value_words_init(&pool->words, pool->cap);
    struct table *table =
        byte_cap_take(pool->cap, sizeof *pool) ? new_table(pool, TABLE_MIN) : NULL;
    if (!table) {
        free(pool);
        return NULL;
    }
    atomic_init(&pool->table, table);
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

struct value_pool *value_pool_new(size_t bytes_max)
{
    return make_pool(NULL, bytes_max);
}

struct value_pool *value_pool_new_shared(struct byte_cap *cap)
{
    return make_pool(cap, 0);
}

struct value_words *value_pool_words(struct value_pool *pool)
{
    return &pool->words;
}

size_t value_pool_bytes(const struct value_pool *pool)
{
    size_t bytes = sizeof *pool + pool->arena.taken + pool->words.bytes +
                   micro_values_bytes(&pool->micro_values);
    for (int i = 0; i < SEGMENT_COUNT && pool->segments[i]; i++)
        bytes += segment_bytes(i);
    struct value_pool *at = (struct value_pool *)(uintptr_t)pool;
    for (struct table *table = atomic_load(&at->table); table; table = table->older)
        bytes += table_bytes(table->mask + 1);
    return bytes;
}

void value_pool_free(struct value_pool *pool)
{
    if (!pool)
        return;
    struct byte_cap *cap = pool->cap;
    size_t bytes = value_pool_bytes(pool) - pool->arena.taken - pool->words.bytes;
    capped_arena_fini(&pool->arena);
    value_words_fini(&pool->words);
    micro_values_fini(&pool->micro_values);
    byte_cap_give(cap, bytes);
    for (int i = 0; i < SEGMENT_COUNT; i++)
        free(pool->segments[i]);
    for (struct table *table = atomic_load(&pool->table), *older; table; table = older) {
        older = table->older;
        free(table);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
