/* Random small histories for the checkers that are not about linearizability, and what a checker is
 * held against: a slow definition of what it promises, in the test.
 *
 * Clients overlap, crash, fail and are never answered; a world says what they ask and what they are
 * told, truths and lies mixed so that both verdicts are common. About a microsecond an operation.
 */
#ifndef TESTS_CHECKER_WORLDS_H
#define TESTS_CHECKER_WORLDS_H

#include "checker/checker.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/random.h"
#include "property/property_runs.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <string.h>

enum { WORLD_OPS_MAX = 12, WORLD_CLIENTS = 4, WORLD_HISTORIES = 60000 };

struct world {
    struct random random;
    struct value_pool *pool;
    struct checker_options options;
    struct history_semantics semantics;
    struct operation ops[WORLD_OPS_MAX];
    uint32_t count;
    int64_t state[8];            /* the world's own; zero at the start of a history */
    uint64_t accused, confirmed; /* findings that were changed or made up */
};

/* What a checker is tested with. */
struct world_test {
    const struct checker *checker;
    uint64_t seed;
    /* Sets f and argument. */
    void (*ask)(struct world *world, struct operation *op);
    /* The completion's value; op->outcome is set. */
    value_ref (*tell)(struct world *world, const struct operation *op);
    enum verdict (*slow)(const struct world *world, const struct object *object);
    bool never_invalid; /* it refutes nothing */
};

static inline int64_t world_below(struct world *world, uint64_t bound)
{
    return (int64_t)random_below(&world->random, bound);
}

static inline bool world_chance(struct world *world, uint64_t percent)
{
    return random_below(&world->random, 100) < percent;
}

static inline value_ref world_items(struct world *world, enum value_kind kind,
                                    const struct value *items, size_t count)
{
    value_ref ref = value_pool_intern(world->pool, value_items(kind, items, count));
    cr_assert_neq(ref, VALUE_REF_NOMEM);
    return ref;
}

/* A list of small integers. */
static inline value_ref world_list(struct world *world, const int64_t *integers, size_t count)
{
    struct value items[64];
    cr_assert(count <= 64);
    for (size_t i = 0; i < count; i++)
        items[i] = value_int(integers[i]);
    return world_items(world, VALUE_LIST, items, count);
}

static inline void world_complete(const struct world_test *test, struct world *world,
                                  struct operation *op, position now)
{
    uint64_t draw = random_below(&world->random, 20);
    op->outcome = draw < 16 ? OP_OK : draw < 18 ? OP_FAIL : OP_INFO;
    op->complete = now;
    op->result = test->tell(world, op);
}

static inline void world_make(const struct world_test *test, struct world *world)
{
    uint32_t open[WORLD_CLIENTS], wanted = (uint32_t)world_below(world, WORLD_OPS_MAX + 1);
    int32_t names[WORLD_CLIENTS], next_name = WORLD_CLIENTS;
    world->count = 0;
    memset(world->state, 0, sizeof world->state);
    for (int32_t i = 0; i < WORLD_CLIENTS; i++) {
        open[i] = UINT32_MAX;
        names[i] = i;
    }
    for (position now = 0; world->count < wanted || world_chance(world, 70); now++) {
        uint32_t client = (uint32_t)world_below(world, WORLD_CLIENTS);
        struct operation *op = &world->ops[world->count];
        if (open[client] != UINT32_MAX) {
            op = &world->ops[open[client]];
            world_complete(test, world, op, now);
            if (op->outcome == OP_INFO)
                names[client] = next_name++;
            open[client] = UINT32_MAX;
        } else if (world->count < wanted) {
            *op = (struct operation){.invoke = now,
                                     .complete = POSITION_NONE,
                                     .process = names[client],
                                     .outcome = OP_INFO};
            test->ask(world, op);
            open[client] = world->count++;
        }
    }
}

/* A finding is changed in one place. */
static inline struct checker_finding world_mutate(struct world *world,
                                                  const struct checker_finding *finding)
{
    struct checker_finding other = *finding;
    uint32_t place = (uint32_t)world_below(world, 8);
    if (place == 0)
        other.kind = (uint32_t)world_below(world, 6);
    else if (place == 1)
        other.value = world->count ? world->ops[world_below(world, world->count)].argument : 0;
    else if (place < 4)
        other.numbers[place - 2] += world_below(world, 5) - 2;
    else
        other.ops[place - 4] = (uint32_t)world_below(world, WORLD_OPS_MAX + 2);
    return other;
}

/* What is confirmed though it was changed, or made up, must at least be a true accusation. */
static inline void world_accuse(const struct world_test *test, struct world *world,
                                const struct checker_input *input,
                                const struct checker_result *result, enum verdict expected)
{
    struct checker_finding finding = {.ops = {0, 1, 2, 3}};
    if (result->finding_count > 0)
        finding = result->findings[world_below(world, result->finding_count)];
    else
        finding = (struct checker_finding){
            .kind = (uint32_t)world_below(world, 6),
            .value = world->count ? world->ops[world_below(world, world->count)].argument : 0,
            .ops = {(uint32_t)world_below(world, WORLD_OPS_MAX),
                    (uint32_t)world_below(world, WORLD_OPS_MAX),
                    (uint32_t)world_below(world, WORLD_OPS_MAX), UINT32_MAX}};
    for (uint32_t i = 0; i < 3; i++) {
        finding = world_mutate(world, &finding);
        bool confirmed = test->checker->confirm(input, &finding);
        cr_assert(!confirmed || expected == VERDICT_INVALID, "%s: a false finding was confirmed",
                  test->checker->name);
        world->accused++;
        world->confirmed += confirmed;
    }
}

static inline enum verdict world_check(const struct world_test *test, struct world *world,
                                       struct arena *arena, uint32_t index)
{
    struct budget budget;
    struct checker_result result = {0};
    struct errbuf err = ERRBUF_INIT;
    struct object object = {.values = world->pool, .ops = world->ops, .count = world->count};
    struct checker_input input = {.object = &object,
                                  .semantics = &world->semantics,
                                  .options = &world->options,
                                  .budget = &budget,
                                  .arena = arena};
    for (uint32_t i = 0; i < world->count; i++) {
        object.ok += world->ops[i].outcome == OP_OK;
        object.failed += world->ops[i].outcome == OP_FAIL;
        object.crashed += world->ops[i].outcome == OP_INFO;
    }
    budget_init(&budget, 0, 0);
    cr_assert_eq(test->checker->check(&input, &result, &err), 0, "%s", err.text);
    enum verdict expected = test->slow(world, &object);
    cr_assert_eq(result.verdict, expected, "%s, history %u of seed %llu: %s, %s expected: %s",
                 test->checker->name, index, (unsigned long long)test->seed,
                 verdict_name(result.verdict), verdict_name(expected),
                 result.cause ? result.cause : "");
    cr_assert_eq(budget.bytes_used, 0);
    cr_assert_eq(result.finding_count > 0, result.verdict == VERDICT_INVALID);
    for (uint32_t i = 0; i < result.finding_count; i++)
        cr_assert(test->checker->confirm(&input, &result.findings[i]), "%s, history %u: %s",
                  test->checker->name, index, result.cause);
    world_accuse(test, world, &input, &result, expected);
    return result.verdict;
}

/* Both verdicts are at least a tenth of what is asked. */
static inline void world_run(const struct world_test *test)
{
    struct world world = {.pool = value_pool_new(0)};
    struct arena arena;
    uint32_t tally[VERDICT_VACUOUS + 1] = {0}, runs = property_runs(WORLD_HISTORIES);
    arena_init(&arena, 0);
    random_init(&world.random, test->seed, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < runs; i++) {
        world_make(test, &world);
        tally[world_check(test, &world, &arena, i)]++;
        arena_reset(&arena);
    }
    arena_fini(&arena);
    value_pool_free(world.pool);
    tally_print(&(struct tally){.model = test->checker->name,
                                .algorithm = "checker",
                                .histories = runs,
                                .valid = tally[VERDICT_VALID],
                                .invalid = tally[VERDICT_INVALID],
                                .undecided = tally[VERDICT_UNKNOWN] + tally[VERDICT_VACUOUS],
                                .proofs = tally[VERDICT_INVALID],
                                .mutations = world.accused,
                                .refused = world.accused - world.confirmed,
                                .still_true = world.confirmed});
    cr_assert_gt(tally[VERDICT_VALID], runs / 10, "%u", tally[VERDICT_VALID]);
    cr_assert(test->never_invalid || tally[VERDICT_INVALID] > runs / 10, "%u",
              tally[VERDICT_INVALID]);
}

#endif
