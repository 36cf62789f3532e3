/* Anomalies and the cycles behind them. A drawing is shown as an image of its own, so that nothing
 * in it is part of the page. */
#include "report/page.h"

#include "core/base64.h"
#include "core/strbuf.h"
#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

enum { PICTURES_MAX = 200, OF_A_KIND_MAX = 8, WORDS_MAX = 20000 };

static void put_picture(struct strbuf *out, const struct results_picture *picture)
{
    if (picture->svg[0]) {
        strbuf_puts(out, "<p><img class=\"cycle\" alt=\"");
        safe_puts_html_cut(out, picture->title, 80);
        strbuf_puts(out, "\" src=\"data:image/svg+xml;base64,");
        base64_encode(out, picture->svg, strlen(picture->svg));
        strbuf_puts(out, "\"/></p>\n");
    }
    strbuf_puts(out, "<pre>");
    safe_puts_html_cut(out, picture->words, WORDS_MAX);
    strbuf_puts(out, "</pre>\n");
}

static void open_details(struct strbuf *out, const char *title, bool is_large, bool is_open)
{
    strbuf_printf(out, "<details class=\"%spicture\"%s><summary>", is_large ? "large " : "",
                  is_open ? " open=\"open\"" : "");
    safe_puts_html_cut(out, title, 80);
    strbuf_puts(out, "</summary>\n");
}

/* How many from the first on have its name: "G-single" of "G-single, 2 of 7". */
static size_t count_of_kind(const struct results_picture *pictures, size_t count)
{
    size_t length = strcspn(pictures[0].title, ","), same = 1;
    while (same < count && strcspn(pictures[same].title, ",") == length &&
           strncmp(pictures[same].title, pictures[0].title, length) == 0)
        same++;
    return same;
}

/* The first of a kind, and the others folded below it. */
static size_t put_kind(struct strbuf *out, const struct results_picture *pictures, size_t count,
                       bool is_open)
{
    size_t shown = count < OF_A_KIND_MAX ? count : OF_A_KIND_MAX;
    open_details(out, pictures[0].title, true, is_open);
    put_picture(out, &pictures[0]);
    for (size_t i = 1; i < shown; i++) {
        open_details(out, pictures[i].title, false, false);
        put_picture(out, &pictures[i]);
        strbuf_puts(out, "</details>\n");
    }
    strbuf_puts(out, "</details>\n");
    return shown;
}

/* The first kind is open, and the first one that is drawn. */
static void put_kinds(struct strbuf *out, const struct results_key *key)
{
    size_t shown = 0, same;
    bool is_any_drawn = false;
    for (size_t i = 0; i < key->picture_count && shown < PICTURES_MAX; i += same) {
        bool is_first_drawing = key->pictures[i].svg[0] && !is_any_drawn;
        is_any_drawn |= is_first_drawing;
        same = count_of_kind(&key->pictures[i], key->picture_count - i);
        shown += put_kind(out, &key->pictures[i], same, i == 0 || is_first_drawing);
    }
    if (key->picture_count > shown) {
        strbuf_puts(out, "<p>");
        human_put_counted(out, (int64_t)(key->picture_count - shown), "more example");
        strbuf_puts(out, " are not shown here.</p>\n");
    }
}

static void put_key(struct strbuf *out, const struct results_key *key)
{
    /* The words of a violation are shown with it. */
    if (key->verdict != OUTCOME_INVALID && key->explanation[0]) {
        strbuf_puts(out, "<pre>");
        safe_puts_html_cut(out, key->explanation, WORDS_MAX);
        strbuf_puts(out, "</pre>\n");
    }
    put_kinds(out, key);
}

void page_put_pictures(struct strbuf *out, const struct run_data *run)
{
    const struct results_check *check = &run->results.check;
    bool any = false;
    for (size_t i = 0; i < check->key_count; i++) {
        if (check->keys[i].picture_count == 0)
            continue;
        strbuf_puts(out, any ? "" : "<section id=\"anomalies\"><h2>Anomalies</h2>\n");
        any = true;
        put_key(out, &check->keys[i]);
    }
    strbuf_puts(out, any ? "</section>\n" : "");
}
