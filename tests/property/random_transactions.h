/* Random small transactional histories, from a store that keeps little of what stores promise:
 * reads see the present, a snapshot, or anything older; writes of failed transactions may stay; and
 * lists may be told in a wrong order. About ten microseconds each. */
#ifndef TESTS_RANDOM_TRANSACTIONS_H
#define TESTS_RANDOM_TRANSACTIONS_H

#include "checker/budget.h"
#include "core/arena.h"
#include "core/errbuf.h"
#include "core/random.h"
#include "transactions/transactions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORLD_WRITES = 7,
    /* all orders of them are tried */ WORLD_KEYS = 3,
    WORLD_SESSIONS = 4,
    WORLD_MICROS = 4,
    WORLD_ELEMENTS = 24
};

/* What a transaction's reads see. */
enum world_view { VIEW_PRESENT, VIEW_SNAPSHOT, VIEW_ANYTHING, VIEW_MIXED, VIEW_COUNT };

struct world_micro {
    enum micro_f f;
    int key, element;
};

struct world_session {
    int left; /* transactions */
    bool is_busy, is_over;
    struct world_micro micros[WORLD_MICROS];
    int count;
    int snapshot[WORLD_KEYS]; /* elements there when it began */
    int process;
};

struct random_transactions {
    struct random random;
    bool lists;
    enum world_view view;
    uint32_t lie_percent, crash_percent, fail_percent, write_percent;
    int keys;
    int elements[WORLD_KEYS][WORLD_ELEMENTS], counts[WORLD_KEYS], next_element;
    struct world_session sessions[WORLD_SESSIONS];
    int session_count, next_process;
    struct operations all;
    struct operation *ops;
    struct arena arena;
    struct object object;
    struct budget budget;
    struct transactions txns;
};

static inline uint32_t world_pick(struct random_transactions *world, uint32_t bound)
{
    return (uint32_t)random_below(&world->random, bound);
}

static inline bool world_chance(struct random_transactions *world, uint32_t percent)
{
    return world_pick(world, 100) < percent;
}

/* --- values --- */

static inline struct value world_name(enum micro_f f)
{
    static const char *const names[] = {
        [MICRO_READ] = "r", [MICRO_WRITE] = "w", [MICRO_APPEND] = "append"};
    return value_text(VALUE_KEYWORD, names[f], strlen(names[f]));
}

static inline struct value world_micro_value(struct random_transactions *world,
                                             const struct world_micro *micro, struct value value)
{
    struct value *items = arena_alloc(&world->arena, 3 * sizeof *items);
    items[0] = world_name(micro->f);
    items[1] = value_int(micro->key);
    items[2] = value;
    return value_items(VALUE_LIST, items, 3);
}

static inline void world_emit(struct random_transactions *world, struct world_session *session,
                              enum op_type type, const struct value *reads)
{
    struct value *items = arena_alloc(&world->arena, (size_t)session->count * sizeof *items);
    for (int i = 0; i < session->count; i++) {
        const struct world_micro *micro = &session->micros[i];
        struct value value = micro->f != MICRO_READ ? value_int(micro->element)
                             : reads                ? reads[i]
                                                    : value_nil();
        items[i] = world_micro_value(world, micro, value);
    }
    struct op op = {.time_ns = -1,
                    .process = session->process,
                    .f = F_TXN,
                    .type = (uint8_t)type,
                    .value = value_items(VALUE_LIST, items, (size_t)session->count)};
    struct errbuf err = ERRBUF_INIT;
    int rc = operations_append(&world->all, &op, &err);
    assert(rc == 0);
    (void)rc;
}

/* --- the store --- */

/* How much of a key a read sees. */
static inline int world_seen(struct random_transactions *world, const struct world_session *session,
                             int key)
{
    enum world_view view = world->view;
    if (view == VIEW_MIXED)
        view = world_chance(world, 80) ? VIEW_PRESENT : world_pick(world, VIEW_MIXED);
    if (view == VIEW_SNAPSHOT)
        return session->snapshot[key];
    int now = world->counts[key];
    return view == VIEW_PRESENT ? now : (int)world_pick(world, (uint32_t)now + 1);
}

static inline struct value world_read(struct random_transactions *world,
                                      const struct world_session *session, int at)
{
    int key = session->micros[at].key, own[WORLD_MICROS], own_count = 0;
    for (int i = 0; i < at; i++)
        if (session->micros[i].f != MICRO_READ && session->micros[i].key == key)
            own[own_count++] = session->micros[i].element;
    bool forgets = world_chance(world, world->lie_percent / 4);
    int seen = world_seen(world, session, key);
    if (forgets)
        own_count = 0;
    if (!world->lists) {
        if (own_count)
            return value_int(own[own_count - 1]);
        return seen ? value_int(world->elements[key][seen - 1]) : value_nil();
    }
    struct value *items =
        arena_alloc(&world->arena, (size_t)(seen + own_count + 1) * sizeof *items);
    for (int i = 0; i < seen; i++)
        items[i] = value_int(world->elements[key][i]);
    for (int i = 0; i < own_count; i++)
        items[seen++] = value_int(own[i]);
    if (seen > 1 && world_chance(world, world->lie_percent / 4)) {
        struct value last = items[seen - 1];
        items[seen - 1] = items[seen - 2];
        items[seen - 2] = world_chance(world, 80) ? last : items[seen - 1];
    }
    return value_items(VALUE_LIST, items, (size_t)seen);
}

static inline void world_install(struct random_transactions *world,
                                 const struct world_session *session)
{
    for (int i = 0; i < session->count; i++) {
        const struct world_micro *micro = &session->micros[i];
        if (micro->f == MICRO_READ)
            continue;
        int *count = &world->counts[micro->key];
        int at = world_chance(world, world->lie_percent / 2)
                     ? (int)world_pick(world, (uint32_t)*count + 1)
                     : *count;
        int *elements = world->elements[micro->key];
        memmove(elements + at + 1, elements + at, (size_t)(*count - at) * sizeof *elements);
        elements[at] = micro->element;
        ++*count;
    }
}

/* --- sessions --- */

static inline void world_begin(struct random_transactions *world, struct world_session *session)
{
    session->count = 1 + (int)world_pick(world, WORLD_MICROS);
    for (int i = 0; i < session->count; i++) {
        bool writes =
            world->next_element < WORLD_WRITES && world_chance(world, world->write_percent);
        session->micros[i] =
            (struct world_micro){.f = !writes        ? MICRO_READ
                                      : world->lists ? MICRO_APPEND
                                                     : MICRO_WRITE,
                                 .key = (int)world_pick(world, (uint32_t)world->keys),
                                 .element = writes ? ++world->next_element : 0};
    }
    memcpy(session->snapshot, world->counts, sizeof session->snapshot);
    session->is_busy = true;
    session->left--;
    world_emit(world, session, OP_INVOKE, NULL);
}

static inline void world_end(struct random_transactions *world, struct world_session *session)
{
    bool crashes = world_chance(world, world->crash_percent);
    bool fails = !crashes && world_chance(world, world->fail_percent);
    struct value reads[WORLD_MICROS];
    for (int i = 0; i < session->count; i++)
        if (session->micros[i].f == MICRO_READ)
            reads[i] = world_read(world, session, i);
    bool is_installed = crashes ? world_chance(world, 50)
                        : fails ? world_chance(world, world->lie_percent / 2)
                                : !world_chance(world, world->lie_percent / 8);
    if (is_installed)
        world_install(world, session);
    enum op_type type = crashes ? OP_INFO : fails ? OP_FAIL : OP_OK;
    world_emit(world, session, type, type == OP_OK ? reads : NULL);
    session->is_busy = false;
    if (crashes)
        session->process = world->next_process++;
}

static inline void world_run(struct random_transactions *world)
{
    int steps = 0;
    for (int i = 0; i < world->session_count; i++)
        steps += 2 * world->sessions[i].left;
    while (steps > 0) {
        struct world_session *session =
            &world->sessions[world_pick(world, (uint32_t)world->session_count)];
        if (!session->is_busy && !session->left)
            continue;
        (session->is_busy ? world_end : world_begin)(world, session);
        steps--;
    }
}

/* Makes transactions of what was emitted. */
static inline void world_finish(struct random_transactions *world)
{
    struct errbuf err = ERRBUF_INIT;
    int rc = operations_finish(&world->all, &err);
    assert(rc == 0 && world->all.key_count == 1);
    world->ops = malloc(world->all.operation_count * sizeof *world->ops);
    operations_of_key(&world->all, 0, world->ops);
    const struct operations_key *key = world->all.keys;
    world->object = (struct object){.all = &world->all,
                                    .values = world->all.values,
                                    .ops = world->ops,
                                    .count = key->count,
                                    .ok = key->ok,
                                    .failed = key->failed,
                                    .crashed = key->crashed};
    budget_init(&world->budget, 0, 0);
    struct transactions_source source = {.object = &world->object};
    rc = transactions_build(&source, &world->budget, &world->txns, &err);
    assert(rc == 0);
    (void)rc;
}

/* The same history for the same number. It has at most six transactions. */
static inline void random_transactions_open(struct random_transactions *world, bool lists,
                                            uint64_t number)
{
    memset(world, 0, sizeof *world);
    random_init(&world->random, 4, RANDOM_TEST, number);
    arena_init(&world->arena, 0);
    int rc = operations_init(&world->all, 0);
    world->lists = lists;
    world->view = (enum world_view)world_pick(world, VIEW_COUNT);
    world->lie_percent = world_chance(world, 25) ? 40 : 0;
    world->crash_percent = world_chance(world, 30) ? 25 : 0;
    world->fail_percent = world_chance(world, 30) ? 25 : 0;
    world->write_percent = 30 + world_pick(world, 50);
    world->keys = 1 + (int)world_pick(world, WORLD_KEYS);
    world->session_count = 1 + (int)world_pick(world, WORLD_SESSIONS);
    int left = 2 + (int)world_pick(world, 5);
    for (int i = 0; i < world->session_count; i++)
        world->sessions[i].process = world->next_process++;
    for (; left > 0; left--)
        world->sessions[world_pick(world, (uint32_t)world->session_count)].left++;
    world_run(world);
    assert(rc == 0);
    (void)rc;
    world_finish(world);
}

static inline void random_transactions_close(struct random_transactions *world)
{
    transactions_fini(&world->txns);
    assert(world->budget.bytes_used == 0);
    free(world->ops);
    operations_fini(&world->all);
    arena_fini(&world->arena);
}

#endif
