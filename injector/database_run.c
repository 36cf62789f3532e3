/* A description at work: the processes of the nodes, one lock a node. */
#include "injector/database.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/database_description.h"
#include "injector/database_run_state.h"
#include "injector/events.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t poll_ns = 5 * NS_PER_MS;
static const int64_t kill_timeout_ns = 10 * NS_PER_S;

struct database_scope database_run_scope(const struct database_run *run, const struct node *node)
{
    return (struct database_scope){
        .database = run->database, .cluster = run->cluster, .node = node};
}

/* --- making and freeing --- */

int database_run_new(const struct database *database, struct remote *remote,
                     const struct cluster *cluster, struct events *events,
                     struct database_run **out, struct errbuf *err)
{
    struct database_run *run = calloc(1, sizeof *run);
    if (!run)
        return errbuf_set(err, ERR_NOMEM, "no memory for a database");
    run->database = database;
    run->remote = remote;
    run->cluster = cluster;
    run->events = events;
    for (uint32_t i = 0; i < CLUSTER_NODES_MAX; i++)
        pthread_mutex_init(&run->nodes[i].lock, NULL);
    *out = run;
    return 0;
}

void database_run_free(struct database_run *run)
{
    if (!run)
        return;
    for (uint32_t i = 0; i < run->cluster->count; i++)
        database_stop_node(run, &run->cluster->nodes[i], NULL);
    for (uint32_t i = 0; i < CLUSTER_NODES_MAX; i++)
        pthread_mutex_destroy(&run->nodes[i].lock);
    free(run);
}

/* --- one node's process; the callers hold its lock --- */

static void report(struct database_run *run, const struct node *node, const char *state)
{
    events_write(run->events, node->name, "process", "s:s, s:i", "state", state, "pid",
                 (int)run->nodes[node->index].process.pid);
}

/* Looks at the process; that it died without our doing is an event. */
static enum process_state look(struct database_run *run, const struct node *node)
{
    struct node_run *own = &run->nodes[node->index];
    if (!own->has_process)
        return PROCESS_GONE;
    enum process_state state = run->remote->type->state(run->remote, node, own->process);
    if (state == PROCESS_GONE) {
        if (!own->killed)
            report(run, node, "died");
        own->has_process = false;
    }
    return state;
}

static int send_signal(struct database_run *run, const struct node *node, int signal,
                       struct errbuf *err)
{
    return run->remote->type->signal(run->remote, node, run->nodes[node->index].process, signal,
                                     err);
}

static bool await_gone(struct database_run *run, const struct node *node, int64_t timeout_ns)
{
    int64_t until_ns = monotonic_ns() + timeout_ns;
    while (look(run, node) != PROCESS_GONE) {
        if (monotonic_ns() >= until_ns)
            return false;
        sleep_ns(poll_ns);
    }
    return true;
}

/* --- starting --- */

/* NAME=VALUE for each variable of the description. */
static int make_env(const struct database_scope *scope, struct arena *arena,
                    const char *const **out, struct errbuf *err)
{
    const struct text_list *values = &scope->database->env_values;
    const char **env = arena_zalloc(arena, (size_t)values->count + 1, sizeof *env);
    for (uint32_t i = 0; env && i < values->count; i++) {
        const char *value;
        int rc = database_expand(scope, values->items[i], arena, &value, err);
        if (rc != 0)
            return rc;
        env[i] = arena_printf(arena, "%s=%s", scope->database->env_names[i], value);
        if (!env[i])
            env = NULL;
    }
    *out = env;
    return env ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for an environment");
}

static int spawn_node(struct database_run *run, const struct node *node, struct arena *arena,
                      struct errbuf *err)
{
    struct node_run *own = &run->nodes[node->index];
    struct database_scope scope = database_run_scope(run, node);
    struct spawn spawn = {0};
    int rc = database_expand_list(&scope, run->database->start, arena, &spawn.argv, err);
    if (rc == 0)
        rc = make_env(&scope, arena, &spawn.env, err);
    if (rc == 0)
        rc = database_expand(&scope, run->database->log, arena, &spawn.log, err);
    if (rc == 0)
        rc = run->remote->type->spawn(run->remote, node, &spawn, &own->process, err);
    if (rc != 0)
        return rc;
    own->has_process = true;
    own->was_started = true;
    own->killed = false;
    own->ready_reported = false;
    report(run, node, "started");
    return 0;
}

int database_start_node(struct database_run *run, const struct node *node, struct errbuf *err)
{
    struct node_run *own = &run->nodes[node->index];
    struct arena arena;
    arena_init(&arena, 0);
    pthread_mutex_lock(&own->lock);
    int rc = look(run, node) == PROCESS_GONE ? spawn_node(run, node, &arena, err) : 0;
    pthread_mutex_unlock(&own->lock);
    arena_fini(&arena);
    return rc;
}

static int await_ready(void *context, const struct node *node, struct errbuf *err)
{
    return database_await_ready(context, node, 0, err);
}

int database_start(struct database_run *run, node_set set, struct errbuf *err)
{
    bool first = true;
    for (uint32_t i = 0; i < run->cluster->count; i++) {
        const struct node *node = &run->cluster->nodes[i];
        if (!(set & node_bit(i)))
            continue;
        if (!first)
            sleep_ns(run->database->stagger_ns);
        first = false;
        int rc = database_start_node(run, node, err);
        if (rc != 0) {
            errbuf_prefix(err, "%s", node->name);
            return rc;
        }
    }
    return for_nodes(run->cluster, set, await_ready, run, err);
}

/* --- readiness --- */

/* The end of the node's log on one line, for messages; "" if it cannot be had. */
static void log_tail(struct database_run *run, const struct node *node, char *out, size_t size)
{
    struct arena arena;
    struct database_scope scope = database_run_scope(run, node);
    const char *log;
    out[0] = '\0';
    arena_init(&arena, 0);
    if (database_expand(&scope, run->database->log, &arena, &log, NULL) == 0) {
        const char *const argv[] = {"tail", "-n", "3", "--", log, NULL};
        struct command command = {.argv = argv, .timeout_ns = 5 * NS_PER_S};
        struct command_result result = {0};
        if (remote_run_ok(run->remote, node, &command, &result, NULL) == 0 && result.out.length) {
            char *text = result.out.text;
            for (size_t end = strlen(text); end > 0 && text[end - 1] == '\n'; end--)
                text[end - 1] = '\0';
            for (char *c = text; *c; c++)
                *c = *c == '\n' ? '|' : (unsigned char)*c < 0x20 ? ' ' : *c;
            snprintf(out, size, "%s", text);
        }
        command_result_fini(&result);
    }
    arena_fini(&arena);
}

static int fail_ended(struct database_run *run, const struct node *node, struct errbuf *err)
{
    char tail[600];
    pthread_mutex_lock(&run->nodes[node->index].lock);
    bool was_started = run->nodes[node->index].was_started;
    pthread_mutex_unlock(&run->nodes[node->index].lock);
    if (!was_started)
        return errbuf_set(err, ERR_COMMAND, "%s was never started", run->database->name);
    log_tail(run, node, tail, sizeof tail);
    return errbuf_set(err, ERR_COMMAND, "%s ended before it was ready; its log %s%s",
                      run->database->name, tail[0] ? "ends with: " : "is empty", tail);
}

static void note_ready(struct database_run *run, const struct node *node)
{
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    if (own->has_process && !own->ready_reported) {
        own->ready_reported = true;
        report(run, node, "ready");
    }
    pthread_mutex_unlock(&own->lock);
}

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What a node answered so far. */
struct answers {
    bool heard; /* it answered, or had the time to */
    struct errbuf last;
};

/* Asks once more, until `left_ns` at most. That our own deadline cut the question short tells less
 * than what was answered before, and does not replace it. */
static bool ask_ready(struct database_run *run, const struct node *node, int64_t left_ns,
                      struct answers *answers)
{
    /* A node that listens and does not answer must not use up all the time there is. */
    static const int64_t answer_ns = 2 * NS_PER_S;
    struct database_scope scope = database_run_scope(run, node);
    struct errbuf why = ERRBUF_INIT;
    int rc =
        probe_ask(&run->database->ready, &scope, run->remote, shorter(left_ns, answer_ns), &why);
    bool cut = rc == ERR_TIMEOUT && left_ns < answer_ns;
    if (!cut || !answers->heard)
        answers->last = why;
    answers->heard = answers->heard || !cut;
    return rc == 0;
}

int database_await_ready(struct database_run *run, const struct node *node, int64_t timeout_ns,
                         struct errbuf *err)
{
    int64_t limit_ns = timeout_ns ? timeout_ns : run->database->ready_timeout_ns;
    int64_t until_ns = monotonic_ns() + limit_ns;
    struct answers answers = {.last.text = "there was no time to ask it"};
    for (;;) {
        if (database_node_state(run, node) == PROCESS_GONE)
            return fail_ended(run, node, err);
        int64_t left_ns = until_ns - monotonic_ns();
        if (left_ns > 0 && ask_ready(run, node, left_ns, &answers)) {
            note_ready(run, node);
            return 0;
        }
        left_ns = until_ns - monotonic_ns();
        if (left_ns <= 0)
            return errbuf_set(err, ERR_TIMEOUT, "%s was not ready within %g s: %s",
                              run->database->name, (double)limit_ns / 1e9, answers.last.text);
        sleep_ns(shorter(left_ns, run->database->ready_interval_ns));
    }
}

/* --- stopping, signals, states --- */

static int stop_process(struct database_run *run, const struct node *node, struct errbuf *err)
{
    struct node_run *own = &run->nodes[node->index];
    if (look(run, node) == PROCESS_GONE)
        return 0;
    if (send_signal(run, node, run->database->stop_signal, NULL) == 0) {
        own->killed = true;
        send_signal(run, node, SIGCONT, NULL); /* a paused process would not hear it */
        if (await_gone(run, node, run->database->stop_timeout_ns)) {
            report(run, node, "stopped");
            return 0;
        }
    }
    if (look(run, node) == PROCESS_GONE)
        return 0; /* it died just before */
    own->killed = true;
    send_signal(run, node, SIGKILL, NULL);
    if (!await_gone(run, node, kill_timeout_ns))
        return errbuf_set(err, ERR_TIMEOUT, "%s is still there after kill -9 (process %d)",
                          run->database->name, (int)own->process.pid);
    report(run, node, "killed");
    return 0;
}

int database_stop_node(struct database_run *run, const struct node *node, struct errbuf *err)
{
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    int rc = stop_process(run, node, err);
    pthread_mutex_unlock(&own->lock);
    return rc;
}

static const char *signal_state(int signal)
{
    return signal == SIGKILL   ? "killed"
           : signal == SIGSTOP ? "paused"
           : signal == SIGCONT ? "resumed"
                               : NULL;
}

int database_signal_node(struct database_run *run, const struct node *node, int signal,
                         struct errbuf *err)
{
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    int rc = look(run, node) == PROCESS_GONE
                 ? errbuf_set(err, ERR_IO, "%s does not run", run->database->name)
                 : send_signal(run, node, signal, err);
    if (rc == 0) {
        own->killed = own->killed || signal == SIGKILL || signal == run->database->stop_signal;
        if (signal_state(signal))
            report(run, node, signal_state(signal));
    }
    pthread_mutex_unlock(&own->lock);
    return rc;
}

enum process_state database_node_state(struct database_run *run, const struct node *node)
{
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    enum process_state state = look(run, node);
    pthread_mutex_unlock(&own->lock);
    return state;
}

struct process_id database_node_process(struct database_run *run, const struct node *node)
{
    struct node_run *own = &run->nodes[node->index];
    pthread_mutex_lock(&own->lock);
    struct process_id process = {0};
    if (look(run, node) != PROCESS_GONE)
        process = own->process;
    pthread_mutex_unlock(&own->lock);
    return process;
}
