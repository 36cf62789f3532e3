#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"

#include <string.h>

static bool is_first_of_kind(const struct results *results, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(results->faults[j].fault, results->faults[i].fault) == 0)
            return false;
    return true;
}

static void put_kind(struct strbuf *out, const struct results *results, const char *fault)
{
    struct results_fault_totals totals = results_count_faults(results, fault);
    strbuf_printf(out,
                  "<div><b>%lld of %lld</b><span class=\"name\"><span class=\"swatch "
                  "k%u\"></span> ",
                  (long long)totals.proven, (long long)totals.injected, bands_colour(fault));
    safe_puts_html_cut(out, fault, 40);
    strbuf_puts(out, " proven</span></div>\n");
}

static void put_proven(struct strbuf *out, const struct results_fault *fault)
{
    if (fault->injected_ns < 0)
        strbuf_puts(out, "<td class=\"w no\">not injected</td>");
    else if (fault->proven)
        strbuf_puts(out, "<td class=\"w yes\">\xe2\x9c\x93 proven</td>");
    else
        strbuf_puts(out, "<td class=\"w no\">\xe2\x9c\x97 not seen</td>");
}

static void put_evidence(struct strbuf *out, const struct results_fault *fault)
{
    strbuf_puts(out, "<td>");
    safe_puts_html_cut(out, fault->evidence, 500);
    if (fault->error[0]) {
        strbuf_puts(out, fault->evidence[0] ? "<br/>" : "");
        strbuf_puts(out, "<span class=\"err\">");
        safe_puts_html_cut(out, fault->error, 500);
        strbuf_puts(out, "</span>");
    }
    strbuf_puts(out, "</td>");
}

static void put_row(struct strbuf *out, const struct results_fault *fault)
{
    strbuf_puts(out, "<tr class=\"fault\"><td class=\"n\">");
    human_put_moment(out, fault->injected_ns, 1);
    strbuf_puts(out, "</td><td class=\"n\">");
    if (fault->injected_ns >= 0 && fault->healed_ns < 0)
        strbuf_puts(out, "never healed");
    else
        human_put_duration(out,
                           fault->injected_ns < 0 ? -1 : fault->healed_ns - fault->injected_ns);
    strbuf_printf(out, "</td><td class=\"w\"><span class=\"swatch k%u\"></span> ",
                  bands_colour(fault->fault));
    safe_puts_html_cut(out, fault->fault, 40);
    strbuf_puts(out, "</td>");
    page_put_text_cell(out, fault->description[0] ? fault->description : fault->nodes);
    put_evidence(out, fault);
    page_put_count_cell(out, fault->client_operations_overlapping);
    put_proven(out, fault);
    strbuf_puts(out, "</tr>\n");
}

static void put_table(struct strbuf *out, const struct results *results)
{
    page_open_details(out, results->fault_count, "fault");
    strbuf_puts(out,
                "<div class=\"table\"><table><thead><tr><th class=\"n\">from</th><th "
                "class=\"n\">lasted</th><th>fault</th><th>what was done</th><th>what was seen"
                "</th><th class=\"n\">operations during it</th><th></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < results->fault_count && i < PAGE_ROWS_MAX; i++)
        put_row(out, &results->faults[i]);
    strbuf_puts(out, "</tbody></table></div>\n");
    page_close_details(out, results->fault_count, "results.json");
}

void page_put_faults(struct strbuf *out, const struct run_data *run)
{
    const struct results *results = &run->results;
    strbuf_puts(out, "<section id=\"faults\"><h2>What was done to the cluster, and proven</h2>\n");
    if (results->fault_count == 0) {
        strbuf_puts(out, "<p>No fault was injected.</p></section>\n");
        return;
    }
    strbuf_puts(out, "<p class=\"lead\">A fault is proven when its effect was seen on the nodes "
                     "while it lasted, not when the command that makes it succeeded.</p>\n"
                     "<div class=\"tiles\">\n");
    for (size_t i = 0; i < results->fault_count; i++)
        if (is_first_of_kind(results, i))
            put_kind(out, results, results->faults[i].fault);
    strbuf_puts(out, "</div>\n");
    put_table(out, results);
    strbuf_puts(out, "</section>\n");
}
