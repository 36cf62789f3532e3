/* The frame of a plot over time, as inline SVG: where things are, ticks, axes, and the scale that
 * bands and points share. Coordinates are in units of the drawing, which the page scales to its
 * width. Private to report/. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "report/bands.h"
#include "report/client_operations.h"
#include "report/run_data.h"

struct strbuf;

struct plot {
    double width, height;            /* of the drawing */
    double left, right, top, bottom; /* of the area within it */
    struct run_span span;
};

/* An area of this height, with room for axes, and for the labels of the bands above it. */
struct plot plot_make(struct run_span span, const struct bands *bands, double area_height);

/* Times outside the span are drawn at its edge. */
double plot_x(const struct plot *plot, int64_t time_ns);
struct band_scale plot_band_scale(const struct plot *plot);

/* <svg ...> with a name for those who cannot see it (not escaped), and </svg>. */
void plot_open(struct strbuf *out, const struct plot *plot, const char *name);
void plot_close(struct strbuf *out);

/* Ticks, their labels, the line. */
void plot_put_time_axis(struct strbuf *out, const struct plot *plot);

/* A grid line across the area at y with its label on the left; minor ones are fainter. */
void plot_put_grid_line(struct strbuf *out, const struct plot *plot, double y, const char *label,
                        bool minor);

/* The smallest of 1, 2, 5 times a power of ten that makes at most `ticks` steps of the range. */
double plot_tick_step(double range, int ticks);

/* A line across the area where a violation was seen while the test ran, if one was. */
void plot_put_violation(struct strbuf *out, const struct plot *plot, const struct run_data *run);

/* The plots. ERR_NOMEM. What is to be said of them (how many dots stand for how many operations) is
 * added below as a paragraph. O(operations). */
int plot_put_latency(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                     struct errbuf *err);
int plot_put_rate(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                  struct errbuf *err);

#endif
