/* What a description says about nodes besides their processes: programs, ports, data, logs, and who
 * leads. */
#include "injector/database.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/database_run_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- programs --- */

/* Prints the first of its arguments that is no program, and ends with status 1. A constant: the
 * names are arguments. Ordinary users' PATH lacks the sbin folders. */
static const char find_programs[] =
    "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n"
    "for p; do command -v -- \"$p\" >/dev/null || { printf %s \"$p\"; exit 1; }; done";

static int run_find_programs(struct database_run *run, const struct node *node, struct arena *arena,
                             struct errbuf *err)
{
    const struct database *database = run->database;
    struct database_scope scope = database_run_scope(run, node);
    const char *const *programs;
    int rc = database_expand_list(&scope, database->programs, arena, &programs, err);
    const char **argv = arena_zalloc(arena, (size_t)database->programs.count + 5, sizeof *argv);
    if (rc != 0 || !argv)
        return rc != 0 ? rc : errbuf_set(err, ERR_NOMEM, "no memory for a command");
    memcpy(argv, (const char *[]){"sh", "-c", find_programs, "sh"}, 4 * sizeof *argv);
    memcpy(argv + 4, programs, database->programs.count * sizeof *argv);
    struct command command = {.argv = argv};
    struct command_result result = {0};
    rc = run->remote->type->run(run->remote, node, &command, &result, err);
    if (rc == 0 && result.status != 0)
        rc = errbuf_set(err, ERR_UNSUPPORTED, "program '%s' is not there%s%s",
                        result.out.text ? result.out.text : "", database->hint ? "; try: " : "",
                        database->hint ? database->hint : "");
    command_result_fini(&result);
    return rc;
}

static int check_programs(void *context, const struct node *node, struct errbuf *err)
{
    struct arena arena;
    arena_init(&arena, 0);
    int rc = run_find_programs(context, node, &arena, err);
    arena_fini(&arena);
    return rc;
}

/* The first line that the version command prints. */
static int read_version(struct database_run *run, char *version, size_t size, struct errbuf *err)
{
    const struct node *node = &run->cluster->nodes[0];
    struct database_scope scope = database_run_scope(run, node);
    struct command command = {0};
    struct command_result result = {0};
    struct arena arena;
    arena_init(&arena, 0);
    int rc = database_expand_list(&scope, run->database->version, &arena, &command.argv, err);
    if (rc == 0)
        rc = remote_run_ok(run->remote, node, &command, &result, err);
    if (rc == 0) {
        const struct strbuf *text = result.out.length ? &result.out : &result.err;
        const char *line = text->text ? text->text : "";
        snprintf(version, size, "%.*s", (int)strcspn(line, "\r\n"), line);
    } else {
        errbuf_prefix(err, "%s: version", node->name);
    }
    command_result_fini(&result);
    arena_fini(&arena);
    return rc;
}

int database_check_install(struct database_run *run, char *version, size_t version_size,
                           struct errbuf *err)
{
    int rc = 0;
    if (version && version_size)
        version[0] = '\0';
    if (run->database->programs.count)
        rc = for_nodes(run->cluster, cluster_all(run->cluster), check_programs, run, err);
    if (rc == 0 && version && run->database->version.count)
        rc = read_version(run, version, version_size, err);
    return rc;
}

/* --- ports --- */

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t make_address(const char *text, uint16_t port, union socket_address *out)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        return sizeof out->v4;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        return sizeof out->v6;
    }
    return 0;
}

/* Does somebody accept connections there? */
static bool is_answered(const union socket_address *address, socklen_t length)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool answered = connect(fd, &address->any, length) == 0;
    if (!answered && errno == EINPROGRESS) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        int problem = 0;
        socklen_t size = sizeof problem;
        answered = poll(&wait, 1, 1000) == 1 &&
                   getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
    }
    close(fd);
    return answered;
}

/* Taken, though nobody listens? Only to be seen where the address is one of this host's. */
static bool is_bound(const union socket_address *address, socklen_t length)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    /* As servers do, so that connections that are long over do not count. */
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool bound = bind(fd, &address->any, length) != 0 && errno == EADDRINUSE;
    close(fd);
    return bound;
}

int database_check_ports(struct database_run *run, const struct node *node, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->database->port_count; i++) {
        uint16_t port = run->database->ports[i];
        union socket_address address;
        socklen_t length = make_address(node->address, port, &address);
        if (length > 0 && (is_answered(&address, length) || is_bound(&address, length)))
            return errbuf_set(err, ERR_IO,
                              "port %u on %s is in use by another program, and %s needs it; end "
                              "that program, or change the port in the database's description",
                              port, node->address, run->database->name);
    }
    return 0;
}

/* --- data --- */

static int remove_paths(struct database_run *run, const struct node *node, struct arena *arena,
                        struct errbuf *err)
{
    const struct text_list *wipe = &run->database->wipe;
    struct database_scope scope = database_run_scope(run, node);
    const char *const *paths;
    int rc = database_expand_list(&scope, *wipe, arena, &paths, err);
    const char **argv = arena_zalloc(arena, (size_t)wipe->count + 5, sizeof *argv);
    if (rc != 0 || !argv)
        return rc != 0 ? rc : errbuf_set(err, ERR_NOMEM, "no memory for a command");
    /* Checked with sample values when the description was read; now with the real ones. */
    for (uint32_t i = 0; i < wipe->count; i++)
        if (!database_path_is_below(paths[i], node->dir))
            return errbuf_set(err, ERR_INPUT, "%s is not removed: it is not below %s", paths[i],
                              node->dir);
    memcpy(argv, (const char *[]){"rm", "-rf", "--one-file-system", "--"}, 4 * sizeof *argv);
    memcpy(argv + 4, paths, wipe->count * sizeof *argv);
    struct command command = {.argv = argv};
    return remote_run_ok(run->remote, node, &command, NULL, err);
}

int database_wipe_node(struct database_run *run, const struct node *node, struct errbuf *err)
{
    if (database_node_state(run, node) != PROCESS_GONE)
        return errbuf_set(err, ERR_IO, "%s still runs on %s: its data cannot be removed",
                          run->database->name, node->name);
    if (run->database->wipe.count == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, 0);
    int rc = remove_paths(run, node, &arena, err);
    arena_fini(&arena);
    return rc;
}

/* --- who leads --- */

struct leader_question {
    struct database_run *run;
    int64_t timeout_ns;
    bool leads[CLUSTER_NODES_MAX];
};

static int ask_leader(void *context, const struct node *node, struct errbuf *err)
{
    struct leader_question *question = context;
    struct database_run *run = question->run;
    struct database_scope scope = database_run_scope(run, node);
    int rc = run->remote->type->enter(run->remote, err);
    if (rc == 0)
        question->leads[node->index] = probe_ask(&run->database->primaries, &scope, run->remote,
                                                 question->timeout_ns, NULL) == 0;
    return rc;
}

int database_primaries(struct database_run *run, int64_t timeout_ns, node_set *out,
                       struct errbuf *err)
{
    if (run->database->primaries.kind == PROBE_NONE)
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "the description of %s does not say how to ask a node whether it leads "
                          "(primaries)",
                          run->database->name);
    struct leader_question question = {.run = run, .timeout_ns = timeout_ns};
    int rc = for_nodes(run->cluster, cluster_all(run->cluster), ask_leader, &question, err);
    if (rc != 0)
        return rc;
    *out = 0;
    for (uint32_t i = 0; i < run->cluster->count; i++)
        *out |= question.leads[i] ? node_bit(i) : 0;
    return 0;
}

/* --- logs --- */

struct log_fetch {
    struct database_run *run;
    const char *dir;
};

static int fetch_log(const struct log_fetch *fetch, const struct database_scope *scope,
                     const char *text, struct arena *arena, struct errbuf *err)
{
    struct remote *remote = fetch->run->remote;
    const char *path;
    int rc = database_expand(scope, text, arena, &path, err);
    if (rc != 0)
        return rc;
    const char *slash = strrchr(path, '/');
    const char *local =
        arena_printf(arena, "%s/%s/%s", fetch->dir, scope->node->name, slash ? slash + 1 : path);
    return local ? remote->type->download(remote, scope->node, path, local, err)
                 : errbuf_set(err, ERR_NOMEM, "no memory for a path");
}

static int fetch_node_logs(void *context, const struct node *node, struct errbuf *err)
{
    const struct log_fetch *fetch = context;
    struct database_run *run = fetch->run;
    struct database_scope scope = database_run_scope(run, node);
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    bool was_started = own->was_started;
    pthread_mutex_unlock(&own->lock);
    if (!was_started)
        return 0;
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s/%s", fetch->dir, node->name);
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return errbuf_set_errno(err, ERR_IO, "%s", dir);
    struct arena arena;
    arena_init(&arena, 0);
    int rc = fetch_log(fetch, &scope, run->database->log, &arena, err);
    for (uint32_t i = 0; i < run->database->logs.count; i++) {
        const char *log = run->database->logs.items[i];
        int one = strcmp(log, run->database->log) == 0
                      ? 0
                      : fetch_log(fetch, &scope, log, &arena, rc == 0 ? err : NULL);
        rc = rc == 0 ? one : rc;
    }
    arena_fini(&arena);
    return rc;
}

int database_fetch_logs(struct database_run *run, const char *dir, struct errbuf *err)
{
    struct log_fetch fetch = {.run = run, .dir = dir};
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return errbuf_set_errno(err, ERR_IO, "%s", dir);
    return for_nodes(run->cluster, cluster_all(run->cluster), fetch_node_logs, &fetch, err);
}
