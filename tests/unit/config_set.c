#include "checker/config_set.h"
#include "checker/budget.h"
#include "core/random.h"

#include <criterion/criterion.h>

static const uint64_t no_blind[1], all_blind[1] = {UINT64_MAX};

/* One live word and one of crashed calls: state, must, open, and how many of eight kinds are used.
 */
static void add(struct config_set *set, int32_t state, uint64_t must, uint64_t open, uint64_t used)
{
    uint64_t config[4] = {0, must, open, used};
    config_set_state(config, state, false);
    cr_assert_geq(config_set_add(set, config), 0);
}

static void init(struct config_set *set, struct budget *budget)
{
    budget_init(budget, 0, 0);
    config_set_init(set, budget, config_shape_make(8, 8), no_blind);
}

static void fini(struct config_set *set, struct budget *budget)
{
    config_set_fini(set);
    cr_expect_eq(budget->bytes_used, 0);
}

Test(config_set, keeps_one_of_equal_configurations)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    add(&set, 1, 3, 3, 0);
    add(&set, 1, 3, 3, 0);
    cr_expect_eq(config_set_size(&set), 1);
    add(&set, 2, 3, 3, 0);
    cr_expect_eq(config_set_size(&set), 2);
    fini(&set, &budget);
}

Test(config_set, prefers_the_configuration_with_fewer_crashed_calls_used)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    add(&set, 1, 0, 0, 0x0100);
    add(&set, 1, 0, 0, 0x0001);
    cr_expect_eq(config_set_size(&set), 2, "neither has used as few as the other of each kind");
    add(&set, 1, 0, 0, 0x0101);
    cr_expect_eq(config_set_size(&set), 2);
    add(&set, 1, 0, 0, 0x0000);
    cr_expect_eq(config_set_size(&set), 1);
    add(&set, 1, 0, 0, 0xff00);
    add(&set, 2, 0, 0, 0x0001);
    cr_expect_eq(config_set_size(&set), 2);
    fini(&set, &budget);
}

Test(config_set, prefers_what_owes_fewer_and_may_do_more_blind_calls)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    set.blind = all_blind;
    add(&set, 1, 1, 1, 0);
    add(&set, 1, 0, 1, 0);
    cr_expect_eq(config_set_size(&set), 1);
    add(&set, 1, 0, 0, 0);
    cr_expect_eq(config_set_size(&set), 1);
    add(&set, 1, 0, 2, 0);
    cr_expect_eq(config_set_size(&set), 2);
    fini(&set, &budget);
}

Test(config_set, keeps_only_the_first_of_a_ring_that_is_full)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    set.ring_max = 2;
    for (uint64_t i = 0; i < 4; i++)
        add(&set, 1, 0, 0, UINT64_C(1) << 8 * i);
    cr_expect_eq(config_set_size(&set), 2);
    cr_expect(set.cut);
    config_set_reset(&set);
    cr_expect_not(set.cut);
    fini(&set, &budget);
}

Test(config_set, reduces_to_those_that_owe_least_and_may_do_most)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    add(&set, 1, 1, 1, 0); /* must still be done */
    add(&set, 1, 0, 0, 0); /* done */
    add(&set, 1, 0, 1, 0); /* either: better than both */
    config_set_reduce(&set, 10);
    cr_expect_eq(config_set_size(&set), 1);
    cr_expect_not_null(config_set_at(&set, 2));
    fini(&set, &budget);
}

Test(config_set, does_not_reduce_done_against_still_to_do)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    add(&set, 1, 1, 1, 0);
    add(&set, 1, 0, 0, 0);
    config_set_reduce(&set, 10);
    cr_expect_eq(config_set_size(&set), 2);
    fini(&set, &budget);
}

Test(config_set, prunes_those_that_owe_and_have_used_most)
{
    static const uint8_t weights[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    set.weights = weights;
    for (uint32_t i = 0; i < 8; i++)
        add(&set, 1, 0, 0, UINT64_C(2) << 8 * i);
    add(&set, 2, 0, 0, 1);
    cr_expect_not(config_set_prune(&set, 9));
    cr_expect(config_set_prune(&set, 4));
    cr_expect_eq(config_set_size(&set), 4);
    cr_expect_not_null(config_set_at(&set, 8), "the one that has used one only stays");
    fini(&set, &budget);
}

/* Against the definition: all that were added, less those that another one dominates. */
Test(config_set, keeps_what_no_other_of_its_ring_dominates)
{
    struct random random;
    random_init(&random, 11, RANDOM_TEST, 0);
    for (int round = 0; round < 300; round++) {
        uint64_t added[60];
        struct budget budget;
        struct config_set set;
        uint32_t expected = 0, count = 1 + (uint32_t)random_below(&random, 60);
        init(&set, &budget);
        for (uint32_t i = 0; i < count; i++) {
            added[i] = random_below(&random, 4) | random_below(&random, 4) << 8 |
                       random_below(&random, 4) << 56;
            add(&set, 1, 0, 0, added[i]);
        }
        for (uint32_t i = 0; i < count; i++) {
            bool stays = true;
            for (uint32_t j = 0; j < count; j++) {
                bool covered = true;
                for (int shift = 0; shift < 64; shift += 8)
                    covered = covered && (added[j] >> shift & 255) <= (added[i] >> shift & 255);
                stays = stays && !(covered && (added[i] != added[j] || j < i));
            }
            expected += stays;
        }
        cr_assert_eq(config_set_size(&set), expected);
        fini(&set, &budget);
    }
}

Test(config_set, grows_and_is_reused_within_its_budget)
{
    struct budget budget;
    struct config_set set;
    init(&set, &budget);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 5000; i++)
            add(&set, (int32_t)(i % 50), i / 50, i / 50, 1);
        cr_expect_eq(config_set_size(&set), 5000);
        config_set_reset(&set);
        cr_expect_eq(config_set_size(&set), 0);
    }
    fini(&set, &budget);
    budget_init(&budget, 0, 4096);
    config_set_init(&set, &budget, config_shape_make(8, 8), no_blind);
    int rc = 0;
    for (uint64_t i = 0; i < 5000 && rc >= 0; i++) {
        uint64_t config[4] = {i, 0, 0, 0};
        rc = config_set_add(&set, config);
    }
    cr_expect_eq(rc, -1);
    cr_expect_leq(budget.bytes_peak, 4096);
    fini(&set, &budget);
}
