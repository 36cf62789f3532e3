#include "nemesis/grudge.h"

#include <criterion/criterion.h>
#include <string.h>

static struct node nodes[7] = {
    {.name = "n1", .index = 0}, {.name = "n2", .index = 1}, {.name = "n3", .index = 2},
    {.name = "n4", .index = 3}, {.name = "n5", .index = 4}, {.name = "n6", .index = 5},
    {.name = "n7", .index = 6},
};

static struct cluster cluster_of(uint32_t count)
{
    return (struct cluster){.nodes = nodes, .count = count};
}

/* "234" is the set of n2, n3, n4. */
static node_set set_of(const char *digits)
{
    node_set set = 0;
    for (; *digits; digits++)
        set |= node_bit((uint32_t)(*digits - '1'));
    return set;
}

/* One string a node: whose packets it drops. */
static void expect_drops(const struct grudge *grudge, uint32_t count, const char *const *drops)
{
    cr_assert_eq(grudge->count, count);
    for (uint32_t i = 0; i < count; i++)
        cr_expect_eq(grudge->drops[i], set_of(drops[i]), "n%u drops %#lx, not those of \"%s\"",
                     i + 1, (unsigned long)grudge->drops[i], drops[i]);
}

#define EXPECT_DROPS(grudge, ...)                                                                  \
    do {                                                                                           \
        const char *const drops_[] = {__VA_ARGS__};                                                \
        expect_drops((grudge), sizeof drops_ / sizeof drops_[0], drops_);                          \
    } while (0)

static void expect_text(const struct grudge *grudge, const char *expected)
{
    char text[256];
    struct cluster cluster = cluster_of(grudge->count);
    grudge_text(grudge, &cluster, text, sizeof text);
    cr_expect_str_eq(text, expected);
}

static const uint32_t in_order[] = {0, 1, 2, 3, 4, 5, 6};

Test(grudge, nobody_drops_anything_at_first)
{
    struct grudge grudge;
    grudge_init(&grudge, 3);
    EXPECT_DROPS(&grudge, "", "", "");
    cr_expect_eq(grudge_links(&grudge), 0);
    cr_expect_eq(grudge_droppers(&grudge), 0);
    expect_text(&grudge, "everybody hears everybody");
}

Test(grudge, one_node_is_cut_off_from_all_others_both_ways)
{
    struct grudge grudge;
    grudge_one(&grudge, 3, 1);
    EXPECT_DROPS(&grudge, "2", "13", "2");
    expect_text(&grudge, "n2 | n1 n3");
    grudge_one(&grudge, 4, 0);
    EXPECT_DROPS(&grudge, "234", "1", "1", "1");
    expect_text(&grudge, "n1 | n2 n3 n4");
    grudge_one(&grudge, 5, 4);
    EXPECT_DROPS(&grudge, "5", "5", "5", "5", "1234");
    expect_text(&grudge, "n5 | n1 n2 n3 n4");
    grudge_one(&grudge, 7, 3);
    EXPECT_DROPS(&grudge, "4", "4", "4", "123567", "4", "4", "4");
    cr_expect_eq(grudge_links(&grudge), 12);
}

Test(grudge, first_half_is_the_minority)
{
    struct grudge grudge;
    grudge_halves(&grudge, 3, in_order);
    EXPECT_DROPS(&grudge, "23", "1", "1");
    expect_text(&grudge, "n1 | n2 n3");
    grudge_halves(&grudge, 4, in_order);
    EXPECT_DROPS(&grudge, "34", "34", "12", "12");
    expect_text(&grudge, "n1 n2 | n3 n4");
    grudge_halves(&grudge, 5, in_order);
    EXPECT_DROPS(&grudge, "345", "345", "12", "12", "12");
    expect_text(&grudge, "n1 n2 | n3 n4 n5");
    grudge_halves(&grudge, 7, in_order);
    EXPECT_DROPS(&grudge, "4567", "4567", "4567", "123", "123", "123", "123");
    expect_text(&grudge, "n1 n2 n3 | n4 n5 n6 n7");
}

Test(grudge, halves_follow_the_order_given)
{
    static const uint32_t order[] = {3, 0, 2, 4, 1};
    struct grudge grudge;
    grudge_halves(&grudge, 5, order);
    EXPECT_DROPS(&grudge, "235", "14", "14", "235", "14");
    expect_text(&grudge, "n1 n4 | n2 n3 n5");
}

Test(grudge, bridge_hears_both_halves)
{
    struct grudge grudge;
    grudge_bridge(&grudge, 3, in_order);
    EXPECT_DROPS(&grudge, "3", "", "1");
    expect_text(&grudge, "n1 | n3; n2 hears all");
    grudge_bridge(&grudge, 4, in_order);
    EXPECT_DROPS(&grudge, "4", "4", "", "12");
    expect_text(&grudge, "n4 | n1 n2; n3 hears all");
    grudge_bridge(&grudge, 5, in_order);
    EXPECT_DROPS(&grudge, "45", "45", "", "12", "12");
    expect_text(&grudge, "n1 n2 | n4 n5; n3 hears all");
    grudge_bridge(&grudge, 7, in_order);
    EXPECT_DROPS(&grudge, "567", "567", "567", "", "123", "123", "123");
    cr_expect_eq(grudge_droppers(&grudge), set_of("123567"));
}

Test(grudge, primaries_are_cut_off_from_all_and_from_each_other)
{
    struct grudge grudge;
    grudge_isolate(&grudge, 5, set_of("24"));
    EXPECT_DROPS(&grudge, "24", "1345", "24", "1235", "24");
    expect_text(&grudge, "n2 | n4 | n1 n3 n5");
    grudge_isolate(&grudge, 3, set_of("123"));
    EXPECT_DROPS(&grudge, "23", "13", "12");
    expect_text(&grudge, "n1 | n2 | n3");
    grudge_isolate(&grudge, 3, 0);
    EXPECT_DROPS(&grudge, "", "", "");
}

Test(grudge, one_way_makes_the_deaf_deaf_and_nobody_else)
{
    struct grudge grudge;
    grudge_one_way(&grudge, 3, set_of("1"));
    EXPECT_DROPS(&grudge, "23", "", "");
    expect_text(&grudge, "n1 hears nothing from n2 n3");
    grudge_one_way(&grudge, 5, set_of("14"));
    EXPECT_DROPS(&grudge, "235", "", "", "235", "");
    cr_expect_eq(grudge_links(&grudge), 6);
    cr_expect_eq(grudge_droppers(&grudge), set_of("14"));
    cr_expect_eq(grudge_hears(&grudge, 0), set_of("14"));
    cr_expect_eq(grudge_hears(&grudge, 1), set_of("12345"));
    expect_text(&grudge, "n1 n4 hear nothing from n2 n3 n5");
}

Test(grudge, explicit_groups_do_not_hear_each_other)
{
    node_set groups[] = {set_of("15"), set_of("2"), set_of("34")};
    struct grudge grudge;
    grudge_groups(&grudge, 5, groups, 3);
    EXPECT_DROPS(&grudge, "234", "1345", "125", "125", "234");
    expect_text(&grudge, "n2 | n1 n5 | n3 n4");
}

Test(grudge, node_in_no_group_or_in_two_keeps_its_links)
{
    node_set without_3[] = {set_of("12"), set_of("45")};
    struct grudge grudge;
    grudge_groups(&grudge, 5, without_3, 2);
    EXPECT_DROPS(&grudge, "45", "45", "", "12", "12");
    node_set both_with_3[] = {set_of("123"), set_of("345")};
    grudge_groups(&grudge, 5, both_with_3, 2);
    EXPECT_DROPS(&grudge, "45", "45", "", "12", "12");
    expect_text(&grudge, "n1 n2 | n4 n5; n3 hears all");
}

/* Seed 1 as drawn; what matters is in the property tests. */
Test(grudge, ring_of_five_lets_each_hear_two_neighbours)
{
    struct random random;
    random_init(&random, 1, RANDOM_TEST, 0);
    struct grudge grudge;
    grudge_ring(&grudge, 5, &random);
    for (uint32_t i = 0; i < 5; i++)
        cr_expect_eq(node_set_count(grudge.drops[i]), 2);
    struct cluster cluster = cluster_of(5);
    char text[256];
    grudge_text(&grudge, &cluster, text, sizeof text);
    cr_expect_eq(strncmp(text, "n1 hears n1 ", 12), 0, "%s", text);
    cr_expect_not_null(strstr(text, "; n5 hears "), "%s", text);
}

Test(grudge, ring_of_three_is_a_chain)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 0);
    struct grudge grudge;
    grudge_ring(&grudge, 3, &random);
    cr_expect_eq(grudge_links(&grudge), 2);
    cr_expect_eq(node_set_count(grudge_droppers(&grudge)), 2);
}

Test(grudge, ring_of_four_cuts_two_pairs)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 0);
    struct grudge grudge;
    grudge_ring(&grudge, 4, &random);
    cr_expect_eq(grudge_links(&grudge), 4);
    for (uint32_t i = 0; i < 4; i++)
        cr_expect_eq(node_set_count(grudge.drops[i]), 1);
}

/* Seven nodes cannot all hear exactly four: at least one hears five. */
Test(grudge, ring_of_seven_cuts_twenty_links_or_fewer)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 0);
    struct grudge grudge;
    grudge_ring(&grudge, 7, &random);
    cr_expect_leq(grudge_links(&grudge), 20);
    for (uint32_t i = 0; i < 7; i++)
        cr_expect_leq(node_set_count(grudge.drops[i]), 3);
}

Test(grudge, uneven_cut_is_told_node_by_node)
{
    struct grudge grudge;
    grudge_init(&grudge, 3);
    grudge.drops[0] = set_of("2");
    grudge.drops[1] = set_of("3");
    expect_text(&grudge, "n1 hears n1 n3; n2 hears n1 n2; n3 hears n1 n2 n3");
}

Test(grudge, text_that_does_not_fit_is_cut)
{
    struct grudge grudge;
    grudge_halves(&grudge, 7, in_order);
    struct cluster cluster = cluster_of(7);
    char text[12];
    grudge_text(&grudge, &cluster, text, sizeof text);
    cr_expect_str_eq(text, "n1 n2 n3 | ");
}

Test(grudge, sixty_four_nodes_fit)
{
    struct grudge grudge;
    uint32_t order[64];
    for (uint32_t i = 0; i < 64; i++)
        order[i] = i;
    grudge_halves(&grudge, 64, order);
    cr_expect_eq(grudge.drops[0], 0xffffffff00000000u);
    cr_expect_eq(grudge.drops[63], 0x00000000ffffffffu);
    cr_expect_eq(grudge_links(&grudge), 2048);
}
