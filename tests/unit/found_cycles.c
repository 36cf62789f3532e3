/* Which of the cycles found are kept. */
#include "dependencies/found_cycles.h"

#include "checker/budget.h"

#include <criterion/criterion.h>

/* A cycle through transactions from `first` on; all its steps are of one kind. */
static void make_cycle(struct step *steps, uint32_t first, uint32_t count, enum step_kind kind)
{
    for (uint32_t i = 0; i < count; i++)
        steps[i] =
            (struct step){.from = first + i, .to = first + (i + 1) % count, .kind = (uint8_t)kind};
}

static void keep(struct found_cycles *found, uint32_t first, uint32_t count, enum step_kind kind,
                 bool is_further)
{
    struct step steps[8];
    make_cycle(steps, first, count, kind);
    cr_assert(found_cycles_add(found, steps, count, is_further));
}

static struct found_cycles *open(uint32_t max)
{
    static struct budget budget;
    static struct found_cycles found;
    budget_init(&budget, 0, 0);
    cr_assert(found_cycles_init(&found, max, &budget));
    return &found;
}

static void close(struct found_cycles *found)
{
    found_cycles_fini(found);
    cr_expect_eq(found->budget->bytes_used, 0);
}

Test(found_cycles, are_the_same_wherever_they_begin_and_begin_with_their_first_transaction)
{
    struct found_cycles *found = open(4);
    struct step steps[3], turned[3];
    make_cycle(steps, 5, 3, STEP_WW);
    for (int i = 0; i < 3; i++)
        turned[i] = steps[(i + 2) % 3];
    cr_assert(found_cycles_add(found, turned, 3, false));
    cr_assert(found_cycles_add(found, steps, 3, false));
    cr_expect_eq(found->count, 1);
    cr_expect_eq(found->cycles[0].steps[0].from, 5);
    cr_expect_eq(found->cycles[0].steps[2].to, 5);
    close(found);
}

Test(found_cycles, of_the_same_transactions_by_other_steps_are_others)
{
    struct found_cycles *found = open(4);
    keep(found, 0, 3, STEP_WW, false);
    keep(found, 0, 3, STEP_RW, false);
    cr_expect_eq(found->count, 2);
    close(found);
}

Test(found_cycles, of_other_components_are_better_than_shorter_ones_of_the_same)
{
    struct found_cycles *found = open(2);
    keep(found, 0, 3, STEP_WW, true);
    keep(found, 10, 5, STEP_WW, false);
    cr_expect_eq(found->cycles[0].count, 5);
    keep(found, 20, 4, STEP_WW, false);
    cr_assert_eq(found->count, 2, "the further one has gone");
    cr_expect_eq(found->cycles[0].count, 4);
    cr_expect_eq(found->cycles[1].count, 5);
    keep(found, 30, 2, STEP_WW, true);
    cr_expect_eq(found->cycles[1].count, 5, "a further one takes nobody's place");
    close(found);
}
