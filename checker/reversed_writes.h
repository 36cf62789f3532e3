/* What Jepsen's "causal-reverse" and CockroachDB's "comments" ask of blind writes: that whoever
 * sees a write also sees all that were acknowledged before that one began. Strict serializability
 * forbids anything else; weaker levels, which may put writes in another order than they happened,
 * do not.
 *
 * write id, each id once; read -> list or set of the ids that are visible. A read that has id b and
 * lacks id a is wrong if some write of a was acknowledged before the first write of b was invoked.
 * Failed writes do not count, and ids that nobody wrote say nothing. A read of nil says nothing.
 *
 * For each read, m is the last to be invoked of the writes that it saw; the writes acknowledged
 * before that, taken in order of completion, must be in it, and the first that is not ends the
 * search. So linear in the ids read, but for putting the completions in order. */
#ifndef CHECKER_REVERSED_WRITES_H
#define CHECKER_REVERSED_WRITES_H

#include "checker/checker.h"

struct errbuf;

int reversed_writes_check(const struct checker_input *input, const struct checker *checker,
                          struct checker_result *out, struct errbuf *err);
bool reversed_writes_confirm(const struct checker_input *input,
                             const struct checker_finding *finding);

/* read and write. */
extern const symbol reversed_writes_functions[];

#endif
