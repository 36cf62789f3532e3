/* The nemesis: carries out the schedule's operations with the faults of the plan, keeps a record of
 * each injection for the report, and heals whatever is active in the end.
 *
 * An injection's faults and targets follow from the seed and its id alone. Each goes through
 * inject, observe, heal; what a heal could not undo is kept, and heal_all tries it again.
 *
 * Events written, all named "fault": {id, fault, state, description, nodes ("n1 n4")} with the
 * states injecting (not yet with description and nodes), injected, observed (with proven and
 * evidence), healing, healed, failed (with error and what: inject or heal).
 *
 * Threads: perform and heal_all from one thread at a time, active_text from any. records only while
 * neither of them runs. Blocking: as long as the faults take. */
#ifndef NEMESIS_NEMESIS_H
#define NEMESIS_NEMESIS_H

#include "injector/fault.h"

extern const struct nemesis_type nemesis_standard;

#endif
