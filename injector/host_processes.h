/* The long-running processes of nodes that are on this host: journaled before they run, signalled,
 * looked at, and none left in the end.
 *
 * A dead process is not reaped before its number is no longer needed: until then its number, and
 * that of its group, cannot be another's, and a signal never hits a stranger. Thread-safe. */
#ifndef INJECTOR_HOST_PROCESSES_H
#define INJECTOR_HOST_PROCESSES_H

#include "injector/journal.h"
#include "injector/process_id.h"
#include "injector/subprocess.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

struct host_process {
    struct process_id id;
    uint32_t node;
    uint64_t record; /* of the journal */
    bool reaped;
};

struct host_processes {
    pthread_mutex_t lock;
    struct journal *journal; /* borrowed */
    struct host_process *list;
    size_t count;
    size_t capacity;
};

void host_processes_init(struct host_processes *processes, struct journal *journal);

/* Starts a process and records it. What is left of the dead processes of the same node is reaped
 * first. Errors as of subprocess_spawn and journal_process. */
int host_processes_spawn(struct host_processes *processes, const struct node *node,
                         const struct subprocess *what, const char *log, struct process_id *out,
                         struct errbuf *err);

/* To the process and its group. ERR_IO if the process is gone, or is none of these. */
int host_processes_signal(struct host_processes *processes, struct process_id id, int signal,
                          struct errbuf *err);

/* Kills every process with its group, reaps them and marks their records done; then everything
 * else that `strays` match. Logs an error for what does not end within some seconds, and leaves its
 * record open. */
void host_processes_end(struct host_processes *processes, const struct process_match *strays);

/* After host_processes_end. */
void host_processes_fini(struct host_processes *processes);

#endif
