#include "injector/cluster.h"

#include <criterion/criterion.h>

static struct node nodes[] = {
    {.name = "n1", .index = 0}, {.name = "n2", .index = 1}, {.name = "db-3", .index = 2}};
static const struct cluster three = {.nodes = nodes, .count = 3};

Test(cluster, finds_a_node_by_its_whole_name)
{
    cr_assert_eq(cluster_find(&three, "n2"), &nodes[1]);
    cr_assert_null(cluster_find(&three, "n"));
    cr_assert_null(cluster_find(&three, "n22"));
}

Test(cluster, a_majority_is_more_than_half)
{
    for (uint32_t count = 1; count <= 64; count++) {
        struct cluster cluster = {.count = count};
        cr_assert_gt(2 * cluster_majority(&cluster), count);
        cr_assert_leq(2 * (cluster_majority(&cluster) - 1), count);
        cr_assert_eq(node_set_count(cluster_all(&cluster)), count);
    }
}

Test(cluster, a_set_of_nodes_is_written_with_their_names)
{
    char text[32];
    node_set_text(&three, node_bit(0) | node_bit(2), text, sizeof text);
    cr_assert_str_eq(text, "n1 db-3");
    node_set_text(&three, 0, text, sizeof text);
    cr_assert_str_eq(text, "");
}

Test(cluster, a_text_that_does_not_fit_is_cut_and_ended)
{
    char text[5];
    node_set_text(&three, cluster_all(&three), text, sizeof text);
    cr_assert_str_eq(text, "n1 n");
}
