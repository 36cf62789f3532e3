#include "injector/subprocess_launch.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/process_id.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char extra_folders[] = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

/* --- the program and its environment --- */

/* The name in one of the folders of a list like PATH's, malloc'ed; NULL if it is in none. */
static char *search_folders(const char *folders, const char *name)
{
    char path[PATH_MAX];
    while (*folders) {
        size_t length = strcspn(folders, ":");
        size_t needed = length + 1 + strlen(name) + 1;
        struct stat info;
        if (folders[0] == '/' && needed <= sizeof path) {
            memcpy(path, folders, length);
            path[length] = '/';
            memcpy(path + length + 1, name, needed - length - 1);
            if (access(path, X_OK) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
                return strdup(path);
        }
        folders += length + (folders[length] == ':');
    }
    return NULL;
}

char *subprocess_find_program(const char *name)
{
    if (strchr(name, '/'))
        return strdup(name);
    const char *folders = getenv("PATH");
    char *found = name[0] && folders ? search_folders(folders, name) : NULL;
    return found || !name[0] ? found : search_folders(extra_folders, name);
}

static bool same_variable(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");
    return strncmp(a, b, length) == 0 && b[length] == '=';
}

static bool is_replaced(const char *variable, const char *const *by)
{
    for (; by && *by; by++)
        if (same_variable(*by, variable))
            return true;
    return false;
}

/* Our environment with `added` in place of or beside it. The array is the caller's to free. */
static const char **make_environment(const char *const *added)
{
    size_t count = 1;
    for (char **own = environ; *own; own++)
        count++;
    for (const char *const *one = added; one && *one; one++)
        count++;
    const char **all = calloc(count, sizeof *all);
    if (!all)
        return NULL;
    size_t used = 0;
    for (char **own = environ; *own; own++)
        if (!is_replaced(*own, added))
            all[used++] = *own;
    for (const char *const *one = added; one && *one; one++)
        all[used++] = *one;
    return all;
}

/* --- in the child --- */

enum step { STEP_STANDARD, STEP_USER_NS, STEP_NET_NS, STEP_IDENTITY, STEP_FOLDER, STEP_EXEC };

static const char *const step_names[] = {
    [STEP_STANDARD] = "its standard descriptors",
    [STEP_USER_NS] = "entering the user namespace",
    [STEP_NET_NS] = "entering the network namespace",
    [STEP_IDENTITY] = "becoming root of the user namespace",
    [STEP_FOLDER] = "entering its folder",
    [STEP_EXEC] = "executing it",
};

/* What the child tells when it cannot execute the program. */
struct start_failure {
    int step;
    int error;
};

static _Noreturn void give_up(int report, enum step step)
{
    struct start_failure failure = {.step = (int)step, .error = errno};
    ssize_t n = write(report, &failure, sizeof failure);
    _exit(n == (ssize_t)sizeof failure ? 127 : 126);
}

static void reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &standard, NULL); /* fails for those that cannot be changed anyway */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void enter_namespaces(const struct subprocess *what, int report)
{
    if (what->user_ns >= 0 && setns(what->user_ns, CLONE_NEWUSER) != 0)
        give_up(report, STEP_USER_NS);
    if (what->net_ns >= 0 && setns(what->net_ns, CLONE_NEWNET) != 0)
        give_up(report, STEP_NET_NS);
    if (what->user_ns >= 0 && (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0))
        give_up(report, STEP_IDENTITY);
}

/* Out of the way of the standard descriptors, which are about to be replaced. */
static int move_up(int fd)
{
    return fd < 0 || fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* Only async-signal-safe calls from here on: other threads of ours may have held any lock. */
static _Noreturn void child_main(const struct launch *launch)
{
    int report = move_up(launch->report);
    int admission = move_up(launch->admission);
    int high[3];
    for (int i = 0; i < 3; i++)
        high[i] = move_up(launch->standard[i]);
    for (int i = 0; i < 3; i++)
        if (high[i] < 0 || dup2(high[i], i) < 0)
            give_up(report, STEP_STANDARD);
    setsid(); /* cannot fail in a new child */
    enter_namespaces(launch->what, report);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    reset_signals();
    char admitted;
    if (getppid() != launch->parent || (admission >= 0 && read(admission, &admitted, 1) != 1))
        _exit(126);
    if (!launch->mortal)
        prctl(PR_SET_PDEATHSIG, 0);
    if (launch->what->dir && chdir(launch->what->dir) != 0)
        give_up(report, STEP_FOLDER);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* for what libraries may have left open */
    execve(launch->path, (char *const *)(uintptr_t)launch->what->argv,
           (char *const *)(uintptr_t)launch->environment);
    give_up(report, STEP_EXEC);
}

/* --- starting --- */

static int no_program(const struct subprocess *what, struct errbuf *err)
{
    const char *path = getenv("PATH");
    return errbuf_set(err, ERR_UNSUPPORTED,
                      "no program '%s'%s%s (looked for in %s and the sbin folders)", what->argv[0],
                      what->node ? " on node " : "", what->node ? what->node : "",
                      path ? path : "no PATH");
}

static int explain_failure(const struct subprocess *what, const char *path,
                           struct start_failure failure, struct errbuf *err)
{
    const char *name = what->argv[0];
    const char *on = what->node ? " on node " : "";
    const char *node = what->node ? what->node : "";
    errno = failure.error;
    if (failure.step == STEP_FOLDER)
        return errbuf_set_errno(err, ERR_IO, "cannot start '%s'%s%s in folder '%s'", name, on, node,
                                what->dir);
    if (failure.step != STEP_EXEC)
        return errbuf_set_errno(err, ERR_IO, "cannot start '%s'%s%s: %s", name, on, node,
                                step_names[failure.step]);
    if (failure.error == ENOENT && access(path, F_OK) == 0)
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "cannot start '%s'%s%s: its interpreter or loader is missing", name, on,
                          node);
    if (failure.error == ENOENT || failure.error == ENOTDIR)
        return errbuf_set(err, ERR_UNSUPPORTED, "no program '%s'%s%s", name, on, node);
    int code = failure.error == EACCES || failure.error == ENOEXEC ? ERR_UNSUPPORTED : ERR_IO;
    errno = failure.error;
    return errbuf_set_errno(err, code, "cannot execute '%s'%s%s", name, on, node);
}

int launch_init(struct launch *launch, const struct subprocess *what, struct errbuf *err)
{
    assert(what->argv && what->argv[0]);
    *launch = (struct launch){
        .what = what, .standard = {-1, -1, -1}, .report = -1, .admission = -1, .parent = getpid()};
    launch->path = subprocess_find_program(what->argv[0]);
    if (!launch->path)
        return no_program(what, err);
    launch->environment = make_environment(what->env);
    return launch->environment ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for an environment");
}

void launch_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void launch_fini(struct launch *launch)
{
    for (int i = 0; i < 3; i++)
        launch_close_fd(&launch->standard[i]);
    launch_close_fd(&launch->report);
    launch_close_fd(&launch->admission);
    free(launch->environment);
    free(launch->path);
}

/* Forks with every signal blocked, so that none of our handlers runs in the child. */
static pid_t fork_child(const struct launch *launch)
{
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid_t pid = fork();
    if (pid == 0)
        child_main(launch);
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return pid;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

ssize_t launch_read(int fd, void *data, size_t size)
{
    ssize_t n;
    do
        n = read(fd, data, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Asks for admission, tells the child to go on, and waits until it executes the program. */
static int see_off(pid_t pid, int admission, int report, const struct launch *launch,
                   int (*admit)(void *context, struct process_id process, struct errbuf *err),
                   void *context, struct process_id *out, struct errbuf *err)
{
    int rc = process_id_of(pid, out, err);
    if (rc == 0 && admit)
        rc = admit(context, *out, err);
    if (rc != 0)
        return rc;
    /* The read end is still open here as well, so that a child that died raises no SIGPIPE. */
    if (admission >= 0 && write(admission, "", 1) != 1)
        return errbuf_set_errno(err, ERR_IO, "cannot start '%s'", launch->what->argv[0]);
    struct start_failure failure;
    ssize_t n = launch_read(report, &failure, sizeof failure);
    if (n == (ssize_t)sizeof failure)
        return explain_failure(launch->what, launch->path, failure, err);
    return 0;
}

int launch_start(struct launch *launch,
                 int (*admit)(void *context, struct process_id process, struct errbuf *err),
                 void *context, struct process_id *out, struct errbuf *err)
{
    int report[2];
    int admission[2] = {-1, -1};
    if (pipe2(report, O_CLOEXEC) != 0)
        return errbuf_set_errno(err, ERR_IO, "cannot start '%s'", launch->what->argv[0]);
    launch->report = report[1];
    if (admit && pipe2(admission, O_CLOEXEC) != 0) {
        close(report[0]);
        return errbuf_set_errno(err, ERR_IO, "cannot start '%s'", launch->what->argv[0]);
    }
    launch->admission = admission[0];
    pid_t pid = fork_child(launch);
    int rc =
        pid < 0 ? errbuf_set_errno(err, ERR_IO, "cannot start '%s'", launch->what->argv[0]) : 0;
    launch_close_fd(&launch->report);
    for (int i = 0; i < 3; i++)
        launch_close_fd(&launch->standard[i]);
    if (pid > 0) {
        rc = see_off(pid, admission[1], report[0], launch, admit, context, out, err);
        if (rc != 0) {
            kill(pid, SIGKILL);
            reap(pid);
        }
    }
    launch_close_fd(&launch->admission);
    launch_close_fd(&admission[1]);
    close(report[0]);
    return rc;
}
