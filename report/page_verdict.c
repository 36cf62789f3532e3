#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

enum { SENTENCE_MAX = 600 };

static void open_fact(struct strbuf *out, const char *name)
{
    strbuf_printf(out, "<div><dt>%s</dt><dd>", name);
}

static void close_fact(struct strbuf *out)
{
    strbuf_puts(out, "</dd></div>\n");
}

static void put_fact(struct strbuf *out, const char *name, const char *first, const char *joint,
                     const char *second)
{
    if (!first[0])
        return;
    open_fact(out, name);
    safe_puts_html_cut(out, first, 200);
    if (second[0]) {
        strbuf_puts(out, joint);
        safe_puts_html_cut(out, second, 200);
    }
    close_fact(out);
}

static void put_cluster(struct strbuf *out, const struct results *results)
{
    if (results->node_count < 0)
        return;
    open_fact(out, "Cluster");
    strbuf_puts(out, "<span title=\"");
    safe_puts_html(out, results->nodes);
    strbuf_puts(out, "\">");
    human_put_counted(out, results->node_count, "node");
    strbuf_puts(out, "</span>");
    if (results->remote[0]) {
        strbuf_puts(out, " (");
        safe_puts_html(out, results->remote);
        strbuf_puts(out, ")");
    }
    if (results->failure_tolerance >= 0)
        strbuf_printf(out, ", tolerates %lld failing", (long long)results->failure_tolerance);
    close_fact(out);
}

static void put_load(struct strbuf *out, const struct results *results)
{
    if (results->concurrency < 0)
        return;
    open_fact(out, "Load");
    human_put_counted(out, results->concurrency, "client");
    if (results->rate > 0) {
        strbuf_puts(out, ", ");
        human_put_rate(out, results->rate);
        strbuf_puts(out, " operations a second asked");
    } else {
        strbuf_puts(out, ", as fast as it goes");
    }
    close_fact(out);
}

/* "2026-01-31T23:59:59.123456Z" without the fraction, in words. */
static void put_started(struct strbuf *out, const struct results *results)
{
    const char *started = results->started;
    size_t day = strcspn(started, "T");
    if (!started[0])
        return;
    open_fact(out, "Started");
    safe_put_html(out, started, day);
    if (started[day] == 'T') {
        strbuf_putc(out, ' ');
        safe_put_html(out, started + day + 1, strcspn(started + day + 1, ".Z"));
        strbuf_puts(out, " UTC");
    }
    close_fact(out);
}

static void put_check(struct strbuf *out, const struct results_check *check)
{
    if (!check->present)
        return;
    open_fact(out, "Check");
    strbuf_puts(out, "<span title=\"");
    safe_puts_html(out, check->algorithm);
    strbuf_puts(out, "\">");
    safe_puts_html(out, check->model);
    strbuf_puts(out, "</span> in ");
    human_put_duration(out, check->elapsed_ns);
    if (check->memory_peak_bytes > 0) {
        strbuf_puts(out, ", ");
        human_put_bytes(out, check->memory_peak_bytes);
    }
    close_fact(out);
}

/* What it found, and what share of one core it took of the time that clients drove. */
static void put_online(struct strbuf *out, const struct results *results)
{
    const struct results_online *online = &results->online;
    const struct results_phase *drive = results_find_phase(results, "drive");
    if (!online->present)
        return;
    open_fact(out, "Checked while it ran");
    if (online->violation_ns >= 0) {
        strbuf_puts(out, "violation at ");
        human_put_duration(out, online->violation_ns);
    } else if (online->checked_until_ns >= 0) {
        strbuf_puts(out, "nothing wrong up to ");
        human_put_duration(out, online->checked_until_ns);
    } else {
        strbuf_puts(out, "nothing");
    }
    if (online->suspected > 0 || online->keys_ended > 0)
        strbuf_puts(out, ", but not everything could be followed");
    if (online->cpu_ns >= 0 && drive && drive->end_ns > drive->begin_ns)
        strbuf_printf(out, "; %.1f %% of one core",
                      (double)online->cpu_ns * 100 / (double)(drive->end_ns - drive->begin_ns));
    close_fact(out);
}

static void put_facts(struct strbuf *out, const struct results *results)
{
    strbuf_puts(out, "<dl class=\"facts\">\n");
    const char *version = results->database_version;
    size_t same = strlen(results->database);
    bool repeated = same > 0 && strncmp(version, results->database, same) == 0;
    put_fact(out, "Database", repeated ? version : results->database, " \xc2\xb7 ",
             repeated ? "" : version);
    put_cluster(out, results);
    put_fact(out, "Workload", results->workload, " through the client ", results->client);
    put_load(out, results);
    put_started(out, results);
    if (results->duration_ns >= 0) {
        open_fact(out, "Took");
        human_put_duration(out, results->duration_ns);
        close_fact(out);
    }
    if (results->has_seed) {
        open_fact(out, "Seed");
        strbuf_printf(out, "%llu", (unsigned long long)results->seed);
        close_fact(out);
    }
    put_check(out, &results->check);
    put_online(out, results);
    strbuf_puts(out, "</dl>\n");
}

static void put_line(struct strbuf *out, const char *line)
{
    strbuf_puts(out, "<p>");
    safe_puts_html_cut(out, line, 4000);
    strbuf_puts(out, "</p>");
}

static void put_notes(struct strbuf *out, const struct run_data *run)
{
    if (run->note_count == 0)
        return;
    strbuf_puts(out, "<div class=\"box\"><p><b>About this page</b></p>");
    for (size_t i = 0; i < run->note_count; i++)
        put_line(out, run->notes[i]);
    strbuf_puts(out, "</div>\n");
}

/* Those that the sentence of the verdict does not say already. */
static void put_errors(struct strbuf *out, const struct results *results)
{
    bool bad = results->outcome == OUTCOME_ERROR;
    size_t shown = 0;
    for (size_t i = 0; i < results->error_count; i++) {
        const char *error = results->errors[i];
        if (strlen(error) < SENTENCE_MAX / 2 && strstr(results->summary, error))
            continue;
        if (shown++ == 0)
            strbuf_printf(out, "<div class=\"box%s\"><p><b>%s</b></p>", bad ? " bad" : "",
                          bad ? "What went wrong" : "Remarks");
        put_line(out, error);
    }
    if (shown > 0)
        strbuf_puts(out, "</div>\n");
}

static void put_title(struct strbuf *out, const struct results *results)
{
    const char *sentence = page_sentence(results);
    strbuf_puts(out, "<div class=\"head\">");
    page_put_badge(out, results->outcome, true);
    strbuf_puts(out, "<h1>");
    if (results->outcome == OUTCOME_UNFINISHED)
        strbuf_puts(out, "The run has no results");
    else
        safe_puts_html_cut(out, sentence[0] ? sentence : results->name, SENTENCE_MAX);
    strbuf_puts(out, "</h1></div>\n");
}

void page_put_verdict(struct strbuf *out, const struct run_data *run)
{
    const struct results *results = &run->results;
    const char *name = outcome_name(results->outcome);
    strbuf_puts(out, "<p class=\"over\">faultline \xc2\xb7 ");
    safe_puts_html(out, results->name[0] || !run->dir ? results->name : run->dir);
    strbuf_puts(out, "</p>\n");
    strbuf_printf(out, "<section class=\"top t-%s\" id=\"verdict\">", name);
    put_title(out, results);
    strbuf_printf(out, "<p class=\"lead\">%s</p>\n", outcome_meaning(results->outcome));
    put_errors(out, results);
    put_notes(out, run);
    if (results->outcome != OUTCOME_UNFINISHED)
        put_facts(out, results);
    strbuf_puts(out, "</section>\n");
}
