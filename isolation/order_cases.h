/* Refutes an order_problem by going through cases, with a proof (isolation/order_proof.h). What the
 * search of it learned cannot be told to people, so the choices that came up in it are gone through
 * anew: whatever the known refuses the contrary of is concluded, and where nothing follows, one
 * order of two blocks is supposed until it is refuted, and then the other one is so (Davis,
 * Logemann & Loveland, CACM 1962). What was learned about most is supposed first.
 *
 * Exponential at worst, so it is given up after CASES_MAX suppositions, or a thousand million
 * steps in the graph, or where CASES_DEEP_MAX of them would be one within the other. */
#ifndef ISOLATION_ORDER_CASES_H
#define ISOLATION_ORDER_CASES_H

#include "isolation/order_proof.h"

enum { CASES_MAX = 1000, CASES_DEEP_MAX = 40 };

/* After ORDER_IMPOSSIBLE; the search is of no more use. ORDER_IMPOSSIBLE: proof->last is the
 * refutation. ORDER_UNDECIDED: given up, or the budget ended. */
enum order_found order_cases_refute(struct order_search *search, struct order_proof *proof);

#endif
