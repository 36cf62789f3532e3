/* What only grows, and what is only counted, against slow definitions. */
#include "property/checker_worlds.h"

/* --- monotonic --- */

enum { ROWS_MAX = 5 };

static struct value row(struct value *items, int64_t val, int64_t sts)
{
    items[0] = value_text(VALUE_KEYWORD, "sts", 3);
    items[1] = value_int(sts);
    items[2] = value_text(VALUE_KEYWORD, "val", 3);
    items[3] = value_int(val);
    return value_items(VALUE_MAP, items, 4);
}

/* state[0]: rows that are there as bits; state[1]: the next value; state[2]: whether reads are of
 * integers. */
static void ask_growing(struct world *world, struct operation *op)
{
    if (world->count == 0)
        world->state[2] = world_chance(world, 40);
    op->f = world_chance(world, 50) ? F_READ : F_ADD;
    if (op->f == F_ADD && world_chance(world, 50))
        op->argument = value_ref_int((int32_t)(world->state[1]++ % ROWS_MAX));
}

static value_ref tell_add(struct world *world, const struct operation *op)
{
    struct value items[4];
    int64_t val = op->argument == VALUE_REF_NIL ? world->state[1]++ % ROWS_MAX
                                                : value_ref_as_int(op->argument);
    struct value made = row(items, val, 10 * val);
    if (op->outcome == OP_OK ? !world_chance(world, 7) : world_chance(world, 20))
        world->state[0] |= INT64_C(1) << val;
    if (op->outcome == OP_INFO || world_chance(world, 20))
        return op->argument;
    return world_items(world, VALUE_MAP, made.items, made.count);
}

static value_ref tell_growing(struct world *world, const struct operation *op)
{
    struct value items[2 * ROWS_MAX][4], rows[2 * ROWS_MAX];
    uint32_t count = 0;
    if (op->f == F_ADD)
        return tell_add(world, op);
    if (world->state[2] && world_chance(world, 90))
        return value_ref_int((int32_t)(world->state[1] + world_below(world, 2)));
    for (int64_t val = 0; val < ROWS_MAX; val++) {
        if ((world->state[0] >> val & 1) == 0)
            continue;
        for (int times = world_chance(world, 3) ? 2 : 1; times > 0; times--, count++)
            rows[count] =
                world_chance(world, 10)
                    ? value_int(val)
                    : row(items[count], val, 10 * val - (world_chance(world, 3) ? 11 : 0));
    }
    if (count > 1 && world_chance(world, 3)) {
        struct value first = rows[0];
        rows[0] = rows[count - 1];
        rows[count - 1] = first;
    }
    return world_items(world, VALUE_LIST, rows, count);
}

static int64_t part_of(struct value value, uint32_t at)
{
    if (value.kind == VALUE_INT)
        return at == 3 ? value.integer : INT64_MIN;
    return value.kind == VALUE_MAP ? value.items[at].integer : INT64_MIN;
}

/* The value an add made; INT64_MIN if nobody knows. */
static int64_t made_by(const struct world *world, const struct operation *op)
{
    struct value result = value_pool_get(world->pool, op->result);
    struct value argument = value_pool_get(world->pool, op->argument);
    bool ok = op->outcome == OP_OK && !value_is_nil(result);
    int64_t val = part_of(ok ? result : argument, 3);
    return val == INT64_MIN ? part_of(result, 3) : val;
}

static bool is_row_read(const struct world *world, const struct operation *op)
{
    return op->f == F_READ && op->outcome == OP_OK &&
           value_pool_get(world->pool, op->result).kind == VALUE_LIST;
}

static bool is_off_order(struct value read)
{
    for (uint32_t i = 1; i < read.count; i++) {
        struct value a = read.items[i - 1], b = read.items[i];
        bool both = a.kind == VALUE_MAP && b.kind == VALUE_MAP;
        if (part_of(a, 3) > part_of(b, 3) || (both && part_of(a, 1) > part_of(b, 1)))
            return true;
    }
    return false;
}

static bool is_bad_final(const struct world *world, const struct object *object,
                         const struct operation *read)
{
    struct value rows = value_pool_get(world->pool, read->result);
    for (int64_t val = 0; val < ROWS_MAX; val++) {
        uint32_t times = 0;
        bool acknowledged = false, failed = false, possible = false;
        for (uint32_t i = 0; i < rows.count; i++)
            times += part_of(rows.items[i], 3) == val;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            int64_t made = op->f == F_ADD ? made_by(world, op) : -1;
            acknowledged = acknowledged ||
                           (made == val && op->outcome == OP_OK && op->complete < read->invoke);
            failed = failed || (made == val && op->outcome == OP_FAIL);
            possible = possible || (op->outcome != OP_FAIL && (made == val || made == INT64_MIN));
        }
        if (times > 1 || (acknowledged && times == 0) || (failed && !possible && times > 0))
            return true;
    }
    return false;
}

static bool goes_down(const struct object *object, const struct operation *read)
{
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (op->f == F_READ && op->outcome == OP_OK && value_ref_is_int(op->result) &&
            value_ref_is_int(read->result) && op->complete < read->invoke &&
            value_ref_as_int(op->result) > value_ref_as_int(read->result))
            return true;
    }
    return false;
}

static enum verdict slow_growing(const struct world *world, const struct object *object)
{
    const struct operation *final = NULL;
    bool any = false, bad = false;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        bool ok_read = op->f == F_READ && op->outcome == OP_OK;
        any = any || ok_read;
        if (is_row_read(world, op)) {
            final = op;
            bad = bad || is_off_order(value_pool_get(world->pool, op->result));
        }
        bad = bad || (ok_read && goes_down(object, op));
    }
    bad = bad || (final && is_bad_final(world, object, final));
    return bad ? VERDICT_INVALID : any ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers_growing, rows_and_registers_only_grow, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_monotonic,
                                   .seed = 31,
                                   .ask = ask_growing,
                                   .tell = tell_growing,
                                   .slow = slow_growing});
}
