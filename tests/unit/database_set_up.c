/* What goes wrong with a database before the test, and what is said of it. */
#include "unit/database_support.h"

#include <arpa/inet.h>
#include <sys/socket.h>

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
