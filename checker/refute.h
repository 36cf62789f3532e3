/* Refutes calls on values by telling only one value from all others.
 *
 * To show that a read of v was impossible it is nearly always enough to know when the object held v
 * and when it held anything else. So every other value is taken for one and the same: writes of
 * others do the same then, a cas between two others only observes, and what a failed cas says of
 * another one is forgotten. An order of the calls is one of these, too; so if there is none of
 * these, there is none of the calls. Few kinds of calls are left, and of one kind the search needs
 * to try only one at a time (pending.h): where the full search is exponential in the number of
 * clients, this one is not, for the most part. */
#ifndef CHECKER_REFUTE_H
#define CHECKER_REFUTE_H

#include "checker/config_search.h"

/* Searches so, for this value: SEARCH_REJECTED is a proof, SEARCH_ACCEPTED says nothing. Nor does
 * SEARCH_STUCK, which is also the answer if it cannot be done: value is MODEL_NONE, or an operation
 * is not what its needs, gives and avoids say (it is opaque, or branches). Stops after some 50 ms.
 * Frees all it allocated. */
struct search_result refute_simply(const struct search_input *input, int32_t value);

/* First so, then by config_search of the calls as they are. */
struct search_result refute_calls(const struct search_input *input, int32_t value);

#endif
