/* Counters, banks, ids, forks and growing registers against slow definitions of what they
 * promise. */
#include "property/checker_worlds.h"

/* --- counter --- */

static void ask_counter(struct world *world, struct operation *op)
{
    static const symbol adds[] = {F_ADD, F_INCREMENT, F_DECREMENT, F_INC, F_DEC};
    if (world_chance(world, 50)) {
        op->f = F_READ;
        return;
    }
    op->f = adds[world_below(world, 5)];
    if (op->f == F_ADD || world_chance(world, 50))
        op->argument = value_ref_int((int32_t)world_below(world, 7) - 2);
}

static int64_t amount(const struct operation *op)
{
    int64_t size = op->argument == VALUE_REF_NIL ? 1 : value_ref_as_int(op->argument);
    return op->f == F_DECREMENT || op->f == F_DEC ? -size : size;
}

static value_ref tell_counter(struct world *world, const struct operation *op)
{
    if (op->f != F_READ) {
        if (op->outcome != OP_FAIL)
            world->state[0] += amount(op);
        return op->argument;
    }
    int64_t lie = world_chance(world, 15) ? world_below(world, 7) - 3 : 0;
    return world_chance(world, 5) ? VALUE_REF_NIL : value_ref_int((int32_t)(world->state[0] + lie));
}

/* Every choice of the adds that may have been, one by one. */
static enum verdict slow_counter(const struct world *world, const struct object *object)
{
    (void)world;
    for (uint32_t r = 0; r < object->count; r++) {
        const struct operation *read = &object->ops[r];
        if (read->f != F_READ || read->outcome != OP_OK || read->result == VALUE_REF_NIL)
            continue;
        int64_t low = 0, high = 0;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            if (op->f == F_READ || op->outcome == OP_FAIL || op->invoke > read->complete)
                continue;
            bool certain = op->outcome == OP_OK && op->complete < read->invoke;
            low += certain || amount(op) < 0 ? amount(op) : 0;
            high += certain || amount(op) > 0 ? amount(op) : 0;
        }
        if (value_ref_as_int(read->result) < low || value_ref_as_int(read->result) > high)
            return VERDICT_INVALID;
    }
    return object->ok > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers, a_counter_is_read_within_its_bounds, .timeout = 60)
{
    world_run(&(struct world_test){.checker = &checker_counter,
                                   .seed = 1,
                                   .ask = ask_counter,
                                   .tell = tell_counter,
                                   .slow = slow_counter});
}

/* --- bank --- */

enum { ACCOUNTS = 3 };

static void ask_bank(struct world *world, struct operation *op)
{
    op->f = world_chance(world, 60) ? F_READ : F_TRANSFER;
    if (op->f == F_TRANSFER) /* kept as from, to and amount in one number */
        op->argument = value_ref_int((int32_t)world_below(world, 27));
}

static void transfer(struct world *world, int64_t code)
{
    int64_t *from = &world->state[code % 3], *to = &world->state[code / 3 % 3];
    if (*from >= code / 9) {
        *from -= code / 9;
        *to += code / 9;
    }
}

static value_ref tell_bank(struct world *world, const struct operation *op)
{
    struct value items[2 * ACCOUNTS + 2];
    size_t count = 0;
    if (world->state[7]++ == 0)
        world->state[0] = 4;
    if (op->f == F_TRANSFER) {
        if (op->outcome == OP_OK)
            transfer(world, value_ref_as_int(op->argument));
        return op->argument;
    }
    if (world_chance(world, 5))
        return VALUE_REF_NIL;
    for (int64_t i = 0; i < ACCOUNTS + 1; i++) {
        if (i == ACCOUNTS ? !world_chance(world, 3) : world_chance(world, 2))
            continue;
        int64_t lie = world_chance(world, 5) ? world_below(world, 7) - 3 : 0;
        items[count++] = value_int(i);
        items[count++] = world_chance(world, 2) ? value_nil() : value_int(world->state[i] + lie);
    }
    return world_items(world, VALUE_MAP, items, count);
}

static bool has_account(struct value read, struct value account)
{
    for (uint32_t i = 0; i < read.count; i += 2)
        if (value_equal(read.items[i], account))
            return true;
    return false;
}

static int64_t sum(struct value read)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < read.count; i += 2)
        if (read.items[i + 1].kind == VALUE_INT)
            total += read.items[i + 1].integer;
    return total;
}

static bool is_bad_read(const struct world *world, struct value first, struct value read)
{
    int64_t total = world->options.total_is_given ? world->options.total : sum(first);
    bool bad = sum(read) != total;
    for (uint32_t i = 0; i < read.count; i += 2) {
        struct value balance = read.items[i + 1];
        bad = bad || !has_account(first, read.items[i]) || balance.kind == VALUE_NIL;
        bad = bad || (balance.integer < 0 && !world->options.allow_negative);
    }
    return bad;
}

static enum verdict slow_bank(const struct world *world, const struct object *object)
{
    const struct operation *first = NULL;
    bool bad = false;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (op->f != F_READ || op->outcome != OP_OK || op->result == VALUE_REF_NIL)
            continue;
        first = first ? first : op;
        bad = bad || is_bad_read(world, value_pool_get(world->pool, first->result),
                                 value_pool_get(world->pool, op->result));
    }
    return bad ? VERDICT_INVALID : first ? VERDICT_VALID : VERDICT_VACUOUS;
}

/* Options are drawn anew with each history. */
static void ask_any_bank(struct world *world, struct operation *op)
{
    if (world->count == 0)
        world->options = (struct checker_options){.allow_negative = world_chance(world, 50),
                                                  .total_is_given = world_chance(world, 50),
                                                  .total = world_chance(world, 90) ? 4 : 3};
    ask_bank(world, op);
}

Test(checkers, a_bank_makes_and_loses_no_money, .timeout = 60)
{
    world_run(&(struct world_test){.checker = &checker_bank,
                                   .seed = 2,
                                   .ask = ask_any_bank,
                                   .tell = tell_bank,
                                   .slow = slow_bank});
}
