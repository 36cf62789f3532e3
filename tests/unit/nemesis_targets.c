#include "nemesis/targets.h"

#include "core/err.h"
#include "nemesis/table.h"
#include "tests/unit/nemesis_support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct node nodes[5] = {{.name = "n1", .index = 0},
                               {.name = "n2", .index = 1},
                               {.name = "n3", .index = 2},
                               {.name = "n4", .index = 3},
                               {.name = "n5", .index = 4}};
static struct cluster cluster = {.nodes = nodes, .count = 5};
static const struct fault_env env = {.cluster = &cluster};

Test(targets, a_minority_leaves_a_majority_and_is_never_nobody)
{
    static const uint32_t minority[] = {0, 1, 1, 1, 1, 2, 2, 3};
    static const uint32_t majority[] = {0, 1, 2, 2, 3, 3, 4, 4};
    for (uint32_t count = 1; count <= 7; count++) {
        cr_expect_eq(target_size(TARGET_ONE, count), 1);
        cr_expect_eq(target_size(TARGET_MINORITY, count), minority[count], "of %u", count);
        cr_expect_eq(target_size(TARGET_MAJORITY, count), majority[count], "of %u", count);
        cr_expect_eq(target_size(TARGET_ALL, count), count);
    }
}

static node_set resolve(const char *options, uint64_t seed, const char **label)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct random random;
    random_init(&random, seed, RANDOM_TEST, 0);
    struct fault_chosen chosen;
    targets_choose(&chosen, options_of(fault_kill.options, options, &arena), "targets",
                   cluster.count, &random);
    node_set set = targets_resolve(&chosen, &env, label);
    arena_fini(&arena);
    return set;
}

Test(targets, take_as_many_nodes_as_their_kind_says)
{
    const char *label;
    for (uint64_t seed = 0; seed < 50; seed++) {
        cr_expect_eq(node_set_count(resolve("{targets: one}", seed, &label)), 1);
        cr_expect_str_eq(label, "one");
        cr_expect_eq(node_set_count(resolve("{targets: minority}", seed, &label)), 2);
        cr_expect_eq(node_set_count(resolve("{targets: majority}", seed, &label)), 3);
        cr_expect_eq(resolve("{targets: all}", seed, &label), 0x1f);
        cr_expect_str_eq(label, "all");
    }
}

Test(targets, by_default_never_more_than_a_minority)
{
    size_t one = 0, two = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        const char *label;
        uint32_t size = node_set_count(resolve("{}", seed, &label));
        one += size == 1;
        two += size == 2;
    }
    cr_expect_eq(one + two, 200);
    cr_expect(one > 60 && two > 60);
}

Test(targets, every_node_has_its_turn)
{
    node_set hit = 0;
    const char *label;
    for (uint64_t seed = 0; seed < 60; seed++)
        hit |= resolve("{targets: one}", seed, &label);
    cr_expect_eq(hit, 0x1f);
}

Test(targets, primaries_without_a_database_are_one_node_and_said_to_be)
{
    const char *label;
    cr_expect_eq(node_set_count(resolve("{targets: primaries}", 1, &label)), 1);
    cr_expect_str_eq(label, "one (no primary known)");
}

Test(targets, faults_of_processes_need_a_database)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct errbuf err = ERRBUF_INIT;
    const struct option_values *values = options_of(fault_kill.options, "{}", &arena);
    cr_expect_eq(fault_kill.probe(&env, values, &err), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(err.text, "no database"));
    arena_fini(&arena);
}

Test(fault_table, every_fault_has_what_it_needs_and_a_name_of_its_own)
{
    for (size_t i = 0; fault_table[i]; i++) {
        const struct fault_type *type = fault_table[i];
        cr_expect(type->name && type->doc && type->options && type->probe && type->choose &&
                  type->inject && type->observe && type->heal);
        cr_expect_eq(!type->open, !type->close, "%s", type->name);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(type->name, fault_table[j]->name);
    }
}

Test(fault_table, every_default_stands_the_check_of_its_own_table)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t i = 0; fault_table[i]; i++) {
        const struct option_values *values;
        struct errbuf err = ERRBUF_INIT;
        cr_expect_eq(option_values_parse(fault_table[i]->options, NULL, fault_table[i]->name, NULL,
                                         &arena, &values, &err),
                     0, "%s", err.text);
    }
    arena_fini(&arena);
}

Test(null_fault, is_never_proven)
{
    struct fault_instance instance = {.type = &fault_null, .env = &env};
    struct random random;
    random_init(&random, 1, RANDOM_TEST, 0);
    cr_expect_eq(fault_null.probe(&env, NULL, NULL), 0);
    fault_null.choose(&instance, &random);
    cr_expect_eq(fault_null.inject(&instance, NULL), 0);
    fault_null.observe(&instance);
    cr_expect(!instance.proven);
    cr_expect_str_eq(instance.evidence, "nothing was done");
    cr_expect_eq(instance.nodes, 0);
    cr_expect_eq(fault_null.heal(&instance, NULL), 0);
}
