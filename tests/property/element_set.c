/* The check of sets, element by element, against the definition. */
#include "property/containers.h"

Test(element_set, agrees_with_every_order_of_sets_that_work_and_clients_that_lie, .timeout = 900)
{
    container_check(&algorithm_element_set, NULL, 2, 0);
}

static value_ref any_answer(struct random_objects *all, uint32_t silent_percent)
{
    if (random_chance(all, silent_percent))
        return VALUE_REF_NIL;
    return random_pick(all, 2) ? VALUE_REF_TRUE : VALUE_REF_FALSE;
}

/* Operations of all kinds on one or two elements, whose windows are anywhere. */
static void any_set_history(struct random_objects *all)
{
    static const symbol kinds[] = {F_ADD, F_REMOVE, F_ADD, F_REMOVE, F_CONTAINS};
    bool taken[CONTAINER_POSITIONS] = {false};
    uint32_t elements = 1 + (random_pick(all, 4) == 0), count = 2 + random_pick(all, 7);
    uint32_t crash = random_pick(all, 2) * 15, silent = random_pick(all, 3) * 40;
    uint32_t width = 1 + random_pick(all, 20), span = 4 + random_pick(all, 20);
    all->object = (struct object){.values = all->pool, .ops = all->ops};
    for (uint32_t i = 0; i < count; i++) {
        symbol f = kinds[random_pick(all, 5)];
        value_ref element = value_ref_int((int32_t)random_pick(all, elements));
        value_ref answer = any_answer(all, f == F_CONTAINS ? 0 : silent);
        struct operation *op = container_new_op(all, f, element, answer, crash);
        container_any_window(all, taken, width, op, random_pick(all, span));
    }
    qsort(all->ops, count, sizeof *all->ops, container_compare);
    container_stretch(all);
}

Test(element_set, agrees_with_every_order_of_windows_anywhere, .timeout = 900)
{
    container_check(&algorithm_element_set, any_set_history, 2, 0);
}
