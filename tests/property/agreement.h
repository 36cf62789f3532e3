/* An algorithm against the definition: on random small histories of a model it must say what brute
 * force says, or that the history is not for it; its order must replay, and its witness refute. */
#ifndef TESTS_AGREEMENT_H
#define TESTS_AGREEMENT_H

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

enum { AGREEMENT_HISTORIES = 150000 };

struct agreement {
    const struct algorithm *algorithm;
    const char *model;
    uint64_t seed;
    /* Makes a history in place of random_objects_next; NULL: does not. */
    void (*make)(struct random_objects *all);
    /* Changes a history before it is checked; NULL: nothing. */
    void (*change)(struct random_objects *all);
    struct random_options (*options)(struct random_objects *all);
    /* Whether the history must be decided; NULL: need not. */
    bool (*must_decide)(const struct random_objects *all);

    uint32_t share; /* one of so many of the usual number of histories; 0 = 1 */

    uint64_t histories;
    uint32_t accepted, rejected, not_for_this;
    uint32_t valid, invalid;
    uint32_t large_witnesses; /* of three operations and more */
    uint64_t proofs;          /* orders and witnesses verified */
};

static const char *agreement_text(const struct object *object)
{
    static struct strbuf text;
    strbuf_reset(&text);
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        strbuf_printf(&text, "%2u: %2d..%2d process %d %s %s ", i, (int)op->invoke,
                      (int)op->complete, op->process, op_type_name(op->outcome),
                      symbol_name(op->f));
        value_write_text(&text, value_pool_get(object->values, op->argument));
        strbuf_puts(&text, " -> ");
        value_write_text(&text, value_pool_get(object->values, op->result));
        strbuf_puts(&text, "\n");
    }
    return text.text ? text.text : "";
}

/* The last event that the operations of a witness know of: later ones need not count. */
static position agreement_until(const struct object *object, const struct algorithm_result *result)
{
    position last = result->until;
    for (uint32_t i = 0; i < result->witness_count && result->until == 0; i++) {
        const struct operation *op = &object->ops[result->witness[i]];
        position end = op->outcome == OP_INFO ? op->invoke : op->complete;
        last = end > last ? end : last;
    }
    return last;
}

static void agreement_check_witness(const struct verify_input *verify,
                                    const struct algorithm_result *result, uint64_t number)
{
    struct errbuf why = ERRBUF_INIT;
    struct refutation refutation = {.keep = result->witness,
                                    .keep_count = result->witness_count,
                                    .until = agreement_until(verify->object, result),
                                    .any_state = result->any_state,
                                    .from = result->from,
                                    .free_values = result->free_values,
                                    .free_count = result->free_count};
    cr_assert_eq(verify_refutation(verify, &refutation, &why), VERIFY_ACCEPTED,
                 "history %lu: the witness is refused: %s\n%s\n%s", number, why.text,
                 result->reason, agreement_text(verify->object));
    bool holds_failing = false;
    for (uint32_t i = 0; i < result->witness_count; i++)
        holds_failing = holds_failing || result->witness[i] == result->failing;
    cr_assert(holds_failing && result->reason);
}

static void agreement_check_one(struct agreement *agreement, struct random_objects *all,
                                struct brute_force *brute, struct budget *budget, uint64_t number)
{
    const struct model model = {.name = agreement->model};
    const struct object *object = &all->object;
    struct algorithm_input input = {.object = object,
                                    .model = &model,
                                    .semantics = &all->semantics,
                                    .budget = budget,
                                    .want_order = number % 4 != 0};
    struct verify_input verify = {object, all->specification, all->context, budget};
    struct algorithm_result result;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(agreement->algorithm->run(&input, &result, &err), 0, "%s", err.text);
    bool valid = brute_force_is_linearizable(brute, all->specification, &all->context, object);
    agreement->valid += valid;
    agreement->invalid += !valid;
    if (result.end == ALGORITHM_NOT_FOR_THIS) {
        agreement->not_for_this++;
        cr_assert(result.reason);
        cr_assert(!agreement->must_decide || !agreement->must_decide(all),
                  "history %lu is said to be not for this: %s\n%s", number, result.reason,
                  agreement_text(object));
    } else {
        cr_assert_eq(result.end, valid ? ALGORITHM_ACCEPTED : ALGORITHM_REJECTED,
                     "history %lu is %s, but the algorithm says otherwise: %s\n%s", number,
                     valid ? "valid" : "invalid", result.reason ? result.reason : "",
                     agreement_text(object));
        agreement->accepted += valid;
        agreement->rejected += !valid;
    }
    bool ordered = result.end == ALGORITHM_ACCEPTED && input.want_order;
    if (ordered)
        cr_assert_eq(verify_order(&verify, result.order, result.order_count, &err), VERIFY_ACCEPTED,
                     "history %lu: the order is refused: %s\n%s", number, err.text,
                     agreement_text(object));
    if (result.end == ALGORITHM_REJECTED) {
        agreement_check_witness(&verify, &result, number);
        agreement->large_witnesses += result.witness_count > 2;
    }
    agreement->proofs += ordered || result.end == ALGORITHM_REJECTED;
    algorithm_result_fini(&result, budget);
    cr_assert_eq(budget->bytes_used, 0);
}

static void agreement_next(const struct agreement *agreement, struct random_objects *all)
{
    if (agreement->make) {
        agreement->make(all);
        return;
    }
    struct random_options options =
        agreement->options ? agreement->options(all) : random_options_any(all);
    random_objects_next(all, &options);
}

static void agreement_check(struct agreement *agreement)
{
    struct random_objects all;
    struct brute_force brute = {0};
    struct budget budget;
    budget_init(&budget, 0, 0);
    random_objects_init(&all, agreement->model, agreement->seed, 0);
    agreement->histories =
        property_runs(AGREEMENT_HISTORIES) / (agreement->share ? agreement->share : 1);
    for (uint64_t i = 0; i < agreement->histories; i++) {
        agreement_next(agreement, &all);
        if (agreement->change)
            agreement->change(&all);
        agreement_check_one(agreement, &all, &brute, &budget, i);
    }
    random_objects_fini(&all);
    brute_force_free(&brute);
    tally_print(&(struct tally){.model = agreement->model,
                                .algorithm = agreement->algorithm->name,
                                .histories = agreement->histories,
                                .valid = agreement->valid,
                                .invalid = agreement->invalid,
                                .undecided = agreement->not_for_this,
                                .proofs = agreement->proofs});
}

#endif
