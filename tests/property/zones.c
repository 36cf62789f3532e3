/* algorithm_zones against the definition. */
#include "property/agreement.h"

enum { SEED = 19970401 };

/* Written values differ, but for a few; some histories are longer, so that several zones meet. */
static struct random_options mostly_unique(struct random_objects *all)
{
    struct random_options options = random_options_any(all);
    options.distinct = random_pick(all, 4) != 0;
    if (random_pick(all, 4) == 0) {
        options.operations_min = 8;
        options.operations_max = 14;
        options.clients_max = 4;
        options.lie_percent = random_pick(all, 3) * 6;
    }
    return options;
}

static value_ref written(const struct random_objects *all, const struct operation *op)
{
    value_ref expected, next = VALUE_REF_NIL;
    if (op->f != F_CAS)
        return op->argument;
    value_pool_pair(all->pool, op->argument, &expected, &next);
    return next;
}

/* No value is written twice, nor the initial one, and no failed cas proves anything. */
static bool is_unique(const struct random_objects *all)
{
    const struct history_semantics *semantics = &all->semantics;
    for (uint32_t i = 0; i < all->object.count; i++) {
        const struct operation *op = &all->ops[i];
        if (op->f == F_CAS && op->outcome == OP_FAIL && semantics->failed_cas_differs)
            return false;
        if (op->f == F_READ || op->outcome == OP_FAIL)
            continue;
        if (semantics->initial_is_given && written(all, op) == semantics->initial)
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (all->ops[j].f != F_READ && all->ops[j].outcome != OP_FAIL &&
                written(all, op) == written(all, &all->ops[j]))
                return false;
    }
    return true;
}

static void check_model(const char *model)
{
    struct agreement agreement = {.algorithm = &algorithm_zones,
                                  .model = model,
                                  .seed = SEED,
                                  .options = mostly_unique,
                                  .must_decide = is_unique};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 3);
    cr_expect_gt(agreement.rejected, agreement.histories / 8);
    cr_expect_gt(agreement.large_witnesses, agreement.histories / 100);
}

Test(zones, agrees_with_every_order_of_small_register_histories, .timeout = 900)
{
    check_model("register");
}

Test(zones, agrees_with_every_order_of_small_cas_register_histories, .timeout = 900)
{
    check_model("cas-register");
}
