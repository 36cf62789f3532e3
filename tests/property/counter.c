/* algorithm_counter against the definition. */
#include "property/agreement.h"

enum { SEED = 19671002 };

/* Most counters are changed by one amount: what adds, adds 1. */
static struct random_options one_amount(struct random_objects *all)
{
    struct random_options options = random_options_any(all);
    options.distinct = true;
    return options;
}

static void change_by_one(struct random_objects *all)
{
    all->aliases = false;
    if (random_pick(all, 8) == 0)
        return;
    for (uint32_t i = 0; i < all->object.count; i++) {
        struct operation *op = &all->ops[i];
        if (op->f == F_DECREMENT || op->f == F_DEC)
            op->f = F_INC;
        if (op->f != F_READ && op->argument != VALUE_REF_NIL)
            op->argument = value_ref_int(1);
    }
}

Test(counter, agrees_with_every_order_of_small_histories, .timeout = 900)
{
    struct agreement agreement = {.algorithm = &algorithm_counter,
                                  .model = "linear-counter",
                                  .seed = SEED,
                                  .options = one_amount,
                                  .change = change_by_one};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 5);
    cr_expect_gt(agreement.rejected, agreement.histories / 5);
    cr_expect_lt(agreement.not_for_this, agreement.histories / 8);
}
