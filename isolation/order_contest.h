/* One level's search for an order, with those of stronger levels in contest.
 *
 * What a stronger level allows a weaker one does, too, and where nearly everything is to be chosen
 * an order for the stronger one is often found much sooner: more follows from each choice, its
 * graph is half as large, and its readers need not be looked at one by one. Nobody knows
 * beforehand: so they are searched for in turn, each for about as much work, and then for twice as
 * much. That costs a small number of times what the first to find an order does by itself; an easy
 * search is done before the others have begun. */
#ifndef ISOLATION_ORDER_CONTEST_H
#define ISOLATION_ORDER_CONTEST_H

#include "isolation/order_search.h"

enum { ORDER_RIVALS_MAX = 2 };

/* Levels that imply this one and are in contest with it; returns how many. */
int order_contest_rivals(enum level level, enum level out[ORDER_RIVALS_MAX]);

/* As order_search_run, for the search of a level; rivals enter after so much work, 0: the usual.
 * ORDER_EXISTS: for it or for a rival;
 * ORDER_IMPOSSIBLE: for the level itself, the search of which tells why. The rivals' memory is of
 * the same budget, and given back; where it is not enough they take no part. */
enum order_found order_contest_run(struct order_search *search, enum level level, uint64_t work);

#endif
