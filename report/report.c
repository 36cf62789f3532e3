#include "report/report.h"

#include "report/page.h"
#include "report/plot.h"
#include "report/report_file.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

static void put_legend(struct strbuf *out, const struct bands *bands)
{
    strbuf_puts(out, "<ul class=\"legend\"><li><span class=\"dot ok\"></span>ok</li>"
                     "<li><span class=\"dot fail\"></span>failed, no effect</li>"
                     "<li><span class=\"dot info\"></span>outcome unknown</li>");
    bands_put_legend(out, bands);
    strbuf_puts(out, "</ul>\n");
}

static int put_plots(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                     struct errbuf *err)
{
    struct run_span span = run_data_span(run);
    if (span.end_ns <= span.begin_ns)
        return 0;
    strbuf_puts(out, "<section id=\"plots\"><h2>Over time</h2>\n");
    put_legend(out, bands);
    int rc = plot_put_latency(out, run, bands, err);
    if (rc == 0)
        rc = plot_put_rate(out, run, bands, err);
    if (bands->left_out > 0)
        strbuf_printf(out, "<p class=\"note\">Only the first %d faults are drawn as bands.</p>\n",
                      BANDS_MAX);
    strbuf_puts(out, "</section>\n");
    return rc;
}

static int put_page(struct strbuf *out, struct run_data *run, struct errbuf *err)
{
    struct statistics statistics;
    struct bands bands;
    const struct results *results = &run->results;
    int rc = statistics_make(&run->operations, &statistics, err);
    if (rc != 0)
        return rc;
    if (!bands_make(results, run_data_span(run).end_ns, &run->arena, &bands))
        return errbuf_set(err, ERR_NOMEM, "no memory for the faults of the run");
    page_open(out, results->name[0] ? results->name : "faultline", page_script_hash(run));
    page_put_verdict(out, run);
    rc = page_put_violations(out, run, &bands, err);
    page_put_pictures(out, run);
    if (results->outcome == OUTCOME_INVALID)
        page_put_timeline(out, run);
    if (run->dir)
        page_put_faults(out, run);
    page_put_figures(out, run, &statistics);
    if (rc == 0)
        rc = put_plots(out, run, &bands, err);
    if (results->outcome != OUTCOME_INVALID)
        page_put_timeline(out, run);
    page_put_check(out, run);
    page_put_events(out, run);
    page_put_phases(out, run);
    page_put_plan(out, run);
    page_put_files(out, run);
    if (rc == 0)
        rc = page_put_timeline_data(out, run, &bands, err);
    page_close(out);
    return rc;
}

int report_write_html(const char *run_dir, struct errbuf *err)
{
    struct run_data run;
    int rc = run_data_load(run_dir, &run, err);
    if (rc != 0)
        return rc;
    struct strbuf page = STRBUF_INIT;
    rc = put_page(&page, &run, err);
    if (rc == 0)
        rc = report_file_write(run_dir, "report.html", &page, err);
    strbuf_fini(&page);
    run_data_fini(&run);
    return rc;
}

int report_write_check(const char *path, const char *name, const struct operations *all,
                       const struct check_result *check, struct errbuf *err)
{
    struct run_data run;
    int rc = run_data_from_check(name, all, check, &run, err);
    if (rc != 0)
        return rc;
    struct strbuf page = STRBUF_INIT;
    const char *slash = strrchr(path, '/');
    const char *dir = slash ? arena_strndup(&run.arena, path, (size_t)(slash - path) + 1) : ".";
    rc = dir ? put_page(&page, &run, err) : errbuf_set(err, ERR_NOMEM, "no memory for %s", path);
    if (rc == 0)
        rc = report_file_write(dir, slash ? slash + 1 : path, &page, err);
    strbuf_fini(&page);
    run_data_fini(&run);
    return rc;
}

int report_exit_status(const char *run_dir, int *status, struct errbuf *err)
{
    struct arena arena;
    struct results results;
    arena_init(&arena, 0);
    int rc = results_load(run_dir, &arena, &results, err);
    if (rc == 0)
        *status = outcome_exit_status(results.outcome);
    arena_fini(&arena);
    return rc;
}
