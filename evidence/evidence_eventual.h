/* What the judge of evidence finds shown about eventual consistency. Private to it. */
#ifndef EVIDENCE_EVIDENCE_EVENTUAL_H
#define EVIDENCE_EVIDENCE_EVENTUAL_H

#include "evidence/evidence.h"

/* Two reads of a key, each the last of its session, and begun when every acknowledged transaction
 * that wrote anything was over, of which the one shows other acknowledged writes than the other;
 * or, with is_loss, one such read that lacks an acknowledged write: the element of a list; of a
 * register any, where it shows nothing that an acknowledged or uncertain transaction wrote to it
 * last. */
bool eventual_shows(struct evidence_judge *judge, const struct evidence *evidence, bool is_loss);

#endif
