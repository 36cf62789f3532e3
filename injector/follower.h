/* Follows the history of a run while it is recorded and checks it (checker/online.h), on a thread
 * of its own.
 *
 * It reads the file that the recorder writes: every event is there before anybody acts on it, so
 * that clients never wait for this thread, memory does not grow when it falls behind, and nothing
 * is lost. What it has read it looks at every tenth of a second, more seldom if looking takes over
 * a hundredth of the time. Starting and finishing are one thread's; the status may be asked for by
 * any. */
#ifndef INJECTOR_FOLLOWER_H
#define INJECTOR_FOLLOWER_H

#include "checker/online.h"

#include <stdatomic.h>

struct clock;
struct errbuf;
struct events;
struct follower;

struct follower_config {
    const char *path; /* the history; read from its beginning. All it points to is borrowed */
    const struct clock *clock;
    struct online_options check;
    struct events *events; /* told of a violation, the first suspicion, an early end; NULL = none */
    _Atomic int *stop;     /* NULL, or what a violation sets to stop_value, if it is 0 */
    int stop_value;
};

enum { FOLLOWER_TEXT_SIZE = 192 };

struct follower_status {
    struct online_status check;
    int64_t cpu_ns; /* of the thread */
    bool violated;
    int64_t violation_ns;             /* as time_ns of struct online_violation */
    int64_t noticed_ns;               /* when that was seen */
    uint64_t index;                   /* of its invocation */
    bool stopped;                     /* ... and the violation set *stop */
    char what[FOLLOWER_TEXT_SIZE];    /* "read of process 3 on key 7 (operation 1042)" */
    char problem[FOLLOWER_TEXT_SIZE]; /* why nothing is checked any more; "" if it is */
};

/* Errors: ERR_INPUT, ERR_NOMEM as online_open; ERR_IO the file; ERR_NOMEM no thread. */
int follower_start(const struct follower_config *config, struct follower **out, struct errbuf *err);

/* Once nothing more is recorded: takes what is left, for at most limit_ns, looks at it all, and
 * ends the thread. */
void follower_finish(struct follower *follower, int64_t limit_ns);

/* Thread-safe until follower_free. */
void follower_get_status(struct follower *follower, struct follower_status *out);

/* Finished or not. NULL is allowed. */
void follower_free(struct follower *follower);

#endif
