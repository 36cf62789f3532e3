/* The result of a check of isolation for people: the verdict in a sentence, the levels in a table,
 * the evidence in words and pictures. */
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "isolation/isolation_run.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for what the check found");
}

/* NULL without memory. */
static const char *keep(struct isolation_run *run, struct strbuf *text)
{
    const char *kept =
        strbuf_ok(text) ? arena_strdup(&run->result->arena, text->text ? text->text : "") : NULL;
    strbuf_fini(text);
    return kept;
}

/* Returns how many. */
static int put_levels(struct strbuf *out, level_set levels)
{
    int shown = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            strbuf_printf(out, "%s%s", shown++ > 0 ? ", " : "", level_row((enum level)i)->name);
    return shown;
}

void isolation_put_strongest(struct strbuf *out, const struct isolation_result *found)
{
    level_set strongest = levels_strongest(found->held & found->asked);
    if (found->asked == LEVELS_OF_AWDIT && strongest == level_bit(LEVEL_MONOTONIC_ATOMIC_VIEW))
        strbuf_puts(out, "read-committed");
    else
        for (int i = 0, shown = 0; i < LEVEL_COUNT; i++)
            if (strongest >> i & 1)
                strbuf_printf(out, "%s%s", shown++ > 0 ? "," : "", level_row((enum level)i)->name);
    strbuf_puts(out, strongest ? "" : "none");
}

/* --- the verdict --- */

static level_set with_verdict(const struct isolation_run *run, enum verdict verdict)
{
    level_set levels = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((run->asked >> i & 1) && run->found->levels[i].verdict == verdict)
            levels |= level_bit((enum level)i);
    return levels;
}

static enum verdict conclude(const struct isolation_run *run)
{
    if (run->cause)
        return VERDICT_UNKNOWN;
    if (run->object.ok == 0)
        return run->object.failed > 0 && run->options->semantics.failures_are_tests
                   ? VERDICT_VALID
                   : VERDICT_VACUOUS;
    level_set unknown = with_verdict(run, VERDICT_UNKNOWN);
    /* Whether replicas agreed at the end only those can tell who read then: that nobody did is no
     * reason to doubt the other levels. */
    if (run->isolation->strongest && run->asked != level_bit(LEVEL_EVENTUAL))
        unknown &= ~level_bit(LEVEL_EVENTUAL);
    bool any_unknown = unknown != 0;
    bool any_invalid = with_verdict(run, VERDICT_INVALID) != 0;
    bool any_valid = with_verdict(run, VERDICT_VALID) != 0;
    if (!run->isolation->strongest)
        return any_invalid ? VERDICT_INVALID : any_unknown ? VERDICT_UNKNOWN : VERDICT_VALID;
    return any_unknown ? VERDICT_UNKNOWN : any_valid ? VERDICT_VALID : VERDICT_INVALID;
}

/* The one to show: of the weakest level that does not hold. */
static const struct isolation_level_result *find_blamed(const struct isolation_run *run,
                                                        level_set levels)
{
    level_set weakest = levels_weakest(levels & with_verdict(run, VERDICT_INVALID));
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (weakest >> i & 1)
            return &run->found->levels[run->found->levels[i].follows_from];
    return NULL;
}

/* --- the sentence --- */

static void put_anomaly_counts(struct strbuf *out, const struct isolation_run *run)
{
    const struct anomalies *anomalies = &run->found->anomalies;
    for (int i = 0, shown = 0; i < ANOMALY_COUNT; i++)
        if (anomalies->kinds[i].count > 0)
            strbuf_printf(out, "%s%s (%llu)", shown++ > 0 ? ", " : "",
                          anomaly_name((enum anomaly)i),
                          (unsigned long long)anomalies->kinds[i].count);
}

static void put_why(struct strbuf *out, const struct isolation_run *run,
                    const struct isolation_level_result *blamed)
{
    if (blamed->evidence.kind == EVIDENCE_NONE) {
        strbuf_puts(out, "no order of the transactions allows it");
        return;
    }
    if (blamed->evidence.anomaly < ANOMALY_COUNT)
        strbuf_printf(out, "%s: ", anomaly_name(blamed->evidence.anomaly));
    evidence_put_sentence(out, &run->txns, &blamed->evidence);
}

static const char *make_cause(struct isolation_run *run)
{
    struct strbuf text = STRBUF_INIT;
    const struct isolation_level_result *blamed = find_blamed(run, run->asked);
    strbuf_printf(&text, "%s does not hold: ", level_row(blamed->level)->name);
    put_why(&text, run, blamed);
    return keep(run, &text);
}

static void put_unknown(struct strbuf *out, const struct isolation_run *run)
{
    level_set open = with_verdict(run, VERDICT_UNKNOWN);
    if (run->cause) {
        strbuf_puts(out, run->cause);
        return;
    }
    if (with_verdict(run, VERDICT_VALID)) {
        int count = put_levels(out, levels_strongest(with_verdict(run, VERDICT_VALID)));
        strbuf_puts(out, count == 1 ? " holds; " : " hold; ");
    }
    put_levels(out, open);
    strbuf_puts(out, " may or may not hold: ");
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((open >> i & 1) && run->found->levels[i].why) {
            strbuf_puts(out, run->found->levels[i].why);
            return;
        }
    strbuf_puts(out, "the search came to no end");
}

static void put_strongest(struct strbuf *out, const struct isolation_run *run)
{
    level_set held = levels_strongest(with_verdict(run, VERDICT_VALID));
    level_set refuted = levels_weakest(with_verdict(run, VERDICT_INVALID));
    int count = put_levels(out, held);
    strbuf_puts(out, count == 0 ? "no level holds" : count == 1 ? " holds" : " hold");
    if (refuted) {
        strbuf_puts(out, "; ");
        count = put_levels(out, refuted);
        strbuf_puts(out, count == 1 ? " does not" : " do not");
    }
}

static const char *make_summary(struct isolation_run *run)
{
    enum verdict verdict = run->result->verdict;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s: ", verdict_name(verdict));
    if (verdict == VERDICT_UNKNOWN) {
        put_unknown(&text, run);
    } else if (verdict == VERDICT_VACUOUS) {
        strbuf_puts(&text, "no transaction succeeded, so nothing was tested");
    } else if (run->isolation->strongest) {
        put_strongest(&text, run);
    } else if (verdict == VERDICT_INVALID) {
        strbuf_puts(&text, run->result->keys[0].cause);
        if (run->found->anomalies.found)
            strbuf_puts(&text, "; found ");
        put_anomaly_counts(&text, run);
    } else {
        strbuf_printf(&text, "%u transactions, ", run->object.count);
        int count = put_levels(&text, run->asked);
        strbuf_puts(&text, count == 1 ? " holds" : " hold");
    }
    if (run->txns.ignored_reads > 0)
        strbuf_printf(&text, "; reads of what nobody wrote (%u) say nothing",
                      run->txns.ignored_reads);
    if (run->all->truncated)
        strbuf_puts(&text, "; the history's last event is cut short and was left out");
    return keep(run, &text);
}

static const char *make_algorithm(struct isolation_run *run)
{
    struct strbuf text = STRBUF_INIT;
    const char *used[LEVEL_COUNT];
    int count = 0;
    for (int i = 0; i < LEVEL_COUNT && !run->cause; i++) {
        const char *name = run->found->levels[i].algorithm;
        bool is_new = name != NULL && run->found->levels[i].is_asked;
        for (int k = 0; is_new && k < count; k++)
            is_new = strcmp(used[k], name) != 0;
        if (is_new)
            used[count++] = name;
    }
    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "%s%s", i > 0 ? ", " : "", used[i]);
    strbuf_puts(&text, count == 0 ? "no algorithm came to an end" : "");
    return keep(run, &text);
}

/* --- the explanation --- */

static void put_level_line(struct strbuf *out, const struct isolation_run *run, enum level level)
{
    const struct isolation_level_result *result = &run->found->levels[level];
    strbuf_printf(out, "  %-34s %-8s", level_row(level)->name, verdict_name(result->verdict));
    if (result->follows_from != level)
        strbuf_printf(out, " from %s", level_row(result->follows_from)->name);
    else if (result->verdict == VERDICT_UNKNOWN && result->why)
        strbuf_printf(out, " %s", result->why);
    else if (result->evidence.kind != EVIDENCE_NONE && result->evidence.anomaly < ANOMALY_COUNT)
        strbuf_printf(out, " %s", anomaly_name(result->evidence.anomaly));
    strbuf_putc(out, '\n');
}

static void put_level_table(struct strbuf *out, const struct isolation_run *run)
{
    level_set left = run->asked;
    strbuf_puts(out, "Levels:\n");
    while (left) {
        level_set next = levels_strongest(left);
        for (int i = 0; i < LEVEL_COUNT; i++)
            if (next >> i & 1)
                put_level_line(out, run, (enum level)i);
        left &= ~next;
    }
}

static void put_anomaly_table(struct strbuf *out, const struct isolation_run *run)
{
    const struct anomalies *anomalies = &run->found->anomalies;
    if (!anomalies->found)
        return;
    strbuf_puts(out, "Anomalies:\n");
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (anomalies->kinds[i].count > 0)
            strbuf_printf(out, "  %-24s %8llu  %s\n", anomaly_name((enum anomaly)i),
                          (unsigned long long)anomalies->kinds[i].count,
                          anomaly_doc((enum anomaly)i));
}

/* The words for every weakest level that does not hold. */
static void put_evidence(struct strbuf *out, const struct isolation_run *run)
{
    level_set weakest = levels_weakest(with_verdict(run, VERDICT_INVALID)), told = 0;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        if (!(weakest >> i & 1))
            continue;
        const struct isolation_level_result *blamed =
            &run->found->levels[run->found->levels[i].follows_from];
        if (told >> blamed->level & 1)
            continue;
        told |= level_bit(blamed->level);
        strbuf_printf(out, "\n%s does not hold: ", level_row(blamed->level)->name);
        if (blamed->evidence.kind == EVIDENCE_NONE)
            strbuf_puts(out, "no order of the transactions allows it.\n");
        else if (blamed->evidence.anomaly == ANOMALY_COUNT)
            strbuf_putc(out, '\n');
        if (blamed->evidence.kind != EVIDENCE_NONE)
            evidence_put_words(out, &run->txns, &blamed->evidence);
    }
}

static const char *make_explanation(struct isolation_run *run)
{
    struct strbuf text = STRBUF_INIT;
    put_level_table(&text, run);
    put_anomaly_table(&text, run);
    put_evidence(&text, run);
    return keep(run, &text);
}

/* --- the witness --- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int set_witness(struct isolation_run *run, const struct evidence *evidence,
                       struct check_key *key, struct errbuf *err)
{
    size_t most = EVIDENCE_MICROS_MAX + (size_t)evidence->step_count;
    struct arena *arena = &run->result->arena;
    uint32_t *events = arena_alloc(arena, most * sizeof *events);
    struct operation *ops = arena_alloc(arena, most * sizeof *ops);
    uint32_t *txns = arena_alloc(arena, most * sizeof *txns), count = 0, kept = 0;
    if (!events || !ops || !txns)
        return no_memory(err);
    for (int i = 0; evidence->kind == EVIDENCE_MICROS && i < EVIDENCE_MICROS_MAX; i++)
        if (evidence->txns[i] != TXN_NONE)
            txns[count++] = evidence->txns[i];
    for (uint32_t i = 0; evidence->kind == EVIDENCE_CYCLE && i < evidence->step_count; i++)
        txns[count++] = evidence->steps[i].from;
    qsort(txns, count, sizeof *txns, compare_numbers);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && txns[i] == txns[i - 1])
            continue;
        ops[kept] = *txn_operation(&run->txns, txns[i]);
        events[kept] = (uint32_t)operations_index(run->all, ops[kept].invoke);
        kept++;
    }
    key->witness = events;
    key->witness_ops = ops;
    key->witness_count = kept;
    key->failing = UINT32_MAX;
    return 0;
}

/* --- pictures --- */

struct gallery {
    struct isolation_run *run;
    struct check_picture *pictures;
    const char **dots;
    uint32_t count;
};

static int add_picture(struct gallery *gallery, const char *title, const struct evidence *evidence,
                       struct errbuf *err)
{
    struct isolation_run *run = gallery->run;
    struct strbuf words = STRBUF_INIT, svg = STRBUF_INIT, dot = STRBUF_INIT;
    evidence_put_words(&words, &run->txns, evidence);
    evidence_put_svg(&svg, &run->txns, evidence);
    evidence_put_dot(&dot, &run->txns, evidence);
    bool is_drawn = svg.length > 0, has_dot = dot.length > 0;
    struct check_picture picture = {.title = title, .words = keep(run, &words)};
    const char *drawn = keep(run, &svg), *graph = keep(run, &dot);
    if (!title || !picture.words || !drawn || !graph)
        return no_memory(err);
    picture.svg = is_drawn ? drawn : NULL;
    gallery->dots[gallery->count] = has_dot ? graph : NULL;
    gallery->pictures[gallery->count++] = picture;
    return 0;
}

static int add_examples(struct gallery *gallery, enum anomaly anomaly, struct errbuf *err)
{
    const struct anomalies_of_kind *kind = &gallery->run->found->anomalies.kinds[anomaly];
    int rc = 0;
    for (uint32_t i = 0; i < kind->example_count && rc == 0; i++) {
        const char *title =
            arena_printf(&gallery->run->result->arena, "%s, %u of %llu", anomaly_name(anomaly),
                         i + 1, (unsigned long long)kind->count);
        rc = add_picture(gallery, title, &kind->examples[i], err);
    }
    return rc;
}

/* Why levels do not hold, and then the examples of the anomalies. */
static int make_pictures(struct isolation_run *run, struct check_key *key, struct errbuf *err)
{
    size_t most = LEVEL_COUNT;
    struct arena *arena = &run->result->arena;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        most += run->found->anomalies.kinds[i].example_count;
    struct gallery gallery = {.run = run,
                              .pictures = arena_alloc(arena, most * sizeof *gallery.pictures),
                              .dots = arena_alloc(arena, most * sizeof *gallery.dots)};
    int rc = gallery.pictures && gallery.dots ? 0 : no_memory(err);
    level_set weakest = levels_weakest(with_verdict(run, VERDICT_INVALID));
    for (int i = 0; i < LEVEL_COUNT && rc == 0; i++) {
        const struct isolation_level_result *result = &run->found->levels[i];
        bool is_example = result->evidence.anomaly < ANOMALY_COUNT &&
                          run->found->anomalies.kinds[result->evidence.anomaly].example_count > 0;
        if ((weakest >> i & 1) && result->evidence.kind != EVIDENCE_NONE && !is_example)
            rc = add_picture(&gallery,
                             arena_printf(arena, "why not %s", level_row((enum level)i)->name),
                             &result->evidence, err);
    }
    for (int i = 0; i < ANOMALY_COUNT && rc == 0; i++)
        rc = add_examples(&gallery, (enum anomaly)i, err);
    key->pictures = gallery.pictures;
    key->picture_count = gallery.count;
    run->found->dots = gallery.dots;
    return rc;
}

/* --- all together --- */

/* Whether all that was asked holds, and nothing odd was found. */
static bool result_is_plain(const struct isolation_run *run)
{
    return run->result->verdict == VERDICT_VALID && !run->isolation->strongest &&
           !run->found->anomalies.found;
}

static int tell_details(struct isolation_run *run, struct check_key *key, struct errbuf *err)
{
    struct strbuf json = STRBUF_INIT;
    const struct isolation_level_result *blamed = find_blamed(run, run->asked);
    int rc = blamed ? set_witness(run, &blamed->evidence, key, err) : 0;
    if (rc == 0)
        rc = make_pictures(run, key, err);
    bool is_plain = result_is_plain(run);
    key->explanation = is_plain ? NULL : make_explanation(run);
    isolation_put_json(&json, run);
    run->result->details_json = keep(run, &json);
    if (rc == 0 && ((!is_plain && !key->explanation) || !run->result->details_json))
        rc = no_memory(err);
    return rc;
}

int isolation_tell(struct isolation_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    struct check_key *key = arena_zalloc(&result->arena, 1, sizeof *key);
    if (!key)
        return no_memory(err);
    result->verdict = conclude(run);
    *key = (struct check_key){.verdict = result->verdict,
                              .operations = run->object.count,
                              .ok = run->object.ok,
                              .failed = run->object.failed,
                              .crashed = run->object.crashed,
                              .proven_until_ns = -1,
                              .cause = run->cause,
                              .failing = UINT32_MAX};
    result->keys = key;
    result->key_count = 1;
    bool is_examined = !run->cause && run->object.ok > 0;
    if (is_examined && find_blamed(run, run->asked) && !(key->cause = make_cause(run)))
        return no_memory(err);
    int rc = is_examined ? tell_details(run, key, err) : 0;
    result->summary = make_summary(run);
    result->algorithm = make_algorithm(run);
    key->algorithm = result->algorithm;
    return rc == 0 && (!result->summary || !result->algorithm) ? no_memory(err) : rc;
}
