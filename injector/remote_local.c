#include "injector/remote_local.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/remote_host.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ADDRESS = 10 };

static int probe(struct errbuf *err)
{
    (void)err;
    return 0; /* processes can be started on any host */
}

/* Every node has an address of its own, so that all can use the same ports. */
static int open_local(const struct remote_config *config, struct cluster *cluster,
                      struct remote **out, struct errbuf *err)
{
    struct host_remote *remote = malloc(sizeof *remote);
    if (!remote)
        return errbuf_set(err, ERR_NOMEM, "no memory for the nodes");
    int rc = host_remote_init(remote, &remote_local, config, cluster, err);
    if (rc != 0) {
        free(remote);
        return rc;
    }
    for (uint32_t i = 0; i < cluster->count; i++)
        snprintf(cluster->nodes[i].address, sizeof cluster->nodes[i].address, "127.77.0.%u",
                 FIRST_ADDRESS + i);
    *out = &remote->base;
    return 0;
}

static void close_local(struct remote *base)
{
    if (!base)
        return;
    struct host_remote *remote = (struct host_remote *)base;
    host_remote_end_processes(remote);
    host_remote_fini(remote);
    free(remote);
}

static int enter(struct remote *remote, struct errbuf *err)
{
    (void)remote;
    (void)err;
    return 0; /* loopback is everywhere */
}

const struct remote_type remote_local = {
    .name = "local",
    .doc = "Plain processes on this host, one loopback address each; no network faults.",
    .network_faults = false,
    .probe = probe,
    .open = open_local,
    .close = close_local,
    .enter = enter,
    .run = host_remote_run,
    .spawn = host_remote_spawn,
    .signal = host_remote_signal,
    .state = host_remote_state,
    .upload = host_remote_upload,
    .download = host_remote_download,
};
