#include "unit/plan_support.h"

#include "clients/table.h"
#include "nemesis/table.h"
#include "workloads/table.h"

#include <criterion/criterion.h>

Test(registry, finds_each_plug_in_by_its_whole_name)
{
    cr_assert_eq(registry_workload(&plan_registry, "register"), &plan_register);
    cr_assert_eq(registry_client(&plan_registry, "null"), &plan_null_client);
    cr_assert_eq(registry_fault(&plan_registry, "kill"), &plan_kill);
    cr_assert_null(registry_workload(&plan_registry, "regist"));
    cr_assert_null(registry_client(&plan_registry, ""));
    cr_assert_null(registry_fault(&plan_registry, "kill "));
}

/* Asserts inside option_values_parse: a default must pass its own checks. */
static void check_table(const char *name, const struct option *table)
{
    const struct option_values *values = NULL;
    struct arena arena;
    arena_init(&arena, 0);
    cr_assert_not_null(table, "%s has no table of options", name);
    cr_assert_eq(option_values_parse(table, NULL, NULL, NULL, &arena, &values, NULL), 0, "%s",
                 name);
    arena_fini(&arena);
}

Test(registry, every_default_of_every_plug_in_is_legal)
{
    for (size_t i = 0; workload_table[i]; i++)
        check_table(workload_table[i]->name, workload_table[i]->options);
    for (size_t i = 0; client_table[i]; i++)
        check_table(client_table[i]->name, client_table[i]->options);
    for (size_t i = 0; fault_table[i]; i++)
        check_table(fault_table[i]->name, fault_table[i]->options);
}

Test(registry, no_workload_has_an_option_with_a_name_of_the_plan_s_own)
{
    static const char *const taken[] = {"use", "client", "concurrency", "rate"};
    for (size_t i = 0; workload_table[i]; i++)
        for (const struct option *option = workload_table[i]->options; option->name; option++)
            for (size_t t = 0; t < sizeof taken / sizeof taken[0]; t++)
                cr_assert_str_neq(option->name, taken[t], "%s", workload_table[i]->name);
}
