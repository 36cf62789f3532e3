/* What remotes share whose nodes are on this host: folders, processes and files. A remote of this
 * kind begins with a struct host_remote and takes these functions into its table.
 *
 * The contract of each is remote.h's. */
#ifndef INJECTOR_REMOTE_HOST_H
#define INJECTOR_REMOTE_HOST_H

#include "injector/host_processes.h"
#include "injector/netns.h"
#include "injector/remote.h"

struct host_node {
    char *dir;
    char *lock;                /* a file: iptables' lock is per node, and never the host's */
    char *lock_env;            /* XTABLES_LOCKFILE=LOCK */
    const struct netns *netns; /* borrowed; NULL = the host's network */
};

struct host_remote {
    struct remote base;
    struct host_processes processes;
    char mark[JOURNAL_MARK_SIZE]; /* in the environment of everything we start */
    struct host_node nodes[CLUSTER_NODES_MAX];
};

/* Makes the nodes' folders, with the parents of config->dir, and points node->dir to them; they
 * are valid until host_remote_fini. ERR_INPUT a node's name is no name of a folder; ERR_IO. */
int host_remote_init(struct host_remote *remote, const struct remote_type *type,
                     const struct remote_config *config, struct cluster *cluster,
                     struct errbuf *err);

/* Ends every process of the remote: those it spawned, whatever has its mark, and whatever is in a
 * namespace of its nodes. */
void host_remote_end_processes(struct host_remote *remote);

/* After host_remote_end_processes. Empty folders are removed; the cluster's dirs become NULL. */
void host_remote_fini(struct host_remote *remote);

int host_remote_run(struct remote *remote, const struct node *node, const struct command *command,
                    struct command_result *result, struct errbuf *err);
int host_remote_spawn(struct remote *remote, const struct node *node, const struct spawn *spawn,
                      struct process_id *out, struct errbuf *err);
int host_remote_signal(struct remote *remote, const struct node *node, struct process_id process,
                       int signal, struct errbuf *err);
enum process_state host_remote_state(struct remote *remote, const struct node *node,
                                     struct process_id process);
int host_remote_upload(struct remote *remote, const struct node *node, const char *local,
                       const char *path, struct errbuf *err);
int host_remote_download(struct remote *remote, const struct node *node, const char *path,
                         const char *local, struct errbuf *err);

#endif
