/* Random small histories of every model, as the checkers get them: an object that really works,
 * used by clients that overlap, crash, fail and repeat values, and now and then lie.
 *
 *     struct random_objects all;
 *     random_objects_init(&all, "fifo-queue", SEED, 0);
 *     struct random_options options = random_options_any(&all);
 *     const struct object *object = random_objects_next(&all, &options);
 *     ... all.specification, all.context, all.semantics ...
 *     random_objects_fini(&all);
 *
 * A lie is an answer that is made up, an effect that is answered but never happens, or one that
 * happens and is said to have failed. Without lies every history is linearizable; with them many
 * are not. About a microsecond each. */
#ifndef TESTS_RANDOM_OBJECTS_H
#define TESTS_RANDOM_OBJECTS_H

#include "property/random_objects_models.h"

/* The same model, seed and index give the same histories, one after the other. */
static inline void random_objects_init(struct random_objects *all, const char *model, uint64_t seed,
                                       uint64_t index)
{
    memset(all, 0, sizeof *all);
    while (all->kind < RANDOM_KIND_COUNT && strcmp(random_kind_names[all->kind], model) != 0)
        all->kind++;
    assert(all->kind < RANDOM_KIND_COUNT);
    all->specification = specification_find(model);
    all->pool = value_pool_new(0);
    assert(all->pool && all->specification);
    all->context = (struct specification_context){all->pool, &all->semantics};
    random_init(&all->random, seed, RANDOM_TEST, index);
    random_objects_make_values(all);
}

static inline void random_objects_fini(struct random_objects *all)
{
    value_pool_free(all->pool);
}

/* --- options --- */

/* Many at once, on few values: where an order is hardest to find. */
static inline struct random_options random_options_crowded(struct random_objects *all)
{
    return (struct random_options){
        .operations_min = 6,
        .operations_max = 9,
        .clients_max = 4 + random_pick(all, 2),
        .values = 2 + random_pick(all, 2),
        .distinct = random_pick(all, 2),
        .crash_percent = random_pick(all, 2) * 10,
        .lie_percent = random_pick(all, 3) * 20,
    };
}

/* One or two values, and up to half of all operations crash: where pruning is most tempted. */
static inline struct random_options random_options_dense(struct random_objects *all)
{
    return (struct random_options){
        .operations_min = 5,
        .operations_max = 8,
        .clients_max = 3 + random_pick(all, 3),
        .values = 1 + random_pick(all, 2),
        .add_percent = 40 + 10 * random_pick(all, 4),
        .crash_percent = 15 + 15 * random_pick(all, 3),
        .lie_percent = random_pick(all, 3) * 20,
    };
}

static inline struct random_options random_options_any(struct random_objects *all)
{
    if (random_pick(all, 2) == 0)
        return random_options_crowded(all);
    return (struct random_options){
        .operations_min = 2,
        .operations_max = 8,
        .clients_max = 1 + random_pick(all, 4),
        .values = 1 + random_pick(all, 4),
        .distinct = random_pick(all, 2),
        .add_percent = 40 + 10 * random_pick(all, 4),
        .crash_percent = random_pick(all, 3) * 15,
        .fail_percent = random_pick(all, 2) * 15,
        .lie_percent = random_pick(all, 4) * 25,
    };
}

static inline struct history_semantics random_semantics(struct random_objects *all)
{
    struct history_semantics semantics = {
        .nil_read_is_unknown = random_pick(all, 3) == 0,
        .failed_cas_differs = random_pick(all, 3) == 0,
        .permits = random_pick(all, 4),
    };
    if (random_pick(all, 3) == 0) {
        semantics.initial = value_ref_int(all->kind == RANDOM_LINEAR_COUNTER ? 3 : 0);
        semantics.initial_is_given = true;
        semantics.initial_may_be_nil = random_pick(all, 2) == 0;
    }
    return semantics;
}

/* --- time passes --- */

static inline position random_tick(struct random_objects *all)
{
    return all->now++;
}

static inline void random_invoke(struct random_objects *all, struct random_client *client)
{
    client->busy = true;
    client->crashed = client->done = client->refused = false;
    client->op = all->object.count++;
    struct operation *op = &all->ops[client->op];
    *op = (struct operation){.invoke = random_tick(all),
                             .complete = POSITION_NONE,
                             .process = client->process,
                             .outcome = OP_INFO};
    random_ask(all, op);
    all->operations_left--;
}

static inline void random_take_effect(struct random_objects *all, struct random_client *client)
{
    struct random_state before = all->state;
    const struct operation *op = &all->ops[client->op];
    bool lies = random_chance(all, all->options.lie_percent);
    bool disturbed = lies && random_pick(all, 2);
    if (disturbed)
        random_disturb(all);
    client->done = true;
    client->refused = !random_do(all, op, &client->answer);
    if (lies) /* it never happened, or another object answered */
        all->state = before;
    if (disturbed && all->kind == RANDOM_USER) {
        client->refused = false;
        client->answer = value_ref_int((int32_t)random_pick(all, 3));
    }
    if (disturbed && random_pick(all, 2)) {
        value_ref unheard;
        random_do(all, op, &unheard);
    }
    if (client->refused && random_is_mutex(all->kind) && random_pick(all, 2))
        client->done = false; /* waits and tries again */
}

static inline void random_complete(struct random_objects *all, struct random_client *client,
                                   enum op_type outcome)
{
    struct operation *op = &all->ops[client->op];
    op->complete = random_tick(all);
    op->outcome = (uint8_t)outcome;
    op->result = outcome == OP_OK ? client->answer : VALUE_REF_NIL;
    client->busy = false;
}

/* Nobody hears of it again; it may still have an effect as long as its client is not needed. */
static inline void random_crash(struct random_objects *all, struct random_client *client)
{
    if (random_pick(all, 2)) {
        random_complete(all, client, OP_INFO);
        client->busy = true;
    }
    client->crashed = true;
    client->process = all->next_process++;
}

static inline void random_answer(struct random_objects *all, struct random_client *client)
{
    const struct random_options *options = &all->options;
    bool proves = all->ops[client->op].f == F_CAS; /* a failed one does not fail for no reason */
    if (random_chance(all, options->crash_percent))
        random_crash(all, client);
    else if (!client->done && !proves && random_chance(all, options->fail_percent))
        random_complete(all, client, OP_FAIL);
    else if (!client->done)
        random_take_effect(all, client);
    else if (client->refused || random_chance(all, options->lie_percent / 4))
        random_complete(all, client, OP_FAIL);
    else
        random_complete(all, client, OP_OK);
}

static inline void random_step(struct random_objects *all, struct random_client *client)
{
    bool effect = client->busy && !client->done && random_pick(all, 2);
    if (effect && (!client->crashed || random_pick(all, 2)))
        random_take_effect(all, client);
    else if (!client->busy || client->crashed) {
        if (all->operations_left > 0)
            random_invoke(all, client);
    } else
        random_answer(all, client);
}

static inline void random_begin(struct random_objects *all)
{
    const struct random_options *options = &all->options;
    all->semantics = random_semantics(all);
    value_ref first = all->semantics.initial_is_given ? all->semantics.initial : VALUE_REF_NIL;
    if (all->semantics.initial_may_be_nil && random_pick(all, 2))
        first = VALUE_REF_NIL;
    all->state.registers[0] = all->state.registers[1] = first;
    all->state.count = 0;
    if (all->kind == RANDOM_LINEAR_COUNTER && all->semantics.initial_is_given)
        all->state.count = value_ref_as_int(all->semantics.initial);
    all->state.members = 0;
    all->state.text = all->no_text;
    all->state.owner = VALUE_REF_NIL;
    if (all->kind == RANDOM_USER)
        random_make_user(all);
    all->object = (struct object){.values = all->pool, .ops = all->ops};
    all->operations_left = options->operations_min +
                           random_pick(all, options->operations_max - options->operations_min + 1);
    all->client_count = 1 + random_pick(all, options->clients_max);
    all->next_process = 0;
    all->next_value = 1;
    all->now = 0;
    all->owners_given = random_pick(all, 2);
    all->answers_given = random_pick(all, 2);
    all->aliases = random_pick(all, 4) == 0;
    for (uint32_t i = 0; i < all->client_count; i++) {
        all->clients[i].busy = false;
        all->clients[i].crashed = false;
        all->clients[i].process = all->next_process++;
    }
}

/* A new history, in all->object; it lasts until the next one. */
static inline const struct object *random_objects_next(struct random_objects *all,
                                                       const struct random_options *options)
{
    all->options = *options;
    random_begin(all);
    for (uint32_t steps = 0; steps < 20 * options->operations_max; steps++) {
        random_step(all, &all->clients[random_pick(all, all->client_count)]);
        if (all->operations_left == 0 && random_chance(all, 5))
            break; /* the rest is never answered */
    }
    for (uint32_t i = 0; i < all->object.count; i++) {
        uint8_t outcome = all->ops[i].outcome;
        all->object.ok += outcome == OP_OK;
        all->object.failed += outcome == OP_FAIL;
        all->object.crashed += outcome == OP_INFO;
    }
    return &all->object;
}

#endif
