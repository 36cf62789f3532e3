/* Tells why an order_problem has no solution: the last cycle, and a lemma for each choice it rests
 * on. The premise of a lemma, how the contrary closes a cycle with what was known before it, is
 * only now looked for, as short as it can be. Linear for each lemma. */
#ifndef ISOLATION_VERSION_EVIDENCE_H
#define ISOLATION_VERSION_EVIDENCE_H

#include "evidence/evidence.h"
#include "isolation/order_search.h"

struct arena;
struct errbuf;

/* What is known is a cycle by itself: graph.steps, from `cycle` back to it. out->kind is
 * EVIDENCE_NONE if no evidence can tell of it, or the budget ended. Errors: ERR_NOMEM (the
 * arena's).
 */
int version_evidence_known(struct order_problem *problem, uint32_t cycle, struct arena *arena,
                           struct evidence *out, struct errbuf *err);

/* After ORDER_IMPOSSIBLE. out->kind is EVIDENCE_NONE also if something that the cycle rests on was
 * learned from cases. */
int version_evidence_found(struct order_search *search, struct arena *arena, struct evidence *out,
                           struct errbuf *err);

#endif
