/* Anonymous network namespaces, held by descriptors.
 *
 * Nothing is written to /run/netns: a namespace is gone with its last process and descriptor,
 * however the controller ends. */
#ifndef INJECTOR_NETNS_H
#define INJECTOR_NETNS_H

#include "injector/journal.h"
#include "injector/process_id.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;

struct netns {
    int fd; /* owned; -1 = none */
    struct netns_id id;
    bool has_ipv6;
};

/* Makes `count` namespaces; ERR_IO, ERR_UNSUPPORTED leave none. About 1 ms each. */
int netns_create(struct netns *out, uint32_t count, struct errbuf *err);
/* Allows fd -1. */
void netns_close(struct netns *netns);

/* Moves the calling thread. */
int netns_enter(const struct netns *netns, struct errbuf *err);

/* Descriptors of the network namespace of a process, and of its user namespace unless that is ours
 * too (-1), as struct subprocess wants them. The caller closes them. ERR_IO. */
int netns_open_process(pid_t pid, int *user_ns, int *net_ns, struct errbuf *err);

/* Matches the processes whose main thread is in this namespace; context is the struct netns_id.
 * With a cookie that is exact; without one it never matches, since the inode alone may be another
 * namespace's by now. Each look at a process with that inode costs a child process (1 ms). */
bool netns_has_process(const void *netns_id, pid_t pid);
/* The same by inode alone: only while we hold a descriptor of the namespace. */
bool netns_held_has_process(const void *netns_id, pid_t pid);

#endif
