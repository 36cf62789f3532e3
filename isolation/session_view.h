/* Whether there is one order that explains what some transactions, each of which must come before
 * the next, read: the view of a session (Bouajjani et al., "On Verifying Causal Consistency", POPL
 * 2017, section 3; Lipton & Sandberg, "PRAM", 1988).
 *
 * The order must keep what the level says. A transaction that wrote a key and comes before one of
 * the *explained*, which read the key from another, must come before that other too. That is
 * concluded until nothing follows any more: what comes before whom is then the smallest relation
 * there is. If it has no cycle, then the explained one after the other, each behind everything that
 * must come before it and nothing else, are an order in which every read sees what it read; so the
 * answer is complete, also for transactions of many keys.
 *
 * Of every transaction is kept which explained one it comes before first, its *due*. Each time it
 * falls, what comes before is looked at again: linear in the transactions before the explained ones
 * where few fall far; at worst times the number of those.
 *
 * From the budget; 29 bytes for a place and 16 for a conclusion. Can be opened again and again for
 * other sessions: then what was touched is cleared. */
#ifndef ISOLATION_SESSION_VIEW_H
#define ISOLATION_SESSION_VIEW_H

#include "evidence/evidence.h"
#include "transactions/committed.h"
#include "transactions/level.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct view_arc {
    uint32_t from, to; /* places: who must come before whom ... */
    uint32_t read;     /* ... as this one read from `to` */
    uint32_t next;     /* to the same place; VIEW_NONE */
};

/* One of the explained reads. */
struct view_read {
    uint32_t read;
    uint32_t index; /* of the explained transaction */
};

#define VIEW_NONE UINT32_MAX

struct session_view {
    const struct committed *done;
    struct budget *budget;
    enum level level;  /* WEAK_CAUSAL, CAUSAL_MEMORY, PRAM or MONOTONIC_READS */
    bool *is_reader;   /* by place, as are those that follow: read anything, also its own */
    uint32_t *due;     /* the index of the first explained one it comes before; VIEW_NONE */
    uint32_t *told;    /* the due for which its conclusions were drawn */
    uint32_t *index;   /* among the explained; VIEW_NONE */
    uint32_t *arcs_to; /* the last conclusion about it; VIEW_NONE */
    uint32_t *marks;   /* of searches */
    uint32_t *touched; /* places to be cleared */
    uint32_t touched_count;
    uint32_t *work; /* places whose due fell */
    uint32_t work_count, work_capacity;
    uint32_t *explained; /* places */
    uint32_t explained_count, session, first;
    struct view_read *reads;
    uint64_t *by_key; /* sorted: key, and which of `reads` */
    uint32_t read_count, read_capacity;
    struct view_arc *arcs;
    uint32_t arc_count, arc_capacity;
    /* What was found: a place on a cycle; or who wrote a key before this read of its first version.
     */
    uint32_t on_cycle, early_writer, early_read;
};

/* Errors: ERR_NOMEM. To be freed also after an error. */
int session_view_init(struct session_view *view, const struct committed *done, enum level level,
                      struct budget *budget);
void session_view_fini(struct session_view *view);

/* Explains these places, of one session and ascending; what comes before place `first` need not be
 * looked at. *holds: whether there is such an order. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int session_view_explain(struct session_view *view, const uint32_t *places, uint32_t count,
                         uint32_t first, bool *holds);

/* Why there is none. Errors: as above, and the arena's ERR_NOMEM. */
int session_view_evidence(struct session_view *view, struct arena *arena, struct evidence *out);

/* --- for session_view.c and its neighbours --- */

/* What must come before a place, one after the other. */
struct view_befores {
    uint32_t place, stage, at;
};

/* How one comes before the other: an index of arcs with this bit, or of reads, or this. */
#define VIEW_SESSION UINT32_MAX
#define VIEW_ARC     UINT32_C(0x80000000)

/* False: no more. */
bool view_befores_next(const struct session_view *view, struct view_befores *befores,
                       uint32_t *place, uint32_t *cause);

#endif
