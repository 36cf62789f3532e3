/* Tells a cycle of a commit graph as evidence: each conclusion is a lemma, whose premise, how the
 * one must be visible to the other, is only now looked for. */
#ifndef ISOLATION_WEAK_EVIDENCE_H
#define ISOLATION_WEAK_EVIDENCE_H

#include "evidence/evidence.h"
#include "isolation/commit_graph.h"

struct arena;
struct errbuf;

/* level: LEVEL_MONOTONIC_ATOMIC_VIEW, LEVEL_READ_ATOMIC or LEVEL_CAUSAL. An early_read goes before
 * the cycle. Linear for each conclusion of the cycle, for causal. Errors: ERR_NOMEM, also the
 * budget's; ERR_TIMEOUT. */
int weak_evidence(const struct commit_graph *graph, const struct commit_cycle *cycle,
                  enum level level, struct arena *arena, struct evidence *out);

#endif
