/* The packet filter against a remote that only notes commands and answers as told. */
#include "nemesis/packet_filter.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "tests/unit/nemesis_support.h"

#include <unistd.h>

enum { NODES = 3 };

static struct node nodes[NODES] = {
    {.name = "n1", .index = 0, .address = "10.0.0.1"},
    {.name = "n2", .index = 1, .address = "10.0.0.2"},
    {.name = "n3", .index = 2, .address = "10.0.0.3"},
};
static struct cluster cluster = {.nodes = nodes, .count = NODES};

/* --- the fake node: programs it lacks, and whether our chain is in its tables --- */

struct fake_node {
    bool no_ip, no_iptables, no_legacy, no_ipv6, foreign_chain;
    bool fail_drop, fail_heal, fail_script, fail_save;
    bool chain; /* ours, of IPv4 */
    unsigned packets;
    char log[8192]; /* "PROGRAM: INPUT" of every command that made it here */
};

static struct fake_node fakes[NODES];
static bool ipv6_addresses;

static int answer(struct command_result *result, int status, const char *out, const char *complaint)
{
    *result = (struct command_result){.status = status};
    strbuf_puts(&result->out, out);
    strbuf_puts(&result->err, complaint);
    return 0;
}

static int answer_ip(struct fake_node *fake, const struct node *node, struct command_result *result)
{
    if (fake->no_ip)
        return answer(result, 127, "", "ip: what?");
    char text[512];
    snprintf(text, sizeof text, "2: eth0    inet %s/24 scope global eth0\n", node->address);
    if (ipv6_addresses)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "2: eth0    inet6 fd00::%u/64 scope global\n", node->index + 1);
    return answer(result, 0, text, "");
}

static int answer_restore(struct fake_node *fake, const char *input, bool ipv6,
                          struct command_result *result)
{
    bool drop = strstr(input, "-I INPUT") != NULL, heal = strstr(input, "-D INPUT") != NULL;
    if ((drop && fake->fail_drop) || (heal && fake->fail_heal))
        return answer(result, 1, "", "iptables-restore: line 3 failed\n");
    if (!ipv6 && (drop || heal))
        fake->chain = drop;
    return answer(result, 0, "", "");
}

static int answer_save(struct fake_node *fake, bool ipv6, struct command_result *result)
{
    char text[512];
    if (fake->fail_save)
        return answer(result, 1, "", "iptables-save: no\n");
    snprintf(text, sizeof text,
             "*filter\n:INPUT ACCEPT [0:0]\n%s[%u:9] -A FAULTLINE -s 10.0.0.9/32 -j DROP\nCOMMIT\n",
             (fake->chain && !ipv6) || fake->foreign_chain ? ":FAULTLINE - [0:0]\n" : "",
             ipv6 ? fake->packets / 2 : fake->packets);
    return answer(result, 0, text, "");
}

static int fake_run(struct remote *remote, const struct node *node, const struct command *command,
                    struct command_result *result, struct errbuf *err)
{
    (void)remote;
    struct fake_node *fake = &fakes[node->index];
    struct command_result own;
    if (!result)
        result = &own;
    const char *program = command->argv[0];
    *result = (struct command_result){0};
    bool ipv6 = strncmp(program, "ip6", 3) == 0;
    bool iptables = strstr(program, "tables") != NULL;
    if ((fake->no_iptables && iptables) || (fake->no_legacy && strstr(program, "-legacy")) ||
        (fake->no_ipv6 && ipv6))
        return errbuf_set(err, ERR_UNSUPPORTED, "no program '%s'", program);
    size_t used = strlen(fake->log);
    snprintf(fake->log + used, sizeof fake->log - used, "%s: %.*s\n", program,
             (int)command->input_length, command->input ? command->input : "");
    if (strcmp(program, "ip") == 0)
        return answer_ip(fake, node, result);
    if (strstr(program, "-save"))
        return answer_save(fake, ipv6, result);
    if (strstr(program, "-restore"))
        return answer_restore(fake, command->input, ipv6, result);
    cr_assert_str_eq(program, "sh");
    if (fake->fail_script)
        return answer(result, 1, "", "FAULTLINE is still there\n");
    fake->chain = false;
    return answer(result, 0, "", "");
}

static const struct remote_type fake_type = {
    .name = "fake", .network_faults = true, .run = fake_run};
static const struct remote_type flat_type = {.name = "local", .run = fake_run};

/* --- fixture --- */

static struct remote remote = {.type = &fake_type, .cluster = &cluster};
static struct fault_env env = {.cluster = &cluster, .remote = &remote};
static struct packet_filter *filter;
static char journal_path[64];

static void set_up(void)
{
    snprintf(journal_path, sizeof journal_path, "/tmp/faultline-filter-journal.%d", (int)getpid());
    unlink(journal_path);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(journal_open(journal_path, &env.journal, &err), 0, "%s", err.text);
}

static void tear_down(void)
{
    packet_filter_close(filter);
    journal_close(env.journal);
    unlink(journal_path);
}

TestSuite(packet_filter, .init = set_up, .fini = tear_down);

static void open_filter(void)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(packet_filter_open(&env, &filter, &err), 0, "%s", err.text);
    for (int i = 0; i < NODES; i++)
        fakes[i].log[0] = '\0';
}

static void expect_refused(int code, const char *part)
{
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(packet_filter_open(&env, &filter, &err), code);
    cr_expect_not_null(strstr(err.text, part), "%s", err.text);
}

static struct grudge isolate(uint32_t node)
{
    struct grudge grudge;
    grudge_one(&grudge, NODES, node);
    return grudge;
}

/* --- tests --- */

Test(packet_filter, cuts_with_one_restore_a_node)
{
    open_filter();
    struct grudge grudge = isolate(1);
    cr_expect_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_str_eq(fakes[0].log,
                     "iptables-legacy-restore: *filter\n:FAULTLINE - [0:0]\n"
                     "-I INPUT 1 -j FAULTLINE\n-A FAULTLINE -s 10.0.0.2 -j DROP\nCOMMIT\n\n");
    cr_expect_str_eq(fakes[1].log, "iptables-legacy-restore: *filter\n:FAULTLINE - [0:0]\n"
                                   "-I INPUT 1 -j FAULTLINE\n-A FAULTLINE -s 10.0.0.1 -j DROP\n"
                                   "-A FAULTLINE -s 10.0.0.3 -j DROP\nCOMMIT\n\n");
    cr_expect_eq(packet_filter_active(filter), 7);
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_eq(packet_filter_active(filter), 0);
}

Test(packet_filter, leaves_alone_the_nodes_that_drop_nothing)
{
    open_filter();
    struct grudge grudge;
    grudge_one_way(&grudge, NODES, node_bit(2));
    cr_expect_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_str_eq(fakes[0].log, "");
    cr_expect_str_eq(fakes[1].log, "");
    cr_expect_eq(packet_filter_active(filter), node_bit(2));
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_str_eq(fakes[0].log, "");
}

Test(packet_filter, heals_with_one_restore_and_looks)
{
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    fakes[2].log[0] = '\0';
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_str_eq(fakes[2].log, "iptables-legacy-restore: *filter\n:FAULTLINE - [0:0]\n"
                                   "-D INPUT -j FAULTLINE\n-X FAULTLINE\nCOMMIT\n\n"
                                   "iptables-legacy-save: \n");
    fakes[2].log[0] = '\0';
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_str_eq(fakes[2].log, "", "healed twice");
}

Test(packet_filter, journals_each_node_before_and_after)
{
    open_filter();
    struct grudge grudge = isolate(0);
    fakes[1].fail_heal = fakes[1].fail_script = true;
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_eq(count_lines(journal_path, "-D INPUT -j FAULTLINE"), NODES);
    cr_expect_eq(count_lines(journal_path, "\"iptables-legacy\""), NODES);
    int before = count_lines(journal_path, "done");
    cr_expect_neq(packet_filter_heal(filter, NULL), 0);
    cr_expect_eq(count_lines(journal_path, "done"), before + NODES - 1, "n2 is not done");
    fakes[1].fail_script = false;
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_eq(count_lines(journal_path, "done"), before + NODES);
}

Test(packet_filter, takes_plain_iptables_where_legacy_is_not)
{
    fakes[2].no_legacy = true;
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_eq(strncmp(fakes[0].log, "iptables-legacy-restore: ", 25), 0);
    cr_expect_eq(strncmp(fakes[2].log, "iptables-restore: ", 18), 0);
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_not_null(strstr(fakes[2].log, "\niptables-save: "));
    cr_expect_eq(count_lines(journal_path, "\"iptables\""), 1);
}

Test(packet_filter, says_why_ipv6_is_not_filtered_if_there_is_none)
{
    open_filter();
    cr_expect_str_eq(packet_filter_note(filter),
                     "IPv6 is not filtered: no node has a global IPv6 address");
}

Test(packet_filter, filters_ipv6_where_nodes_have_it)
{
    ipv6_addresses = true;
    open_filter();
    cr_expect_str_eq(packet_filter_note(filter), "");
    struct grudge grudge = isolate(1);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_not_null(strstr(fakes[0].log, "\nip6tables-legacy-restore: *filter\n:FAULTLINE - "
                                            "[0:0]\n-I INPUT 1 -j FAULTLINE\n"
                                            "-A FAULTLINE -s fd00::2 -j DROP\nCOMMIT\n"));
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_not_null(strstr(fakes[0].log, "\nip6tables-legacy-save: "));
    cr_expect_eq(count_lines(journal_path, "\"ip6tables-legacy\""), NODES);
}

Test(packet_filter, notes_the_node_that_cannot_filter_ipv6)
{
    ipv6_addresses = true;
    fakes[1].no_ipv6 = true;
    open_filter();
    cr_expect_eq(strncmp(packet_filter_note(filter), "IPv6 is not filtered on n2: ", 28), 0, "%s",
                 packet_filter_note(filter));
    struct grudge grudge = isolate(1);
    cr_expect_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_null(strstr(fakes[1].log, "ip6tables"));
    cr_expect_not_null(strstr(fakes[0].log, "ip6tables"));
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
}

Test(packet_filter, refuses_a_node_reached_by_ipv6_that_cannot_filter_it)
{
    strcpy(nodes[1].address, "fd00::2");
    fakes[1].no_ipv6 = true;
    expect_refused(ERR_UNSUPPORTED, "n2: it cannot filter packets (no program 'ip6tables");
}

Test(packet_filter, refuses_a_remote_without_networks)
{
    remote.type = &flat_type;
    expect_refused(ERR_UNSUPPORTED, "remote 'local' have no network of their own; use netns");
}

Test(packet_filter, refuses_a_single_node)
{
    cluster.count = 1;
    expect_refused(ERR_UNSUPPORTED, "no links to cut");
}

Test(packet_filter, refuses_a_name_for_an_address)
{
    strcpy(nodes[2].address, "db3.example");
    expect_refused(ERR_UNSUPPORTED, "n3: its address 'db3.example' is not numeric");
}

Test(packet_filter, refuses_a_node_without_iptables_and_says_what_was_tried)
{
    fakes[0].no_iptables = true;
    expect_refused(ERR_UNSUPPORTED, "n1: it cannot filter packets (no program "
                                    "'iptables-legacy-restore'; no program 'iptables-restore')");
}

Test(packet_filter, refuses_what_another_run_left)
{
    fakes[1].foreign_chain = true;
    expect_refused(ERR_UNSUPPORTED, "n2: iptables-legacy has a chain FAULTLINE already");
}

Test(packet_filter, does_without_ip_by_the_known_address)
{
    fakes[0].no_ip = true;
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    cr_expect_not_null(strstr(fakes[1].log, "-s 10.0.0.1 -j DROP"));
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
}

Test(packet_filter, undoes_all_nodes_when_one_fails)
{
    open_filter();
    fakes[2].fail_drop = true;
    struct grudge grudge = isolate(0);
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(packet_filter_drop(filter, &grudge, &err), ERR_COMMAND);
    cr_expect_eq(strncmp(err.text, "n3: 'iptables-legacy-restore' ended with status 1", 49), 0,
                 "%s", err.text);
    cr_expect_eq(packet_filter_active(filter), 0);
    for (int i = 0; i < NODES; i++)
        cr_expect(!fakes[i].chain);
}

Test(packet_filter, heals_piecemeal_when_the_rules_are_not_as_they_were_left)
{
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    fakes[1].fail_heal = true;
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_not_null(strstr(fakes[1].log, "\nsh: "));
    cr_expect_null(strstr(fakes[0].log, "\nsh: "));
}

Test(packet_filter, a_node_whose_state_cannot_be_seen_is_not_healed)
{
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    fakes[1].fail_save = true;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(packet_filter_heal(filter, &err), ERR_COMMAND);
    cr_expect_eq(packet_filter_active(filter), node_bit(1));
    fakes[1].fail_save = false;
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
}

Test(packet_filter, heals_an_earlier_cut_before_the_next)
{
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    struct grudge one_way;
    grudge_one_way(&one_way, NODES, node_bit(2));
    cr_assert_eq(packet_filter_drop(filter, &one_way, NULL), 0);
    cr_expect_eq(packet_filter_active(filter), node_bit(2));
    cr_expect(!fakes[0].chain && !fakes[1].chain && fakes[2].chain);
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
}

Test(packet_filter, adds_up_packets_of_both_families_by_node)
{
    ipv6_addresses = true;
    open_filter();
    struct grudge grudge = isolate(0);
    cr_assert_eq(packet_filter_drop(filter, &grudge, NULL), 0);
    fakes[0].packets = 10;
    fakes[2].packets = 4;
    uint64_t packets[CLUSTER_NODES_MAX];
    cr_expect_eq(packet_filter_dropped(filter, packets), 21);
    cr_expect_eq(packets[0], 15);
    cr_expect_eq(packets[1], 0);
    cr_expect_eq(packets[2], 6);
    fakes[0].fail_save = true;
    cr_expect_eq(packet_filter_dropped(filter, packets), 6);
    fakes[0].fail_save = false;
    cr_expect_eq(packet_filter_heal(filter, NULL), 0);
    cr_expect_eq(packet_filter_dropped(filter, packets), 0, "no rules, no packets");
}
