/* Evidence of a few micro-operations, proved again. Private to the judge of evidence. */
#ifndef EVIDENCE_EVIDENCE_MICROS_H
#define EVIDENCE_EVIDENCE_MICROS_H

#include "evidence/evidence.h"

/* The levels that what single transactions show refutes. */
level_set micros_refute(enum anomaly anomaly);

/* Whether the transactions show it. */
bool micros_show(struct evidence_judge *judge, const struct evidence *evidence);

#endif
