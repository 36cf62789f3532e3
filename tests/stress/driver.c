/* The driver with real threads and a real clock: clients that misbehave in every way, a nemesis, an
 * end in the middle. Afterwards the history on disk must pair, agree with the counters, and never
 * go back in time. A plain main, so that it runs under ThreadSanitizer. */
#include "injector/driver.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/strbuf.h"
#include "patience.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

static void slow_perform(struct nemesis *nemesis, const struct op *op, struct op *completion,
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

static bool chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

static int wild_open(const struct client_env *env, struct client **out, struct errbuf *err);

/* Values are [n "value n"], made in the operation's arena: were that given away too early, the two
 * would not agree. */
static int64_t number_of(struct value value)
{
    struct value number, text;
    char expected[40];
    CHECK(value_as_pair(value, &number, &text), "no pair");
    snprintf(expected, sizeof expected, "value %lld", (long long)number.integer);
    CHECK(strcmp(text.text, expected) == 0, "%s is not %s", text.text, expected);
    return number.integer;
}

/* Is the text in the last `size` bytes of the history? */
static bool disk_has(const char *wanted, size_t size)
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
static void look_at_disk(const struct op *invocation)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"type\":\"invoke\",\"f\":\"write\",\"value\":[%lld,",
             (long long)number_of(invocation->value));
    CHECK(disk_has(wanted, 1 << 16) || disk_has(wanted, 1 << 30), "%s is not on disk", wanted);
    looked++;
}

static void wild_invoke(struct client *client, const struct op *invocation, struct op *completion,
                        bool *reopen, struct arena *arena)
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

static void wild_close(struct client *client)
{
    closed++;
    free(client);
}

static const struct client_type wild_type = {
    .name = "wild", .open = wild_open, .invoke = wild_invoke, .close = wild_close};

static int wild_open(const struct client_env *env, struct client **out, struct errbuf *err)
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

/* --- a run and its history --- */

static struct arena arena;
static _Atomic int stop;
static struct driver_counters counters;

struct result {
    int rc;
    struct errbuf err;
    int64_t duration_ns;
};

static bool next_write(void *context, struct random *random, struct arena *values, struct op *op)
{
    (void)random;
    int64_t *next = context;
    char *text = arena_printf(values, "value %lld", (long long)*next);
    op->f = F_WRITE;
    return text && value_pair(values, value_int((*next)++), value_string(text), &op->value) == 0;
}

static struct generator *writes(void)
{
    struct random random;
    random_init(&random, 1, RANDOM_WORKLOAD, 0);
    return generator_source(&arena, random, next_write, arena_zalloc(&arena, 1, sizeof(int64_t)));
}

static struct generator *timed_writes(int64_t duration_ns, double rate)
{
    struct random random;
    random_init(&random, 1, RANDOM_SCHEDULE, 0);
    struct generator *work = generator_stagger(&arena, random, rate, writes());
    return generator_clients(&arena, generator_time_limit(&arena, duration_ns, work));
}

static struct generator *faults(int64_t interval_ns, size_t count)
{
    struct generator *children[64];
    struct op op = {.f = symbol_intern("start", 5)};
    CHECK(2 * count <= 64, "%zu", count);
    for (size_t i = 0; i < count; i++) {
        children[2 * i] = generator_sleep(&arena, interval_ns);
        children[2 * i + 1] = generator_sequence(&arena, &op, 1);
    }
    return generator_nemesis(&arena, generator_phases(&arena, children, 2 * count));
}

static void run(struct recorder *recorder, const struct clock *clock, struct generator *generator,
                bool with_nemesis, int32_t *next_process, struct result *result)
{
    static struct node nodes[] = {{.name = "n1"}, {.name = "n2"}, {.name = "n3"}};
    static const struct cluster cluster = {.nodes = nodes, .count = 3};
    CHECK(generator, "no memory");
    struct driver_config config = {.generator = generator,
                                   .recorder = recorder,
                                   .clock = clock,
                                   .cluster = &cluster,
                                   .client = &wild_type,
                                   .concurrency = concurrency,
                                   .first_process = first_process,
                                   .next_process = next_process,
                                   .nemesis_type = &slow_nemesis,
                                   .nemesis = with_nemesis ? &nemesis : NULL,
                                   .counters = &counters,
                                   .stop = &stop};
    int64_t begin_ns = monotonic_ns();
    result->rc = driver_run(&config, &result->err);
    result->duration_ns = monotonic_ns() - begin_ns;
    CHECK(opened == closed, "a client was not closed");
}

static void read_history(struct history *history)
{
    struct strbuf text = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    FILE *file = fopen(path, "r");
    CHECK(file, "%s", path);
    char chunk[1 << 16];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(&text, chunk, got);
    fclose(file);
    history_init(history);
    struct op_sink sink = history_sink(history);
    int rc = history_jsonl_read(path, text.text, text.length, &sink, &history->truncated, &err);
    CHECK(rc == 0, "%s", err.text);
    strbuf_fini(&text);
}

/* Everything that holds of every history; `complete`: each invocation has its completion. */
static void check_history(const struct history *history, bool complete)
{
    uint32_t *partner;
    struct errbuf err = ERRBUF_INIT;
    uint64_t seen[4] = {0}, nemesis_events = 0;
    int64_t last_ns = 0;
    CHECK(history_pair(history, &partner, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        CHECK(op->time_ns >= last_ns, "event %zu goes back in time", i);
        last_ns = op->time_ns;
        if (op->process == PROCESS_NEMESIS) {
            CHECK(op->type == OP_INFO, "event %zu", i);
            nemesis_events++;
            continue;
        }
        seen[op->type]++;
        if (partner[i] != HISTORY_UNPAIRED)
            CHECK(number_of(op->value) == number_of(history->ops[partner[i]].value), "event %zu",
                  i);
        CHECK(!complete || partner[i] != HISTORY_UNPAIRED, "event %zu has no partner", i);
        if (op->type == OP_FAIL || op->type == OP_INFO)
            CHECK(op->error && op->error[0], "event %zu does not say why", i);
    }
    free(partner);
    CHECK(seen[OP_INVOKE] == counters.invoked, "%llu", (unsigned long long)counters.invoked);
    CHECK(seen[OP_OK] == counters.ok, "%llu", (unsigned long long)counters.ok);
    CHECK(seen[OP_FAIL] == counters.fail, "%llu", (unsigned long long)counters.fail);
    CHECK(seen[OP_INFO] == counters.info, "%llu", (unsigned long long)counters.info);
    CHECK(!complete || seen[OP_INVOKE] == seen[OP_OK] + seen[OP_FAIL] + seen[OP_INFO],
          "an operation did not complete");
    CHECK(nemesis_events == 2 * nemesis.performed, "%llu events of the nemesis",
          (unsigned long long)nemesis_events);
}

/* A run of its own, with a file of its own. */
static void whole_run(struct generator *generator, bool with_nemesis, struct result *result,
                      struct history *history)
{
    struct recorder *recorder;
    struct clock clock;
    *result = (struct result){0};
    unlink(path);
    CHECK(recorder_open(path, &recorder, &result->err) == 0, "%s", result->err.text);
    clock_init_real(&clock);
    run(recorder, &clock, generator, with_nemesis, NULL, result);
    CHECK(recorder_close(recorder, NULL) == 0, "close");
    read_history(history);
    check_history(history, true);
    arena_fini(&arena);
}

static void reset(uint32_t workers, struct behaviour how)
{
    concurrency = workers;
    first_process = 0;
    behaviour = how;
    counters = (struct driver_counters){0};
    nemesis.performed = 0;
    nemesis.duration_ns = 5 * NS_PER_MS;
    stop = 0;
}

/* --- the tests --- */

static void wild_clients_give_a_sound_history(void)
{
    reset(24, (struct behaviour){.refuse_percent = 20,
                                 .info_percent = 15,
                                 .fail_percent = 20,
                                 .reopen_percent = 5,
                                 .latency_ns_max = 2 * NS_PER_MS,
                                 .look_percent = 10});
    struct generator *work = timed_writes(1500 * NS_PER_MS, 0);
    struct result result;
    struct history history;
    whole_run(generator_while(&arena, work, faults(20 * NS_PER_MS, 30)), true, &result, &history);
    CHECK(result.rc == 0, "%s", result.err.text);
    CHECK(counters.ok > 100 && counters.fail > 50 && counters.info > 50, "too little happened");
    CHECK(nemesis.performed >= 1, "%llu faults", (unsigned long long)nemesis.performed);
    CHECK(looked > 50, "looked %llu times", (unsigned long long)looked);
    history_fini(&history);
}

static void full_rate_serves_itself(void)
{
    reset(10, (struct behaviour){.look_percent = 0, .info_percent = 1});
    struct result result;
    struct history history;
    whole_run(timed_writes(400 * NS_PER_MS, 0), false, &result, &history);
    CHECK(result.rc == 0, "%s", result.err.text);
    CHECK(counters.ok > 100, "%llu operations", (unsigned long long)counters.ok);
    history_fini(&history);
}

static void a_rate_is_held(void)
{
    reset(4, (struct behaviour){.latency_ns_max = NS_PER_MS});
    struct result result;
    struct history history;
    whole_run(timed_writes(NS_PER_S, 500), false, &result, &history);
    /* A busy machine may fall behind the rate, and no machine may be ahead of it. */
    CHECK(counters.ok > 200 && counters.ok < 570, "%llu", (unsigned long long)counters.ok);
    history_fini(&history);
}

static struct generator *make_one(void *context, struct arena *in, uint32_t thread)
{
    int64_t number = *(int64_t *)context + thread;
    struct op op = {.f = F_WRITE};
    struct value text = value_string(arena_printf(in, "value %lld", (long long)number));
    CHECK(value_pair(in, value_int(number), text, &op.value) == 0, "no memory");
    return generator_sequence(in, &op, 1);
}

/* Every phase lets all threads wait for one another; who completes the last operation of a phase
 * gives out all of the next. */
static void whoever_can_go_on_is_woken_at_once(void)
{
    enum { PHASES = 400 };
    reset(8, (struct behaviour){.fail_percent = 10});
    struct generator *children[PHASES];
    static int64_t bases[PHASES];
    for (int i = 0; i < PHASES; i++) {
        bases[i] = i * 100;
        children[i] = generator_clients(&arena, generator_each_thread(&arena, make_one, &bases[i]));
    }
    struct result result;
    struct history history;
    whole_run(generator_phases(&arena, children, PHASES), false, &result, &history);
    CHECK(counters.invoked == PHASES * 8, "%llu", (unsigned long long)counters.invoked);
    CHECK(result.duration_ns < PATIENCE_NS, "%.3f s", (double)result.duration_ns / NS_PER_S);
    size_t in_a_row = 0;
    for (size_t i = 16; i < history.count; i++) { /* without the first phase: threads start */
        bool last = i + 1 == history.count || history.ops[i + 1].type != OP_INVOKE;
        in_a_row = history.ops[i].type == OP_INVOKE ? in_a_row + 1 : 0;
        CHECK(in_a_row == 0 || !last || in_a_row == 8, "event %zu ends %zu in a row", i, in_a_row);
    }
    history_fini(&history);
}

/* The leader takes the first operation that is due; another has to keep the timer while it works.
 */
static void a_busy_leader_is_replaced(void)
{
    reset(3, (struct behaviour){.latency_ns_min = 1500 * NS_PER_MS});
    struct random random;
    random_init(&random, 1, RANDOM_SCHEDULE, 0);
    struct generator *work = generator_limit(&arena, 3, writes());
    struct result result;
    struct history history;
    whole_run(generator_stagger(&arena, random, 50, work), false, &result, &history);
    for (size_t i = 0; i < 3; i++)
        CHECK(history.ops[i].type == OP_INVOKE, "event %zu: nobody kept the timer", i);
    history_fini(&history);
}

/* All clients hang in their operations; the nemesis has to keep the timer itself. */
static void the_nemesis_acts_while_every_client_hangs(void)
{
    reset(3, (struct behaviour){.hang = true});
    struct generator *children[] = {generator_clients(&arena, generator_limit(&arena, 3, writes())),
                                    faults(50 * NS_PER_MS, 1)};
    struct result result;
    struct history history;
    whole_run(generator_interleave(&arena, children, 2), true, &result, &history);
    CHECK(counters.ok == 3, "%llu", (unsigned long long)counters.ok);
    for (size_t i = 0; i < 5; i++)
        CHECK(history.ops[i].type != OP_OK, "event %zu: nobody hung", i);
    CHECK(result.duration_ns < PATIENCE_NS, "%lld ns", (long long)result.duration_ns);
    history_fini(&history);
}

static void a_broken_client_ends_the_run_and_leaves_a_sound_history(void)
{
    reset(6, (struct behaviour){.latency_ns_max = NS_PER_MS, .violate_value = 100});
    struct result result;
    struct history history;
    whole_run(timed_writes(2 * PATIENCE_NS, 0), false, &result, &history);
    CHECK(result.rc == ERR_INPUT, "%s", err_name(result.rc));
    CHECK(strstr(result.err.text, "wild") && strstr(result.err.text, "write") &&
              strstr(result.err.text, "changed f"),
          "%s", result.err.text);
    size_t offending = 0;
    for (size_t i = 0; i < history.count; i++) {
        const struct op *event = &history.ops[i];
        if (event->type == OP_INVOKE || number_of(event->value) != 100)
            continue;
        CHECK(event->type == OP_INFO && event->f == F_WRITE, "event %zu", i);
        CHECK(strstr(event->error, "changed f"), "%s", event->error);
        offending++;
    }
    CHECK(offending == 1, "%zu", offending);
    CHECK(counters.invoked < 300, "it went on: %llu", (unsigned long long)counters.invoked);
    history_fini(&history);
}

/* Stops after a while, and not before the nemesis is at work if there is one to wait for. */
struct stopper {
    bool await_nemesis;
    int64_t after_ns;
};

static void *stop_soon(void *argument)
{
    const struct stopper *stopper = argument;
    while (stopper->await_nemesis && nemesis.performing == 0)
        sleep_ns(NS_PER_MS);
    sleep_ns(stopper->after_ns);
    stop = 1;
    return NULL;
}

static void stopped_run(struct generator *generator, bool with_nemesis, struct stopper stopper,
                        struct result *result)
{
    struct history history;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, stop_soon, &stopper) == 0, "no thread");
    whole_run(generator, with_nemesis, result, &history);
    pthread_join(thread, NULL);
    CHECK(result->rc == 0, "%s", result->err.text);
    history_fini(&history);
}

static void stop_lets_running_operations_complete(void)
{
    struct result result;
    reset(8, (struct behaviour){.latency_ns_max = 20 * NS_PER_MS, .info_percent = 5});
    nemesis.duration_ns = NS_PER_S; /* still at it when the run is stopped */
    struct generator *work = timed_writes(2 * PATIENCE_NS, 0);
    stopped_run(generator_while(&arena, work, faults(50 * NS_PER_MS, 1)), true,
                (struct stopper){.await_nemesis = true, .after_ns = 50 * NS_PER_MS}, &result);
    CHECK(nemesis.performed == 1, "the nemesis was not waited for");
    CHECK(result.duration_ns >= NS_PER_S && result.duration_ns < PATIENCE_NS, "%lld ns",
          (long long)result.duration_ns);
}

static void stop_ends_a_run_in_which_everybody_waits(void)
{
    struct result result;
    reset(8, (struct behaviour){.latency_ns_max = 0});
    stopped_run(generator_sleep(&arena, 2 * PATIENCE_NS), true,
                (struct stopper){.after_ns = 50 * NS_PER_MS}, &result);
    CHECK(result.duration_ns < PATIENCE_NS, "%lld ns", (long long)result.duration_ns);
    CHECK(counters.invoked == 0, "%llu", (unsigned long long)counters.invoked);
}

/* Nobody can be reached: definite failures, but not millions of them, and an end at once. */
static void unreachable_nodes_do_not_drown_the_history(void)
{
    struct result result;
    reset(8, (struct behaviour){.refuse_percent = 100});
    stopped_run(timed_writes(2 * PATIENCE_NS, 0), false,
                (struct stopper){.after_ns = 500 * NS_PER_MS}, &result);
    CHECK(counters.fail == counters.invoked && counters.fail >= 16, "%llu",
          (unsigned long long)counters.fail);
    /* Each worker soon waits 100 ms after a failure. */
    uint64_t most = 8 * (10 + (uint64_t)(result.duration_ns / (100 * NS_PER_MS)));
    CHECK(counters.fail < most, "%llu failures", (unsigned long long)counters.fail);
    CHECK(result.duration_ns < PATIENCE_NS, "%lld ns", (long long)result.duration_ns);
}

/* Two parts of a run share one history; no process of the first may come back in the second. */
static void a_second_part_goes_on_with_fresh_processes(void)
{
    struct recorder *recorder;
    struct clock clock;
    struct result result = {0};
    struct history history;
    reset(5, (struct behaviour){.info_percent = 30, .latency_ns_max = NS_PER_MS});
    unlink(path);
    clock_init_real(&clock);
    CHECK(recorder_open(path, &recorder, &result.err) == 0, "%s", result.err.text);
    int32_t next = 0;
    for (int part = 0; part < 3; part++) {
        first_process = next;
        struct generator *work = generator_limit(&arena, 200, writes());
        run(recorder, &clock, generator_clients(&arena, work), false, &next, &result);
        CHECK(result.rc == 0, "%s", result.err.text);
        CHECK(next > first_process + 20, "next process %d", next);
    }
    CHECK(recorder_close(recorder, NULL) == 0, "close");
    read_history(&history);
    check_history(&history, true);
    CHECK(counters.invoked == 600, "%llu", (unsigned long long)counters.invoked);
    for (size_t i = 0; i < history.count; i++)
        CHECK(history.ops[i].process < next, "process %d", history.ops[i].process);
    history_fini(&history);
    arena_fini(&arena);
}

/* A file that may not grow stands for a full disk. No client may be called for an operation whose
 * invocation did not get there: each looks. */
static void fill_disk(rlim_t size)
{
    struct recorder *recorder;
    struct clock clock;
    struct result result = {0};
    struct history history;
    uint32_t *partner;
    unlink(path);
    clock_init_real(&clock);
    CHECK(recorder_open(path, &recorder, &result.err) == 0, "%s", result.err.text);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, RLIM_INFINITY}) == 0, "setrlimit");
    run(recorder, &clock, timed_writes(2 * PATIENCE_NS, 0), false, NULL, &result);
    CHECK(result.rc == ERR_IO && strstr(result.err.text, path), "%s", result.err.text);
    CHECK(recorder_close(recorder, NULL) == ERR_IO, "close");
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}) == 0, "reset");
    read_history(&history);
    CHECK(history.count > 50, "%zu events", history.count);
    CHECK(history_pair(&history, &partner, &result.err) == 0, "%s", result.err.text);
    free(partner);
    history_fini(&history);
    arena_fini(&arena);
}

static void a_full_disk_ends_the_run(void)
{
    signal(SIGXFSZ, SIG_IGN);
    reset(6, (struct behaviour){.look_percent = 100});
    for (rlim_t size = 8000; size < 9000; size += 37)
        fill_disk(size);
}

static char dir[] = "/tmp/faultline-driver-XXXXXX";

static void remove_files(void)
{
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
        {"wild clients give a sound history", wild_clients_give_a_sound_history},
        {"full rate serves itself", full_rate_serves_itself},
        {"a rate is held", a_rate_is_held},
        {"whoever can go on is woken at once", whoever_can_go_on_is_woken_at_once},
        {"a busy leader is replaced", a_busy_leader_is_replaced},
        {"the nemesis acts while every client hangs", the_nemesis_acts_while_every_client_hangs},
        {"a broken client ends the run and leaves a sound history",
         a_broken_client_ends_the_run_and_leaves_a_sound_history},
        {"stop lets running operations complete", stop_lets_running_operations_complete},
        {"stop ends a run in which everybody waits", stop_ends_a_run_in_which_everybody_waits},
        {"unreachable nodes do not drown the history", unreachable_nodes_do_not_drown_the_history},
        {"a second part goes on with fresh processes", a_second_part_goes_on_with_fresh_processes},
        {"a full disk ends the run", a_full_disk_ends_the_run},
    };
    CHECK(mkdtemp(dir), "%s", dir);
    atexit(remove_files);
    snprintf(path, sizeof path, "%s/history.jsonl", dir);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        int64_t begin_ns = monotonic_ns();
        tests[i].test();
        printf("ok  %5.2f s  %s\n", (double)(monotonic_ns() - begin_ns) / (double)NS_PER_S,
               tests[i].name);
        fflush(stdout);
    }
    return 0;
}
