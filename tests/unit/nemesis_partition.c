/* The partition fault: which grudge it draws, and what it refuses, on a remote that says yes to
 * every command. That packets are dropped is shown in nemesis_netns.c. */
#include "nemesis/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "tests/unit/nemesis_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct node nodes[5] = {
    {.name = "n1", .index = 0, .address = "10.0.0.1"},
    {.name = "n2", .index = 1, .address = "10.0.0.2"},
    {.name = "n3", .index = 2, .address = "10.0.0.3"},
    {.name = "n4", .index = 3, .address = "10.0.0.4"},
    {.name = "n5", .index = 4, .address = "10.0.0.5"},
};
static struct cluster cluster = {.nodes = nodes, .count = 5, .failure_tolerance = 2};
static const char *saved = "";

static int yes(struct remote *remote, const struct node *node, const struct command *command,
               struct command_result *result, struct errbuf *err)
{
    (void)remote;
    (void)node;
    (void)err;
    struct command_result own = {0};
    if (strstr(command->argv[0], "-save"))
        strbuf_puts(&own.out, saved);
    if (result)
        *result = own;
    else
        command_result_fini(&own);
    return 0;
}

static const struct remote_type fake_type = {.name = "fake", .network_faults = true, .run = yes};
static struct remote remote = {.type = &fake_type, .cluster = &cluster};
static struct fault_env env = {.cluster = &cluster, .remote = &remote};
static struct arena arena;
static char journal_path[64];

static void set_up(void)
{
    arena_init(&arena, 0);
    snprintf(journal_path, sizeof journal_path, "/tmp/faultline-partition.%d", (int)getpid());
    unlink(journal_path);
    cr_assert_eq(journal_open(journal_path, &env.journal, NULL), 0);
}

static void tear_down(void)
{
    journal_close(env.journal);
    unlink(journal_path);
    arena_fini(&arena);
}

TestSuite(partition, .init = set_up, .fini = tear_down);

/* --- one injection --- */

static struct fault_instance chosen(const char *options, uint64_t id)
{
    struct fault_instance instance = {.type = &fault_partition,
                                      .options =
                                          options_of(fault_partition.options, options, &arena),
                                      .env = &env,
                                      .id = (uint32_t)id};
    struct random random;
    random_init(&random, 1, RANDOM_NEMESIS_TARGET, id);
    fault_partition.choose(&instance, &random);
    return instance;
}

static void open_for(struct fault_instance *instance)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(fault_partition.open(&env, instance->options, &instance->kept, &err), 0, "%s",
                 err.text);
}

/* Injects, heals, and returns the description. */
static const char *description(const char *options, uint64_t id)
{
    struct fault_instance instance = chosen(options, id);
    open_for(&instance);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(fault_partition.inject(&instance, &err), 0, "%s", err.text);
    cr_assert_eq(fault_partition.heal(&instance, &err), 0, "%s", err.text);
    fault_partition.close(instance.kept);
    return arena_strdup(&arena, instance.description);
}

static void expect_refused(const char *options, const char *part)
{
    const struct option_values *values = options_of(fault_partition.options, options, &arena);
    struct errbuf err = ERRBUF_INIT;
    int rc = fault_partition.probe(&env, values, &err);
    cr_expect(rc == ERR_INPUT || rc == ERR_UNSUPPORTED, "%s: %d", options, rc);
    cr_expect_not_null(strstr(err.text, part), "%s: %s", options, err.text);
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* --- which grudge --- */

Test(partition, halves_are_the_first_nodes_and_the_others)
{
    cr_expect_str_eq(description("{grudge: halves}", 0), "halves: n1 n2 | n3 n4 n5");
}

Test(partition, every_kind_listed_is_drawn_and_no_other)
{
    static const char list[] = "{grudge: [one, random-halves, bridge, majorities-ring, one-way]}";
    size_t one = 0, halves = 0, bridge = 0, ring = 0, one_way = 0;
    for (uint64_t id = 0; id < 100; id++) {
        const char *text = description(list, id);
        one += begins(text, "one: ");
        halves += begins(text, "random-halves: ");
        bridge += begins(text, "bridge: ");
        ring += begins(text, "majorities-ring: n1 hears ");
        one_way += begins(text, "one-way: ") && strstr(text, " nothing from ");
    }
    cr_expect_eq(one + halves + bridge + ring + one_way, 100);
    cr_expect(one > 8 && halves > 8 && bridge > 8 && ring > 8 && one_way > 8);
}

Test(partition, a_kind_listed_twice_is_drawn_twice_as_often)
{
    size_t halves = 0;
    for (uint64_t id = 0; id < 300; id++)
        halves += chosen("{grudge: [halves, halves, one]}", id).chosen.kind ==
                  chosen("{grudge: halves}", id).chosen.kind;
    cr_expect(halves > 170 && halves < 230, "%zu of 300", halves);
}

Test(partition, same_id_cuts_the_same)
{
    for (uint64_t id = 0; id < 20; id++)
        cr_expect_str_eq(description("{}", id), description("{}", id));
}

Test(partition, each_node_is_alone_at_times)
{
    unsigned alone = 0;
    for (uint64_t id = 0; id < 60; id++)
        alone |= 1u << (description("{grudge: one}", id)[6] - '0');
    cr_expect_eq(alone, 0x3e);
}

Test(partition, explicit_groups_are_cut_as_they_are_written)
{
    cr_expect_str_eq(description("{grudge: explicit, groups: [[n1, n2], [n4, n5]]}", 0),
                     "explicit: n1 n2 | n4 n5; n3 hears all");
    cr_expect_str_eq(description("{groups: [[n5], [n1], [n2, n3, n4]]}", 0),
                     "explicit: n1 | n5 | n2 n3 n4");
}

/* There is no database here: nobody can be asked. */
Test(partition, without_a_known_primary_one_node_stands_in_and_the_description_says_so)
{
    struct fault_instance instance = chosen("{}", 0);
    open_for(&instance);
    instance.chosen.kind = chosen("{grudge: primaries}", 0).chosen.kind;
    cr_assert_eq(fault_partition.inject(&instance, NULL), 0);
    char expected[64];
    snprintf(expected, sizeof expected, "one (no primary known): n%u | ",
             instance.chosen.order[0] + 1);
    cr_expect(begins(instance.description, expected), "%s", instance.description);
    cr_expect_eq(instance.nodes, cluster_all(&cluster));
    cr_assert_eq(fault_partition.heal(&instance, NULL), 0);
    fault_partition.close(instance.kept);
}

Test(partition, small_clusters_leave_out_what_the_default_lists_beyond_them)
{
    cluster.count = 2;
    for (uint64_t id = 0; id < 50; id++) {
        const char *text = description("{}", id);
        cr_expect(strstr(text, "n1 | n2") || strstr(text, "n2 | n1"), "%s", text);
    }
}

/* --- what it refuses --- */

Test(partition, refuses_kinds_that_the_cluster_is_too_small_for)
{
    cluster.count = 2;
    expect_refused("{grudge: [one, bridge]}", "grudge: bridge needs at least 3 nodes");
    expect_refused("{grudge: majorities-ring}", "grudge: majorities-ring needs at least 3 nodes");
}

Test(partition, refuses_groups_that_make_no_sense)
{
    expect_refused("{grudge: explicit}", "grudge: explicit needs `groups`");
    expect_refused("{grudge: one, groups: [[n1], [n2]]}", "groups: are for grudge `explicit`");
    expect_refused("{groups: [[n1, n2], [n9]]}",
                   "groups: there is no node 'n9'; there are n1 n2 n3 n4 n5");
    expect_refused("{groups: [[n1, n2]]}", "groups: nobody is cut off from anybody");
    expect_refused("{groups: [[n1, n2], [n2, n1]]}", "groups: nobody is cut off from anybody");
}

Test(partition, refuses_primaries_that_nobody_can_tell)
{
    expect_refused("{grudge: [one, primaries]}", "grudge: primaries: there is no database");
}

Test(partition, refuses_a_remote_without_networks)
{
    static const struct remote_type flat = {.name = "local", .run = yes};
    remote.type = &flat;
    expect_refused("{}", "use netns");
}

/* --- proof --- */

Test(partition, is_proven_by_dropped_packets_and_stays_proven)
{
    struct fault_instance instance = chosen("{grudge: halves}", 0);
    open_for(&instance);
    cr_assert_eq(fault_partition.inject(&instance, NULL), 0);
    fault_partition.observe(&instance);
    cr_expect(!instance.proven);
    cr_expect_str_eq(instance.evidence, "no packet was dropped");
    saved = "[1234567:1] -A FAULTLINE -s 10.0.0.9/32 -j DROP\n";
    fault_partition.observe(&instance);
    cr_expect(instance.proven);
    cr_expect_str_eq(instance.evidence, "6,172,835 packets dropped on n1 n2 n3 n4 n5");
    saved = "";
    fault_partition.observe(&instance);
    cr_expect(instance.proven, "what was seen stays seen");
    cr_expect_str_eq(instance.evidence, "6,172,835 packets dropped on n1 n2 n3 n4 n5");
    cr_assert_eq(fault_partition.heal(&instance, NULL), 0);
    cr_expect_eq(fault_partition.heal(&instance, NULL), 0);
    fault_partition.close(instance.kept);
}

Test(partition, one_packet_is_proof_enough)
{
    cluster.count = 2;
    struct fault_instance instance = chosen("{grudge: one-way}", 0);
    open_for(&instance);
    cr_assert_eq(fault_partition.inject(&instance, NULL), 0);
    cr_expect_eq(node_set_count(instance.nodes), 1, "only the deaf are touched");
    saved = "[1:60] -A FAULTLINE -s 10.0.0.9/32 -j DROP\n";
    fault_partition.observe(&instance);
    cr_expect(begins(instance.evidence, "1 packet dropped on n"), "%s", instance.evidence);
    saved = "";
    cr_assert_eq(fault_partition.heal(&instance, NULL), 0);
    fault_partition.close(instance.kept);
}
