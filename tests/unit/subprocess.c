#include "injector/subprocess.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/process_id.h"
#include "remote_support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct errbuf err;

static int run(const char *const *argv, const char *input, size_t length, int64_t timeout_ns,
               struct command_result *result)
{
    struct subprocess what = {.argv = argv, .user_ns = -1, .net_ns = -1};
    err.text[0] = '\0';
    return subprocess_run(&what, input, length, timeout_ns, result, &err);
}

static struct command_result run_shell(const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct command_result result;
    cr_assert_eq(run(argv, NULL, 0, 0, &result), 0, "%s", err.text);
    return result;
}

static bool exists(pid_t pid)
{
    struct process_stat stat;
    return process_stat_read(pid, &stat) && stat.state != 'Z';
}

static bool is_gone_soon(pid_t pid)
{
    for (int64_t deadline = monotonic_ns() + PATIENCE_NS; exists(pid); sleep_ns(NS_PER_MS))
        if (monotonic_ns() > deadline)
            return false;
    return true;
}

Test(subprocess, arguments_are_data_and_never_shell_text)
{
    static const char *const odd[] = {"a b",      "$(touch /tmp/faultline-owned)",
                                      "`id`",     "it's",
                                      "\"",       "line\nbreak",
                                      "\\",       "",
                                      "*",        "--",
                                      "\xff\xfe", "; true"};
    enum { COUNT = sizeof odd / sizeof odd[0] };
    const char *argv[COUNT + 3] = {"printf", "<%s>\\0"};
    char expected[512];
    size_t length = 0;
    for (size_t i = 0; i < COUNT; i++) {
        argv[i + 2] = odd[i];
        length += (size_t)sprintf(expected + length, "<%s>", odd[i]) + 1;
    }
    struct command_result result;
    cr_assert_eq(run(argv, NULL, 0, 0, &result), 0, "%s", err.text);
    cr_assert_eq(result.status, 0);
    cr_assert_eq(result.out.length, length);
    cr_assert_eq(memcmp(result.out.text, expected, length), 0);
    cr_assert_neq(access("/tmp/faultline-owned", F_OK), 0);
    command_result_fini(&result);
}

Test(subprocess, megabytes_through_cat_come_back_whole)
{
    static const char *const argv[] = {"cat", NULL};
    size_t length = 8 << 20;
    char *input = malloc(length);
    for (size_t i = 0; i < length; i++)
        input[i] = (char)(i * 2654435761U >> 13);
    struct command_result result;
    cr_assert_eq(run(argv, input, length, 0, &result), 0, "%s", err.text);
    cr_assert_eq(result.out.length, length);
    cr_assert_eq(memcmp(result.out.text, input, length), 0);
    command_result_fini(&result);
    free(input);
}

Test(subprocess, input_that_nobody_reads_does_no_harm)
{
    static const char *const argv[] = {"true", NULL};
    char *input = calloc(1, 1 << 20);
    struct command_result result;
    cr_assert_eq(run(argv, input, 1 << 20, 0, &result), 0, "%s", err.text);
    cr_assert_eq(result.status, 0);
    command_result_fini(&result);
    free(input);
}

Test(subprocess, both_outputs_are_taken_whole_and_apart)
{
    struct command_result result =
        run_shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo end");
    cr_assert_eq(result.out.length, 3000004);
    cr_assert_eq(result.err.length, 2000000);
    cr_assert_str_eq(result.out.text + 3000000, "end\n");
    command_result_fini(&result);
}

Test(subprocess, status_is_that_of_the_program_or_128_and_its_signal)
{
    struct command_result result = run_shell("exit 3");
    cr_assert_eq(result.status, 3);
    command_result_fini(&result);
    result = run_shell("kill -9 $$");
    cr_assert_eq(result.status, 137);
    command_result_fini(&result);
}

Test(subprocess, lost_status_is_an_error_and_not_success)
{
    static const char *const argv[] = {"false", NULL};
    struct command_result result;
    signal(SIGCHLD, SIG_IGN);
    cr_assert_eq(run(argv, NULL, 0, 0, &result), ERR_IO);
    signal(SIGCHLD, SIG_DFL);
    cr_assert_not_null(strstr(err.text, "how 'false' ended is lost"), "%s", err.text);
}

Test(subprocess, endless_output_is_ended)
{
    static const char *const argv[] = {"yes", NULL};
    struct command_result result;
    cr_assert_eq(run(argv, NULL, 0, 0, &result), ERR_IO);
    cr_assert_not_null(strstr(err.text, "'yes' wrote more than 16 MiB"), "%s", err.text);
    cr_assert_null(result.out.text);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

Test(subprocess, timeout_ends_the_whole_group)
{
    char dir[64];
    char path[80];
    make_temporary(dir);
    snprintf(path, sizeof path, "%s/pid", dir);
    const char *const argv[] = {"sh", "-c", "sleep 1000 & echo $! >\"$1\"; wait", "sh", path, NULL};
    struct command_result result;
    int64_t begin = monotonic_ns();
    cr_assert_eq(run(argv, NULL, 0, NS_PER_S, &result), ERR_TIMEOUT);
    cr_assert_lt(monotonic_ns() - begin, PATIENCE_NS);
    cr_assert_not_null(strstr(err.text, "'sh' did not end within 1 s"), "%s", err.text);
    cr_assert(is_gone_soon((pid_t)await_number(path)));
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
    remove_temporary(dir);
}

Test(subprocess, child_left_in_the_background_neither_delays_nor_dies)
{
    int64_t begin = monotonic_ns();
    struct command_result result = run_shell("sleep 1000 & echo $!");
    cr_assert_lt(monotonic_ns() - begin, PATIENCE_NS);
    pid_t left = (pid_t)strtol(result.out.text, NULL, 10);
    cr_assert(exists(left));
    kill(left, SIGKILL);
    command_result_fini(&result);
}

Test(subprocess, missing_program_is_named)
{
    static const char *const argv[] = {"no-such-program", "x", NULL};
    struct subprocess what = {.argv = argv, .node = "n1", .user_ns = -1, .net_ns = -1};
    struct command_result result;
    cr_assert_eq(subprocess_run(&what, NULL, 0, 0, &result, &err), ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "no program 'no-such-program' on node n1"), "%s", err.text);
    static const char *const absolute[] = {"/no/such/program", NULL};
    cr_assert_eq(run(absolute, NULL, 0, 0, &result), ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "no program '/no/such/program'"), "%s", err.text);
}

Test(subprocess, file_that_cannot_be_executed_is_not_called_missing)
{
    char dir[64];
    char path[80];
    make_temporary(dir);
    snprintf(path, sizeof path, "%s/script", dir);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    dprintf(fd, "#!/no/such/interpreter\n");
    close(fd);
    const char *const argv[] = {path, NULL};
    struct command_result result;
    cr_assert_eq(run(argv, NULL, 0, 0, &result), ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "Permission denied"), "%s", err.text);
    chmod(path, 0755);
    cr_assert_eq(run(argv, NULL, 0, 0, &result), ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "its interpreter or loader is missing"), "%s", err.text);
    remove_temporary(dir);
}

Test(subprocess, missing_folder_is_named)
{
    static const char *const argv[] = {"true", NULL};
    struct subprocess what = {.argv = argv, .dir = "/no/such/folder", .user_ns = -1, .net_ns = -1};
    cr_assert_eq(subprocess_run(&what, NULL, 0, 0, NULL, &err), ERR_IO);
    cr_assert_not_null(strstr(err.text, "'/no/such/folder': No such file"), "%s", err.text);
}

Test(subprocess, programs_of_the_administrator_are_found_without_their_folder_in_path)
{
    setenv("PATH", "/usr/bin:/bin", 1);
    char *ip = subprocess_find_program("ip");
    cr_assert_not_null(ip);
    free(ip);
    cr_assert_null(subprocess_find_program(""));
    cr_assert_null(subprocess_find_program("no-such-program"));
}

Test(subprocess, gets_none_of_our_descriptors_signals_or_session)
{
    int open_everywhere = open("/dev/null", O_RDONLY); /* no O_CLOEXEC, as a library might */
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    char script[256];
    snprintf(script, sizeof script,
             "test -e /proc/self/fd/%d && echo leaked; grep -E '^Sig(Blk|Ign)' /proc/self/status; "
             "cut -d' ' -f1,5,6 /proc/$$/stat",
             open_everywhere);
    struct command_result result = run_shell(script);
    cr_assert_null(strstr(result.out.text, "leaked"));
    cr_assert_not_null(strstr(result.out.text, "SigBlk:\t0000000000000000\n"), "%s",
                       result.out.text);
    cr_assert_not_null(strstr(result.out.text, "SigIgn:\t0000000000000000\n"), "%s",
                       result.out.text);
    int pid = 0;
    int group = 1;
    int session = 2;
    sscanf(strrchr(result.out.text, '\t') + 18, "%d %d %d", &pid, &group, &session);
    cr_assert_eq(pid, group, "%s", result.out.text);
    cr_assert_eq(pid, session, "%s", result.out.text);
    command_result_fini(&result);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    cr_assert(sigismember(&now, SIGTERM) && !sigismember(&now, SIGINT), "our mask was changed");
}

Test(subprocess, added_variables_replace_ours_and_leave_the_rest)
{
    setenv("FAULTLINE_A", "ours", 1);
    setenv("FAULTLINE_B", "kept", 1);
    static const char *const argv[] = {"env", NULL};
    static const char *const env[] = {"FAULTLINE_A=with = and\nnewline", "FAULTLINE_C=", NULL};
    struct subprocess what = {.argv = argv, .env = env, .user_ns = -1, .net_ns = -1};
    struct command_result result;
    cr_assert_eq(subprocess_run(&what, NULL, 0, 0, &result, &err), 0, "%s", err.text);
    cr_assert_not_null(strstr(result.out.text, "FAULTLINE_A=with = and\nnewline\n"));
    cr_assert_null(strstr(result.out.text, "FAULTLINE_A=ours"));
    cr_assert_not_null(strstr(result.out.text, "FAULTLINE_B=kept\n"));
    cr_assert_not_null(strstr(result.out.text, "FAULTLINE_C=\n"));
    command_result_fini(&result);
}

static void run_without_standard_descriptors(void *context)
{
    (void)context;
    static const char *const argv[] = {"sh", "-c", "cat; echo problem >&2", NULL};
    struct command_result result;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (run(argv, "text", 4, 0, &result) != 0 || result.status != 0 ||
        strcmp(result.out.text, "text") != 0 || strcmp(result.err.text, "problem\n") != 0)
        _exit(1);
    command_result_fini(&result);
}

Test(subprocess, works_when_our_own_standard_descriptors_are_closed)
{
    run_scenario(AS_USER, run_without_standard_descriptors, NULL);
}

/* --- spawn --- */

static int refuse(void *context, struct process_id process, struct errbuf *e)
{
    *(struct process_id *)context = process;
    sleep_ns(100 * NS_PER_MS); /* time enough for one that does not wait */
    return errbuf_set(e, ERR_IO, "refused");
}

static int accept_it(void *context, struct process_id process, struct errbuf *e)
{
    (void)e;
    *(struct process_id *)context = process;
    return 0;
}

Test(subprocess, spawn_that_is_refused_is_never_executed)
{
    char dir[64];
    char touched[80];
    make_temporary(dir);
    snprintf(touched, sizeof touched, "%s/touched", dir);
    const char *const argv[] = {"touch", touched, NULL};
    struct subprocess what = {.argv = argv, .user_ns = -1, .net_ns = -1};
    struct process_id asked = {0};
    struct process_id process;
    cr_assert_eq(subprocess_spawn(&what, "/dev/null", refuse, &asked, &process, &err), ERR_IO);
    cr_assert_str_eq(err.text, "refused");
    cr_assert_gt(asked.pid, 0);
    cr_assert_eq(waitpid(-1, NULL, 0), -1, "a child is left");
    cr_assert_neq(access(touched, F_OK), 0);
    remove_temporary(dir);
}

Test(subprocess, spawn_tells_the_admitted_process_and_appends_to_its_log)
{
    char dir[64];
    char log[80];
    make_temporary(dir);
    snprintf(log, sizeof log, "%s/a log", dir);
    static const char *const argv[] = {"sh", "-c",
                                       "echo out; echo err >&2; readlink /proc/self/fd/0", NULL};
    struct subprocess what = {.argv = argv, .user_ns = -1, .net_ns = -1};
    for (int i = 0; i < 2; i++) {
        struct process_id asked = {0};
        struct process_id process;
        cr_assert_eq(subprocess_spawn(&what, log, accept_it, &asked, &process, &err), 0, "%s",
                     err.text);
        cr_assert_eq(asked.pid, process.pid);
        cr_assert_eq(asked.start_ticks, process.start_ticks);
        cr_assert_eq(waitpid(process.pid, NULL, 0), process.pid);
    }
    char *text = file_text(log);
    cr_assert_str_eq(text, "out\nerr\n/dev/null\nout\nerr\n/dev/null\n");
    free(text);
    remove_temporary(dir);
}

Test(subprocess, spawn_that_cannot_be_executed_leaves_no_child)
{
    static const char *const argv[] = {"/etc/passwd", NULL};
    struct subprocess what = {.argv = argv, .user_ns = -1, .net_ns = -1};
    struct process_id asked = {0};
    struct process_id process;
    cr_assert_eq(subprocess_spawn(&what, "/dev/null", accept_it, &asked, &process, &err),
                 ERR_UNSUPPORTED);
    cr_assert_not_null(strstr(err.text, "cannot execute '/etc/passwd'"), "%s", err.text);
    cr_assert_eq(waitpid(-1, NULL, 0), -1, "a child is left");
}

/* --- process_id --- */

static pid_t child_with_name(const char *name)
{
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NAME, name);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(write(ready[1], "", 1) == 1 ? pause() : 1);
    }
    char byte;
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

Test(process_id, name_with_parentheses_and_spaces_confuses_nothing)
{
    pid_t pid = child_with_name("a) Z 1 1 (b c");
    struct process_stat stat;
    cr_assert(process_stat_read(pid, &stat));
    cr_assert_neq(stat.state, 'Z');
    cr_assert_eq(stat.group, getpgrp());
    cr_assert_eq(stat.session, getsid(0));
    cr_assert_eq(stat.threads, 1);
    struct process_stat own;
    process_stat_read(getpid(), &own);
    cr_assert_geq(stat.start_ticks, own.start_ticks);
    cr_assert_lt(stat.start_ticks, own.start_ticks + 1000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

Test(process_id, state_follows_signals_and_a_zombie_is_gone)
{
    pid_t pid = child_with_name("x");
    struct process_id id;
    cr_assert_eq(process_id_of(pid, &id, NULL), 0);
    cr_assert_eq(process_id_state(id), PROCESS_RUNNING);
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    cr_assert_eq(process_id_state(id), PROCESS_STOPPED);
    cr_assert_not(process_id_await_gone(id, 5 * NS_PER_MS));
    kill(pid, SIGKILL);
    cr_assert(process_id_await_gone(id, PATIENCE_NS), "a zombie counts as gone");
    waitpid(pid, NULL, 0);
    cr_assert_eq(process_id_state(id), PROCESS_GONE);
    cr_assert_eq(process_id_of(pid, &id, &err), ERR_IO);
}

Test(process_id, another_process_with_the_same_number_is_not_it)
{
    struct process_id self;
    process_id_of(getpid(), &self, NULL);
    cr_assert_eq(process_id_state(self), PROCESS_RUNNING);
    self.start_ticks++;
    cr_assert_eq(process_id_state(self), PROCESS_GONE);
    cr_assert_eq(process_id_state((struct process_id){0}), PROCESS_GONE);
}

static bool in_session(const void *session, pid_t pid)
{
    struct process_stat stat;
    return process_stat_read(pid, &stat) && stat.session == *(const pid_t *)session &&
           stat.state != 'Z';
}

Test(process_id, killing_by_match_ends_those_and_spares_the_caller)
{
    setsid();
    pid_t session = getsid(0);
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = child_with_name("victim");
    struct process_match match = {.matches = in_session, .context = &session};
    uint32_t left = 99;
    cr_assert_eq(process_kill_matching(&match, PATIENCE_NS, &left), 3);
    cr_assert_eq(left, 0);
    cr_assert_eq(process_find(&match), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(waitpid(children[i], NULL, 0), children[i]);
}

Test(process_id, environment_is_that_of_the_start)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    static const char *const env[] = {"FAULTLINE_X=12.34.5", NULL};
    struct subprocess what = {.argv = argv, .env = env, .user_ns = -1, .net_ns = -1};
    struct process_id process;
    cr_assert_eq(subprocess_spawn(&what, "/dev/null", NULL, NULL, &process, &err), 0, "%s",
                 err.text);
    cr_assert(process_has_env(process.pid, "FAULTLINE_X=12.34."));
    cr_assert_not(process_has_env(process.pid, "FAULTLINE_X=12.3.4"));
    cr_assert_not(process_has_env(process.pid, "AULTLINE_X=12.34."));
    cr_assert_not(process_has_env(getpid(), "FAULTLINE_X="));
    kill(process.pid, SIGKILL);
    waitpid(process.pid, NULL, 0);
}
