/* What the files of the search for a session's order share (isolation/view_search.h): the vertices
 * of its graph, one look at what is still to be settled, and making and taking back a choice.
 * Private to view_search.c, view_search_build.c, view_search_evidence.c and view_proof.c. */
#ifndef ISOLATION_VIEW_SEARCH_PARTS_H
#define ISOLATION_VIEW_SEARCH_PARTS_H

#include "isolation/view_search.h"

/* Vertices beside the places. The *past* of a place stands for all that its session read up to and
 * with it: an edge from there orders all of that before something. The vertex of a key stands
 * between those who read its first version and those who wrote it. */
static inline uint32_t view_past_vertex(const struct view_search *search, uint32_t place)
{
    return search->done->count + place;
}

static inline uint32_t view_key_vertex(const struct view_search *search, uint32_t key)
{
    return 2 * search->done->count + key;
}

/* Makes search->graph of what the level keeps for the session asked about, without any choice. To
 * be freed with view_search_fini, also after an error. Linear. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int view_search_build(struct view_search *search);

enum pair_end {
    PAIR_SETTLED, /* the graph's order agrees with it, or one way to order it was left, and made */
    PAIR_OPEN,    /* it can be ordered both ways */
    PAIR_IMPOSSIBLE,  /* it can be ordered neither way */
    PAIR_NOT_SETTLED, /* the budget ended: view_search_error says which */
};

/* What one look at all pairs came upon. */
struct view_pass {
    bool any_settled, any_open;
    struct view_pair pair; /* the first open one; or the impossible one */
};

/* Looks at every pair that the graph's order contradicts, and makes the choices that have no
 * alternative. Ends at an impossible pair, or when the budget does. */
enum pair_end view_search_look(struct view_search *search, struct view_pass *pass);

/* Makes a choice, unless it would close a cycle (ORDER_CYCLE) or the budget ended
 * (ORDER_OUT_OF_BUDGET); takes back the last ones until so many are left. */
enum order_result view_search_choose(struct view_search *search, const struct view_pair *pair,
                                     bool is_after, bool is_trial);
void view_search_take_back(struct view_search *search, uint32_t count);

/* ERR_TIMEOUT or ERR_NOMEM, whichever ended the budget. */
int view_search_error(const struct view_search *search);

#endif
