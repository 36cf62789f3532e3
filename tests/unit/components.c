/* Who can reach one another, by which steps, and where walks may go. */
#include "dependencies/components.h"

#include "checker/budget.h"

#include <criterion/criterion.h>

/* 0 and 1 lead to one another, 2 and 3 likewise; 4 leads from the ones to the others, and 5 back:
 * by steps of several kinds. */
static const uint32_t first[] = {0, 2, 3, 5, 6, 7, 8};

static struct step_graph whole_graph(uint32_t edges[8])
{
    edges[0] = edge_make(1, DEPENDENCY_WW);
    edges[1] = edge_make(4, DEPENDENCY_RW);
    edges[2] = edge_make(0, DEPENDENCY_WR);
    edges[3] = edge_make(3, DEPENDENCY_WW);
    edges[4] = edge_make(5, DEPENDENCY_RW);
    edges[5] = edge_make(2, DEPENDENCY_WR);
    edges[6] = edge_make(2, DEPENDENCY_RW);
    edges[7] = edge_make(0, DEPENDENCY_RW);
    return (struct step_graph){first, edges, 6};
}

/* How many components of two or more there are; *members: vertices, or nodes, in them. */
static uint32_t count_components(dependency_set steps, dependency_set rw_after, const uint8_t *only,
                                 uint32_t *members)
{
    uint32_t edges[8];
    const struct step_graph graph = whole_graph(edges);
    const struct walk_rule rule = {steps, rw_after};
    struct budget budget;
    struct components found;
    budget_init(&budget, 0, 0);
    cr_assert_eq(components_find(&graph, &rule, only, &budget, &found), 0);
    uint32_t count = found.count;
    *members = found.member_count;
    components_fini(&found);
    cr_expect_eq(budget.bytes_used, 0);
    return count;
}

Test(components, are_of_the_steps_that_a_rule_allows)
{
    uint32_t members;
    cr_expect_eq(count_components(DEPENDENCIES_ALL, DEPENDENCIES_ALL, NULL, &members), 1);
    cr_expect_eq(members, 6);
    const dependency_set rw = dependency_bit(DEPENDENCY_RW);
    cr_expect_eq(count_components(DEPENDENCIES_ALL & ~rw, DEPENDENCIES_ALL, NULL, &members), 2);
    cr_expect_eq(members, 4);
    cr_expect_eq(count_components(rw, DEPENDENCIES_ALL, NULL, &members), 1);
    cr_expect_eq(members, 4, "0 and 2, by way of 4 and 5");
    /* Of each vertex there are two nodes; behind an RW no other one follows. */
    cr_expect_eq(count_components(DEPENDENCIES_ALL, DEPENDENCIES_ALL & ~rw, NULL, &members), 2);
    cr_expect_eq(members, 4);
}

Test(components, have_nobody_whom_walks_must_not_come_by)
{
    uint32_t members;
    const uint8_t without_5[] = {1, 1, 1, 1, 1, 0}, without_1[] = {1, 0, 1, 1, 1, 1};
    cr_expect_eq(count_components(DEPENDENCIES_ALL, DEPENDENCIES_ALL, without_5, &members), 2);
    cr_expect_eq(members, 4);
    cr_expect_eq(count_components(DEPENDENCIES_ALL, DEPENDENCIES_ALL, without_1, &members), 1);
    cr_expect_eq(members, 5);
}
