#include "evidence/evidence.h"

#include "evidence/evidence_facts.h"
#include "evidence/evidence_micros.h"
#include "evidence/evidence_rules.h"

/* What is being judged. */
struct trial {
    struct evidence_judge *judge;
    enum level level;
    const struct evidence *evidence;
    bool has_view;
    struct step_view view;
    bool any_cycle; /* of whichever steps, for an anomaly of no level */
};

/* --- cycles --- */

/* Of a reading of monotonic-atomic-view: what came by WR was read before what the RW is about. */
static int place_of_first_read(const struct trial *trial, const struct step_cycle *cycle)
{
    if (trial->level != LEVEL_MONOTONIC_ATOMIC_VIEW)
        return PLACE_NONE;
    const struct step *read = cycle_step(cycle, 0);
    if (read->kind != STEP_WR)
        read = cycle_step(cycle, 1);
    return fact_reads_from(trial->judge, read->from, read->to, read->key, PLACE_NONE, LIST_ALL);
}

static bool is_forbidden(const struct trial *trial, const struct step_cycle *cycle, bool is_path)
{
    if (trial->any_cycle)
        return true;
    return trial->has_view
               ? rules_view_keeps(trial->judge, trial->level, &trial->view, cycle, is_path)
               : rules_forbid(trial->level, cycle);
}

/* --- steps --- */

/* Who read a version and then installed one of its own did so after it, where that is forbidden to
 * be otherwise. */
static bool is_read_and_overwritten(const struct trial *trial, uint32_t from, uint32_t to,
                                    uint32_t key)
{
    struct step read = {.from = from, .to = to, .key = key, .lemma = LEMMA_NONE, .kind = STEP_WR};
    struct step back = {.from = to, .to = from, .key = key, .lemma = LEMMA_NONE, .kind = STEP_WW};
    struct step_cycle cycle = {.steps = &read, .count = 1, .closing = &back};
    return !trial->has_view && is_forbidden(trial, &cycle, false) &&
           fact_wrote(trial->judge, from, key) && fact_wrote(trial->judge, to, key) &&
           fact_reads_from(trial->judge, from, to, key, PLACE_NONE, LIST_LAST_OF_OTHERS) !=
               PLACE_NONE;
}

/* `to` overwrote the version that `from` read. */
static bool is_overwritten(const struct trial *trial, const struct step *step, int after)
{
    const struct transactions *all = trial->judge->all;
    uint32_t first = all->txns[step->from].micros;
    for (uint32_t i = first; i < all->txns[step->from + 1].micros; i++) {
        uint32_t version = all->micros[i].version;
        if (all->micros[i].key != step->key || all->micros[i].f != MICRO_READ ||
            version == VERSION_UNREAD || all->versions[version].txn == TXN_NONE)
            continue;
        uint32_t writer = all->versions[version].txn;
        if (writer != step->to &&
            fact_reads_from(trial->judge, writer, step->from, step->key, after,
                            LIST_LAST_OF_OTHERS) != PLACE_NONE &&
            fact_is_committed(trial->judge, writer) &&
            (is_read_and_overwritten(trial, writer, step->to, step->key) ||
             fact_promised(trial->judge, writer, step->to, step->key)))
            return true;
    }
    return false;
}

/* What a step may rest on: so many lemmas, of a case and of those around it. */
struct grounds {
    uint32_t lemmas, in_case;
};

/* The case around another one; a case is begun by an earlier lemma than those in it. */
static uint32_t case_around(const struct trial *trial, uint32_t in_case)
{
    uint32_t around = trial->evidence->lemmas[in_case - 1].within;
    return around < in_case ? around : CASE_NONE;
}

static bool is_within(const struct trial *trial, uint32_t in_case, uint32_t other)
{
    while (in_case != other && in_case != CASE_NONE)
        in_case = case_around(trial, in_case);
    return in_case == other;
}

static const struct lemma *lemma_of(const struct trial *trial, const struct step *step,
                                    struct grounds grounds)
{
    if (step->lemma >= grounds.lemmas)
        return NULL;
    const struct lemma *lemma = &trial->evidence->lemmas[step->lemma];
    uint32_t in_case = lemma->kind == LEMMA_SUPPOSED ? step->lemma + 1 : lemma->within;
    return is_within(trial, grounds.in_case, in_case) ? lemma : NULL;
}

static bool ww_is_so(const struct trial *trial, const struct step *step, struct grounds grounds)
{
    if (step->lemma == LEMMA_NONE)
        return fact_installed_before(trial->judge, step->from, step->to, step->key) ||
               is_read_and_overwritten(trial, step->from, step->to, step->key) ||
               (!trial->has_view && fact_promised(trial->judge, step->from, step->to, step->key));
    const struct lemma *lemma = lemma_of(trial, step, grounds);
    return lemma && lemma->from == step->from && lemma->to == step->to && lemma->key == step->key;
}

static bool rw_is_so(const struct trial *trial, const struct step *step, int after,
                     struct grounds grounds)
{
    if (step->lemma == LEMMA_NONE)
        return fact_read_before(trial->judge, step->from, step->to, step->key, after,
                                !trial->has_view,
                                trial->any_cycle ? LIST_LAST : LIST_LAST_OF_OTHERS) ||
               (trial->has_view &&
                fact_lacks_element(trial->judge, step->from, step->to, step->key)) ||
               (!trial->has_view && is_overwritten(trial, step, after));
    const struct lemma *lemma = lemma_of(trial, step, grounds);
    return lemma && lemma->to == step->to && lemma->key == step->key &&
           fact_reads_from(trial->judge, lemma->from, step->from, step->key, after,
                           LIST_LAST_OF_OTHERS) != PLACE_NONE;
}

/* Whether the step is as it says. What an RW is about was read behind a place. */
static bool step_is_so(const struct trial *trial, const struct step *step, int after,
                       struct grounds grounds)
{
    struct evidence_judge *judge = trial->judge;
    uint32_t txns = judge->all->txn_count;
    bool has_key = step->kind <= STEP_RW;
    if (step->from >= txns || step->to >= txns || step->from == step->to ||
        (has_key && step->key >= judge->all->key_count) || !fact_is_committed(judge, step->from) ||
        !fact_is_committed(judge, step->to))
        return false;
    switch ((enum step_kind)step->kind) {
    case STEP_WW:
        return ww_is_so(trial, step, grounds);
    case STEP_WR:
        /* Anomalies are named by the version that was read. */
        return fact_reads_from(judge, step->from, step->to, step->key, PLACE_NONE,
                               trial->any_cycle ? LIST_LAST : LIST_ALL) != PLACE_NONE;
    case STEP_RW:
        return rw_is_so(trial, step, after, grounds);
    case STEP_SESSION:
        return fact_session(judge, step->from, step->to) &&
               (!level_row(trial->level)->needs_time || trial->any_cycle ||
                fact_realtime(judge, step->from, step->to));
    case STEP_REALTIME:
        return fact_realtime(judge, step->from, step->to);
    }
    return false;
}

static bool steps_are_so(const struct trial *trial, const struct step *steps, uint32_t count,
                         int after, struct grounds grounds)
{
    for (uint32_t i = 0; i < count; i++)
        if (judge_time_over(trial->judge) || !step_is_so(trial, &steps[i], after, grounds) ||
            (i + 1 < count && steps[i].to != steps[i + 1].from))
            return false;
    return true;
}

/* --- premises and cycles --- */

static const struct step *premise_of(const struct trial *trial, const struct lemma *lemma)
{
    const struct evidence *evidence = trial->evidence;
    bool is_one = lemma->count > 0 && lemma->first <= evidence->cycle &&
                  lemma->count <= evidence->cycle - lemma->first;
    return is_one ? &evidence->steps[lemma->first] : NULL;
}

static bool path_is_so(const struct trial *trial, const struct lemma *lemma, struct grounds grounds)
{
    const struct step *steps = premise_of(trial, lemma);
    return steps && steps[0].from == lemma->from && steps[lemma->count - 1].to == lemma->via &&
           steps_are_so(trial, steps, lemma->count, PLACE_NONE, grounds);
}

static bool cycle_is_so(const struct trial *trial, const struct step *steps, uint32_t count,
                        struct grounds grounds)
{
    struct step_cycle cycle = {.steps = steps, .count = count};
    if (count == 0 || steps[count - 1].to != steps[0].from || !is_forbidden(trial, &cycle, false))
        return false;
    int after = count == 2 ? place_of_first_read(trial, &cycle) : PLACE_NONE;
    return steps_are_so(trial, steps, count, after, grounds);
}

/* --- lemmas --- */

/* The step that would be there if the lemma were not so. */
static struct step closing_step(const struct lemma *lemma)
{
    return (struct step){.from = lemma->via,
                         .to = lemma->from,
                         .key = lemma->key,
                         .lemma = LEMMA_NONE,
                         .kind = lemma->via == lemma->to ? STEP_WW : STEP_RW};
}

static bool is_explained(const struct trial *trial, uint32_t txn)
{
    return trial->level == LEVEL_WEAK_CAUSAL
               ? txn == trial->view.txn
               : fact_same_session(trial->judge, txn, trial->view.txn);
}

static bool follows(const struct trial *trial, const struct lemma *lemma, struct grounds grounds)
{
    if (lemma->via >= trial->judge->all->txn_count || lemma->from == lemma->via ||
        !path_is_so(trial, lemma, grounds))
        return false;
    struct step closing = closing_step(lemma);
    struct step_cycle cycle = {.steps = &trial->evidence->steps[lemma->first],
                               .count = lemma->count,
                               .closing = trial->has_view ? NULL : &closing};
    if (!is_forbidden(trial, &cycle, true))
        return false;
    if (closing.kind == STEP_WW)
        return true;
    int after = trial->has_view ? PLACE_NONE : place_of_first_read(trial, &cycle);
    if (trial->has_view && !is_explained(trial, lemma->via))
        return false;
    return fact_reads_from(trial->judge, lemma->to, lemma->via, lemma->key, after,
                           LIST_LAST_OF_OTHERS) != PLACE_NONE ||
           (trial->has_view &&
            fact_shows_before(trial->judge, lemma->via, lemma->from, lemma->to, lemma->key));
}

/* Both took effect, so that one of them was first: of each key there is one order. */
static bool may_be_supposed(const struct trial *trial, const struct lemma *lemma)
{
    return !trial->any_cycle && lemma->count == 0 && fact_is_committed(trial->judge, lemma->from) &&
           fact_is_committed(trial->judge, lemma->to);
}

/* The case that it ends cannot be. */
static bool is_contrary(const struct trial *trial, const struct lemma *lemma,
                        struct grounds grounds)
{
    if (trial->any_cycle || lemma->ends == CASE_NONE || lemma->ends > grounds.lemmas)
        return false;
    const struct lemma *supposed = &trial->evidence->lemmas[lemma->ends - 1];
    const struct step *steps = premise_of(trial, lemma);
    return supposed->kind == LEMMA_SUPPOSED && supposed->within == lemma->within &&
           supposed->from == lemma->to && supposed->to == lemma->from &&
           supposed->key == lemma->key && steps &&
           cycle_is_so(trial, steps, lemma->count, (struct grounds){grounds.lemmas, lemma->ends});
}

/* All before it hold. */
static bool lemma_holds(const struct trial *trial, uint32_t index)
{
    const struct lemma *lemma = &trial->evidence->lemmas[index];
    const struct transactions *all = trial->judge->all;
    struct grounds grounds = {.lemmas = index, .in_case = lemma->within};
    if (lemma->from >= all->txn_count || lemma->to >= all->txn_count ||
        lemma->key >= all->key_count || lemma->from == lemma->to || lemma->within > index ||
        (lemma->within != CASE_NONE &&
         trial->evidence->lemmas[lemma->within - 1].kind != LEMMA_SUPPOSED) ||
        !fact_wrote(trial->judge, lemma->from, lemma->key) ||
        !fact_wrote(trial->judge, lemma->to, lemma->key))
        return false;
    switch (lemma->kind) {
    case LEMMA_FOLLOWS:
        return follows(trial, lemma, grounds);
    case LEMMA_SUPPOSED:
        return may_be_supposed(trial, lemma);
    case LEMMA_CONTRARY:
        return is_contrary(trial, lemma, grounds);
    }
    return false;
}

/* --- all together --- */

static bool holds(const struct trial *trial)
{
    const struct evidence *evidence = trial->evidence;
    for (uint32_t i = 0; i < evidence->lemma_count; i++)
        if (judge_time_over(trial->judge) || !lemma_holds(trial, i))
            return false;
    return evidence->cycle < evidence->step_count &&
           cycle_is_so(trial, &evidence->steps[evidence->cycle],
                       evidence->step_count - evidence->cycle,
                       (struct grounds){evidence->lemma_count, CASE_NONE});
}

/* --- whose view --- */

/* Those whose view it can be: of the transactions that a step is between, which not every view
 * keeps. */
struct viewers {
    uint32_t txns[2];
    uint32_t count;
};

/* Whether the steps say whose view it is. */
static bool find_viewers(const struct trial *trial, const struct step *steps, uint32_t count,
                         bool is_path, struct viewers *out)
{
    const struct step_view nobody = {.txn = TXN_NONE};
    struct step_cycle cycle = {.steps = steps, .count = count};
    uint32_t at = rules_find_unkept(trial->judge, trial->level, &nobody, &cycle, is_path);
    if (at < count)
        *out = (struct viewers){.txns = {steps[at].from, steps[at].to}, .count = 2};
    return at < count;
}

/* Who explains what `via` read is whose view it is, too. */
static bool lemma_viewers(const struct trial *trial, const struct lemma *lemma, struct viewers *out)
{
    const struct step *steps = premise_of(trial, lemma);
    bool is_path = lemma->kind == LEMMA_FOLLOWS;
    if (lemma->kind == LEMMA_SUPPOSED || !steps)
        return false;
    if (is_path && lemma->via != lemma->to) {
        *out = (struct viewers){.txns = {lemma->via}, .count = 1};
        return true;
    }
    return find_viewers(trial, steps, lemma->count, is_path, out);
}

/* If anybody's will do, the first one's. */
static struct viewers choose_viewers(const struct trial *trial)
{
    const struct evidence *evidence = trial->evidence;
    const struct step *cycle = &evidence->steps[evidence->cycle];
    struct viewers viewers = {.txns = {cycle->to}, .count = 1};
    bool is_known = false;
    for (uint32_t i = 0; i < evidence->lemma_count && !is_known; i++)
        is_known = lemma_viewers(trial, &evidence->lemmas[i], &viewers);
    if (!is_known)
        find_viewers(trial, cycle, evidence->step_count - evidence->cycle, false, &viewers);
    return viewers;
}

/* One of the transactions, or their sessions, has no order that explains what it read. */
static bool holds_in_some_view(struct trial *trial)
{
    if (trial->evidence->cycle >= trial->evidence->step_count)
        return false;
    const struct viewers viewers = choose_viewers(trial);
    trial->has_view = true;
    for (uint32_t i = 0; i < viewers.count; i++) {
        trial->view.txn = viewers.txns[i];
        if (trial->view.txn < trial->judge->all->txn_count && holds(trial))
            return true;
    }
    return false;
}

/* --- the judge --- */

void evidence_judge_init(struct evidence_judge *judge, const struct transactions *all,
                         struct budget *budget)
{
    *judge = (struct evidence_judge){.all = all, .budget = budget};
}

void evidence_judge_fini(struct evidence_judge *judge)
{
    judge_forget_orders(judge);
    judge_forget_committed(judge);
}

static bool is_proven(struct trial *trial)
{
    bool is = level_has_views(trial->level) && !trial->any_cycle ? holds_in_some_view(trial)
                                                                 : holds(trial);
    return is && !trial->judge->is_out_of_memory && !trial->judge->is_time_over;
}

bool evidence_judge_accepts(struct evidence_judge *judge, enum level level,
                            const struct evidence *evidence)
{
    struct trial trial = {.judge = judge, .level = level_meaning(level), .evidence = evidence};
    if (evidence->kind == EVIDENCE_MICROS)
        return (micros_refute(evidence->anomaly) >> trial.level & 1) &&
               micros_show(judge, evidence);
    return evidence->kind == EVIDENCE_CYCLE && is_proven(&trial);
}

/* --- anomalies --- */

struct step_counts {
    uint32_t of[STEP_REALTIME + 1], adjacent_rw;
};

static struct step_counts count_steps(const struct evidence *evidence)
{
    struct step_counts counts = {0};
    const struct step *before = &evidence->steps[evidence->step_count - 1];
    for (uint32_t i = evidence->cycle; i < evidence->step_count; i++) {
        const struct step *step = &evidence->steps[i];
        counts.of[step->kind]++;
        counts.adjacent_rw += step->kind == STEP_RW && before->kind == STEP_RW;
        before = step;
    }
    return counts;
}

static enum anomaly cycle_kind(const struct step_counts *counts)
{
    uint32_t rw = counts->of[STEP_RW];
    if (rw == 0)
        return counts->of[STEP_WR] == 0 ? ANOMALY_G0 : ANOMALY_G1C;
    if (rw == 1)
        return ANOMALY_G_SINGLE;
    return counts->adjacent_rw == 0 ? ANOMALY_G_NONADJACENT : ANOMALY_G2_ITEM;
}

/* Kinds of cycles come in threes: by themselves, with the order of sessions, with that of time. */
static enum anomaly cycle_anomaly(const struct evidence *evidence)
{
    struct step_counts counts = count_steps(evidence);
    int variant = counts.of[STEP_REALTIME] > 0 ? 2 : counts.of[STEP_SESSION] > 0 ? 1 : 0;
    return (enum anomaly)((int)cycle_kind(&counts) + variant);
}

bool evidence_judge_confirms_anomaly(struct evidence_judge *judge, const struct evidence *evidence)
{
    struct trial trial = {.judge = judge,
                          .level = LEVEL_STRICT_SERIALIZABLE,
                          .evidence = evidence,
                          .any_cycle = true};
    if (evidence->kind == EVIDENCE_MICROS)
        return micros_show(judge, evidence);
    return evidence->kind == EVIDENCE_CYCLE && evidence->cycle < evidence->step_count &&
           is_proven(&trial) && cycle_anomaly(evidence) == evidence->anomaly;
}

/* --- one evidence --- */

bool evidence_verify(const struct transactions *all, enum level level,
                     const struct evidence *evidence)
{
    struct evidence_judge judge;
    evidence_judge_init(&judge, all, all->budget);
    bool accepts = evidence_judge_accepts(&judge, level, evidence);
    evidence_judge_fini(&judge);
    return accepts;
}

bool evidence_verify_anomaly(const struct transactions *all, const struct evidence *evidence)
{
    struct evidence_judge judge;
    evidence_judge_init(&judge, all, all->budget);
    bool confirms = evidence_judge_confirms_anomaly(&judge, evidence);
    evidence_judge_fini(&judge);
    return confirms;
}
