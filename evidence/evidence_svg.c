/* A cycle drawn: transactions as boxes around an ellipse, steps as arrows between them, bent
 * outwards so that two between the same boxes do not hide one another. Steps that only lead to a
 * lemma are thin and dashed, those of a case dotted. Below stands what the arrows say. */
#include "evidence/evidence_explain.h"

#include "core/strbuf.h"
#include "evidence/evidence_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHAR_WIDTH = 7, /* of the text, rounded up */
    LINE_HEIGHT = 16,
    BOX_PADDING = 10,
    COLUMNS_MAX = 46, /* of a line in a box */
    LINES_MAX = 9,
    MARGIN = 46, /* for arrows and labels outside of the boxes */
    NODES_MAX = 40,
    BEND = 36, /* how far an arrow leaves the straight line */
    LEGEND_WIDTH = 440,
};

struct point {
    double x, y;
};

struct box {
    struct point centre;
    double width, height;
    struct strbuf text; /* lines */
};

struct drawing {
    struct strbuf *out;
    const struct evidence_cast *cast;
    struct box *boxes; /* one for each of the cast */
    struct point centre;
    double width, height;
};

/* --- text --- */

static void put_escaped(struct strbuf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<')
            strbuf_puts(out, "&lt;");
        else if (c == '>')
            strbuf_puts(out, "&gt;");
        else if (c == '&')
            strbuf_puts(out, "&amp;");
        else if (c == '"')
            strbuf_puts(out, "&quot;");
        else
            strbuf_putc(out, c < ' ' ? ' ' : (char)c);
    }
}

/* Text of others may be no UTF-8, or cut within a character. */
static void put_text(struct strbuf *out, const char *text, size_t length)
{
    while (length > 0 && !utf8_is_valid(text, length))
        length--;
    put_escaped(out, text, length);
}

/* The box's lines: micro-operations, as many on each as there is room for. */
static void fill_box(struct box *box, const struct transactions *all, uint32_t txn)
{
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    size_t column = 0, lines = 1, widest = 14;
    for (struct micro_op op; micro_ops_next(&cursor, &op);) {
        struct strbuf one = STRBUF_INIT;
        evidence_put_micro(&one, all, &op);
        size_t length = one.length > COLUMNS_MAX ? COLUMNS_MAX : one.length;
        if (column > 0 && column + 1 + length > COLUMNS_MAX) {
            column = 0;
            lines++;
            strbuf_putc(&box->text, '\n');
        }
        if (lines > LINES_MAX) {
            strbuf_printf(&box->text, "and %u more", cursor.left + 1);
            strbuf_fini(&one);
            break;
        }
        strbuf_puts(&box->text, column > 0 ? " " : "");
        strbuf_add(&box->text, one.text ? one.text : "", one.length > length ? length - 2 : length);
        strbuf_puts(&box->text, one.length > length ? ".." : "");
        column += length + (column > 0);
        widest = column > widest ? column : widest;
        box->text.failed |= one.failed;
        strbuf_fini(&one);
    }
    box->width = (double)widest * CHAR_WIDTH + 2 * BOX_PADDING;
    box->height = ((double)lines + 1) * LINE_HEIGHT + 2 * BOX_PADDING;
}

/* --- where everything is --- */

static void place_boxes(struct drawing *drawing, uint32_t count)
{
    double width = 0, height = 0;
    for (uint32_t i = 0; i < count; i++) {
        width = fmax(width, drawing->boxes[i].width);
        height = fmax(height, drawing->boxes[i].height);
    }
    /* Neighbours are a box and a label apart, side by side as well as one above the other. */
    double around = 2 * M_PI / count;
    double rx = count == 2 ? width / 2 + 80 : (width + 150) / (2 * sin(around / 2)) * 0.8;
    double ry = count == 2 ? 0 : (height + 100) / (2 * sin(around / 2));
    drawing->centre =
        (struct point){MARGIN + width / 2 + rx, MARGIN + height / 2 + ry + (count == 2 ? 30 : 0)};
    for (uint32_t i = 0; i < count; i++) {
        double angle = i * around - (count == 2 ? M_PI : M_PI / 2);
        drawing->boxes[i].centre = (struct point){drawing->centre.x + rx * cos(angle),
                                                  drawing->centre.y + ry * sin(angle)};
    }
    drawing->width = fmax(2 * drawing->centre.x, LEGEND_WIDTH);
    drawing->height = count == 2 ? 2 * drawing->centre.y : 0;
    for (uint32_t i = 0; i < count; i++)
        drawing->height = fmax(drawing->height,
                               drawing->boxes[i].centre.y + drawing->boxes[i].height / 2 + MARGIN);
}

/* Where the line from the box's centre to a point leaves the box. */
static struct point leave_box(const struct box *box, struct point to)
{
    double dx = to.x - box->centre.x, dy = to.y - box->centre.y;
    double by_width = dx != 0 ? box->width / 2 / fabs(dx) : INFINITY;
    double by_height = dy != 0 ? box->height / 2 / fabs(dy) : INFINITY;
    double scale = fmin(fmin(by_width, by_height), 1);
    return (struct point){box->centre.x + dx * scale, box->centre.y + dy * scale};
}

/* Neighbours are joined around the outside, others through the middle; each arrow keeps to the left
 * of its own direction, so that one there and one back do not meet. */
static struct point control_point(struct point from, struct point to, double bend)
{
    double dx = to.x - from.x, dy = to.y - from.y, length = hypot(dx, dy);
    if (length == 0)
        return from;
    return (struct point){(from.x + to.x) / 2 + dy / length * bend,
                          (from.y + to.y) / 2 - dx / length * bend};
}

/* --- drawing --- */

static void put_box(const struct drawing *drawing, uint32_t i)
{
    const struct box *box = &drawing->boxes[i];
    double left = box->centre.x - box->width / 2, top = box->centre.y - box->height / 2;
    const struct operation *op = txn_operation(drawing->cast->all, drawing->cast->txns[i]);
    struct strbuf *out = drawing->out;
    strbuf_printf(out,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\" "
                  "fill=\"#f8fafc\" stroke=\"#475569\"/>\n",
                  left, top, box->width, box->height);
    double y = top + BOX_PADDING + LINE_HEIGHT - 4;
    strbuf_printf(out,
                  "<text x=\"%.1f\" y=\"%.1f\" fill=\"#0f172a\" font-weight=\"bold\">T%u<tspan "
                  "fill=\"#64748b\" font-weight=\"normal\"> process %d</tspan></text>\n",
                  left + BOX_PADDING, y, i + 1, op->process);
    const char *at = box->text.text ? box->text.text : "";
    while (*at) {
        size_t length = strcspn(at, "\n");
        y += LINE_HEIGHT;
        strbuf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" fill=\"#0f172a\">", left + BOX_PADDING, y);
        put_text(out, at, length);
        strbuf_puts(out, "</text>\n");
        at += length + (at[length] == '\n');
    }
}

static void put_head(const struct drawing *drawing, struct point tip, struct point from,
                     const char *colour)
{
    enum { LENGTH = 10, HALF_WIDTH = 4 };
    double dx = tip.x - from.x, dy = tip.y - from.y, length = hypot(dx, dy);
    if (length == 0)
        return;
    dx /= length;
    dy /= length;
    strbuf_printf(drawing->out, "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\" fill=\"%s\"/>\n",
                  tip.x, tip.y, tip.x - LENGTH * dx + HALF_WIDTH * dy,
                  tip.y - LENGTH * dy - HALF_WIDTH * dx, tip.x - LENGTH * dx - HALF_WIDTH * dy,
                  tip.y - LENGTH * dy + HALF_WIDTH * dx, colour);
}

static void put_label(const struct drawing *drawing, struct point at, uint32_t index,
                      const char *colour)
{
    struct strbuf label = STRBUF_INIT;
    evidence_put_step_label(&label, drawing->cast->all, drawing->cast->evidence, index);
    drawing->out->failed |= label.failed;
    size_t length = label.length > COLUMNS_MAX ? COLUMNS_MAX : label.length;
    double width = (double)length * CHAR_WIDTH + 8;
    strbuf_printf(drawing->out,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" rx=\"4\" "
                  "fill=\"#ffffff\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" "
                  "fill=\"%s\">",
                  at.x - width / 2, at.y - 9, width, at.x, at.y + 4, colour);
    put_text(drawing->out, label.text ? label.text : "", length);
    strbuf_puts(drawing->out, "</text>\n");
    strbuf_fini(&label);
}

static void put_arrow(const struct drawing *drawing, uint32_t i)
{
    const struct evidence *evidence = drawing->cast->evidence;
    const struct step *step = &evidence->steps[i];
    const struct box *from = &drawing->boxes[evidence_cast_find(drawing->cast, step->from) - 1];
    const struct box *to = &drawing->boxes[evidence_cast_find(drawing->cast, step->to) - 1];
    bool is_premise = i < evidence->cycle;
    const char *dashes = !is_premise ? ""
                         : evidence_step_case(evidence, i) != CASE_NONE
                             ? " stroke-dasharray=\"1 4\""
                             : " stroke-dasharray=\"5 4\"";
    const char *colour = step_kind_colour((enum step_kind)step->kind);
    double bend = drawing->cast->count == 2 ? BEND + from->height / 2 : BEND;
    struct point control = control_point(from->centre, to->centre, is_premise ? -bend / 2 : bend);
    struct point start = leave_box(from, control), end = leave_box(to, control);
    strbuf_printf(drawing->out,
                  "<path d=\"M%.1f %.1f Q%.1f %.1f %.1f %.1f\" fill=\"none\" stroke=\"%s\" "
                  "stroke-width=\"%s\"%s/>\n",
                  start.x, start.y, control.x, control.y, end.x, end.y, colour,
                  is_premise ? "1" : "2", dashes);
    put_head(drawing, end, control, colour);
    struct point middle = {(start.x + 2 * control.x + end.x) / 4,
                           (start.y + 2 * control.y + end.y) / 4};
    put_label(drawing, middle, i, colour);
}

/* --- what the arrows say --- */

enum { KINDS = STEP_REALTIME + 1, LEMMAS = KINDS, CASES, LEGEND_ROWS };

/* Which rows of the legend a picture needs, one bit each. */
static unsigned find_legend(const struct evidence *evidence)
{
    unsigned rows = evidence->lemma_count > 0 ? 1u << LEMMAS : 0;
    for (uint32_t i = 0; i < evidence->step_count; i++)
        rows |= 1u << evidence->steps[i].kind;
    for (uint32_t i = 0; i < evidence->lemma_count; i++)
        rows |= evidence->lemmas[i].kind == LEMMA_SUPPOSED ? 1u << CASES : 0;
    return rows;
}

static void put_legend(const struct drawing *drawing, unsigned rows, double y)
{
    static const char *const texts[LEGEND_ROWS] = {
        [STEP_WW] = "A to B: B wrote the key after A did",
        [STEP_WR] = "A to B: B saw what A wrote to the key",
        [STEP_RW] = "A to B: A did not see what B wrote to the key",
        [STEP_SESSION] = "A to B: one process did A and then B",
        [STEP_REALTIME] = "A to B: A was over before B began",
        [LEMMAS] = "such a number: this follows from the dashed arrows",
        [CASES] = "such a case was supposed, and cannot be: dotted arrows",
    };
    for (unsigned i = 0; i < LEGEND_ROWS; i++) {
        if (!(rows >> i & 1))
            continue;
        strbuf_printf(drawing->out,
                      "<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>"
                      "<text x=\"%d\" y=\"%.1f\" fill=\"#64748b\">%s</text>\n",
                      BOX_PADDING, y, i < KINDS ? step_kind_colour((enum step_kind)i) : "#0f172a",
                      i < KINDS     ? step_kind_name((enum step_kind)i)
                      : i == LEMMAS ? "(1)"
                                    : "case 1",
                      BOX_PADDING + 10 * CHAR_WIDTH, y, texts[i]);
        y += LINE_HEIGHT;
    }
}

static void draw(struct drawing *drawing)
{
    const struct evidence_cast *cast = drawing->cast;
    for (uint32_t i = 0; i < cast->count; i++) {
        fill_box(&drawing->boxes[i], cast->all, cast->txns[i]);
        drawing->out->failed |= drawing->boxes[i].text.failed;
    }
    place_boxes(drawing, cast->count);
    unsigned legend = find_legend(cast->evidence);
    double below = drawing->height;
    for (unsigned rows = legend; rows; rows &= rows - 1)
        drawing->height += LINE_HEIGHT;
    strbuf_printf(drawing->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\" font-size=\"11.5\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
                  drawing->width, drawing->height, drawing->width, drawing->height);
    for (uint32_t i = 0; i < cast->count; i++)
        put_box(drawing, i);
    for (uint32_t i = 0; i < cast->evidence->step_count; i++)
        put_arrow(drawing, i);
    put_legend(drawing, legend, below);
    strbuf_puts(drawing->out, "</svg>\n");
    for (uint32_t i = 0; i < cast->count; i++)
        strbuf_fini(&drawing->boxes[i].text);
}

void evidence_put_svg(struct strbuf *out, const struct transactions *all,
                      const struct evidence *evidence)
{
    struct evidence_cast cast;
    if (evidence->kind != EVIDENCE_CYCLE)
        return;
    if (!evidence_cast_init(&cast, all, evidence)) {
        out->failed = true;
        return;
    }
    struct drawing drawing = {.out = out, .cast = &cast};
    if (cast.count <= NODES_MAX) {
        drawing.boxes = calloc(cast.count, sizeof *drawing.boxes);
        out->failed |= !drawing.boxes;
        if (drawing.boxes)
            draw(&drawing);
    }
    free(drawing.boxes);
    evidence_cast_fini(&cast);
}
