/* Faults as the events of a history's nemesis tell them: when each began and ended, and nothing of
 * what it did. For histories that were recorded elsewhere. Private to report/.
 *
 * `start-KIND` begins a fault and `stop-KIND` or `heal-KIND` ends it, as ours and Jepsen's packages
 * have them; so do pause and resume, kill and start, and a bare start and stop. A nemesis records
 * the invocation and the completion of each: a fault lasts from the first to the last of these.
 * Other events, and those without a time, are no faults. Linear in the events. */
#ifndef REPORT_RECORDED_FAULTS_H
#define REPORT_RECORDED_FAULTS_H

#include "core/operations.h"
#include "report/results.h"

struct arena;

/* No more than these, the first ones, are told. */
enum { RECORDED_FAULTS_MAX = 1000 };

/* Sets faults and fault_count; everything lives in the arena. False without memory. */
bool recorded_faults_find(const struct operations *all, struct arena *arena, struct results *out);

#endif
