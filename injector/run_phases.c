#include "injector/run_state.h"

#include "core/err.h"
#include "core/log.h"
#include "formats/reader.h"
#include "isolation/judge.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t final_time_limit_ns = 30 * NS_PER_S;
static const int64_t recovery_timeout_ns = 30 * NS_PER_S;
static const int64_t online_catch_up_ns = 2 * NS_PER_S;

static void warn(struct run *run, const struct errbuf *text)
{
    log_warn(LOG_RUN, "%s", text->text);
    events_write(run->events, NULL, "run", "s:s", "message", text->text);
    if (!run->warning.text[0])
        run->warning = *text;
}

/* --- nodes, and probe: what they can do: programs, ports, faults --- */

static int check_node_ports(void *context, const struct node *node, struct errbuf *err)
{
    struct run *run = context;
    return database_check_ports(run->database, node, err);
}

static int open_remote(struct run *run, struct errbuf *err)
{
    char dir[PATH_MAX];
    store_path(&run->store, "nodes", dir);
    const char *time = strrchr(run->store.dir, '/') + 1;
    struct remote_config config = {.run_name = time, .dir = dir, .journal = run->journal};
    int rc = run->plan->remote->open(&config, &run->cluster, &run->remote, err);
    return rc != 0 ? rc : run->remote->type->enter(run->remote, err);
}

static int open_database(struct run *run, struct errbuf *err)
{
    if (!run->plan->database)
        return 0;
    int rc = database_run_new(run->plan->database, run->remote, &run->cluster, run->events,
                              &run->database, err);
    if (rc == 0)
        rc = database_check_install(run->database, run->database_version,
                                    sizeof run->database_version, err);
    if (rc == 0)
        rc = for_nodes(&run->cluster, cluster_all(&run->cluster), check_node_ports, run, err);
    return rc;
}

static int open_nemesis(struct run *run, struct errbuf *err)
{
    if (run->plan->fault_count == 0)
        return 0;
    const struct nemesis_type *type = run->registry->nemesis;
    run->fault_env = (struct fault_env){.cluster = &run->cluster,
                                        .remote = run->remote,
                                        .database = run->database,
                                        .journal = run->journal,
                                        .events = run->events,
                                        .clock = &run->clock};
    struct nemesis_config config = {.env = &run->fault_env,
                                    .faults = run->plan->faults,
                                    .fault_count = run->plan->fault_count,
                                    .interval_ns = run->plan->nemesis_interval_ns,
                                    .duration_ns = run->plan->nemesis_duration_ns,
                                    .seed = run->plan->seed};
    int rc = type->open(&config, &run->arena, &run->nemesis, err);
    return rc != 0 ? rc : type->probe(run->nemesis, err);
}

static int probe(struct run *run, struct errbuf *err)
{
    int rc = open_database(run, err);
    return rc != 0 ? rc : open_nemesis(run, err);
}

static int set_up_database(struct run *run, struct errbuf *err)
{
    if (!run->database)
        return 0;
    int rc = database_start(run->database, cluster_all(&run->cluster), err);
    if (rc != 0)
        errbuf_prefix(err, "%s", database_name(run->plan->database));
    return rc;
}

/* --- drive and final reads --- */

static int open_workload(struct run *run, struct errbuf *err)
{
    const struct plan *plan = run->plan;
    struct workload_env env = {.arena = &run->arena,
                               .seed = plan->seed,
                               .client_count = plan->concurrency,
                               .node_count = plan->node_count,
                               .options = plan->workload_options};
    return plan->workload->open(&env, &run->workload, err);
}

static struct generator *drive_generator(struct run *run)
{
    const struct plan *plan = run->plan;
    struct arena *arena = &run->arena;
    struct random random;
    random_init(&random, plan->seed, RANDOM_SCHEDULE, 0);
    struct generator *work = generator_stagger(arena, random, plan->rate, run->workload.operations);
    work = generator_clients(arena, generator_time_limit(arena, plan->time_limit_ns, work));
    if (!run->nemesis)
        return work;
    struct generator *faults = run->registry->nemesis->schedule(run->nemesis);
    return generator_while(arena, work, generator_nemesis(arena, faults));
}

static int drive_with(struct run *run, struct generator *generator, struct nemesis *nemesis,
                      const _Atomic int *stop, struct errbuf *err)
{
    if (!generator)
        return errbuf_set(err, ERR_NOMEM, "no memory for the schedule");
    struct driver_config config = {.generator = generator,
                                   .recorder = run->recorder,
                                   .clock = &run->clock,
                                   .cluster = &run->cluster,
                                   .remote = run->remote,
                                   .client = run->plan->client,
                                   .client_options = run->plan->client_options,
                                   .concurrency = run->plan->concurrency,
                                   .first_process = run->next_process,
                                   .next_process = &run->next_process,
                                   .nemesis_type = run->registry->nemesis,
                                   .nemesis = nemesis,
                                   .counters = &run->counters,
                                   .stop = stop};
    return driver_run(&config, err);
}

/* A thread that checks what is recorded. The width bounds what it costs: where more configurations
 * are possible, the check at the end decides. */
static int start_online(struct run *run, struct errbuf *err)
{
    enum { WIDTH_MAX = 512, WAITING_MAX = 20000 };
    const struct plan *plan = run->plan;
    if (!plan->check_online)
        return 0;
    char path[PATH_MAX];
    store_path(&run->store, "history.jsonl", path);
    struct follower_config config = {
        .path = path,
        .clock = &run->clock,
        .check = {.model = plan->model,
                  .memory_limit_bytes = plan->check_memory_limit_bytes,
                  .width_max = WIDTH_MAX,
                  .waiting_max = WAITING_MAX},
        .events = run->events,
        .stop = plan->check_stop_on_violation ? &run->stop_drive : NULL,
        .stop_value = STOP_VIOLATION,
    };
    struct follower *follower;
    int rc = follower_start(&config, &follower, err);
    if (rc == 0)
        run->follower = follower;
    return rc;
}

static void finish_online(struct run *run)
{
    struct follower *follower = run->follower;
    if (!follower)
        return;
    follower_finish(follower, online_catch_up_ns);
    follower_get_status(follower, &run->online);
    run->have_online = true;
}

static int drive(struct run *run, struct errbuf *err)
{
    int rc = open_workload(run, err);
    if (rc == 0)
        rc = start_online(run, err);
    if (rc == 0)
        rc = drive_with(run, drive_generator(run), run->nemesis, &run->stop_drive, err);
    finish_online(run);
    run->interrupted = run->stop_drive == STOP_ASKED;
    return rc;
}

static int final_reads(struct run *run, struct errbuf *err)
{
    if (!run->workload.final)
        return 0;
    struct arena *arena = &run->arena;
    struct generator *reads = generator_time_limit(arena, final_time_limit_ns, run->workload.final);
    int rc = drive_with(run, generator_clients(arena, reads), NULL, &run->stop_all, err);
    run->interrupted = run->interrupted || run->stop_all != 0;
    return rc;
}

/* --- heal: every fault undone, the database whole again --- */

static int await_node(void *context, const struct node *node, struct errbuf *err)
{
    struct run *run = context;
    return database_await_ready(run->database, node, recovery_timeout_ns, err);
}

static int heal(struct run *run, struct errbuf *err)
{
    int rc = 0;
    if (run->nemesis)
        rc = run->registry->nemesis->heal_all(run->nemesis, err);
    bool driven = run->spans[PHASE_DRIVE].begin_ns >= 0;
    if (rc != 0 || !driven || !run->database)
        return rc;
    struct errbuf slow = ERRBUF_INIT;
    if (for_nodes(&run->cluster, cluster_all(&run->cluster), await_node, run, &slow) != 0) {
        errbuf_prefix(&slow, "the database did not recover after every fault was healed");
        warn(run, &slow);
    }
    for (int64_t left = run->plan->recovery_time_ns; left > 0 && !run->stop_all;
         left -= 100 * NS_PER_MS)
        sleep_ns(left < 100 * NS_PER_MS ? left : 100 * NS_PER_MS);
    return 0;
}

/* --- logs and stop --- */

static int fetch_logs(struct run *run, struct errbuf *err)
{
    (void)err;
    if (!run->database)
        return 0;
    char dir[PATH_MAX];
    store_path(&run->store, "logs", dir);
    mkdir(dir, 0755);
    struct errbuf lost = ERRBUF_INIT;
    if (database_fetch_logs(run->database, dir, &lost) != 0) {
        errbuf_prefix(&lost, "not every log could be fetched");
        warn(run, &lost);
    }
    return 0;
}

static int stop_node(void *context, const struct node *node, struct errbuf *err)
{
    struct run *run = context;
    if (database_node_state(run->database, node) == PROCESS_GONE)
        return 0;
    return database_stop_node(run->database, node, err);
}

static int stop(struct run *run, struct errbuf *err)
{
    int rc = 0;
    if (run->database) {
        node_set all = cluster_all(&run->cluster);
        rc = for_nodes(&run->cluster, all, stop_node, run, err);
        bool clean = run->failure == 0 && rc == 0;
        for (uint32_t i = 0; i < run->cluster.count && clean; i++)
            clean = database_wipe_node(run->database, &run->cluster.nodes[i], err) == 0;
    }
    database_run_free(run->database);
    run->database = NULL;
    if (run->remote)
        run->remote->type->close(run->remote);
    run->remote = NULL;
    int recorded = recorder_close(run->recorder, rc == 0 ? err : NULL);
    run->recorder = NULL;
    return rc != 0 ? rc : recorded;
}

/* --- check --- */

static int check(struct run *run, struct errbuf *err)
{
    char path[PATH_MAX];
    store_path(&run->store, "history.jsonl", path);
    const struct plan *plan = run->plan;
    struct check_options options = {.model = plan->model,
                                    .time_limit_ns = plan->check_time_limit_ns,
                                    .memory_limit_bytes = plan->check_memory_limit_bytes};
    struct isolation_options isolation = {.levels = plan->levels};
    history_init(&run->history);
    run->have_history = true;
    struct reader_options how = {.pack_transactions = judge_is_of_transactions(plan->model)};
    struct op_sink sink = history_sink(&run->history);
    int rc = reader_load(path, "jsonl", how, &run->operations, &options.semantics, err);
    if (rc == 0)
        rc = operations_for_each_event(&run->operations, &sink, err);
    run->history.truncated = run->operations.truncated;
    if (rc == 0)
        rc = judge_history(&run->operations, &options, &isolation, &run->check, NULL, err);
    run->have_check = rc == 0;
    return rc;
}

/* --- all of them --- */

static const struct phase {
    const char *name;
    int (*act)(struct run *run, struct errbuf *err);
    bool always; /* also after an earlier phase failed */
} phases[PHASE_COUNT] = {
    [PHASE_NODES] = {"nodes", open_remote, false},
    [PHASE_PROBE] = {"probe", probe, false},
    [PHASE_DATABASE] = {"database", set_up_database, false},
    [PHASE_DRIVE] = {"drive", drive, false},
    [PHASE_HEAL] = {"heal", heal, true},
    [PHASE_FINAL] = {"final", final_reads, false},
    [PHASE_LOGS] = {"logs", fetch_logs, true},
    [PHASE_STOP] = {"stop", stop, true},
    [PHASE_CHECK] = {"check", check, true},
};

const char *run_phase_name(enum run_phase phase)
{
    assert(phase < PHASE_COUNT);
    return phases[phase].name;
}

static void act(struct run *run, enum run_phase phase)
{
    struct errbuf err = ERRBUF_INIT;
    run->spans[phase].begin_ns = clock_now_ns(&run->clock);
    run->phase = (int)phase; /* last: run_get_status reads the above once it sees this */
    events_write(run->events, NULL, "phase", "s:s, s:s", "phase", phases[phase].name, "state",
                 "begin");
    int rc = phases[phase].act(run, &err);
    run->spans[phase].end_ns = clock_now_ns(&run->clock);
    events_write(run->events, NULL, "phase", "s:s, s:s, s:s*", "phase", phases[phase].name, "state",
                 "end", "error", rc != 0 ? err.text : NULL);
    if (rc == 0)
        return;
    log_error(LOG_RUN, "%s: %s", phases[phase].name, err.text);
    if (run->failure == 0) {
        run->failure = rc;
        run->failure_text = err;
        errbuf_prefix(&run->failure_text, "%s", phases[phase].name);
    }
}

void run_phases(struct run *run)
{
    for (int i = 0; i < PHASE_COUNT; i++) {
        bool stopped = i < PHASE_HEAL && run->stop_drive;
        if (phases[i].always || (run->failure == 0 && !stopped))
            act(run, (enum run_phase)i);
        else
            run->interrupted = run->interrupted || stopped;
    }
}
