/* Every model against its specification, on random small histories: the verdict of a plain search
 * over the model's steps is that of brute force over the specification's, and what a model says of
 * its operations to the configuration search is so in every state that is reached. */
#include "checker/budget.h"
#include "checker/model.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { SEED = 20261121, HISTORIES = 40000, TRIED_MAX = 1 << 14 };

/* Another way through the same orders: sets of operations and states of the model. */
struct plain_search {
    const struct model *model;
    struct model_context context;
    struct model_op ops[RANDOM_OBJECT_OPS_MAX];
    uint32_t must, may, before[RANDOM_OBJECT_OPS_MAX], count;
    struct tried {
        uint32_t call, used;
        int32_t state;
    } tried[TRIED_MAX];
    uint32_t call;
    int32_t anywhere[MODEL_INITIAL_MAX];
    int anywhere_count;
    int32_t blind_next[RANDOM_OBJECT_OPS_MAX]; /* where a blind one led; 0: not tried yet */
};

static struct plain_search search;

static bool tried_before(uint32_t used, int32_t state)
{
    uint32_t at = used * UINT32_C(2654435769) ^ (uint32_t)state * UINT32_C(40503);
    for (uint32_t i = 0; i < TRIED_MAX; i++, at++) {
        struct tried *tried = &search.tried[(at ^ at >> 16) % TRIED_MAX];
        if (tried->call == search.call && tried->used == used && tried->state == state)
            return true;
        if (tried->call == search.call)
            continue;
        *tried = (struct tried){search.call, used, state};
        return false;
    }
    cr_assert_fail("too many configurations");
    return true;
}

/* The same from every state; and only one that need not have happened is refused, then always. */
static void expect_blind(uint32_t index, int32_t next)
{
    int32_t *before = &search.blind_next[index];
    cr_assert(next != MODEL_REFUSED || (search.may >> index & 1), "blind, but refused");
    cr_assert(*before == 0 || *before == next, "blind, but leads to %d and %d", *before, next);
    *before = next;
}

/* What was promised of the operation, in this state. */
static void expect_promises(const struct model_op *op, int32_t state, int32_t next)
{
    bool refused = next == MODEL_REFUSED || next == MODEL_NO_CHOICE;
    if (op->blind)
        expect_blind((uint32_t)(op - search.ops), next);
    cr_assert(!op->total || !refused, "total, but refused");
    cr_assert(refused || next > 0);
    cr_assert(!op->pure || refused || next == state, "pure, but changes the state");
    if (op->needs != MODEL_NONE)
        cr_assert_eq(refused, state != op->needs);
    if (op->avoids != MODEL_NONE)
        cr_assert_eq(refused, state == op->avoids);
    if (op->gives != MODEL_NONE && !refused)
        cr_assert_eq(next, op->gives);
    if (!op->opaque) /* nothing else than these decides */
        cr_assert(refused ? op->needs != MODEL_NONE || op->avoids != MODEL_NONE
                          : next == (op->gives != MODEL_NONE ? op->gives : state));
    cr_assert(op->branches || next != MODEL_NO_CHOICE);
}

/* anywhere: no state is reached that is not among them, unless it is said with MODEL_ANY. */
static void expect_known(int32_t state)
{
    bool known = search.anywhere_count == 0;
    for (int i = 0; i < search.anywhere_count; i++)
        known = known || search.anywhere[i] == MODEL_ANY || search.anywhere[i] == state;
    cr_assert(known, "state %d is none of those it may be in", state);
}

static bool orders(uint32_t used, int32_t state)
{
    if ((search.must & ~used) == 0)
        return true;
    if (tried_before(used, state))
        return false;
    expect_known(state);
    for (uint32_t i = 0; i < search.count; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if (!((search.must | search.may) & ~used & bit) || (search.before[i] & ~used))
            continue;
        const struct model_op *op = &search.ops[i];
        for (uint32_t choice = 0; choice == 0 || op->branches; choice++) {
            int32_t next = search.model->step(&search.context, state, op, choice);
            expect_promises(op, state, next);
            if (next == MODEL_NO_CHOICE)
                break;
            if (next != MODEL_REFUSED && orders(used | bit, next))
                return true;
        }
    }
    return false;
}

static void compile_all(const struct object *object)
{
    search.must = search.may = 0;
    search.count = object->count;
    for (uint32_t i = 0; i < object->count; i++) {
        memset(&search.ops[i], 0xa5, sizeof search.ops[i]); /* all of it is to be filled */
        search.blind_next[i] = 0;
        int rc = search.model->compile(&search.context, &object->ops[i], &search.ops[i]);
        cr_assert_geq(rc, 0, "operation %u is not compiled", i);
        if (rc == MODEL_HAPPENED)
            search.must |= UINT32_C(1) << i;
        else if (rc == MODEL_MAY_HAPPEN)
            search.may |= UINT32_C(1) << i;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        search.before[i] = 0;
        for (uint32_t j = 0; j < object->count; j++)
            if (search.must >> j & 1 && operation_precedes(&object->ops[j], &object->ops[i]))
                search.before[i] |= UINT32_C(1) << j;
    }
}

static bool model_accepts(const struct random_objects *all)
{
    int32_t states[MODEL_INITIAL_MAX];
    bool accepted = false;
    compile_all(&all->object);
    int count = search.model->initial(&search.context, states, MODEL_INITIAL_MAX);
    cr_assert_gt(count, 0);
    search.anywhere_count = 0;
    if (search.model->anywhere)
        search.anywhere_count =
            search.model->anywhere(&search.context, search.anywhere, MODEL_INITIAL_MAX);
    for (int i = 0; i < count && !accepted; i++) {
        search.call++;
        accepted = orders(0, states[i]);
    }
    return accepted;
}

static void context_init(const struct random_objects *all, struct budget *budget, bool growing)
{
    budget_init(budget, 0, 0);
    search.context = (struct model_context){
        .semantics = &all->semantics, .pool = all->pool, .budget = budget, .growing = growing};
    value_numbers_init(&search.context.values, budget);
    state_table_init(&search.context.states, budget);
}

static void context_fini(struct budget *budget)
{
    value_numbers_fini(&search.context.values);
    state_table_fini(&search.context.states);
    cr_assert_eq(budget->bytes_used, 0);
}

static void compare_model(const char *name)
{
    struct random_objects all;
    struct brute_force brute = {0};
    uint64_t valid = 0, invalid = 0, runs = property_runs(HISTORIES);
    search.model = strcmp(name, "user") == 0 ? &model_user : model_find(name);
    cr_assert_not_null(search.model, "there is no model %s", name);
    random_objects_init(&all, name, SEED, 0);
    for (uint64_t i = 0; i < runs; i++) {
        struct random_options options = random_options_any(&all);
        const struct object *object = random_objects_next(&all, &options);
        bool expected =
            brute_force_is_linearizable(&brute, all.specification, &all.context, object);
        struct budget budget;
        context_init(&all, &budget, i % 8 == 0);
        cr_assert_eq(model_accepts(&all), expected, "history %lu of %s: expected %s",
                     (unsigned long)i, name, expected ? "valid" : "invalid");
        context_fini(&budget);
        valid += expected;
        invalid += !expected;
    }
    brute_force_free(&brute);
    random_objects_fini(&all);
    tally_print(&(struct tally){.model = name,
                                .algorithm = "steps-of-the-model",
                                .histories = runs,
                                .valid = valid,
                                .invalid = invalid});
    cr_expect_gt(valid, runs / 5, "%s: only %lu valid", name, (unsigned long)valid);
    cr_expect_gt(invalid, runs / 20, "%s: only %lu invalid", name, (unsigned long)invalid);
}

#define MODEL_TEST(test, model)                                                                    \
    Test(models, test##_agrees_with_its_specification, .timeout = 900)                             \
    {                                                                                              \
        compare_model(model);                                                                      \
    }

MODEL_TEST(register, "register")
MODEL_TEST(cas_register, "cas-register")
MODEL_TEST(multi_register, "multi-register")
MODEL_TEST(kv, "kv")
MODEL_TEST(mutex, "mutex")
MODEL_TEST(owned_mutex, "owned-mutex")
MODEL_TEST(reentrant_mutex, "reentrant-mutex")
MODEL_TEST(semaphore, "semaphore")
MODEL_TEST(linear_set, "linear-set")
MODEL_TEST(grow_only_set, "grow-only-set")
MODEL_TEST(fifo_queue, "fifo-queue")
MODEL_TEST(unordered_queue, "unordered-queue")
MODEL_TEST(priority_queue, "priority-queue")
MODEL_TEST(stack, "stack")
MODEL_TEST(linear_counter, "linear-counter")
MODEL_TEST(user, "user")
