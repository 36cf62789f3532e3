#include "report/bands.h"

#include "report/human.h"
#include "report/safe_text.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

static const double char_width = 5.3; /* of a strip's label, in units of the drawing */
static const double strip_height = 14;

static const char *const known_kinds[] = {"partition", "kill", "pause", "clock"};

enum { KNOWN_KINDS = sizeof known_kinds / sizeof known_kinds[0], OTHER_COLOURS = 4 };

uint32_t bands_colour(const char *fault)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < KNOWN_KINDS; i++)
        if (strcmp(fault, known_kinds[i]) == 0)
            return i;
    for (const char *c = fault; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    return KNOWN_KINDS + sum % OTHER_COLOURS;
}

static int compare_begin(const void *a, const void *b)
{
    const struct band *left = a, *right = b;
    if (left->begin_ns != right->begin_ns)
        return left->begin_ns < right->begin_ns ? -1 : 1;
    return (left->fault > right->fault) - (left->fault < right->fault);
}

/* The first lane that is free; the last one when all are taken. */
static void assign_lanes(struct bands *bands)
{
    int64_t busy_until[BAND_LANES_MAX] = {0};
    bands->lanes = 1;
    for (size_t i = 0; i < bands->count; i++) {
        struct band *band = &bands->items[i];
        uint32_t lane = 0;
        while (lane + 1 < BAND_LANES_MAX && busy_until[lane] > band->begin_ns)
            lane++;
        if (band->end_ns > busy_until[lane])
            busy_until[lane] = band->end_ns;
        band->lane = lane;
        if (lane + 1 > bands->lanes)
            bands->lanes = lane + 1;
    }
}

bool bands_make(const struct results *results, int64_t end_ns, struct arena *arena,
                struct bands *out)
{
    *out = (struct bands){.lanes = 1};
    out->items = arena_zalloc(arena, results->fault_count, sizeof *out->items);
    if (!out->items)
        return false;
    for (size_t i = 0; i < results->fault_count; i++) {
        const struct results_fault *fault = &results->faults[i];
        if (fault->injected_ns < 0)
            continue;
        int64_t end = fault->healed_ns >= fault->injected_ns ? fault->healed_ns : end_ns;
        out->items[out->count++] =
            (struct band){.fault = fault,
                          .begin_ns = fault->injected_ns,
                          .end_ns = end > fault->injected_ns ? end : fault->injected_ns,
                          .colour = bands_colour(fault->fault)};
    }
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, compare_begin);
    if (out->count > BANDS_MAX) {
        out->left_out = out->count - BANDS_MAX;
        out->count = BANDS_MAX;
    }
    assign_lanes(out);
    return true;
}

/* --- drawing --- */

static void put_title(struct strbuf *out, const struct band *band)
{
    const struct results_fault *fault = band->fault;
    strbuf_puts(out, "<title>");
    safe_puts_html_cut(out, fault->fault, 40);
    strbuf_putc(out, ' ');
    safe_puts_html_cut(out, fault->description, 300);
    strbuf_puts(out, "\n");
    human_put_moment(out, fault->injected_ns, 2);
    strbuf_puts(out, " to ");
    human_put_moment(out, fault->healed_ns, 2);
    strbuf_puts(out, "\n");
    safe_puts_html_cut(out, fault->evidence, 500);
    strbuf_puts(out, "</title>");
}

/* The kind and whom it hit, cut, or the kind, or nothing: as there is room. */
static void put_label(struct strbuf *out, const struct band *band, double x, double y, double width)
{
    enum { KIND_LEAST = 3, DESCRIPTION_LEAST = 8 };
    size_t room = width > 5 ? (size_t)((width - 5) / char_width) : 0;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, band->fault->fault);
    if (band->fault->description[0] && room >= safe_length(band->fault->fault) + DESCRIPTION_LEAST)
        strbuf_printf(&text, " %s", band->fault->description);
    if (strbuf_ok(&text) && room >= KIND_LEAST) {
        strbuf_printf(out, "<text class=\"strip-label\" x=\"%.1f\" y=\"%.1f\">", x + 4, y + 10.5);
        safe_puts_html_cut(out, text.text, room);
        strbuf_puts(out, "</text>");
    }
    strbuf_fini(&text);
}

static void put_band(struct strbuf *out, const struct band *band, const struct band_scale *scale)
{
    double x = scale->x(scale->context, band->begin_ns);
    double width = scale->x(scale->context, band->end_ns) - x;
    double y = scale->top - BAND_LANE_HEIGHT * (double)(band->lane + 1);
    if (width < 1.5)
        width = 1.5;
    strbuf_printf(out, "<g class=\"band k%u\">", band->colour);
    put_title(out, band);
    strbuf_printf(out,
                  "<rect class=\"shade\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
                  "<rect class=\"strip\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" "
                  "rx=\"2\"/>",
                  x, scale->top, width, scale->bottom - scale->top, x, y, width, strip_height);
    put_label(out, band, x, y, width);
    strbuf_puts(out, "</g>\n");
}

void bands_put(struct strbuf *out, const struct bands *bands, const struct band_scale *scale,
               int64_t begin_ns, int64_t end_ns)
{
    for (size_t i = 0; i < bands->count; i++)
        if (bands->items[i].begin_ns <= end_ns && bands->items[i].end_ns >= begin_ns)
            put_band(out, &bands->items[i], scale);
}

static bool is_first_of_kind(const struct bands *bands, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(bands->items[j].fault->fault, bands->items[i].fault->fault) == 0)
            return false;
    return true;
}

void bands_put_legend(struct strbuf *out, const struct bands *bands)
{
    for (size_t i = 0; i < bands->count; i++) {
        if (!is_first_of_kind(bands, i))
            continue;
        strbuf_printf(out, "<li><span class=\"swatch k%u\"></span>", bands->items[i].colour);
        safe_puts_html(out, bands->items[i].fault->fault);
        strbuf_puts(out, "</li>");
    }
}
