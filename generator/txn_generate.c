/* The clients of the store, and the time. In each round one of them, chosen at random, goes one
 * step on: it invokes a transaction, which then settles what it reads, takes effect, and is
 * answered. So a transaction lasts as long as chance has it and overlaps those of all other
 * clients.
 *
 * A client that crashes goes on under a new process id, as in Jepsen. What it had invoked happened,
 * or happens never, or at any later moment. */
#include "generator/txn_generate.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "generator/txn_script.h"
#include "generator/txn_store.h"

#include <stdlib.h>
#include <string.h>

enum { GHOSTS_MAX = 8, MICRO_OPS_MAX = 10000 };

enum client_state {
    CLIENT_RESTING,
    CLIENT_OPEN,
    CLIENT_BEGUN,   /* has settled what it reads */
    CLIENT_DECIDED, /* has taken effect, or failed; not answered yet */
};

enum client_fate { FATE_OK, FATE_FAIL, FATE_CRASH };

struct client {
    int32_t process;
    uint8_t state, fate;
    struct store_session session;
    struct store_txn txn;
};

struct txn_world {
    const struct txn_generate_options *options;
    const struct op_sink *sink;
    struct errbuf *err;
    struct random random;
    struct store store;
    struct client *clients;
    uint32_t client_count;
    uint32_t
        *active; /* clients with something left to do, in any order; client_count: the actors */
    uint32_t active_count;
    struct client ghosts[GHOSTS_MAX]; /* crashed, and may still take effect */
    uint32_t ghost_count;
    uint64_t invoked;
    int64_t index, time_ns;
    struct value *items; /* where values are made */
    size_t item_capacity;
    bool is_list;
    struct script script;
    uint32_t script_at; /* its next event */
    int64_t script_key; /* the number of its first key */
};

/* --- events --- */

static int no_memory(struct txn_world *world)
{
    return errbuf_set(world->err, ERR_NOMEM, "no memory for the store of the history");
}

static int emit(struct txn_world *world, int32_t process, enum op_type type, struct value value)
{
    int64_t interval_ns = world->options->common.interval_ns;
    struct op op = {.index = world->index++,
                    .time_ns = world->time_ns,
                    .process = process,
                    .f = F_TXN,
                    .type = (uint8_t)type,
                    .value = value};
    world->time_ns += random_between(&world->random, 1, 2 * (interval_ns ? interval_ns : 1000) - 1);
    return world->sink->take(world->sink->context, &op, world->err);
}

static bool reserve(struct txn_world *world, size_t items)
{
    if (items <= world->item_capacity)
        return true;
    struct value *grown = realloc(world->items, 2 * items * sizeof *grown);
    if (!grown)
        return false;
    world->items = grown;
    world->item_capacity = 2 * items;
    return true;
}

static struct value micro_name(const struct txn_world *world, enum micro_f f)
{
    static const char *const names[] = {
        [MICRO_READ] = "r", [MICRO_WRITE] = "w", [MICRO_APPEND] = "append"};
    return value_text(world->options->has_keywords ? VALUE_KEYWORD : VALUE_STRING, names[f],
                      f == MICRO_APPEND ? 6 : 1);
}

/* Makes the micro-operation in three items at `parts`. */
static struct value make_micro(const struct txn_world *world, struct value *parts, enum micro_f f,
                               int64_t key, struct value value)
{
    parts[0] = micro_name(world, f);
    parts[1] = value_int(key);
    parts[2] = value;
    return value_items(VALUE_LIST, parts, 3);
}

/* What a micro-operation of a transaction read: of the store, and what it wrote itself before. Adds
 * the elements at *end. */
static struct value what_it_read(const struct txn_world *world, const struct store_txn *txn,
                                 uint32_t at, struct value **end)
{
    const struct store_micro *micro = &txn->micros[at];
    struct value *list = *end, last = value_nil();
    if (world->is_list)
        for (uint32_t i = 0; i < micro->seen; i++)
            *(*end)++ = value_int(micro->key->versions[i].value);
    else if (micro->seen > 0)
        last = value_int(micro->key->versions[micro->seen - 1].value);
    for (uint32_t i = 0; i < at; i++) {
        if (txn->micros[i].key != micro->key || txn->micros[i].f == MICRO_READ)
            continue;
        last = value_int(txn->micros[i].value);
        if (world->is_list)
            *(*end)++ = last;
    }
    return world->is_list ? value_items(VALUE_LIST, list, (size_t)(*end - list)) : last;
}

static int emit_txn(struct txn_world *world, const struct client *client, enum op_type type)
{
    const struct store_txn *txn = &client->txn;
    size_t room = 4 * (size_t)txn->count;
    for (uint32_t i = 0; i < txn->count && type == OP_OK; i++)
        room += (size_t)txn->micros[i].seen + i;
    if (!reserve(world, room))
        return no_memory(world);
    struct value *parts = world->items + txn->count, *end = parts + 3 * (size_t)txn->count;
    for (uint32_t i = 0; i < txn->count; i++, parts += 3) {
        const struct store_micro *micro = &txn->micros[i];
        struct value value = micro->f != MICRO_READ ? value_int(micro->value)
                             : type == OP_OK        ? what_it_read(world, txn, i, &end)
                                                    : value_nil();
        world->items[i] = make_micro(world, parts, micro->f, micro->key->number, value);
    }
    return emit(world, client->process, type, value_items(VALUE_LIST, world->items, txn->count));
}

/* --- the anomaly --- */

static struct value script_read(const struct txn_world *world, const struct script_micro *micro,
                                struct value *items)
{
    for (uint32_t i = 0; i < micro->item_count; i++)
        items[i] = value_int(micro->items[i]);
    if (world->is_list)
        return value_items(VALUE_LIST, items, micro->item_count);
    return micro->item_count ? items[micro->item_count - 1] : value_nil();
}

static int act(struct txn_world *world)
{
    const struct script_event *event = &world->script.events[world->script_at++];
    const struct script_txn *txn = &event->txn;
    struct value items[SCRIPT_MICROS], parts[SCRIPT_MICROS][3], lists[SCRIPT_MICROS][SCRIPT_ITEMS];
    for (uint32_t i = 0; i < txn->count; i++) {
        const struct script_micro *micro = &txn->micros[i];
        struct value value = micro->f != MICRO_READ ? value_int(micro->value)
                             : event->type == OP_OK ? script_read(world, micro, lists[i])
                                                    : value_nil();
        items[i] = make_micro(world, parts[i], micro->f, world->script_key + micro->key, value);
    }
    world->invoked += event->type == OP_INVOKE;
    return emit(world, (int32_t)world->client_count + event->actor, event->type,
                value_items(VALUE_LIST, items, txn->count));
}

/* The actors are one more that is active, from the moment of the anomaly to its end. */
static void let_actors_come(struct txn_world *world)
{
    const struct generate_options *common = &world->options->common;
    if (world->script_key >= 0 || world->script.count == 0 ||
        (double)world->invoked < common->anomaly_at * (double)common->operations)
        return;
    world->script_key = world->store.next_key;
    world->store.next_key += SCRIPT_KEYS;
    world->active[world->active_count++] = world->client_count;
}

/* --- transactions of clients --- */

static int invoke(struct txn_world *world, struct client *client)
{
    const struct generate_options *common = &world->options->common;
    double crash = common->crash_share, fail = common->fail_share;
    if (!store_plan(&world->store, &client->txn))
        return no_memory(world);
    client->fate = FATE_OK;
    if (crash + fail > 0) {
        double chance = random_unit(&world->random);
        client->fate = chance < crash ? FATE_CRASH : chance < crash + fail ? FATE_FAIL : FATE_OK;
    }
    client->state = CLIENT_OPEN;
    world->invoked++;
    return emit_txn(world, client, OP_INVOKE);
}

static int go_on(struct txn_world *world, struct client *client)
{
    store_release(&world->store, &client->txn);
    client->state = CLIENT_RESTING;
    return world->invoked < world->options->common.operations ? invoke(world, client) : 0;
}

/* It may still take effect some day, if there is room to remember it. */
static void keep_ghost(struct txn_world *world, struct client *client)
{
    if (world->ghost_count == GHOSTS_MAX)
        return;
    struct client *ghost = &world->ghosts[world->ghost_count++];
    struct store_txn spare = ghost->txn;
    *ghost = *client;
    client->txn = spare;
}

/* Often nobody even says that it crashed. */
static int crash(struct txn_world *world, struct client *client)
{
    uint64_t way = random_below(&world->random, 3);
    if (way == 1 && !store_commit(&world->store, &client->txn, &client->session))
        return no_memory(world);
    int rc = 0;
    if (random_below(&world->random, 2) == 0)
        rc = emit_txn(world, client, OP_INFO);
    uint32_t step = world->client_count + SCRIPT_ACTORS;
    if (rc == 0 && client->process > INT32_MAX - (int32_t)step)
        rc = errbuf_set(world->err, ERR_INPUT,
                        "too many crashes: the numbers of processes have run out");
    if (rc != 0)
        return rc;
    if (way == 2)
        keep_ghost(world, client);
    client->process += (int32_t)step;
    return go_on(world, client);
}

static int decide(struct txn_world *world, struct client *client)
{
    if (client->fate == FATE_CRASH)
        return crash(world, client);
    if (client->fate == FATE_OK && !store_commit(&world->store, &client->txn, &client->session))
        return no_memory(world);
    client->state = CLIENT_DECIDED;
    return 0;
}

static int wake_ghost(struct txn_world *world)
{
    if (world->ghost_count == 0 || random_below(&world->random, 64) != 0)
        return 0;
    struct client *last = &world->ghosts[world->ghost_count - 1],
                  *ghost = &world->ghosts[random_below(&world->random, world->ghost_count)];
    bool done = store_commit(&world->store, &ghost->txn, &ghost->session);
    store_release(&world->store, &ghost->txn);
    struct client gone = *ghost;
    *ghost = *last;
    *last = gone; /* its memory serves the next one */
    world->ghost_count--;
    return done ? 0 : no_memory(world);
}

static void leave(struct txn_world *world, uint32_t active)
{
    world->active[active] = world->active[--world->active_count];
}

static int step(struct txn_world *world, uint32_t active)
{
    uint32_t number = world->active[active];
    if (number == world->client_count) {
        if (world->script_at + 1 == world->script.count)
            leave(world, active);
        return act(world);
    }
    struct client *client = &world->clients[number];
    switch (client->state) {
    case CLIENT_OPEN:
        store_begin(&world->store, &client->txn, &client->session);
        client->state = CLIENT_BEGUN;
        return 0;
    case CLIENT_BEGUN:
        return decide(world, client);
    case CLIENT_DECIDED: {
        int rc = emit_txn(world, client, client->fate == FATE_OK ? OP_OK : OP_FAIL);
        return rc != 0 ? rc : go_on(world, client);
    }
    default:
        if (world->invoked < world->options->common.operations)
            return invoke(world, client);
        leave(world, active);
        return 0;
    }
}

/* Every client reads every key, now that nothing changes any more. */
static int read_finally(struct txn_world *world, struct client *client)
{
    int rc = 0;
    for (uint32_t key = 0; rc == 0 && key < world->store.key_count;) {
        store_plan_final(&world->store, &client->txn, &key);
        rc = emit_txn(world, client, OP_INVOKE);
        rc = rc ? rc : emit_txn(world, client, OP_OK);
        store_release(&world->store, &client->txn);
    }
    return rc;
}

static int run(struct txn_world *world)
{
    int rc = 0;
    let_actors_come(world);
    while (rc == 0 && world->active_count > 0) {
        rc = wake_ghost(world);
        if (rc == 0)
            rc = step(world, (uint32_t)random_below(&world->random, world->active_count));
        let_actors_come(world);
    }
    bool has_final_reads = store_level_has_final_reads(world->store.level);
    for (uint32_t i = 0; rc == 0 && has_final_reads && i < world->client_count; i++)
        rc = read_finally(world, &world->clients[i]);
    return rc;
}

/* --- making and unmaking --- */

static bool begin(struct txn_world *world, const struct store_level *level)
{
    const struct txn_generate_options *options = world->options;
    world->client_count = options->common.concurrency;
    random_init(&world->random, options->common.seed, RANDOM_TEST, 0);
    world->clients = calloc(world->client_count, sizeof *world->clients);
    world->active = calloc((size_t)world->client_count + 1, sizeof *world->active);
    if (!store_init(&world->store, options, level, &world->random) || !world->clients ||
        !world->active)
        return false;
    for (uint32_t i = 0; i < world->client_count + GHOSTS_MAX; i++) {
        bool is_ghost = i >= world->client_count;
        struct client *client =
            is_ghost ? &world->ghosts[i - world->client_count] : &world->clients[i];
        client->txn.micros = calloc(options->micro_ops_max, sizeof *client->txn.micros);
        if (!client->txn.micros)
            return false;
        if (is_ghost)
            continue;
        client->process = (int32_t)i;
        client->session.replica = i % world->store.replica_count;
        world->active[world->active_count++] = i;
    }
    return true;
}

static void end_client(struct txn_world *world, struct client *client)
{
    store_release(&world->store, &client->txn);
    free(client->txn.micros);
}

static void end(struct txn_world *world)
{
    for (uint32_t i = 0; world->clients && i < world->client_count; i++)
        end_client(world, &world->clients[i]);
    for (uint32_t i = 0; i < GHOSTS_MAX; i++)
        end_client(world, &world->ghosts[i]);
    store_fini(&world->store);
    free(world->clients);
    free(world->active);
    free(world->items);
}

/* --- options --- */

static const char *const models[] = {"list-append", "rw-register", NULL};

const char *txn_generate_model_name(size_t number)
{
    return number < sizeof models / sizeof models[0] ? models[number] : NULL;
}

static bool is_list_model(const char *model)
{
    return strcmp(model, models[0]) == 0;
}

bool txn_generate_has(const char *model)
{
    return strcmp(model, models[0]) == 0 || strcmp(model, models[1]) == 0;
}

const char *txn_generate_level(size_t number)
{
    const struct store_level *level = store_level_at(number);
    return level ? store_level_name(level) : NULL;
}

const char *txn_generate_anomaly(const char *model, size_t *number)
{
    return txn_generate_has(model) ? script_name(is_list_model(model), number) : NULL;
}

static void put_name(struct strbuf *names, const char *name)
{
    strbuf_puts(names, names->length ? ", " : "");
    strbuf_puts(names, name);
}

static int refuse_name(const char *what, const char *name, struct strbuf *names, struct errbuf *err)
{
    const char *known = strbuf_ok(names) ? names->text : "";
    errbuf_set(err, ERR_INPUT, "%s \"%s\"; %sthere are: %s", what, name,
               suggest_one(name, known).text, known);
    strbuf_fini(names);
    return ERR_INPUT;
}

static int find_level(const char *name, const struct store_level **out, struct errbuf *err)
{
    struct strbuf names = STRBUF_INIT;
    *out = name ? store_level_find(name) : store_level_at(0);
    if (*out)
        return 0;
    const struct store_level *level;
    for (size_t i = 0; (level = store_level_at(i)) != NULL; i++)
        put_name(&names, store_level_name(level));
    return refuse_name("no store keeps the level", name, &names, err);
}

static int find_script(struct txn_world *world, struct errbuf *err)
{
    const struct generate_options *common = &world->options->common;
    struct strbuf names = STRBUF_INIT;
    const char *name;
    size_t number = 0;
    world->script_key = -1;
    if (!common->anomaly || script_find(world->is_list, common->anomaly, &world->script))
        return 0;
    while ((name = txn_generate_anomaly(common->model, &number)) != NULL)
        put_name(&names, name);
    return refuse_name("transactions have no anomaly", common->anomaly, &names, err);
}

static int check_numbers(const struct txn_generate_options *options, struct errbuf *err)
{
    const struct generate_options *common = &options->common;
    if (!txn_generate_has(common->model))
        return errbuf_set(err, ERR_INPUT, "no model \"%s\" of transactions to generate",
                          common->model);
    if (common->values > 0 || common->duplicate_share > 0)
        return errbuf_set(err, ERR_INPUT, "every value of model %s must be new", common->model);
    if (options->micro_ops_min > options->micro_ops_max || options->micro_ops_max > MICRO_OPS_MAX)
        return errbuf_set(err, ERR_INPUT,
                          "a transaction has 1 to %d micro-operations, not %u to %u", MICRO_OPS_MAX,
                          options->micro_ops_min, options->micro_ops_max);
    return generate_check_numbers(common, common->concurrency, err);
}

int txn_generate(const struct txn_generate_options *options, const struct op_sink *sink,
                 struct errbuf *err)
{
    struct txn_generate_options full = *options;
    const struct store_level *level;
    if (full.micro_ops_max == 0)
        full.micro_ops_max = 4;
    if (full.micro_ops_min == 0)
        full.micro_ops_min = 1;
    struct txn_world world = {
        .options = &full, .sink = sink, .err = err, .is_list = is_list_model(full.common.model)};
    int rc = check_numbers(&full, err);
    rc = rc ? rc : find_level(full.level, &level, err);
    rc = rc ? rc : find_script(&world, err);
    if (rc != 0)
        return rc;
    rc = begin(&world, level) ? run(&world) : no_memory(&world);
    end(&world);
    return rc;
}
