/* How fast are scheduling and recording themselves? A client that answers at once, no rate: every
 * microsecond is ours.
 *
 *   bench_driver_null [SECONDS [WORKERS]]      60 s and 10 workers unless told
 *
 * An operation counts when its invocation and its completion are both on disk (handed to the
 * kernel). Prints one table: per stretch of time the rate, and at its end resident memory and bytes
 * written. The history goes to a folder of its own below $TMPDIR or /tmp, and is removed. */
#include "core/errbuf.h"
#include "injector/driver.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct client null_client;

static int null_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    (void)env;
    (void)err;
    *out = &null_client;
    return 0;
}

static void null_invoke(struct client *client, const struct op *invocation, struct op *completion,
                        bool *reopen, struct arena *arena)
{
    (void)client;
    (void)invocation;
    (void)reopen;
    (void)arena;
    completion->type = OP_OK;
}

static void null_close(struct client *client)
{
    (void)client;
}

static const struct option no_options[] = {{0}};
static const symbol null_functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};
static const struct client_type null_type = {.name = "null",
                                             .doc = "Answers ok at once.",
                                             .options = no_options,
                                             .functions = null_functions,
                                             .open = null_open,
                                             .invoke = null_invoke,
                                             .close = null_close};
static struct client null_client = {&null_type};

/* Reads, writes and compare-and-sets of a register, like a real workload's. */
static bool next_op(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)context;
    uint64_t kind = random_below(random, 3);
    op->f = (symbol)(F_READ + kind);
    if (kind == 1)
        op->value = value_int((int64_t)random_below(random, 5));
    return kind != 2 || value_pair(arena, value_int((int64_t)random_below(random, 5)),
                                   value_int((int64_t)random_below(random, 5)), &op->value) == 0;
}

static struct generator *make_key(void *context, struct arena *arena, uint64_t key)
{
    (void)context;
    struct random random;
    random_init(&random, 1, RANDOM_WORKLOAD, key);
    return generator_source(arena, random, next_op, NULL);
}

static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total, resident = 0;
    if (file) {
        if (fscanf(file, "%ld %ld", &total, &resident) != 2)
            resident = 0;
        fclose(file);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

struct sampler {
    const char *path;
    struct driver_counters *counters;
    int64_t begin_ns;
    int64_t end_ns;
};

static void print_row(const struct sampler *sampler, int64_t from_ns, uint64_t from_ops)
{
    int64_t now_ns = monotonic_ns();
    uint64_t ops = sampler->counters->ok;
    struct stat file = {0};
    stat(sampler->path, &file);
    printf("%5.0f %12.0f %12llu %10ld %10.1f\n",
           (double)(now_ns - sampler->begin_ns) / (double)NS_PER_S,
           (double)(ops - from_ops) * (double)NS_PER_S / (double)(now_ns - from_ns),
           (unsigned long long)ops, resident_kib(), (double)file.st_size / (1 << 20));
    fflush(stdout);
}

static void *sample(void *argument)
{
    const struct sampler *sampler = argument;
    static const int marks_s[] = {10, 30, 60};
    int64_t from_ns = sampler->begin_ns;
    uint64_t from_ops = 0;
    for (size_t i = 0; i < sizeof marks_s / sizeof marks_s[0]; i++) {
        int64_t mark_ns = sampler->begin_ns + marks_s[i] * NS_PER_S;
        if (mark_ns >= sampler->end_ns)
            break;
        sleep_ns(mark_ns - monotonic_ns());
        print_row(sampler, from_ns, from_ops);
        from_ns = monotonic_ns();
        from_ops = sampler->counters->ok;
    }
    sleep_ns(sampler->end_ns - NS_PER_MS - monotonic_ns());
    print_row(sampler, from_ns, from_ops);
    return NULL;
}

static int drive(struct recorder *recorder, const char *path, uint32_t workers, long seconds,
                 struct errbuf *err)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct clock clock;
    clock_init_real(&clock);
    struct node nodes[5] = {
        {.name = "n1"}, {.name = "n2"}, {.name = "n3"}, {.name = "n4"}, {.name = "n5"}};
    struct cluster cluster = {.nodes = nodes, .count = 5};
    struct driver_counters counters = {0};
    _Atomic int stop = 0;
    struct generator *work = generator_groups(&arena, 2, 0, make_key, NULL);
    struct driver_config config = {
        .generator =
            generator_clients(&arena, generator_time_limit(&arena, seconds * NS_PER_S, work)),
        .recorder = recorder,
        .clock = &clock,
        .cluster = &cluster,
        .client = &null_type,
        .concurrency = workers,
        .counters = &counters,
        .stop = &stop};
    int64_t begin_ns = monotonic_ns();
    struct sampler sampler = {.path = path,
                              .counters = &counters,
                              .begin_ns = begin_ns,
                              .end_ns = begin_ns + seconds * NS_PER_S};
    printf("%5s %12s %12s %10s %10s\n", "s", "ops/s", "ops", "RSS KiB", "MiB on disk");
    pthread_t id;
    if (pthread_create(&id, NULL, sample, &sampler) != 0)
        return errbuf_set(err, -1, "cannot start a thread");
    int rc = driver_run(&config, err);
    pthread_join(id, NULL);
    double elapsed_s = (double)(monotonic_ns() - begin_ns) / (double)NS_PER_S;
    printf("all: %.0f ops/s with %u workers\n", (double)counters.ok / elapsed_s, workers);
    arena_fini(&arena);
    return rc;
}

int main(int argc, char **argv)
{
    long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 60;
    long workers = argc > 2 ? strtol(argv[2], NULL, 10) : 10;
    if (seconds < 1 || seconds > 3600 || workers < 1 || workers > 1000) {
        fprintf(stderr, "usage: %s [SECONDS [WORKERS]]\n", argv[0]);
        return 2;
    }
    const char *root = getenv("TMPDIR");
    char dir[512], path[540];
    snprintf(dir, sizeof dir, "%s/faultline-bench-XXXXXX", root && root[0] ? root : "/tmp");
    if (!mkdtemp(dir)) {
        fprintf(stderr, "%s: %s\n", dir, strerror(errno));
        return 1;
    }
    snprintf(path, sizeof path, "%s/history.jsonl", dir);
    struct errbuf err = ERRBUF_INIT;
    struct recorder *recorder;
    int rc = recorder_open(path, &recorder, &err);
    if (rc == 0) {
        rc = drive(recorder, path, (uint32_t)workers, seconds, &err);
        int closed = recorder_close(recorder, rc == 0 ? &err : NULL);
        rc = rc != 0 ? rc : closed;
    }
    unlink(path);
    rmdir(dir);
    if (rc != 0)
        fprintf(stderr, "%s\n", err.text);
    return rc == 0 ? 0 : 1;
}
