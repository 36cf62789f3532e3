/* Pieces that several sections use. */
#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

void page_put_badge(struct strbuf *out, enum outcome outcome, bool large)
{
    strbuf_printf(out, "<span class=\"badge %s%s\">%s</span>", outcome_name(outcome),
                  large ? " large" : "", outcome_name(outcome));
}

const char *page_sentence(const struct results *results)
{
    const char *name = outcome_name(results->outcome);
    size_t length = strlen(name);
    if (strncmp(results->summary, name, length) == 0 && results->summary[length] == ':')
        return results->summary + length + 1 + strspn(results->summary + length + 1, " ");
    return results->summary;
}

void page_put_count_cell(struct strbuf *out, int64_t count)
{
    strbuf_puts(out, "<td class=\"n\">");
    if (count < 0)
        strbuf_puts(out, "\xe2\x80\x93");
    else
        human_put_count(out, count);
    strbuf_puts(out, "</td>");
}

void page_put_duration_cell(struct strbuf *out, int64_t duration_ns)
{
    strbuf_puts(out, "<td class=\"n\">");
    human_put_duration(out, duration_ns);
    strbuf_puts(out, "</td>");
}

void page_put_text_cell(struct strbuf *out, const char *text)
{
    strbuf_puts(out, "<td>");
    safe_puts_html_cut(out, text, 1000);
    strbuf_puts(out, "</td>");
}

void page_open_details(struct strbuf *out, size_t rows, const char *noun)
{
    strbuf_puts(out,
                rows > PAGE_ROWS_OPEN ? "<details><summary>" : "<details open=\"open\"><summary>");
    human_put_counted(out, (int64_t)rows, noun);
    strbuf_puts(out, "</summary>\n");
}

void page_close_details(struct strbuf *out, size_t rows, const char *where)
{
    if (rows > PAGE_ROWS_MAX) {
        strbuf_puts(out, "<p class=\"note\">");
        human_put_count(out, (int64_t)(rows - PAGE_ROWS_MAX));
        strbuf_printf(out, " more are in %s.</p>\n", where);
    }
    strbuf_puts(out, "</details>\n");
}
