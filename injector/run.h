/* A run from plan to results: nodes, probe, database, drive, heal, final reads, logs, stop, check.
 *
 * Whatever fails, healing and the history survive: later phases that clean up always take place,
 * the history is on disk as it happens, and results.json says what went wrong. No failure of ours
 * looks like a finding about the database: it ends with exit status 255. */
#ifndef INJECTOR_RUN_H
#define INJECTOR_RUN_H

#include "checker/verdict.h"
#include "injector/driver.h"
#include "injector/plan.h"
#include "injector/registry.h"
#include "injector/store.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct run;

enum { RUN_EXIT_USAGE = 254, RUN_EXIT_HARNESS = 255 };

struct run_result {
    enum verdict verdict; /* unless failed */
    bool failed;          /* the harness failed; `summary` says how */
    int exit_status;
    char summary[1280]; /* one sentence */
};

/* Asks whether this host can do it, and makes the run's folder below store_root. Call it before any
 * thread exists: as an ordinary user the process enters a user namespace here if the plan's remote
 * needs one. plan and registry are
 * borrowed. Errors: ERR_UNSUPPORTED this host cannot do it; ERR_IO. */
int run_open(const struct plan *plan, const struct registry *registry, const char *store_root,
             struct run **out, struct errbuf *err);

/* Everything from nodes to check; writes results.json. Fills *result in any case; the error, if
 * any, is in it. Blocks for as long as the plan says, and must be called once. */
void run_execute(struct run *run, struct run_result *result);

void run_close(struct run *run);

const struct store *run_store(const struct run *run);

/* Ends the driving phase early; a second call ends the final reads too. Safe in a signal handler.
 */
void run_request_stop(struct run *run);

/* What a run does now; for a live status line. Thread-safe. */
struct run_status {
    const char *phase;
    int64_t elapsed_ns;
    int64_t driving_ns;    /* since driving began; 0 before */
    int64_t time_limit_ns; /* of driving */
    uint64_t invoked, ok, fail, info;
    bool online;          /* the plan asks for a check while the test runs: */
    int64_t checked_ns;   /* since driving began: nothing was wrong up to here */
    bool violated;        /* ... until something was, */
    int64_t violation_ns; /* since driving began */
    char fault[96];       /* what the nemesis does now; "" */
};
void run_get_status(struct run *run, struct run_status *out);

#endif
