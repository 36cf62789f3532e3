/* What is said of invalid histories of every model, against brute force: the witness proves it, the
 * possible answers are those that make an order possible and no others, and the states are those
 * that some order leaves behind. */
#include "checker/algorithm.h"
#include "checker/budget.h"
#include "checker/explain_states.h"
#include "checker/model.h"
#include "checker/verify.h"
#include "core/errbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"

#include <criterion/criterion.h>

enum { SEED = 77, HISTORIES = 15000 };

struct tally {
    uint32_t refuted, answers, states;
};

/* The object up to the end of the failing operation. */
struct prefix {
    struct operation ops[BRUTE_FORCE_OPS_MAX + 1];
    struct object object;
    uint32_t failing; /* number in it */
};

static void make_prefix(const struct object *object, uint32_t failing, bool with_failing,
                        value_ref answer, struct prefix *out)
{
    position until = object->ops[failing].complete;
    out->object = *object;
    out->object.ops = out->ops;
    out->object.count = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        struct operation op = object->ops[i];
        if (op.invoke > until || (i == failing && !with_failing))
            continue;
        if (i == failing)
            op.result = answer;
        out->ops[out->object.count++] = op;
    }
}

static bool is_possible(struct random_objects *all, struct brute_force *brute,
                        const struct object *object)
{
    return brute_force_is_linearizable(brute, all->specification, &all->context, object);
}

static bool has_answer(const struct explain_states *found, value_ref answer)
{
    for (uint32_t i = 0; i < found->answer_count; i++)
        if (found->answers[i] == answer)
            return true;
    return false;
}

/* What completes later was answered as it was: in the prefix it may have happened so, which is not
 * the same as with any answer. Only histories without such operations are compared exactly. */
static bool has_open_answers(const struct object *object, uint32_t failing)
{
    position until = object->ops[failing].complete;
    for (uint32_t i = 0; i < object->count; i++)
        if (i != failing && object->ops[i].invoke < until && object->ops[i].complete > until &&
            object->ops[i].outcome != OP_INFO)
            return true;
    return false;
}

static void compare_answers(struct random_objects *all, struct brute_force *brute,
                            const struct object *object, uint32_t failing,
                            const struct explain_states *found, struct tally *tally)
{
    if (!found->answers_known || has_open_answers(object, failing))
        return;
    const struct operation *told = &object->ops[failing];
    for (uint32_t i = 0; i < object->count; i++) {
        value_ref candidates[2] = {object->ops[i].argument, object->ops[i].result};
        for (int j = 0; j < 2; j++) {
            struct prefix prefix;
            struct operation asked = *told;
            asked.result = candidates[j];
            if (candidates[j] == told->result ||
                all->specification->accepts(&all->context, &asked, NULL) != 0 ||
                all->specification->effect(&all->context, &asked) == SPECIFICATION_NOTHING)
                continue;
            make_prefix(object, failing, true, candidates[j], &prefix);
            bool possible = is_possible(all, brute, &prefix.object);
            bool is_nothing = value_pool_get(all->pool, candidates[j]).kind != VALUE_INT;
            if (!is_nothing)
                cr_assert_eq(has_answer(found, candidates[j]), possible, "%s",
                             all->specification->model);
            tally->answers++;
        }
    }
    for (uint32_t i = 0; i < found->answer_count; i++) {
        struct prefix prefix;
        make_prefix(object, failing, true, found->answers[i], &prefix);
        cr_assert(is_possible(all, brute, &prefix.object), "%s", all->specification->model);
    }
}

static void compare_states(struct random_objects *all, struct brute_force *brute,
                           const struct object *object, uint32_t failing,
                           const struct explain_states *found, struct tally *tally)
{
    struct prefix prefix;
    if (found->count == 0 || has_open_answers(object, failing))
        return;
    make_prefix(object, failing, false, VALUE_REF_NIL, &prefix);
    cr_assert(is_possible(all, brute, &prefix.object), "%s", all->specification->model);
    bool is_there = false;
    for (uint32_t i = 0; i < found->shown; i++)
        is_there =
            is_there || specification_state_equal(&found->states[i], &brute->states[brute->count]);
    cr_assert(is_there || found->count > found->shown, "%s: a state is missing",
              all->specification->model);
    tally->states++;
}

static void check_one(struct random_objects *all, struct brute_force *brute,
                      const struct object *object, struct tally *tally)
{
    struct budget budget;
    struct algorithm_result found;
    struct errbuf err = ERRBUF_INIT;
    budget_init(&budget, 0, 0);
    struct algorithm_input input = {.object = object,
                                    .model = model_find(all->specification->model),
                                    .semantics = &all->semantics,
                                    .budget = &budget};
    cr_assert_eq(algorithm_configuration_search.run(&input, &found, &err), 0, "%s", err.text);
    cr_assert_eq(found.end == ALGORITHM_ACCEPTED, is_possible(all, brute, object), "%s",
                 all->specification->model);
    if (found.end == ALGORITHM_REJECTED) {
        struct verify_input verify = {object, all->specification, all->context, &budget};
        struct refutation refutation = {.keep = found.witness,
                                        .keep_count = found.witness_count,
                                        .until = found.until,
                                        .any_state = found.any_state,
                                        .from = found.from,
                                        .free_values = found.free_values,
                                        .free_count = found.free_count};
        cr_assert_eq(verify_refutation(&verify, &refutation, &err), VERIFY_ACCEPTED, "%s: %s",
                     all->specification->model, err.text);
        struct explain_past past = {.object = object,
                                    .specification = all->specification,
                                    .context = all->context,
                                    .failing = found.failing,
                                    .budget = &budget,
                                    .steps_max = 100000};
        struct explain_states states;
        explain_find_states(&past, &states);
        compare_answers(all, brute, object, found.failing, &states, tally);
        compare_states(all, brute, object, found.failing, &states, tally);
        explain_states_fini(&states);
        tally->refuted++;
    }
    algorithm_result_fini(&found, &budget);
    cr_assert_eq(budget.bytes_used, 0);
}

Test(explain, says_of_every_model_what_is_so, .timeout = 300)
{
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct random_objects all;
        struct brute_force brute = {0};
        struct tally tally = {0};
        const char *model = random_kind_names[kind];
        if (!model_find(model))
            continue;
        random_objects_init(&all, model, SEED, 0);
        for (uint32_t i = 0; i < (uint32_t)HISTORIES / PROPERTY_SHARE; i++) {
            struct random_options options = random_options_any(&all);
            check_one(&all, &brute, random_objects_next(&all, &options), &tally);
        }
        cr_assert_gt(tally.refuted, (uint32_t)HISTORIES / PROPERTY_SHARE / 50, "%s", model);
        cr_assert_gt(tally.states, (uint32_t)HISTORIES / PROPERTY_SHARE / 100, "%s", model);
        brute_force_free(&brute);
        random_objects_fini(&all);
    }
}
