/* Random small register histories: a register that really works, seen through clients that crash
 * and fail, and now and then an answer that is made up. */
#ifndef TESTS_SMALL_HISTORIES_H
#define TESTS_SMALL_HISTORIES_H

#include "checker/semantics.h"
#include "core/history.h"
#include "core/random.h"

struct small_options {
    uint32_t operations_min, operations_max; /* up to 24 */
    uint32_t processes_max;                  /* up to 8 */
    uint32_t values;
    bool cas;
    uint32_t crash_percent, fail_percent, lie_percent;
};

struct small_client {
    int32_t process;
    bool busy, has_effect;
    symbol f;
    struct value value, items[2];
    struct value seen; /* what its read or cas found */
};

struct small_world {
    struct random *random;
    const struct small_options *options;
    struct history *history;
    struct value state;
    struct small_client clients[8];
    uint32_t client_count;
    int32_t next_process;
};

static bool small_chance(struct small_world *world, uint32_t percent)
{
    return random_below(world->random, 100) < percent;
}

static struct value small_value(struct small_world *world)
{
    return value_int((int64_t)random_below(world->random, world->options->values));
}

static void small_append(struct small_world *world, const struct small_client *client,
                         enum op_type type, struct value value)
{
    struct op op = {.time_ns = (int64_t)world->history->count * 1000,
                    .process = client->process,
                    .f = client->f,
                    .type = (uint8_t)type,
                    .value = value};
    history_append(world->history, &op, NULL);
}

static void small_invoke(struct small_world *world, struct small_client *client)
{
    uint64_t kind = random_below(world->random, world->options->cas ? 3 : 2);
    client->busy = true;
    client->has_effect = false;
    client->f = kind == 0 ? F_READ : kind == 1 ? F_WRITE : F_CAS;
    client->value = kind == 1 ? small_value(world) : value_nil();
    if (kind == 2) {
        client->items[0] = small_value(world);
        client->items[1] = small_value(world);
        client->value = value_items(VALUE_LIST, client->items, 2);
    }
    small_append(world, client, OP_INVOKE, client->value);
}

static void small_take_effect(struct small_world *world, struct small_client *client)
{
    client->has_effect = true;
    client->seen = world->state;
    if (client->f == F_WRITE)
        world->state = client->value;
    else if (client->f == F_CAS && value_equal(world->state, client->items[0]))
        world->state = client->items[1];
}

static void small_crash(struct small_world *world, struct small_client *client)
{
    if (small_chance(world, 50))
        small_append(world, client, OP_INFO, client->f == F_READ ? value_nil() : client->value);
    client->process = world->next_process++;
    client->busy = false;
}

static void small_complete(struct small_world *world, struct small_client *client)
{
    bool lie = small_chance(world, world->options->lie_percent);
    bool fail = client->f == F_CAS && !value_equal(client->seen, client->items[0]);
    struct value value = client->f == F_READ ? client->seen : client->value;
    if (lie && client->f == F_READ)
        value = small_chance(world, 20) ? value_nil() : small_value(world);
    else if (lie)
        fail = !fail;
    small_append(world, client, fail ? OP_FAIL : OP_OK, value);
    client->busy = false;
}

static void small_answer(struct small_world *world, struct small_client *client)
{
    if (small_chance(world, world->options->crash_percent)) {
        small_crash(world, client);
    } else if (!client->has_effect && client->f != F_CAS &&
               small_chance(world, world->options->fail_percent)) {
        small_append(world, client, OP_FAIL, client->value);
        client->busy = false;
    } else {
        if (!client->has_effect)
            small_take_effect(world, client);
        small_complete(world, client);
    }
}

/* Appends a history to *history, which is empty. */
static void small_history(struct random *random, const struct small_options *options,
                          const struct history_semantics *semantics, struct history *history)
{
    struct small_world world = {
        .random = random, .options = options, .history = history, .state = value_nil()};
    if (semantics->initial_is_given && random_below(random, 2) == 0)
        world.state = value_int(value_ref_as_int(semantics->initial));
    uint32_t operations =
        (uint32_t)random_between(random, options->operations_min, options->operations_max);
    world.client_count = 1 + (uint32_t)random_below(random, options->processes_max);
    for (uint32_t i = 0; i < world.client_count; i++)
        world.clients[i].process = world.next_process++;
    for (uint32_t steps = 0; steps < 40 * options->operations_max; steps++) {
        struct small_client *client = &world.clients[random_below(random, world.client_count)];
        if (!client->busy && operations > 0) {
            operations--;
            small_invoke(&world, client);
        } else if (client->busy && !client->has_effect && small_chance(&world, 50)) {
            small_take_effect(&world, client);
        } else if (client->busy) {
            small_answer(&world, client);
        }
        if (operations == 0 && small_chance(&world, 4))
            break; /* the rest is never answered */
    }
}

static struct history_semantics small_semantics(struct random *random)
{
    struct history_semantics semantics = {
        .nil_read_is_unknown = random_below(random, 3) == 0,
        .failed_cas_differs = random_below(random, 3) == 0,
        .initial = VALUE_REF_NIL,
    };
    if (random_below(random, 3) == 0) {
        semantics.initial = value_ref_int(0);
        semantics.initial_is_given = true;
        semantics.initial_may_be_nil = random_below(random, 2) == 0;
    }
    return semantics;
}

/* Many at once, on few values: where an order is hardest to find. */
static struct small_options small_crowded(struct random *random)
{
    return (struct small_options){
        .operations_min = 6,
        .operations_max = 9,
        .processes_max = 4 + (uint32_t)random_below(random, 2),
        .values = 2 + (uint32_t)random_below(random, 2),
        .cas = true,
        .crash_percent = (uint32_t)random_below(random, 2) * 10,
        .lie_percent = (uint32_t)random_below(random, 2) * 4,
    };
}

static struct small_options small_options(struct random *random)
{
    if (random_below(random, 2) == 0)
        return small_crowded(random);
    return (struct small_options){
        .operations_min = 1,
        .operations_max = 8,
        .processes_max = 1 + (uint32_t)random_below(random, 4),
        .values = 1 + (uint32_t)random_below(random, 4),
        .cas = random_below(random, 3) != 0,
        .crash_percent = (uint32_t)random_below(random, 3) * 20,
        .fail_percent = (uint32_t)random_below(random, 2) * 15,
        .lie_percent = (uint32_t)random_below(random, 4) * 8,
    };
}

#endif
