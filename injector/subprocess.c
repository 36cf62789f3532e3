#include "injector/subprocess.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"
#include "injector/subprocess_launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t default_timeout_ns = 30 * NS_PER_S;
static const int64_t death_timeout_ns = 5 * NS_PER_S;

enum { READ_SIZE = 64 << 10 };

/* --- run --- */

/* Input waits in a memory file: no pipe that could fill up, break or block. */
static int open_input(const char *input, size_t length)
{
    if (length == 0)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t done = 0;
    while (fd >= 0 && done < length) {
        ssize_t n = write(fd, input + done, length - done);
        if (n < 0 && errno != EINTR)
            launch_close_fd(&fd);
        done += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

struct capture {
    struct launch launch;
    struct process_id process;
    int pidfd;
    int fds[2]; /* read ends of its standard output and error; -1 after their end */
    struct strbuf text[2];
};

static int capture_open(struct capture *capture, const char *input, size_t length)
{
    capture->launch.standard[0] = open_input(input, length);
    if (capture->launch.standard[0] < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return -1;
        capture->fds[i] = ends[0];
        capture->launch.standard[i + 1] = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
            return -1;
    }
    return 0;
}

/* Reads what there is. */
static int take_output(struct capture *capture, int i, struct errbuf *err)
{
    struct strbuf *text = &capture->text[i];
    for (;;) {
        if (text->length > SUBPROCESS_OUTPUT_MAX)
            return errbuf_set(err, ERR_IO, "'%s' wrote more than %d MiB and was killed",
                              capture->launch.what->argv[0], SUBPROCESS_OUTPUT_MAX >> 20);
        if (!strbuf_reserve(text, READ_SIZE + 1))
            return errbuf_set(err, ERR_NOMEM, "no memory for the output of '%s'",
                              capture->launch.what->argv[0]);
        ssize_t n = launch_read(capture->fds[i], text->text + text->length, READ_SIZE);
        if (n <= 0) {
            if (n == 0 || errno != EAGAIN)
                launch_close_fd(&capture->fds[i]);
            return 0;
        }
        text->length += (size_t)n;
        text->text[text->length] = '\0';
    }
}

/* Until the program has ended, or an error. What it left in the pipes is taken last. */
static int capture_all(struct capture *capture, int64_t timeout_ns, struct errbuf *err)
{
    int64_t deadline = monotonic_ns() + timeout_ns;
    for (bool ended = false; !ended;) {
        struct pollfd fds[3] = {{.fd = capture->fds[0], .events = POLLIN},
                                {.fd = capture->fds[1], .events = POLLIN},
                                {.fd = capture->pidfd, .events = POLLIN}};
        int64_t left_ns = deadline - monotonic_ns();
        if (left_ns <= 0)
            return errbuf_set(err, ERR_TIMEOUT, "'%s' did not end within %.3g s and was killed",
                              capture->launch.what->argv[0], (double)timeout_ns / 1e9);
        struct timespec wait = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
        if (ppoll(fds, 3, &wait, NULL) < 0 && errno != EINTR)
            return errbuf_set_errno(err, ERR_IO, "poll");
        ended = (fds[2].revents & POLLIN) != 0;
        for (int i = 0; i < 2; i++) {
            int rc = capture->fds[i] >= 0 ? take_output(capture, i, err) : 0;
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

/* Kills the whole group; its number cannot be another's while the leader is not reaped. */
static void kill_group(const struct capture *capture)
{
    kill(-capture->process.pid, SIGKILL);
    struct pollfd dead = {.fd = capture->pidfd, .events = POLLIN};
    if (poll(&dead, 1, (int)(death_timeout_ns / NS_PER_MS)) <= 0)
        log_error(LOG_REMOTE, "'%s' (process %d) was killed and does not end",
                  capture->launch.what->argv[0], (int)capture->process.pid);
}

/* Somebody else reaped it, or SIGCHLD is ignored: then nobody knows how it ended. */
static int lost(const struct capture *capture, struct errbuf *err)
{
    return errbuf_set_errno(err, ERR_IO, "how '%s' ended is lost", capture->launch.what->argv[0]);
}

static int open_pidfd(struct capture *capture, struct errbuf *err)
{
    capture->pidfd = pidfd_open(capture->process.pid, 0);
    if (capture->pidfd >= 0)
        return 0;
    if (errno == ESRCH)
        return lost(capture, err);
    int rc = errbuf_set_errno(err, ERR_UNSUPPORTED, "pidfd_open (Linux 5.3 or later is needed)");
    kill(-capture->process.pid, SIGKILL);
    waitpid(capture->process.pid, NULL, 0);
    return rc;
}

static int capture_run(struct capture *capture, int64_t timeout_ns, int *status, struct errbuf *err)
{
    int rc = launch_start(&capture->launch, NULL, NULL, &capture->process, err);
    if (rc == 0)
        rc = open_pidfd(capture, err);
    if (rc != 0)
        return rc;
    rc = capture_all(capture, timeout_ns, err);
    if (rc != 0)
        kill_group(capture);
    pid_t reaped;
    while ((reaped = waitpid(capture->process.pid, status, rc == 0 ? 0 : WNOHANG)) < 0 &&
           errno == EINTR)
        continue;
    return rc == 0 && reaped < 0 ? lost(capture, err) : rc;
}

int subprocess_run(const struct subprocess *subprocess, const char *input, size_t input_length,
                   int64_t timeout_ns, struct command_result *result, struct errbuf *err)
{
    if (result)
        *result = (struct command_result){0};
    struct capture capture = {.pidfd = -1, .fds = {-1, -1}};
    int status = 0;
    int rc = launch_init(&capture.launch, subprocess, err);
    capture.launch.mortal = true;
    if (rc == 0 && capture_open(&capture, input, input_length) != 0)
        rc = errbuf_set_errno(err, ERR_IO, "cannot start '%s'", subprocess->argv[0]);
    if (rc == 0)
        rc = capture_run(&capture, timeout_ns > 0 ? timeout_ns : default_timeout_ns, &status, err);
    launch_fini(&capture.launch);
    launch_close_fd(&capture.pidfd);
    for (int i = 0; i < 2; i++) {
        launch_close_fd(&capture.fds[i]);
        if (rc != 0 || !result)
            strbuf_fini(&capture.text[i]);
    }
    if (rc == 0 && result)
        *result = (struct command_result){.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                                                        : WEXITSTATUS(status),
                                          .out = capture.text[0],
                                          .err = capture.text[1]};
    return rc;
}

/* --- spawn --- */

int subprocess_spawn(const struct subprocess *subprocess, const char *log,
                     int (*admit)(void *context, struct process_id process, struct errbuf *err),
                     void *context, struct process_id *out, struct errbuf *err)
{
    struct launch launch;
    int rc = launch_init(&launch, subprocess, err);
    if (rc == 0) {
        launch.standard[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        launch.standard[1] = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        launch.standard[2] = fcntl(launch.standard[1], F_DUPFD_CLOEXEC, 0);
        if (launch.standard[0] < 0 || launch.standard[1] < 0 || launch.standard[2] < 0)
            rc = errbuf_set_errno(err, ERR_IO, "cannot start '%s' with the log '%s'",
                                  subprocess->argv[0], log);
    }
    struct process_id process;
    if (rc == 0)
        rc = launch_start(&launch, admit, context, &process, err);
    if (rc == 0)
        *out = process;
    launch_fini(&launch);
    return rc;
}
