/* The result of a check of isolation: the verdict, in a sentence, with all that explains it. */
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "isolation/isolation_run.h"

#include <string.h>

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for what the check found");
}

const char *isolation_keep(struct isolation_run *run, struct strbuf *text)
{
    const char *kept =
        strbuf_ok(text) ? arena_strdup(&run->result->arena, text->text ? text->text : "") : NULL;
    strbuf_fini(text);
    return kept;
}

int isolation_put_levels(struct strbuf *out, level_set levels)
{
    int shown = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            strbuf_printf(out, "%s%s", shown++ > 0 ? ", " : "", level_row((enum level)i)->name);
    return shown;
}

/* "LEVEL,LEVEL" */
static void put_held(struct strbuf *out, const struct isolation_result *found)
{
    level_set strongest = levels_strongest(found->held & found->asked);
    if (found->asked == LEVELS_OF_AWDIT && strongest == level_bit(LEVEL_MONOTONIC_ATOMIC_VIEW)) {
        strbuf_puts(out, "read-committed");
        return;
    }
    for (int i = 0, shown = 0; i < LEVEL_COUNT; i++)
        if (strongest >> i & 1)
            strbuf_printf(out, "%s%s", shown++ > 0 ? "," : "", level_row((enum level)i)->name);
    strbuf_puts(out, strongest ? "" : "none");
}

void isolation_put_strongest(struct strbuf *out, const struct isolation_result *found)
{
    level_set decided = (found->held | found->refuted) & found->asked;
    level_set open = levels_strongest(found->asked & ~decided);
    if (!decided)
        return;
    put_held(out, found);
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (open >> i & 1)
            strbuf_printf(out, " %s?", level_row((enum level)i)->name);
}

/* --- the verdict --- */

level_set isolation_with_verdict(const struct isolation_run *run, enum verdict verdict)
{
    level_set levels = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((run->asked >> i & 1) && run->found->levels[i].verdict == verdict)
            levels |= level_bit((enum level)i);
    return levels;
}

/* Levels of which the history shows too little, however long one looks. */
static level_set of_silence(const struct isolation_run *run)
{
    level_set levels = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (run->found->levels[i].is_silent)
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
    level_set unknown = isolation_with_verdict(run, VERDICT_UNKNOWN);
    bool any_invalid = isolation_with_verdict(run, VERDICT_INVALID) != 0;
    bool any_valid = isolation_with_verdict(run, VERDICT_VALID) != 0;
    if (!run->isolation->strongest)
        return any_invalid ? VERDICT_INVALID : unknown ? VERDICT_UNKNOWN : VERDICT_VALID;
    /* That the history says nothing of one level is no reason to doubt the others. */
    bool is_cut_short = (unknown & ~of_silence(run)) != 0;
    return is_cut_short  ? VERDICT_UNKNOWN
           : any_valid   ? VERDICT_VALID
           : any_invalid ? VERDICT_INVALID
                         : VERDICT_UNKNOWN;
}

/* The one to show: of the weakest level that does not hold. */
static const struct isolation_level_result *find_blamed(const struct isolation_run *run,
                                                        level_set levels)
{
    level_set weakest = levels_weakest(levels & isolation_with_verdict(run, VERDICT_INVALID));
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (weakest >> i & 1)
            return &run->found->levels[run->found->levels[i].follows_from];
    return NULL;
}

/* --- the sentence --- */

/* A variant of a cycle that was found without sessions and times, too. */
static bool is_variant(anomaly_set found, int anomaly)
{
    int plain = anomaly - (anomaly - ANOMALY_G0) % 3;
    return anomaly_is_cycle((enum anomaly)anomaly) && plain != anomaly && (found >> plain & 1);
}

/* "; also found: lost-update, G-single": all but what the sentence began with. */
static void put_others(struct strbuf *out, const struct isolation_run *run)
{
    enum { NAMES_MAX = 5 };
    const struct anomalies *anomalies = &run->found->anomalies;
    const struct isolation_level_result *blamed = find_blamed(run, run->asked);
    anomaly_set blame =
        blamed->evidence.anomaly < ANOMALY_COUNT ? anomaly_bit(blamed->evidence.anomaly) : 0;
    int shown = 0;
    for (int i = 0; i < ANOMALY_COUNT; i++) {
        bool is_other =
            anomalies->kinds[i].count > 0 && !(blame >> i & 1) && !is_variant(anomalies->found, i);
        if (is_other && shown++ < NAMES_MAX)
            strbuf_printf(out, "%s%s", shown == 1 ? "; also found: " : ", ",
                          anomaly_name((enum anomaly)i));
    }
    if (shown > NAMES_MAX)
        strbuf_printf(out, " and %d more", shown - NAMES_MAX);
}

static void put_why(struct strbuf *out, const struct isolation_run *run,
                    const struct isolation_level_result *blamed)
{
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
    return isolation_keep(run, &text);
}

/* Why levels are unknown. */
static const char *find_why(const struct isolation_run *run)
{
    level_set open = isolation_with_verdict(run, VERDICT_UNKNOWN);
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((open >> i & 1) && run->found->levels[i].why)
            return run->found->levels[i].why;
    return "the search came to no end";
}

static void put_unknown(struct strbuf *out, const struct isolation_run *run)
{
    level_set valid = isolation_with_verdict(run, VERDICT_VALID);
    if (valid) {
        int count = isolation_put_levels(out, levels_strongest(valid));
        strbuf_puts(out, count == 1 ? " holds; " : " hold; ");
    }
    isolation_put_levels(out, isolation_with_verdict(run, VERDICT_UNKNOWN));
    strbuf_printf(out, " may or may not hold: %s", find_why(run));
}

static void put_strongest(struct strbuf *out, const struct isolation_run *run)
{
    level_set held = levels_strongest(isolation_with_verdict(run, VERDICT_VALID));
    level_set refuted = levels_weakest(isolation_with_verdict(run, VERDICT_INVALID));
    level_set open = levels_strongest(isolation_with_verdict(run, VERDICT_UNKNOWN));
    int count = isolation_put_levels(out, held);
    strbuf_puts(out, count == 0 ? "" : count == 1 ? " holds" : " hold");
    if (refuted) {
        strbuf_puts(out, held ? "; " : "");
        count = isolation_put_levels(out, refuted);
        strbuf_puts(out, count == 1 ? " does not" : " do not");
        strbuf_puts(out, held ? "" : " hold");
    }
    if (open) {
        strbuf_puts(out, held || refuted ? "; " : "");
        isolation_put_levels(out, open);
        strbuf_printf(out, " may or may not hold: %s", find_why(run));
    }
}

static const char *make_summary(struct isolation_run *run)
{
    enum verdict verdict = run->result->verdict;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s: ", verdict_name(verdict));
    if (run->cause) {
        strbuf_puts(&text, run->cause);
    } else if (verdict == VERDICT_VACUOUS) {
        strbuf_puts(&text, "no transaction succeeded, so nothing was tested");
    } else if (run->isolation->strongest) {
        put_strongest(&text, run);
    } else if (verdict == VERDICT_UNKNOWN) {
        put_unknown(&text, run);
    } else if (verdict == VERDICT_INVALID) {
        strbuf_puts(&text, run->result->keys[0].cause);
        put_others(&text, run);
    } else {
        strbuf_printf(&text, "%u transaction%s, ", run->object.count,
                      run->object.count == 1 ? "" : "s");
        int count = isolation_put_levels(&text, run->asked);
        strbuf_puts(&text, count == 1 ? " holds" : " hold");
    }
    if (run->txns.ignored_reads > 0)
        strbuf_printf(&text, "; reads of what nobody wrote (%u) say nothing",
                      run->txns.ignored_reads);
    check_put_truncation(&text, run->all);
    return isolation_keep(run, &text);
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
    return isolation_keep(run, &text);
}

/* --- all together --- */

/* Whether all that was asked holds, and nothing odd was found. */
static bool result_is_plain(const struct isolation_run *run)
{
    return run->result->verdict == VERDICT_VALID && !run->isolation->strongest &&
           !run->found->anomalies.found;
}

static const char *make_explanation(struct isolation_run *run)
{
    struct strbuf text = STRBUF_INIT;
    isolation_explain(&text, run);
    return isolation_keep(run, &text);
}

static int tell_details(struct isolation_run *run, struct check_key *key, struct errbuf *err)
{
    struct strbuf json = STRBUF_INIT;
    const struct isolation_level_result *blamed = find_blamed(run, run->asked);
    int rc = blamed ? isolation_set_witness(run, &blamed->evidence, key, err) : 0;
    bool is_plain = result_is_plain(run), needs_all = !run->isolation->is_for_words_only;
    if (rc == 0 && needs_all)
        rc = isolation_make_pictures(run, key, err);
    key->explanation = is_plain ? NULL : make_explanation(run);
    if (needs_all) {
        isolation_put_json(&json, run);
        run->result->details_json = isolation_keep(run, &json);
    }
    bool has_all = !needs_all || run->result->details_json;
    return rc == 0 && (!has_all || (!is_plain && !key->explanation)) ? no_memory(err) : rc;
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
