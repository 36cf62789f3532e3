/* Processes of this host, seen through /proc: who they are, whether they live, and ending those
 * that are ours.
 *
 * A number alone says nothing, since numbers are used again: struct process_id has the start time
 * too. Nothing here keeps state; everything may be called from any thread. Needs Linux 5.3
 * (pidfd). A look at one process costs about 10 us; a scan of all about 10 us each. */
#ifndef INJECTOR_PROCESS_ID_H
#define INJECTOR_PROCESS_ID_H

#include "injector/journal.h"
#include "injector/remote.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct errbuf;

struct process_stat {
    char state; /* R, S, D, T (stopped), t (traced), Z (zombie), ... */
    pid_t group;
    pid_t session;
    int threads;
    uint64_t start_ticks;
};

/* False if there is no such process. */
bool process_stat_read(pid_t pid, struct process_stat *out);

/* ERR_IO if there is no such process. */
int process_id_of(pid_t pid, struct process_id *out, struct errbuf *err);

/* PROCESS_GONE also for a zombie, and for another process that has the number now. A zombie whose
 * other threads still run is running. */
enum process_state process_id_state(struct process_id id);

/* Waits until the process is gone; false if it is still there after timeout_ns. */
bool process_id_await_gone(struct process_id id, int64_t timeout_ns);

/* The inode of /proc/PID/ns/NAME ("net", "user", "pid"); 0 if it cannot be read, as that of a
 * zombie or of another user's process. */
uint64_t process_namespace(pid_t pid, const char *name);

/* Does the environment the process was started with have a variable "NAME=VALUE" that begins with
 * this text? False if it cannot be read. */
bool process_has_env(pid_t pid, const char *prefix);

/* Says which processes are meant. Must be false for a zombie. */
struct process_match {
    bool (*matches)(const void *context, pid_t pid);
    const void *context;
};

/* Some process that matches, never the caller's own; 0 if there is none. */
pid_t process_find(const struct process_match *match);

/* Kills (SIGKILL) every process that matches, but never the caller's own, again until none is
 * left or timeout_ns passed. Returns how many were killed; *left is how many remain. */
uint32_t process_kill_matching(const struct process_match *match, int64_t timeout_ns,
                               uint32_t *left);

#endif
