/* The end of the page: what happened to the nodes, phases, the plan, the files. */
#include "report/page.h"

#include "report/human.h"
#include "report/report_file.h"
#include "report/safe_text.h"

enum { PLAN_MAX = 60000 };

void page_put_events(struct strbuf *out, const struct run_data *run)
{
    const struct run_events *events = &run->events;
    if (events->count == 0)
        return;
    strbuf_puts(out, "<section id=\"events\"><h2>What happened to the nodes</h2>\n");
    page_open_details(out, events->count, "event");
    strbuf_puts(
        out,
        "<div class=\"table\"><table class=\"slim\"><thead><tr><th class=\"n\">at</th><th>node</th>"
        "<th>what</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < events->count && i < PAGE_ROWS_MAX; i++) {
        const struct run_event *event = &events->items[i];
        strbuf_puts(out, "<tr class=\"event\"><td class=\"n\">");
        human_put_moment(out, event->t_ns, 2);
        strbuf_puts(out, "</td>");
        page_put_text_cell(out, event->node);
        page_put_text_cell(out, event->what);
        strbuf_puts(out, "</tr>\n");
    }
    strbuf_puts(out, "</tbody></table></div>\n");
    page_close_details(out, events->count, "events.jsonl");
    strbuf_puts(out, "</section>\n");
}

void page_put_phases(struct strbuf *out, const struct run_data *run)
{
    const struct results *results = &run->results;
    if (results->phase_count == 0)
        return;
    strbuf_puts(out, "<section id=\"phases\"><h2>Phases of the run</h2><p>");
    for (size_t i = 0; i < results->phase_count; i++) {
        const struct results_phase *phase = &results->phases[i];
        bool ended = phase->begin_ns >= 0 && phase->end_ns >= phase->begin_ns;
        strbuf_puts(out, i > 0 ? " \xe2\x86\x92 " : "");
        safe_puts_html(out, phase->name);
        strbuf_puts(out, " <span class=\"over\">");
        human_put_duration(out, ended ? phase->end_ns - phase->begin_ns : -1);
        strbuf_puts(out, "</span>");
    }
    strbuf_puts(out, "</p></section>\n");
}

void page_put_plan(struct strbuf *out, const struct run_data *run)
{
    if (!run->plan)
        return;
    strbuf_puts(out, "<section id=\"plan\"><details class=\"large\"><summary>The plan, with every "
                     "default filled in</summary><pre>");
    safe_puts_html_cut(out, run->plan, PLAN_MAX);
    strbuf_puts(out, "</pre></details></section>\n");
}

void page_put_files(struct strbuf *out, const struct run_data *run)
{
    static const struct {
        const char *name, *what;
    } files[] = {
        {"history.jsonl", "every operation"}, {"events.jsonl", "what else happened"},
        {"results.json", "all figures"},      {"plan.yaml", "the plan"},
        {"log.txt", "the controller's log"},  {"logs", "the nodes' logs"},
    };
    strbuf_puts(out, run->dir ? "<footer><p>Beside this page: " : "<footer><p>");
    for (size_t i = 0, shown = 0; run->dir && i < sizeof files / sizeof files[0]; i++) {
        if (!report_file_exists(run->dir, files[i].name))
            continue;
        strbuf_printf(out, "%s<a href=\"%s\">%s</a> (%s)", shown++ > 0 ? ", " : "", files[i].name,
                      files[i].name, files[i].what);
    }
    strbuf_puts(out, run->dir ? "." : "");
    if (run->results.version[0]) {
        strbuf_puts(out, " Made by faultline ");
        safe_puts_html(out, run->results.version);
        strbuf_puts(out, ".");
    }
    strbuf_puts(out, "</p></footer>\n");
}
