/* What was found, in lines for people: the levels in a table, the anomalies in another, and why
 * levels do not hold, step by step. */
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "isolation/isolation_run.h"

/* --- tables --- */

static void put_level_line(struct strbuf *out, const struct isolation_run *run, enum level level)
{
    const struct isolation_level_result *result = &run->found->levels[level];
    const struct evidence *evidence = &result->evidence;
    strbuf_printf(out, "  %-34s %s", level_row(level)->name, verdict_name(result->verdict));
    if (result->follows_from != level)
        strbuf_printf(out, ", as is %s", level_row(result->follows_from)->name);
    else if (result->verdict == VERDICT_UNKNOWN && result->why)
        strbuf_printf(out, ": %s", result->why);
    else if (evidence->kind != EVIDENCE_NONE && evidence->anomaly < ANOMALY_COUNT)
        strbuf_printf(out, ": %s", anomaly_name(evidence->anomaly));
    else if (evidence->kind == EVIDENCE_CYCLE)
        strbuf_puts(out, ": a cycle");
    strbuf_putc(out, '\n');
}

/* Of one level the sentence above has told already. */
static void put_level_table(struct strbuf *out, const struct isolation_run *run)
{
    level_set left = run->asked;
    if ((left & (left - 1)) == 0)
        return;
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

/* --- why levels do not hold --- */

static bool steps_are_equal(const struct step *a, const struct step *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (a[i].from != b[i].from || a[i].to != b[i].to || a[i].key != b[i].key ||
            a[i].lemma != b[i].lemma || a[i].kind != b[i].kind)
            return false;
    return true;
}

static bool lemmas_are_equal(const struct lemma *a, const struct lemma *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (a[i].from != b[i].from || a[i].to != b[i].to || a[i].key != b[i].key ||
            a[i].via != b[i].via || a[i].first != b[i].first || a[i].count != b[i].count ||
            a[i].within != b[i].within || a[i].ends != b[i].ends || a[i].kind != b[i].kind)
            return false;
    return true;
}

static bool evidence_is_equal(const struct evidence *a, const struct evidence *b)
{
    if (a->kind != b->kind || a->anomaly != b->anomaly)
        return false;
    if (a->kind == EVIDENCE_CYCLE)
        return a->step_count == b->step_count && a->cycle == b->cycle &&
               a->lemma_count == b->lemma_count &&
               steps_are_equal(a->steps, b->steps, a->step_count) &&
               lemmas_are_equal(a->lemmas, b->lemmas, a->lemma_count);
    for (int i = 0; a->kind == EVIDENCE_MICROS && i < EVIDENCE_MICROS_MAX; i++)
        if (a->txns[i] != b->txns[i] || (a->txns[i] != TXN_NONE && a->micros[i] != b->micros[i]))
            return false;
    return true;
}

const struct evidence *isolation_next_evidence(const struct isolation_run *run, level_set *left,
                                               level_set *refuted)
{
    const struct evidence *first = NULL;
    *refuted = 0;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        if (!(*left >> i & 1))
            continue;
        const struct isolation_level_result *blamed =
            &run->found->levels[run->found->levels[i].follows_from];
        if (first && !evidence_is_equal(first, &blamed->evidence))
            continue;
        first = first ? first : &blamed->evidence;
        *refuted |= level_bit((enum level)i);
    }
    *left &= ~*refuted;
    return first;
}

/* What those levels are, for who never heard of them. */
static void put_promises(struct strbuf *out, level_set levels)
{
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            strbuf_printf(out, "%s promises: %s.\n", level_row((enum level)i)->name,
                          level_promise((enum level)i));
}

static void put_evidence(struct strbuf *out, const struct isolation_run *run,
                         const struct evidence *evidence, level_set refuted)
{
    strbuf_putc(out, '\n');
    put_promises(out, refuted);
    int count = isolation_put_levels(out, refuted);
    strbuf_puts(out, count == 1 ? " does not hold: " : " do not hold: ");
    if (evidence->anomaly == ANOMALY_COUNT)
        strbuf_printf(out, "a cycle of orders that %s\n",
                      count == 1 ? "it demands" : "each of them demands");
    evidence_put_words(out, &run->txns, evidence);
}

/* Each evidence once, for all of the weakest levels that it refutes. Returns the anomalies shown.
 */
static anomaly_set put_all_evidence(struct strbuf *out, const struct isolation_run *run)
{
    level_set left = levels_weakest(isolation_with_verdict(run, VERDICT_INVALID)), refuted;
    anomaly_set shown = 0;
    while (left) {
        const struct evidence *evidence = isolation_next_evidence(run, &left, &refuted);
        put_evidence(out, run, evidence, refuted);
        if (evidence->anomaly < ANOMALY_COUNT)
            shown |= anomaly_bit(evidence->anomaly);
    }
    return shown;
}

/* --- what else was found --- */

static const struct evidence *find_shortest(const struct anomalies_of_kind *kind)
{
    const struct evidence *shortest = &kind->examples[0];
    for (uint32_t i = 1; i < kind->example_count; i++)
        if (kind->examples[i].step_count - kind->examples[i].cycle <
            shortest->step_count - shortest->cycle)
            shortest = &kind->examples[i];
    return shortest;
}

/* A shortest cycle of each kind that was not shown yet, if the user wants examples. */
static void put_further_cycles(struct strbuf *out, const struct isolation_run *run,
                               anomaly_set shown)
{
    for (int i = 0; i < ANOMALY_COUNT; i++) {
        const struct anomalies_of_kind *kind = &run->found->anomalies.kinds[i];
        if ((shown >> i & 1) || !anomaly_is_cycle((enum anomaly)i) || kind->example_count == 0)
            continue;
        if (run->isolation->examples_max == 0) {
            run->found->untold |= anomaly_bit((enum anomaly)i);
            continue;
        }
        strbuf_puts(out, "\nAlso found: ");
        evidence_put_words(out, &run->txns, find_shortest(kind));
    }
}

void isolation_explain(struct strbuf *out, struct isolation_run *run)
{
    put_level_table(out, run);
    put_anomaly_table(out, run);
    put_further_cycles(out, run, put_all_evidence(out, run));
}
