#include "report/text.h"

#include "report/human.h"
#include "report/page.h"
#include "report/report_file.h"
#include "report/safe_text.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What fits on a screen; the rest is in the report. */
enum { FAULTS_SHOWN = 20, VIOLATIONS_SHOWN = 3, COLUMNS = 4, WIDTH_MAX = 44 };

/* --- a table of four columns, as wide as they need be --- */

struct row {
    struct strbuf cells[COLUMNS];
    const char *state;
};

static void make_row(struct row *row, const struct results_fault *fault)
{
    *row = (struct row){.state = fault->injected_ns < 0 ? "  not done  "
                                 : fault->proven        ? "  proven    "
                                                        : "  not seen  "};
    human_put_moment(&row->cells[0], fault->injected_ns, 1);
    bool ended = fault->injected_ns >= 0 && fault->healed_ns >= fault->injected_ns;
    human_put_duration(&row->cells[1], ended ? fault->healed_ns - fault->injected_ns : -1);
    safe_puts_terminal(&row->cells[2], fault->fault, 0);
    strbuf_putc(&row->cells[2], ' ');
    safe_puts_terminal(&row->cells[2], fault->description, 0);
    safe_puts_terminal(&row->cells[3], fault->error[0] ? fault->error : fault->evidence, 0);
    if (fault->client_operations_overlapping >= 0) {
        strbuf_puts(&row->cells[3], row->cells[3].length > 0 ? "; " : "");
        human_put_counted(&row->cells[3], fault->client_operations_overlapping, "operation");
    }
}

static size_t cell_width(const struct strbuf *cell)
{
    return cell->text ? safe_length(cell->text) : 0;
}

static void pad(struct strbuf *out, size_t from, size_t to)
{
    for (; from < to; from++)
        strbuf_putc(out, ' ');
}

static void put_row(struct strbuf *out, const struct row *row, const size_t width[COLUMNS])
{
    strbuf_puts(out, row->state);
    for (int c = 0; c < COLUMNS; c++) {
        size_t used = cell_width(&row->cells[c]);
        if (c < 2) /* numbers are aligned on the right */
            pad(out, used, width[c]);
        strbuf_puts(out, row->cells[c].text ? row->cells[c].text : "");
        if (c == 2)
            pad(out, used, width[c]);
        strbuf_puts(out, c + 1 < COLUMNS ? "  " : "\n");
    }
}

static void put_faults(struct strbuf *out, const struct results *results)
{
    struct row rows[FAULTS_SHOWN];
    size_t width[COLUMNS] = {0}, count = 0;
    struct results_fault_totals totals = results_count_faults(results, NULL);
    if (results->fault_count == 0)
        return;
    strbuf_printf(out, "faults: %lld of %lld proven (when, how long, what, what was seen)\n",
                  (long long)totals.proven, (long long)totals.injected);
    for (size_t i = 0; i < results->fault_count && count < FAULTS_SHOWN; i++) {
        make_row(&rows[count], &results->faults[i]);
        for (int c = 0; c < COLUMNS; c++) {
            size_t used = cell_width(&rows[count].cells[c]);
            if (used > width[c] && used <= WIDTH_MAX) /* longer ones stand out, and only they */
                width[c] = used;
        }
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        put_row(out, &rows[i], width);
        for (int c = 0; c < COLUMNS; c++)
            strbuf_fini(&rows[i].cells[c]);
    }
    if (results->fault_count > count)
        strbuf_printf(out, "  ... and %zu more\n", results->fault_count - count);
}

/* --- the rest --- */

static void put_operations(struct strbuf *out, const struct results *results)
{
    if (results->invoked < 0)
        return;
    strbuf_puts(out, "operations: ");
    human_put_count(out, results->invoked);
    strbuf_puts(out, ", of which ");
    human_put_count(out, results->ok);
    strbuf_puts(out, " ok, ");
    human_put_count(out, results->fail);
    strbuf_puts(out, " failed, ");
    human_put_count(out, results->info);
    strbuf_puts(out, " of unknown outcome\n");
}

/* Why operations did not succeed. */
static void put_outcomes(struct strbuf *out, const struct results *results)
{
    enum { OUTCOMES_SHOWN = 5 };
    for (size_t i = 0; i < results->outcome_count && i < OUTCOMES_SHOWN; i++) {
        const struct results_outcome *outcome = &results->outcomes[i];
        bool failed = strcmp(outcome->type, "fail") == 0;
        strbuf_puts(out, "  ");
        human_put_count(out, outcome->count);
        strbuf_puts(out, failed ? " failed: " : " unknown: ");
        safe_puts_terminal(out, outcome->error, 0);
        strbuf_putc(out, '\n');
    }
}

static void put_violation(struct strbuf *out, const struct results_key *key)
{
    strbuf_puts(out, "\n");
    if (key->key[0]) {
        strbuf_puts(out, "key ");
        safe_puts_terminal(out, key->key, 0);
        strbuf_puts(out, ": ");
    }
    const char *words = key->explanation[0] ? key->explanation : key->cause;
    safe_puts_terminal(out, words, 1);
    if (!words[0] || words[strlen(words) - 1] != '\n')
        strbuf_putc(out, '\n');
}

static void put_violations(struct strbuf *out, const struct results *results)
{
    const struct results_key *keys[VIOLATIONS_SHOWN];
    size_t count = results_violations(&results->check, keys, VIOLATIONS_SHOWN);
    for (size_t i = 0; i < count && i < VIOLATIONS_SHOWN; i++)
        put_violation(out, keys[i]);
    if (count > VIOLATIONS_SHOWN) {
        strbuf_puts(out, "\n... and ");
        human_put_counted(out, (int64_t)(count - VIOLATIONS_SHOWN), "more key");
        strbuf_puts(out, " with a violation\n");
    }
    if (count > 0)
        strbuf_putc(out, '\n');
}

static void put_verdict(struct strbuf *out, const struct results *results)
{
    const char *sentence = page_sentence(results);
    strbuf_puts(out, outcome_name(results->outcome));
    strbuf_puts(out, ": ");
    safe_puts_terminal(out, sentence[0] ? sentence : outcome_meaning(results->outcome), 0);
    strbuf_putc(out, '\n');
    /* Often the sentence says it already. */
    for (size_t i = 0; i < results->error_count; i++) {
        if (strstr(results->summary, results->errors[i]))
            continue;
        strbuf_puts(out, "  ");
        safe_puts_terminal(out, results->errors[i], 0);
        strbuf_putc(out, '\n');
    }
}

static void put_place(struct strbuf *out, const char *run_dir)
{
    char path[PATH_MAX];
    const char *dir = realpath(run_dir, path) ? path : run_dir;
    bool has_report = report_file_exists(run_dir, "report.html");
    strbuf_puts(out, has_report ? "report: " : "folder: ");
    safe_puts_terminal(out, dir, 0);
    strbuf_puts(out, has_report ? "/report.html\n" : "\n");
}

int report_write_text(const char *run_dir, struct strbuf *out, struct errbuf *err)
{
    struct arena arena;
    struct results results;
    struct strbuf text = STRBUF_INIT;
    arena_init(&arena, 0);
    int rc = results_load(run_dir, &arena, &results, err);
    if (rc == 0) {
        put_verdict(&text, &results);
        put_violations(&text, &results);
        put_faults(&text, &results);
        put_operations(&text, &results);
        put_outcomes(&text, &results);
        put_place(&text, run_dir);
        if (strbuf_ok(&text) && strbuf_reserve(out, text.length))
            strbuf_add(out, text.text, text.length);
        else
            rc = errbuf_set(err, ERR_NOMEM, "no memory for the summary of the run");
    }
    strbuf_fini(&text);
    arena_fini(&arena);
    return rc;
}
