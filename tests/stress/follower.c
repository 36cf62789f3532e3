/* Clients record under their lock, a thread follows the file and checks it, and another one asks
 * how far it is: for ThreadSanitizer, and everything recorded must have been taken. */
#include "injector/follower.h"

#include "core/clock.h"
#include "core/errbuf.h"
#include "injector/recorder.h"
#include "patience.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CLIENTS = 4, OPERATIONS = 3000 };

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

/* A register that everybody uses, and its history. */
struct shared {
    pthread_mutex_t lock;
    struct clock clock;
    struct recorder *recorder;
    struct follower *follower;
    int64_t value;
    _Atomic int stop;
    _Atomic bool done;
};

struct client {
    struct shared *shared;
    pthread_t thread;
    int32_t process;
};

static void add(struct client *client, enum op_type type, symbol f, struct value value)
{
    struct shared *shared = client->shared;
    struct op op = {.time_ns = clock_now_ns(&shared->clock),
                    .process = client->process,
                    .f = f,
                    .type = (uint8_t)type,
                    .has_key = true,
                    .key = value_int(1),
                    .value = value};
    recorder_add(shared->recorder, &op);
    check(recorder_flush(shared->recorder, NULL) == 0, "recording");
}

static void *client_main(void *argument)
{
    struct client *client = argument;
    struct shared *shared = client->shared;
    for (int i = 0; i < OPERATIONS; i++) {
        bool reads = (i + client->process) % 2;
        struct value value = value_int(i);
        pthread_mutex_lock(&shared->lock);
        add(client, OP_INVOKE, reads ? F_READ : F_WRITE, reads ? value_nil() : value);
        pthread_mutex_unlock(&shared->lock);
        pthread_mutex_lock(&shared->lock);
        if (reads)
            value = shared->value < 0 ? value_nil() : value_int(shared->value);
        else
            shared->value = i;
        add(client, OP_OK, reads ? F_READ : F_WRITE, value);
        pthread_mutex_unlock(&shared->lock);
    }
    return NULL;
}

static void *watch_main(void *argument)
{
    struct shared *shared = argument;
    while (!shared->done) {
        struct follower_status status;
        follower_get_status(shared->follower, &status);
        check(!status.violated || shared->stop, "told once it is known");
        sleep_ns(NS_PER_MS);
    }
    return NULL;
}

static void run(struct shared *shared)
{
    struct client clients[CLIENTS];
    for (int32_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.shared = shared, .process = i};
        check(pthread_create(&clients[i].thread, NULL, client_main, &clients[i]) == 0, "a client");
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
}

static void follow(struct shared *shared, const char *path)
{
    struct follower_config config = {.path = path,
                                     .clock = &shared->clock,
                                     .check = {.model = "register"},
                                     .stop = &shared->stop,
                                     .stop_value = 1};
    struct errbuf err = ERRBUF_INIT;
    check(recorder_open(path, &shared->recorder, &err) == 0, err.text);
    check(follower_start(&config, &shared->follower, &err) == 0, err.text);
}

int main(void)
{
    char dir[] = "/tmp/faultline-follow-XXXXXX", path[64];
    check(mkdtemp(dir) != NULL, "a folder");
    snprintf(path, sizeof path, "%s/history.jsonl", dir);
    struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .value = -1};
    clock_init_real(&shared.clock);
    follow(&shared, path);
    pthread_t watch;
    check(pthread_create(&watch, NULL, watch_main, &shared) == 0, "a watcher");
    run(&shared);
    struct follower_status status;
    struct client liar = {.shared = &shared, .process = CLIENTS};
    add(&liar, OP_INVOKE, F_READ, value_nil());
    check(!shared.stop, "no violation before the lie");
    add(&liar, OP_OK, F_READ, value_int(-5));
    while (!shared.stop)
        sleep_ns(NS_PER_MS);
    shared.done = true;
    pthread_join(watch, NULL);
    follower_finish(shared.follower, PATIENCE_NS);
    follower_get_status(shared.follower, &status);
    check(status.violated && status.stopped, "the lie is found");
    check(status.check.events == 2 * (CLIENTS * OPERATIONS + 1), "everything was taken");
    follower_free(shared.follower);
    check(recorder_close(shared.recorder, NULL) == 0, "recording");
    unlink(path);
    rmdir(dir);
    pthread_mutex_destroy(&shared.lock);
    return 0;
}
