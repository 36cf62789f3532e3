/* algorithm_owned_mutex against the definition. */
#include "property/agreement.h"

enum { SEED = 19651001 };

/* Processes as owners have at most one crashed operation, their last. */
static bool owners_are_processes(const struct random_objects *all)
{
    return !all->owners_given;
}

Test(owned_mutex, agrees_with_every_order_of_small_histories, .timeout = 900)
{
    struct agreement agreement = {.algorithm = &algorithm_owned_mutex,
                                  .model = "owned-mutex",
                                  .seed = SEED,
                                  .must_decide = owners_are_processes};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 4);
    cr_expect_gt(agreement.rejected, agreement.histories / 10);
    cr_expect_lt(agreement.not_for_this, agreement.histories / 4);
}
