/* Latency over time on a logarithmic scale, a dot a completed operation. Operations whose dots
 * would lie on top of each other share one, so that the drawing's size does not grow with the
 * history's, and nothing that stands apart is lost: no extreme, no failure. */
#include "report/plot.h"

#include "report/human.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double area_height = 270;
static const double cell_first = 1.5; /* units of the drawing within which dots are one */

enum { DOTS_MAX = 9000, DOTS_FEW = 1500, STRENGTHS = 3 };

struct latency_scale {
    double low_ns, high_ns; /* 1, 2 or 5 times a power of ten */
};

static bool latency_of(const struct client_operation *operation, int64_t *out)
{
    *out = operation->complete_ns - operation->invoke_ns;
    return operation->type != OP_INVOKE && operation->invoke_ns >= 0 && *out >= 0;
}

static int leading_digit(double line_ns)
{
    return (int)lround(line_ns / pow(10, floor(log10(line_ns) + 1e-9)));
}

/* The next of the lines at 1, 2 and 5 times a power of ten. */
static double next_line(double line_ns)
{
    return round(line_ns * (leading_digit(line_ns) == 2 ? 2.5 : 2));
}

static bool make_scale(const struct client_operations *operations, struct latency_scale *out)
{
    int64_t smallest = INT64_MAX, largest = 0;
    for (size_t i = 0; i < operations->count; i++) {
        int64_t latency;
        if (!latency_of(&operations->items[i], &latency))
            continue;
        smallest = latency < smallest ? latency : smallest;
        largest = latency > largest ? latency : largest;
    }
    if (smallest == INT64_MAX)
        return false;
    out->low_ns = out->high_ns = 1000;
    while (next_line(out->low_ns) <= (double)smallest)
        out->low_ns = next_line(out->low_ns);
    while (out->high_ns <= (double)largest || out->high_ns <= out->low_ns)
        out->high_ns = next_line(out->high_ns);
    return true;
}

static double latency_y(const struct plot *plot, const struct latency_scale *scale,
                        double latency_ns)
{
    double at = log(latency_ns / scale->low_ns) / log(scale->high_ns / scale->low_ns);
    return plot->bottom - (plot->bottom - plot->top) * fmin(fmax(at, 0), 1);
}

static void put_line(struct strbuf *out, const struct plot *plot, const struct latency_scale *scale,
                     double latency_ns)
{
    bool label_all = scale->high_ns / scale->low_ns <= 200;
    bool minor = leading_digit(latency_ns) != 1;
    int64_t unit = latency_ns < 999e3 ? NS_PER_US : latency_ns < 999e6 ? NS_PER_MS : NS_PER_S;
    struct strbuf label = STRBUF_INIT;
    human_put_count(&label, llround(latency_ns / (double)unit));
    strbuf_puts(&label, unit == NS_PER_US ? " \xc2\xb5s" : unit == NS_PER_MS ? " ms" : " s");
    bool labelled = strbuf_ok(&label) && (label_all || !minor);
    plot_put_grid_line(out, plot, latency_y(plot, scale, latency_ns), labelled ? label.text : NULL,
                       minor);
    strbuf_fini(&label);
}

static void put_axis(struct strbuf *out, const struct plot *plot, const struct latency_scale *scale)
{
    for (double at = scale->low_ns; at < scale->high_ns * 1.01; at = next_line(at))
        put_line(out, plot, scale, at);
}

/* --- dots --- */

struct dot {
    float x, y;
};

/* The dots of one type of completion, and the cells of the drawing that they fall into: a cell
 * shows one of its dots, stronger the more there are. */
struct dots {
    const struct plot *plot;
    struct dot *items;
    size_t count;
    uint32_t *cells; /* how many dots each has */
    size_t columns, rows;
    double cell_size;
};

static void collect(struct dots *dots, const struct client_operations *operations,
                    const struct latency_scale *scale, enum op_type type)
{
    dots->count = 0;
    for (size_t i = 0; i < operations->count; i++) {
        int64_t latency;
        const struct client_operation *at = &operations->items[i];
        if (at->type == type && latency_of(at, &latency))
            dots->items[dots->count++] =
                (struct dot){(float)plot_x(dots->plot, at->complete_ns),
                             (float)latency_y(dots->plot, scale, (double)latency)};
    }
}

static uint32_t *cell_of(const struct dots *dots, struct dot dot)
{
    size_t column = (size_t)(fmax((double)dot.x - dots->plot->left, 0) / dots->cell_size);
    size_t row = (size_t)(fmax((double)dot.y - dots->plot->top, 0) / dots->cell_size);
    column = column < dots->columns ? column : dots->columns - 1;
    row = row < dots->rows ? row : dots->rows - 1;
    return &dots->cells[row * dots->columns + column];
}

static void set_cell_size(struct dots *dots, double size)
{
    dots->cell_size = size;
    dots->columns = (size_t)((dots->plot->right - dots->plot->left) / size) + 1;
    dots->rows = (size_t)((dots->plot->bottom - dots->plot->top) / size) + 1;
}

/* Returns how many cells have a dot; *most is how many the fullest one has. */
static size_t fill_cells(struct dots *dots, uint32_t *most)
{
    size_t used = 0;
    *most = 0;
    memset(dots->cells, 0, dots->columns * dots->rows * sizeof *dots->cells);
    for (size_t i = 0; i < dots->count; i++) {
        uint32_t *cell = cell_of(dots, dots->items[i]);
        used += *cell == 0;
        ++*cell;
        *most = *cell > *most ? *cell : *most;
    }
    return used;
}

static int strength(uint32_t count, uint32_t most)
{
    return most < 2 ? 0 : (int)(STRENGTHS * 0.999 * log(count) / log(most));
}

/* One dot for each cell of this strength. Dots are visited out of order, lest each cell show the
 * earliest one and the drawing get stripes. */
static void put_dots(struct strbuf *out, struct dots *dots, int wanted, uint32_t most)
{
    size_t stride = dots->count % 7919 == 0 ? 7927 : 7919, at = 0;
    for (size_t i = 0; i < dots->count; i++, at = (at + stride) % dots->count) {
        uint32_t *cell = cell_of(dots, dots->items[at]);
        if (*cell == 0 || strength(*cell, most) != wanted)
            continue;
        *cell = 0;
        strbuf_printf(out, "M%.1f %.1fh0", (double)dots->items[at].x, (double)dots->items[at].y);
    }
}

/* Draws one type in cells as small as the number of dots allows. Returns that number. */
static size_t put_type(struct strbuf *out, struct dots *dots, enum op_type type)
{
    uint32_t most;
    size_t used;
    set_cell_size(dots, cell_first);
    while ((used = fill_cells(dots, &most)) > DOTS_MAX)
        set_cell_size(dots, dots->cell_size * 1.2);
    for (int i = 0; i < STRENGTHS && used > 0; i++) {
        strbuf_printf(out, "<path class=\"dots %s s%d%s\" d=\"M0 0", op_type_name(type), i,
                      used < DOTS_FEW ? " few" : "");
        put_dots(out, dots, i, most);
        strbuf_puts(out, "\"/>\n");
    }
    return used;
}

static bool alloc_dots(struct dots *dots, const struct plot *plot, size_t count)
{
    *dots = (struct dots){.plot = plot};
    set_cell_size(dots, cell_first);
    dots->items = malloc((count + 1) * sizeof *dots->items);
    dots->cells = malloc(dots->columns * dots->rows * sizeof *dots->cells);
    return dots->items && dots->cells;
}

static void put_note(struct strbuf *out, size_t shown, size_t total)
{
    strbuf_puts(out, "<p class=\"note\">");
    human_put_counted(out, (int64_t)total, "completed operation");
    if (shown < total) {
        strbuf_puts(out, ", drawn as ");
        human_put_counted(out, (int64_t)shown, "dot");
        strbuf_puts(out, ": operations whose dots would lie on top of each other share a stronger "
                         "one, so nothing that stands apart is left out");
    }
    strbuf_puts(out, ". An operation is drawn when it completed; the scale is logarithmic.</p>\n");
}

static void put_plot(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                     const struct latency_scale *scale, struct dots *dots)
{
    static const enum op_type types[] = {OP_OK, OP_FAIL, OP_INFO};
    const struct plot *plot = dots->plot;
    struct band_scale bands_at = plot_band_scale(plot);
    size_t shown = 0, total = 0;
    strbuf_puts(out, "<h3>Latency</h3>\n");
    plot_open(out, plot, "Latency of operations over time, with the faults as bands");
    bands_put(out, bands, &bands_at, plot->span.begin_ns, plot->span.end_ns);
    put_axis(out, plot, scale);
    plot_put_time_axis(out, plot);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        collect(dots, &run->operations, scale, types[i]);
        total += dots->count;
        shown += put_type(out, dots, types[i]);
    }
    plot_put_violation(out, plot, run);
    plot_close(out);
    put_note(out, shown, total);
}

int plot_put_latency(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                     struct errbuf *err)
{
    struct latency_scale scale;
    struct dots dots;
    if (!make_scale(&run->operations, &scale))
        return 0;
    struct plot plot = plot_make(run_data_span(run), bands, area_height);
    int rc = 0;
    if (alloc_dots(&dots, &plot, run->operations.count))
        put_plot(out, run, bands, &scale, &dots);
    else
        rc = errbuf_set(err, ERR_NOMEM, "no memory for a plot");
    free(dots.items);
    free(dots.cells);
    return rc;
}
