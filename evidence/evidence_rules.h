/* Which cycles of steps each level forbids, as transactions/level.h and anomaly.h define them.
 * Private to the judge of evidence.
 *
 * Only the kinds of the steps are looked at, and where they stand; whether the history has each of
 * them is asked of evidence_facts.h. The same rule says whether a lemma holds: its premise, closed
 * by the step that there would be if the lemma were not so, must be a forbidden cycle. Linear in
 * the steps; no memory. */
#ifndef EVIDENCE_EVIDENCE_RULES_H
#define EVIDENCE_EVIDENCE_RULES_H

#include "evidence/evidence.h"

/* `closing` is one more step behind the last one; NULL if there is none. */
struct step_cycle {
    const struct step *steps;
    uint32_t count;
    const struct step *closing;
};

static inline uint32_t cycle_length(const struct step_cycle *cycle)
{
    return cycle->count + (cycle->closing != NULL);
}

static inline const struct step *cycle_step(const struct step_cycle *cycle, uint32_t i)
{
    return i < cycle->count ? &cycle->steps[i] : cycle->closing;
}

/* Whose reads one order must explain: those of a session, or of one transaction (weak-causal). */
struct step_view {
    uint32_t txn; /* it, or any of the session; TXN_NONE: nobody's */
};

/* Levels of which each session, or transaction, has an order of its own. */
bool level_has_views(enum level level);

/* Whether a level without views forbids the cycle. */
bool rules_forbid(enum level level, const struct step_cycle *cycle);

/* For a level with views: whether the order that this view has must keep every step of the cycle,
 * which it then cannot have; or, with is_path, of a path, whose last step is not followed by its
 * first one. */
bool rules_view_keeps(struct evidence_judge *judge, enum level level, const struct step_view *view,
                      const struct step_cycle *cycle, bool is_path);

/* The first step that it does not keep; the cycle's length if it keeps all. What nobody's view
 * keeps, every view does; any other step only that of who it is from, or to. */
uint32_t rules_find_unkept(struct evidence_judge *judge, enum level level,
                           const struct step_view *view, const struct step_cycle *cycle,
                           bool is_path);

#endif
