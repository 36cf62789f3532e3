#include "report/plot.h"

#include "core/clock.h"
#include "core/strbuf.h"
#include "report/safe_text.h"

#include <math.h>
#include <stdio.h>

static const double drawing_width = 1080;
static const double margin_left = 62, margin_right = 14, margin_top = 6, margin_bottom = 26;

struct plot plot_make(struct run_span span, const struct bands *bands, double area_height)
{
    double strips = bands->count > 0 ? (double)(BAND_LANE_HEIGHT * bands->lanes) : 0;
    double top = margin_top + strips;
    return (struct plot){.width = drawing_width,
                         .height = top + area_height + margin_bottom,
                         .left = margin_left,
                         .right = drawing_width - margin_right,
                         .top = top,
                         .bottom = top + area_height,
                         .span = span};
}

double plot_x(const struct plot *plot, int64_t time_ns)
{
    const struct run_span *span = &plot->span;
    if (time_ns <= span->begin_ns || span->end_ns <= span->begin_ns)
        return plot->left;
    if (time_ns >= span->end_ns)
        return plot->right;
    return plot->left + (plot->right - plot->left) * (double)(time_ns - span->begin_ns) /
                            (double)(span->end_ns - span->begin_ns);
}

static double scale_x(const void *context, int64_t time_ns)
{
    return plot_x(context, time_ns);
}

struct band_scale plot_band_scale(const struct plot *plot)
{
    return (struct band_scale){.x = scale_x,
                               .context = plot,
                               .left = plot->left,
                               .right = plot->right,
                               .top = plot->top,
                               .bottom = plot->bottom};
}

void plot_open(struct strbuf *out, const struct plot *plot, const char *name)
{
    strbuf_printf(out,
                  "<svg class=\"plot\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
                  "aria-label=\"%s\">\n"
                  "<rect class=\"area\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                  plot->width, plot->height, name, plot->left, plot->top, plot->right - plot->left,
                  plot->bottom - plot->top);
}

void plot_close(struct strbuf *out)
{
    strbuf_puts(out, "</svg>\n");
}

double plot_tick_step(double range, int ticks)
{
    static const double factors[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(range / ticks)));
    for (int i = 0; i < 4; i++)
        if (range / (power * factors[i]) <= ticks)
            return power * factors[i];
    return power * 10;
}

/* Steps of seconds that people count in. */
static double time_step(double seconds)
{
    static const double steps[] = {1,   2,   5,    10,   15,   30,    60,    120,  300,
                                   600, 900, 1800, 3600, 7200, 14400, 43200, 86400};
    enum { TICKS = 12 };
    if (seconds < TICKS)
        return plot_tick_step(seconds, TICKS);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (seconds / steps[i] <= TICKS)
            return steps[i];
    return plot_tick_step(seconds, TICKS);
}

/* "15 s", "0.25 s"; in longer runs "1:30", "2:05:00". */
static void put_time_label(struct strbuf *out, double seconds, double step, double end)
{
    long whole = lround(seconds);
    if (end < 300)
        strbuf_printf(out, "%.*f s", step < 0.0999 ? 3 : step < 0.999 ? 1 : 0, seconds);
    else if (end < 3600)
        strbuf_printf(out, "%ld:%02ld", whole / 60, whole % 60);
    else
        strbuf_printf(out, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

void plot_put_time_axis(struct strbuf *out, const struct plot *plot)
{
    double begin = (double)plot->span.begin_ns / 1e9, end = (double)plot->span.end_ns / 1e9;
    if (end <= begin)
        return;
    double step = time_step(end - begin);
    strbuf_puts(out, "<g class=\"axis\">");
    double first = ceil(begin / step - 1e-9) + 0.0; /* 0 rather than -0 */
    for (double i = first; i * step <= end + 1e-9; i++) {
        double x = plot_x(plot, (int64_t)(i * step * 1e9));
        strbuf_printf(out,
                      "<path class=\"tick\" d=\"M%.1f %.1fv4\"/><text x=\"%.1f\" y=\"%.1f\" "
                      "text-anchor=\"middle\">",
                      x, plot->bottom, x, plot->bottom + 17);
        put_time_label(out, i * step, step, end);
        strbuf_puts(out, "</text>");
    }
    strbuf_printf(out, "<path class=\"base\" d=\"M%.1f %.1fH%.1f\"/></g>\n", plot->left,
                  plot->bottom, plot->right);
}

void plot_put_grid_line(struct strbuf *out, const struct plot *plot, double y, const char *label,
                        bool minor)
{
    strbuf_printf(out, "<g class=\"axis\"><path class=\"%s\" d=\"M%.1f %.1fH%.1f\"/>",
                  minor ? "grid minor" : "grid", plot->left, y, plot->right);
    if (label)
        strbuf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                      plot->left - 7, y + 4, label);
    strbuf_puts(out, "</g>\n");
}

void plot_put_violation(struct strbuf *out, const struct plot *plot, const struct run_data *run)
{
    const struct results_online *online = &run->results.online;
    if (online->violation_ns < 0)
        return;
    double x = plot_x(plot, online->violation_ns);
    bool at_left = x < (plot->left + plot->right) / 2;
    strbuf_printf(out,
                  "<g class=\"violation\"><path d=\"M%.1f %.1fV%.1f\"/><text x=\"%.1f\" "
                  "y=\"%.1f\" text-anchor=\"%s\">violation</text><title>",
                  x, plot->top, plot->bottom, x + (at_left ? 5 : -5), plot->top + 13,
                  at_left ? "start" : "end");
    safe_puts_html_cut(out, online->what, 200);
    strbuf_puts(out, "</title></g>\n");
}
