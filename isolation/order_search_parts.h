/* Private to order_search.c and its neighbours. */
#ifndef ISOLATION_ORDER_SEARCH_PARTS_H
#define ISOLATION_ORDER_SEARCH_PARTS_H

#include "isolation/order_search.h"

/* --- order_proposal.c: which blocks overlap in the graph's order --- */

struct order_pair_edges proposal_edges(const struct order_search *search, uint32_t before,
                                       uint32_t after);

/* How far the order is from having one block before another; 0: it has. */
uint32_t proposal_distance(const struct order_search *search, uint32_t before, uint32_t after);

/* The next block of the key; ORDER_NONE. */
uint32_t proposal_next(const struct order_search *search, uint32_t block);

/* Marks the blocks whose edges begin or end at a vertex that the last insertion moved. */
void proposal_note_moves(struct order_search *search);

void proposal_put_in_place(struct order_search *search, uint32_t block);

/* Two blocks, one of them this one, neighbours that overlap. */
bool proposal_find_overlap(struct order_search *search, uint32_t block, uint32_t pair[2]);

/* Sorts the blocks of every key anew and marks those that overlap. False without memory. */
bool proposal_look_at_all(struct order_search *search);

/* --- order_search.c --- */

/* Follows up what became true, learning from conflicts. CHOICE_CONFLICT: there is one without any
 * decision. */
enum choice_result order_search_settle(struct order_search *search);

/* Whether so much work was done that others are to have their turn. */
bool order_search_makes_pause(struct order_search *search);

/* Makes a choice of every two blocks that overlap, until none do. CHOICE_CONFLICT: it cannot be. */
enum choice_result order_search_settle_overlaps(struct order_search *search);

/* Learns from `conflict`. CHOICE_CONFLICT: it is one without any decision. */
enum choice_result order_search_learn(struct order_search *search);

void order_search_back_to(struct order_search *search, uint32_t level);

/* Gives a literal that was just made true its edges, without learning. CHOICE_CONFLICT: they would
 * close a cycle, which last_from and the others tell of. */
enum choice_result order_search_make_true(struct order_search *search, uint32_t literal);

/* Makes true, of the choices that came up so far, whatever the known refuses the contrary of.
 * CHOICE_CONFLICT: it refuses both. Without learning. Gives up (CHOICE_NO_MEMORY) where the graph's
 * work_done would be more than work_end. */
enum choice_result order_search_conclude(struct order_search *search, uint64_t work_end);

/* Whether a reader refuses a literal (rules.views). */
enum choice_result order_search_is_view_refused(struct order_search *search, uint32_t literal);

/* --- order_views.c --- */

/* Looks whether every reader's view is one; takes up what is not. CHOICE_CONFLICT: it cannot be. */
enum choice_result views_settle(struct order_search *search, bool *is_settled);

/* Whether some reader follows who overwrote what it read, by what is known and chosen. */
enum choice_result views_refuse(struct order_search *search);

#endif
