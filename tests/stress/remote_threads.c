/* Many threads use one remote at once: commands, processes, journal. Run under the thread
 * sanitizer too. As an ordinary user only `local`: a user namespace cannot be entered by a process
 * that has threads, as every process has under that sanitizer. */
#include "core/clock.h"
#include "core/errbuf.h"
#include "injector/process_id.h"
#include "injector/remote.h"
#include "injector/userns.h"
#include "patience.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 25, NODES = 3 };

static struct remote *remote;
static struct node nodes[NODES] = {
    {.name = "n1", .index = 0}, {.name = "n2", .index = 1}, {.name = "n3", .index = 2}};
static struct cluster cluster = {.nodes = nodes, .count = NODES};
static char log_path[128];
static _Atomic unsigned failures;

static void fail(const char *what, const struct errbuf *err)
{
    fprintf(stderr, "%s: %s\n", what, err->text);
    failures++;
}

static void run_once(const struct node *node, unsigned number)
{
    struct errbuf err = ERRBUF_INIT;
    char text[32];
    snprintf(text, sizeof text, "%u", number);
    static const char *const argv[] = {"sh", "-c", "cat; head -c 100000 /dev/zero >&2", NULL};
    struct command command = {.argv = argv, .input = text, .input_length = strlen(text)};
    struct command_result result;
    if (remote->type->run(remote, node, &command, &result, &err) != 0) {
        fail("run", &err);
        return;
    }
    if (result.status != 0 || strcmp(result.out.text, text) != 0 || result.err.length != 100000)
        fail("run gave something else", &err);
    command_result_fini(&result);
}

static void spawn_once(const struct node *node)
{
    struct errbuf err = ERRBUF_INIT;
    static const char *const argv[] = {"sleep", "1000", NULL};
    struct spawn spawn = {.argv = argv, .log = log_path};
    struct process_id process;
    if (remote->type->spawn(remote, node, &spawn, &process, &err) != 0) {
        fail("spawn", &err);
        return;
    }
    if (remote->type->state(remote, node, process) != PROCESS_RUNNING)
        fail("a process that was just started does not run", &err);
    if (remote->type->signal(remote, node, process, SIGKILL, &err) != 0)
        fail("signal", &err);
    if (!process_id_await_gone(process, PATIENCE_NS))
        fail("a killed process goes on", &err);
}

static void *work(void *context)
{
    unsigned thread = *(unsigned *)context;
    struct errbuf err = ERRBUF_INIT;
    if (remote->type->enter(remote, &err) != 0)
        fail("enter", &err);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct node *node = &nodes[(thread + round) % NODES];
        run_once(node, thread * ROUNDS + round);
        spawn_once(node);
    }
    return NULL;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void stress(const char *name)
{
    struct errbuf err = ERRBUF_INIT;
    char dir[64] = "/tmp/faultline-stress-XXXXXX";
    char path[128];
    char nodes_dir[128];
    struct journal *journal;
    if (!mkdtemp(dir))
        abort();
    snprintf(path, sizeof path, "%s/journal", dir);
    snprintf(nodes_dir, sizeof nodes_dir, "%s/nodes", dir);
    snprintf(log_path, sizeof log_path, "%s/log", dir);
    struct remote_config config = {.run_name = "stress", .dir = nodes_dir};
    if (journal_open(path, &journal, &err) != 0) {
        fail("journal", &err);
        return;
    }
    config.journal = journal;
    if (remote_find(name)->open(&config, &cluster, &remote, &err) != 0) {
        fail(name, &err);
        return;
    }
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    remote->type->close(remote);
    journal_close(journal);
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        fail("a child is left", &err);
    struct heal_report report;
    if (journal_heal(path, &report, &err) != 0 || report.records != 0 || report.controller_alive)
        fail("the journal is not closed", &err);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    stress("local");
    if (userns_is_privileged())
        stress("netns");
    else
        fprintf(stderr, "not tested as an ordinary user: netns\n");
    printf("%u failures\n", failures);
    return failures == 0 ? 0 : 1;
}
