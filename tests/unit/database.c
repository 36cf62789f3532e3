/* The life of a database on its nodes: processes, values, primaries. */
#include "unit/database_support.h"

/* --- the real thing --- */

static void await_one_primary(struct bench *b, node_set not_these, node_set *out)
{
    for (int64_t deadline = monotonic_ns() + PATIENCE_NS;; sleep_ns(50 * NS_PER_MS)) {
        CHECK(database_primaries(b->run, NS_PER_S, out, &b->err) == 0, "%s", b->err.text);
        if (node_set_count(*out) == 1 && !(*out & not_these))
            return;
        CHECK(monotonic_ns() < deadline, "nobody ever led");
    }
}

static void etcd_lives(void *remote)
{
    struct bench b;
    char version[128], path[128];
    node_set leader, other;
    open_bench(&b, remote, 3, "etcd: {heartbeat_ms: 50, election_ms: 500}");
    CHECK(database_check_install(b.run, version, sizeof version, &b.err) == 0, "%s", b.err.text);
    CHECK(strncmp(version, "etcd Version: ", 14) == 0, "%s", version);
    for (uint32_t i = 0; i < 3; i++)
        CHECK(database_check_ports(b.run, &b.nodes[i], &b.err) == 0, "%s", b.err.text);
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == 0, "%s", b.err.text);
    CHECK(database_check_ports(b.run, &b.nodes[0], &b.err) == ERR_IO);
    await_one_primary(&b, 0, &leader);

    const struct node *node = &b.nodes[__builtin_ctzll(leader)];
    CHECK(database_wipe_node(b.run, node, &b.err) == ERR_IO);
    CHECK(database_signal_node(b.run, node, SIGKILL, &b.err) == 0, "%s", b.err.text);
    await_one_primary(&b, leader, &other);
    CHECK(database_node_state(b.run, node) == PROCESS_GONE);
    CHECK(database_node_process(b.run, node).pid == 0);
    CHECK(database_start_node(b.run, node, &b.err) == 0, "%s", b.err.text);
    CHECK(database_await_ready(b.run, node, 0, &b.err) == 0, "%s", b.err.text);
    expect_states(&b, node->name, "started ready killed started ready");

    CHECK(database_stop_node(b.run, node, &b.err) == 0, "%s", b.err.text);
    char *log = node_file(&b, node->index, "etcd.log");
    CHECK(strlen(log) > 100);
    free(log);
    snprintf(path, sizeof path, "%s/logs", b.dir);
    CHECK(database_fetch_logs(b.run, path, &b.err) == 0, "%s", b.err.text);
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/logs/%s/etcd.log", b.dir, names[i]);
        CHECK(access(path, R_OK) == 0, "%s", path);
    }
    snprintf(path, sizeof path, "%s/data", node->dir);
    CHECK(access(path, F_OK) == 0);
    CHECK(database_wipe_node(b.run, node, &b.err) == 0, "%s", b.err.text);
    CHECK(access(path, F_OK) != 0);
    close_bench(&b);
}

Test(database, etcd_starts_elects_dies_comes_back_and_leaves_in_namespaces)
{
    run_bench(etcd_lives, (void *)"netns");
}

Test(database, etcd_starts_elects_dies_comes_back_and_leaves_on_this_host)
{
    run_bench(etcd_lives, (void *)"local");
}

/* --- values are data --- */

static void values_are_data(void *context)
{
    (void)context;
    static const char evil[] = "$(touch /tmp/faultline-evil) `id` 'a' \"b\" {{node.ip}} ; & | \\ *";
    struct bench b;
    open_bench(&b, "local", 1,
               "name: d\n"
               "settings: {evil: \"$(touch /tmp/faultline-evil) `id` 'a' \\\"b\\\" {{node.ip}} ; & "
               "| \\\\ *\"}\n"
               "start:\n"
               "  run: [sh, -c, 'printf \"%s\\n%s\\n%s\\n%s\\n\" \"$#\" \"$1\" \"$V\" \"$2\"; exec "
               "sleep 1000', sh, '{{settings.evil}}', '']\n"
               "  env: {V: '<{{settings.evil}}>'}\n"
               "  log: '{{node.dir}}/a log'\n"
               "wipe: {remove: ['{{node.dir}}/{{settings.evil}}/$HOME']}\n");
    char wanted[512], path[512];
    size_t length = (size_t)snprintf(wanted, sizeof wanted, "2\n%s\n<%s>\n\n", evil, evil);
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == 0, "%s", b.err.text);
    char *text = await_text(&b, 0, "a log", length);
    CHECK(strcmp(text, wanted) == 0, "%s", text);
    free(text);
    CHECK(access("/tmp/faultline-evil", F_OK) != 0, "a value was run");
    CHECK(database_stop_node(b.run, &b.nodes[0], &b.err) == 0, "%s", b.err.text);
    CHECK(database_wipe_node(b.run, &b.nodes[0], &b.err) == 0, "%s", b.err.text);
    snprintf(path, sizeof path, "%s/logs", b.dir);
    CHECK(database_fetch_logs(b.run, path, &b.err) == 0, "%s", b.err.text);
    snprintf(path, sizeof path, "%s/logs/n1/a log", b.dir);
    text = file_text(path);
    CHECK(strcmp(text, wanted) == 0, "%s", text);
    free(text);
    close_bench(&b);
}

Test(database, spaces_quotes_and_dollars_in_values_mean_nothing)
{
    run_bench(values_are_data, NULL);
}

static void templates_name_nodes(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 2,
               "name: d\npeers: {each: '{{peer.number}}={{peer.name}}@{{peer.ip}}', join: ' ; '}\n"
               "start: {run: [sh, -c, 'echo \"$1\"; exec sleep 1000', sh, '{{node.name}} "
               "{{node.index}} {{node.number}} {{cluster.size}} [{{cluster.peers}}] "
               "{{open}}x}}']}\n");
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == 0, "%s", b.err.text);
    static const char wanted[] = "n2 1 2 2 [1=n1@127.77.0.10 ; 2=n2@127.77.0.11] {{x}}\n";
    char *text = await_text(&b, 1, "d.log", strlen(wanted));
    CHECK(strcmp(text, wanted) == 0, "%s", text);
    free(text);
    close_bench(&b);
}

Test(database, templates_are_replaced_for_each_node)
{
    run_bench(templates_name_nodes, NULL);
}

/* --- processes --- */

static void paused_and_resumed(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 1, SLEEPER "}");
    const struct node *n1 = &b.nodes[0];
    CHECK(database_start(b.run, 1, &b.err) == 0, "%s", b.err.text);
    struct process_id process = database_node_process(b.run, n1);
    CHECK(database_start_node(b.run, n1, &b.err) == 0);
    CHECK(database_node_process(b.run, n1).pid == process.pid, "started twice");
    CHECK(database_signal_node(b.run, n1, SIGSTOP, &b.err) == 0);
    await_state(process, PROCESS_STOPPED);
    CHECK(database_node_state(b.run, n1) == PROCESS_STOPPED);
    CHECK(database_start_node(b.run, n1, &b.err) == 0);
    CHECK(database_node_process(b.run, n1).pid == process.pid, "a paused node was started again");
    CHECK(database_signal_node(b.run, n1, SIGCONT, &b.err) == 0);
    await_state(process, PROCESS_RUNNING);
    CHECK(database_signal_node(b.run, n1, SIGSTOP, &b.err) == 0);
    CHECK(database_stop_node(b.run, n1, &b.err) == 0, "%s", b.err.text);
    CHECK(database_node_state(b.run, n1) == PROCESS_GONE);
    expect_states(&b, "n1", "started ready paused resumed paused stopped");
    close_bench(&b);
}

Test(database, pauses_resumes_and_stops_even_a_paused_node)
{
    run_bench(paused_and_resumed, NULL);
}

static void deaf_to_signals(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 1,
               "{name: deaf, start: {run: [sh, -c, 'trap \"\" TERM; echo up; while :; do sleep 1; "
               "done']}, stop: {timeout: 100ms}, ready: {run: [grep, -q, up, "
               "'{{node.dir}}/deaf.log'], interval: 5ms}}");
    CHECK(database_start(b.run, 1, &b.err) == 0, "%s", b.err.text);
    CHECK(database_stop_node(b.run, &b.nodes[0], &b.err) == 0, "%s", b.err.text);
    CHECK(database_node_state(b.run, &b.nodes[0]) == PROCESS_GONE);
    expect_states(&b, "n1", "started ready killed");
    close_bench(&b);
}

Test(database, kills_what_does_not_stop_in_time)
{
    run_bench(deaf_to_signals, NULL);
}

static void dies_unseen(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 1, SLEEPER "}");
    CHECK(database_start(b.run, 1, &b.err) == 0);
    struct process_id process = database_node_process(b.run, &b.nodes[0]);
    CHECK(kill(process.pid, SIGKILL) == 0);
    await_state(process, PROCESS_GONE);
    CHECK(database_node_state(b.run, &b.nodes[0]) == PROCESS_GONE);
    CHECK(database_node_state(b.run, &b.nodes[0]) == PROCESS_GONE);
    expect_states(&b, "n1", "started ready died");
    close_bench(&b);
}

Test(database, notices_once_when_a_node_dies_by_itself)
{
    run_bench(dies_unseen, NULL);
}

/* --- primaries --- */

static void primaries_by_program(void *context)
{
    (void)context;
    struct bench b;
    node_set primaries = 99;
    open_bench(&b, "local", 3,
               SLEEPER ", primaries: {run: [echo, 'role:{{node.number}}'], contains: 'role:2'}}");
    CHECK(database_primaries(b.run, PATIENCE_NS, &primaries, &b.err) == 0, "%s", b.err.text);
    CHECK(primaries == node_bit(1), "%llu", (unsigned long long)primaries);
    close_bench(&b);
    open_bench(&b, "local", 3, SLEEPER "}");
    CHECK(database_primaries(b.run, NS_PER_S, &primaries, &b.err) == ERR_UNSUPPORTED);
    CHECK(strcmp(b.err.text, "the description of sleeper does not say how to ask a node whether it "
                             "leads (primaries)") == 0,
          "%s", b.err.text);
    close_bench(&b);
}

Test(database, asks_programs_who_leads)
{
    run_bench(primaries_by_program, NULL);
}

static void nobody_answers(void *context)
{
    (void)context;
    struct bench b;
    node_set primaries = 99;
    open_bench(&b, "local", 3,
               SLEEPER ", primaries: {http: {url: 'http://{{node.ip}}:1/'}, equal: [a, b.0]}}");
    CHECK(database_primaries(b.run, PATIENCE_NS, &primaries, &b.err) == 0, "%s", b.err.text);
    CHECK(primaries == 0);
    close_bench(&b);
}

Test(database, nobody_leads_when_nobody_answers)
{
    run_bench(nobody_answers, NULL);
}

/* --- paths --- */

Test(database, only_what_is_below_the_node_s_folder_may_be_removed)
{
    static const char *const below[] = {"/n/x", "/n/x/y", "/n//x", "/n/..x", "/n/x..", "/n/.x"};
    static const char *const outside[] = {"/n",      "/n/",        "/n//",   "/nn/x", "/etc",
                                          "n/x",     "",           "/n/..",  "/n/.",  "/n/../etc",
                                          "/n/x/..", "/n/x/../..", "/n/./x", "/",     " /n/x"};
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++)
        cr_assert(database_path_is_below(below[i], "/n"), "%s", below[i]);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        cr_assert_not(database_path_is_below(outside[i], "/n"), "%s", outside[i]);
}
