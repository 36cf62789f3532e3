/* Faults over time: shaded bands behind a plot, each with a labelled strip above it. Private to
 * report/. */
#ifndef REPORT_BANDS_H
#define REPORT_BANDS_H

#include "report/results.h"

struct arena;
struct strbuf;

/* Bands drawn in one plot, and how many strips lie above each other at most. */
enum { BANDS_MAX = 500, BAND_LANES_MAX = 4, BAND_LANE_HEIGHT = 17 };

struct band {
    const struct results_fault *fault;
    int64_t begin_ns, end_ns;
    uint32_t lane;
    uint32_t colour; /* class kN */
};

struct bands {
    struct band *items; /* by begin; in the arena */
    size_t count;
    size_t left_out; /* beyond BANDS_MAX */
    uint32_t lanes;  /* at least 1 */
};

/* The faults that were injected. One never healed lasts until end_ns. False without memory. */
bool bands_make(const struct results *results, int64_t end_ns, struct arena *arena,
                struct bands *out);

/* The colour of a fault's kind: the same in every report for the kinds that are known. */
uint32_t bands_colour(const char *fault);

/* Where a time is drawn. */
struct band_scale {
    double (*x)(const void *context, int64_t time_ns);
    const void *context;
    double left, right, top, bottom; /* the area; strips lie above its top */
};

/* Those of the bands that touch [begin_ns, end_ns]. */
void bands_put(struct strbuf *out, const struct bands *bands, const struct band_scale *scale,
               int64_t begin_ns, int64_t end_ns);

/* Swatches with the names of the kinds, as list items. */
void bands_put_legend(struct strbuf *out, const struct bands *bands);

#endif
