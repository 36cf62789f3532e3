#include "core/micro_values.h"

#include "core/byte_cap.h"
#include "core/capped_arena.h"

#include <stdlib.h>

enum { SLOTS_MIN = 64 };

struct micro_value {
    value_ref ref; /* nil = free */
    struct value value;
};

size_t micro_values_bytes(const struct micro_values *values)
{
    return values->slots ? ((size_t)values->mask + 1) * sizeof *values->slots : 0;
}

void micro_values_fini(struct micro_values *values)
{
    free(values->slots);
}

/* --- the table --- */

static struct micro_value *slot_of(const struct micro_values *values, value_ref ref)
{
    uint32_t i = ref * UINT32_C(0x9e3779b1) & values->mask;
    while (values->slots[i].ref != VALUE_REF_NIL && values->slots[i].ref != ref)
        i = (i + 1) & values->mask;
    return &values->slots[i];
}

static bool make_room(struct micro_values *values, struct byte_cap *cap)
{
    if (values->slots && values->count < values->mask - values->mask / 4)
        return true;
    struct micro_values more = {.mask = values->slots ? 2 * values->mask + 1 : SLOTS_MIN - 1};
    more.slots = calloc((size_t)more.mask + 1, sizeof *more.slots);
    if (!more.slots || !byte_cap_take(cap, micro_values_bytes(&more))) {
        free(more.slots);
        return false;
    }
    for (uint32_t i = 0; values->slots && i <= values->mask; i++)
        if (values->slots[i].ref != VALUE_REF_NIL)
            *slot_of(&more, values->slots[i].ref) = values->slots[i];
    more.count = values->count;
    byte_cap_give(cap, micro_values_bytes(values));
    free(values->slots);
    *values = more;
    return true;
}

/* --- the trees --- */

static struct value *new_items(struct capped_arena *arena, uint32_t count)
{
    return capped_arena_alloc(arena, count * sizeof(struct value));
}

static struct value micro_read(const struct value_pool *pool, struct capped_arena *arena,
                               const struct micro_op *op, bool *is_whole)
{
    if (!op->is_list)
        return value_pool_get(pool, op->value);
    struct value *items = new_items(arena, op->item_count);
    *is_whole = *is_whole && items;
    for (uint32_t i = 0; items && i < op->item_count; i++)
        items[i] = value_pool_get(pool, op->items[i]);
    return items ? value_items(VALUE_LIST, items, op->item_count) : value_nil();
}

static struct value micro(const struct value_pool *pool, struct capped_arena *arena,
                          const struct micro_op *op, bool *is_whole)
{
    static const char *const names[] = {
        [MICRO_READ] = "r", [MICRO_WRITE] = "w", [MICRO_APPEND] = "append"};
    struct value *items = new_items(arena, 3);
    if (!items) {
        *is_whole = false;
        return value_nil();
    }
    struct value name = value_string(names[op->f]);
    name.kind = VALUE_KEYWORD;
    items[0] = name;
    items[1] = value_pool_get(pool, op->key);
    items[2] = micro_read(pool, arena, op, is_whole);
    return value_items(VALUE_LIST, items, 3);
}

static struct value transaction(const struct value_pool *pool, struct capped_arena *arena,
                                value_ref ref)
{
    struct micro_cursor cursor = micro_ops_open(pool, ref);
    uint32_t count = cursor.left;
    struct value *items = new_items(arena, count);
    struct micro_op op;
    bool is_whole = items != NULL;
    for (uint32_t i = 0; is_whole && micro_ops_next(&cursor, &op); i++)
        items[i] = micro(pool, arena, &op, &is_whole);
    return is_whole ? value_items(VALUE_LIST, items, count) : value_nil();
}

struct value micro_values_get(struct micro_values *values, const struct value_pool *pool,
                              struct capped_arena *arena, value_ref ref)
{
    if (!make_room(values, arena->cap))
        return value_nil();
    struct micro_value *slot = slot_of(values, ref);
    if (slot->ref == VALUE_REF_NIL) {
        struct value value = transaction(pool, arena, ref);
        if (value.kind == VALUE_NIL)
            return value;
        *slot = (struct micro_value){.ref = ref, .value = value};
        values->count++;
    }
    return slot->value;
}
