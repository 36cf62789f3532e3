/* What deciders that look at whole transactions have in common: they are right only for histories
 * in which single reads show no anomaly that the level forbids (dependencies/anomalies.h), and so
 * ask for that first. Each is O(1). */
#ifndef ISOLATION_DECIDER_READY_H
#define ISOLATION_DECIDER_READY_H

#include "isolation/level_check.h"
#include "transactions/committed.h"

/* NULL if no anomaly of single transactions that the level forbids is, or may be, in the history;
 * otherwise why the level cannot be decided by others than decider_by_anomalies. */
const char *decider_is_ready(const struct level_question *question, enum level level);

/* The same of these anomalies, if they are of single transactions. */
const char *decider_is_ready_for(const struct level_question *question, anomaly_set forbidden);

/* The same of what committed_build came upon. */
const char *decider_is_told(const struct committed *done);

/* Turns a limit of the budget, ERR_NOMEM or ERR_TIMEOUT, into the verdict unknown. */
void decider_gives_up(int rc, struct level_answer *answer);

#endif
