#include "injector/process_id.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t retry_ns = 2 * NS_PER_MS;

enum { ENVIRONMENT_MAX = 4 << 20 };

bool process_stat_read(pid_t pid, struct process_stat *out)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return false;
    text[length] = '\0';
    /* The name, field 2, may hold anything; the last parenthesis ends it. */
    const char *rest = strrchr(text, ')');
    int group;
    int session;
    unsigned long long start;
    if (!rest || sscanf(rest + 1,
                        " %c %*d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d "
                        "%llu",
                        &out->state, &group, &session, &out->threads, &start) != 5)
        return false;
    out->group = group;
    out->session = session;
    out->start_ticks = start;
    return true;
}

int process_id_of(pid_t pid, struct process_id *out, struct errbuf *err)
{
    struct process_stat stat;
    if (!process_stat_read(pid, &stat))
        return errbuf_set(err, ERR_IO, "process %d is not to be found in /proc", (int)pid);
    *out = (struct process_id){.pid = pid, .start_ticks = stat.start_ticks};
    return 0;
}

enum process_state process_id_state(struct process_id id)
{
    struct process_stat stat;
    if (id.pid <= 0 || !process_stat_read(id.pid, &stat) || stat.start_ticks != id.start_ticks)
        return PROCESS_GONE;
    if (stat.state == 'X' || (stat.state == 'Z' && stat.threads <= 1))
        return PROCESS_GONE;
    return stat.state == 'T' ? PROCESS_STOPPED : PROCESS_RUNNING;
}

bool process_id_await_gone(struct process_id id, int64_t timeout_ns)
{
    int64_t deadline = monotonic_ns() + timeout_ns;
    while (process_id_state(id) != PROCESS_GONE) {
        if (monotonic_ns() >= deadline)
            return false;
        sleep_ns(retry_ns);
    }
    return true;
}

uint64_t process_namespace(pid_t pid, const char *name)
{
    char path[64];
    struct stat stat_buf;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    return stat(path, &stat_buf) == 0 ? (uint64_t)stat_buf.st_ino : 0;
}

/* Is prefix the beginning of one of the NUL-terminated strings? */
static bool strings_have_prefix(const char *text, size_t length, const char *prefix)
{
    size_t wanted = strlen(prefix);
    const char *end = text + length;
    while (text < end) {
        size_t left = (size_t)(end - text);
        size_t own = strnlen(text, left);
        if (own >= wanted && memcmp(text, prefix, wanted) == 0)
            return true;
        text += own < left ? own + 1 : own;
    }
    return false;
}

bool process_has_env(pid_t pid, const char *prefix)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct strbuf text = STRBUF_INIT;
    ssize_t n = 1;
    while (n > 0 && text.length < ENVIRONMENT_MAX && strbuf_reserve(&text, 16384)) {
        n = read(fd, text.text + text.length, 16384);
        text.length += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    bool found = text.length > 0 && strings_have_prefix(text.text, text.length, prefix);
    strbuf_fini(&text);
    return found;
}

/* The next process in an open /proc; 0 at its end. */
static pid_t next_process(DIR *proc)
{
    const struct dirent *entry;
    while ((entry = readdir(proc)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            return (pid_t)strtol(entry->d_name, NULL, 10);
    return 0;
}

pid_t process_find(const struct process_match *match)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    pid_t pid;
    while ((pid = next_process(proc)) != 0)
        if (pid != getpid() && match->matches(match->context, pid))
            break;
    closedir(proc);
    return pid;
}

/* The process is looked at again once the descriptor holds it, so that a number that went to
 * somebody else in between is never hit. */
static bool kill_if_match(const struct process_match *match, pid_t pid)
{
    if (pid == getpid() || !match->matches(match->context, pid))
        return false;
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return false;
    bool killed =
        match->matches(match->context, pid) && pidfd_send_signal(fd, SIGKILL, NULL, 0) == 0;
    close(fd);
    return killed;
}

static uint32_t kill_once(const struct process_match *match)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    uint32_t count = 0;
    pid_t pid;
    while ((pid = next_process(proc)) != 0)
        count += kill_if_match(match, pid);
    closedir(proc);
    return count;
}

uint32_t process_kill_matching(const struct process_match *match, int64_t timeout_ns,
                               uint32_t *left)
{
    int64_t deadline = monotonic_ns() + timeout_ns;
    uint32_t most = 0;
    /* A process is killed again as long as it is still seen dying, so the largest round counts. */
    while ((*left = kill_once(match)) > 0 && monotonic_ns() < deadline) {
        most = *left > most ? *left : most;
        sleep_ns(retry_ns);
    }
    return *left > most ? *left : most;
}
