/* `faultline heal` after the controller was killed, as root and as an ordinary user; and journals
 * that describe what must not be touched. */
#include "injector/journal.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/journal_controller.h"
#include "injector/journal_record.h"
#include "injector/subprocess.h"
#include "remote_support.h"

#include <criterion/criterion.h>
#include <sched.h>

/* What the dead controller's parent knows of it. */
struct aftermath {
    char dir[64];
    char journal_path[96];
    char nodes_dir[96];
    char mark[JOURNAL_MARK_SIZE];
};

struct case_of_death {
    const char *remote;
    bool other_user;                 /* the controller is an ordinary user, and heal may be root */
    void (*live)(struct fixture *f); /* the controller, until it is killed */
    void (*judge)(const struct aftermath *after); /* afterwards */
};

static _Noreturn void be_controller(const struct case_of_death *death, int ready)
{
    struct fixture f;
    if (death->other_user)
        become_ordinary_user();
    fixture_open(&f, death->remote, 3);
    death->live(&f);
    struct aftermath after;
    memcpy(after.dir, f.dir, sizeof after.dir);
    memcpy(after.journal_path, f.journal_path, sizeof after.journal_path);
    memcpy(after.nodes_dir, f.nodes_dir, sizeof after.nodes_dir);
    memcpy(after.mark, f.mark, sizeof after.mark);
    CHECK(write(ready, &after, sizeof after) == sizeof after);
    for (;;)
        pause();
}

static void die_and_judge(void *context)
{
    const struct case_of_death *death = context;
    int ready[2];
    struct aftermath after;
    CHECK(pipe(ready) == 0);
    pid_t controller = fork();
    if (controller == 0)
        be_controller(death, ready[1]);
    close(ready[1]);
    CHECK(read(ready[0], &after, sizeof after) == sizeof after, "the controller failed");
    close(ready[0]);
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    char *before = file_text(after.journal_path);
    CHECK(journal_heal(after.journal_path, &report, &err) == 0, "%s", err.text);
    char *untouched = file_text(after.journal_path);
    CHECK(report.controller_alive && report.records == 0 && strcmp(before, untouched) == 0);
    free(before);
    free(untouched);
    kill(controller, SIGKILL);
    CHECK(waitpid(controller, NULL, 0) == controller);
    death->judge(&after);
    struct process_match marked = {.matches = has_mark, .context = after.mark};
    CHECK(process_find(&marked) == 0, "process %d is left", (int)process_find(&marked));
    remove_temporary(after.dir);
}

static void kill_controller(enum who who, const char *remote, void (*live)(struct fixture *f),
                            void (*judge)(const struct aftermath *after))
{
    struct case_of_death death = {.remote = remote, .live = live, .judge = judge};
    run_scenario(who, die_and_judge, &death);
}

/* The case follows as two functions: NAME_live(f) and NAME_judge(after). */
#define TEST_DEATH(name)                                                                           \
    static void name##_live(struct fixture *f);                                                    \
    static void name##_judge(const struct aftermath *after);                                       \
    Test(heal, name##_netns_as_root)                                                               \
    {                                                                                              \
        kill_controller(AS_ROOT, "netns", name##_live, name##_judge);                              \
    }                                                                                              \
    Test(heal, name##_netns_as_user)                                                               \
    {                                                                                              \
        kill_controller(AS_USER, "netns", name##_live, name##_judge);                              \
    }                                                                                              \
    Test(heal, name##_local_as_user)                                                               \
    {                                                                                              \
        kill_controller(AS_USER, "local", name##_live, name##_judge);                              \
    }

static struct heal_report heal_well(const char *path)
{
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    CHECK(journal_heal(path, &report, &err) == 0, "%s", err.text);
    CHECK(report.failed == 0 && !report.controller_alive);
    CHECK(report.undone + report.already == report.records);
    char *text = file_text(path);
    CHECK(strstr(text, "{\"closed\":true}\n") != NULL, "%s", text);
    free(text);
    return report;
}

static void nothing_more_to_heal(const char *path)
{
    struct heal_report report = heal_well(path);
    CHECK(report.records == 0 && report.undone == 0);
}

/* --- processes of every kind --- */

TEST_DEATH(every_process_of_a_killed_controller_is_ended)

static void every_process_of_a_killed_controller_is_ended_live(struct fixture *f)
{
    uint64_t id;
    char log[128];
    static const char *const daemon[] = {
        "sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000", NULL};
    start_on(f, 0, daemon);
    snprintf(log, sizeof log, "%s/n1.log", f->dir);
    await_number(log);
    /* A daemon whose parent is dead, and a whole group that is stopped. */
    static const char *const orphan[] = {"sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' &",
                                         NULL};
    start_on(f, 1, orphan);
    snprintf(log, sizeof log, "%s/n2.log", f->dir);
    await_number(log);
    struct process_id stopped = start_on(f, 2, sleeping);
    CHECK(journal_resume(f->journal, "n3", stopped, &id, &f->err) == 0);
    CHECK(f->type->signal(f->remote, &f->nodes[2], stopped, SIGSTOP, &f->err) == 0);
    await_state(stopped, PROCESS_STOPPED);
}

static void every_process_of_a_killed_controller_is_ended_judge(const struct aftermath *after)
{
    struct process_match marked = {.matches = has_mark, .context = after->mark};
    CHECK(process_find(&marked) != 0, "nothing to heal");
    struct heal_report report = heal_well(after->journal_path);
    CHECK(report.records >= 4 && report.undone >= 3, "%u records, %u undone", report.records,
          report.undone);
    CHECK(process_find(&marked) == 0);
    nothing_more_to_heal(after->journal_path);
}

/* --- commands --- */

TEST_DEATH(commands_are_run_where_their_node_is)

/* The undo writes its input and where it is into files; the folder's name would break a shell. */
static void commands_are_run_where_their_node_is_live(struct fixture *f)
{
    uint64_t id[2];
    char folder[128];
    snprintf(folder, sizeof folder, "%s/$(id) 'x'", f->dir);
    CHECK(mkdir(folder, 0755) == 0);
    start_on(f, 1, sleeping);
    const char *const argv[] = {
        "sh",
        "-c",
        "cat >\"$1/input\"; stat -Lc %i /proc/self/ns/net >\"$1/net\"; id -u >\"$1/uid\"",
        "sh",
        folder,
        NULL};
    CHECK(journal_command(f->journal, "n2", argv, "-A `id`\n\"", &id[0], &f->err) == 0);
    /* On n1 nothing runs, so that its namespace is gone with the controller. */
    const char *const touch[] = {"touch", "n1-was-here", NULL};
    CHECK(journal_command(f->journal, "n1", touch, NULL, &id[1], &f->err) == 0);
    char path[160];
    snprintf(path, sizeof path, "%s/expected-net", folder);
    const char *const inode[] = {"stat", "-Lc", "%i", "/proc/self/ns/net", NULL};
    struct command_result result = run_on(f, 1, inode, NULL);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    CHECK(write(fd, result.out.text, result.out.length) == (ssize_t)result.out.length);
    close(fd);
    command_result_fini(&result);
}

static char *in_odd_folder(const struct aftermath *after, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/$(id) 'x'/%s", after->dir, name);
    return file_text(path);
}

static void commands_are_run_where_their_node_is_judge(const struct aftermath *after)
{
    CHECK(chdir(after->dir) == 0);
    char *journal = file_text(after->journal_path);
    bool has_netns = strstr(journal, "\"undo\":\"netns\"") != NULL;
    free(journal);
    heal_well(after->journal_path);
    char *input = in_odd_folder(after, "input");
    char *net = in_odd_folder(after, "net");
    char *expected = in_odd_folder(after, "expected-net");
    char *uid = in_odd_folder(after, "uid");
    CHECK(strcmp(input, "-A `id`\n\"") == 0, "%s", input);
    CHECK(strcmp(net, expected) == 0, "%s is not %s", net, expected);
    CHECK(has_netns == (strcmp(uid, "0\n") == 0), "%s", uid);
    CHECK(has_netns == (access("n1-was-here", F_OK) != 0), "a node that is gone got a command");
    free(input);
    free(net);
    free(expected);
    free(uid);
    nothing_more_to_heal(after->journal_path);
}

Test(heal, root_heals_the_run_of_an_ordinary_user)
{
    struct case_of_death death = {.remote = "netns",
                                  .other_user = true,
                                  .live = commands_are_run_where_their_node_is_live,
                                  .judge = commands_are_run_where_their_node_is_judge};
    run_scenario(AS_ROOT, die_and_judge, &death);
}

/* --- what cannot be undone --- */

TEST_DEATH(failure_is_told_the_rest_is_undone_and_the_journal_stays_open)

static void failure_is_told_the_rest_is_undone_and_the_journal_stays_open_live(struct fixture *f)
{
    uint64_t id;
    start_on(f, 0, sleeping);
    char mended[128];
    snprintf(mended, sizeof mended, "%s/mended", f->dir);
    const char *const argv[] = {
        "sh", "-c", "test -e \"$1\" || { echo still broken >&2; exit 3; }", "sh", mended, NULL};
    CHECK(journal_command(f->journal, "n1", argv, NULL, &id, &f->err) == 0);
}

static void
failure_is_told_the_rest_is_undone_and_the_journal_stays_open_judge(const struct aftermath *after)
{
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    CHECK(journal_heal(after->journal_path, &report, &err) == ERR_COMMAND);
    CHECK(strcmp(err.text, "n1: 'sh' ended with status 3: still broken") == 0, "%s", err.text);
    CHECK(report.failed == 1 && report.undone >= 1);
    CHECK(report.failed + report.undone + report.already == report.records);
    struct process_match marked = {.matches = has_mark, .context = after->mark};
    CHECK(process_find(&marked) == 0, "a process was spared because of a failure elsewhere");
    char *text = file_text(after->journal_path);
    CHECK(strstr(text, "closed") == NULL);
    free(text);
    char mended[128];
    snprintf(mended, sizeof mended, "%s/mended", after->dir);
    close(open(mended, O_WRONLY | O_CREAT, 0644));
    report = heal_well(after->journal_path);
    CHECK(report.records == 1);
    nothing_more_to_heal(after->journal_path);
}

/* --- torn ends --- */

TEST_DEATH(torn_record_is_left_out_and_the_rest_undone)

static void torn_record_is_left_out_and_the_rest_undone_live(struct fixture *f)
{
    start_on(f, 0, sleeping);
    start_on(f, 1, sleeping);
}

static void torn_record_is_left_out_and_the_rest_undone_judge(const struct aftermath *after)
{
    int fd = open(after->journal_path, O_WRONLY | O_APPEND);
    CHECK(write(fd, "{\"id\":99,\"undo\":\"comm", 21) == 21);
    close(fd);
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    CHECK(journal_heal(after->journal_path, &report, &err) == 0, "%s", err.text);
    CHECK(report.torn && report.undone >= 2);
    CHECK(journal_heal(after->journal_path, &report, &err) == 0, "%s", err.text);
    CHECK(!report.torn && report.records == 0, "what heal wrote cannot be read again");
}

/* --- journals made by hand --- */

static char dir[64];
static char path[96];

static void make_dir(void)
{
    make_temporary(dir);
    snprintf(path, sizeof path, "%s/journal.jsonl", dir);
}

static void remove_dir(void)
{
    remove_temporary(dir);
}

TestSuite(heal_by_hand, .init = make_dir, .fini = remove_dir);

/* Takes the lines. */
static void write_lines(char *first, char *second, char *third)
{
    FILE *file = fopen(path, "w");
    char *lines[] = {first, second, third};
    for (size_t i = 0; i < 3; i++) {
        if (lines[i])
            fputs(lines[i], file);
        free(lines[i]);
    }
    fclose(file);
}

/* A controller that is dead: our own number with another start. */
static struct journal_controller dead_controller(void)
{
    struct journal_controller controller;
    journal_controller_self(&controller, NULL);
    controller.process.start_ticks -= 1;
    return controller;
}

static struct process_id start_sleep(int net_ns)
{
    struct subprocess what = {.argv = sleeping, .user_ns = -1, .net_ns = net_ns};
    struct process_id process = {0};
    struct errbuf err = ERRBUF_INIT;
    CHECK(subprocess_spawn(&what, "/dev/null", NULL, NULL, &process, &err) == 0, "%s", err.text);
    return process;
}

static void end_sleep(struct process_id process)
{
    CHECK(process_id_state(process) == PROCESS_RUNNING, "an innocent process was hit");
    kill(process.pid, SIGKILL);
    waitpid(process.pid, NULL, 0);
}

Test(heal_by_hand, process_with_a_number_used_again_is_spared)
{
    struct journal_controller controller = dead_controller();
    struct process_id innocent = start_sleep(-1);
    struct journal_record record = {.id = 1, .undo = JOURNAL_PROCESS, .process = innocent};
    struct journal_record resume = {.id = 2, .undo = JOURNAL_RESUME, .process = innocent};
    record.process.start_ticks++;
    resume.process.start_ticks--;
    write_lines(journal_controller_line(&controller), journal_record_line(&record),
                journal_record_line(&resume));
    struct heal_report report = heal_well(path);
    cr_assert_eq(report.records, 2);
    cr_assert_eq(report.already, 2);
    end_sleep(innocent);
}

Test(heal_by_hand, journal_of_an_earlier_boot_has_nothing_left_to_undo)
{
    struct journal_controller controller = dead_controller();
    controller.boot[0] = controller.boot[0] == 'f' ? '0' : 'f';
    struct process_id innocent = start_sleep(-1);
    struct journal_record record = {.id = 1, .undo = JOURNAL_PROCESS, .process = innocent};
    write_lines(journal_controller_line(&controller), journal_record_line(&record), NULL);
    struct heal_report report = heal_well(path);
    cr_assert_eq(report.already, 1);
    end_sleep(innocent);
    nothing_more_to_heal(path);
}

Test(heal_by_hand, run_of_another_container_is_left_alone)
{
    struct journal_controller controller = dead_controller();
    controller.pid_namespace++;
    struct process_id innocent = start_sleep(-1);
    struct journal_record record = {.id = 1, .undo = JOURNAL_PROCESS, .process = innocent};
    write_lines(journal_controller_line(&controller), journal_record_line(&record), NULL);
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    char *before = file_text(path);
    cr_assert_eq(journal_heal(path, &report, &err), ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "another container"), "%s", err.text);
    char *now = file_text(path);
    cr_assert_str_eq(before, now);
    free(before);
    free(now);
    end_sleep(innocent);
}

Test(heal_by_hand, stopped_process_runs_again)
{
    struct journal_controller controller = dead_controller();
    struct process_id process = start_sleep(-1);
    kill(process.pid, SIGSTOP);
    await_state(process, PROCESS_STOPPED);
    struct journal_record record = {.id = 1, .undo = JOURNAL_RESUME, .process = process};
    write_lines(journal_controller_line(&controller), journal_record_line(&record), NULL);
    struct heal_report report = heal_well(path);
    cr_assert_eq(report.undone, 1);
    end_sleep(process);
}

Test(heal_by_hand, record_that_is_done_is_not_undone)
{
    struct journal_controller controller = dead_controller();
    struct process_id process = start_sleep(-1);
    struct journal_record record = {.id = 1, .undo = JOURNAL_PROCESS, .process = process};
    write_lines(journal_controller_line(&controller), journal_record_line(&record),
                journal_done_line(1));
    struct heal_report report = heal_well(path);
    cr_assert_eq(report.records, 0);
    end_sleep(process);
}

/* The inode of a namespace that is gone is the first to be given to the next one. */
static void namespaces_by_cookie(void *context)
{
    (void)context;
    struct errbuf err = ERRBUF_INIT;
    struct netns netns;
    make_dir();
    CHECK(remote_find("netns")->enter_privileges(&err) == 0, "%s", err.text);
    CHECK(netns_create(&netns, 1, &err) == 0, "%s", err.text);
    if (netns.id.cookie == 0) {
        fprintf(stderr, "not tested: this kernel has no SO_NETNS_COOKIE\n");
        return;
    }
    struct journal_controller controller = dead_controller();
    struct process_id inside = start_sleep(netns.fd);
    struct journal_record record = {.id = 1, .undo = JOURNAL_NETNS, .netns = netns.id};
    record.netns.cookie++;
    write_lines(journal_controller_line(&controller), journal_record_line(&record), NULL);
    struct heal_report report = heal_well(path);
    CHECK(report.already == 1 && process_id_state(inside) == PROCESS_RUNNING,
          "a process of another's namespace was killed");
    record.netns.cookie--;
    write_lines(journal_controller_line(&controller), journal_record_line(&record), NULL);
    report = heal_well(path);
    CHECK(report.undone == 1 && process_id_state(inside) == PROCESS_GONE);
    waitpid(inside.pid, NULL, 0);
    netns_close(&netns);
    remove_dir();
}

Test(heal, namespace_with_an_inode_used_again_is_spared_as_root)
{
    run_scenario(AS_ROOT, namespaces_by_cookie, NULL);
}

Test(heal, namespace_with_an_inode_used_again_is_spared_as_user)
{
    run_scenario(AS_USER, namespaces_by_cookie, NULL);
}

Test(heal_by_hand, run_that_did_nothing_yet_is_no_error_and_its_file_stays)
{
    static const char *const texts[] = {"", "{", "{\"journal\":\"faultline\",\"ver"};
    for (size_t i = 0; i < 3; i++) {
        struct heal_report report;
        struct errbuf err = ERRBUF_INIT;
        write_lines(strdup(texts[i]), NULL, NULL);
        cr_assert_eq(journal_heal(path, &report, &err), 0, "%s", err.text);
        cr_assert_eq(report.records, 0);
        cr_assert_eq(report.torn, i > 0);
        char *now = file_text(path);
        cr_assert_str_eq(now, texts[i]);
        free(now);
    }
}

Test(heal_by_hand, record_without_its_newline_is_undone)
{
    struct journal_controller controller = dead_controller();
    struct process_id process = start_sleep(-1);
    struct journal_record record = {.id = 1, .undo = JOURNAL_PROCESS, .process = process};
    char *line = journal_record_line(&record);
    line[strlen(line) - 1] = '\0';
    write_lines(journal_controller_line(&controller), line, NULL);
    struct heal_report report = heal_well(path);
    cr_assert_eq(report.undone, 1);
    cr_assert_not(report.torn);
    cr_assert_eq(waitpid(process.pid, NULL, 0), process.pid);
    nothing_more_to_heal(path);
}

Test(heal_by_hand, file_that_is_no_journal_is_refused_and_unchanged)
{
    struct heal_report report;
    struct errbuf err = ERRBUF_INIT;
    write_lines(strdup("{\"index\":0,\"type\":\"invoke\"}\n"), NULL, NULL);
    cr_assert_eq(journal_heal(path, &report, &err), ERR_INPUT);
    cr_assert_not_null(strstr(err.text, ":1: not an undo journal"), "%s", err.text);
    char *now = file_text(path);
    cr_assert_str_eq(now, "{\"index\":0,\"type\":\"invoke\"}\n");
    free(now);
    cr_assert_eq(journal_heal("/no/such/journal", &report, &err), ERR_IO);
    cr_assert_eq(report.records, 0);
}
