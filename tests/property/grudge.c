/* Grudges on thousands of seeds and all cluster sizes, against what the kinds are by definition. */
#include "nemesis/grudge.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SEEDS = 3000 };

static bool drops(const struct grudge *grudge, uint32_t who, uint32_t whom)
{
    return (grudge->drops[who] & node_bit(whom)) != 0;
}

static bool symmetric(const struct grudge *grudge)
{
    for (uint32_t i = 0; i < grudge->count; i++)
        for (uint32_t j = 0; j < grudge->count; j++)
            if (drops(grudge, i, j) != drops(grudge, j, i))
                return false;
    return true;
}

/* Nobody drops his own packets, or those of nodes that are not there. */
static bool sane(const struct grudge *grudge)
{
    node_set all = grudge->count == 64 ? ~(node_set)0 : node_bit(grudge->count) - 1;
    for (uint32_t i = 0; i < grudge->count; i++)
        if (drops(grudge, i, i) || (grudge->drops[i] & ~all))
            return false;
    return true;
}

struct sample {
    struct random random;
    uint32_t count;
    uint32_t order[CLUSTER_NODES_MAX];
};

static struct sample draw(uint64_t seed, uint32_t min, uint32_t max)
{
    struct sample sample;
    random_init(&sample.random, seed, RANDOM_TEST, 0);
    sample.count = (uint32_t)random_between(&sample.random, min, max);
    random_shuffle(&sample.random, sample.order, sample.count);
    return sample;
}

Test(grudge_property, halves_are_a_complete_cut_both_ways)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 2, 64);
        struct grudge grudge;
        grudge_halves(&grudge, s.count, s.order);
        uint32_t small = s.count / 2;
        cr_assert(sane(&grudge) && symmetric(&grudge));
        cr_assert_eq(grudge_links(&grudge), 2 * small * (s.count - small));
        for (uint32_t i = 0; i < s.count; i++)
            for (uint32_t j = 0; j < s.count; j++)
                cr_assert_eq(drops(&grudge, s.order[i], s.order[j]), (i < small) != (j < small));
    }
}

Test(grudge_property, one_node_hears_nobody_and_the_others_all_but_it)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 2, 64);
        struct grudge grudge;
        grudge_one(&grudge, s.count, s.order[0]);
        cr_assert(sane(&grudge) && symmetric(&grudge));
        cr_assert_eq(grudge_links(&grudge), 2 * (s.count - 1));
        cr_assert_eq(grudge_hears(&grudge, s.order[0]), node_bit(s.order[0]));
    }
}

Test(grudge_property, bridge_cuts_nothing_and_without_it_there_are_two_halves)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 3, 64);
        struct grudge grudge;
        grudge_bridge(&grudge, s.count, s.order);
        uint32_t small = s.count / 2;
        uint32_t bridge = s.order[small];
        cr_assert(sane(&grudge) && symmetric(&grudge));
        cr_assert_eq(grudge.drops[bridge], 0);
        cr_assert_eq(grudge_links(&grudge), 2 * small * (s.count - small - 1));
        cr_assert_eq(grudge_droppers(&grudge), grudge_hears(&grudge, bridge) & ~node_bit(bridge));
    }
}

static bool views_distinct(const struct grudge *grudge)
{
    for (uint32_t i = 0; i < grudge->count; i++)
        for (uint32_t j = i + 1; j < grudge->count; j++)
            if (grudge_hears(grudge, i) == grudge_hears(grudge, j))
                return false;
    return true;
}

Test(grudge_property, ring_of_four_and_five_shows_each_exactly_a_majority)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 4, 5);
        struct grudge grudge;
        grudge_ring(&grudge, s.count, &s.random);
        cr_assert(sane(&grudge) && symmetric(&grudge) && views_distinct(&grudge));
        for (uint32_t i = 0; i < s.count; i++)
            cr_assert_eq(node_set_count(grudge_hears(&grudge, i)), s.count / 2 + 1);
    }
}

/* By joining the least connected, no node gets far beyond a majority. */
Test(grudge_property, ring_of_any_size_shows_each_another_majority)
{
    for (uint64_t seed = 0; seed < 1500; seed++) {
        struct sample s = draw(seed, 3, seed % 10 ? 15 : 64);
        struct grudge grudge;
        grudge_ring(&grudge, s.count, &s.random);
        uint32_t majority = s.count / 2 + 1;
        cr_assert(sane(&grudge) && symmetric(&grudge) && views_distinct(&grudge));
        uint32_t excess = 0;
        for (uint32_t i = 0; i < s.count; i++) {
            uint32_t hears = node_set_count(grudge_hears(&grudge, i));
            cr_assert_geq(hears, majority);
            excess += hears - majority;
        }
        cr_assert_leq(excess, s.count, "%u nodes hear %u more than needed", s.count, excess);
    }
}

Test(grudge_property, isolated_nodes_hear_only_themselves)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 2, 64);
        uint32_t loners = (uint32_t)random_below(&s.random, s.count + 1);
        node_set set = 0;
        for (uint32_t i = 0; i < loners; i++)
            set |= node_bit(s.order[i]);
        struct grudge grudge;
        grudge_isolate(&grudge, s.count, set);
        uint32_t rest = s.count - loners;
        cr_assert(sane(&grudge) && symmetric(&grudge));
        cr_assert_eq(grudge_links(&grudge), loners * (loners - (loners > 0)) + 2 * loners * rest);
    }
}

Test(grudge_property, one_way_is_never_answered_in_kind)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 2, 64);
        uint32_t deaf = (uint32_t)random_between(&s.random, 1, s.count - 1);
        node_set set = 0;
        for (uint32_t i = 0; i < deaf; i++)
            set |= node_bit(s.order[i]);
        struct grudge grudge;
        grudge_one_way(&grudge, s.count, set);
        cr_assert(sane(&grudge));
        cr_assert_eq(grudge_links(&grudge), deaf * (s.count - deaf));
        for (uint32_t i = 0; i < s.count; i++)
            for (uint32_t j = 0; j < s.count; j++)
                cr_assert(!drops(&grudge, i, j) || !drops(&grudge, j, i));
    }
}

/* Brute force: by the definition, for random overlapping groups. */
Test(grudge_property, groups_are_heard_exactly_where_they_share_a_member)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sample s = draw(seed, 2, 12);
        size_t group_count = 1 + random_below(&s.random, 4);
        node_set groups[4], grouped = 0;
        for (size_t g = 0; g < group_count; g++) {
            groups[g] = random_u64(&s.random) & random_u64(&s.random) & (node_bit(s.count) - 1);
            grouped |= groups[g];
        }
        struct grudge grudge;
        grudge_groups(&grudge, s.count, groups, group_count);
        cr_assert(sane(&grudge) && symmetric(&grudge));
        for (uint32_t i = 0; i < s.count; i++) {
            for (uint32_t j = 0; j < s.count; j++) {
                bool share = i == j || !(grouped & node_bit(i)) || !(grouped & node_bit(j));
                for (size_t g = 0; g < group_count; g++)
                    share = share || (groups[g] & node_bit(i) && groups[g] & node_bit(j));
                cr_assert_eq(drops(&grudge, i, j), !share);
            }
        }
    }
}

Test(grudge_property, same_stream_gives_the_same_ring_and_another_one_another)
{
    uint32_t different = 0;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct grudge a, b, c;
        struct sample s = draw(seed, 5, 9), t = s;
        grudge_ring(&a, s.count, &s.random);
        grudge_ring(&b, t.count, &t.random);
        cr_assert_eq(memcmp(a.drops, b.drops, sizeof a.drops), 0);
        grudge_ring(&c, s.count, &s.random);
        different += memcmp(a.drops, c.drops, sizeof a.drops) != 0;
    }
    /* Of five nodes there are twelve rings, so that a few repeat. */
    cr_assert_gt(different, 450);
}
