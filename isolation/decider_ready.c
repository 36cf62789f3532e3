#include "isolation/decider_ready.h"

#include "core/err.h"

/* What a transaction shows by itself, or with the one it read from. */
static const anomaly_set of_single_reads =
    UINT32_C(1) << ANOMALY_DUPLICATE_ELEMENTS | UINT32_C(1) << ANOMALY_INCOMPATIBLE_ORDER |
    UINT32_C(1) << ANOMALY_UNWRITTEN_READ | UINT32_C(1) << ANOMALY_G1A |
    UINT32_C(1) << ANOMALY_G1B | UINT32_C(1) << ANOMALY_FUTURE_READ |
    UINT32_C(1) << ANOMALY_INTERNAL | UINT32_C(1) << ANOMALY_UNREPEATABLE_READ;

const char *decider_is_ready_for(const struct level_question *question, anomaly_set forbidden)
{
    forbidden &= of_single_reads;
    if (question->all->rewritten_by[1] != TXN_NONE)
        return "a value was written twice to one key";
    if (question->anomalies->found & forbidden)
        return "single reads show that the level does not hold";
    if (forbidden & ~question->anomalies->settled)
        return "single reads were not looked at to the end";
    return NULL;
}

const char *decider_is_ready(const struct level_question *question, enum level level)
{
    anomaly_set forbidden = of_single_reads;
    if (level == LEVEL_MONOTONIC_ATOMIC_VIEW)
        forbidden &= ~anomaly_bit(ANOMALY_UNREPEATABLE_READ);
    return decider_is_ready_for(question, forbidden);
}

const char *decider_is_told(const struct committed *done)
{
    if (done->is_odd)
        return "something was read that no committed transaction had written";
    if (done->is_inverted)
        return "a list has elements in another order than their transaction gave them";
    return NULL;
}

void decider_gives_up(int rc, struct level_answer *answer)
{
    answer->verdict = VERDICT_UNKNOWN;
    answer->evidence = (struct evidence){.kind = EVIDENCE_NONE};
    answer->why = rc == ERR_TIMEOUT ? "the time was over" : "the memory was used up";
}
