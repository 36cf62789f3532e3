#include "report/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double char_width = 6.7; /* of a label: monospace at 11 units */
static const double label_gap = 10, label_indent = 4;
static const double gap_least = 9, gap_most = 46, gap_idle = 74;
static const double bar_least = 10, end_margin = 46;

/* Time that is this many times longer than usual between two events is left out. */
enum { IDLE_FACTOR = 40 };

/* --- rows --- */

static int compare_processes(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static bool make_rows(struct timeline *timeline, struct arena *arena)
{
    int32_t *all = arena_alloc(arena, timeline->count * sizeof *all);
    if (!all)
        return false;
    for (size_t i = 0; i < timeline->count; i++)
        all[i] = timeline->ops[i].words.operation->process;
    qsort(all, timeline->count, sizeof *all, compare_processes);
    for (size_t i = 0; i < timeline->count; i++)
        if (i == 0 || all[i] != all[timeline->row_count - 1])
            all[timeline->row_count++] = all[i];
    timeline->processes = all;
    for (size_t i = 0; i < timeline->count; i++)
        while (all[timeline->ops[i].row] != timeline->ops[i].words.operation->process)
            timeline->ops[i].row++;
    return true;
}

/* --- stops --- */

static int compare_stops(const void *a, const void *b)
{
    uint32_t left = ((const struct timeline_stop *)a)->index;
    uint32_t right = ((const struct timeline_stop *)b)->index;
    return (left > right) - (left < right);
}

static bool make_stops(struct timeline *timeline, struct arena *arena)
{
    timeline->stops = arena_zalloc(arena, 2 * timeline->count, sizeof *timeline->stops);
    if (!timeline->stops)
        return false;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct client_operation *at = timeline->ops[i].words.operation;
        timeline->stops[timeline->stop_count++] = (struct timeline_stop){
            .index = at->invoke_index, .op = (uint32_t)i, .time_ns = at->invoke_ns};
        if (!operation_is_open(at))
            timeline->stops[timeline->stop_count++] =
                (struct timeline_stop){.index = at->complete_index,
                                       .op = (uint32_t)i,
                                       .is_end = true,
                                       .time_ns = at->complete_ns};
    }
    qsort(timeline->stops, timeline->stop_count, sizeof *timeline->stops, compare_stops);
    return true;
}

static int64_t gap_before(const struct timeline *timeline, size_t i)
{
    const struct timeline_stop *stop = &timeline->stops[i];
    if (i == 0 || stop->time_ns < 0 || stop[-1].time_ns < 0 || stop->time_ns < stop[-1].time_ns)
        return 0;
    return stop->time_ns - stop[-1].time_ns;
}

static int compare_gaps(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The median gap between events, at least a microsecond. */
static int64_t usual_gap(const struct timeline *timeline, struct arena *arena)
{
    int64_t *gaps = arena_alloc(arena, timeline->stop_count * sizeof *gaps);
    if (!gaps)
        return 1000;
    for (size_t i = 0; i < timeline->stop_count; i++)
        gaps[i] = gap_before(timeline, i);
    qsort(gaps, timeline->stop_count, sizeof *gaps, compare_gaps);
    int64_t median = gaps[timeline->stop_count / 2];
    return median > 1000 ? median : 1000;
}

/* --- places --- */

static double label_width(const struct timeline_op *op)
{
    return char_width * (double)op->label_chars;
}

static void place_label(struct timeline_op *op)
{
    bool fits = op->x_end - op->x_begin >= label_width(op) + 2 * label_indent;
    op->x_label = (fits ? op->x_begin : op->x_end) + label_indent;
}

/* An operation begins behind the label before it in its row. */
static double place_stop(struct timeline_stop *stop, struct timeline_op *op, double x,
                         double *row_free)
{
    if (stop->is_end) {
        op->x_end = stop->x = fmax(x, op->x_begin + bar_least);
        place_label(op);
    } else {
        op->x_begin = op->x_end = stop->x = fmax(x, *row_free);
        op->x_label = op->x_begin + label_indent;
    }
    *row_free = fmax(op->x_end, op->x_label + label_width(op)) + label_gap;
    return stop->x;
}

/* One pass from left to right: each event as far from the last one as their times say. */
static bool place_stops(struct timeline *timeline, struct arena *arena)
{
    double *row_free = arena_zalloc(arena, timeline->row_count, sizeof *row_free);
    if (!row_free)
        return false;
    int64_t usual = usual_gap(timeline, arena);
    double x = timeline->left + gap_least;
    for (size_t i = 0; i < timeline->stop_count; i++) {
        struct timeline_stop *stop = &timeline->stops[i];
        struct timeline_op *op = &timeline->ops[stop->op];
        int64_t gap = gap_before(timeline, i);
        bool idle = gap / IDLE_FACTOR > usual;
        double wide = gap_least + 8 * log2(1 + (double)gap / (double)usual);
        stop->idle_ns = idle ? gap : 0;
        if (i > 0)
            x += idle ? gap_idle : fmin(wide, gap_most);
        x = place_stop(stop, op, x, &row_free[op->row]);
    }
    timeline->right = x + end_margin;
    for (size_t row = 0; row < timeline->row_count; row++)
        timeline->right = fmax(timeline->right, row_free[row]);
    return true;
}

void timeline_stretch(struct timeline *timeline, double right)
{
    double width = timeline->right - timeline->left;
    double factor = fmax((right - timeline->left) / width, 1);
    for (size_t i = 0; i < timeline->stop_count; i++)
        timeline->stops[i].x = timeline->left + (timeline->stops[i].x - timeline->left) * factor;
    for (size_t i = 0; i < timeline->count; i++) {
        struct timeline_op *op = &timeline->ops[i];
        op->x_begin = timeline->left + (op->x_begin - timeline->left) * factor;
        op->x_end = timeline->left + (op->x_end - timeline->left) * factor;
        place_label(op);
    }
    timeline->right = timeline->left + width * factor;
}

bool timeline_layout(struct timeline *timeline, double left, struct arena *arena)
{
    timeline->left = left;
    if (!make_rows(timeline, arena) || !make_stops(timeline, arena) ||
        !place_stops(timeline, arena))
        return false;
    for (size_t i = 0; i < timeline->count; i++)
        if (operation_is_open(timeline->ops[i].words.operation))
            timeline->ops[i].x_end = timeline->right;
    return true;
}

double timeline_x(const struct timeline *timeline, int64_t time_ns)
{
    const struct timeline_stop *before = NULL;
    for (size_t i = 0; i < timeline->stop_count; i++) {
        const struct timeline_stop *stop = &timeline->stops[i];
        if (stop->time_ns < 0)
            continue;
        if (stop->time_ns >= time_ns) {
            if (!before || stop->time_ns == before->time_ns)
                return before ? stop->x : timeline->left;
            return before->x + (stop->x - before->x) * (double)(time_ns - before->time_ns) /
                                   (double)(stop->time_ns - before->time_ns);
        }
        before = stop;
    }
    return timeline->right;
}
