/* The driver with real threads and a real clock: clients that misbehave in every way, a nemesis, an
 * end in the middle. Afterwards the history on disk must pair, agree with the counters, and never
 * go back in time. A plain main, so that it runs under ThreadSanitizer. */
#include "stress/driver_run.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

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
