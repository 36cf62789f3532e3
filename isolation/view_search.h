/* Whether there is one order of everybody's writes and a session's reads that explains what the
 * session read, where the session's own order is kept only in part: read your writes, monotonic
 * writes and writes follow reads (Terry et al., PDIS 1994; Brzezinski, Sobaniec & Wawrzyniak, "From
 * Session Causality to Causal Consistency", PDP 2004).
 *
 * For every read and every other writer of its key, this one comes before whom it was read from, or
 * after who read it. A topological order is kept of what is known (isolation/order_graph.h); only
 * pairs that it contradicts are looked at. Where one of the two cannot be, the other one follows;
 * where both can be, they are tried in turn. Reads that need not be in the session's order make
 * that a search, exponential at worst, that is given up after some thousand trials; without trials
 * it is near linear in the session's reads times the writers of a key.
 *
 * From the budget: 100 bytes for a place and 50 for a key. */
#ifndef ISOLATION_VIEW_SEARCH_H
#define ISOLATION_VIEW_SEARCH_H

#include "evidence/evidence.h"
#include "isolation/order_graph.h"
#include "transactions/committed.h"
#include "transactions/key_writers.h"

struct arena;

/* A read and another writer of its key. */
struct view_pair {
    uint32_t read, reader, other; /* reader, other: places */
};

/* The edge with the same number among the graph's dynamic ones. */
struct view_choice {
    struct view_pair pair;
    bool is_after; /* `other` after the reader; otherwise before whom it read from */
    bool is_trial; /* the contrary is still to be tried */
    /* For proofs (isolation/view_proof.h): whether one rests on it; and why it is so if that is not
     * to be seen from those before it. */
    bool is_needed;
    uint32_t ground; /* VIEW_GROUND_NONE: it is to be seen */
};

#define VIEW_GROUND_NONE UINT32_MAX

enum view_end { VIEW_EXPLAINED, VIEW_REFUTED, VIEW_GIVEN_UP };

struct view_search {
    const struct committed *done;
    struct budget *budget;
    enum level level;
    struct key_writers writers;
    struct order_graph graph; /* vertices: places; places again, of what sessions read; keys */
    bool has_graph;
    uint32_t session;
    struct view_choice *choices;
    uint32_t choice_count, choice_capacity;
    uint32_t trials;
    uint32_t cycle;             /* refuted by what is known from the start: a vertex on a cycle */
    struct view_pair last_pair; /* for proofs: one of which neither can be */
};

/* Errors: ERR_NOMEM. To be freed also after an error. */
int view_search_init(struct view_search *search, const struct committed *done, enum level level,
                     struct budget *budget);
void view_search_fini(struct view_search *search);

/* Errors: ERR_NOMEM, ERR_TIMEOUT. */
int view_search_run(struct view_search *search, uint32_t session, enum view_end *end);

/* Of the last run, which refuted: it is done again, and what it rests on kept. None if that takes
 * more than a thousand trials, or 40 at a time. Errors: as above. */
int view_search_evidence(struct view_search *search, struct arena *arena, struct evidence *out);

#endif
