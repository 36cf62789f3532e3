/* From a command line to a program that executes: search, environment, fork, namespaces, exec.
 * Private to subprocess.c. */
#ifndef INJECTOR_SUBPROCESS_LAUNCH_H
#define INJECTOR_SUBPROCESS_LAUNCH_H

#include "injector/subprocess.h"

#include <stdbool.h>
#include <sys/types.h>

struct launch {
    const struct subprocess *what;
    char *path;
    const char **environment;
    int standard[3]; /* what becomes its standard descriptors; owned */
    bool mortal;     /* killed when the thread that started it ends */
    pid_t parent;
    int report;    /* the child writes here how its start failed; closed by a successful exec */
    int admission; /* the child waits for a byte from here; -1 = it need not */
};

/* Finds the program and makes its environment; the caller then fills in the standard descriptors.
 * Errors: ERR_UNSUPPORTED no such program; ERR_NOMEM. Needs launch_fini in any case. */
int launch_init(struct launch *launch, const struct subprocess *what, struct errbuf *err);
void launch_fini(struct launch *launch);

/* Forks. On success the program is being executed, our copies of its descriptors are closed, and
 * the caller must reap it; on failure there is no child. admit as in subprocess_spawn, or NULL. */
int launch_start(struct launch *launch,
                 int (*admit)(void *context, struct process_id process, struct errbuf *err),
                 void *context, struct process_id *out, struct errbuf *err);

/* Closes a descriptor if it is one, and makes it -1. */
void launch_close_fd(int *fd);

/* read(2), again when a signal interrupts it. */
ssize_t launch_read(int fd, void *data, size_t size);

#endif
