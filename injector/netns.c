#include "injector/netns.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* The cookie of the calling thread's namespace; 0 before Linux 5.14. */
static uint64_t own_cookie(void)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) != 0)
        cookie = 0;
    if (fd >= 0)
        close(fd);
    return cookie;
}

/* /proc/sys/net shows the settings of whoever looks. */
static bool own_ipv6(void)
{
    char off = '1';
    int fd = open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool on = read(fd, &off, 1) == 1 && off == '0';
    close(fd);
    return on;
}

static int create_one(struct netns *out)
{
    struct stat info;
    if (unshare(CLONE_NEWNET) != 0)
        return -1;
    out->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (out->fd < 0 || fstat(out->fd, &info) != 0)
        return -1;
    out->id = (struct netns_id){.inode = (uint64_t)info.st_ino, .cookie = own_cookie()};
    out->has_ipv6 = own_ipv6();
    return 0;
}

struct creation {
    struct netns *out;
    uint32_t count;
    int error; /* errno, 0 = done */
};

/* In a thread of its own, which the namespaces it leaves behind do not matter to. */
static void *create_all(void *context)
{
    struct creation *creation = context;
    for (uint32_t i = 0; i < creation->count; i++)
        if (create_one(&creation->out[i]) != 0) {
            creation->error = errno;
            break;
        }
    return NULL;
}

int netns_create(struct netns *out, uint32_t count, struct errbuf *err)
{
    struct creation creation = {.out = out, .count = count};
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct netns){.fd = -1};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, create_all, &creation);
    if (error != 0) {
        errno = error;
        return errbuf_set_errno(err, ERR_IO, "cannot start a thread");
    }
    pthread_join(thread, NULL);
    if (creation.error == 0)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        netns_close(&out[i]);
    if (creation.error == EPERM || creation.error == ENOSPC)
        return userns_explain("cannot make a network namespace", creation.error, err);
    errno = creation.error;
    return errbuf_set_errno(err, ERR_IO, "cannot make a network namespace");
}

void netns_close(struct netns *netns)
{
    if (netns->fd >= 0)
        close(netns->fd);
    netns->fd = -1;
}

int netns_enter(const struct netns *netns, struct errbuf *err)
{
    if (setns(netns->fd, CLONE_NEWNET) != 0)
        return errbuf_set_errno(err, ERR_IO, "cannot enter a network namespace");
    return 0;
}

/* --- whose namespace is that? --- */

static int open_namespace(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void close_both(int user_ns, int net_ns)
{
    if (user_ns >= 0)
        close(user_ns);
    if (net_ns >= 0)
        close(net_ns);
}

/* In a child: the cookie of that namespace goes into the pipe. */
static _Noreturn void tell_cookie(int user_ns, int net_ns, int pipe_end)
{
    if ((user_ns >= 0 && setns(user_ns, CLONE_NEWUSER) != 0) || setns(net_ns, CLONE_NEWNET) != 0)
        _exit(1);
    uint64_t cookie = own_cookie();
    _exit(write(pipe_end, &cookie, sizeof cookie) == (ssize_t)sizeof cookie ? 0 : 1);
}

static uint64_t ask_cookie(int user_ns, int net_ns)
{
    int ends[2];
    uint64_t cookie = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 0;
    pid_t child = fork();
    if (child == 0)
        tell_cookie(user_ns, net_ns, ends[1]);
    close(ends[1]);
    if (child > 0) {
        if (read(ends[0], &cookie, sizeof cookie) != (ssize_t)sizeof cookie)
            cookie = 0;
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
    return cookie;
}

int netns_open_process(pid_t pid, int *user_ns, int *net_ns, struct errbuf *err)
{
    bool same_user = process_namespace(pid, "user") == process_namespace(getpid(), "user");
    *user_ns = same_user ? -1 : open_namespace(pid, "user");
    *net_ns = open_namespace(pid, "net");
    if (*net_ns >= 0 && (same_user || *user_ns >= 0))
        return 0;
    int rc = errbuf_set_errno(err, ERR_IO, "the namespaces of process %d", (int)pid);
    close_both(*user_ns, *net_ns);
    return rc;
}

static uint64_t process_cookie(pid_t pid)
{
    int user_ns;
    int net_ns;
    if (netns_open_process(pid, &user_ns, &net_ns, NULL) != 0)
        return 0;
    uint64_t cookie = ask_cookie(user_ns, net_ns);
    close_both(user_ns, net_ns);
    return cookie;
}

bool netns_has_process(const void *netns_id, pid_t pid)
{
    const struct netns_id *id = netns_id;
    return id->cookie != 0 && netns_held_has_process(id, pid) && process_cookie(pid) == id->cookie;
}

bool netns_held_has_process(const void *netns_id, pid_t pid)
{
    const struct netns_id *id = netns_id;
    return id->inode != 0 && process_namespace(pid, "net") == id->inode;
}
