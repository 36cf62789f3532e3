/* Clients that misbehave in every way, and a nemesis that takes its time, for the driver to run. */
#ifndef TESTS_DRIVER_CLIENTS_H
#define TESTS_DRIVER_CLIENTS_H

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/driver.h"
#include "patience.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS_MAX = 64 };

#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s: ", __func__, __LINE__, #condition);                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fprintf(stderr, "\n");                                                                 \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* --- a nemesis that takes its time --- */

struct nemesis {
    int64_t duration_ns;
    _Atomic int performing;
    _Atomic uint64_t performed;
};

static inline void slow_perform(struct nemesis *nemesis, const struct op *op, struct op *completion,
                                struct arena *arena)
{
    CHECK(op->process == PROCESS_NEMESIS, "process %d", op->process);
    CHECK(nemesis->performing++ == 0, "two operations at once");
    sleep_ns(nemesis->duration_ns);
    const char *text = arena_printf(arena, "did %s", symbol_name(op->f));
    completion->value = value_string(text ? text : "");
    nemesis->performing--;
    nemesis->performed++;
}

static const struct nemesis_type slow_nemesis = {.perform = slow_perform};
static struct nemesis nemesis;

/* --- clients --- */

/* What clients do; set before a run. */
static struct behaviour {
    uint32_t refuse_percent; /* of opens */
    uint32_t info_percent;   /* of operations */
    uint32_t fail_percent;   /* of operations */
    uint32_t reopen_percent; /* of operations */
    int64_t latency_ns_min;
    int64_t latency_ns_max; /* random, besides; 0 = none */
    uint32_t look_percent;  /* of operations: is the invocation on disk? */
    int64_t violate_value;  /* the operation that breaks the contract; 0 = none */
    bool hang;              /* until the nemesis has done something, 10 s at most */
} behaviour;

static char path[128]; /* of the history */
static uint32_t concurrency;
static int32_t first_process;
static _Atomic int in_use[WORKERS_MAX]; /* by worker: an operation runs */
static _Atomic uint64_t opened, closed, looked;

struct wild {
    struct client client;
    uint32_t worker;
    const struct node *node;
    struct random random;
};

static inline bool chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

static inline int wild_open(const struct client_env *env, struct client **out, struct errbuf *err);

/* Values are [n "value n"], made in the operation's arena: were that given away too early, the two
 * would not agree. */
static inline int64_t number_of(struct value value)
{
    struct value number, text;
    char expected[40];
    CHECK(value_as_pair(value, &number, &text), "no pair");
    snprintf(expected, sizeof expected, "value %lld", (long long)number.integer);
    CHECK(strcmp(text.text, expected) == 0, "%s is not %s", text.text, expected);
    return number.integer;
}

/* Is the text in the last `size` bytes of the history? */
static inline bool disk_has(const char *wanted, size_t size)
{
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0, "%s", path);
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)size ? end - (off_t)size : 0;
    char *text = calloc(1, (size_t)(end - from) + 1);
    CHECK(text && pread(fd, text, (size_t)(end - from), from) == end - from, "%s", path);
    bool found = strstr(text, wanted) != NULL;
    free(text);
    close(fd);
    return found;
}

/* Is this invocation's line on disk, now that the client has been called? Near the end, unless this
 * thread was kept waiting for long. */
static inline void look_at_disk(const struct op *invocation)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"type\":\"invoke\",\"f\":\"write\",\"value\":[%lld,",
             (long long)number_of(invocation->value));
    CHECK(disk_has(wanted, 1 << 16) || disk_has(wanted, 1 << 30), "%s is not on disk", wanted);
    looked++;
}

static inline void wild_invoke(struct client *client, const struct op *invocation,
                               struct op *completion, bool *reopen, struct arena *arena)
{
    struct wild *wild = (struct wild *)client;
    CHECK(in_use[wild->worker]++ == 0, "worker %u has two operations", wild->worker);
    CHECK((uint32_t)(invocation->process - first_process) % concurrency == wild->worker,
          "process %d on worker %u", invocation->process, wild->worker);
    if (chance(&wild->random, behaviour.look_percent))
        look_at_disk(invocation);
    for (int64_t end_ns = monotonic_ns() + 2 * PATIENCE_NS;
         behaviour.hang && nemesis.performed == 0 && monotonic_ns() < end_ns;)
        sleep_ns(NS_PER_MS);
    if (behaviour.latency_ns_max)
        sleep_ns(random_between(&wild->random, 0, behaviour.latency_ns_max));
    sleep_ns(behaviour.latency_ns_min);
    completion->type = OP_OK;
    if (chance(&wild->random, behaviour.info_percent)) {
        completion->type = OP_INFO;
        completion->error = arena_printf(arena, "timeout of worker %u", wild->worker);
    } else if (chance(&wild->random, behaviour.fail_percent)) {
        completion->type = OP_FAIL;
        completion->error = "refused";
    } else if (chance(&wild->random, 20)) {
        struct value text = invocation->value.items[1];
        char *copy = arena_strndup(arena, text.text, text.count);
        CHECK(copy && value_pair(arena, invocation->value.items[0], value_string(copy),
                                 &completion->value) == 0,
              "no memory");
    }
    *reopen = chance(&wild->random, behaviour.reopen_percent);
    if (behaviour.violate_value && number_of(invocation->value) == behaviour.violate_value)
        completion->f = F_READ;
    in_use[wild->worker]--;
}

static inline void wild_close(struct client *client)
{
    closed++;
    free(client);
}

static const struct client_type wild_type = {
    .name = "wild", .open = wild_open, .invoke = wild_invoke, .close = wild_close};

static inline int wild_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    static _Atomic uint64_t opens;
    struct random random;
    random_init(&random, 1, RANDOM_TEST, ++opens);
    if (chance(&random, behaviour.refuse_percent))
        return errbuf_set(err, ERR_IO, "node %s refuses", env->node->name);
    struct wild *wild = malloc(sizeof *wild);
    if (!wild)
        return errbuf_set(err, ERR_NOMEM, "no memory");
    *wild = (struct wild){{&wild_type}, env->worker, env->node, random};
    *out = &wild->client;
    opened++;
    return 0;
}

#endif
