#include "checker/online.h"

#include "checker/budget.h"
#include "checker/live_search.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/value_pool_shared.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_COUNT = 16 };

/* An operation of a key, by its handle in the live search. */
struct online_call {
    struct operation op;
    int64_t complete_ns;
};

struct online_key {
    bool has_key;
    value_ref key;
    bool has_news;            /* an outcome since it was last looked at */
    struct live_search *live; /* NULL: no longer checked */
    struct model_context context;
    struct online_call *calls; /* by handle */
    uint32_t call_capacity;
    struct live_status ended; /* of a search that is no more */
};

/* What a process has open. */
struct online_open {
    int32_t process;
    uint32_t handle;
    struct online_key *key;
};

struct online {
    const struct model *model;
    struct history_semantics semantics;
    uint32_t width_max, waiting_max;
    struct budget budget;
    struct budget_pool memory; /* of the budget and the value pool */
    struct value_pool *pool;

    struct online_key **keys;
    uint32_t key_count, key_capacity;
    uint32_t *by_ref; /* number of a key plus one: an open-addressing table */
    uint32_t by_ref_capacity;
    uint32_t keyless; /* plus one */

    struct online_open *open; /* in no order: about as many as there are clients */
    uint32_t open_count, open_capacity;

    struct online_status status;
    int64_t last_ns; /* of the last event */
    bool ended;      /* nothing is checked any more */
    bool violated;
    struct online_violation violation;
};

bool online_knows(const char *model)
{
    const struct model *found = model_find(model);
    return found && found != &model_user;
}

/* --- life --- */

int online_open(const struct online_options *options, struct online **out, struct errbuf *err)
{
    if (!online_knows(options->model))
        return errbuf_set(err, ERR_INPUT, "the model %s is judged at the end of a history",
                          options->model);
    struct online *online = calloc(1, sizeof *online);
    if (!online)
        return errbuf_set(err, ERR_NOMEM, "no memory to check a history while it grows");
    *online = (struct online){.model = model_find(options->model),
                              .semantics = options->semantics,
                              .width_max = options->width_max,
                              .waiting_max = options->waiting_max,
                              .status.checked_until_ns = -1,
                              .last_ns = -1};
    budget_pool_init(&online->memory, options->memory_limit_bytes, 0);
    budget_init(&online->budget, 0, 0);
    budget_share(&online->budget, &online->memory);
    online->pool = value_pool_new_shared(&online->memory.cap);
    if (!online->pool) {
        free(online);
        return errbuf_set(err, ERR_NOMEM, "no memory to check a history while it grows");
    }
    *out = online;
    return 0;
}

static void close_live(struct online *online, struct online_key *key)
{
    if (!key->live)
        return;
    key->ended = live_search_status(key->live);
    key->ended.waiting = 0;
    live_search_close(key->live);
    key->live = NULL;
    state_table_fini(&key->context.states);
    value_numbers_fini(&key->context.values);
    budget_free(&online->budget, key->calls, key->call_capacity * sizeof *key->calls);
    key->calls = NULL;
    key->call_capacity = 0;
}

void online_close(struct online *online)
{
    if (!online)
        return;
    struct budget *budget = &online->budget;
    for (uint32_t i = 0; i < online->key_count; i++) {
        close_live(online, online->keys[i]);
        budget_free(budget, online->keys[i], sizeof *online->keys[i]);
    }
    budget_free(budget, online->keys, online->key_capacity * sizeof(struct online_key *));
    budget_free(budget, online->by_ref, online->by_ref_capacity * sizeof *online->by_ref);
    budget_free(budget, online->open, online->open_capacity * sizeof *online->open);
    assert(budget->bytes_used == 0);
    value_pool_free(online->pool);
    free(online);
}

/* --- keys --- */

/* Room for one more item in an array that doubles; -1 when the memory ran out. */
static int make_room(struct online *online, void **items, uint32_t count, uint32_t *capacity,
                     size_t size)
{
    if (count < *capacity)
        return 0;
    uint32_t larger = *capacity ? *capacity * 2 : FIRST_COUNT;
    void *moved = budget_resize(&online->budget, *items, *capacity * size, larger * size);
    if (!moved)
        return -1;
    *items = moved;
    *capacity = larger;
    return 0;
}

static uint32_t *probe_key(const struct online *online, value_ref ref)
{
    uint32_t mask = online->by_ref_capacity - 1;
    uint32_t at = (uint32_t)(ref * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (online->by_ref[at] && online->keys[online->by_ref[at] - 1]->key != ref)
        at = (at + 1) & mask;
    return &online->by_ref[at];
}

static int grow_by_ref(struct online *online)
{
    if ((online->key_count + 1) * 2 <= online->by_ref_capacity)
        return 0;
    uint32_t capacity = online->by_ref_capacity ? online->by_ref_capacity * 2 : FIRST_COUNT * 2;
    uint32_t *by_ref = budget_zalloc(&online->budget, capacity * sizeof *by_ref);
    if (!by_ref)
        return -1;
    budget_free(&online->budget, online->by_ref, online->by_ref_capacity * sizeof *by_ref);
    online->by_ref = by_ref;
    online->by_ref_capacity = capacity;
    for (uint32_t i = 0; i < online->key_count; i++)
        if (online->keys[i]->has_key)
            *probe_key(online, online->keys[i]->key) = i + 1;
    return 0;
}

static int open_live(struct online *online, struct online_key *key)
{
    key->context = (struct model_context){
        .semantics = &online->semantics, .pool = online->pool, .budget = &online->budget};
    value_numbers_init(&key->context.values, &online->budget);
    state_table_init(&key->context.states, &online->budget);
    struct live_options options = {.model = online->model,
                                   .context = &key->context,
                                   .width_max = online->width_max,
                                   .queue_max = online->waiting_max};
    key->live = live_search_open(&options);
    if (key->live)
        return 0;
    state_table_fini(&key->context.states);
    value_numbers_fini(&key->context.values);
    return -1;
}

/* A key that was never seen before; NULL when the memory ran out. */
static struct online_key *add_key(struct online *online, bool has_key, value_ref ref)
{
    void *keys = online->keys;
    if (make_room(online, &keys, online->key_count, &online->key_capacity,
                  sizeof(struct online_key *)) != 0)
        return NULL;
    online->keys = keys;
    struct online_key *key = budget_zalloc(&online->budget, sizeof *key);
    if (!key)
        return NULL;
    key->has_key = has_key;
    key->key = ref;
    if (grow_by_ref(online) != 0 || open_live(online, key) != 0) {
        budget_free(&online->budget, key, sizeof *key);
        return NULL;
    }
    if (has_key)
        *probe_key(online, ref) = online->key_count + 1;
    else
        online->keyless = online->key_count + 1;
    online->keys[online->key_count++] = key;
    return key;
}

static struct online_key *find_key(struct online *online, const struct op *event)
{
    value_ref ref = event->has_key ? value_pool_intern(online->pool, event->key) : VALUE_REF_NIL;
    if (ref == VALUE_REF_NOMEM)
        return NULL;
    uint32_t number = !event->has_key           ? online->keyless
                      : online->by_ref_capacity ? *probe_key(online, ref)
                                                : 0;
    return number ? online->keys[number - 1] : add_key(online, event->has_key, ref);
}

/* --- what the search says --- */

static void note_violation(struct online *online, const struct online_key *key)
{
    position failing = live_search_status(key->live).failing;
    struct online_violation *out = &online->violation;
    online->violated = true;
    *out = (struct online_violation){.has_key = key->has_key, .index = failing, .time_ns = -1};
    out->key = key->has_key ? value_pool_get(online->pool, key->key) : value_nil();
    for (uint32_t i = 0; i < key->call_capacity; i++)
        if (key->calls[i].op.invoke == failing) {
            out->process = key->calls[i].op.process;
            out->f = key->calls[i].op.f;
            out->time_ns = key->calls[i].complete_ns;
        }
}

static void end_key(struct online *online, struct online_key *key)
{
    close_live(online, key);
    online->status.keys_ended++;
}

/* A look ahead is not counted by the search, which goes back. */
static void hear(struct online *online, struct online_key *key, enum live_end end, bool looking)
{
    switch (end) {
    case LIVE_PASSED:
        break;
    case LIVE_VIOLATION:
        note_violation(online, key);
        break;
    case LIVE_SUSPECTED:
        online->status.suspected += looking;
        break;
    case LIVE_UNREADABLE:
        online->status.unreadable++;
        break;
    case LIVE_LOST:
    case LIVE_OUT_OF_TIME:
    case LIVE_OUT_OF_MEMORY:
        end_key(online, key);
        break;
    }
}

/* --- events --- */

/* Without memory nothing is known of any key any more. */
static void end_all(struct online *online)
{
    for (uint32_t i = 0; i < online->key_count; i++)
        if (online->keys[i]->live)
            end_key(online, online->keys[i]);
    online->ended = true;
}

static int keep_call(struct online *online, struct online_key *key, uint32_t handle,
                     const struct operation *op)
{
    void *calls = key->calls;
    uint32_t before = key->call_capacity;
    while (handle >= key->call_capacity) {
        if (make_room(online, &calls, key->call_capacity, &key->call_capacity,
                      sizeof *key->calls) != 0)
            return -1;
        key->calls = calls;
    }
    for (uint32_t i = before; i < key->call_capacity; i++)
        key->calls[i].op.invoke = POSITION_NONE;
    key->calls[handle] = (struct online_call){*op, -1};
    return 0;
}

static int keep_open(struct online *online, int32_t process, struct online_key *key,
                     uint32_t handle)
{
    void *open = online->open;
    if (make_room(online, &open, online->open_count, &online->open_capacity,
                  sizeof *online->open) != 0)
        return -1;
    online->open = open;
    online->open[online->open_count++] = (struct online_open){process, handle, key};
    return 0;
}

static void take_invocation(struct online *online, const struct op *event)
{
    struct online_key *key = find_key(online, event);
    value_ref argument = value_pool_intern(online->pool, event->value);
    if (!key || argument == VALUE_REF_NOMEM) {
        end_all(online);
        return;
    }
    if (!key->live)
        return;
    struct operation op = {.invoke = (position)event->index,
                           .complete = POSITION_NONE,
                           .process = event->process,
                           .argument = argument,
                           .result = VALUE_REF_NIL,
                           .f = event->f,
                           .outcome = OP_INFO};
    uint32_t handle = live_search_invoke(key->live, &op);
    if (handle == LIVE_NO_CALL || keep_call(online, key, handle, &op) != 0 ||
        keep_open(online, event->process, key, handle) != 0)
        end_key(online, key);
}

/* False if the process has nothing open. */
static bool take_open(struct online *online, int32_t process, struct online_open *out)
{
    for (uint32_t i = 0; i < online->open_count; i++)
        if (online->open[i].process == process) {
            *out = online->open[i];
            online->open[i] = online->open[--online->open_count];
            return true;
        }
    return false;
}

static void take_completion(struct online *online, const struct op *event)
{
    struct online_open open;
    if (!take_open(online, event->process, &open) || !open.key->live)
        return;
    struct online_call *call = &open.key->calls[open.handle];
    call->op.result = value_pool_intern(online->pool, event->value);
    if (call->op.result == VALUE_REF_NOMEM) {
        end_all(online);
        return;
    }
    call->op.complete = (position)event->index;
    call->op.outcome = event->type;
    call->complete_ns = event->time_ns;
    open.key->has_news = true;
    struct operation op = call->op;
    hear(online, open.key, live_search_complete(open.key->live, open.handle, &op), false);
}

bool online_take(struct online *online, const struct op *event)
{
    if (online->violated || event->process < 0)
        return online->violated;
    online->status.events++;
    online->last_ns = event->time_ns > online->last_ns ? event->time_ns : online->last_ns;
    if (event->index >= POSITION_NONE)
        end_all(online);
    if (online->ended)
        return false;
    if (event->type == OP_INVOKE)
        take_invocation(online, event);
    else
        take_completion(online, event);
    return online->violated;
}

bool online_look(struct online *online)
{
    for (uint32_t i = 0; i < online->key_count && !online->violated; i++) {
        struct online_key *key = online->keys[i];
        if (!key->live || !key->has_news)
            continue;
        key->has_news = false;
        hear(online, key, live_search_probe(key->live), true);
    }
    if (!online->violated && !online->ended && online->status.keys_ended == 0)
        online->status.checked_until_ns = online->last_ns;
    return online->violated;
}

const struct online_violation *online_violation(const struct online *online)
{
    return online->violated ? &online->violation : NULL;
}

struct online_status online_status(const struct online *online)
{
    struct online_status status = online->status;
    status.keys = online->key_count;
    status.bytes = atomic_load(&online->memory.cap.bytes_used);
    for (uint32_t i = 0; i < online->key_count; i++) {
        const struct online_key *key = online->keys[i];
        struct live_status live = key->live ? live_search_status(key->live) : key->ended;
        status.waiting += live.waiting;
        status.suspected += live.suspected;
        status.presumed += live.presumed;
        status.steps += live.steps;
    }
    return status;
}
