/* The brute force itself, against something even simpler, and the random histories: both kinds of
 * them are common for every model. */
#include "property/brute_force.h"
#include "property/random_objects.h"

#include <criterion/criterion.h>

enum { SEED = 20261121, HISTORIES = 20000 };

/* Tries every sequence of different operations. */
static bool any_order(const struct random_objects *all, uint32_t *order, uint32_t count,
                      uint32_t used)
{
    if (brute_force_explains(all->specification, &all->context, &all->object, order, count))
        return true;
    for (uint32_t next = 0; next < all->object.count; next++) {
        order[count] = next;
        if (!(used >> next & 1) && any_order(all, order, count + 1, used | UINT32_C(1) << next))
            return true;
    }
    return false;
}

static void compare_with_every_sequence(const char *model)
{
    struct random_objects all;
    struct brute_force brute = {0};
    uint32_t order[BRUTE_FORCE_OPS_MAX], valid = 0;
    random_objects_init(&all, model, SEED, 0);
    for (int i = 0; i < HISTORIES / 20; i++) {
        struct random_options options = random_options_any(&all);
        options.operations_min = 1;
        options.operations_max = 5;
        const struct object *object = random_objects_next(&all, &options);
        bool found = brute_force_is_linearizable(&brute, all.specification, &all.context, object);
        cr_assert_eq(found, any_order(&all, order, 0, 0), "%s %d", model, i);
        cr_assert(!found || brute_force_explains(all.specification, &all.context, object,
                                                 brute.order, brute.count),
                  "%s %d", model, i);
        valid += found;
    }
    cr_assert(valid > HISTORIES / 20 / 5 && valid < HISTORIES / 20 * 19 / 20, "%s: %u", model,
              valid);
    brute_force_free(&brute);
    random_objects_fini(&all);
}

Test(brute_force, agrees_with_trying_every_sequence_of_operations, .timeout = 300)
{
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++)
        compare_with_every_sequence(random_kind_names[kind]);
}

static void count_verdicts(const char *model)
{
    struct random_objects all;
    struct brute_force brute = {0};
    uint32_t valid = 0;
    random_objects_init(&all, model, SEED, 1);
    for (int i = 0; i < HISTORIES; i++) {
        struct random_options options = random_options_any(&all);
        const struct object *object = random_objects_next(&all, &options);
        for (uint32_t j = 0; j < object->count; j++)
            cr_assert_eq(all.specification->accepts(&all.context, &object->ops[j], NULL), 0);
        valid += brute_force_is_linearizable(&brute, all.specification, &all.context, object);
    }
    cr_assert_gt(valid, HISTORIES / 4, "%s: %u", model, valid);
    cr_assert_gt(HISTORIES - valid, HISTORIES / 6, "%s: %u", model, valid);
    brute_force_free(&brute);
    random_objects_fini(&all);
}

Test(random_objects, are_often_valid_and_often_invalid, .timeout = 300)
{
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++)
        count_verdicts(random_kind_names[kind]);
}

Test(random_objects, without_lies_are_valid, .timeout = 300)
{
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct random_objects all;
        struct brute_force brute = {0};
        random_objects_init(&all, random_kind_names[kind], SEED, 2);
        for (int i = 0; i < HISTORIES; i++) {
            struct random_options options = random_options_any(&all);
            options.lie_percent = 0;
            const struct object *object = random_objects_next(&all, &options);
            cr_assert(brute_force_is_linearizable(&brute, all.specification, &all.context, object),
                      "%s %d", random_kind_names[kind], i);
        }
        brute_force_free(&brute);
        random_objects_fini(&all);
    }
}
