/* Evidence with one thing changed, which the judge refuses, or accepts because it is true all the
 * same: where a level holds by definition nothing may be accepted against it. For whoever has
 * evidence of a small history and knows which levels hold there. */
#ifndef TESTS_EVIDENCE_MUTATIONS_H
#define TESTS_EVIDENCE_MUTATIONS_H

#include "core/random.h"
#include "evidence/evidence.h"
#include "property/tally.h"
#include "transactions/level.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
    CHANGED_STEPS_MAX = 4096,
    CHANGED_LEMMAS_MAX = 1024,
    CHANGES_OF_EACH = 2,
    CHANGES_OF_CASES = 20
};

static inline uint32_t change_pick(struct random *random, uint32_t bound)
{
    return (uint32_t)random_below(random, bound);
}

static inline bool change_number(uint32_t *number, uint32_t value)
{
    bool differs = *number != value;
    *number = value;
    return differs;
}

static inline bool change_step(struct evidence *evidence, const struct transactions *all,
                               struct random *random)
{
    struct step *step = &evidence->steps[change_pick(random, evidence->step_count)];
    uint32_t kind = step->kind;
    switch (change_pick(random, 5)) {
    case 0:
        return change_number(&step->from, change_pick(random, all->txn_count));
    case 1:
        return change_number(&step->to, change_pick(random, all->txn_count));
    case 2:
        return change_number(&step->key, change_pick(random, all->key_count));
    case 3:
        step->kind = (uint8_t)change_pick(random, STEP_REALTIME + 1);
        return step->kind != kind;
    default:
        return change_number(&step->lemma, change_pick(random, 2)
                                               ? LEMMA_NONE
                                               : change_pick(random, evidence->lemma_count + 1));
    }
}

static inline bool change_lemma(struct evidence *evidence, const struct transactions *all,
                                struct random *random)
{
    struct lemma *lemma = &evidence->lemmas[change_pick(random, evidence->lemma_count)];
    switch (change_pick(random, 6)) {
    case 0:
        return change_number(&lemma->from, change_pick(random, all->txn_count));
    case 1:
        return change_number(&lemma->to, change_pick(random, all->txn_count));
    case 2:
        return change_number(&lemma->via, change_pick(random, all->txn_count));
    case 3:
        return change_number(&lemma->key, change_pick(random, all->key_count));
    case 4:
        return change_number(&lemma->first, change_pick(random, evidence->step_count + 2));
    default:
        return change_number(&lemma->count, change_pick(random, 4));
    }
}

static inline bool evidence_has_cases(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->lemma_count; i++)
        if (evidence->lemmas[i].kind == LEMMA_SUPPOSED)
            return true;
    return false;
}

/* Moves a lemma to another case, has it end another one, makes another kind of it, flips it, or
 * drops it. */
static inline bool change_case(struct evidence *evidence, struct random *random)
{
    uint32_t at = change_pick(random, evidence->lemma_count);
    struct lemma *lemma = &evidence->lemmas[at];
    uint32_t kind = lemma->kind, from = lemma->from;
    switch (change_pick(random, 5)) {
    case 0:
        return change_number(&lemma->within, change_pick(random, evidence->lemma_count + 2));
    case 1:
        return change_number(&lemma->ends, change_pick(random, evidence->lemma_count + 2));
    case 2:
        lemma->kind = (enum lemma_kind)change_pick(random, LEMMA_CONTRARY + 1);
        return lemma->kind != kind;
    case 3:
        lemma->from = lemma->to;
        lemma->to = from;
        return true;
    default:
        for (uint32_t i = 0; i < evidence->step_count; i++)
            if (evidence->steps[i].lemma != LEMMA_NONE && evidence->steps[i].lemma > at)
                evidence->steps[i].lemma--;
        for (uint32_t i = 0; i < evidence->lemma_count; i++) {
            evidence->lemmas[i].within -= evidence->lemmas[i].within > at;
            evidence->lemmas[i].ends -= evidence->lemmas[i].ends > at;
        }
        memmove(lemma, lemma + 1, (evidence->lemma_count - at - 1) * sizeof *lemma);
        evidence->lemma_count--;
        return true;
    }
}

/* Drops a step, swaps two, or begins the cycle elsewhere. */
static inline bool change_path(struct evidence *evidence, struct random *random)
{
    uint32_t at = change_pick(random, evidence->step_count);
    uint32_t other = change_pick(random, evidence->step_count);
    struct step *steps = evidence->steps, step = steps[at];
    switch (change_pick(random, 3)) {
    case 0:
        if (evidence->step_count == 1)
            return false;
        memmove(&steps[at], &steps[at + 1], (evidence->step_count - at - 1) * sizeof *steps);
        evidence->step_count--;
        evidence->cycle -= at < evidence->cycle;
        return true;
    case 1:
        steps[at] = steps[other];
        steps[other] = step;
        return at != other;
    default:
        return change_number(&evidence->cycle, change_pick(random, evidence->step_count + 2));
    }
}

static inline bool change_micros(struct evidence *evidence, const struct transactions *all,
                                 struct random *random)
{
    uint32_t used = 0;
    while (used < EVIDENCE_MICROS_MAX && evidence->txns[used] != TXN_NONE)
        used++;
    uint32_t at = change_pick(random, used), other = change_pick(random, used);
    uint32_t txn = evidence->txns[at], micro = evidence->micros[at];
    enum anomaly anomaly = evidence->anomaly;
    switch (change_pick(random, 5)) {
    case 0:
        return change_number(&evidence->txns[at], change_pick(random, all->txn_count));
    case 1:
        return change_number(&evidence->micros[at], change_pick(random, all->micro_count));
    case 2:
        evidence->txns[at] = change_pick(random, all->txn_count);
        evidence->micros[at] = all->txns[evidence->txns[at]].micros;
        return evidence->txns[at] != txn || evidence->micros[at] != micro;
    case 3:
        evidence->txns[at] = evidence->txns[other];
        evidence->micros[at] = evidence->micros[other];
        evidence->txns[other] = txn;
        evidence->micros[other] = micro;
        return at != other;
    default:
        evidence->anomaly = (enum anomaly)change_pick(random, ANOMALY_G0);
        return evidence->anomaly != anomaly;
    }
}

/* Changes one thing about it, in place; false if it is as it was. */
static inline bool evidence_change(struct evidence *evidence, const struct transactions *all,
                                   struct random *random)
{
    if (evidence->kind == EVIDENCE_MICROS)
        return change_micros(evidence, all, random);
    if (evidence_has_cases(evidence) && change_pick(random, 2))
        return change_case(evidence, random);
    switch (change_pick(random, evidence->lemma_count > 0 ? 3 : 2)) {
    case 0:
        return change_step(evidence, all, random);
    case 1:
        return change_path(evidence, random);
    default:
        return change_lemma(evidence, all, random);
    }
}

/* --- judging --- */

/* Whether it is accepted against the level; and never against one that holds. */
static inline bool changes_accepted(struct evidence_judge *judge, enum level level, level_set held,
                                    const struct evidence *evidence, uint64_t number)
{
    for (int i = 0; i < LEVEL_COUNT; i++)
        cr_assert(!(held >> i & 1) || !evidence_judge_accepts(judge, (enum level)i, evidence),
                  "history %llu: %s holds, but this against %s was accepted",
                  (unsigned long long)number, level_row((enum level)i)->name,
                  level_row(level)->name);
    return evidence_judge_accepts(judge, level, evidence);
}

static inline bool changes_make(const struct evidence *evidence, const struct transactions *all,
                                struct random *random, struct evidence *out)
{
    static struct step steps[CHANGED_STEPS_MAX];
    static struct lemma lemmas[CHANGED_LEMMAS_MAX];
    *out = *evidence;
    if (evidence->kind == EVIDENCE_CYCLE) {
        cr_assert_leq(evidence->step_count, CHANGED_STEPS_MAX);
        cr_assert_leq(evidence->lemma_count, CHANGED_LEMMAS_MAX);
        memcpy(steps, evidence->steps, evidence->step_count * sizeof *steps);
        if (evidence->lemma_count > 0)
            memcpy(lemmas, evidence->lemmas, evidence->lemma_count * sizeof *lemmas);
        out->steps = steps;
        out->lemmas = lemmas;
    }
    return evidence_change(out, all, random);
}

/* The same as below, where something is promised. */
static inline void expect_promised_evidence(const struct transactions *all, enum level level,
                                            const struct evidence *evidence, unsigned promises,
                                            level_set held, uint64_t number, struct tally *tally)
{
    struct evidence_judge judge;
    struct random random;
    random_init(&random, 9 + (uint64_t)level, RANDOM_TEST, number);
    evidence_judge_init(&judge, all, all->budget);
    judge.promises = promises;
    cr_assert(changes_accepted(&judge, level, held, evidence, number),
              "history %llu: %s: the evidence is refused", (unsigned long long)number,
              level_row(level)->name);
    bool has_cases = evidence_has_cases(evidence);
    tally->proofs++;
    tally->cases += has_cases;
    for (int i = 0; i < (has_cases ? CHANGES_OF_CASES : CHANGES_OF_EACH); i++) {
        struct evidence changed;
        if (!changes_make(evidence, all, &random, &changed))
            continue;
        bool is_accepted = changes_accepted(&judge, level, held, &changed, number);
        tally->mutations++;
        tally->refused += !is_accepted;
        tally->still_true += is_accepted;
        tally->refused_cases += has_cases && !is_accepted;
    }
    evidence_judge_fini(&judge);
}

/* The evidence stands against the level, which does not hold, and against none of those in `held`,
 * some of the levels that hold by definition; nor does what becomes of it by a change. */
static inline void expect_evidence(const struct transactions *all, enum level level,
                                   const struct evidence *evidence, level_set held, uint64_t number,
                                   struct tally *tally)
{
    expect_promised_evidence(all, level, evidence, 0, held, number, tally);
}

#endif
