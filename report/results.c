#include "report/results.h"

#include "report/report_file.h"
#include "report/results_check.h"
#include "report/results_json.h"

#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

static const struct outcome_row {
    const char *name;
    int exit_status;
    const char *meaning;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_VALID] =
        {"valid", 0,
         "Proven: everything that the clients saw agrees with what the model promises. "
         "It is a statement about this history, and about what happened while it was made."},
    [OUTCOME_INVALID] =
        {"invalid", 1,
         "Refuted: what the clients saw breaks the promise. The operations that show "
         "it were checked a second time by independent code."},
    [OUTCOME_UNKNOWN] = {"unknown", 2,
                         "The check ended before everything was proven, and nothing was refuted. "
                         "This is not a pass."},
    [OUTCOME_VACUOUS] =
        {"vacuous", 3,
         "Nothing was really put to the test, so the answers prove nothing. This is "
         "not a pass."},
    [OUTCOME_ERROR] = {"error", 255,
                       "The test itself failed. This says nothing about the database."},
    [OUTCOME_UNFINISHED] =
        {"unfinished", 255,
         "The run left no results: it is still going on, or its controller died. "
         "What is shown comes from the history and the events."},
};

const char *outcome_name(enum outcome outcome)
{
    return outcomes[outcome].name;
}

int outcome_exit_status(enum outcome outcome)
{
    return outcomes[outcome].exit_status;
}

const char *outcome_meaning(enum outcome outcome)
{
    return outcomes[outcome].meaning;
}

void results_init_unfinished(struct results *out)
{
    *out = (struct results){.outcome = OUTCOME_UNFINISHED,
                            .version = "",
                            .name = "",
                            .started = "",
                            .summary = "",
                            .remote = "",
                            .node_count = -1,
                            .failure_tolerance = -1,
                            .nodes = "",
                            .database = "",
                            .database_version = "",
                            .workload = "",
                            .client = "",
                            .model = "",
                            .concurrency = -1,
                            .duration_ns = -1,
                            .invoked = -1,
                            .ok = -1,
                            .fail = -1,
                            .info = -1};
    out->online.what = "";
    out->online.violation_ns = -1;
    out->check.model = out->check.algorithm = out->check.summary = "";
    out->check.elapsed_ns = out->check.memory_peak_bytes = -1;
}

/* --- lists --- */

static const char *node_addresses(json_t *nodes, struct arena *arena)
{
    struct strbuf text = STRBUF_INIT;
    size_t i;
    json_t *node;
    json_array_foreach(nodes, i, node)
    {
        strbuf_puts(&text, i > 0 ? ", " : "");
        strbuf_puts(&text, results_json_string(node, "name", arena));
        strbuf_putc(&text, ' ');
        strbuf_puts(&text, results_json_string(node, "address", arena));
    }
    return results_json_keep(&text, arena);
}

static const char *node_names(json_t *nodes, struct arena *arena)
{
    struct strbuf text = STRBUF_INIT;
    size_t i;
    json_t *node;
    json_array_foreach(nodes, i, node)
    {
        strbuf_puts(&text, i > 0 ? " " : "");
        strbuf_puts(&text, results_json_text(node, arena));
    }
    return results_json_keep(&text, arena);
}

static bool load_phases(json_t *list, struct arena *arena, struct results *out)
{
    out->phases = arena_zalloc(arena, json_array_size(list), sizeof *out->phases);
    if (!out->phases)
        return false;
    size_t i;
    json_t *phase;
    json_array_foreach(list, i, phase)
    {
        out->phases[i] = (struct results_phase){
            .name = results_json_string(phase, "phase", arena),
            .begin_ns = results_json_int(phase, "begin_ns"),
            .end_ns = results_json_int(phase, "end_ns"),
        };
    }
    out->phase_count = json_array_size(list);
    return true;
}

static bool load_faults(json_t *list, struct arena *arena, struct results *out)
{
    out->faults = arena_zalloc(arena, json_array_size(list), sizeof *out->faults);
    if (!out->faults)
        return false;
    size_t i;
    json_t *fault;
    json_array_foreach(list, i, fault)
    {
        out->faults[i] = (struct results_fault){
            .id = results_json_int(fault, "id"),
            .fault = results_json_string(fault, "fault", arena),
            .description = results_json_string(fault, "description", arena),
            .nodes = node_names(json_object_get(fault, "nodes"), arena),
            .injected_ns = results_json_int(fault, "injected_ns"),
            .healed_ns = results_json_int(fault, "healed_ns"),
            .proven = json_is_true(json_object_get(fault, "proven")),
            .evidence = results_json_string(fault, "evidence", arena),
            .error = results_json_string(fault, "error", arena),
            .client_operations_overlapping =
                results_json_int(fault, "client_operations_overlapping"),
        };
    }
    out->fault_count = json_array_size(list);
    return true;
}

static bool load_outcomes(json_t *list, struct arena *arena, struct results *out)
{
    out->outcomes = arena_zalloc(arena, json_array_size(list), sizeof *out->outcomes);
    if (!out->outcomes)
        return false;
    size_t i;
    json_t *outcome;
    json_array_foreach(list, i, outcome)
    {
        out->outcomes[i] = (struct results_outcome){
            .type = results_json_string(outcome, "type", arena),
            .error = results_json_string(outcome, "error", arena),
            .count = results_json_int(outcome, "count"),
        };
    }
    out->outcome_count = json_array_size(list);
    return true;
}

static bool load_errors(json_t *list, struct arena *arena, struct results *out)
{
    out->errors = arena_zalloc(arena, json_array_size(list), sizeof *out->errors);
    if (!out->errors)
        return false;
    size_t i;
    json_t *error;
    json_array_foreach(list, i, error)
    {
        const char *text = results_json_text(error, arena);
        if (text[0])
            out->errors[out->error_count++] = text;
    }
    return true;
}

/* --- the document --- */

static void load_head(json_t *root, struct arena *arena, struct results *out)
{
    out->version = results_json_string(root, "faultline", arena);
    out->name = results_json_string(root, "name", arena);
    out->started = results_json_string(root, "started", arena);
    out->summary = results_json_string(root, "summary", arena);
    out->has_seed = json_is_integer(json_object_get(root, "seed"));
    out->seed = (uint64_t)json_integer_value(json_object_get(root, "seed"));
    out->duration_ns = results_json_int(root, "duration_ns");
    out->history_truncated = json_is_true(json_object_get(root, "history_truncated"));
    json_t *operations = json_object_get(root, "operations");
    out->invoked = results_json_int(operations, "invoked");
    out->ok = results_json_int(operations, "ok");
    out->fail = results_json_int(operations, "fail");
    out->info = results_json_int(operations, "info");
}

static void load_setting(json_t *root, struct arena *arena, struct results *out)
{
    json_t *cluster = json_object_get(root, "cluster");
    json_t *nodes = json_object_get(cluster, "nodes");
    out->remote = results_json_string(cluster, "remote", arena);
    out->failure_tolerance = results_json_int(cluster, "failure_tolerance");
    out->nodes = node_addresses(nodes, arena);
    out->node_count = json_is_array(nodes) ? (int64_t)json_array_size(nodes) : -1;
    json_t *database = json_object_get(root, "database");
    out->database = results_json_string(database, "name", arena);
    out->database_version = results_json_string(database, "version", arena);
    json_t *workload = json_object_get(root, "workload");
    out->workload = results_json_string(workload, "name", arena);
    out->client = results_json_string(workload, "client", arena);
    out->model = results_json_string(workload, "model", arena);
    out->concurrency = results_json_int(workload, "concurrency");
    out->rate = json_number_value(json_object_get(workload, "rate"));
}

static void load_online(json_t *object, struct arena *arena, struct results_online *out)
{
    if (!json_is_object(object))
        return;
    json_t *violation = json_object_get(object, "violation");
    out->present = true;
    out->cpu_ns = results_json_int(object, "cpu_ns");
    out->checked_until_ns = results_json_int(object, "checked_until_ns");
    out->suspected = results_json_int(object, "suspected");
    out->keys_ended = results_json_int(object, "keys_ended");
    out->violation_ns = results_json_int(violation, "at_ns");
    out->what = results_json_string(violation, "what", arena);
}

static int load_verdict(json_t *root, const char *dir, struct results *out, struct errbuf *err)
{
    const char *name = json_string_value(json_object_get(root, "verdict"));
    int outcome = name ? outcome_parse(name) : -1;
    if (outcome < 0)
        return errbuf_set(err, ERR_INPUT,
                          "%s/results.json: verdict must be valid, invalid, unknown, vacuous or "
                          "error",
                          dir);
    out->outcome = (enum outcome)outcome;
    json_t *status = json_object_get(root, "exit_status");
    if (status && json_integer_value(status) != outcome_exit_status(out->outcome))
        return errbuf_set(err, ERR_INPUT,
                          "%s/results.json: verdict %s does not go with exit_status %lld", dir,
                          name, (long long)json_integer_value(status));
    return 0;
}

static int load_document(json_t *root, const char *dir, struct arena *arena, struct results *out,
                         struct errbuf *err)
{
    int rc = load_verdict(root, dir, out, err);
    if (rc != 0)
        return rc;
    load_head(root, arena, out);
    load_setting(root, arena, out);
    load_online(json_object_get(root, "online"), arena, &out->online);
    if (!load_phases(json_object_get(root, "phases"), arena, out) ||
        !load_faults(json_object_get(root, "faults"), arena, out) ||
        !load_outcomes(json_object_get(root, "outcomes"), arena, out) ||
        !load_errors(json_object_get(root, "errors"), arena, out) ||
        !results_check_load(json_object_get(root, "check"), arena, &out->check))
        return errbuf_set(err, ERR_NOMEM, "%s/results.json: no memory to read it", dir);
    return 0;
}

bool results_is_run(const char *dir)
{
    static const char *const names[] = {"results.json", "history.jsonl", "events.jsonl",
                                        "journal.jsonl"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (report_file_exists(dir, names[i]))
            return true;
    return false;
}

int results_load(const char *dir, struct arena *arena, struct results *out, struct errbuf *err)
{
    results_init_unfinished(out);
    if (!report_file_exists(dir, "results.json")) {
        if (results_is_run(dir))
            return 0;
        return errbuf_set(err, ERR_INPUT,
                          "%s is not the folder of a run: it has neither results.json nor "
                          "history.jsonl",
                          dir);
    }
    struct strbuf text = STRBUF_INIT;
    int rc = report_file_read(dir, "results.json", &text, err);
    if (rc != 0) {
        strbuf_fini(&text);
        return rc;
    }
    json_error_t error;
    json_t *root = json_loadb(text.text, text.length, JSON_ALLOW_NUL, &error);
    strbuf_fini(&text);
    if (!json_is_object(root))
        rc = errbuf_set(err, ERR_INPUT, "%s/results.json:%d: %s", dir, root ? 1 : error.line,
                        root ? "not a JSON object" : error.text);
    else
        rc = load_document(root, dir, arena, out, err);
    json_decref(root);
    return rc;
}

/* --- questions --- */

int outcome_parse(const char *name)
{
    for (int i = 0; i < OUTCOME_UNFINISHED; i++)
        if (strcmp(outcomes[i].name, name) == 0)
            return i;
    return -1;
}

const struct results_phase *results_find_phase(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->phase_count; i++)
        if (strcmp(results->phases[i].name, name) == 0)
            return &results->phases[i];
    return NULL;
}

/* Where key belongs among the `count` in out, behind those that are as small. */
static size_t violation_place(const struct results_key *const *out, size_t count,
                              const struct results_key *key)
{
    while (count > 0 && key->witness_count < out[count - 1]->witness_count)
        count--;
    return count;
}

size_t results_violations(const struct results_check *check, const struct results_key **out,
                          size_t max)
{
    size_t total = 0, kept = 0;
    for (size_t i = 0; i < check->key_count; i++) {
        const struct results_key *key = &check->keys[i];
        if (key->verdict != OUTCOME_INVALID)
            continue;
        total++;
        size_t place = violation_place(out, kept, key);
        if (place == max)
            continue;
        kept += kept < max;
        memmove(&out[place + 1], &out[place], (kept - 1 - place) * sizeof *out);
        out[place] = key;
    }
    return total;
}

struct results_fault_totals results_count_faults(const struct results *results, const char *fault)
{
    struct results_fault_totals totals = {0, 0};
    for (size_t i = 0; i < results->fault_count; i++) {
        const struct results_fault *at = &results->faults[i];
        if (at->injected_ns < 0 || (fault && strcmp(at->fault, fault) != 0))
            continue;
        totals.injected++;
        totals.proven += at->proven;
    }
    return totals;
}
