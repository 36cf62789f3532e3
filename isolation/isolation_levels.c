/* Asks about levels, as few as will tell of all. */
#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/isolation_run.h"

/* A verdict about one level is one about all that it implies, or that imply it; what was said of
 * those while they were open is forgotten. */
static void spread(struct isolation_run *run, enum level level)
{
    struct isolation_level_result *results = run->found->levels;
    enum verdict verdict = results[level].verdict;
    level_set also = verdict == VERDICT_VALID     ? level_implied(level)
                     : verdict == VERDICT_INVALID ? level_refuted(level)
                                                  : 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if ((also >> i & 1) && results[i].verdict == VERDICT_UNKNOWN)
            results[i] = (struct isolation_level_result){.level = (enum level)i,
                                                         .is_asked = results[i].is_asked,
                                                         .verdict = verdict,
                                                         .follows_from = level};
}

/* Under a cap of memory nothing is kept that the level has no use for. */
static void make_room(struct isolation_run *run, enum level level)
{
    level_set users = decider_weak.levels | decider_causal.levels;
    if (run->budget.bytes_max > 0 && !(users >> level & 1))
        shared_committed_release(&run->committed);
}

void isolation_begin_judging(struct isolation_run *run)
{
    enum { GRACE_NS = 500 * 1000 * 1000 };
    run->deadline_ns = run->budget.deadline_ns;
    if (run->deadline_ns > 0 && run->deadline_ns < INT64_MAX - GRACE_NS)
        budget_set_deadline(&run->budget, run->deadline_ns + GRACE_NS);
}

void isolation_end_judging(struct isolation_run *run)
{
    budget_set_deadline(&run->budget, run->deadline_ns);
}

/* Takes back what the judge does not accept. */
static void judge_answer(struct isolation_run *run, struct isolation_level_result *result)
{
    isolation_begin_judging(run);
    bool accepts = evidence_judge_accepts(&run->judge, result->level, &result->evidence);
    isolation_end_judging(run);
    if (accepts)
        return;
    result->verdict = VERDICT_UNKNOWN;
    result->why = run->judge.is_time_over
                      ? "a violation was found, but the time was over before it was re-checked"
                      : "a violation was found, but its re-check did not confirm it";
    result->evidence = (struct evidence){.kind = EVIDENCE_NONE};
}

static int ask(struct isolation_run *run, enum level level, struct errbuf *err)
{
    struct isolation_level_result *result = &run->found->levels[level];
    struct level_question question = {.all = &run->txns,
                                      .graph = &run->graph,
                                      .anomalies = &run->found->anomalies,
                                      .budget = &run->budget,
                                      .arena = &run->result->arena,
                                      .threads = run->options->threads,
                                      .committed = &run->committed};
    struct level_answer answer;
    make_room(run, level_meaning(level));
    int rc = level_check(&question, level_meaning(level), &answer, err);
    if (rc != 0)
        return rc;
    result->verdict = answer.verdict;
    result->algorithm = answer.algorithm;
    result->why = answer.verdict == VERDICT_UNKNOWN ? answer.why : NULL;
    result->is_silent = answer.verdict == VERDICT_UNKNOWN && answer.is_silent;
    result->evidence = answer.evidence;
    if (answer.verdict == VERDICT_INVALID)
        judge_answer(run, result);
    result->is_asked = true;
    spread(run, level);
    return 0;
}

static bool is_open(const struct isolation_run *run, enum level level)
{
    const struct isolation_level_result *result = &run->found->levels[level];
    return result->verdict == VERDICT_UNKNOWN && !result->is_asked;
}

/* Of the levels that are open, those whose number is in the set: the strongest first, as they are
 * likely to hold, and all that is weaker then follows. */
static int ask_all(struct isolation_run *run, level_set levels, struct errbuf *err)
{
    int rc = 0;
    while (levels && rc == 0) {
        level_set next = levels_strongest(levels);
        for (int i = 0; i < LEVEL_COUNT && rc == 0; i++)
            if ((next >> i & 1) && is_open(run, (enum level)i))
                rc = ask(run, (enum level)i, err);
        levels &= ~next;
    }
    return rc;
}

/* Those that an anomaly that was found refutes, the weakest first: nothing else needs to be looked
 * at for these. */
static int ask_refuted(struct isolation_run *run, level_set levels, struct errbuf *err)
{
    int rc = 0;
    while (levels && rc == 0) {
        level_set next = levels_weakest(levels);
        for (int i = 0; i < LEVEL_COUNT && rc == 0; i++)
            if ((next >> i & 1) && is_open(run, (enum level)i) &&
                (anomalies_of_level((enum level)i) & run->found->anomalies.found))
                rc = ask(run, (enum level)i, err);
        levels &= ~next;
    }
    return rc;
}

int isolation_ask_levels(struct isolation_run *run, struct errbuf *err)
{
    struct isolation_result *found = run->found;
    for (int i = 0; i < LEVEL_COUNT; i++)
        found->levels[i] = (struct isolation_level_result){
            .level = (enum level)i, .verdict = VERDICT_UNKNOWN, .follows_from = (enum level)i};
    int rc = run->isolation->strongest ? ask_refuted(run, run->asked, err) : 0;
    if (rc == 0)
        rc = ask_all(run, run->asked, err);
    for (int i = 0; i < LEVEL_COUNT; i++) {
        level_set bit = run->unmet >> i & 1 ? 0 : level_bit((enum level)i);
        found->held |= found->levels[i].verdict == VERDICT_VALID ? bit : 0;
        found->refuted |= found->levels[i].verdict == VERDICT_INVALID ? bit : 0;
    }
    return rc;
}
