/* Programs on this host, started in the namespaces of a node: the engine below every remote whose
 * nodes are here, and below `heal`.
 *
 * Each is started in a session of its own, with default signal handling, no signal blocked and no
 * descriptor of ours but its standard ones. Programs are searched in PATH, then in the sbin
 * folders, which ordinary users' PATH lacks. How a start failed is told exactly, from the child.
 *
 * Thread-safe: many threads may start programs at once. Cost of a start: about 1 ms. Needs Linux
 * 5.3 (pidfd). */
#ifndef INJECTOR_SUBPROCESS_H
#define INJECTOR_SUBPROCESS_H

#include "injector/journal.h"
#include "injector/remote.h"

#include <stddef.h>
#include <stdint.h>

struct errbuf;

struct subprocess {
    const char *const *argv; /* ends with NULL */
    const char *const *env;  /* NAME=VALUE added to our own environment, ends with NULL; or NULL */
    const char *dir;         /* working directory; NULL = ours */
    const char *node;        /* for messages; may be NULL */
    int user_ns;             /* descriptors of namespaces to enter; -1 = none */
    int net_ns;
};

/* Everything that one run may write to standard output, and to standard error; more is an error. */
enum { SUBPROCESS_OUTPUT_MAX = 16 << 20 };

/* Runs it to its end, and kills it with its whole group if that takes longer than timeout_ns (0 =
 * 30 s). Processes it left behind in the background go on. result may be NULL; on error it is
 * empty. If we die first, so does the program.
 *
 * Errors: ERR_UNSUPPORTED no such program; ERR_TIMEOUT; ERR_IO (folder, namespace, too much
 * output); ERR_NOMEM. A non-zero exit status is none. */
int subprocess_run(const struct subprocess *subprocess, const char *input, size_t input_length,
                   int64_t timeout_ns, struct command_result *result, struct errbuf *err);

/* Starts it, its output appended to `log`, and returns once it is executing. Before it may, calls
 * admit with its identity: if that fails, it is never executed. The caller is the parent, and
 * reaps it. Errors: as of subprocess_run without ERR_TIMEOUT, or admit's; then nothing is left of
 * it. */
int subprocess_spawn(const struct subprocess *subprocess, const char *log,
                     int (*admit)(void *context, struct process_id process, struct errbuf *err),
                     void *context, struct process_id *out, struct errbuf *err);

/* The path of a program as subprocess_run would find it, malloc'ed; NULL if there is none. */
char *subprocess_find_program(const char *name);

#endif
