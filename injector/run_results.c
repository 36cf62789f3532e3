#include "injector/run_state.h"

#include "core/err.h"
#include "injector/outcomes.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FAULTLINE_VERSION
#error "FAULTLINE_VERSION must be defined by the build"
#endif

static const struct fault_record *records(const struct run *run, size_t *count)
{
    *count = 0;
    return run->nemesis ? run->registry->nemesis->records(run->nemesis, count) : NULL;
}

/* --- the verdict --- */

struct fault_totals {
    size_t injected;
    size_t proven;
};

static struct fault_totals count_faults(const struct run *run)
{
    struct fault_totals totals = {0};
    size_t count;
    const struct fault_record *all = records(run, &count);
    for (size_t i = 0; i < count; i++) {
        totals.injected += all[i].injected_ns >= 0;
        totals.proven += all[i].proven;
    }
    return totals;
}

static void judge_failure(const struct run *run, struct run_result *result)
{
    result->failed = true;
    result->exit_status = RUN_EXIT_HARNESS;
    snprintf(result->summary, sizeof result->summary, "the test itself failed: %s",
             run->failure_text.text);
}

/* A run that was ended by hand proves nothing of what its plan asked for; a violation it found
 * stands. */
static void judge_interrupted(const struct run *run, struct run_result *result)
{
    const struct phase_span *drive = &run->spans[PHASE_DRIVE];
    double driven_s = drive->begin_ns < 0 ? 0 : (double)(drive->end_ns - drive->begin_ns) / 1e9;
    if (run->check.verdict == VERDICT_INVALID)
        result->verdict = VERDICT_INVALID;
    snprintf(result->summary, sizeof result->summary,
             "%s: interrupted by a signal after %.1f s of driving, of %.1f s; up to there: %s",
             verdict_name(result->verdict), driven_s, (double)run->plan->time_limit_ns / 1e9,
             run->check.summary);
}

enum { STOPPED_SIZE = 128 };

/* "; stopped 0.4 s after the violation, at 12.3 s of 60.0 s"; "" for a run that was not. */
static void describe_stop(const struct run *run, char out[STOPPED_SIZE])
{
    const struct follower_status *online = &run->online;
    out[0] = '\0';
    if (run->have_online && online->stopped)
        snprintf(out, STOPPED_SIZE, "; stopped %.1f s after the violation, at %.1f s of %.1f s",
                 (double)(online->noticed_ns - online->violation_ns) / 1e9,
                 (double)(online->noticed_ns - run->spans[PHASE_DRIVE].begin_ns) / 1e9,
                 (double)run->plan->time_limit_ns / 1e9);
}

/* Only what separate code confirmed is called invalid. */
static void judge_unconfirmed(const struct run *run, struct run_result *result)
{
    char stopped[STOPPED_SIZE];
    describe_stop(run, stopped);
    result->verdict = VERDICT_UNKNOWN;
    snprintf(result->summary, sizeof result->summary,
             "unknown: a violation was seen while the test ran (%s), but the check at the end does "
             "not confirm it: %s%s",
             run->online.what, run->check.summary, stopped);
}

static void judge_vacuous(const struct run *run, const struct fault_totals *faults,
                          struct run_result *result)
{
    result->verdict = VERDICT_VACUOUS;
    if (faults->injected == 0)
        snprintf(
            result->summary, sizeof result->summary,
            "vacuous: no fault was injected within %.1f s (the plan's interval is %.1f s); the "
            "history itself is %s",
            (double)run->plan->time_limit_ns / 1e9, (double)run->plan->nemesis_interval_ns / 1e9,
            run->check.summary);
    else
        snprintf(result->summary, sizeof result->summary,
                 "vacuous: none of the %zu faults injected was seen to have an effect, so nothing "
                 "was tested; the history itself is %s",
                 faults->injected, run->check.summary);
}

void run_judge(const struct run *run, struct run_result *result)
{
    *result = (struct run_result){.verdict = VERDICT_UNKNOWN};
    if (run->failure != 0) {
        judge_failure(run, result);
        return;
    }
    struct fault_totals faults = count_faults(run);
    char stopped[STOPPED_SIZE];
    describe_stop(run, stopped);
    if (run->interrupted) {
        judge_interrupted(run, result);
        result->exit_status = verdict_exit_status(result->verdict);
        return;
    }
    result->verdict = run->check.verdict;
    if (run->have_online && run->online.violated && result->verdict != VERDICT_INVALID) {
        judge_unconfirmed(run, result);
    } else if (result->verdict == VERDICT_VALID && run->plan->fault_count > 0 &&
               faults.proven == 0) {
        judge_vacuous(run, &faults, result);
    } else if (run->plan->fault_count > 0) {
        snprintf(result->summary, sizeof result->summary, "%s%s; %zu of %zu faults proven%s%s",
                 run->check.summary, stopped, faults.proven, faults.injected,
                 run->warning.text[0] ? "; " : "", run->warning.text);
    } else {
        snprintf(result->summary, sizeof result->summary, "%s%s%s%s", run->check.summary, stopped,
                 run->warning.text[0] ? "; " : "", run->warning.text);
    }
    result->exit_status = verdict_exit_status(result->verdict);
}

/* --- results.json --- */

static json_t *cluster_json(const struct run *run)
{
    json_t *nodes = json_array();
    for (uint32_t i = 0; i < run->cluster.count; i++)
        json_array_append_new(nodes, json_pack("{s:s, s:s}", "name", run->cluster.nodes[i].name,
                                               "address", run->cluster.nodes[i].address));
    return json_pack("{s:s, s:o, s:i}", "remote", run->plan->remote->name, "nodes", nodes,
                     "failure_tolerance", (int)run->plan->failure_tolerance);
}

static json_t *workload_json(const struct plan *plan)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:f}", "name", plan->workload->name, "client",
                     plan->client->name, "model", plan->model, "concurrency",
                     (int)plan->concurrency, "rate", plan->rate);
}

static json_t *phases_json(const struct run *run)
{
    json_t *list = json_array();
    for (int i = 0; i < PHASE_COUNT; i++)
        if (run->spans[i].begin_ns >= 0)
            json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "phase",
                                                  run_phase_name((enum run_phase)i), "begin_ns",
                                                  (json_int_t)run->spans[i].begin_ns, "end_ns",
                                                  (json_int_t)run->spans[i].end_ns));
    return list;
}

/* Client operations that were open at some time between two moments. */
static uint64_t operations_overlapping(const struct history *history, const uint32_t *partner,
                                       int64_t from_ns, int64_t to_ns)
{
    uint64_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        if (op->process < 0 || op->type != OP_INVOKE)
            continue;
        bool ended_before =
            partner[i] != HISTORY_UNPAIRED && history->ops[partner[i]].time_ns < from_ns;
        count += op->time_ns <= to_ns && !ended_before;
    }
    return count;
}

static json_t *fault_json(const struct run *run, const struct fault_record *fault,
                          const uint32_t *partner)
{
    json_t *nodes = json_array();
    for (uint32_t i = 0; i < run->cluster.count; i++)
        if (fault->nodes & node_bit(i))
            json_array_append_new(nodes, json_string(run->cluster.nodes[i].name));
    json_t *json =
        json_pack("{s:i, s:s, s:s, s:o, s:I, s:I, s:b, s:s, s:s}", "id", (int)fault->id, "fault",
                  fault->fault, "description", fault->description, "nodes", nodes, "injected_ns",
                  (json_int_t)fault->injected_ns, "healed_ns", (json_int_t)fault->healed_ns,
                  "proven", (int)fault->proven, "evidence", fault->evidence, "error", fault->error);
    if (partner && fault->injected_ns >= 0) {
        int64_t to = fault->healed_ns >= 0 ? fault->healed_ns : INT64_MAX;
        uint64_t overlap = operations_overlapping(&run->history, partner, fault->injected_ns, to);
        json_object_set_new(json, "operations_overlapping", json_integer((json_int_t)overlap));
    }
    return json;
}

static json_t *faults_json(const struct run *run)
{
    uint32_t *partner = NULL;
    if (run->have_history && history_pair(&run->history, &partner, NULL) != 0)
        partner = NULL;
    size_t count;
    const struct fault_record *all = records(run, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, fault_json(run, &all[i], partner));
    free(partner);
    return list;
}

static json_t *check_json(const struct run *run)
{
    if (!run->have_check)
        return NULL;
    char *text = check_result_json(&run->check, &run->operations);
    json_t *json = text ? json_loads(text, JSON_ALLOW_NUL, NULL) : NULL;
    free(text);
    return json;
}

/* What was seen while the test ran. */
static json_t *online_json(const struct run *run)
{
    const struct follower_status *online = &run->online;
    const struct online_status *check = &online->check;
    json_t *violation = NULL;
    if (online->violated)
        violation = json_pack("{s:s, s:I, s:I, s:I, s:b}", "what", online->what, "index",
                              (json_int_t)online->index, "at_ns", (json_int_t)online->violation_ns,
                              "noticed_ns", (json_int_t)online->noticed_ns, "stopped",
                              (int)online->stopped);
    return json_pack("{s:I, s:I, s:I, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:s*, s:o*}", "cpu_ns",
                     (json_int_t)online->cpu_ns, "checked_until_ns",
                     (json_int_t)check->checked_until_ns, "events", (json_int_t)check->events,
                     "keys", (int)check->keys, "keys_ended", (int)check->keys_ended, "suspected",
                     (json_int_t)check->suspected, "presumed", (json_int_t)check->presumed,
                     "unreadable", (json_int_t)check->unreadable, "steps", (json_int_t)check->steps,
                     "memory_bytes", (json_int_t)check->bytes, "problem",
                     online->problem[0] ? online->problem : NULL, "violation", violation);
}

/* The most frequent reasons why operations did not succeed. */
static json_t *outcomes_json(const struct run *run)
{
    enum { SHOWN_MAX = 12 };
    struct outcomes outcomes;
    json_t *list = json_array();
    outcomes_count(&run->history, &outcomes);
    for (size_t i = 0; i < outcomes.count && i < SHOWN_MAX; i++) {
        const struct outcome_count *item = &outcomes.items[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:I}", "type", op_type_name(item->type),
                                        "error", item->error, "count", (json_int_t)item->count));
    }
    return list;
}

static json_t *errors_json(const struct run *run)
{
    json_t *list = json_array();
    if (run->failure_text.text[0])
        json_array_append_new(list, json_string(run->failure_text.text));
    if (run->warning.text[0])
        json_array_append_new(list, json_string(run->warning.text));
    return list;
}

static json_t *results_json(const struct run *run, const struct run_result *result)
{
    char started[CLOCK_ISO8601_SIZE];
    clock_iso8601(&run->clock, 0, started);
    const struct plan *plan = run->plan;
    const struct driver_counters *counters = &run->counters;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:i, s:o, s:o, s:I, s:o, s:{s:I, s:I, s:I, s:I}, s:o, "
        "s:b, s:o*, s:o}",
        "faultline", FAULTLINE_VERSION, "name", plan->name, "started", started, "seed",
        (json_int_t)plan->seed, "verdict", result->failed ? "error" : verdict_name(result->verdict),
        "summary", result->summary, "exit_status", result->exit_status, "cluster",
        cluster_json(run), "workload", workload_json(plan), "duration_ns",
        (json_int_t)clock_now_ns(&run->clock), "phases", phases_json(run), "operations", "invoked",
        (json_int_t)counters->invoked, "ok", (json_int_t)counters->ok, "fail",
        (json_int_t)counters->fail, "info", (json_int_t)counters->info, "faults", faults_json(run),
        "history_truncated", (int)run->history.truncated, "check", check_json(run), "errors",
        errors_json(run));
    if (json)
        json_object_set_new(json, "interrupted", json_boolean(run->interrupted));
    if (json && run->have_online)
        json_object_set_new(json, "online", online_json(run));
    if (json)
        json_object_set_new(json, "outcomes", outcomes_json(run));
    if (json && plan->database)
        json_object_set_new(json, "database",
                            json_pack("{s:s, s:s}", "name", database_name(plan->database),
                                      "version", run->database_version));
    return json;
}

int run_write_results(const struct run *run, const struct run_result *result, struct errbuf *err)
{
    json_t *json = results_json(run, result);
    char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    if (!text)
        return errbuf_set(err, ERR_NOMEM, "the results could not be put into words");
    int rc = store_write(&run->store, "results.json", text, err);
    free(text);
    return rc;
}
