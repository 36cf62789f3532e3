/* What the phases of a run share. Private to run.c, run_phases.c and run_results.c. */
#ifndef INJECTOR_RUN_STATE_H
#define INJECTOR_RUN_STATE_H

#include "checker/check.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/errbuf.h"
#include "core/history.h"
#include "core/operations.h"
#include "injector/events.h"
#include "injector/follower.h"
#include "injector/run.h"

#include <stdatomic.h>

enum run_phase {
    PHASE_NODES,
    PHASE_PROBE,
    PHASE_DATABASE,
    PHASE_DRIVE,
    PHASE_HEAL,
    PHASE_FINAL,
    PHASE_LOGS,
    PHASE_STOP,
    PHASE_CHECK,
    PHASE_COUNT,
};

/* Why driving ended early; 0 = it did not. */
enum stop_cause {
    STOP_ASKED = 1, /* somebody wanted it: run_request_stop */
    STOP_VIOLATION, /* seen while the test ran */
};

struct phase_span {
    int64_t begin_ns; /* -1 if it never began */
    int64_t end_ns;
};

struct run {
    const struct plan *plan;
    const struct registry *registry;
    struct store store;
    struct clock clock;
    struct arena arena; /* generators, node names */

    struct journal *journal;
    struct events *events;
    int log_fd;

    struct cluster cluster;
    struct remote *remote;
    struct database_run *database;
    char database_version[128];
    struct recorder *recorder;
    struct fault_env fault_env;
    struct nemesis *nemesis; /* NULL if the plan has no faults */
    struct workload workload;
    struct driver_counters counters;
    int32_t next_process;

    struct follower *_Atomic follower; /* NULL unless the plan checks online */
    struct follower_status online;     /* its last, once driving ended */
    _Atomic int stop_drive;            /* enum stop_cause */
    _Atomic int stop_all;
    _Atomic int phase; /* enum run_phase */
    struct phase_span spans[PHASE_COUNT];
    bool have_online;
    bool interrupted; /* somebody asked to stop before driving and final reads were done */

    struct history history;
    bool have_history;
    struct operations operations; /* the same, for the check */
    struct check_result check;
    bool have_check;

    int failure; /* the first error code, 0 if none */
    struct errbuf failure_text;
    struct errbuf warning; /* something to tell that is not a failure: no recovery, lost logs */
};

const char *run_phase_name(enum run_phase phase);

/* Phase after phase; sets failure and failure_text. */
void run_phases(struct run *run);

/* Decides the verdict and its sentence. */
void run_judge(const struct run *run, struct run_result *result);

/* Writes results.json. */
int run_write_results(const struct run *run, const struct run_result *result, struct errbuf *err);

#endif
