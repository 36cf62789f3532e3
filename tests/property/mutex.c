/* algorithm_mutex against the definition. */
#include "property/agreement.h"

enum { SEED = 19740219 };

static bool always(const struct random_objects *all)
{
    (void)all;
    return true;
}

Test(mutex, agrees_with_every_order_of_small_histories, .timeout = 900)
{
    struct agreement agreement = {
        .algorithm = &algorithm_mutex, .model = "mutex", .seed = SEED, .must_decide = always};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 4);
    cr_expect_gt(agreement.rejected, agreement.histories / 10);
}
