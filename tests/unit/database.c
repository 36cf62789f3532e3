#include "injector/database.h"

#include "core/arena.h"
#include "injector/database_description.h"
#include "injector/events.h"
#include "injector/shipped.h"
#include "injector/yaml_tree.h"
#include "unit/remote_support.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <sys/socket.h>

/* A database on nodes, in a folder whose name would harm any shell. */
struct bench {
    const struct remote_type *type;
    struct arena arena;
    struct clock clock;
    struct node nodes[NODES_MAX];
    struct cluster cluster;
    struct journal *journal;
    struct events *events;
    struct remote *remote;
    const struct database *database;
    struct database_run *run;
    char dir[80];
    char events_path[96];
    struct errbuf err;
};

static const char *const names[] = {"n1", "n2", "n3", "n4", "n5", "n6", "n7"};

static void load(struct bench *b, const char *text)
{
    struct yaml_node *node;
    shipped_set_dir(SOURCE_DIR "/workloads");
    CHECK(yaml_tree_parse("d.yaml", text, strlen(text), &b->arena, &node, &b->err) == 0, "%s",
          b->err.text);
    CHECK(database_load(node, "database", ".", &b->arena, &b->database, &b->err) == 0, "%s",
          b->err.text);
}

/* The folder of all benches of a scenario; each has one of its own in it. */
static char scenario_dir[64];

static void open_bench(struct bench *b, const char *remote, uint32_t count, const char *text)
{
    char path[128];
    *b = (struct bench){.type = remote_find(remote)};
    arena_init(&b->arena, 0);
    clock_init_real(&b->clock);
    load(b, text);
    if (b->type->enter_privileges)
        CHECK(b->type->enter_privileges(&b->err) == 0, "%s", b->err.text);
    static unsigned number;
    snprintf(b->dir, sizeof b->dir, "%s/%u", scenario_dir, number++);
    CHECK(mkdir(b->dir, 0755) == 0);
    for (uint32_t i = 0; i < count; i++)
        b->nodes[i] = (struct node){.name = names[i], .index = i};
    b->cluster = (struct cluster){.nodes = b->nodes, .count = count};
    snprintf(path, sizeof path, "%s/journal.jsonl", b->dir);
    CHECK(journal_open(path, &b->journal, &b->err) == 0, "%s", b->err.text);
    snprintf(b->events_path, sizeof b->events_path, "%s/events.jsonl", b->dir);
    CHECK(events_open(b->events_path, &b->clock, &b->events, &b->err) == 0, "%s", b->err.text);
    snprintf(path, sizeof path, "%s/nodes", b->dir);
    struct remote_config config = {.run_name = "test", .dir = path, .journal = b->journal};
    CHECK(b->type->open(&config, &b->cluster, &b->remote, &b->err) == 0, "%s", b->err.text);
    CHECK(b->type->enter(b->remote, &b->err) == 0, "%s", b->err.text);
    CHECK(database_run_new(b->database, b->remote, &b->cluster, b->events, &b->run, &b->err) == 0);
}

static void close_bench(struct bench *b)
{
    database_run_free(b->run);
    b->type->close(b->remote);
    events_close(b->events);
    journal_close(b->journal);
    remove_temporary(b->dir);
    arena_fini(&b->arena);
}

static void heal_benches(void)
{
    char path[128];
    struct heal_report report;
    for (unsigned i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%u/journal.jsonl", scenario_dir, i);
        if (access(path, F_OK) == 0)
            journal_heal(path, &report, NULL);
    }
}

struct scenario {
    void (*act)(void *context);
    void *context;
};

/* In one more process: a scenario that fails ends at once, and leaves its nodes to us. */
static void act_and_clean_up(void *context)
{
    const struct scenario *scenario = context;
    int status;
    strcpy(scenario_dir, "/tmp/faultline db '$(x)' XXXXXX");
    CHECK(mkdtemp(scenario_dir) != NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        scenario->act(scenario->context);
        fflush(NULL);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    heal_benches();
    remove_temporary(scenario_dir);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
}

static void run_bench(void (*act)(void *context), void *context)
{
    struct scenario scenario = {act, context};
    run_scenario(AS_USER, act_and_clean_up, &scenario);
}

/* The states of a node's process so far, as "started ready killed". */
static void states_of(const struct bench *b, const char *node, char *out, size_t size)
{
    char *text = file_text(b->events_path);
    out[0] = '\0';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *event = json_loads(line, 0, NULL);
        const char *name = json_string_value(json_object_get(event, "node"));
        const char *state =
            json_string_value(json_object_get(json_object_get(event, "detail"), "state"));
        size_t used = strlen(out);
        if (name && state && strcmp(name, node) == 0)
            snprintf(out + used, size - used, "%s%s", used ? " " : "", state);
        json_decref(event);
    }
    free(text);
}

static void expect_states(const struct bench *b, const char *node, const char *wanted)
{
    char states[512];
    states_of(b, node, states, sizeof states);
    CHECK(strcmp(states, wanted) == 0, "states of %s: %s", node, states);
}

static char *node_file(const struct bench *b, uint32_t node, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->nodes[node].dir, name);
    return file_text(path);
}

/* The file, once it has a text as long as this. */
static char *await_text(const struct bench *b, uint32_t node, const char *name, size_t length)
{
    for (int64_t deadline = monotonic_ns() + PATIENCE_NS;; sleep_ns(NS_PER_MS)) {
        char *text = node_file(b, node, name);
        if (strlen(text) >= length || monotonic_ns() > deadline)
            return text;
        free(text);
    }
}

#define SLEEPER "{name: sleeper, start: {run: [sleep, '1000']}"

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

/* --- what goes wrong before the test --- */

static void program_is_missing(void *context)
{
    (void)context;
    struct bench b;
    char version[8] = "x";
    open_bench(&b, "local", 2,
               "{name: nodb, install: {programs: [sh, no-such-program, nor-this], hint: "
               "apt-get install nodb}, start: {run: [no-such-program]}}");
    CHECK(database_check_install(b.run, version, sizeof version, &b.err) == ERR_UNSUPPORTED);
    CHECK(strcmp(b.err.text, "n1: program 'no-such-program' is not there; try: apt-get install "
                             "nodb") == 0,
          "%s", b.err.text);
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == ERR_UNSUPPORTED);
    CHECK(strncmp(b.err.text, "n1: ", 4) == 0 && strstr(b.err.text, "no-such-program"), "%s",
          b.err.text);
    close_bench(&b);
}

Test(database, names_the_program_that_is_missing_and_how_to_get_it)
{
    run_bench(program_is_missing, NULL);
}

static void version_fails(void *context)
{
    (void)context;
    struct bench b;
    char version[64] = "x";
    open_bench(&b, "local", 1,
               "{name: d, install: {programs: [sh], version: {run: [sh, -c, 'echo 1.2; echo 3']}}, "
               "start: {run: [sh]}}");
    CHECK(database_check_install(b.run, version, sizeof version, &b.err) == 0);
    CHECK(strcmp(version, "1.2") == 0, "%s", version);
    CHECK(database_check_install(b.run, NULL, 0, &b.err) == 0);
    close_bench(&b);
    open_bench(&b, "local", 1,
               "{name: d, install: {version: {run: [sh, -c, 'echo no >&2; exit 4']}}, "
               "start: {run: [sh]}}");
    CHECK(database_check_install(b.run, version, sizeof version, &b.err) == ERR_COMMAND);
    CHECK(strcmp(b.err.text, "n1: version: 'sh' ended with status 4: no") == 0, "%s", b.err.text);
    close_bench(&b);
}

Test(database, keeps_the_first_line_of_the_version)
{
    run_bench(version_fails, NULL);
}

static void dies_at_start(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 2,
               "{name: dier, start: {run: [sh, -c, \"echo first; echo my last; echo words; echo; "
               "exit 3\"]}, ready: {run: ['false'], timeout: 100s, interval: 5ms}}");
    int64_t before_ns = monotonic_ns();
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == ERR_COMMAND);
    CHECK(monotonic_ns() - before_ns < PATIENCE_NS);
    CHECK(strcmp(b.err.text,
                 "n1: dier ended before it was ready; its log ends with: my last|words") == 0,
          "%s", b.err.text);
    expect_states(&b, "n1", "started died");
    close_bench(&b);
}

Test(database, shows_the_last_words_of_a_node_that_dies_at_start)
{
    run_bench(dies_at_start, NULL);
}

static void never_ready(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 1,
               SLEEPER ", ready: {http: {url: 'http://{{node.ip}}:1/x'}, timeout: 1s}}");
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == ERR_TIMEOUT);
    static const char begin[] =
        "n1: sleeper was not ready within 1 s: GET http://127.77.0.10:1/x: ";
    CHECK(strncmp(b.err.text, begin, sizeof begin - 1) == 0, "%s", b.err.text);
    CHECK(strlen(b.err.text) > sizeof begin, "%s", b.err.text);
    close_bench(&b);
}

Test(database, says_what_a_node_that_is_never_ready_answers)
{
    run_bench(never_ready, NULL);
}

/* The first question is answered with status 7, every other one never: only our deadline ends it.
 */
static void hangs_after_an_answer(void *context)
{
    (void)context;
    struct bench b;
    open_bench(&b, "local", 1,
               SLEEPER ", ready: {run: [sh, -c, 'mkdir \"$1\" 2>/dev/null && exit 7; exec sleep "
                       "1000', sh, '{{node.dir}}/asked'], timeout: 1s, interval: 1ms}}");
    CHECK(database_start(b.run, cluster_all(&b.cluster), &b.err) == ERR_TIMEOUT);
    CHECK(strcmp(b.err.text, "n1: sleeper was not ready within 1 s: 'sh' ended with status 7") == 0,
          "%s", b.err.text);
    CHECK(database_await_ready(b.run, &b.nodes[0], NS_PER_S / 2, &b.err) == ERR_TIMEOUT);
    CHECK(strncmp(b.err.text, "sleeper was not ready within 0.5 s: 'sh' did not end within ", 60) ==
              0,
          "%s", b.err.text);
    close_bench(&b);
}

Test(database, an_answer_cut_short_by_the_deadline_does_not_hide_the_last_real_one)
{
    run_bench(hangs_after_an_answer, NULL);
}

static void never_started(void *context)
{
    (void)context;
    struct bench b;
    char path[128];
    open_bench(&b, "local", 1, SLEEPER "}");
    CHECK(database_await_ready(b.run, &b.nodes[0], 0, &b.err) == ERR_COMMAND);
    CHECK(strcmp(b.err.text, "sleeper was never started") == 0, "%s", b.err.text);
    CHECK(database_node_state(b.run, &b.nodes[0]) == PROCESS_GONE);
    CHECK(database_signal_node(b.run, &b.nodes[0], SIGKILL, &b.err) == ERR_IO);
    CHECK(strcmp(b.err.text, "sleeper does not run") == 0, "%s", b.err.text);
    CHECK(database_stop_node(b.run, &b.nodes[0], &b.err) == 0);
    CHECK(database_wipe_node(b.run, &b.nodes[0], &b.err) == 0);
    snprintf(path, sizeof path, "%s/logs", b.dir);
    CHECK(database_fetch_logs(b.run, path, &b.err) == 0, "%s", b.err.text);
    close_bench(&b);
}

Test(database, a_node_that_was_never_started_harms_nothing)
{
    run_bench(never_started, NULL);
}

/* A socket on the first node's address, on a port of the kernel's choice. */
static int take_port(const struct bench *b, bool listening, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(inet_pton(AF_INET, b->nodes[0].address, &address.sin_addr) == 1);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(!listening || listen(fd, 1) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void port_in_use(void *context)
{
    (void)context;
    for (int listening = 0; listening < 2; listening++) {
        struct bench b;
        char text[200], wanted[300];
        uint16_t port;
        open_bench(&b, "local", 2, SLEEPER "}");
        int fd = take_port(&b, listening, &port);
        snprintf(text, sizeof text, SLEEPER ", settings: {p: %u}, ports: ['{{settings.p}}']}",
                 port);
        load(&b, text);
        database_run_free(b.run);
        CHECK(database_run_new(b.database, b.remote, &b.cluster, b.events, &b.run, &b.err) == 0);
        snprintf(wanted, sizeof wanted,
                 "port %u on 127.77.0.10 is in use by another program, and sleeper needs it; end "
                 "that program, or change the port in the database's description",
                 port);
        CHECK(database_check_ports(b.run, &b.nodes[0], &b.err) == ERR_IO);
        CHECK(strcmp(b.err.text, wanted) == 0, "%s", b.err.text);
        CHECK(database_check_ports(b.run, &b.nodes[1], &b.err) == 0, "%s", b.err.text);
        close(fd);
        CHECK(database_check_ports(b.run, &b.nodes[0], &b.err) == 0, "%s", b.err.text);
        close_bench(&b);
    }
}

Test(database, names_a_port_that_is_in_use)
{
    run_bench(port_in_use, NULL);
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
