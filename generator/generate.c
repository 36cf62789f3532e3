/* The clients, and the time. In each round one client, chosen at random, goes one step on: it
 * invokes an operation, or its operation takes effect on the real object, or it is answered. So an
 * operation lasts as long as chance has it, overlaps those of all other clients, and takes effect
 * at one moment in between.
 *
 * A client that crashes goes on under a new process id, as in Jepsen. What it had invoked happened,
 * or happens never, or at any later moment. */
#include "generator/generate.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "generator/generate_world.h"
#include "generator/txn_generate.h"

#include <stdlib.h>
#include <string.h>

enum { CLIENTS_MAX = 1000000, DUPLICATES_WINDOW = 64 };

static const struct generate_model *const generate_table[] = {
    &generate_register,        &generate_cas_register,
    &generate_multi_register,  &generate_kv,
    &generate_mutex,           &generate_owned_mutex,
    &generate_reentrant_mutex, &generate_semaphore,
    &generate_linear_set,      &generate_grow_only_set,
    &generate_fifo_queue,      &generate_unordered_queue,
    &generate_priority_queue,  &generate_stack,
    &generate_linear_counter,  &generate_set,
    &generate_set_full,        &generate_queue,
    &generate_total_queue,     &generate_unique_ids,
    &generate_counter,         &generate_bank,
    &generate_long_fork,       &generate_sequential,
    &generate_monotonic,       &generate_causal_reverse,
    &generate_comments,        NULL,
};

/* --- what objects draw --- */

int64_t generate_fresh(struct generate_object *object)
{
    return ++object->last_fresh;
}

int64_t generate_secret(struct generate_object *object)
{
    int64_t secret = generate_fresh(object);
    if (object->secret_first == 0)
        object->secret_first = secret;
    object->secret_last = secret;
    return secret;
}

bool generate_chance(struct generate_object *object, double probability)
{
    return probability > 0 && random_unit(object->random) < probability;
}

int64_t generate_earlier(struct generate_object *object)
{
    if (object->options->values > 0)
        return 1 + (int64_t)random_below(object->random, object->options->values);
    int64_t window =
        object->last_fresh < DUPLICATES_WINDOW ? object->last_fresh : DUPLICATES_WINDOW;
    if (window == 0)
        return generate_fresh(object);
    int64_t value = object->last_fresh - (int64_t)random_below(object->random, (uint64_t)window);
    bool is_secret = object->secret_first <= value && value <= object->secret_last;
    return is_secret ? generate_fresh(object) : value;
}

int64_t generate_value(struct generate_object *object)
{
    const struct generate_options *options = object->options;
    if (options->values > 0 || generate_chance(object, options->duplicate_share))
        return generate_earlier(object);
    return generate_fresh(object);
}

uint32_t generate_elements(const struct generate_object *object)
{
    return object->options->elements_max ? object->options->elements_max : 64;
}

bool generate_is(const char *anomaly, const char *word)
{
    return strncmp(anomaly, word, strlen(word)) == 0;
}

bool generate_reads(struct generate_object *object, double usual)
{
    double share = object->options->read_share;
    return generate_chance(object, share < 0 ? usual : share);
}

/* --- operations of clients --- */

int world_emit(struct world *world, const struct client *client, enum op_type type,
               struct value value)
{
    int64_t interval_ns = world->options->interval_ns ? world->options->interval_ns : 1000;
    bool has_key = world->options->keys > 0;
    struct op op = {
        .index = world->index++,
        .time_ns = world->time_ns,
        .process = client->process,
        .f = client->call->f,
        .type = (uint8_t)type,
        .has_key = has_key,
        .key = has_key ? value_int(client->object) : value_nil(),
        .value = value,
    };
    world->time_ns += random_between(&world->random, 1, 2 * interval_ns - 1);
    return world->sink->take(world->sink->context, &op, world->err);
}

static struct generate_object *object_of(struct world *world, const struct client *client)
{
    return world->objects[client->object].object;
}

static int invoke(struct world *world, struct client *client)
{
    struct generate_call *call = client->call;
    call->never_crashes = call->crashes_idle = call->never_fails = false;
    call->progress = 0;
    world->model->invoke(object_of(world, client), call);
    double crash = call->never_crashes ? 0 : world->options->crash_share;
    double fail = call->never_fails ? 0 : world->options->fail_share;
    client->fate = FATE_OK;
    if (crash + fail > 0) {
        double chance = random_unit(&world->random);
        client->fate = chance < crash ? FATE_CRASH : chance < crash + fail ? FATE_FAIL : FATE_OK;
    }
    call->crashes = client->fate == FATE_CRASH;
    client->state = CLIENT_OPEN;
    world->invoked++;
    return world_emit(world, client, OP_INVOKE, call->argument);
}

/* What comes after an operation: the next one, at once, or a rest. */
static int go_on(struct world *world, struct client *client)
{
    client->state = CLIENT_RESTING;
    if (scene_takes(world, client))
        return 0;
    const struct generate_model *model = world->model;
    bool stays = world->scene.phase == SCENE_GATHERS && client->object == world->scene.object &&
                 model->may_rest &&
                 !model->may_rest(object_of(world, client), client->call->client);
    return world->invoked < world->options->operations || stays ? invoke(world, client) : 0;
}

/* The operation may still take effect some day, if there is room to remember it. */
static void keep_ghost(struct world *world, struct client *client)
{
    struct object_slot *slot = &world->objects[client->object];
    if (slot->ghost_count == GHOSTS_MAX)
        return;
    struct generate_call *fresh = world->spare[--world->spare_count];
    fresh->client = client->call->client;
    fresh->f = client->call->f;
    slot->ghosts[slot->ghost_count++] = client->call;
    client->call = fresh;
}

static int crash(struct world *world, struct client *client, bool may_happen_later)
{
    int rc = 0;
    if (random_below(&world->random, 2) == 0)
        rc = world_emit(world, client, OP_INFO, client->call->argument);
    if (rc != 0)
        return rc;
    if (client->process > INT32_MAX - (int32_t)world->client_count)
        return errbuf_set(world->err, ERR_INPUT,
                          "too many crashes: the numbers of processes have run out");
    client->process += (int32_t)world->client_count;
    if (may_happen_later)
        keep_ghost(world, client);
    return go_on(world, client);
}

static int crash_open(struct world *world, struct client *client)
{
    uint64_t way = client->call->crashes_idle ? 0 : random_below(&world->random, 3);
    if (way == 1) {
        enum generate_end end = world->model->apply(object_of(world, client), client->call);
        if (end == GENERATE_NOMEM)
            return ERR_NOMEM;
        if (end == GENERATE_BLOCKED)
            return 0;
    }
    return crash(world, client, way == 2);
}

static int decide(struct world *world, struct client *client)
{
    if (scene_holds(world, client->object))
        return 0;
    if (client->fate == FATE_CRASH)
        return crash_open(world, client);
    if (client->fate == FATE_OK) {
        enum generate_end end = world->model->apply(object_of(world, client), client->call);
        if (end == GENERATE_NOMEM)
            return ERR_NOMEM;
        if (end == GENERATE_BLOCKED)
            return 0;
        if (end == GENERATE_REFUSED)
            client->fate = FATE_FAIL;
    }
    client->state = CLIENT_DECIDED;
    return 0;
}

static int answer(struct world *world, struct client *client)
{
    bool ok = client->fate == FATE_OK;
    int rc = world_emit(world, client, ok ? OP_OK : OP_FAIL,
                        ok ? client->call->result : client->call->argument);
    return rc != 0 ? rc : go_on(world, client);
}

/* Now and then a crashed operation takes effect after all. */
static int wake_ghost(struct world *world, uint32_t object)
{
    struct object_slot *slot = &world->objects[object];
    if (slot->ghost_count == 0 || scene_holds(world, object) ||
        random_below(&world->random, 16) != 0)
        return 0;
    uint32_t at = (uint32_t)random_below(&world->random, slot->ghost_count);
    enum generate_end end = world->model->apply(slot->object, slot->ghosts[at]);
    if (end == GENERATE_NOMEM)
        return ERR_NOMEM;
    if (end != GENERATE_BLOCKED) {
        world->spare[world->spare_count++] = slot->ghosts[at];
        slot->ghosts[at] = slot->ghosts[--slot->ghost_count];
    }
    return 0;
}

static int step(struct world *world, uint32_t active)
{
    struct client *client = &world->clients[world->active[active]];
    int rc = wake_ghost(world, client->object);
    if (rc != 0)
        return rc;
    if (client->state == CLIENT_OPEN)
        return decide(world, client);
    if (client->state == CLIENT_DECIDED)
        return answer(world, client);
    rc = scene_act(world, client);
    if (rc != 0 || scene_takes(world, client))
        return rc < 0 ? rc : 0;
    if (world->invoked < world->options->operations)
        return invoke(world, client);
    world->active[active] = world->active[--world->active_count];
    return 0;
}

/* The truthful operations at the end, one object after another. */
static int finish(struct world *world, uint32_t object)
{
    struct client *client = &world->clients[object * (world->client_count / world->object_count)];
    struct generate_call *call = client->call;
    call->progress = 0;
    call->crashes = false;
    for (uint32_t number = 0; world->model->finish(world->objects[object].object, number, call);
         number++) {
        int rc = world_emit(world, client, OP_INVOKE, call->argument);
        if (rc != 0)
            return rc;
        enum generate_end end = world->model->apply(world->objects[object].object, call);
        if (end == GENERATE_NOMEM)
            return ERR_NOMEM;
        bool ok = end == GENERATE_APPLIED;
        rc = world_emit(world, client, ok ? OP_OK : OP_FAIL, ok ? call->result : call->argument);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int run(struct world *world)
{
    int rc = 0;
    while (rc == 0 && world->active_count > 0)
        rc = step(world, (uint32_t)random_below(&world->random, world->active_count));
    for (uint32_t i = 0; rc == 0 && world->model->finish && i < world->object_count; i++)
        rc = finish(world, i);
    if (rc == ERR_NOMEM)
        errbuf_set(world->err, rc, "no memory for the objects of the history");
    return rc;
}

/* --- making and unmaking --- */

static bool begin_object(struct world *world, uint32_t number, uint32_t clients)
{
    struct generate_object *object = calloc(1, world->model->object_size);
    if (!object)
        return false;
    world->objects[number].object = object;
    object->options = world->options;
    object->random = &world->random;
    object->last_fresh = world->options->values;
    object->operations = world->options->operations / world->object_count;
    object->clients = clients;
    return !world->model->begin || world->model->begin(object);
}

static bool begin_calls(struct world *world)
{
    uint32_t ghosts = world->options->crash_share > 0 ? world->object_count * GHOSTS_MAX : 0;
    world->spare = calloc((size_t)world->client_count + ghosts, sizeof(struct generate_call *));
    while (world->spare && world->spare_count < world->client_count + ghosts) {
        struct generate_call *call = calloc(1, sizeof *call);
        if (!call)
            return false;
        world->spare[world->spare_count++] = call;
    }
    return world->spare != NULL;
}

static bool begin(struct world *world)
{
    const struct generate_options *options = world->options;
    world->object_count = options->keys ? options->keys : 1;
    world->client_count = world->object_count * options->concurrency;
    random_init(&world->random, options->seed, RANDOM_TEST, 0);
    world->objects = calloc(world->object_count, sizeof *world->objects);
    world->clients = calloc(world->client_count, sizeof *world->clients);
    world->active = calloc(world->client_count, sizeof *world->active);
    if (!world->objects || !world->clients || !world->active || !begin_calls(world))
        return false;
    for (uint32_t i = 0; i < world->object_count; i++)
        if (!begin_object(world, i, options->concurrency))
            return false;
    for (uint32_t i = 0; i < world->client_count; i++) {
        struct client *client = &world->clients[i];
        client->process = (int32_t)i;
        client->object = i / options->concurrency;
        client->call = world->spare[--world->spare_count];
        client->call->client = i % options->concurrency;
        world->active[world->active_count++] = i;
    }
    scene_prepare(world);
    return true;
}

static void end(struct world *world)
{
    for (uint32_t i = 0; world->objects && i < world->object_count; i++) {
        struct object_slot *slot = &world->objects[i];
        for (uint32_t j = 0; j < slot->ghost_count; j++)
            free(slot->ghosts[j]);
        if (slot->object && world->model->end)
            world->model->end(slot->object);
        free(slot->object);
    }
    for (uint32_t i = 0; world->clients && i < world->client_count; i++)
        free(world->clients[i].call);
    for (uint32_t i = 0; i < world->spare_count; i++)
        free(world->spare[i]);
    free(world->spare);
    free(world->active);
    free(world->clients);
    free(world->objects);
}

/* --- options --- */

static const struct generate_model *find_model(const char *name)
{
    for (const struct generate_model *const *model = generate_table; *model; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}

const char *generate_model_name(size_t number)
{
    size_t count = sizeof generate_table / sizeof generate_table[0] - 1;
    return number < count ? generate_table[number]->name : NULL;
}

const char *const *generate_anomalies(const char *model)
{
    const struct generate_model *found = find_model(model);
    return found ? found->anomalies : NULL;
}

static int unknown_model(const char *name, struct errbuf *err)
{
    struct strbuf known = STRBUF_INIT;
    for (const struct generate_model *const *model = generate_table; *model; model++) {
        strbuf_puts(&known, model == generate_table ? "" : ", ");
        strbuf_puts(&known, (*model)->name);
    }
    const char *more;
    for (size_t i = 0; (more = txn_generate_model_name(i)) != NULL; i++)
        strbuf_printf(&known, ", %s", more);
    const char *names = strbuf_ok(&known) ? known.text : "";
    errbuf_set(err, ERR_INPUT, "no model \"%s\" to generate; %sthere are: %s", name,
               suggest_one(name, names).text, names);
    strbuf_fini(&known);
    return ERR_INPUT;
}

static int check_anomaly(const struct generate_model *model, const char *name, struct errbuf *err)
{
    struct strbuf known = STRBUF_INIT;
    for (const char *const *anomaly = model->anomalies; *anomaly; anomaly++) {
        if (strcmp(*anomaly, name) == 0) {
            strbuf_fini(&known);
            return 0;
        }
        strbuf_puts(&known, anomaly == model->anomalies ? "" : ", ");
        strbuf_puts(&known, *anomaly);
    }
    const char *names = strbuf_ok(&known) ? known.text : "";
    errbuf_set(err, ERR_INPUT, "model %s has no anomaly \"%s\"; %sthere are: %s", model->name, name,
               suggest_one(name, names).text, names);
    strbuf_fini(&known);
    return ERR_INPUT;
}

static bool is_share(double share)
{
    return share >= 0 && share <= 1;
}

int generate_check_numbers(const struct generate_options *options, uint64_t clients,
                           struct errbuf *err)
{
    if (clients == 0 || clients > CLIENTS_MAX)
        return errbuf_set(err, ERR_INPUT, "clients (of all independent objects) must be 1 to %d",
                          CLIENTS_MAX);
    if (!is_share(options->crash_share) || !is_share(options->fail_share) ||
        !is_share(options->crash_share + options->fail_share) ||
        !is_share(options->duplicate_share) || !(options->read_share <= 1))
        return errbuf_set(err, ERR_INPUT,
                          "shares must be between 0 and 1, crashes and failures together too");
    if (!is_share(options->anomaly_at))
        return errbuf_set(err, ERR_INPUT, "the place of an anomaly must be between 0 and 1");
    if (options->interval_ns < 0 || options->interval_ns > INT64_C(1000000000000))
        return errbuf_set(err, ERR_INPUT, "the interval must be between 0 and 1000 seconds");
    return 0;
}

static int check_values(const struct generate_model *model, const struct generate_options *options,
                        struct errbuf *err)
{
    if (model->values_are_new && (options->values > 0 || options->duplicate_share > 0))
        return errbuf_set(err, ERR_INPUT, "every value of model %s must be new", model->name);
    return 0;
}

int generate_history(const struct generate_options *options, const struct op_sink *sink,
                     struct errbuf *err)
{
    const struct generate_model *model = find_model(options->model);
    if (!model)
        return unknown_model(options->model, err);
    int rc = options->anomaly ? check_anomaly(model, options->anomaly, err) : 0;
    rc = rc ? rc : check_values(model, options, err);
    uint64_t objects = options->keys ? options->keys : 1;
    rc = rc ? rc : generate_check_numbers(options, objects * options->concurrency, err);
    if (rc != 0)
        return rc;
    struct world world = {.options = options, .model = model, .sink = sink, .err = err};
    if (begin(&world))
        rc = run(&world);
    else
        rc = errbuf_set(err, ERR_NOMEM, "no memory for the clients of the history");
    end(&world);
    return rc;
}
