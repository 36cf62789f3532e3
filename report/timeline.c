#include "report/timeline.h"

#include "report/human.h"
#include "report/safe_text.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

static const double gutter = 96;         /* for the names of processes */
static const double right_wanted = 1078; /* what a page shows without scrolling */
static const double row_height = 27, bar_height = 17;
static const double axis_height = 28, time_label_width = 84;

static double rows_top(const struct bands *bands)
{
    return 8 + (bands->count > 0 ? (double)(BAND_LANE_HEIGHT * bands->lanes) : 0);
}

static double rows_bottom(const struct timeline *timeline, const struct bands *bands)
{
    return rows_top(bands) + row_height * (double)timeline->row_count + 6;
}

static int64_t first_ns(const struct timeline *timeline)
{
    return timeline->stops[0].time_ns;
}

static int64_t last_ns(const struct timeline *timeline)
{
    return timeline->stops[timeline->stop_count - 1].time_ns;
}

static void put_moment(struct strbuf *out, const struct timeline *timeline, int64_t time_ns)
{
    int64_t span = last_ns(timeline) - first_ns(timeline);
    human_put_moment(out, time_ns,
                     span < 10 * NS_PER_MS  ? 6
                     : span < NS_PER_S      ? 4
                     : span < 60 * NS_PER_S ? 3
                                            : 2);
}

/* --- what lies behind the bars --- */

static double band_x(const void *context, int64_t time_ns)
{
    return timeline_x(context, time_ns);
}

static void put_bands(struct strbuf *out, const struct timeline *timeline,
                      const struct bands *bands)
{
    struct band_scale scale = {.x = band_x,
                               .context = timeline,
                               .left = timeline->left,
                               .right = timeline->right,
                               .top = rows_top(bands),
                               .bottom = rows_bottom(timeline, bands)};
    if (first_ns(timeline) >= 0)
        bands_put(out, bands, &scale, first_ns(timeline), last_ns(timeline));
}

static void put_rows(struct strbuf *out, const struct timeline *timeline, double top)
{
    for (size_t row = 0; row < timeline->row_count; row++) {
        double middle = top + row_height * ((double)row + 0.5);
        strbuf_printf(out,
                      "<g class=\"row\"><path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>"
                      "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">process %d</text></g>\n",
                      timeline->left, middle, timeline->right, timeline->left - 8, middle + 4,
                      timeline->processes[row]);
    }
}

/* A line with its time at some of the events, and a mark where idle time was left out. */
static void put_axis(struct strbuf *out, const struct timeline *timeline, double top, double bottom)
{
    double label_free = 0;
    strbuf_puts(out, "<g class=\"axis\">");
    for (size_t i = 0; i < timeline->stop_count; i++) {
        const struct timeline_stop *stop = &timeline->stops[i];
        if (stop->idle_ns > 0) {
            double x = (stop[-1].x + stop->x) / 2;
            strbuf_printf(out,
                          "<path class=\"idle\" d=\"M%.1f %.1fV%.1f\"/><text class=\"idle\" "
                          "x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
                          x, top, bottom, x, bottom + 26);
            strbuf_puts(out, "+ ");
            human_put_duration(out, stop->idle_ns);
            strbuf_puts(out, "</text>");
        }
        if (stop->time_ns < 0 || stop->x < label_free ||
            stop->x > timeline->right - time_label_width / 2)
            continue;
        strbuf_printf(out,
                      "<path class=\"tick\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" "
                      "text-anchor=\"middle\">",
                      stop->x, bottom, stop->x, bottom + 15);
        put_moment(out, timeline, stop->time_ns);
        strbuf_puts(out, "</text>");
        label_free = stop->x + time_label_width;
    }
    strbuf_printf(out, "<path class=\"base\" d=\"M%.1f %.1fH%.1f\"/></g>\n", timeline->left, bottom,
                  timeline->right);
}

/* --- bars --- */

static void put_outcome(struct strbuf *out, const struct timeline *timeline,
                        const struct operation_words *words)
{
    const struct client_operation *operation = words->operation;
    if (operation->invoke_ns >= 0) {
        strbuf_puts(out, "\ninvoked at ");
        put_moment(out, timeline, operation->invoke_ns);
    }
    if (operation_is_open(operation)) {
        strbuf_puts(out, "; nobody knows whether it took effect");
    } else {
        strbuf_puts(out, operation->type == OP_OK ? "; ok" : "; failed: it did not take effect");
        if (operation->invoke_ns >= 0 && operation->complete_ns >= operation->invoke_ns) {
            strbuf_puts(out, ", after ");
            human_put_duration(out, operation->complete_ns - operation->invoke_ns);
        }
    }
    if (words->error) {
        strbuf_puts(out, "\n");
        safe_puts_html_cut(out, words->error, 200);
    }
}

static void put_title(struct strbuf *out, const struct timeline *timeline,
                      const struct timeline_op *op)
{
    strbuf_printf(out, "<title>process %d: %s", op->words.operation->process, op->label);
    put_outcome(out, timeline, &op->words);
    strbuf_printf(out, "\nevent %u of the history</title>", op->words.operation->invoke_index);
}

static void put_bar(struct strbuf *out, const struct timeline *timeline,
                    const struct timeline_op *op, double top)
{
    const struct client_operation *operation = op->words.operation;
    bool open = operation_is_open(operation);
    double y = top + row_height * op->row + (row_height - bar_height) / 2;
    strbuf_printf(out, "<g class=\"op %s%s%s\">", open ? "info" : op_type_name(operation->type),
                  op->is_failing ? " failing" : "", op->is_witness ? " witness" : "");
    put_title(out, timeline, op);
    if (open)
        strbuf_printf(out,
                      "<path class=\"bar\" d=\"M%.1f %.1fH%.1fv%.1fH%.1fZ\"/>"
                      "<path class=\"edge\" d=\"M%.1f %.1fH%.1fv%.1fH%.1f\"/>",
                      op->x_begin, y, op->x_end, bar_height, op->x_begin, op->x_end, y, op->x_begin,
                      bar_height, op->x_end);
    else
        strbuf_printf(out,
                      "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                      "rx=\"2.5\"/>",
                      op->x_begin, y, op->x_end - op->x_begin, bar_height);
    strbuf_printf(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text></g>\n", op->x_label,
                  y + bar_height - 4.8, op->label);
}

static void put_bars(struct strbuf *out, const struct timeline *timeline, double top, bool witness)
{
    for (size_t i = 0; i < timeline->count; i++)
        if (timeline->ops[i].is_witness == witness)
            put_bar(out, timeline, &timeline->ops[i], top);
}

static void put_drawing(struct strbuf *out, const struct timeline *timeline,
                        const struct bands *bands)
{
    double top = rows_top(bands), bottom = rows_bottom(timeline, bands);
    double width = timeline->right + 4, height = bottom + axis_height + 4;
    strbuf_printf(out,
                  "<div class=\"scroll\"><svg class=\"timeline\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"The operations around the "
                  "violation, by process and time\">\n",
                  width, height, width, height);
    strbuf_printf(out,
                  "<rect class=\"area\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                  timeline->left, top, timeline->right - timeline->left, bottom - top);
    put_bands(out, timeline, bands);
    put_rows(out, timeline, top + 3);
    put_axis(out, timeline, top, bottom);
    put_bars(out, timeline, top + 3, false);
    put_bars(out, timeline, top + 3, true);
    strbuf_puts(out, "</svg></div>\n");
}

/* --- around it --- */

static void put_legend(struct strbuf *out, const struct results_key *key)
{
    strbuf_puts(out, "<ul class=\"legend\">");
    if (key->failing >= 0)
        strbuf_puts(out, "<li><span class=\"key failing\"></span>cannot be placed</li>");
    strbuf_puts(out, "<li><span class=\"key witness\"></span>cannot all be true</li>"
                     "<li><span class=\"key ok\"></span>other operations: ok</li>"
                     "<li><span class=\"key fail\"></span>failed, so without effect</li>"
                     "<li><span class=\"key info\"></span>outcome unknown: may take effect at any "
                     "later time</li></ul>\n");
}

static void put_note(struct strbuf *out, const struct timeline *timeline)
{
    strbuf_puts(out, "<p class=\"note\">A bar reaches from invocation to completion; the operation "
                     "takes effect somewhere in between. Time is stretched where much happens, and "
                     "shortened where nothing does (dotted).");
    if (timeline->left_out > 0) {
        strbuf_putc(out, ' ');
        human_put_counted(out, (int64_t)timeline->left_out, "operation");
        strbuf_puts(out, " of this object in between are left out.");
    }
    if (timeline->pending_before > 0) {
        strbuf_putc(out, ' ');
        human_put_counted(out, (int64_t)timeline->pending_before, "earlier operation");
        strbuf_puts(out, " of unknown outcome not drawn.");
    }
    if (timeline->witness_left_out > 0) {
        strbuf_putc(out, ' ');
        human_put_counted(out, (int64_t)timeline->witness_left_out, "operation");
        strbuf_puts(out, " of the violation not drawn: there are too many.");
    }
    strbuf_puts(out, "</p>\n");
}

/* With as many of the other operations as fit on the page; a large witness may need more room. */
static int make_timeline(const struct run_data *run, const struct results_key *key,
                         struct arena *arena, struct timeline *out, struct errbuf *err)
{
    static const size_t others[] = {40, 28, 20, 14, 9, 5, 2};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        int rc = timeline_select(run, key, others[i], arena, out, err);
        if (rc != 0 || out->count == 0)
            return rc;
        if (!timeline_layout(out, gutter, arena))
            return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
        if (out->right <= right_wanted)
            break;
    }
    timeline_stretch(out, right_wanted);
    return 0;
}

int timeline_put(struct strbuf *out, const struct run_data *run, const struct results_key *key,
                 const struct bands *bands, struct errbuf *err)
{
    struct arena arena;
    struct timeline timeline;
    arena_init(&arena, 0);
    int rc = make_timeline(run, key, &arena, &timeline, err);
    if (rc == 0 && timeline.count > 0) {
        put_legend(out, key);
        put_drawing(out, &timeline, bands);
        put_note(out, &timeline);
    }
    arena_fini(&arena);
    return rc;
}
