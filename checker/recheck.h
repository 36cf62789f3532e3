/* Re-checks the witness of an `invalid` register from the history itself, by other means than those
 * that found it: simple code that shares nothing with the models, the calls and the search.
 *
 * It verifies (1) that every operation of the object that the witness leaves out may be left out,
 * and (2) by a depth-first search over the events as recorded (Wing & Gong 1993, with memory) that
 * what is left has no linearization. */
#ifndef CHECKER_RECHECK_H
#define CHECKER_RECHECK_H

#include "checker/verify.h"

struct errbuf;

enum recheck_end {
    RECHECK_CONFIRMED,
    RECHECK_REFUTED,       /* the witness proves nothing: our fault, and reported as such */
    RECHECK_OUT_OF_BUDGET, /* time or memory ended it */
};

/* The reason of anything but RECHECK_CONFIRMED goes to why.
 * O(object) for the first part; the second is exponential in the worst case, for a witness of a
 * few operations at once. */
enum recheck_end recheck_register(const struct object *object,
                                  const struct history_semantics *semantics,
                                  const struct refutation *witness, struct budget *budget,
                                  struct errbuf *why);

#endif
