/* Which cycles of steps each level forbids. Private to the judge of evidence.
 *
 * A cycle here is only its steps: that each of them is so is somebody else's business. That a lemma
 * holds is the same question: its premise, closed by the step that would be there otherwise, must
 * be a forbidden cycle. */
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

/* For levels without views. Steps of SESSION and REALTIME are as found. */
bool rules_forbid(enum level level, const struct step_cycle *cycle);

/* For levels with views: whether every step must be kept by this view. A path is no cycle: its
 * first step follows nothing. */
bool rules_view_keeps(struct evidence_judge *judge, enum level level, const struct step_view *view,
                      const struct step_cycle *cycle, bool is_path);

/* The first step that it does not keep; the cycle's length if it keeps all. What nobody's view
 * keeps, every view does; any other step only that of who it is from, or to. */
uint32_t rules_find_unkept(struct evidence_judge *judge, enum level level,
                           const struct step_view *view, const struct step_cycle *cycle,
                           bool is_path);

#endif
