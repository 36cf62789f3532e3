/* A random history as a decider of levels gets it, with what single reads show told by the oracle.
 */
#ifndef TESTS_LEVEL_WORLD_H
#define TESTS_LEVEL_WORLD_H

#include "isolation/level_check.h"
#include "property/contested_transactions.h"
#include "property/isolation_oracle.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>

struct level_world {
    struct random_transactions random;
    struct oracle oracle;
    struct anomalies anomalies;
    struct arena arena;
    struct level_question question;
};

/* Whether a list has a transaction's elements in another order than it appended them. */
static inline bool level_world_is_inverted(const struct transactions *all)
{
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
            for (uint32_t k = all->txns[txn].micros; k < i; k++) {
                const struct micro *later = &all->micros[i], *earlier = &all->micros[k];
                if (txn_is_committed(all, txn) && later->f == MICRO_APPEND &&
                    earlier->f == MICRO_APPEND && later->key == earlier->key &&
                    later->version < earlier->version)
                    return true;
            }
    return false;
}

static inline anomaly_set level_world_anomalies(const struct oracle *oracle)
{
    const struct {
        bool is_found;
        enum anomaly anomaly;
    } rows[] = {
        {oracle->has_duplicates, ANOMALY_DUPLICATE_ELEMENTS},
        {oracle->has_incompatible_read, ANOMALY_INCOMPATIBLE_ORDER},
        {oracle->has_aborted_read, ANOMALY_G1A},
        {oracle->has_intermediate_read, ANOMALY_G1B},
        {oracle->has_future_read, ANOMALY_FUTURE_READ},
        {!oracle->sees_own_writes, ANOMALY_INTERNAL},
        {!oracle->is_repeatable, ANOMALY_UNREPEATABLE_READ},
    };
    anomaly_set found = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        found |= rows[i].is_found ? anomaly_bit(rows[i].anomaly) : 0;
    return found;
}

/* Asks about world->random, which is open. */
static inline void level_world_ask(struct level_world *world)
{
    oracle_init(&world->oracle, &world->random.txns);
    memset(&world->anomalies, 0, sizeof world->anomalies);
    world->anomalies.found = level_world_anomalies(&world->oracle);
    world->anomalies.settled = UINT32_MAX;
    arena_init(&world->arena, 0);
    world->question = (struct level_question){.all = &world->random.txns,
                                              .anomalies = &world->anomalies,
                                              .budget = &world->random.budget,
                                              .arena = &world->arena,
                                              .threads = 1};
}

static inline void level_world_open(struct level_world *world, bool lists, uint64_t number)
{
    random_transactions_open(&world->random, lists, number);
    level_world_ask(world);
}

/* Where many levels are refuted by cases only. */
static inline void level_world_open_contested(struct level_world *world, uint64_t number)
{
    contested_transactions_open(&world->random, number);
    level_world_ask(world);
}

/* Everything a decider took of the budget was given back. */
static inline void level_world_close(struct level_world *world)
{
    random_transactions_close(&world->random);
    arena_fini(&world->arena);
}

static inline void level_world_decide(struct level_world *world,
                                      const struct level_decider *decider, enum level level,
                                      struct level_answer *answer)
{
    struct errbuf err = ERRBUF_INIT;
    size_t used = world->random.budget.bytes_used;
    cr_assert(decider->levels & level_bit(level));
    cr_assert_eq(decider->decide(&world->question, level, answer, &err), 0);
    cr_assert_eq(world->random.budget.bytes_used, used);
    cr_assert(answer->verdict == VERDICT_UNKNOWN ? answer->why != NULL : answer->algorithm != NULL);
}

#endif
