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

Test(checkers, a_counter_is_read_within_its_bounds, .timeout = 900)
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

Test(checkers, a_bank_makes_and_loses_no_money, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_bank,
                                   .seed = 2,
                                   .ask = ask_any_bank,
                                   .tell = tell_bank,
                                   .slow = slow_bank});
}

/* --- long-fork --- */

enum { FORK_KEYS = 3 };

static struct value micro(struct value *items, const char *letter, int64_t key, struct value value)
{
    items[0] = value_text(VALUE_KEYWORD, letter, 1);
    items[1] = value_int(key);
    items[2] = value;
    return value_items(VALUE_LIST, items, 3);
}

/* Mostly keys 0 to 2, each written once; reads of all of them, or of the first two. */
static void ask_fork(struct world *world, struct operation *op)
{
    struct value parts[3], part;
    int64_t next = world->state[6];
    bool again = world_chance(world, 3);
    op->f = world_chance(world, 50) ? F_TXN : F_READ;
    if (world_chance(world, 30) && (next < FORK_KEYS || again)) {
        op->f = world_chance(world, 50) ? F_TXN : F_WRITE;
        part = micro(parts, "w", again ? 0 : next, value_int(1));
        op->argument = world_items(world, VALUE_LIST, &part, 1);
        world->state[6] += !again;
    }
}

static value_ref tell_fork(struct world *world, const struct operation *op)
{
    static const int64_t orders[3][FORK_KEYS] = {{0, 1, 2}, {2, 0, 1}, {1, 0, 2}};
    struct value items[FORK_KEYS][3], parts[FORK_KEYS];
    const int64_t *order = orders[world_below(world, 3)];
    size_t count = world_chance(world, 70) ? 3 : 2;
    if (op->argument != VALUE_REF_NIL) {
        struct value asked = value_pool_get(world->pool, op->argument);
        if (op->outcome == OP_OK)
            world->state[asked.items[0].items[1].integer] = 1;
        return op->argument;
    }
    if (world_chance(world, 5))
        return VALUE_REF_NIL;
    for (size_t i = 0; i < count; i++) {
        bool there = (world->state[order[i]] != 0) != world_chance(world, 12);
        int64_t value = world_chance(world, 1) ? 2 : 1;
        parts[i] = micro(items[i], "r", order[i], there ? value_int(value) : value_nil());
    }
    return world_items(world, VALUE_LIST, parts, count);
}

/* What an ok read saw of a key: -1 not read, 0 nothing, else the value. */
static int64_t seen(const struct world *world, const struct operation *op, int64_t key)
{
    if (op->argument != VALUE_REF_NIL || op->outcome != OP_OK)
        return -1;
    struct value read = value_pool_get(world->pool, op->result);
    for (uint32_t i = 0; i < read.count; i++)
        if (read.items[i].items[1].integer == key)
            return value_is_nil(read.items[i].items[2]) ? 0 : read.items[i].items[2].integer;
    return -1;
}

static bool fork_each_other(const struct world *world, const struct operation *a,
                            const struct operation *b)
{
    bool only_a = false, only_b = false;
    for (int64_t key = 0; key < FORK_KEYS; key++) {
        int64_t x = seen(world, a, key), y = seen(world, b, key);
        if ((x < 0) != (y < 0))
            return false;
        only_a = only_a || (x > 0 && y == 0);
        only_b = only_b || (y > 0 && x == 0);
    }
    return only_a && only_b;
}

static bool is_unclear(const struct world *world, const struct object *object)
{
    bool unclear = false;
    for (int64_t key = 0; key < FORK_KEYS; key++) {
        uint32_t writes = 0;
        int64_t least = INT64_MAX, most = INT64_MIN;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            int64_t value = seen(world, op, key);
            if (op->argument != VALUE_REF_NIL && op->outcome != OP_FAIL)
                writes +=
                    value_pool_get(world->pool, op->argument).items[0].items[1].integer == key;
            if (value > 0) {
                least = value < least ? value : least;
                most = value > most ? value : most;
            }
        }
        unclear = unclear || writes > 1 || least < most;
    }
    return unclear;
}

static enum verdict slow_fork(const struct world *world, const struct object *object)
{
    bool any = false;
    for (uint32_t i = 0; i < object->count; i++)
        for (uint32_t j = 0; j < object->count; j++) {
            const struct operation *a = &object->ops[i], *b = &object->ops[j];
            any = any || seen(world, a, 0) >= 0;
            if (i < j && fork_each_other(world, a, b))
                return VERDICT_INVALID;
        }
    if (is_unclear(world, object))
        return VERDICT_UNKNOWN;
    return any ? VERDICT_VALID : VERDICT_VACUOUS;
}

Test(checkers, reads_of_the_same_keys_do_not_fork, .timeout = 900)
{
    world_run(&(struct world_test){.checker = &checker_long_fork,
                                   .seed = 3,
                                   .ask = ask_fork,
                                   .tell = tell_fork,
                                   .slow = slow_fork});
}
