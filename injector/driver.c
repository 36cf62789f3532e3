#include "injector/driver.h"

#include "injector/dispatch.h"
#include "injector/worker.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The stop flag may be set in a signal handler, which can wake nobody: whoever waits looks at it
 * this often. */
static const int64_t stop_poll_ns = 20 * NS_PER_MS;

/* One of the run's threads: a client's, or (the last one) the nemesis'. */
struct thread {
    struct driver *driver;
    uint32_t number;
    pthread_t id;
    pthread_cond_t wake;
    struct worker worker; /* of a client thread */

    /* Under the lock, until the operation is taken; then the thread's own. */
    bool given; /* op is to be performed */
    struct op op;
    struct arena arena; /* what op and its completion point to */
};

struct driver {
    const struct driver_config *config;
    struct thread *threads;

    pthread_mutex_t lock; /* for all below */
    struct dispatch dispatch;
    struct arena spare;     /* for the value of the next operation, whoever gets it */
    uint32_t leader;        /* the waiting thread that keeps the timer, or DISPATCH_NOBODY */
    int64_t leader_wake_ns; /* until when it waits */
    int64_t last_ns;        /* time of the latest event: time never decreases in the history */
    bool finished;          /* no more operations are given out */
    bool unrecorded;        /* recording failed: what is not on disk must not be performed */
    int failure;            /* the first error, 0 if none */
    struct errbuf failure_text;
};

static bool is_nemesis(const struct thread *thread)
{
    return thread->number == thread->driver->dispatch.client_count;
}

/* --- under the lock: the end --- */

static void finish(struct driver *driver)
{
    if (driver->finished)
        return;
    driver->finished = true;
    for (uint32_t i = 0; i < driver->dispatch.thread_count; i++)
        pthread_cond_signal(&driver->threads[i].wake);
}

static void fail(struct driver *driver, int failure, const struct errbuf *text)
{
    if (driver->failure == 0) {
        driver->failure = failure;
        driver->failure_text = *text;
    }
    finish(driver);
}

/* Hands every line to the kernel: called before the lock is released, so that an invocation is on
 * disk before anybody can see that it was given. */
static void flush(struct driver *driver)
{
    struct errbuf problem = ERRBUF_INIT;
    if (driver->unrecorded)
        return;
    int rc = recorder_flush(driver->config->recorder, &problem);
    if (rc != 0) {
        driver->unrecorded = true;
        fail(driver, rc, &problem);
    }
}

/* --- under the lock: recording --- */

static int64_t latest(struct driver *driver, int64_t time_ns)
{
    if (time_ns > driver->last_ns)
        driver->last_ns = time_ns;
    return driver->last_ns;
}

/* Only clients' operations are counted. The lock orders the writers; others just read. */
static void count(const struct driver *driver, const struct op *event)
{
    struct driver_counters *counters = driver->config->counters;
    _Atomic uint64_t *const by_type[] = {[OP_INVOKE] = &counters->invoked,
                                         [OP_OK] = &counters->ok,
                                         [OP_FAIL] = &counters->fail,
                                         [OP_INFO] = &counters->info};
    if (event->process == PROCESS_NEMESIS)
        return;
    _Atomic uint64_t *counter = by_type[event->type];
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static void record(struct driver *driver, struct op *event)
{
    recorder_add(driver->config->recorder, event);
    count(driver, event);
}

/* --- under the lock: giving out operations --- */

/* The value was made in the spare arena, before it was known whose operation it would be. */
static void give(struct driver *driver, struct generator_step *step)
{
    struct thread *thread = &driver->threads[step->thread];
    assert(!thread->given);
    record(driver, &step->op);
    struct arena arena = thread->arena;
    thread->arena = driver->spare;
    driver->spare = arena;
    thread->op = step->op;
    thread->given = true;
    if (driver->leader == step->thread)
        driver->leader = DISPATCH_NOBODY;
    pthread_cond_signal(&thread->wake);
}

/* Somebody has to keep the timer: a client if there is one, so that operations of clients need no
 * detour through the nemesis. */
static void appoint_leader(struct driver *driver)
{
    uint32_t heir = dispatch_longest_free(&driver->dispatch);
    if (driver->leader != DISPATCH_NOBODY || heir == DISPATCH_NOBODY)
        return;
    driver->leader = heir;
    driver->leader_wake_ns = INT64_MIN; /* it asks for itself first */
    pthread_cond_signal(&driver->threads[heir].wake);
}

/* Gives out all there is to do now; the thread that calls comes first. Something that happened (a
 * completion) may have changed what others are waiting for, so everybody who is free is served.
 * Returns when to ask again. */
static int64_t give_out(struct driver *driver, uint32_t preferred)
{
    while (!driver->finished && driver->dispatch.free_count > 0) {
        struct generator_step step;
        int64_t now_ns = latest(driver, clock_now_ns(driver->config->clock));
        dispatch_step(&driver->dispatch, now_ns, preferred, &driver->spare, &step);
        switch (step.outcome) {
        case GENERATOR_OP:
            give(driver, &step);
            if (driver->dispatch.busy[preferred])
                preferred = dispatch_longest_free(&driver->dispatch);
            break;
        case GENERATOR_WAIT:
            arena_reset(&driver->spare);
            return step.wake_ns;
        case GENERATOR_DONE:
            finish(driver);
            break;
        case GENERATOR_FAILED:
            fail(driver, ERR_NOMEM, &(struct errbuf){"no memory for the schedule"});
            break;
        }
        if (*driver->config->stop)
            finish(driver);
    }
    return INT64_MAX;
}

/* --- under the lock: waiting --- */

static void wait_until(struct thread *thread, int64_t wake_ns)
{
    const struct clock *clock = thread->driver->config->clock;
    int64_t poll_ns = clock_now_ns(clock) + stop_poll_ns;
    int64_t until_ns = clock->origin_ns + (wake_ns < poll_ns ? wake_ns : poll_ns);
    struct timespec deadline = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    pthread_cond_timedwait(&thread->wake, &thread->driver->lock, &deadline);
}

/* Waits for an operation as the leader until wake_ns, or as a follower until it is called. May
 * return earlier; the caller asks again. */
static void wait_for_turn(struct thread *thread, int64_t wake_ns)
{
    struct driver *driver = thread->driver;
    bool leaderless = driver->leader == DISPATCH_NOBODY;
    if (leaderless || (driver->leader == driver->dispatch.client_count && !is_nemesis(thread)))
        driver->leader = thread->number;
    if (driver->leader == thread->number) {
        driver->leader_wake_ns = wake_ns;
        wait_until(thread, wake_ns);
        return;
    }
    if (wake_ns < driver->leader_wake_ns) { /* this thread learnt more than the leader knows */
        driver->leader_wake_ns = wake_ns;
        pthread_cond_signal(&driver->threads[driver->leader].wake);
    }
    pthread_cond_wait(&thread->wake, &driver->lock);
}

/* Waits until the thread has an operation that it may perform; false when the run is over. */
static bool take_operation(struct thread *thread)
{
    struct driver *driver = thread->driver;
    for (;;) {
        if (*driver->config->stop)
            finish(driver);
        int64_t wake_ns = thread->given ? INT64_MAX : give_out(driver, thread->number);
        flush(driver);
        if (driver->unrecorded)
            return false;
        if (thread->given) {
            thread->given = false;
            appoint_leader(driver);
            return true;
        }
        if (driver->finished)
            return false;
        wait_for_turn(thread, wake_ns);
    }
}

/* A node that could not be reached is left alone for a while. The thread stays busy meanwhile; the
 * leader looks what its completion means for others. */
static void stay_away(struct thread *thread, int64_t duration_ns)
{
    struct driver *driver = thread->driver;
    int64_t end_ns = clock_now_ns(driver->config->clock) + duration_ns;
    flush(driver);
    if (driver->leader != DISPATCH_NOBODY)
        pthread_cond_signal(&driver->threads[driver->leader].wake);
    while (!driver->finished && clock_now_ns(driver->config->clock) < end_ns) {
        wait_until(thread, end_ns);
        if (*driver->config->stop)
            finish(driver);
    }
}

/* --- a thread's life --- */

static int perform(struct thread *thread, struct op *completion, struct errbuf *problem)
{
    const struct driver_config *config = thread->driver->config;
    if (!is_nemesis(thread))
        return worker_perform(&thread->worker, &thread->op, completion, &thread->arena, problem);
    *completion = thread->op;
    config->nemesis_type->perform(config->nemesis, &thread->op, completion, &thread->arena);
    completion->process = thread->op.process;
    completion->f = thread->op.f;
    completion->type = OP_INFO;
    return 0;
}

/* Under the lock. */
static void complete(struct thread *thread, struct op *completion, int64_t returned_ns)
{
    struct driver *driver = thread->driver;
    completion->time_ns = latest(driver, returned_ns);
    record(driver, completion);
    dispatch_complete(&driver->dispatch, completion->time_ns, thread->number, completion);
    arena_reset(&thread->arena);
    int64_t backoff_ns = worker_backoff_ns(&thread->worker);
    if (backoff_ns > 0)
        stay_away(thread, backoff_ns);
    dispatch_release(&driver->dispatch, thread->number);
}

static void work(struct thread *thread)
{
    struct driver *driver = thread->driver;
    pthread_mutex_lock(&driver->lock);
    while (take_operation(thread)) {
        pthread_mutex_unlock(&driver->lock);
        struct errbuf problem = ERRBUF_INIT;
        struct op completion;
        int rc = perform(thread, &completion, &problem);
        int64_t returned_ns = clock_now_ns(driver->config->clock);
        pthread_mutex_lock(&driver->lock);
        if (rc != 0)
            fail(driver, rc, &problem);
        complete(thread, &completion, returned_ns);
    }
    pthread_mutex_unlock(&driver->lock);
}

static void *thread_main(void *argument)
{
    struct thread *thread = argument;
    struct driver *driver = thread->driver;
    struct remote *remote = driver->config->remote;
    struct errbuf problem = ERRBUF_INIT;
    int rc = remote ? remote->type->enter(remote, &problem) : 0;
    if (rc == 0) {
        work(thread);
    } else {
        pthread_mutex_lock(&driver->lock);
        fail(driver, rc, &problem);
        pthread_mutex_unlock(&driver->lock);
    }
    worker_fini(&thread->worker);
    return NULL;
}

/* --- a run --- */

static void thread_init(struct thread *thread, struct driver *driver, uint32_t number)
{
    const struct driver_config *config = driver->config;
    const struct cluster *cluster = config->cluster;
    *thread = (struct thread){.driver = driver, .number = number};
    arena_init(&thread->arena, 0);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&thread->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    struct client_env env = {
        .node = number < config->concurrency ? &cluster->nodes[number % cluster->count] : NULL,
        .worker = number,
        .options = config->client_options};
    worker_init(&thread->worker, config->client, &env);
}

static int driver_init(struct driver *driver, const struct driver_config *config,
                       struct errbuf *err)
{
    *driver = (struct driver){.config = config, .leader = DISPATCH_NOBODY};
    int rc = dispatch_init(&driver->dispatch, config->generator, config->concurrency,
                           config->nemesis != NULL, config->first_process, err);
    if (rc != 0)
        return rc;
    uint32_t count = driver->dispatch.thread_count;
    driver->threads = calloc(count, sizeof *driver->threads);
    if (!driver->threads) {
        dispatch_fini(&driver->dispatch);
        return errbuf_set(err, ERR_NOMEM, "no memory for %u threads", count);
    }
    pthread_mutex_init(&driver->lock, NULL);
    arena_init(&driver->spare, 0);
    for (uint32_t i = 0; i < count; i++)
        thread_init(&driver->threads[i], driver, i);
    return 0;
}

static void driver_fini(struct driver *driver)
{
    for (uint32_t i = 0; i < driver->dispatch.thread_count; i++) {
        pthread_cond_destroy(&driver->threads[i].wake);
        arena_fini(&driver->threads[i].arena);
    }
    free(driver->threads);
    arena_fini(&driver->spare);
    pthread_mutex_destroy(&driver->lock);
    dispatch_fini(&driver->dispatch);
}

/* Starts every thread and waits for all of them; if one cannot be started, the others end. */
static void run_threads(struct driver *driver)
{
    uint32_t started = 0;
    for (; started < driver->dispatch.thread_count; started++) {
        struct thread *thread = &driver->threads[started];
        int problem = pthread_create(&thread->id, NULL, thread_main, thread);
        if (problem == 0)
            continue;
        struct errbuf text;
        errbuf_set(&text, ERR_NOMEM, "cannot start thread %u: %s", started, strerror(problem));
        pthread_mutex_lock(&driver->lock);
        fail(driver, ERR_NOMEM, &text);
        pthread_mutex_unlock(&driver->lock);
        break;
    }
    for (uint32_t i = 0; i < started; i++)
        pthread_join(driver->threads[i].id, NULL);
}

int driver_run(const struct driver_config *config, struct errbuf *err)
{
    assert(config->concurrency > 0 && config->cluster->count > 0);
    struct driver driver;
    int rc = driver_init(&driver, config, err);
    if (rc != 0)
        return rc;
    run_threads(&driver);
    if (config->next_process)
        *config->next_process = dispatch_next_process(&driver.dispatch);
    rc = driver.failure;
    if (rc != 0)
        errbuf_set(err, rc, "%s", driver.failure_text.text);
    driver_fini(&driver);
    return rc;
}
