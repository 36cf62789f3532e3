/* What every remote on this host promises, on each of them: network namespaces as root and as an
 * ordinary user, and plain processes. */
#include "injector/remote.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/subprocess.h"
#include "remote_support.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>

struct scenario {
    const char *remote;
    void (*body)(struct fixture *f);
};

static void on_fixture(void *context)
{
    const struct scenario *scenario = context;
    struct fixture f;
    fixture_open(&f, scenario->remote, 3);
    scenario->body(&f);
    fixture_close(&f);
}

static void run_on_remote(enum who who, const char *remote, void (*body)(struct fixture *f))
{
    struct scenario scenario = {.remote = remote, .body = body};
    run_scenario(who, on_fixture, &scenario);
}

/* The body follows as a function. */
#define TEST_EVERYWHERE(sentence)                                                                  \
    static void sentence(struct fixture *f);                                                       \
    Test(remote, sentence##_netns_as_root)                                                         \
    {                                                                                              \
        run_on_remote(AS_ROOT, "netns", sentence);                                                 \
    }                                                                                              \
    Test(remote, sentence##_netns_as_user)                                                         \
    {                                                                                              \
        run_on_remote(AS_USER, "netns", sentence);                                                 \
    }                                                                                              \
    Test(remote, sentence##_local_as_user)                                                         \
    {                                                                                              \
        run_on_remote(AS_USER, "local", sentence);                                                 \
    }                                                                                              \
    static void sentence(struct fixture *f)

TEST_EVERYWHERE(arguments_and_input_reach_a_node_as_they_are)
{
    static const char *const argv[] = {
        "sh", "-c", "printf '%s|' \"$@\"; cat", "sh", "a b", "$(id)", "it's\n\"", "", NULL};
    struct command_result result = run_on(f, 1, argv, "input with `id`\n");
    CHECK(strcmp(result.out.text, "a b|$(id)|it's\n\"||input with `id`\n") == 0, "%s",
          result.out.text);
    command_result_fini(&result);
}

TEST_EVERYWHERE(commands_run_in_the_folder_of_their_node)
{
    static const char *const argv[] = {"pwd", NULL};
    struct command_result result = run_on(f, 2, argv, NULL);
    char expected[128];
    snprintf(expected, sizeof expected, "%s/n3\n", f->nodes_dir);
    CHECK(strcmp(result.out.text, expected) == 0, "%s", result.out.text);
    CHECK(strlen(f->nodes[2].dir) + 1 == strlen(expected));
    command_result_fini(&result);
}

TEST_EVERYWHERE(process_is_followed_from_start_to_end)
{
    struct process_id process = start_on(f, 0, sleeping);
    CHECK(f->type->state(f->remote, &f->nodes[0], process) == PROCESS_RUNNING);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGSTOP, &f->err) == 0);
    await_state(process, PROCESS_STOPPED);
    CHECK(f->type->state(f->remote, &f->nodes[0], process) == PROCESS_STOPPED);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGCONT, &f->err) == 0);
    await_state(process, PROCESS_RUNNING);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGKILL, &f->err) == 0);
    await_state(process, PROCESS_GONE);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGKILL, &f->err) == ERR_IO);
    CHECK(strstr(f->err.text, "is gone") != NULL, "%s", f->err.text);
    struct process_id again = start_on(f, 0, sleeping);
    CHECK(f->type->state(f->remote, &f->nodes[0], again) == PROCESS_RUNNING);
    CHECK(f->type->state(f->remote, &f->nodes[0], process) == PROCESS_GONE);
}

TEST_EVERYWHERE(signals_reach_the_whole_group)
{
    static const char *const argv[] = {"sh", "-c", "sleep 1000 & echo $!; wait", NULL};
    struct process_id process = start_on(f, 0, argv);
    char log[128];
    snprintf(log, sizeof log, "%s/n1.log", f->dir);
    struct process_id child;
    CHECK(process_id_of((pid_t)await_number(log), &child, NULL) == 0);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGSTOP, &f->err) == 0);
    await_state(child, PROCESS_STOPPED);
    CHECK(f->type->signal(f->remote, &f->nodes[0], process, SIGKILL, &f->err) == 0);
    await_state(child, PROCESS_GONE);
}

TEST_EVERYWHERE(strangers_get_no_signal)
{
    struct process_id stranger;
    struct subprocess what = {.argv = sleeping, .user_ns = -1, .net_ns = -1};
    CHECK(subprocess_spawn(&what, "/dev/null", NULL, NULL, &stranger, &f->err) == 0);
    CHECK(f->type->signal(f->remote, &f->nodes[0], stranger, SIGKILL, &f->err) == ERR_IO);
    CHECK(process_id_state(stranger) == PROCESS_RUNNING);
    struct process_id process = start_on(f, 0, sleeping);
    struct process_id other = process;
    other.start_ticks++;
    CHECK(f->type->signal(f->remote, &f->nodes[0], other, SIGKILL, &f->err) == ERR_IO);
    CHECK(process_id_state(process) == PROCESS_RUNNING);
    kill(stranger.pid, SIGKILL);
    waitpid(stranger.pid, NULL, 0);
}

/* Checks nothing itself: fixture_close finds whoever is left. */
TEST_EVERYWHERE(daemons_and_stopped_processes_end_with_the_remote)
{
    static const char *const daemon[] = {
        "sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000", NULL};
    start_on(f, 1, daemon);
    char log[128];
    snprintf(log, sizeof log, "%s/n2.log", f->dir);
    await_number(log);
    static const char *const runs_daemon[] = {"sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 &",
                                              NULL};
    struct command_result result = run_on(f, 0, runs_daemon, NULL);
    command_result_fini(&result);
    struct process_id stopped = start_on(f, 0, sleeping);
    CHECK(f->type->signal(f->remote, &f->nodes[0], stopped, SIGSTOP, &f->err) == 0);
}

TEST_EVERYWHERE(what_a_dead_process_leaves_is_cleared_before_its_node_starts_another)
{
    static const char *const argv[] = {"sh", "-c", "sleep 1000 & echo $!", NULL};
    struct process_id process = start_on(f, 0, argv);
    char log[128];
    snprintf(log, sizeof log, "%s/n1.log", f->dir);
    struct process_id child;
    CHECK(process_id_of((pid_t)await_number(log), &child, NULL) == 0);
    await_state(process, PROCESS_GONE);
    CHECK(process_id_state(child) == PROCESS_RUNNING);
    start_on(f, 0, sleeping);
    await_state(child, PROCESS_GONE);
    struct process_stat stat;
    CHECK(!process_stat_read(process.pid, &stat), "a zombie is left");
}

TEST_EVERYWHERE(missing_program_is_named_with_its_node_and_leaves_nothing)
{
    static const char *const argv[] = {"no-such-database", NULL};
    struct command command = {.argv = argv};
    struct command_result result;
    CHECK(f->type->run(f->remote, &f->nodes[1], &command, &result, &f->err) == ERR_UNSUPPORTED);
    CHECK(strstr(f->err.text, "no program 'no-such-database' on node n2") != NULL, "%s",
          f->err.text);
    char log[128];
    snprintf(log, sizeof log, "%s/log", f->dir);
    struct spawn spawn = {.argv = argv, .log = log};
    struct process_id process;
    CHECK(f->type->spawn(f->remote, &f->nodes[1], &spawn, &process, &f->err) == ERR_UNSUPPORTED);
    CHECK(strstr(f->err.text, "no program 'no-such-database' on node n2") != NULL, "%s",
          f->err.text);
    static const char *const directory[] = {"/etc", NULL};
    spawn.argv = directory;
    CHECK(f->type->spawn(f->remote, &f->nodes[1], &spawn, &process, &f->err) == ERR_UNSUPPORTED);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1, "a child is left");
}

TEST_EVERYWHERE(spawn_has_its_environment_and_folder)
{
    static const char *const argv[] = {"sh", "-c", "echo \"$COLOUR\"; pwd", NULL};
    static const char *const env[] = {"COLOUR=dark $(id) blue", NULL};
    char log[128];
    snprintf(log, sizeof log, "%s/log with spaces", f->dir);
    struct spawn spawn = {.argv = argv, .env = env, .dir = "/", .log = log};
    struct process_id process;
    CHECK(f->type->spawn(f->remote, &f->nodes[0], &spawn, &process, &f->err) == 0, "%s",
          f->err.text);
    await_state(process, PROCESS_GONE);
    char *text = file_text(log);
    CHECK(strcmp(text, "dark $(id) blue\n/\n") == 0, "%s", text);
    free(text);
}

TEST_EVERYWHERE(journal_knows_a_process_before_it_runs)
{
    char journal[160];
    snprintf(journal, sizeof journal, "%s", f->journal_path);
    const char *const argv[] = {"sh", "-c",    "grep -c \"\\\"pid\\\":$$,\" \"$1\"",
                                "sh", journal, NULL};
    start_on(f, 0, argv);
    char log[128];
    snprintf(log, sizeof log, "%s/n1.log", f->dir);
    CHECK(await_number(log) == 1);
}

TEST_EVERYWHERE(files_are_copied_whole_with_mode_0644)
{
    char local[128];
    char there[160];
    char back[128];
    snprintf(local, sizeof local, "%s/a file", f->dir);
    snprintf(there, sizeof there, "%s/$(id) 'x'", f->nodes[0].dir);
    snprintf(back, sizeof back, "%s/back", f->dir);
    int fd = open(local, O_WRONLY | O_CREAT, 0700);
    static char data[300001];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7 + i / 256);
    CHECK(write(fd, data, sizeof data) == sizeof data);
    close(fd);
    CHECK(f->type->upload(f->remote, &f->nodes[0], local, there, &f->err) == 0, "%s", f->err.text);
    CHECK(f->type->download(f->remote, &f->nodes[0], there, back, &f->err) == 0, "%s", f->err.text);
    struct stat info;
    CHECK(stat(there, &info) == 0 && (info.st_mode & 0777) == 0644);
    CHECK(stat(back, &info) == 0 && info.st_size == (off_t)sizeof data);
    char *text = file_text(back);
    CHECK(memcmp(text, data, sizeof data) == 0);
    free(text);
    CHECK(f->type->download(f->remote, &f->nodes[0], "/no/such", back, &f->err) == ERR_IO);
    CHECK(f->type->download(f->remote, &f->nodes[0], "/etc", back, &f->err) == ERR_IO);
    CHECK(f->type->upload(f->remote, &f->nodes[0], local, "/no/such/folder/x", &f->err) == ERR_IO);
    CHECK(stat(back, &info) == 0 && info.st_size == (off_t)sizeof data, "a failure changed it");
}

TEST_EVERYWHERE(failing_command_is_explained_by_its_last_line)
{
    static const char *const argv[] = {"sh", "-c", "echo first >&2; echo the reason >&2; exit 7",
                                       NULL};
    struct command command = {.argv = argv};
    struct command_result result;
    CHECK(remote_run_ok(f->remote, &f->nodes[0], &command, &result, &f->err) == ERR_COMMAND);
    CHECK(strcmp(f->err.text, "'sh' ended with status 7: the reason") == 0, "%s", f->err.text);
    CHECK(result.err.text == NULL);
    static const char *const silent[] = {"false", NULL};
    command.argv = silent;
    CHECK(remote_run_ok(f->remote, &f->nodes[0], &command, NULL, &f->err) == ERR_COMMAND);
    CHECK(strcmp(f->err.text, "'false' ended with status 1") == 0, "%s", f->err.text);
}

TEST_EVERYWHERE(no_descriptor_is_left_by_any_call)
{
    static const char *const argv[] = {"true", NULL};
    static const char *const missing[] = {"no-such-program", NULL};
    struct command command = {.argv = missing};
    struct command_result result = run_on(f, 0, argv, "x");
    command_result_fini(&result);
    unsigned before = count_descriptors();
    for (int i = 0; i < 3; i++) {
        result = run_on(f, 0, argv, "x");
        command_result_fini(&result);
        start_on(f, 1, sleeping);
        f->type->run(f->remote, &f->nodes[0], &command, NULL, NULL);
    }
    CHECK(count_descriptors() == before, "%u before, now %u", before, count_descriptors());
}

/* --- without a fixture --- */

Test(remote, all_are_found_by_name_with_every_slot_filled)
{
    cr_assert_null(remote_find("no-such-remote"));
    for (const struct remote_type *const *each = remote_table; *each; each++) {
        const struct remote_type *type = *each;
        cr_assert_eq(remote_find(type->name), type);
        cr_assert(type->doc && type->probe && type->open && type->close && type->enter &&
                  type->run && type->spawn && type->signal && type->state && type->upload &&
                  type->download);
    }
}

static void open_with_odd_name(void *context)
{
    char dir[64];
    char nodes_dir[80];
    make_temporary(dir);
    snprintf(nodes_dir, sizeof nodes_dir, "%s/nodes", dir);
    struct node node = {.name = context};
    struct cluster cluster = {.nodes = &node, .count = 1};
    struct remote_config config = {.run_name = "x", .dir = nodes_dir};
    struct errbuf err = ERRBUF_INIT;
    struct remote *remote = NULL;
    CHECK(remote_find("local")->open(&config, &cluster, &remote, &err) == ERR_INPUT, "%s",
          err.text);
    CHECK(strstr(err.text, "must do as the name of a folder") != NULL, "%s", err.text);
    CHECK(remote == NULL && node.dir == NULL);
    remove_temporary(dir);
}

Test(remote, node_name_that_leads_elsewhere_is_refused)
{
    run_scenario(AS_USER, open_with_odd_name, "../n1");
    run_scenario(AS_USER, open_with_odd_name, "..");
    run_scenario(AS_USER, open_with_odd_name, "");
}

/* --- for_nodes --- */

enum { MEETING = 5 };

struct meeting {
    pthread_barrier_t barrier;
    _Atomic unsigned seen;
};

/* Nobody gets through before all are there. */
static int meet(void *context, const struct node *node, struct errbuf *err)
{
    struct meeting *meeting = context;
    meeting->seen |= 1U << node->index;
    pthread_barrier_wait(&meeting->barrier);
    if (node->index == 3 || node->index == 1)
        return errbuf_set(err, node->index == 1 ? ERR_TIMEOUT : ERR_IO, "trouble %u", node->index);
    return 0;
}

static struct node some_nodes[6] = {{.name = "a", .index = 0}, {.name = "b", .index = 1},
                                    {.name = "c", .index = 2}, {.name = "d", .index = 3},
                                    {.name = "e", .index = 4}, {.name = "f", .index = 5}};
static struct cluster some_cluster = {.nodes = some_nodes, .count = 6};

Test(remote, for_nodes_calls_at_once_and_tells_the_first_failure_by_index, .timeout = 20)
{
    struct meeting meeting = {.seen = 0};
    struct errbuf err = ERRBUF_INIT;
    pthread_barrier_init(&meeting.barrier, NULL, MEETING);
    node_set set = cluster_all(&some_cluster) & ~node_bit(2);
    cr_assert_eq(for_nodes(&some_cluster, set, meet, &meeting, &err), ERR_TIMEOUT);
    cr_assert_str_eq(err.text, "b: trouble 1");
    cr_assert_eq(meeting.seen, 0x3bU);
}

static int fine(void *context, const struct node *node, struct errbuf *err)
{
    (void)err;
    *(unsigned *)context |= 1U << node->index;
    return 0;
}

Test(remote, for_nodes_of_none_and_of_one_works)
{
    unsigned seen = 0;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(for_nodes(&some_cluster, 0, fine, &seen, &err), 0);
    cr_assert_eq(seen, 0U);
    cr_assert_eq(for_nodes(&some_cluster, node_bit(4), fine, &seen, &err), 0);
    cr_assert_eq(seen, 0x10U);
    cr_assert_str_eq(err.text, "");
}
