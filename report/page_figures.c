#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

static void open_tile(struct strbuf *out)
{
    strbuf_puts(out, "<div><b>");
}

static void close_tile(struct strbuf *out, const char *name)
{
    strbuf_printf(out, "</b><span class=\"name\">%s</span></div>\n", name);
}

static void put_tile(struct strbuf *out, int64_t count, const char *name)
{
    if (count < 0)
        return;
    open_tile(out);
    human_put_count(out, count);
    close_tile(out, name);
}

static void put_ok_tile(struct strbuf *out, const struct results *results)
{
    if (results->ok < 0)
        return;
    open_tile(out);
    human_put_count(out, results->ok);
    strbuf_puts(out, "</b><span class=\"name\">ok, ");
    human_put_percent(out, results->ok, results->invoked);
    strbuf_puts(out, "</span></div>\n");
}

static void put_tiles(struct strbuf *out, const struct run_data *run,
                      const struct statistics *statistics)
{
    const struct results *results = &run->results;
    struct run_span span = run_data_span(run);
    strbuf_puts(out, "<div class=\"tiles\">\n");
    put_tile(out, results->invoked, "operations");
    put_ok_tile(out, results);
    put_tile(out, results->fail, "failed, no effect");
    put_tile(out, results->info, "outcome unknown");
    if (span.end_ns > span.begin_ns && results->invoked > 0) {
        open_tile(out);
        human_put_rate(out, (double)results->invoked * 1e9 / (double)(span.end_ns - span.begin_ns));
        close_tile(out, "operations a second");
    }
    if (statistics->all.p50_ns >= 0) {
        open_tile(out);
        human_put_duration(out, statistics->all.p50_ns);
        close_tile(out, "median latency");
        open_tile(out);
        human_put_duration(out, statistics->all.p99_ns);
        close_tile(out, "p99: 1 in 100 took longer");
    }
    strbuf_puts(out, "</div>\n");
}

static void put_row(struct strbuf *out, const struct function_statistics *row, const char *name)
{
    strbuf_puts(out, name ? "<tr class=\"sum\">" : "<tr>");
    page_put_text_cell(out, name ? name : symbol_name(row->f));
    page_put_count_cell(out, row->count);
    page_put_count_cell(out, row->ok);
    page_put_count_cell(out, row->fail);
    page_put_count_cell(out, row->info);
    page_put_duration_cell(out, row->p50_ns);
    page_put_duration_cell(out, row->p90_ns);
    page_put_duration_cell(out, row->p99_ns);
    page_put_duration_cell(out, row->max_ns);
    strbuf_puts(out, "</tr>\n");
}

static void put_outcomes(struct strbuf *out, const struct results *results)
{
    if (results->outcome_count == 0)
        return;
    strbuf_puts(out, "<h3>Why operations did not succeed</h3>\n<div class=\"table\"><table "
                     "id=\"outcomes\"><thead><tr><th class=\"n\">count</th><th>outcome</th>"
                     "<th>reason</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < results->outcome_count; i++) {
        const struct results_outcome *outcome = &results->outcomes[i];
        strbuf_puts(out, "<tr>");
        page_put_count_cell(out, outcome->count);
        page_put_text_cell(out, strcmp(outcome->type, "fail") == 0 ? "failed" : "unknown");
        page_put_text_cell(out, outcome->error);
        strbuf_puts(out, "</tr>\n");
    }
    strbuf_puts(out, "</tbody></table></div>\n");
}

void page_put_figures(struct strbuf *out, const struct run_data *run,
                      const struct statistics *statistics)
{
    strbuf_puts(out, "<section id=\"figures\"><h2>What the clients did</h2>\n");
    put_tiles(out, run, statistics);
    if (statistics->all.count > 0) {
        strbuf_puts(out, "<div class=\"table\"><table><thead><tr><th>operation</th><th "
                         "class=\"n\">count</th><th class=\"n\">ok</th><th class=\"n\">fail</th>"
                         "<th class=\"n\">unknown</th><th class=\"n\">p50</th><th class=\"n\">p90"
                         "</th><th class=\"n\">p99</th><th class=\"n\">slowest</th></tr></thead>"
                         "<tbody>\n");
        for (size_t i = 0; i < statistics->function_count; i++)
            put_row(out, &statistics->functions[i], NULL);
        if (statistics->function_total > 1)
            put_row(out, &statistics->all, "all");
        strbuf_puts(out, "</tbody></table></div>\n<p class=\"note\">Latencies are those of ok "
                         "operations.");
        if (statistics->function_total > statistics->function_count)
            strbuf_printf(out, " %zu more kinds of operations are not listed.",
                          statistics->function_total - statistics->function_count);
        strbuf_puts(out, "</p>\n");
    }
    put_outcomes(out, &run->results);
    strbuf_puts(out, "</section>\n");
}
