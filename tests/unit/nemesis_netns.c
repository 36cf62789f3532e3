/* The packet filter on five real nodes: network namespaces, iptables, packets. */
#include "nemesis/packet_filter.h"

#include "core/clock.h"
#include "core/errbuf.h"
#include "nemesis/nemesis.h"
#include "nemesis/packet_rules.h"
#include "nemesis/table.h"
#include "tests/unit/nemesis_support.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NODES = 5 };

static struct node nodes[NODES] = {{.name = "n1", .index = 0},
                                   {.name = "n2", .index = 1},
                                   {.name = "n3", .index = 2},
                                   {.name = "n4", .index = 3},
                                   {.name = "n5", .index = 4}};
static struct cluster cluster = {.nodes = nodes, .count = NODES, .failure_tolerance = 2};
static struct fault_env env = {.cluster = &cluster};
static struct packet_filter *filter;
static char dir[64];

/* --- fixture --- */

static bool open_nodes(void)
{
    const struct remote_type *type = remote_find("netns");
    struct errbuf err = ERRBUF_INIT;
    if (type->probe(&err) != 0) {
        fprintf(stderr, "no network namespaces here: %s\n", err.text);
        return false;
    }
    snprintf(dir, sizeof dir, "/tmp/faultline-filter.XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    char journal[96];
    snprintf(journal, sizeof journal, "%s/journal.jsonl", dir);
    cr_assert_eq(journal_open(journal, &env.journal, &err), 0, "%s", err.text);
    struct remote_config config = {.run_name = "filter", .dir = dir, .journal = env.journal};
    cr_assert_eq(type->open(&config, &cluster, &env.remote, &err), 0, "%s", err.text);
    return true;
}

static void close_nodes(void)
{
    if (!env.remote)
        return;
    packet_filter_close(filter);
    env.remote->type->close(env.remote);
    journal_close(env.journal);
    char command[128];
    snprintf(command, sizeof command, "%s/journal.jsonl", dir);
    unlink(command);
    rmdir(dir);
}

#define OPEN_OR_SKIP()                                                                             \
    do {                                                                                           \
        if (!open_nodes())                                                                         \
            cr_skip_test("needs network namespaces");                                              \
        struct errbuf err_ = ERRBUF_INIT;                                                          \
        cr_assert_eq(packet_filter_open(&env, &filter, &err_), 0, "%s", err_.text);                \
    } while (0)

TestSuite(packet_filter_netns, .fini = close_nodes, .timeout = 60);

/* Runs a bash script on a node with these arguments; the caller frees what it said. */
static char *bash(uint32_t node, const char *script, const char *const *arguments)
{
    const char *argv[16] = {"bash", "-c", script, "test"};
    for (size_t i = 0; arguments && arguments[i]; i++)
        argv[4 + i] = arguments[i];
    struct command command = {.argv = argv};
    struct command_result result;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(env.remote->type->run(env.remote, &nodes[node], &command, &result, &err), 0, "%s",
                 err.text);
    char *out = strdup(result.out.text ? result.out.text : "");
    command_result_fini(&result);
    return out;
}

/* --- who reaches whom: a connection to a closed port is refused at once, or never answered --- */

static const char connect_script[] =
    "while [ $# -gt 0 ]; do\n"
    "  (timeout \"$2\" bash -c 'exec 3<>/dev/tcp/$0/9' \"$1\" 2>/dev/null\n"
    "   [ $? = 124 ] && echo cut \"$1.\" || echo heard \"$1.\") &\n"
    "  shift 2\n"
    "done; wait\n";

struct reach {
    const struct grudge *grudge; /* what is expected; NULL if nothing is */
    bool ipv6;
    bool cut[NODES][NODES];
};

static void address_of(uint32_t node, bool ipv6, char out[NODE_ADDRESS_SIZE])
{
    if (ipv6)
        snprintf(out, NODE_ADDRESS_SIZE, "fd77::%u", 10 + node);
    else
        snprintf(out, NODE_ADDRESS_SIZE, "%s", nodes[node].address);
}

/* A connection needs both directions. */
static bool is_cut(const struct grudge *grudge, uint32_t i, uint32_t j)
{
    return grudge->drops[i] & node_bit(j) || grudge->drops[j] & node_bit(i);
}

/* Where nothing is to be heard a moment of silence is enough; else it may take its time. */
static int look(void *context, const struct node *node, struct errbuf *err)
{
    (void)err;
    struct reach *reach = context;
    char ips[NODES][NODE_ADDRESS_SIZE];
    const char *arguments[2 * NODES + 1] = {NULL};
    for (uint32_t i = 0; i < NODES; i++) {
        address_of(i, reach->ipv6, ips[i]);
        arguments[2 * i] = ips[i];
        bool is_silent = !reach->grudge || is_cut(reach->grudge, node->index, i);
        arguments[2 * i + 1] = is_silent ? "0.7" : "30";
    }
    char *said = bash(node->index, connect_script, arguments);
    for (uint32_t i = 0; i < NODES; i++) {
        char cut[512], heard[512];
        snprintf(cut, sizeof cut, "cut %s.", ips[i]);
        snprintf(heard, sizeof heard, "heard %s.", ips[i]);
        reach->cut[node->index][i] = strstr(said, cut) != NULL;
        cr_expect(strstr(said, cut) || strstr(said, heard), "%s said nothing of %s", node->name,
                  ips[i]);
    }
    free(said);
    return 0;
}

static void expect_reach(const struct grudge *grudge, bool ipv6)
{
    struct reach reach = {.grudge = grudge, .ipv6 = ipv6};
    cr_assert_eq(for_nodes(&cluster, cluster_all(&cluster), look, &reach, NULL), 0);
    for (uint32_t i = 0; i < NODES; i++)
        for (uint32_t j = 0; j < NODES; j++) {
            bool cut = is_cut(grudge, i, j);
            cr_expect_eq(reach.cut[i][j], cut, "%s to %s (IPv%d) should be %s", nodes[i].name,
                         nodes[j].name, ipv6 ? 6 : 4, cut ? "cut" : "whole");
        }
}

static void cut_and_heal(const struct grudge *grudge)
{
    struct grudge none;
    grudge_init(&none, NODES);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(packet_filter_drop(filter, grudge, &err), 0, "%s", err.text);
    expect_reach(grudge, false);
    expect_reach(grudge, true);
    uint64_t packets[CLUSTER_NODES_MAX];
    cr_expect_gt(packet_filter_dropped(filter, packets), 0);
    for (uint32_t i = 0; i < NODES; i++)
        cr_expect_eq(packets[i] > 0, grudge->drops[i] != 0, "%s dropped %lu packets", nodes[i].name,
                     (unsigned long)packets[i]);
    cr_assert_eq(packet_filter_heal(filter, &err), 0, "%s", err.text);
    expect_reach(&none, false);
    expect_reach(&none, true);
}

Test(packet_filter_netns, halves_do_not_hear_each_other_until_healed)
{
    OPEN_OR_SKIP();
    cr_expect_str_eq(packet_filter_note(filter), "", "both families are filtered");
    static const uint32_t order[] = {3, 0, 2, 4, 1};
    struct grudge grudge;
    grudge_halves(&grudge, NODES, order);
    cut_and_heal(&grudge);
}

Test(packet_filter_netns, ring_leaves_each_two_neighbours)
{
    OPEN_OR_SKIP();
    struct random random;
    random_init(&random, 3, RANDOM_TEST, 0);
    struct grudge grudge;
    grudge_ring(&grudge, NODES, &random);
    cut_and_heal(&grudge);
}

/* Datagrams that arrive at a closed port are counted by the kernel; those dropped before are not.
 */
static unsigned long udp_no_ports(uint32_t node)
{
    char *said = bash(node, "awk '/^Udp:/ {n = $3} END {print n}' /proc/net/snmp", NULL);
    unsigned long count = strtoul(said, NULL, 10);
    free(said);
    return count;
}

Test(packet_filter_netns, one_way_cut_lets_the_deaf_speak)
{
    OPEN_OR_SKIP();
    struct grudge grudge;
    grudge_one_way(&grudge, NODES, node_bit(0));
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    unsigned long at_deaf = udp_no_ports(0), at_other = udp_no_ports(1);
    static const char send[] = "for i in 1 2 3; do echo x >/dev/udp/$1/9; sleep 0.02; done; true";
    free(bash(0, send, (const char *const[]){nodes[1].address, NULL}));
    free(bash(1, send, (const char *const[]){nodes[0].address, NULL}));
    cr_expect_gt(udp_no_ports(1), at_other, "n2 hears n1");
    cr_expect_eq(udp_no_ports(0), at_deaf, "n1 does not hear n2");
    uint64_t packets[CLUSTER_NODES_MAX];
    packet_filter_dropped(filter, packets);
    cr_expect_geq(packets[0], 3);
    cr_expect_eq(packets[1], 0);
    cr_assert_eq(packet_filter_heal(filter, NULL), 0);
}

/* --- nothing of the user's --- */

static const char users_rules[] =
    "PATH=$PATH:/usr/sbin:/sbin; set -e\n"
    "for t in iptables-legacy ip6tables-legacy iptables ip6tables; do\n"
    "  $t -N MINE; $t -A INPUT -p tcp --dport 99 -j ACCEPT; $t -A INPUT -j MINE\n"
    "  $t -A MINE -p udp -c 7 700 -j DROP; $t -P FORWARD DROP\n"
    "  $t -t mangle -A PREROUTING -p icmp -j MARK --set-mark 7\n"
    "done; echo set\n";
/* Stray packets of IPv6 move the other counters at any time. */
static const char users_view[] =
    "PATH=$PATH:/usr/sbin:/sbin\n"
    "for t in iptables-legacy ip6tables-legacy iptables ip6tables; do\n"
    "  $t-save -c -t filter; $t-save -c -t mangle\n"
    "done 2>/dev/null | sed '/^#/d; /-A MINE/!s/\\[[0-9:]*\\]//'\n";

static void expect_untouched(int (*undo)(void))
{
    char *set = bash(0, users_rules, NULL);
    cr_assert_str_eq(set, "set\n");
    char *before = bash(0, users_view, NULL);
    cr_assert_not_null(strstr(before, "\n[7:700] -A MINE -p udp -j DROP\n"));
    struct grudge grudge;
    grudge_one(&grudge, NODES, 0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    char *during = bash(0, users_view, NULL);
    cr_expect_str_neq(during, before);
    cr_expect_not_null(strstr(during, "-A INPUT -j FAULTLINE"));
    cr_assert_eq(undo(), 0);
    char *after = bash(0, users_view, NULL);
    cr_expect_str_eq(after, before);
    free(set);
    free(before);
    free(during);
    free(after);
}

static int heal(void)
{
    return packet_filter_heal(filter, NULL);
}

Test(packet_filter_netns, users_rules_are_the_same_byte_for_byte_after_healing)
{
    OPEN_OR_SKIP();
    expect_untouched(heal);
}

/* What `faultline heal` runs on the node when the controller is gone. */
static int undo_as_journaled(void)
{
    static const char *const argv[] = {
        "sh", "-c", packet_rules_undo_script, "faultline", "iptables-legacy", "ip6tables-legacy",
        NULL};
    struct command command = {.argv = argv};
    int rc = 0;
    for (int twice = 0; twice < 2 && rc == 0; twice++)
        rc = remote_run_ok(env.remote, &nodes[0], &command, NULL, NULL);
    return rc;
}

Test(packet_filter_netns, users_rules_are_the_same_after_the_undo_of_the_journal)
{
    OPEN_OR_SKIP();
    expect_untouched(undo_as_journaled);
}

Test(packet_filter_netns, heals_although_somebody_else_removed_the_jump)
{
    OPEN_OR_SKIP();
    struct grudge grudge;
    grudge_one(&grudge, NODES, 0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    free(bash(0, "PATH=$PATH:/usr/sbin; iptables-legacy -w -D INPUT -j FAULTLINE", NULL));
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(packet_filter_heal(filter, &err), 0, "%s", err.text);
    char *after = bash(0, users_view, NULL);
    cr_expect_null(strstr(after, "FAULTLINE"));
    free(after);
}

Test(packet_filter_netns, refuses_to_open_over_rules_that_are_there)
{
    OPEN_OR_SKIP();
    struct grudge grudge;
    grudge_one(&grudge, NODES, 0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    struct packet_filter *second = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_neq(packet_filter_open(&env, &second, &err), 0);
    cr_expect_not_null(strstr(err.text, "n1: iptables-legacy has a chain FAULTLINE already"), "%s",
                       err.text);
    uint64_t packets[CLUSTER_NODES_MAX];
    cr_expect_eq(packet_filter_active(filter), cluster_all(&cluster));
    packet_filter_dropped(filter, packets);
    cr_expect_eq(packet_filter_heal(filter, NULL), 0, "the first one's rules were left alone");
}

/* --- the fault, through the nemesis --- */

Test(packet_filter_netns, partition_is_proven_by_packets_that_were_sent_across_it)
{
    OPEN_OR_SKIP();
    struct arena arena;
    arena_init(&arena, 0);
    struct clock clock;
    clock_init_real(&clock);
    env.clock = &clock;
    struct fault_choice faults[] = {
        {&fault_partition, options_of(fault_partition.options, "{grudge: random-halves}", &arena)}};
    struct nemesis_config config = {.env = &env,
                                    .faults = faults,
                                    .fault_count = 1,
                                    .interval_ns = NS_PER_S,
                                    .duration_ns = NS_PER_S / 2,
                                    .seed = 3};
    struct nemesis *nemesis;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(nemesis_standard.open(&config, &arena, &nemesis, &err), 0, "%s", err.text);
    cr_assert_eq(nemesis_standard.probe(nemesis, &err), 0, "%s", err.text);
    for (int64_t id = 0; id < 2; id++) {
        struct op op = {.f = symbol_intern("start-partition", 15), .value = value_int(id)};
        struct op completion = op;
        nemesis_standard.perform(nemesis, &op, &completion, &arena);
        cr_assert_null(completion.error, "%s", completion.error);
        struct reach reach = {0};
        if (id == 0) /* nobody talks during the second */
            cr_assert_eq(for_nodes(&cluster, cluster_all(&cluster), look, &reach, NULL), 0);
        op.f = symbol_intern("stop-partition", 14);
        nemesis_standard.perform(nemesis, &op, &completion, &arena);
        cr_assert_null(completion.error, "%s", completion.error);
    }
    size_t count;
    const struct fault_record *records = nemesis_standard.records(nemesis, &count);
    cr_assert_eq(count, 2);
    cr_expect(records[0].proven, "%s", records[0].evidence);
    cr_expect_not_null(strstr(records[0].evidence, " dropped on n1 n2 n3 n4 n5"));
    cr_expect_gt(records[0].healed_ns, records[0].injected_ns);
    cr_expect(!records[1].proven, "silence proves nothing: %s", records[1].evidence);
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    nemesis_standard.close(nemesis);
    arena_fini(&arena);
}

/* --- after kill -9 of the controller --- */

/* A controller that cuts the network of nodes on which something runs, says so, and is killed. */
static _Noreturn void doomed_controller(int said)
{
    struct grudge grudge;
    grudge_one(&grudge, NODES, 0);
    static const char *const argv[] = {"sleep", "300", NULL};
    struct spawn spawn = {.argv = argv, .log = "/dev/null"};
    bool ok = open_nodes() && packet_filter_open(&env, &filter, NULL) == 0;
    struct process_id process;
    for (uint32_t i = 0; ok && i < NODES; i++)
        ok = env.remote->type->spawn(env.remote, &nodes[i], &spawn, &process, NULL) == 0;
    ok = ok && packet_filter_drop(filter, &grudge, NULL) == 0;
    if (!ok || write(said, dir, sizeof dir) != sizeof dir)
        _exit(1);
    for (;;)
        pause();
}

Test(packet_filter_netns, rules_of_a_killed_controller_are_undone_from_its_journal)
{
    if (remote_find("netns")->probe(NULL) != 0)
        cr_skip_test("needs network namespaces");
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t controller = fork();
    if (controller == 0)
        doomed_controller(ends[1]);
    close(ends[1]);
    char its_dir[sizeof dir];
    cr_assert_eq(read(ends[0], its_dir, sizeof its_dir), (ssize_t)sizeof its_dir);
    cr_assert_eq(kill(controller, SIGKILL), 0);
    cr_assert_eq(waitpid(controller, NULL, 0), controller);
    char journal[96], command[128];
    snprintf(journal, sizeof journal, "%s/journal.jsonl", its_dir);
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(journal_heal(journal, &report, &err), 0, "%s", err.text);
    cr_expect(!report.controller_alive);
    cr_expect_eq(report.failed, 0);
    cr_expect_geq(report.undone, 2 * NODES, "the rules and the process of each node: %u",
                  report.undone);
    snprintf(command, sizeof command, "rm -rf '%s'", its_dir);
    cr_expect_eq(system(command), 0);
}

/* An ordinary user's process enters its user namespace here, while it has but one thread; the tests
 * inherit it. */
int main(int argc, char **argv)
{
    const struct remote_type *type = remote_find("netns");
    if (type->probe(NULL) == 0 && type->enter_privileges(NULL) != 0)
        return 1;
    struct criterion_test_set *tests = criterion_initialize();
    int failed = criterion_handle_args(argc, argv, true) && !criterion_run_all_tests(tests);
    criterion_finalize(tests);
    return failed;
}
