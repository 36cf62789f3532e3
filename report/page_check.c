/* What the check found: violations with their timelines, the table of keys, the model's findings.
 */
#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"
#include "report/timeline.h"

#include <string.h>

enum { EXPLANATION_MAX = 20000 };

/* --- violations --- */

static void put_key_name(struct strbuf *out, const struct results_key *key, const char *before)
{
    if (!key->key[0])
        return;
    strbuf_printf(out, "%s<code>", before);
    safe_puts_html_cut(out, key->key, 80);
    strbuf_puts(out, "</code>");
}

static int put_finding(struct strbuf *out, const struct run_data *run,
                       const struct results_key *key, const struct bands *bands, struct errbuf *err)
{
    if (key->cause[0]) {
        strbuf_puts(out, "<p>");
        safe_puts_html_cut(out, key->cause, 1000);
        strbuf_puts(out, ".</p>\n");
    }
    page_put_why(out, run, key);
    int rc = timeline_put(out, run, key, bands, err);
    if (rc == 0 && key->explanation[0]) {
        strbuf_puts(out, "<h3>In words</h3><pre>");
        safe_puts_html_cut(out, key->explanation, EXPLANATION_MAX);
        strbuf_puts(out, "</pre>\n");
    }
    return rc;
}

/* The first one is open, the others are folded. */
static int put_violation(struct strbuf *out, const struct run_data *run,
                         const struct results_key *key, bool first, const struct bands *bands,
                         struct errbuf *err)
{
    strbuf_printf(out,
                  "<section class=\"violation\"><details class=\"large\"%s><summary>The violation",
                  first ? " open=\"open\"" : "");
    put_key_name(out, key, " of key ");
    strbuf_puts(out, "</summary>\n");
    int rc = put_finding(out, run, key, bands, err);
    strbuf_puts(out, "</details></section>\n");
    return rc;
}

static void put_more_violations(struct strbuf *out, size_t count, const char *where)
{
    if (count <= PAGE_VIOLATIONS_MAX)
        return;
    strbuf_puts(out, "<section class=\"more\"><p>");
    human_put_counted(out, (int64_t)count - PAGE_VIOLATIONS_MAX, "more key");
    strbuf_puts(out, " with a violation: see the table of keys below, and ");
    strbuf_puts(out, where);
    strbuf_puts(out, ".</p></section>\n");
}

int page_put_violations(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                        struct errbuf *err)
{
    const struct results_key *keys[PAGE_VIOLATIONS_MAX];
    size_t count = results_violations(&run->results.check, keys, PAGE_VIOLATIONS_MAX);
    int rc = 0;
    for (size_t i = 0; i < count && i < PAGE_VIOLATIONS_MAX && rc == 0; i++)
        rc = put_violation(out, run, keys[i], i == 0, bands, err);
    put_more_violations(out, count, run->where);
    return rc;
}

/* --- the table of keys --- */

static void put_remark(struct strbuf *out, const struct results_key *key)
{
    strbuf_puts(out, "<td>");
    if (key->verdict == OUTCOME_UNKNOWN && key->proven_until_ns >= 0) {
        strbuf_puts(out, "no violation up to ");
        human_put_moment(out, key->proven_until_ns, 1);
        strbuf_puts(out, key->cause[0] ? "; " : "");
    }
    safe_puts_html_cut(out, key->cause, 300);
    strbuf_puts(out, "</td>");
}

static void put_key(struct strbuf *out, const struct results_key *key)
{
    strbuf_puts(out, "<tr class=\"object\"><td>");
    safe_puts_html_cut(out, key->key[0] ? key->key : "all", 80);
    strbuf_puts(out, "</td><td class=\"w\">");
    page_put_badge(out, key->verdict, false);
    strbuf_puts(out, "</td>");
    page_put_count_cell(out, key->operations);
    page_put_count_cell(out, key->ok);
    page_put_count_cell(out, key->failed);
    page_put_count_cell(out, key->crashed);
    page_put_count_cell(out, key->steps);
    page_put_duration_cell(out, key->elapsed_ns);
    put_remark(out, key);
    strbuf_puts(out, "</tr>\n");
}

/* Those that matter come first. */
static void put_keys(struct strbuf *out, const struct results_check *check)
{
    static const enum outcome order[] = {OUTCOME_INVALID, OUTCOME_UNKNOWN, OUTCOME_VACUOUS,
                                         OUTCOME_ERROR, OUTCOME_VALID};
    size_t rows = 0;
    strbuf_puts(out, "<div class=\"table\"><table><thead><tr><th>key</th><th>verdict</th><th "
                     "class=\"n\">operations</th><th class=\"n\">ok</th><th class=\"n\">fail</th>"
                     "<th class=\"n\">unknown</th><th class=\"n\">steps</th><th class=\"n\">time "
                     "to check</th><th></th></tr></thead><tbody>\n");
    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < check->key_count; i++)
            if (check->keys[i].verdict == order[o] && rows++ < PAGE_ROWS_MAX)
                put_key(out, &check->keys[i]);
    strbuf_puts(out, "</tbody></table></div>\n");
}

static void put_totals(struct strbuf *out, const struct results_check *check)
{
    int64_t count[OUTCOME_COUNT] = {0};
    for (size_t i = 0; i < check->key_count; i++)
        count[check->keys[i].verdict]++;
    strbuf_puts(out, "<p>");
    for (int i = 0, shown = 0; i < OUTCOME_COUNT; i++) {
        if (count[i] == 0)
            continue;
        strbuf_puts(out, shown++ > 0 ? ", " : "");
        human_put_count(out, count[i]);
        strbuf_printf(out, " %s", outcome_name((enum outcome)i));
    }
    strbuf_puts(out, "</p>\n");
}

/* --- the model's own findings --- */

static void put_details(struct strbuf *out, const struct results_check *check)
{
    if (check->detail_count == 0)
        return;
    strbuf_puts(
        out, "<h3>Findings of the model</h3><div class=\"table\"><table class=\"slim\"><tbody>\n");
    for (size_t i = 0; i < check->detail_count; i++) {
        const struct results_detail *detail = &check->details[i];
        strbuf_puts(out, "<tr>");
        page_put_text_cell(out, detail->name);
        strbuf_puts(out, "<td>");
        safe_puts_html_cut(out, detail->value[0] ? detail->value : "\xe2\x80\x93", 400);
        strbuf_puts(out, "</td></tr>\n");
    }
    strbuf_puts(out, "</tbody></table></div>\n");
}

void page_put_check(struct strbuf *out, const struct run_data *run)
{
    const struct results_check *check = &run->results.check;
    strbuf_puts(out, "<section id=\"keys\"><h2>What was checked</h2>\n");
    if (!check->present) {
        strbuf_puts(out, "<p>The history was not checked.</p></section>\n");
        return;
    }
    if (check->algorithm[0]) {
        strbuf_puts(out, "<p class=\"lead\">Model ");
        safe_puts_html(out, check->model);
        strbuf_puts(out, "; ");
        safe_puts_html(out, check->algorithm);
        strbuf_puts(out, ".</p>\n");
    }
    if (check->key_count > 1)
        put_totals(out, check);
    if (check->key_count > 0) {
        page_open_details(out, check->key_count, "key");
        put_keys(out, check);
        page_close_details(out, check->key_count, run->where);
    }
    put_details(out, check);
    strbuf_puts(out, "</section>\n");
}
