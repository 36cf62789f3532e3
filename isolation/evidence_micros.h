/* Evidence of a few micro-operations, proved again. Private to the judge of evidence. */
#ifndef ISOLATION_EVIDENCE_MICROS_H
#define ISOLATION_EVIDENCE_MICROS_H

#include "isolation/evidence.h"

/* The levels that what single transactions show refutes. */
level_set micros_refute(enum anomaly anomaly);

/* Whether the transactions show it. */
bool micros_show(struct evidence_judge *judge, const struct evidence *evidence);

#endif
