/* What must come before what so that lists can be explained element by element: what the level
 * keeps of session order and reads-from; what some of the transactions, the *explained*, read of
 * lists: who appended an element came before the reader, who appended one that is not there came
 * after it; and the order of the elements. Internal to isolation/list_views.h.
 *
 * It is a graph that is nowhere stored: what comes right before a node is read off the transactions
 * when it is asked for. Nodes: the *places*; for each place its *past*, which stands for what its
 * session had read until then, or for its session until then; for each version the *list* that ends
 * with it, behind all who appended to it; and its *readers*, before all who appended what they did
 * not see. A walk back from the explained finds whether there is a cycle (Tarjan, SIAM J. Comput.
 * 1972): linear in what comes before them. */
#ifndef ISOLATION_LIST_ORDER_H
#define ISOLATION_LIST_ORDER_H

#include "evidence/evidence.h"
#include "transactions/committed.h"
#include "transactions/level.h"

struct arena;
struct budget;

#define LIST_NONE UINT32_MAX

/* A read of one of the explained. */
struct list_read {
    uint32_t place, key, version;
    uint32_t next; /* of the same version; LIST_NONE */
};

/* What comes right before a node, one after the other. */
struct list_befores {
    uint32_t node;
    uint32_t stage; /* sessions; from LIST_MICROS on so many micro-operations were looked at */
    uint32_t read;  /* the next one of the version that a micro-operation is about; LIST_NONE */
};

struct list_before {
    uint32_t node, key;
    uint8_t kind; /* enum step_kind, of an arc to a place or a past */
};

struct list_order {
    const struct committed *done;
    struct budget *budget;
    enum level level;
    uint32_t node_count;
    uint32_t *previous_writer, *previous_reader; /* by place, of its session */
    uint8_t *reads_too; /* by micro-operation, a bit: an append to a key that its place reads */
    /* The explained. */
    enum { OWN_NONE, OWN_SESSION, OWN_ALL } own; /* whose own order the guarantees keep */
    uint32_t session;
    uint32_t *longest;    /* by key: the last version read; VERSION_UNREAD */
    uint32_t *longest_by; /* by key: the place that did */
    uint32_t *readers;    /* by version: index of reads; LIST_NONE */
    struct list_read *reads;
    uint32_t read_count, read_capacity;
    bool has_readers; /* what they did not see counts */
    /* The walk. */
    uint32_t *marks; /* by node: twice the number of the walk, and one more when it is left */
    uint32_t walk;
    struct list_befores *stack;
    uint32_t depth, capacity;
    bool is_skipping; /* along a session in one step */
    uint32_t cycle;   /* a place on one; LIST_NONE */
    /* Called when a walk leaves a place; NULL: nothing. True ends the walk. */
    bool (*leave)(void *context, uint32_t place);
    void *context;
};

/* Errors: ERR_NOMEM. To be freed also after an error. */
int list_order_init(struct list_order *order, const struct committed *done, enum level level,
                    struct budget *budget);
void list_order_fini(struct list_order *order);

/* Makes these places the explained, instead of others. Errors: ERR_NOMEM. */
int list_order_explain(struct list_order *order, const uint32_t *places, uint32_t count,
                       bool has_readers);

/* Forgets what earlier walks saw. */
void list_order_begin(struct list_order *order);

/* Walks back from a place, but for what was seen; order->cycle is set if there is one. Errors:
 * ERR_NOMEM, ERR_TIMEOUT. */
int list_order_walk(struct list_order *order, uint32_t place);

/* The same from all of these, with list_order_begin. */
int list_order_search(struct list_order *order, const uint32_t *places, uint32_t count);

/* --- nodes --- */

static inline uint32_t list_node_of_past(const struct list_order *order, uint32_t place)
{
    return order->done->count + place;
}

static inline uint32_t list_node_of_list(const struct list_order *order, uint32_t version)
{
    return 2 * order->done->count + version;
}

static inline uint32_t list_node_of_readers(const struct list_order *order, uint32_t version)
{
    return 2 * order->done->count + order->done->all->version_count + version;
}

static inline bool list_is_place(const struct list_order *order, uint32_t node)
{
    return node < order->done->count;
}

/* False: no more. */
bool list_befores_next(const struct list_order *order, struct list_befores *befores,
                       struct list_before *out);

/* The micro-operations of a place. */
static inline const struct micro *list_micros_of(const struct list_order *order, uint32_t place,
                                                 const struct micro **end)
{
    const struct transactions *all = order->done->all;
    const struct txn *txn = &all->txns[order->done->txns[place].txn];
    *end = all->micros + txn[1].micros;
    return all->micros + txn->micros;
}

static inline bool list_is_read(const struct micro *micro)
{
    return micro->f == MICRO_READ && micro->version != VERSION_UNREAD;
}

static inline bool list_place_writes(const struct list_order *order, uint32_t place)
{
    return order->done->txns[place].writes < order->done->txns[place + 1].writes;
}

bool list_place_reads(const struct list_order *order, uint32_t place);

/* --- evidence (isolation/list_evidence.c) --- */

struct list_arc {
    uint32_t from, to;
    uint32_t key;
    uint8_t kind; /* as in list_before */
};

/* Each arc begins where the one before ends; the first one at a place. */
struct list_cycle {
    struct list_arc *arcs;
    uint32_t count, capacity;
};

/* One of the shortest through any of its own places, after a search found one; but for a history
 * in which that takes many searches. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int list_cycle_find(struct list_order *order, struct list_cycle *cycle);
void list_cycle_fini(struct list_cycle *cycle, struct budget *budget);

/* Errors: ERR_NOMEM. *out is EVIDENCE_NONE if it cannot be told. */
int list_cycle_tell(const struct list_order *order, const struct list_cycle *cycle,
                    struct arena *arena, struct evidence *out);

#endif
