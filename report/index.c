/* index.html: one table over all runs of a store. */
#include "report/report.h"

#include "report/human.h"
#include "report/page.h"
#include "report/report_file.h"
#include "report/safe_text.h"
#include "report/store_scan.h"

#include <ctype.h>
#include <string.h>

/* "20260131T235959.123Z" as "2026-01-31 23:59:59"; anything else as it is. */
static void put_time(struct strbuf *out, const char *time)
{
    static const char pattern[] = "ddddddddTdddddd";
    size_t i = 0;
    while (pattern[i] &&
           (pattern[i] == 'd' ? isdigit((unsigned char)time[i]) != 0 : time[i] == pattern[i]))
        i++;
    if (pattern[i])
        safe_puts_html_cut(out, time, 60);
    else
        strbuf_printf(out, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", time, time + 4, time + 6, time + 9,
                      time + 11, time + 13);
}

static void put_link(struct strbuf *out, const struct stored_run *run, const char *file,
                     const char *text)
{
    strbuf_puts(out, "<a href=\"./");
    safe_puts_url(out, run->name);
    strbuf_putc(out, '/');
    safe_puts_url(out, run->time);
    strbuf_printf(out, "/%s\">%s</a>", file, text);
}

static void put_faults(struct strbuf *out, const struct stored_run *run)
{
    struct results_fault_totals totals = run->faults;
    strbuf_puts(out, "<td class=\"n\">");
    if (totals.injected == 0)
        strbuf_puts(out, "\xe2\x80\x93");
    else
        strbuf_printf(out, "%lld of %lld", (long long)totals.proven, (long long)totals.injected);
    strbuf_puts(out, "</td>");
}

static void put_sentence(struct strbuf *out, const struct stored_run *run)
{
    strbuf_puts(out, "<td>");
    if (run->is_unreadable) {
        strbuf_puts(out, "<span class=\"err\">");
        safe_puts_html_cut(out, run->sentence, 300);
        strbuf_puts(out, "</span>");
    } else if (run->outcome == OUTCOME_UNFINISHED) {
        strbuf_puts(out, "still going on, or its controller died");
    } else {
        safe_puts_html_cut(out, run->sentence, 300);
    }
    strbuf_puts(out, "</td>");
}

static void put_row(struct strbuf *out, const struct stored_run *run)
{
    strbuf_puts(out, "<tr class=\"run\"><td class=\"w\">");
    page_put_badge(out, run->outcome, false);
    strbuf_puts(out, "</td><td>");
    safe_puts_html_cut(out, run->name, 80);
    strbuf_puts(out, "</td><td class=\"w\">");
    put_time(out, run->time);
    strbuf_puts(out, "</td>");
    page_put_duration_cell(out, run->duration_ns);
    page_put_count_cell(out, run->operations);
    put_faults(out, run);
    put_sentence(out, run);
    strbuf_puts(out, "<td class=\"w\">");
    if (run->has_report)
        put_link(out, run, "report.html", "report");
    else
        strbuf_puts(out, "\xe2\x80\x93");
    strbuf_puts(out, "</td></tr>\n");
}

static void put_totals(struct strbuf *out, const struct store_scan *scan)
{
    int64_t count[OUTCOME_COUNT] = {0};
    for (size_t i = 0; i < scan->count; i++)
        count[scan->runs[i].outcome]++;
    strbuf_puts(out, "<div class=\"tiles\">\n<div><b>");
    human_put_count(out, (int64_t)scan->count);
    strbuf_printf(out, "</b><span class=\"name\">run%s</span></div>\n",
                  scan->count == 1 ? "" : "s");
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (count[i] == 0)
            continue;
        strbuf_puts(out, "<div><b>");
        human_put_count(out, count[i]);
        strbuf_puts(out, "</b>");
        page_put_badge(out, (enum outcome)i, false);
        strbuf_puts(out, "</div>\n");
    }
    strbuf_puts(out, "</div>\n");
}

static void put_index(struct strbuf *out, const struct store_scan *scan)
{
    page_open(out, "faultline: runs", NULL);
    strbuf_puts(out, "<p class=\"over\">faultline</p>\n<section class=\"top\"><h1>Runs</h1>\n");
    if (scan->count == 0) {
        strbuf_puts(out, "<p>There is no run in this store yet.</p></section>\n");
        page_close(out);
        return;
    }
    put_totals(out, scan);
    strbuf_puts(out, "<div class=\"table\"><table><thead><tr><th>verdict</th><th>name</th><th>"
                     "time (UTC)</th><th class=\"n\">took</th><th class=\"n\">operations</th><th "
                     "class=\"n\">faults proven</th><th></th><th></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < scan->count; i++)
        put_row(out, &scan->runs[i]);
    strbuf_puts(out, "</tbody></table></div></section>\n");
    page_close(out);
}

int report_write_index(const char *store_root, struct errbuf *err)
{
    struct arena arena;
    struct store_scan scan;
    arena_init(&arena, 0);
    int rc = store_scan(store_root, &arena, &scan, err);
    if (rc == 0) {
        struct strbuf page = STRBUF_INIT;
        put_index(&page, &scan);
        rc = report_file_write(store_root, "index.html", &page, err);
        strbuf_fini(&page);
    }
    arena_fini(&arena);
    return rc;
}
