#include "injector/userns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool userns_is_privileged(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    uint32_t needed = 1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN;
    return (data[0].effective & needed) == needed;
}

/* A setting of the kernel that is one number; `missing` if there is no such setting. */
static long setting(const char *path, long missing)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return missing;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length > 0 ? strtol(text, NULL, 10) : missing;
}

static const struct restriction {
    const char *path;
    long forbids; /* this value forbids user namespaces */
    const char *remedy;
} restrictions[] = {
    {"/proc/sys/user/max_user_namespaces", 0, "sysctl user.max_user_namespaces=10000"},
    {"/proc/sys/user/max_net_namespaces", 0, "sysctl user.max_net_namespaces=10000"},
    {"/proc/sys/kernel/unprivileged_userns_clone", 0, "sysctl kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
     "sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
};

int userns_explain(const char *what, int error, struct errbuf *err)
{
    for (size_t i = 0; i < sizeof restrictions / sizeof restrictions[0]; i++) {
        const struct restriction *one = &restrictions[i];
        if (setting(one->path, -1) == one->forbids)
            return errbuf_set(
                err, ERR_UNSUPPORTED,
                "%s: %s: %s is %ld; as root: %s, or run as root, or use remote: local", what,
                strerror(error), one->path, one->forbids, one->remedy);
    }
    return errbuf_set(err, ERR_UNSUPPORTED,
                      "%s: %s: needs CAP_SYS_ADMIN and CAP_NET_ADMIN, or leave to make user "
                      "namespaces (a container often forbids both: start it with --privileged); "
                      "or use remote: local",
                      what, strerror(error));
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = (ssize_t)strlen(text);
    ssize_t written = write(fd, text, (size_t)length);
    int saved = errno;
    close(fd);
    errno = saved;
    return written == length ? 0 : -1;
}

int userns_enter(struct errbuf *err)
{
    char uid_map[64];
    char gid_map[64];
    snprintf(uid_map, sizeof uid_map, "0 %u 1", (unsigned)geteuid());
    snprintf(gid_map, sizeof gid_map, "0 %u 1", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER) != 0)
        return userns_explain("cannot make a user namespace", errno, err);
    /* The kernel lets groups be mapped only once setgroups is given up. */
    if (write_file("/proc/self/setgroups", "deny") != 0 ||
        write_file("/proc/self/uid_map", uid_map) != 0 ||
        write_file("/proc/self/gid_map", gid_map) != 0)
        return userns_explain("cannot become root of a user namespace", errno, err);
    if (!userns_is_privileged())
        return userns_explain("being root of a user namespace gives no privileges", EPERM, err);
    return 0;
}
