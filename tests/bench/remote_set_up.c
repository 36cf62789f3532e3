/* How long `netns` nodes take to set up and to tear down, and a command on one of them. */
#include "core/clock.h"
#include "core/errbuf.h"
#include "injector/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 10, COMMANDS = 100, NODES_MAX = 7 };

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double time_commands_ms(struct remote *remote, const struct node *node)
{
    static const char *const argv[] = {"true", NULL};
    struct command command = {.argv = argv};
    int64_t begin = monotonic_ns();
    for (int i = 0; i < COMMANDS; i++)
        remote_run_ok(remote, node, &command, NULL, NULL);
    return (double)(monotonic_ns() - begin) / 1e6 / COMMANDS;
}

static int measure(const char *dir, uint32_t count)
{
    static const char *const names[NODES_MAX] = {"n1", "n2", "n3", "n4", "n5", "n6", "n7"};
    struct node nodes[NODES_MAX];
    struct cluster cluster = {.nodes = nodes, .count = count};
    struct errbuf err = ERRBUF_INIT;
    double open_ms[ROUNDS];
    double close_ms[ROUNDS];
    double command_ms = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char path[128];
        char nodes_dir[128];
        struct journal *journal;
        struct remote *remote;
        for (uint32_t j = 0; j < count; j++)
            nodes[j] = (struct node){.name = names[j], .index = j};
        snprintf(path, sizeof path, "%s/journal", dir);
        snprintf(nodes_dir, sizeof nodes_dir, "%s/nodes", dir);
        struct remote_config config = {.run_name = "bench", .dir = nodes_dir};
        if (journal_open(path, &journal, &err) != 0)
            break;
        config.journal = journal;
        int64_t begin = monotonic_ns();
        if (remote_find("netns")->open(&config, &cluster, &remote, &err) != 0)
            break;
        open_ms[i] = (double)(monotonic_ns() - begin) / 1e6;
        command_ms = time_commands_ms(remote, &nodes[0]);
        begin = monotonic_ns();
        remote->type->close(remote);
        close_ms[i] = (double)(monotonic_ns() - begin) / 1e6;
        journal_close(journal);
        unlink(path);
        rmdir(nodes_dir);
    }
    if (err.text[0]) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    qsort(open_ms, ROUNDS, sizeof open_ms[0], compare);
    qsort(close_ms, ROUNDS, sizeof close_ms[0], compare);
    printf("%u nodes: set up %.1f ms (worst %.1f), torn down %.1f ms (worst %.1f), a command %.2f "
           "ms\n",
           count, open_ms[ROUNDS / 2], open_ms[ROUNDS - 1], close_ms[ROUNDS / 2],
           close_ms[ROUNDS - 1], command_ms);
    return 0;
}

int main(void)
{
    struct errbuf err = ERRBUF_INIT;
    char dir[] = "/tmp/faultline-bench-XXXXXX";
    if (remote_find("netns")->enter_privileges(&err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (!mkdtemp(dir))
        return 1;
    int status = measure(dir, 3) + measure(dir, 5) + measure(dir, 7);
    rmdir(dir);
    return status;
}
