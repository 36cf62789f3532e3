/* The configuration search of every model against brute force, on random small histories. */
#include "checker/algorithm.h"
#include "checker/model.h"
#include "checker/verify.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <malloc.h>

enum { SEED = 20261122, HISTORIES = 25000, DENSE = 25000 };

/* The operations of a history, for a failed test. */
static const char *history_text(const struct random_objects *all)
{
    static struct strbuf text;
    strbuf_reset(&text);
    for (uint32_t i = 0; i < all->object.count; i++) {
        const struct operation *op = &all->object.ops[i];
        strbuf_printf(&text, "%u: %s ", i, symbol_name(op->f));
        value_write_text(&text, value_pool_get(all->pool, op->argument));
        strbuf_puts(&text, " -> ");
        value_write_text(&text, value_pool_get(all->pool, op->result));
        strbuf_printf(&text, " process %d, %s, %u .. %d\n", op->process,
                      op_type_name((enum op_type)op->outcome), op->invoke, (int)op->complete);
    }
    return text.text ? text.text : "";
}

static void expect_proof(const struct random_objects *all, const struct algorithm_result *found)
{
    struct budget budget;
    struct errbuf why = ERRBUF_INIT;
    budget_init(&budget, 0, 0);
    struct verify_input input = {.object = &all->object,
                                 .specification = all->specification,
                                 .context = all->context,
                                 .budget = &budget};
    if (found->end == ALGORITHM_ACCEPTED && found->order)
        cr_assert_eq(verify_order(&input, found->order, found->order_count, &why), VERIFY_ACCEPTED,
                     "%s\n%s", why.text, history_text(all));
    struct refutation refutation = {.keep = found->witness,
                                    .keep_count = found->witness_count,
                                    .until = found->until > 0 ? found->until : POSITION_NONE,
                                    .any_state = found->any_state,
                                    .from = found->from,
                                    .free_values = found->free_values,
                                    .free_count = found->free_count};
    if (found->end == ALGORITHM_REJECTED)
        cr_assert_eq(verify_refutation(&input, &refutation, &why), VERIFY_ACCEPTED, "%s\n%s",
                     why.text, history_text(all));
    cr_assert_eq(budget.bytes_used, 0);
}

static bool search_accepts(const struct random_objects *all, const struct model *model,
                           bool want_order)
{
    struct budget budget;
    struct algorithm_result found;
    struct errbuf err = ERRBUF_INIT;
    budget_init(&budget, 0, 0);
    struct algorithm_input input = {.object = &all->object,
                                    .model = model,
                                    .semantics = &all->semantics,
                                    .budget = &budget,
                                    .want_order = want_order};
    cr_assert_eq(algorithm_configuration_search.run(&input, &found, &err), 0, "%s", err.text);
    cr_assert(found.end == ALGORITHM_ACCEPTED || found.end == ALGORITHM_REJECTED);
    cr_assert_eq(found.end == ALGORITHM_ACCEPTED && want_order, found.order != NULL);
    expect_proof(all, &found);
    bool accepted = found.end == ALGORITHM_ACCEPTED;
    algorithm_result_fini(&found, &budget);
    cr_assert_eq(budget.bytes_used, 0, "%zu bytes were not given back", budget.bytes_used);
    return accepted;
}

/* Every other history also without an order, and so without a trace. Memory is full of ones before
 * it is written to: what nobody set is no node, no state and no number. */
static void compare_search(const char *name, uint64_t usual,
                           struct random_options (*pick)(struct random_objects *))
{
    mallopt(M_PERTURB, 0x100);
    struct random_objects all;
    struct brute_force brute = {0};
    uint64_t valid = 0, invalid = 0, runs = property_runs(usual);
    const struct model *model = strcmp(name, "user") == 0 ? &model_user : model_find(name);
    random_objects_init(&all, name, SEED, 0);
    for (uint64_t i = 0; i < runs; i++) {
        struct random_options options = pick(&all);
        const struct object *object = random_objects_next(&all, &options);
        bool expected =
            brute_force_is_linearizable(&brute, all.specification, &all.context, object);
        for (uint64_t plain = 0; plain <= i % 2; plain++)
            cr_assert_eq(search_accepts(&all, model, plain == 0), expected,
                         "history %lu of %s is %s:\n%s", (unsigned long)i, name,
                         expected ? "valid" : "invalid", history_text(&all));
        valid += expected;
        invalid += !expected;
    }
    brute_force_free(&brute);
    random_objects_fini(&all);
    tally_print(&(struct tally){.model = name,
                                .algorithm = algorithm_configuration_search.name,
                                .histories = runs,
                                .valid = valid,
                                .invalid = invalid,
                                .proofs = runs});
    cr_expect_gt(valid, runs / 5, "%s: only %lu valid", name, (unsigned long)valid);
    cr_expect_gt(invalid, runs / 20, "%s: only %lu invalid", name, (unsigned long)invalid);
}

#define SEARCH_TEST(test, model)                                                                   \
    Test(search_models, of_##test##_agrees_with_every_order, .timeout = 900)                       \
    {                                                                                              \
        compare_search(model, HISTORIES, random_options_any);                                      \
    }

SEARCH_TEST(a_register, "register")
SEARCH_TEST(a_cas_register, "cas-register")
SEARCH_TEST(a_multi_register, "multi-register")
SEARCH_TEST(a_kv, "kv")
SEARCH_TEST(a_mutex, "mutex")
SEARCH_TEST(an_owned_mutex, "owned-mutex")
SEARCH_TEST(a_reentrant_mutex, "reentrant-mutex")
SEARCH_TEST(a_semaphore, "semaphore")
SEARCH_TEST(a_linear_set, "linear-set")
SEARCH_TEST(a_grow_only_set, "grow-only-set")
SEARCH_TEST(a_fifo_queue, "fifo-queue")
SEARCH_TEST(an_unordered_queue, "unordered-queue")
SEARCH_TEST(a_priority_queue, "priority-queue")
SEARCH_TEST(a_stack, "stack")
SEARCH_TEST(a_linear_counter, "linear-counter")
SEARCH_TEST(a_users_model, "user")

Test(search_models, of_a_kv_of_few_texts_and_many_crashes_agrees_with_every_order, .timeout = 900)
{
    compare_search("kv", DENSE, random_options_dense);
}
