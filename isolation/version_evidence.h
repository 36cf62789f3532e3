/* Tells why an order_problem has no solution: the last cycle, a lemma for each choice it rests on,
 * and cases for those that have none. Linear in what the proof rests on, but for the versions of
 * blocks, which each choice goes through. */
#ifndef ISOLATION_VERSION_EVIDENCE_H
#define ISOLATION_VERSION_EVIDENCE_H

#include "evidence/evidence.h"
#include "isolation/order_proof.h"

struct arena;
struct errbuf;

/* What is known is a cycle by itself: graph.steps, from `cycle` back to it. out->kind is
 * EVIDENCE_NONE if no evidence can tell of it, or the budget ended. Errors: ERR_NOMEM (the
 * arena's).
 */
int version_evidence_known(struct order_problem *problem, uint32_t cycle, struct arena *arena,
                           struct evidence *out, struct errbuf *err);

/* Of proof->last, complete. out->kind likewise, and EVIDENCE_NONE beyond 100,000 steps. */
int version_evidence_found(const struct order_proof *proof, struct arena *arena,
                           struct evidence *out, struct errbuf *err);

#endif
