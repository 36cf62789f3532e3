/* Random small histories of registers that nearly all transactions write and read without an order:
 * who read what is drawn by lot, also from those that were not yet done. So much is contradictory
 * that many are refuted by cases only. */
#ifndef TESTS_CONTESTED_TRANSACTIONS_H
#define TESTS_CONTESTED_TRANSACTIONS_H

#include "property/random_transactions.h"

enum { CONTESTED_TXNS = 7, CONTESTED_KEYS = 3, CONTESTED_WRITES = 8 };

struct contested_txn {
    struct world_session own; /* process, micro-operations */
    enum { CONTESTED_WAITING, CONTESTED_BUSY, CONTESTED_DONE } state;
};

struct contested {
    struct random_transactions *world;
    struct contested_txn txns[CONTESTED_TXNS];
    int count;
};

static inline bool contested_touches(const struct world_session *txn, int count, int key)
{
    for (int i = 0; i < count; i++)
        if (txn->micros[i].key == key)
            return true;
    return false;
}

/* Each transaction reads or writes a key once. */
static inline void contested_plan(struct contested *run, struct world_session *txn)
{
    struct random_transactions *world = run->world;
    int wanted = 1 + (int)world_pick(world, WORLD_MICROS);
    for (int i = 0; i < wanted; i++) {
        int key = (int)world_pick(world, (uint32_t)world->keys);
        bool writes = world->next_element < CONTESTED_WRITES && world->counts[key] < 4 &&
                      world_chance(world, world->write_percent);
        if (contested_touches(txn, txn->count, key))
            continue;
        txn->micros[txn->count++] =
            (struct world_micro){.f = writes ? MICRO_WRITE : MICRO_READ,
                                 .key = key,
                                 .element = writes ? ++world->next_element : 0};
        if (writes)
            world->elements[key][world->counts[key]++] = world->next_element;
    }
}

static inline void contested_complete(struct contested *run, struct world_session *txn)
{
    struct random_transactions *world = run->world;
    struct value reads[WORLD_MICROS];
    for (int i = 0; i < txn->count; i++) {
        int key = txn->micros[i].key, count = world->counts[key];
        uint32_t at = world_pick(world, (uint32_t)(count > 0 ? 4 * count : 1));
        reads[i] = count == 0 || (at == 0 && world_chance(world, 50))
                       ? value_nil()
                       : value_int(world->elements[key][at % (uint32_t)count]);
    }
    world_emit(world, txn, OP_OK, reads);
}

/* Most at the same time, some one after the other. */
static inline void contested_run(struct contested *run)
{
    bool is_busy[CONTESTED_TXNS] = {false}; /* by process */
    for (int left = 2 * run->count; left > 0;) {
        int at = (int)world_pick(run->world, (uint32_t)run->count);
        struct contested_txn *txn = &run->txns[at];
        int process = txn->own.process;
        if (txn->state == CONTESTED_BUSY) {
            contested_complete(run, &txn->own);
            is_busy[process] = false;
            txn->state = CONTESTED_DONE;
            left--;
        } else if (txn->state == CONTESTED_WAITING && !is_busy[process]) {
            world_emit(run->world, &txn->own, OP_INVOKE, NULL);
            is_busy[process] = true;
            txn->state = CONTESTED_BUSY;
            left--;
        }
    }
}

/* Everybody writes and reads. */
static inline void contested_plan_all(struct contested *run)
{
    struct random_transactions *world = run->world;
    uint32_t processes = CONTESTED_TXNS - world_pick(world, 4) * world_pick(world, 2);
    world->write_percent = 40 + world_pick(world, 40);
    for (int i = 0; i < run->count; i++) {
        run->txns[i].own.process = (int)world_pick(world, processes);
        contested_plan(run, &run->txns[i].own);
    }
}

/* One session reads what the others write. */
static inline void contested_plan_reader(struct contested *run)
{
    struct random_transactions *world = run->world;
    int writers = 3 + (int)world_pick(world, 2);
    for (int i = 0; i < run->count; i++) {
        bool is_writer = i < writers;
        run->txns[i].own.process = is_writer ? 1 + i : 0;
        world->write_percent = is_writer ? 90 : 0;
        contested_plan(run, &run->txns[i].own);
    }
}

/* The same history for the same number; to be closed with random_transactions_close. */
static inline void contested_transactions_open(struct random_transactions *world, uint64_t number)
{
    struct contested run = {.world = world};
    memset(world, 0, sizeof *world);
    random_init(&world->random, 5, RANDOM_TEST, number);
    arena_init(&world->arena, 0);
    int rc = operations_init(&world->all, 0);
    assert(rc == 0);
    (void)rc;
    world->keys = 2 + (int)world_pick(world, CONTESTED_KEYS - 1);
    run.count = CONTESTED_TXNS - (int)world_pick(world, 2);
    if (number % 2)
        contested_plan_all(&run);
    else
        contested_plan_reader(&run);
    contested_run(&run);
    world_finish(world);
}

#endif
