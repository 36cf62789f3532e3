/* Kill and pause on real processes: three nodes of remote `local` that run a shell each. */
#include "nemesis/table.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "tests/patience.h"
#include "tests/unit/nemesis_support.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NODES = 3 };

/* Always ready; n2 leads. */
static const char description[] = "{name: sleeper, "
                                  "start: {run: [sleep, '1000']}, "
                                  "stop: {signal: TERM, timeout: 2s}, "
                                  "ready: {run: ['true'], timeout: 5s}, "
                                  "primaries: {run: [test, '{{node.name}}', '=', n2]}}";

static struct node nodes[NODES] = {
    {.name = "n1", .index = 0}, {.name = "n2", .index = 1}, {.name = "n3", .index = 2}};
static struct cluster cluster = {.nodes = nodes, .count = NODES, .failure_tolerance = 1};
static struct clock real;
static struct fault_env env = {.cluster = &cluster, .clock = &real};
static struct arena arena;
static char dir[64], journal_path[96];

static void set_up(void)
{
    arena_init(&arena, 0);
    clock_init_real(&real);
    snprintf(dir, sizeof dir, "/tmp/faultline-processes.XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(journal_path, sizeof journal_path, "%s/journal.jsonl", dir);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(journal_open(journal_path, &env.journal, &err), 0, "%s", err.text);
    struct remote_config config = {.run_name = "processes", .dir = dir, .journal = env.journal};
    cr_assert_eq(remote_find("local")->open(&config, &cluster, &env.remote, &err), 0, "%s",
                 err.text);
    struct yaml_node *tree;
    const struct database *database;
    cr_assert_eq(yaml_tree_parse_value("test", description, &arena, &tree, &err), 0, "%s",
                 err.text);
    cr_assert_eq(database_load(tree, "database", dir, &arena, &database, &err), 0, "%s", err.text);
    cr_assert_eq(database_run_new(database, env.remote, &cluster, NULL, &env.database, &err), 0,
                 "%s", err.text);
    cr_assert_eq(database_start(env.database, cluster_all(&cluster), &err), 0, "%s", err.text);
}

static void tear_down(void)
{
    database_run_free(env.database);
    env.remote->type->close(env.remote);
    journal_close(env.journal);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0)
        abort();
    arena_fini(&arena);
}

TestSuite(processes, .init = set_up, .fini = tear_down, .timeout = 60);

static struct fault_instance chosen(const struct fault_type *type, const char *options)
{
    struct fault_instance instance = {
        .type = type, .options = options_of(type->options, options, &arena), .env = &env};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(type->probe(&env, instance.options, &err), 0, "%s", err.text);
    struct random random;
    random_init(&random, 5, RANDOM_NEMESIS_TARGET, 0);
    type->choose(&instance, &random);
    return instance;
}

static void inject(struct fault_instance *instance)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(instance->type->inject(instance, &err), 0, "%s", err.text);
}

static void heal(struct fault_instance *instance)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(instance->type->heal(instance, &err), 0, "%s", err.text);
}

static node_set in_state(enum process_state state)
{
    node_set set = 0;
    for (uint32_t i = 0; i < NODES; i++)
        if (database_node_state(env.database, &nodes[i]) == state)
            set |= node_bit(i);
    return set;
}

static void await_one_gone(void)
{
    for (int64_t end_ns = monotonic_ns() + PATIENCE_NS;
         in_state(PROCESS_GONE) == 0 && monotonic_ns() < end_ns;)
        sleep_ns(NS_PER_MS);
}

/* T = stopped; S or R = it goes on; - = there is none. */
static char kernel_state(uint32_t node)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat",
             (int)database_node_process(env.database, &nodes[node]).pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return '-';
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *end = strrchr(text, ')');
    return end ? end[2] : '?';
}

/* --- kill --- */

Test(processes, killed_ones_are_gone_and_others_run_after_healing)
{
    struct fault_instance kill = chosen(&fault_kill, "{targets: majority}");
    struct process_id before[NODES];
    for (uint32_t i = 0; i < NODES; i++)
        before[i] = database_node_process(env.database, &nodes[i]);
    inject(&kill);
    cr_expect_eq(node_set_count(kill.nodes), 2);
    cr_expect_eq(in_state(PROCESS_GONE), kill.nodes);
    cr_expect_eq(in_state(PROCESS_RUNNING), cluster_all(&cluster) & ~kill.nodes);
    cr_expect(kill.proven, "seen at once");
    fault_kill.observe(&kill);
    heal(&kill);
    cr_expect_eq(in_state(PROCESS_RUNNING), cluster_all(&cluster));
    for (uint32_t i = 0; i < NODES; i++) {
        pid_t pid = database_node_process(env.database, &nodes[i]).pid;
        cr_expect_eq(pid != before[i].pid, (kill.nodes & node_bit(i)) != 0, "%s", nodes[i].name);
    }
    char names[32], expected[128];
    node_set_text(&cluster, kill.nodes, names, sizeof names);
    snprintf(expected, sizeof expected, "process gone on %s; started again, ready", names);
    cr_expect_str_eq(kill.evidence, expected);
    snprintf(expected, sizeof expected, "majority: %s", names);
    cr_expect_str_eq(kill.description, expected);
}

Test(processes, the_primary_is_who_says_so)
{
    struct fault_instance kill = chosen(&fault_kill, "{targets: primaries}");
    inject(&kill);
    cr_expect_eq(kill.nodes, node_bit(1));
    cr_expect_str_eq(kill.description, "primaries: n2");
    heal(&kill);
}

Test(processes, all_can_be_killed_and_started_again)
{
    struct fault_instance kill = chosen(&fault_kill, "{targets: all}");
    inject(&kill);
    cr_expect_eq(in_state(PROCESS_GONE), cluster_all(&cluster));
    heal(&kill);
    cr_expect_eq(in_state(PROCESS_RUNNING), cluster_all(&cluster));
}

Test(processes, who_does_not_run_cannot_be_killed)
{
    struct fault_instance first = chosen(&fault_kill, "{targets: all}");
    inject(&first);
    struct fault_instance second = chosen(&fault_kill, "{targets: all}");
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(fault_kill.inject(&second, &err), ERR_IO);
    cr_expect_str_eq(err.text, "all: no process of the database runs on n1 n2 n3");
    cr_expect(!second.proven);
    heal(&first);
}

Test(processes, killing_leaves_out_who_is_gone_already)
{
    cr_assert_eq(database_signal_node(env.database, &nodes[0], SIGKILL, NULL), 0);
    await_one_gone();
    struct fault_instance kill = chosen(&fault_kill, "{targets: all}");
    inject(&kill);
    cr_expect_eq(kill.nodes, node_bit(1) | node_bit(2));
    cr_expect_str_eq(kill.description, "all: n2 n3");
    heal(&kill);
    cr_expect_eq(in_state(PROCESS_GONE), node_bit(0));
}

/* --- pause --- */

Test(processes, paused_ones_stand_still_and_go_on_as_they_were)
{
    struct fault_instance pause = chosen(&fault_pause, "{targets: minority}");
    struct process_id before[NODES];
    for (uint32_t i = 0; i < NODES; i++)
        before[i] = database_node_process(env.database, &nodes[i]);
    inject(&pause);
    cr_expect_eq(node_set_count(pause.nodes), 1);
    cr_expect(pause.proven);
    for (uint32_t i = 0; i < NODES; i++)
        cr_expect_eq(kernel_state(i) == 'T', (pause.nodes & node_bit(i)) != 0);
    fault_pause.observe(&pause);
    heal(&pause);
    cr_expect_null(pause.state);
    for (uint32_t i = 0; i < NODES; i++) {
        cr_expect(strchr("SR", kernel_state(i)), "%c", kernel_state(i));
        cr_expect_eq(database_node_process(env.database, &nodes[i]).pid, before[i].pid);
    }
    char names[32], expected[128];
    node_set_text(&cluster, pause.nodes, names, sizeof names);
    snprintf(expected, sizeof expected, "process stopped (state T) on %s", names);
    cr_expect_str_eq(pause.evidence, expected);
    heal(&pause);
}

Test(processes, pause_journals_how_to_resume_before_and_that_it_did_after)
{
    int open = count_lines(journal_path, "resume"), done = count_lines(journal_path, "done");
    struct fault_instance pause = chosen(&fault_pause, "{targets: all}");
    inject(&pause);
    cr_expect_eq(count_lines(journal_path, "resume"), open + NODES);
    cr_expect_eq(count_lines(journal_path, "done"), done);
    heal(&pause);
    cr_expect_eq(count_lines(journal_path, "done"), done + NODES);
}

/* A node that dies while it is paused: the others are resumed, and the evidence tells. */
Test(processes, who_ended_while_paused_is_told)
{
    struct fault_instance pause = chosen(&fault_pause, "{targets: all}");
    inject(&pause);
    cr_assert_eq(database_signal_node(env.database, &nodes[2], SIGKILL, NULL), 0);
    await_one_gone();
    fault_pause.observe(&pause);
    heal(&pause);
    cr_expect_str_eq(pause.evidence, "process stopped (state T) on n1 n2; ended while paused: n3");
    cr_expect_eq(in_state(PROCESS_RUNNING), node_bit(0) | node_bit(1));
}

Test(processes, healing_what_was_never_injected_does_nothing)
{
    struct fault_instance pause = chosen(&fault_pause, "{targets: all}");
    heal(&pause);
    struct fault_instance kill = chosen(&fault_kill, "{targets: all}");
    heal(&kill);
    cr_expect_eq(in_state(PROCESS_RUNNING), cluster_all(&cluster));
}
