#include "checker/check_schedule.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum {
    THREADS_MAX = 64,
    OPERATIONS_PER_THREAD = 2000, /* fewer are checked sooner than a thread is there */
};

/* One object's turn. */
struct turn {
    uint32_t key;
    uint32_t operations;
    int64_t spent_ns; /* of the last try */
};

struct schedule {
    struct check_run *run;
    struct check_worker *workers;
    unsigned worker_count;
    struct turn *turns; /* of this round, in their order */
    uint32_t count;

    pthread_mutex_t lock; /* of what follows */
    unsigned active;      /* workers in this round */
    uint32_t next;
    double weight_left; /* of the turns from next on */
    uint32_t error_key; /* the first key with an error; UINT32_MAX if there is none */
    int error;
    struct errbuf error_text;
};

/* --- one object --- */

static bool is_whole(const struct check_run *run)
{
    return run->checker && run->checker->whole_history;
}

static struct object object_of(const struct check_run *run, uint32_t index)
{
    const struct check_key *key = &run->result->keys[index];
    return (struct object){.all = run->all,
                           .values = run->all->values,
                           .has_key = key->has_key,
                           .key = is_whole(run) ? VALUE_REF_NIL : run->all->keys[index].key,
                           .count = key->operations,
                           .ok = key->ok,
                           .failed = key->failed,
                           .crashed = key->crashed};
}

static int compare_invocations(const void *a, const void *b)
{
    const struct operation *x = a, *y = b;
    return (x->invoke > y->invoke) - (x->invoke < y->invoke);
}

static void gather(const struct check_run *run, uint32_t index, struct operation *ops)
{
    const struct operations *all = run->all;
    if (!is_whole(run)) {
        operations_of_key(all, index, ops);
        return;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < all->key_count; i++) {
        operations_of_key(all, i, ops + count);
        count += all->keys[i].count;
    }
    if (all->key_count > 1)
        qsort(ops, count, sizeof *ops, compare_invocations);
}

/* Gathers the operations of an object, and has them judged. */
static int check_object(struct check_worker *worker, uint32_t index, struct errbuf *err)
{
    struct check_run *run = worker->run;
    struct check_key *out = &run->result->keys[index];
    struct object object = object_of(run, index);
    size_t size = object.count * sizeof *object.ops;
    struct operation *ops = budget_alloc(&worker->budget, size);
    if (!ops) {
        out->cause = check_cause_memory;
        return 0;
    }
    gather(run, index, ops);
    object.ops = ops;
    int rc = run->checker ? check_other_object(worker, &object, out, &run->details[index], err)
                          : check_linear_object(worker, &object, out, err);
    budget_free(&worker->budget, ops, size);
    return rc;
}

static int check_turn(struct check_worker *worker, struct turn *turn, int64_t deadline_ns,
                      struct errbuf *err)
{
    struct check_key *key = &worker->run->result->keys[turn->key];
    int64_t start_ns = monotonic_ns();
    key->cause = NULL;
    if (deadline_ns > 0 && deadline_ns <= start_ns) {
        key->cause = check_cause_time;
        return 0;
    }
    worker->budget.bytes_of_others = 0;
    budget_set_deadline(&worker->budget, deadline_ns);
    int rc = check_object(worker, turn->key, err);
    turn->spent_ns = monotonic_ns() - start_ns;
    key->elapsed_ns += turn->spent_ns;
    worker->run->crowded[turn->key] =
        key->cause == check_cause_memory &&
        worker->budget.bytes_of_others > worker->run->bytes_held + worker->run->bytes_free / 8;
    return rc;
}

/* --- a round --- */

static double weight_of(const struct schedule *schedule, const struct turn *turn)
{
    const struct operations *all = schedule->run->all;
    return (double)turn->operations + (double)all->operation_count / schedule->run->object_count;
}

/* Until when this turn may go on; 0 = without end. */
static int64_t deadline_of(const struct schedule *schedule, const struct turn *turn)
{
    int64_t deadline_ns = schedule->run->deadline_ns, now_ns = monotonic_ns();
    if (deadline_ns == 0 || deadline_ns <= now_ns)
        return deadline_ns;
    double part = weight_of(schedule, turn) / schedule->weight_left * schedule->active;
    double share_ns = (double)(deadline_ns - now_ns) * part;
    if (share_ns < 2.0 * (double)turn->spent_ns)
        share_ns = 2.0 * (double)turn->spent_ns;
    return share_ns < (double)(deadline_ns - now_ns) ? now_ns + (int64_t)share_ns : deadline_ns;
}

static struct turn *take_turn(struct schedule *schedule, int64_t *deadline_ns)
{
    struct turn *turn = NULL;
    pthread_mutex_lock(&schedule->lock);
    while (schedule->next < schedule->count && !turn) {
        turn = &schedule->turns[schedule->next++];
        *deadline_ns = deadline_of(schedule, turn);
        schedule->weight_left -= weight_of(schedule, turn);
        if (turn->key > schedule->error_key)
            turn = NULL; /* nobody would see its verdict */
    }
    pthread_mutex_unlock(&schedule->lock);
    return turn;
}

static void note_error(struct schedule *schedule, uint32_t key, int rc, const struct errbuf *text)
{
    pthread_mutex_lock(&schedule->lock);
    if (key < schedule->error_key) {
        schedule->error_key = key;
        schedule->error = rc;
        schedule->error_text = *text;
    }
    pthread_mutex_unlock(&schedule->lock);
}

static void work(struct check_worker *worker)
{
    struct schedule *schedule = worker->schedule;
    struct turn *turn;
    int64_t deadline_ns = 0;
    while ((turn = take_turn(schedule, &deadline_ns)) != NULL) {
        struct errbuf err = ERRBUF_INIT;
        int rc = check_turn(worker, turn, deadline_ns, &err);
        if (rc != 0)
            note_error(schedule, turn->key, rc, &err);
    }
}

static void *run_thread(void *worker)
{
    work(worker);
    return NULL;
}

/* All turns, on so many threads, this one among them. Threads that cannot be had are done without.
 */
static void run_round(struct schedule *schedule, unsigned threads)
{
    pthread_t ids[THREADS_MAX];
    unsigned started = 0;
    schedule->next = 0;
    schedule->active = threads;
    schedule->weight_left = 0;
    for (uint32_t i = 0; i < schedule->count; i++)
        schedule->weight_left += weight_of(schedule, &schedule->turns[i]);
    while (started + 1 < threads &&
           pthread_create(&ids[started], NULL, run_thread, &schedule->workers[started + 1]) == 0)
        started++;
    work(&schedule->workers[0]);
    for (unsigned i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
}

/* --- the rounds --- */

static int compare_largest_first(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->operations != y->operations)
        return x->operations > y->operations ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int compare_smallest_first(const void *a, const void *b)
{
    return compare_largest_first(b, a);
}

/* Keeps the turns of the objects that are to be tried again: those refused memory while it was
 * crowded, or those that the time was too little for. */
static void keep_unfinished(struct schedule *schedule, struct turn *turns, uint32_t count,
                            bool crowded)
{
    const struct check_run *run = schedule->run;
    schedule->turns = turns;
    schedule->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *cause = run->result->keys[turns[i].key].cause;
        bool is_wanted = crowded ? run->crowded[turns[i].key] : cause == check_cause_time;
        if (!is_wanted)
            continue;
        struct turn turn = turns[i];
        turns[i] = turns[schedule->count];
        turns[schedule->count++] = turn;
    }
    qsort(turns, schedule->count, sizeof *turns, compare_smallest_first);
}

static bool has_time(const struct check_run *run)
{
    return run->deadline_ns == 0 || monotonic_ns() < run->deadline_ns;
}

static void run_rounds(struct schedule *schedule, struct turn *turns, uint32_t count)
{
    qsort(turns, count, sizeof *turns, compare_largest_first);
    schedule->turns = turns;
    schedule->count = count;
    run_round(schedule, schedule->worker_count);
    for (bool again = true; again && schedule->error == 0 && has_time(schedule->run);) {
        keep_unfinished(schedule, turns, count, true);
        again = schedule->count > 0;
        if (again)
            run_round(schedule, 1);
        keep_unfinished(schedule, turns, count, false);
        again = again || schedule->count > 0;
        if (schedule->count > 0 && has_time(schedule->run))
            run_round(schedule, schedule->worker_count);
    }
}

/* --- all together --- */

static unsigned count_threads(const struct check_run *run)
{
    unsigned threads = run->options->threads;
    cpu_set_t cpus;
    if (threads == 0)
        threads = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
    uint32_t useful = run->all->operation_count / OPERATIONS_PER_THREAD + 1;
    if (run->options->threads == 0 && threads > useful)
        threads = useful;
    if (threads > run->object_count)
        threads = run->object_count;
    return threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
}

static int open_workers(struct schedule *schedule, struct errbuf *err)
{
    struct check_run *run = schedule->run;
    struct check_result *result = run->result;
    unsigned count = count_threads(run);
    schedule->workers = arena_zalloc(&result->arena, count, sizeof *schedule->workers);
    result->worker_arenas = arena_zalloc(&result->arena, count, sizeof *result->worker_arenas);
    if (!schedule->workers || !result->worker_arenas)
        return errbuf_set(err, ERR_NOMEM, "no memory for %u threads", count);
    for (unsigned i = 0; i < count; i++) {
        struct check_worker *worker = &schedule->workers[i];
        arena_init(&result->worker_arenas[i], 0);
        *worker = (struct check_worker){
            .run = run, .schedule = schedule, .arena = &result->worker_arenas[i]};
        budget_init(&worker->budget, 0, 0);
        budget_share(&worker->budget, &run->pool);
    }
    schedule->worker_count = result->worker_count = count;
    return 0;
}

int check_schedule(struct check_run *run, struct errbuf *err)
{
    uint32_t count = run->object_count;
    struct schedule schedule = {.run = run, .error_key = UINT32_MAX};
    struct turn *turns = malloc((count + 1) * sizeof *turns);
    run->crowded = calloc(count + 1, sizeof *run->crowded);
    int rc = turns && run->crowded
                 ? open_workers(&schedule, err)
                 : errbuf_set(err, ERR_NOMEM, "no memory to order %u keys", count);
    if (rc == 0) {
        for (uint32_t i = 0; i < count; i++)
            turns[i] = (struct turn){.key = i, .operations = run->result->keys[i].operations};
        pthread_mutex_init(&schedule.lock, NULL);
        run_rounds(&schedule, turns, count);
        pthread_mutex_destroy(&schedule.lock);
        for (unsigned i = 0; i < schedule.worker_count; i++)
            budget_leave(&schedule.workers[i].budget);
        rc = schedule.error;
        if (rc != 0)
            errbuf_set(err, rc, "%s", schedule.error_text.text);
    }
    free(run->crowded);
    run->crowded = NULL;
    free(turns);
    return rc;
}
