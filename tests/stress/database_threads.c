/* Many threads on the same nodes of a database: what ThreadSanitizer should look at. In the end
 * every node is stopped, and nothing of it runs. */
#include "injector/database.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/process_id.h"
#include "injector/yaml_tree.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NODES = 3, THREADS = 6, ROUNDS = 150 };

static struct node nodes[NODES] = {
    {.name = "n1", .index = 0}, {.name = "n2", .index = 1}, {.name = "n3", .index = 2}};
static struct cluster cluster = {.nodes = nodes, .count = NODES};
static struct database_run *run;

#define REQUIRE(condition, text)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s: %s\n", __FILE__, __LINE__, #condition, text);      \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Failures are legal here: another thread may just have killed the node. */
static void act(unsigned what, const struct node *node)
{
    node_set primaries;
    switch (what % 8) {
    case 0:
        database_start_node(run, node, NULL);
        break;
    case 1:
        database_signal_node(run, node, SIGKILL, NULL);
        break;
    case 2:
        database_signal_node(run, node, SIGSTOP, NULL);
        break;
    case 3:
        database_signal_node(run, node, SIGCONT, NULL);
        break;
    case 4:
        database_stop_node(run, node, NULL);
        break;
    case 5:
        database_await_ready(run, node, 20 * NS_PER_MS, NULL);
        break;
    case 6:
        database_primaries(run, 100 * NS_PER_MS, &primaries, NULL);
        break;
    default:
        database_node_state(run, node);
        database_node_process(run, node);
        break;
    }
}

static void *play(void *context)
{
    unsigned random = (unsigned)(uintptr_t)context * 7919 + 1;
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1103515245 + 12345;
        act(random >> 16, &nodes[(random >> 24) % NODES]);
    }
    return NULL;
}

static const struct database *load(struct arena *arena)
{
    static const char text[] = "{name: d, start: {run: [sleep, '1000']}, stop: {timeout: 200ms}, "
                               "ready: {run: ['true']}, primaries: {run: ['true']}}";
    struct yaml_node *node;
    const struct database *database;
    struct errbuf err = ERRBUF_INIT;
    REQUIRE(yaml_tree_parse("d", text, sizeof text - 1, arena, &node, &err) == 0, err.text);
    REQUIRE(database_load(node, "d", ".", arena, &database, &err) == 0, err.text);
    return database;
}

int main(void)
{
    char dir[] = "/tmp/faultline-stress-XXXXXX", path[64];
    struct errbuf err = ERRBUF_INIT;
    struct arena arena;
    struct journal *journal;
    struct remote *remote;
    arena_init(&arena, 0);
    REQUIRE(mkdtemp(dir), dir);
    snprintf(path, sizeof path, "%s/journal", dir);
    REQUIRE(journal_open(path, &journal, &err) == 0, err.text);
    struct remote_config config = {.run_name = "stress", .dir = dir, .journal = journal};
    const struct remote_type *type = remote_find("local");
    REQUIRE(type->open(&config, &cluster, &remote, &err) == 0, err.text);
    REQUIRE(database_run_new(load(&arena), remote, &cluster, NULL, &run, &err) == 0, err.text);

    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        REQUIRE(pthread_create(&threads[i], NULL, play, (void *)i) == 0, "pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    for (uint32_t i = 0; i < NODES; i++) {
        database_start_node(run, &nodes[i], NULL);
        struct process_id process = database_node_process(run, &nodes[i]);
        REQUIRE(process.pid != 0, "a node could not be started at the end");
        REQUIRE(database_stop_node(run, &nodes[i], &err) == 0, err.text);
        REQUIRE(process_id_state(process) == PROCESS_GONE, "a stopped node runs");
    }
    database_run_free(run);
    for (uint32_t i = 0; i < NODES; i++) {
        snprintf(path, sizeof path, "%s/%s/d.log", dir, nodes[i].name);
        unlink(path);
    }
    type->close(remote);
    journal_close(journal);
    snprintf(path, sizeof path, "%s/journal", dir);
    unlink(path);
    rmdir(dir);
    arena_fini(&arena);
    return 0;
}
