#include "report/run_data.h"

#include "report/report_file.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/operations.h"
#include "formats/reader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void note(struct run_data *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct run_data *run, const char *format, ...)
{
    struct errbuf text;
    va_list args;
    va_start(args, format);
    vsnprintf(text.text, sizeof text.text, format, args);
    va_end(args);
    const char *kept = arena_strdup(&run->arena, text.text);
    if (kept && run->note_count < RUN_NOTES_MAX)
        run->notes[run->note_count++] = kept;
}

static void note_truncation(struct run_data *run, const struct operations *all)
{
    struct strbuf text = STRBUF_INIT;
    operations_put_truncation(all, &text);
    note(run, "The history is cut short: %s.", strbuf_ok(&text) ? text.text : "");
    strbuf_fini(&text);
}

/* All of the history, if it is as it should be. */
static int load_operations(struct run_data *run, struct errbuf *why)
{
    char path[PATH_MAX];
    struct history_semantics semantics = {0};
    struct reader_options options = {0};
    int length = snprintf(path, sizeof path, "%s/history.jsonl", run->dir);
    if (length < 0 || length >= PATH_MAX)
        return errbuf_set(why, ERR_IO, "the path of %s is too long", run->dir);
    int rc = reader_load(path, "jsonl", options, &run->read, &semantics, why);
    if (rc != 0)
        return rc;
    run->all = &run->read;
    return client_operations_take(run->all, &run->operations, why);
}

/* What comes before the first line that is not as it should be. */
static int load_beginning(struct run_data *run, struct errbuf *why)
{
    *why = (struct errbuf)ERRBUF_INIT;
    int rc = report_file_read(run->dir, "history.jsonl", &run->history_text, why);
    if (rc == 0)
        rc = client_operations_read(run->history_text.text, run->history_text.length,
                                    &run->operations, why);
    return rc;
}

static int load_history(struct run_data *run, struct errbuf *err)
{
    if (!report_file_exists(run->dir, "history.jsonl")) {
        note(run, "There is no history.jsonl: no operation was recorded, or the file was removed.");
        return 0;
    }
    struct errbuf why = ERRBUF_INIT;
    int rc = load_operations(run, &why);
    if (rc != 0 && rc != ERR_NOMEM)
        rc = load_beginning(run, &why);
    if (rc == ERR_NOMEM)
        return errbuf_set(err, rc, "%s", why.text);
    if (rc != 0)
        note(run, "The history can be read only in part: %s. What comes after is not in this page.",
             why.text);
    if (run->operations.truncated || run->results.history_truncated)
        note(run, "The history is cut short in its last line, which was left out: the controller "
                  "was interrupted while it wrote.");
    return 0;
}

static int load_events(struct run_data *run, struct errbuf *err)
{
    if (!report_file_exists(run->dir, "events.jsonl")) {
        note(run, "There is no events.jsonl: what happened to the nodes is not shown.");
        return 0;
    }
    struct strbuf text = STRBUF_INIT;
    struct errbuf why = ERRBUF_INIT;
    int rc = report_file_read(run->dir, "events.jsonl", &text, &why);
    if (rc != 0)
        note(run, "The events cannot be read: %s.", why.text);
    else
        rc = run_events_read(text.text, text.length, &run->arena, &run->events, err);
    strbuf_fini(&text);
    if (run->events.unreadable > 0)
        note(run, "%zu lines of events.jsonl are not events and were left out.",
             run->events.unreadable);
    if (run->events.truncated)
        note(run, "events.jsonl is cut short in its last line, which was left out.");
    return rc == ERR_NOMEM ? rc : 0;
}

static void load_plan(struct run_data *run)
{
    struct strbuf text = STRBUF_INIT;
    if (report_file_exists(run->dir, "plan.yaml") &&
        report_file_read(run->dir, "plan.yaml", &text, NULL) == 0)
        run->plan = arena_strdup(&run->arena, text.text);
    strbuf_fini(&text);
}

/* A run without results has the faults and operations that events and history tell of. */
static void fill_in_unfinished(struct run_data *run)
{
    struct results *results = &run->results;
    if (results->outcome != OUTCOME_UNFINISHED)
        return;
    results->faults = run->events.faults;
    results->fault_count = run->events.fault_count;
    int64_t count[4] = {0};
    for (size_t i = 0; i < run->operations.count; i++)
        count[run->operations.items[i].type]++;
    results->invoked = (int64_t)run->operations.count;
    results->ok = count[OP_OK];
    results->fail = count[OP_FAIL];
    results->info = count[OP_INFO] + count[OP_INVOKE];
}

int run_data_load(const char *dir, struct run_data *out, struct errbuf *err)
{
    *out = (struct run_data){.dir = dir, .where = "results.json", .operations.last_ns = -1};
    arena_init(&out->arena, 0);
    int rc = results_load(dir, &out->arena, &out->results, err);
    if (rc == 0)
        rc = load_history(out, err);
    if (rc == 0)
        rc = load_events(out, err);
    if (rc != 0) {
        run_data_fini(out);
        return rc;
    }
    load_plan(out);
    fill_in_unfinished(out);
    return 0;
}

int run_data_from_check(const char *name, const struct operations *all,
                        const struct check_result *check, struct run_data *out, struct errbuf *err)
{
    *out = (struct run_data){
        .where = "what check prints with --json", .all = all, .operations.last_ns = -1};
    arena_init(&out->arena, 0);
    int rc = results_from_check(name, check, all, &out->arena, &out->results, err);
    if (rc == 0 && all)
        rc = client_operations_take(all, &out->operations, err);
    if (rc != 0) {
        run_data_fini(out);
        return rc;
    }
    if (!all)
        note(out, "A limit ended the check before the history was read.");
    else if (all->truncated)
        note_truncation(out, all);
    return 0;
}

void run_data_fini(struct run_data *run)
{
    client_operations_fini(&run->operations);
    if (run->all == &run->read)
        operations_fini(&run->read);
    strbuf_fini(&run->history_text);
    arena_fini(&run->arena);
}

int run_data_read_words(const struct run_data *run, struct operation_words *words, size_t count,
                        struct arena *arena, struct errbuf *err)
{
    if (run->all)
        return client_operations_find_words(run->all, words, count, arena, err);
    return client_operations_read_words(run->history_text.text, run->history_text.length, words,
                                        count, arena, err);
}

struct run_span run_data_span(const struct run_data *run)
{
    const struct client_operations *operations = &run->operations;
    const struct results_phase *drive = results_find_phase(&run->results, "drive");
    struct run_span span = {0, operations->last_ns};
    if (operations->count > 0 && operations->items[0].invoke_ns >= 0)
        span.begin_ns = operations->items[0].invoke_ns;
    if (drive && drive->begin_ns >= 0 && drive->begin_ns < span.begin_ns)
        span.begin_ns = drive->begin_ns;
    if (span.end_ns < span.begin_ns)
        span.end_ns = span.begin_ns;
    return span;
}
