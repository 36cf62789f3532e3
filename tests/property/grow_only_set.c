/* algorithm_grow_only_set against the definition. */
#include "property/agreement.h"

enum { SEED = 20111111 };

static bool always(const struct random_objects *all)
{
    (void)all;
    return true;
}

/* Now and then an answer names its elements in another order, and some of them twice. */
static void repeat_elements(struct random_objects *all)
{
    for (uint32_t i = 0; i < all->object.count; i++) {
        struct operation *op = &all->ops[i];
        struct value items[24], read = value_pool_get(all->pool, op->result);
        if (op->f != F_READ || op->outcome != OP_OK || random_pick(all, 4) != 0 ||
            (read.kind != VALUE_LIST && read.kind != VALUE_SET))
            continue;
        uint32_t count = 0;
        for (uint32_t j = read.count; j-- > 0;) {
            items[count++] = read.items[j];
            if (random_pick(all, 3) == 0)
                items[count++] = read.items[random_pick(all, read.count)];
        }
        op->result = value_pool_intern(all->pool, value_items(VALUE_LIST, items, count));
    }
}

/* Twice as many elements as usual. */
static struct random_options more_values(struct random_objects *all)
{
    struct random_options options = random_options_any(all);
    options.values += random_pick(all, 4);
    return options;
}

Test(grow_only_set, agrees_with_every_order_of_small_histories, .timeout = 900)
{
    struct agreement agreement = {.algorithm = &algorithm_grow_only_set,
                                  .model = "grow-only-set",
                                  .seed = SEED,
                                  .change = repeat_elements,
                                  .options = more_values,
                                  .must_decide = always};
    agreement_check(&agreement);
    cr_expect_gt(agreement.accepted, agreement.histories / 4);
    cr_expect_gt(agreement.rejected, agreement.histories / 5);
    cr_expect_gt(agreement.large_witnesses, agreement.histories / 20);
}
