/* Shrinking random histories of every model: what is left still fails by the definition, and no
 * read lost the write that it read from. */
#include "checker/shrink.h"
#include "core/errbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { SEED = 28, HISTORIES = 3000 };

static void append(struct operations *to, const struct random_objects *all,
                   const struct operation *op, enum op_type type)
{
    struct op event = {
        .time_ns = -1,
        .process = op->process,
        .f = op->f,
        .type = (uint8_t)type,
        .value = value_pool_get(all->pool, type == OP_INVOKE ? op->argument : op->result)};
    cr_assert_eq(operations_append(to, &event, NULL), 0);
}

static void fill(struct operations *to, const struct random_objects *all)
{
    cr_assert_eq(operations_init(to, 0), 0);
    for (position at = 0; at < all->now; at++)
        for (uint32_t i = 0; i < all->object.count; i++) {
            const struct operation *op = &all->object.ops[i];
            if (op->invoke == at)
                append(to, all, op, OP_INVOKE);
            else if (op->complete == at)
                append(to, all, op, op->outcome);
        }
    cr_assert_eq(operations_finish(to, NULL), 0);
}

/* Whether the definition finds an order, with the semantics of `all`. */
static bool is_linearizable(struct random_objects *all, struct operations *operations,
                            struct brute_force *brute)
{
    struct operation ops[RANDOM_OBJECT_OPS_MAX];
    struct specification_context context = {operations->values, &all->semantics};
    struct object object = {.values = operations->values, .ops = ops};
    if (operations->key_count == 0)
        return true;
    object.count = operations->keys[0].count;
    operations_of_key(operations, 0, ops);
    return brute_force_is_linearizable(brute, all->specification, &context, &object);
}

/* No read lost the write that it may have read from: what a read of a register returned, and was
 * written by something that is no longer there, was only written after it, or is written again. */
static void check_reads(const struct operations *before, const struct operations *after)
{
    struct operation old[RANDOM_OBJECT_OPS_MAX], left[RANDOM_OBJECT_OPS_MAX];
    operations_of_key(before, 0, old);
    operations_of_key(after, 0, left);
    for (uint32_t i = 0; i < after->keys[0].count; i++) {
        bool had = false, has = false;
        value_ref value = left[i].result; /* an integer or nil: the same in both pools */
        if (left[i].f != F_READ || left[i].outcome != OP_OK)
            continue;
        const struct operation *read = NULL;
        for (uint32_t j = 0; j < before->keys[0].count; j++)
            if (old[j].process == left[i].process && old[j].f == F_READ && !read &&
                old[j].result == value && old[j].outcome == OP_OK)
                read = &old[j];
        for (uint32_t j = 0; j < before->keys[0].count && read; j++)
            had = had || (old[j].f == F_WRITE && old[j].argument == value &&
                          old[j].outcome != OP_FAIL && old[j].invoke < read->invoke);
        for (uint32_t j = 0; j < after->keys[0].count; j++)
            has = has || (left[j].f == F_WRITE && left[j].argument == value);
        cr_assert(has || !had);
    }
}

static void check_one(struct random_objects *all, struct brute_force *brute, uint32_t tally[3])
{
    struct operations before;
    struct shrink_result result;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {
        .model = all->specification->model, .threads = 1, .semantics = all->semantics};
    fill(&before, all);
    bool linearizable = is_linearizable(all, &before, brute);
    cr_assert_eq(shrink_history(&before, &options, &result, &err), 0, "%s", err.text);
    cr_assert_eq(result.verdict == VERDICT_INVALID, !linearizable, "%s: %s", options.model,
                 verdict_name(result.verdict));
    if (result.verdict == VERDICT_INVALID) {
        cr_assert(!is_linearizable(all, &result.smaller, brute), "%s", options.model);
        cr_assert(result.smallest && result.after <= result.before);
        cr_assert_eq(result.smaller.operation_count, result.after);
        tally[1] += result.after < result.before;
        tally[2] += result.after;
        if (all->kind == RANDOM_REGISTER)
            check_reads(&before, &result.smaller);
    }
    tally[0] += result.verdict == VERDICT_INVALID;
    shrink_result_fini(&result);
    operations_fini(&before);
}

Test(shrink, leaves_a_smaller_history_that_fails_by_the_definition, .timeout = 3000)
{
    uint32_t runs = property_runs(HISTORIES);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct random_objects all;
        struct brute_force brute = {0};
        uint32_t tally[3] = {0};
        random_objects_init(&all, random_kind_names[kind], SEED, 0);
        for (uint32_t i = 0; i < runs; i++) {
            struct random_options options = random_options_any(&all);
            random_objects_next(&all, &options);
            check_one(&all, &brute, tally);
        }
        cr_assert(tally[0] > runs / 12 && tally[1] > tally[0] / 2, "%s: %u invalid, %u smaller",
                  random_kind_names[kind], tally[0], tally[1]);
        tally_print(&(struct tally){.model = random_kind_names[kind],
                                    .algorithm = "shrink",
                                    .histories = runs,
                                    .valid = runs - tally[0],
                                    .invalid = tally[0],
                                    .proofs = tally[0]});
        brute_force_free(&brute);
        random_objects_fini(&all);
    }
}
