#include "injector/remote_host.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_SIZE = 64 << 10 };

/* --- set-up --- */

static char *join(const char *dir, const char *name, const char *ending)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s%s", dir, name, ending) < 0 ? NULL : path;
}

static int make_folders(const char *dir, struct errbuf *err)
{
    char path[PATH_MAX];
    size_t length = strlen(dir);
    if (length >= sizeof path)
        return errbuf_set(err, ERR_INPUT, "%s: too long for a path", dir);
    memcpy(path, dir, length + 1);
    for (char *at = path + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return errbuf_set_errno(err, ERR_IO, "cannot make folder %s", path);
        *at = end;
        if (end == '\0')
            return 0;
    }
}

static int init_node(struct host_remote *remote, const char *dir, struct node *node,
                     struct errbuf *err)
{
    const char *name = node->name;
    if (!name[0] || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return errbuf_set(err, ERR_INPUT, "node name '%s': it must do as the name of a folder",
                          name);
    struct host_node *own = &remote->nodes[node->index];
    own->dir = join(dir, name, "");
    own->lock = join(dir, name, ".xtables.lock");
    if (own->lock && asprintf(&own->lock_env, "XTABLES_LOCKFILE=%s", own->lock) < 0)
        own->lock_env = NULL;
    if (!own->dir || !own->lock_env)
        return errbuf_set(err, ERR_NOMEM, "no memory for a node");
    node->dir = own->dir;
    return make_folders(own->dir, err);
}

int host_remote_init(struct host_remote *remote, const struct remote_type *type,
                     const struct remote_config *config, struct cluster *cluster,
                     struct errbuf *err)
{
    static _Atomic unsigned number;
    *remote = (struct host_remote){
        .base = {.type = type, .cluster = cluster, .journal = config->journal}};
    host_processes_init(&remote->processes, config->journal);
    struct process_id self;
    int rc = process_id_of(getpid(), &self, err);
    if (rc == 0) {
        journal_mark(self, remote->mark);
        size_t used = strlen(remote->mark);
        snprintf(remote->mark + used, sizeof remote->mark - used, "%u", number++);
    }
    for (uint32_t i = 0; i < cluster->count && rc == 0; i++)
        rc = init_node(remote, config->dir, &cluster->nodes[i], err);
    if (rc != 0)
        host_remote_fini(remote);
    return rc;
}

void host_remote_fini(struct host_remote *remote)
{
    struct cluster *cluster = remote->base.cluster;
    for (uint32_t i = 0; i < cluster->count; i++) {
        struct host_node *own = &remote->nodes[i];
        if (own->lock)
            unlink(own->lock);
        if (own->dir)
            rmdir(own->dir); /* only if nothing was left in it */
        free(own->lock_env);
        free(own->lock);
        free(own->dir);
        cluster->nodes[i].dir = NULL;
    }
    host_processes_fini(&remote->processes);
}

static bool is_ours(const void *context, pid_t pid)
{
    const struct host_remote *remote = context;
    for (uint32_t i = 0; i < remote->base.cluster->count; i++)
        if (remote->nodes[i].netns && netns_held_has_process(&remote->nodes[i].netns->id, pid))
            return true;
    return process_has_env(pid, remote->mark);
}

void host_remote_end_processes(struct host_remote *remote)
{
    struct process_match ours = {.matches = is_ours, .context = remote};
    host_processes_end(&remote->processes, &ours);
}

/* --- processes --- */

static struct host_remote *host_of(struct remote *remote)
{
    return (struct host_remote *)remote; /* it begins with one */
}

/* A program in the node's place; env is what make_env returned. */
static struct subprocess place(const struct host_remote *remote, const struct node *node,
                               const char *const *argv, const char *const *env)
{
    const struct netns *netns = remote->nodes[node->index].netns;
    return (struct subprocess){.argv = argv,
                               .env = env,
                               .dir = node->dir,
                               .node = node->name,
                               .user_ns = -1,
                               .net_ns = netns ? netns->fd : -1};
}

int host_remote_run(struct remote *remote, const struct node *node, const struct command *command,
                    struct command_result *result, struct errbuf *err)
{
    const struct host_remote *host = host_of(remote);
    const char *const env[] = {host->mark, host->nodes[node->index].lock_env, NULL};
    struct subprocess what = place(host, node, command->argv, env);
    return subprocess_run(&what, command->input, command->input ? command->input_length : 0,
                          command->timeout_ns, result, err);
}

/* The variables of a spawn behind ours; to be freed. */
static const char **spawn_env(const struct host_remote *host, const struct node *node,
                              const char *const *added)
{
    size_t count = 0;
    while (added && added[count])
        count++;
    const char **env = calloc(count + 3, sizeof *env);
    if (!env)
        return NULL;
    env[0] = host->mark;
    env[1] = host->nodes[node->index].lock_env;
    for (size_t i = 0; i < count; i++)
        env[i + 2] = added[i];
    return env;
}

int host_remote_spawn(struct remote *remote, const struct node *node, const struct spawn *spawn,
                      struct process_id *out, struct errbuf *err)
{
    struct host_remote *host = host_of(remote);
    const char **env = spawn_env(host, node, spawn->env);
    if (!env)
        return errbuf_set(err, ERR_NOMEM, "no memory for an environment");
    struct subprocess what = place(host, node, spawn->argv, env);
    if (spawn->dir)
        what.dir = spawn->dir;
    int rc = host_processes_spawn(&host->processes, node, &what, spawn->log, out, err);
    free(env);
    return rc;
}

int host_remote_signal(struct remote *remote, const struct node *node, struct process_id process,
                       int signal, struct errbuf *err)
{
    (void)node;
    return host_processes_signal(&host_of(remote)->processes, process, signal, err);
}

enum process_state host_remote_state(struct remote *remote, const struct node *node,
                                     struct process_id process)
{
    (void)remote;
    (void)node;
    return process_id_state(process);
}

/* --- files --- */

static int copy_bytes(int from, int to)
{
    char buffer[COPY_SIZE];
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? 0 : -1;
        for (ssize_t done = 0; done < n;) {
            ssize_t written = write(to, buffer + done, (size_t)(n - done));
            if (written < 0 && errno != EINTR)
                return -1;
            done += written > 0 ? written : 0;
        }
    }
}

/* Under a name of its own until it is whole. */
static int copy_to(int from, const char *path, struct errbuf *err)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof temporary)
        return errbuf_set(err, ERR_IO, "%s: too long for a path", path);
    int to = mkostemp(temporary, O_CLOEXEC);
    if (to < 0)
        return errbuf_set_errno(err, ERR_IO, "cannot write %s", path);
    bool done = fchmod(to, 0644) == 0 && copy_bytes(from, to) == 0;
    int error = errno;
    if (close(to) != 0 && done) {
        done = false;
        error = errno;
    }
    if (done && rename(temporary, path) == 0)
        return 0;
    errno = done ? errno : error;
    int rc = errbuf_set_errno(err, ERR_IO, "cannot write %s", path);
    unlink(temporary);
    return rc;
}

static int copy_file(const char *source, const char *path, struct errbuf *err)
{
    struct stat info;
    int from = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from < 0)
        return errbuf_set_errno(err, ERR_IO, "cannot read %s", source);
    int rc;
    if (fstat(from, &info) != 0 || !S_ISREG(info.st_mode))
        rc = errbuf_set(err, ERR_IO, "cannot read %s: not a file", source);
    else
        rc = copy_to(from, path, err);
    close(from);
    return rc;
}

int host_remote_upload(struct remote *remote, const struct node *node, const char *local,
                       const char *path, struct errbuf *err)
{
    (void)remote;
    (void)node;
    return copy_file(local, path, err);
}

int host_remote_download(struct remote *remote, const struct node *node, const char *path,
                         const char *local, struct errbuf *err)
{
    (void)remote;
    (void)node;
    return copy_file(path, local, err);
}
