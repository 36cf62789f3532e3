#include "injector/run.h"

#include "injector/run_state.h"

#include "core/err.h"
#include "core/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int make_cluster(struct run *run, struct errbuf *err)
{
    const struct plan *plan = run->plan;
    struct node *nodes = arena_zalloc(&run->arena, plan->node_count, sizeof *nodes);
    if (!nodes)
        return errbuf_set(err, ERR_NOMEM, "no memory for %u nodes", plan->node_count);
    for (uint32_t i = 0; i < plan->node_count; i++)
        nodes[i] = (struct node){.name = plan->node_names[i], .index = i};
    run->cluster = (struct cluster){
        .nodes = nodes, .count = plan->node_count, .failure_tolerance = plan->failure_tolerance};
    return 0;
}

static int open_files(struct run *run, struct errbuf *err)
{
    char path[PATH_MAX];
    store_path(&run->store, "log.txt", path);
    run->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (run->log_fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", path);
    log_set_copy(run->log_fd);
    int rc = store_write(&run->store, "plan.yaml", run->plan->resolved, err);
    store_path(&run->store, "journal.jsonl", path);
    if (rc == 0)
        rc = journal_open(path, &run->journal, err);
    store_path(&run->store, "events.jsonl", path);
    if (rc == 0)
        rc = events_open(path, &run->clock, &run->events, err);
    store_path(&run->store, "history.jsonl", path);
    if (rc == 0)
        rc = recorder_open(path, &run->recorder, err);
    return rc;
}

int run_open(const struct plan *plan, const struct registry *registry, const char *store_root,
             struct run **out, struct errbuf *err)
{
    int rc = plan->remote->probe(err);
    if (rc == 0 && plan->remote->enter_privileges)
        rc = plan->remote->enter_privileges(err);
    if (rc != 0) {
        errbuf_prefix(err, "remote %s", plan->remote->name);
        return rc;
    }
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return errbuf_set(err, ERR_NOMEM, "no memory for a run");
    run->plan = plan;
    run->registry = registry;
    run->log_fd = -1;
    arena_init(&run->arena, 0);
    clock_init_real(&run->clock);
    for (int i = 0; i < PHASE_COUNT; i++)
        run->spans[i] = (struct phase_span){-1, -1};
    rc = store_create(store_root, plan->name, &run->store, err);
    if (rc == 0)
        rc = make_cluster(run, err);
    if (rc == 0)
        rc = open_files(run, err);
    if (rc != 0) {
        run_close(run);
        return rc;
    }
    *out = run;
    return 0;
}

void run_close(struct run *run)
{
    if (!run)
        return;
    follower_free(run->follower);
    if (run->nemesis)
        run->registry->nemesis->close(run->nemesis);
    if (run->have_check)
        check_result_fini(&run->check);
    operations_fini(&run->operations);
    if (run->have_history)
        history_fini(&run->history);
    recorder_close(run->recorder, NULL);
    events_close(run->events);
    journal_close(run->journal);
    log_set_copy(-1);
    if (run->log_fd >= 0)
        close(run->log_fd);
    arena_fini(&run->arena);
    free(run);
}

void run_execute(struct run *run, struct run_result *result)
{
    run_phases(run);
    run_judge(run, result);
    struct errbuf err = ERRBUF_INIT;
    if (run_write_results(run, result, &err) != 0) {
        result->failed = true;
        result->exit_status = RUN_EXIT_HARNESS;
        snprintf(result->summary, sizeof result->summary, "results.json could not be written: %s",
                 err.text);
        log_error(LOG_RUN, "%s", result->summary);
    }
}

const struct store *run_store(const struct run *run)
{
    return &run->store;
}

void run_request_stop(struct run *run)
{
    if (run->stop_drive == STOP_ASKED)
        run->stop_all = 1;
    run->stop_drive = STOP_ASKED;
}

/* Times since driving began, as all of the live line. */
static void get_online_status(struct run *run, struct run_status *out)
{
    struct follower *follower = run->follower;
    if (!follower)
        return;
    struct follower_status status;
    follower_get_status(follower, &status);
    int64_t begin_ns = run->spans[PHASE_DRIVE].begin_ns;
    int64_t checked_ns = status.check.checked_until_ns - begin_ns;
    out->online = true;
    out->violated = status.violated;
    out->checked_ns = checked_ns > 0 ? checked_ns : 0;
    out->violation_ns = status.violation_ns - begin_ns;
}

void run_get_status(struct run *run, struct run_status *out)
{
    int phase = run->phase;
    int64_t now = clock_now_ns(&run->clock);
    *out = (struct run_status){
        .phase = run_phase_name((enum run_phase)phase),
        .elapsed_ns = now,
        .time_limit_ns = run->plan->time_limit_ns,
        .invoked = run->counters.invoked,
        .ok = run->counters.ok,
        .fail = run->counters.fail,
        .info = run->counters.info,
    };
    if (phase < PHASE_DRIVE)
        return;
    out->driving_ns = now - run->spans[PHASE_DRIVE].begin_ns;
    get_online_status(run, out);
    if (phase == PHASE_DRIVE && run->nemesis)
        run->registry->nemesis->active_text(run->nemesis, out->fault, sizeof out->fault);
}
