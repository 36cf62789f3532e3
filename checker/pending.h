/* The calls that can still be linearized at a moment of the search, by what they do.
 *
 * A live call (one that returns) holds a slot, which is its bit in the masks of a configuration,
 * from its invocation to its return. Calls with equal operations are of one kind, and of those the
 * search always takes the one that returns first: an order that takes another is still one with the
 * two exchanged. So a kind keeps its live calls in the order of their returns.
 *
 * A crashed call (one that never returns) is one more of its kind, for ever; configurations count
 * how many of a kind they have used, in a byte. A kind needs no more crashed calls than there are
 * calls yet to come that could need what it gives (the demand, if it is known); what is beyond that
 * is not counted: `base` says how many a configuration that shows 0 has used, or could have.
 * When nothing can need a kind any more, it is forgotten.
 *
 * O(1) expected a call, beside the live calls of its kind. Memory comes from the budget. Not
 * thread-safe. */
#ifndef CHECKER_PENDING_H
#define CHECKER_PENDING_H

#include "checker/model.h"

#define PENDING_NONE UINT32_MAX

struct pending_call {
    uint32_t id;         /* the caller's */
    uint32_t returns_at; /* position of the return */
    uint32_t kind;       /* PENDING_NONE: the slot is free */
    uint32_t next;       /* of its kind: the slot of the one that returns next */
};

struct pending_kind {
    struct model_op op;
    uint32_t crash_id; /* of the first crashed call */
    uint64_t supply;   /* crashed calls so far */
    uint64_t base;     /* of those, not counted */
    uint32_t first;    /* live calls: slot of the one that returns first */
    uint32_t live_count;
    uint32_t byte;   /* of configurations, where used ones are counted; PENDING_NONE: no crashed */
    uint32_t at;     /* the kind is active[at] */
    uint32_t active; /* not of this kind: kinds[i].active is the i-th kind in use */
    uint32_t bucket_next; /* + 1 */
    uint32_t gives_next;  /* the next with crashed calls that gives the same value, + 1 */
    bool endless;         /* crashed calls without number */
};

/* From byte `byte` of every configuration, `amount` is to be subtracted (down to 0). */
struct pending_change {
    uint32_t byte, amount;
};

/* What calls are yet to come: lets crashed calls be forgotten. */
struct demand {
    struct budget *budget;
    uint32_t *by_value; /* calls that need it and may still be linearized */
    uint32_t value_count;
    uint32_t avoiding; /* calls that avoid some value and have not returned */
    uint32_t *log;     /* what has fallen, in order: a value, or DEMAND_AVOIDING */
    uint32_t log_count, log_capacity;
};

#define DEMAND_AVOIDING UINT32_MAX

int demand_init(struct demand *demand, struct budget *budget, uint32_t value_count);
void demand_fini(struct demand *demand);

/* As it was when log_count was `mark`. */
void demand_rewind(struct demand *demand, uint32_t mark);

struct pending {
    struct budget *budget;
    struct demand *demand; /* NULL: not known */

    struct pending_call *slots;
    uint32_t slot_count, slot_capacity; /* ever in use: how wide the masks must be */
    uint32_t free_slot;                 /* + 1; the next one in its `next` */

    struct pending_kind *kinds;
    uint32_t kind_count, kind_capacity; /* ever in use */
    uint32_t free_kind;                 /* + 1; the next one in its bucket_next */
    uint32_t active_count;              /* in use now: kinds[0 .. active_count - 1].active */
    uint32_t *buckets;                  /* by hash of the operation: kind + 1 */
    uint32_t bucket_count;

    uint32_t *bytes; /* of configurations: the kind counted there, or the next free one + 1 */
    uint32_t byte_count, byte_capacity;
    uint32_t free_byte; /* + 1 */

    uint32_t *gives_first; /* by value: kind + 1; only with a demand */
    uint32_t *lowered;     /* values whose demand has fallen: work to do */
    uint32_t lowered_count, lowered_capacity;

    struct pending_change *changes; /* since the caller last set change_count to 0 */
    uint32_t change_count, change_capacity;
};

/* demand is borrowed, and changed; NULL if it is not known. -1 when the memory ran out: then there
 * is nothing to free. */
int pending_init(struct pending *pending, struct budget *budget, struct demand *demand);
void pending_fini(struct pending *pending);

/* A call that returns begins. Its slot, or PENDING_NONE when the memory ran out. */
uint32_t pending_begin(struct pending *pending, const struct model_op *op, uint32_t id,
                       uint32_t returns_at);

/* It has returned; the slot is free. -1 when the memory ran out. */
int pending_end(struct pending *pending, uint32_t slot);

/* A call that never returns begins. -1 when the memory ran out. */
int pending_crash(struct pending *pending, const struct model_op *op, uint32_t id, bool endless);

/* A copy for pending_restore; without the demand. -1 when the memory ran out. */
int pending_save(const struct pending *pending, struct pending *copy);

/* Back to what was saved; the copy stays. The caller has rewound the demand. -1 when the memory ran
 * out: then it is as it was, and the demand is not. */
int pending_restore(struct pending *pending, const struct pending *copy);

/* How many crashed calls of a kind are left to a configuration that shows `used`. */
static inline uint64_t pending_left(const struct pending_kind *kind, uint8_t used)
{
    if (kind->endless)
        return 1;
    uint64_t there = kind->supply - kind->base;
    return there > used ? there - used : 0;
}

/* As if `amount` more calls of the kind had been used by all configurations. */
void pending_raise_base(struct pending *pending, uint32_t kind, uint64_t amount);

#endif
