/* Completed operations a second over time. */
#include "report/plot.h"

#include "report/human.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <math.h>
#include <stdlib.h>

static const double area_height = 150;

enum { BUCKETS_MAX = 240, BUCKETS_MIN_WISH = 24, TYPE_COUNT = OP_INFO + 1 };

struct rates {
    int64_t bucket_ns;
    size_t count;
    double (*per_second)[TYPE_COUNT]; /* by bucket */
    double largest;
};

/* A second, unless that makes too many of them, or too few to see anything. */
static int64_t bucket_size(int64_t duration_ns)
{
    static const int64_t steps_ms[] = {10,   20,    50,    100,   200,   500,    1000,   2000,
                                       5000, 10000, 15000, 30000, 60000, 300000, 600000, 3600000};
    size_t last = sizeof steps_ms / sizeof steps_ms[0] - 1;
    size_t at = 6; /* a second */
    while (at < last && duration_ns / (steps_ms[at] * NS_PER_MS) >= BUCKETS_MAX)
        at++;
    while (at > 0 && duration_ns / (steps_ms[at] * NS_PER_MS) < BUCKETS_MIN_WISH)
        at--;
    int64_t size = steps_ms[at] * NS_PER_MS;
    while (duration_ns / size >= BUCKETS_MAX)
        size *= 2;
    return size;
}

static void count_operations(const struct client_operations *operations, struct run_span span,
                             struct rates *rates)
{
    for (size_t i = 0; i < operations->count; i++) {
        const struct client_operation *at = &operations->items[i];
        if (at->type == OP_INVOKE || at->complete_ns < span.begin_ns)
            continue;
        size_t bucket = (size_t)((at->complete_ns - span.begin_ns) / rates->bucket_ns);
        if (bucket < rates->count)
            rates->per_second[bucket][at->type]++;
    }
}

/* From counts to rates. The last bucket is seldom a whole one. */
static void divide(struct rates *rates, struct run_span span)
{
    for (size_t i = 0; i < rates->count; i++) {
        int64_t left = span.end_ns - span.begin_ns - (int64_t)i * rates->bucket_ns;
        int64_t width = left < rates->bucket_ns ? left : rates->bucket_ns;
        if (width < rates->bucket_ns / 4)
            width = rates->bucket_ns / 4;
        for (int type = OP_OK; type < TYPE_COUNT; type++) {
            rates->per_second[i][type] *= 1e9 / (double)width;
            rates->largest = fmax(rates->largest, rates->per_second[i][type]);
        }
    }
}

static int make_rates(const struct client_operations *operations, struct run_span span,
                      struct rates *rates, struct errbuf *err)
{
    int64_t duration = span.end_ns - span.begin_ns;
    *rates = (struct rates){.bucket_ns = bucket_size(duration)};
    rates->count = (size_t)(duration / rates->bucket_ns) + 1;
    rates->per_second = calloc(rates->count, sizeof *rates->per_second);
    if (!rates->per_second)
        return errbuf_set(err, ERR_NOMEM, "no memory for a plot");
    count_operations(operations, span, rates);
    divide(rates, span);
    return 0;
}

/* --- drawing --- */

static double put_axis(struct strbuf *out, const struct plot *plot, double largest)
{
    double step = plot_tick_step(largest > 0 ? largest : 1, 4);
    double top = step * ceil((largest > 0 ? largest : 1) / step);
    for (double i = 0; i * step <= top * 1.0001; i++) {
        struct strbuf label = STRBUF_INIT;
        if (step >= 1)
            human_put_count(&label, llround(i * step));
        else
            strbuf_printf(&label, "%.2g", i * step);
        double y = plot->bottom - (plot->bottom - plot->top) * i * step / top;
        plot_put_grid_line(out, plot, y, strbuf_ok(&label) ? label.text : NULL, false);
        strbuf_fini(&label);
    }
    return top;
}

/* Steps, as each rate holds for its whole bucket. */
static void put_steps(struct strbuf *out, const struct plot *plot, const struct rates *rates,
                      enum op_type type, double top)
{
    for (size_t i = 0; i < rates->count; i++) {
        int64_t begin = plot->span.begin_ns + (int64_t)i * rates->bucket_ns;
        double y =
            plot->bottom - (plot->bottom - plot->top) * fmin(rates->per_second[i][type] / top, 1);
        if (i == 0)
            strbuf_printf(out, "M%.1f %.1f", plot_x(plot, begin), y);
        else
            strbuf_printf(out, "V%.1f", y);
        strbuf_printf(out, "H%.1f", plot_x(plot, begin + rates->bucket_ns));
    }
}

static void put_type(struct strbuf *out, const struct plot *plot, const struct rates *rates,
                     enum op_type type, double top)
{
    double most = 0;
    for (size_t i = 0; i < rates->count; i++)
        most = fmax(most, rates->per_second[i][type]);
    if (most <= 0)
        return;
    strbuf_printf(out, "<path class=\"filled %s\" d=\"", op_type_name(type));
    put_steps(out, plot, rates, type, top);
    strbuf_printf(out, "V%.1fH%.1fZ\"/><path class=\"line %s\" d=\"", plot->bottom, plot->left,
                  op_type_name(type));
    put_steps(out, plot, rates, type, top);
    strbuf_puts(out, "\"/>\n");
}

int plot_put_rate(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                  struct errbuf *err)
{
    struct run_span span = run_data_span(run);
    if (span.end_ns <= span.begin_ns)
        return 0;
    struct rates rates;
    int rc = make_rates(&run->operations, span, &rates, err);
    if (rc != 0)
        return rc;
    struct plot plot = plot_make(span, bands, area_height);
    struct band_scale bands_at = plot_band_scale(&plot);
    strbuf_puts(out, "<h3>Completed operations a second</h3>\n");
    plot_open(out, &plot, "Completed operations a second over time, with the faults as bands");
    bands_put(out, bands, &bands_at, span.begin_ns, span.end_ns);
    double top = put_axis(out, &plot, rates.largest);
    plot_put_time_axis(out, &plot);
    put_type(out, &plot, &rates, OP_OK, top);
    put_type(out, &plot, &rates, OP_FAIL, top);
    put_type(out, &plot, &rates, OP_INFO, top);
    plot_put_violation(out, &plot, run);
    plot_close(out);
    strbuf_puts(out, "<p class=\"note\">Averages over ");
    human_put_duration(out, rates.bucket_ns);
    strbuf_puts(out, " each.</p>\n");
    free(rates.per_second);
    return 0;
}
