/* Anomalies and the cycles behind them. A drawing is shown as an image of its own, so that nothing
 * in it is part of the page. */
#include "report/page.h"

#include "core/base64.h"
#include "core/strbuf.h"
#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

enum { PICTURES_MAX = 60, PICTURES_OPEN = 2, WORDS_MAX = 20000 };

static void put_picture(struct strbuf *out, const struct results_picture *picture, bool is_open)
{
    strbuf_printf(out, "<details class=\"large picture\"%s><summary>",
                  is_open ? " open=\"open\"" : "");
    safe_puts_html_cut(out, picture->title, 80);
    strbuf_puts(out, "</summary>\n");
    if (picture->svg[0]) {
        strbuf_puts(out, "<p><img class=\"cycle\" alt=\"");
        safe_puts_html_cut(out, picture->title, 80);
        strbuf_puts(out, "\" src=\"data:image/svg+xml;base64,");
        base64_encode(out, picture->svg, strlen(picture->svg));
        strbuf_puts(out, "\"/></p>\n");
    }
    strbuf_puts(out, "<pre>");
    safe_puts_html_cut(out, picture->words, WORDS_MAX);
    strbuf_puts(out, "</pre></details>\n");
}

static void put_key(struct strbuf *out, const struct results_key *key)
{
    /* The words of a violation are shown with it. */
    if (key->verdict != OUTCOME_INVALID && key->explanation[0]) {
        strbuf_puts(out, "<pre>");
        safe_puts_html_cut(out, key->explanation, WORDS_MAX);
        strbuf_puts(out, "</pre>\n");
    }
    for (size_t i = 0; i < key->picture_count && i < PICTURES_MAX; i++)
        put_picture(out, &key->pictures[i], i < PICTURES_OPEN);
    if (key->picture_count > PICTURES_MAX) {
        strbuf_puts(out, "<p>");
        human_put_counted(out, (int64_t)(key->picture_count - PICTURES_MAX), "more example");
        strbuf_puts(out, " are not shown here.</p>\n");
    }
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
