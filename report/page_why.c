/* The explanation of a violation beside its picture, in four lines. */
#include "report/page.h"

#include "report/human.h"
#include "report/safe_text.h"
#include "report/timeline.h"

enum { WHY_VALUES_MAX = 32, WHY_VALUE_CHARS = 120, WHY_FAULTS_MAX = 8 };

static void open_line(struct strbuf *out, const char *name)
{
    strbuf_printf(out, "<dt>%s</dt><dd>", name);
}

static void close_line(struct strbuf *out)
{
    strbuf_puts(out, "</dd>\n");
}

static void put_values(struct strbuf *out, const char *const *values, size_t count,
                       const char *joint)
{
    for (size_t i = 0; i < count && i < WHY_VALUES_MAX; i++) {
        strbuf_puts(out, i == 0 ? "<code>" : i + 1 == count ? " or <code>" : ", <code>");
        safe_puts_html_cut(out, values[i], WHY_VALUE_CHARS);
        strbuf_puts(out, "</code>");
    }
    if (count > WHY_VALUES_MAX) {
        strbuf_puts(out, joint);
        human_put_count(out, (int64_t)(count - WHY_VALUES_MAX));
        strbuf_puts(out, " more");
    }
}

/* --- the operation --- */

static void put_label(struct strbuf *out, const struct operation_words *words)
{
    struct strbuf label = STRBUF_INIT;
    timeline_put_label(&label, words);
    strbuf_puts(out, "<b><code>");
    safe_puts_html_cut(out, strbuf_ok(&label) ? label.text : "", WHY_VALUE_CHARS);
    strbuf_puts(out, "</code></b>");
    strbuf_fini(&label);
}

static void put_failing(struct strbuf *out, const struct run_data *run,
                        const struct client_operation *failing)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct operation_words words = {.operation = failing};
    if (run_data_read_words(run, &words, 1, &arena, NULL) == 0) {
        open_line(out, "Cannot be placed");
        put_label(out, &words);
        strbuf_printf(out, " of process %d", failing->process);
        if (failing->invoke_ns >= 0) {
            strbuf_puts(out, ", invoked at ");
            human_put_moment(out, failing->invoke_ns, 6);
        }
        strbuf_printf(out, " (event %u of the history)", failing->invoke_index);
        close_line(out);
    }
    arena_fini(&arena);
}

static void put_possible(struct strbuf *out, const struct results_key *key)
{
    if (!key->possible_is_known)
        return;
    open_line(out, "Could have returned");
    if (key->possible_count == 0)
        strbuf_puts(out, "nothing at all");
    put_values(out, key->possible, key->possible_count, " and ");
    strbuf_puts(out, key->possible_count > 0 ? ", and nothing else" : "");
    close_line(out);
}

static void put_states(struct strbuf *out, const struct results_key *key)
{
    if (key->state_count == 0)
        return;
    open_line(out, "The object could be");
    put_values(out, key->states, key->state_count, " or ");
    strbuf_puts(out, " when it completed");
    close_line(out);
}

/* --- the faults --- */

static struct run_span span_of(const struct run_data *run, const struct results_key *key,
                               const struct client_operation *failing)
{
    struct run_span span = {INT64_MAX, -1};
    for (size_t i = 0; i < key->witness_count; i++) {
        const struct client_operation *at =
            failing ? failing : client_operations_find(&run->operations, key->witness[i]);
        if (!at || at->invoke_ns < 0)
            continue;
        int64_t end = at->complete_ns < 0 ? at->invoke_ns : at->complete_ns;
        span.begin_ns = at->invoke_ns < span.begin_ns ? at->invoke_ns : span.begin_ns;
        span.end_ns = end > span.end_ns ? end : span.end_ns;
    }
    return span;
}

static bool was_active(const struct results_fault *fault, struct run_span span)
{
    return fault->injected_ns >= 0 && fault->injected_ns <= span.end_ns &&
           (fault->healed_ns < 0 || fault->healed_ns >= span.begin_ns);
}

static void put_fault(struct strbuf *out, const struct results_fault *fault)
{
    strbuf_printf(out, "<div class=\"active\"><span class=\"swatch k%u\"></span> ",
                  bands_colour(fault->fault));
    safe_puts_html_cut(out, fault->fault, 40);
    const char *what = fault->description[0] ? fault->description : fault->nodes;
    if (what[0]) {
        strbuf_puts(out, " (");
        safe_puts_html_cut(out, what, 200);
        strbuf_putc(out, ')');
    }
    strbuf_puts(out, ", since ");
    human_put_moment(out, fault->injected_ns, 1);
    strbuf_puts(out, fault->proven             ? ", proven</div>"
                     : fault->is_only_recorded ? "</div>"
                                               : ", whose effect was not seen</div>");
}

static void put_faults(struct strbuf *out, const struct results *results, struct run_span span,
                       bool one)
{
    size_t active = 0;
    open_line(out, one ? "Faults meanwhile" : "Faults during all of it");
    for (size_t i = 0; i < results->fault_count; i++)
        if (was_active(&results->faults[i], span) && active++ < WHY_FAULTS_MAX)
            put_fault(out, &results->faults[i]);
    if (active == 0)
        strbuf_puts(out, "none was active");
    if (active > WHY_FAULTS_MAX)
        strbuf_printf(out, "and %zu more", active - WHY_FAULTS_MAX);
    close_line(out);
}

void page_put_why(struct strbuf *out, const struct run_data *run, const struct results_key *key)
{
    const struct client_operation *failing =
        key->failing >= 0 && key->failing < OPERATION_OPEN
            ? client_operations_find(&run->operations, (uint32_t)key->failing)
            : NULL;
    struct run_span span = span_of(run, key, failing);
    bool has_faults = run->results.fault_count > 0 && span.end_ns >= 0;
    if (!failing && !key->possible_is_known && key->state_count == 0 && !has_faults)
        return;
    strbuf_puts(out, "<dl class=\"why\">");
    if (failing)
        put_failing(out, run, failing);
    put_possible(out, key);
    put_states(out, key);
    if (has_faults)
        put_faults(out, &run->results, span, failing != NULL);
    strbuf_puts(out, "</dl>\n");
}
