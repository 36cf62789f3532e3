#include "injector/remote_netns.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"
#include "injector/node_network.h"
#include "injector/remote_host.h"
#include "injector/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct netns_remote {
    struct host_remote host;
    struct node_network network;
    uint64_t bridge_record; /* of the journal */
    uint64_t records[CLUSTER_NODES_MAX];
};

static int enter_privileges(struct errbuf *err)
{
    return userns_is_privileged() ? 0 : userns_enter(err);
}

/* --- probe --- */

struct probe_answer {
    int rc;
    struct errbuf err;
};

/* In a child: what a run would do, and its end takes all of it away. */
static _Noreturn void probe_child(int pipe_end)
{
    struct probe_answer answer = {0};
    answer.rc = enter_privileges(&answer.err);
    if (answer.rc == 0)
        answer.rc = node_network_probe(&answer.err);
    /* Less than PIPE_BUF, so that it is written at once. */
    _exit(write(pipe_end, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

static int probe(struct errbuf *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errbuf_set_errno(err, ERR_IO, "pipe");
    pid_t child = fork();
    if (child == 0)
        probe_child(ends[1]);
    close(ends[1]);
    struct probe_answer answer = {.rc = ERR_IO, .err = {"the probe of network namespaces died"}};
    if (child < 0)
        errbuf_set_errno(&answer.err, ERR_IO, "fork");
    else if (read(ends[0], &answer, sizeof answer) != (ssize_t)sizeof answer)
        answer.rc = ERR_IO;
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(ends[0]);
    if (answer.rc != 0 && err)
        *err = answer.err;
    return answer.rc;
}

/* --- open and close --- */

static int record_namespaces(struct netns_remote *remote, struct errbuf *err)
{
    struct journal *journal = remote->host.base.journal;
    const struct cluster *cluster = remote->host.base.cluster;
    int rc = journal_netns(journal, NULL, remote->network.bridge.id, &remote->bridge_record, err);
    for (uint32_t i = 0; i < cluster->count && rc == 0; i++)
        rc = journal_netns(journal, cluster->nodes[i].name, remote->network.nodes[i].id,
                           &remote->records[i], err);
    return rc;
}

/* A record stays open if somebody who does not die keeps the namespace. */
static void forget_namespace(struct journal *journal, const struct netns *netns, uint64_t record)
{
    struct process_match inside = {.matches = netns_held_has_process, .context = &netns->id};
    if (record != 0 && process_find(&inside) == 0)
        journal_done(journal, record);
}

static void close_netns(struct remote *base)
{
    if (!base)
        return;
    struct netns_remote *remote = (struct netns_remote *)base;
    host_remote_end_processes(&remote->host);
    for (uint32_t i = 0; i < remote->network.count; i++)
        forget_namespace(base->journal, &remote->network.nodes[i], remote->records[i]);
    forget_namespace(base->journal, &remote->network.bridge, remote->bridge_record);
    node_network_close(&remote->network);
    host_remote_fini(&remote->host);
    free(remote);
}

static int open_netns(const struct remote_config *config, struct cluster *cluster,
                      struct remote **out, struct errbuf *err)
{
    struct netns_remote *remote = calloc(1, sizeof *remote);
    if (!remote)
        return errbuf_set(err, ERR_NOMEM, "no memory for the nodes");
    int rc = host_remote_init(&remote->host, &remote_netns, config, cluster, err);
    if (rc != 0) {
        free(remote);
        return rc;
    }
    rc = node_network_open(&remote->network, cluster, err);
    if (rc != 0) {
        host_remote_fini(&remote->host);
        free(remote);
        return rc;
    }
    for (uint32_t i = 0; i < cluster->count; i++)
        remote->host.nodes[i].netns = &remote->network.nodes[i];
    rc = record_namespaces(remote, err);
    if (rc != 0) {
        close_netns(&remote->host.base);
        return rc;
    }
    *out = &remote->host.base;
    return 0;
}

static int enter(struct remote *remote, struct errbuf *err)
{
    return netns_enter(&((struct netns_remote *)remote)->network.bridge, err);
}

const struct remote_type remote_netns = {
    .name = "netns",
    .doc = "Network namespaces on this host, joined by a bridge; needs no root.",
    .network_faults = true,
    .probe = probe,
    .enter_privileges = enter_privileges,
    .open = open_netns,
    .close = close_netns,
    .enter = enter,
    .run = host_remote_run,
    .spawn = host_remote_spawn,
    .signal = host_remote_signal,
    .state = host_remote_state,
    .upload = host_remote_upload,
    .download = host_remote_download,
};
