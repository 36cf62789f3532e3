/* The contract of a remote: how the controller reaches the nodes.
 *
 * `netns` gives each node a network namespace on this host, `local` runs plain processes without
 * network faults; `ssh` and others come with the same contract.
 *
 * To add one: (1) write remote_NAME.c with a struct remote_type; (2) add it to remote_table.c;
 * (3) name it in the README's table; (4) run the remote tests with it.
 *
 * Threads: after open, every call may come from any thread, also for the same node. Calls block
 * until done or until the timeout they name. Values reach a node as arguments, never as shell
 * text. On failure a call leaves nothing behind. */
#ifndef INJECTOR_REMOTE_H
#define INJECTOR_REMOTE_H

#include "core/strbuf.h"
#include "injector/cluster.h"
#include "injector/journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

struct remote_config {
    const char *run_name; /* unique on this host; for names of devices and folders */
    const char *dir;      /* absolute folder of ours for the nodes' data and logs */
    struct journal *journal;
};

/* Each remote's own struct begins with this. */
struct remote {
    const struct remote_type *type;
    struct cluster *cluster; /* borrowed */
    struct journal *journal; /* borrowed */
};

struct command {
    const char *const *argv; /* ends with NULL; argv[0] is searched in PATH */
    const char *input;       /* standard input; NULL = empty */
    size_t input_length;
    int64_t timeout_ns; /* then it is killed and ERR_TIMEOUT; 0 = 30 s */
};

struct command_result {
    int status;        /* exit status, or 128 + signal */
    struct strbuf out; /* the caller's to strbuf_fini */
    struct strbuf err;
};

struct spawn {
    const char *const *argv;
    const char *const *env; /* NAME=VALUE to add, ends with NULL; NULL = none */
    const char *dir;        /* working directory; NULL = the node's */
    const char *log;        /* absolute path on the node; output is appended to it */
};

enum process_state {
    PROCESS_RUNNING, /* running or sleeping */
    PROCESS_STOPPED, /* stopped by a signal */
    PROCESS_GONE,    /* ended, or a zombie */
};

struct remote_type {
    const char *name;
    const char *doc;
    bool network_faults; /* nodes have a network of their own, in which packets can be dropped */

    /* May this host do it, as this user? Fast, leaves nothing. Called before any thread exists: it
     * may fork. ERR_UNSUPPORTED with the reason and the remedy. */
    int (*probe)(struct errbuf *err);

    /* Called once, before any thread exists, and before open: enters a user namespace if this
     * remote needs one. May be NULL. */
    int (*enter_privileges)(struct errbuf *err);

    /* Sets the nodes up (network, folders) and fills in the cluster's addresses and dirs; the dirs
     * are valid until close. */
    int (*open)(const struct remote_config *config, struct cluster *cluster, struct remote **out,
                struct errbuf *err);
    /* Ends every process spawned and removes the network. NULL is allowed. */
    void (*close)(struct remote *remote);

    /* Makes the calling thread's new sockets reach the nodes. */
    int (*enter)(struct remote *remote, struct errbuf *err);

    /* Runs a command to its end, in the node's folder. A non-zero status is not an error of this
     * call. result may be NULL; on error it is empty. Errors: ERR_UNSUPPORTED no such program (the
     * text names it), ERR_TIMEOUT, ERR_IO (also more than 16 MiB of output). */
    int (*run)(struct remote *remote, const struct node *node, const struct command *command,
               struct command_result *result, struct errbuf *err);

    /* Starts a long-running process, in a session of its own; journals it. Errors as run's. */
    int (*spawn)(struct remote *remote, const struct node *node, const struct spawn *spawn,
                 struct process_id *out, struct errbuf *err);

    /* Sends a signal to a spawned process and all of its group. ERR_IO if it is gone. */
    int (*signal)(struct remote *remote, const struct node *node, struct process_id process,
                  int signal, struct errbuf *err);
    enum process_state (*state)(struct remote *remote, const struct node *node,
                                struct process_id process);

    /* Whole files, mode 0644. */
    int (*upload)(struct remote *remote, const struct node *node, const char *local,
                  const char *path, struct errbuf *err);
    int (*download)(struct remote *remote, const struct node *node, const char *path,
                    const char *local, struct errbuf *err);
};

/* Ends with NULL. */
extern const struct remote_type *const remote_table[];
const struct remote_type *remote_find(const char *name);

/* Runs `command` and turns a non-zero status into ERR_COMMAND with the last line of its standard
 * error. result may be NULL; on error it is empty. */
int remote_run_ok(struct remote *remote, const struct node *node, const struct command *command,
                  struct command_result *result, struct errbuf *err);

/* Allows an empty one. */
void command_result_fini(struct command_result *result);

/* Calls fn for every node of the set at once, one thread a node, and waits. Returns 0, or the first
 * node's error (by index) with "NODE: " before it. */
int for_nodes(const struct cluster *cluster, node_set set,
              int (*fn)(void *context, const struct node *node, struct errbuf *err), void *context,
              struct errbuf *err);

#endif
