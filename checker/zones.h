/* Linearizability of a register whose written values all differ, with compare-and-set and crashes,
 * in linear time: algorithm_zones. This header is what its files share.
 *
 * Source: Gibbons & Korach, "Testing Shared Memories", SIAM J. Computing 26(4), 1997, section 5
 * (zones of a register with known writers), carried over to chains of successful cas.
 *
 * A cluster is what is known of one value: the operation that writes it, and those that read it.
 * A successful cas [a b] ties the cluster of b behind that of a, so that clusters form chains; in
 * any linearization a chain stands in one piece, for nothing else can give its values back. So:
 *
 *   - within a chain everything has its place, and nothing may end before what stands in front of
 *     it began;
 *   - with `end` the earliest end in a chain and `start` the latest start, chain A must stand
 * before B if A.end < B.start; they can be ordered unless two must stand before each other
 *     (zone_line.h).
 *
 * Crashed operations: a crashed write, or cas, must have happened if it alone can have written a
 * value that was read or replaced, by something that must have happened; its end is then never.
 * Otherwise it is left out. Values that an operation which may not have happened could have
 * written as well are ambiguous: one writer is taken (one that is known to have happened, the
 * initial value, a crashed write, in this order), what is accepted so is right, and a violation
 * that needs an ambiguous value is not reported, but left to another algorithm. So is a value
 * that was certainly written twice and read. A failed cas that proves something is only left out:
 * a violation without it is one, all others are left to another algorithm.
 *
 * Cost: O(n) expected time; 4 bytes an operation, 20 a written value, and 4 to 32 a
 * written value for finding values; for an order 8 bytes an operation more. */
#ifndef CHECKER_ZONES_H
#define CHECKER_ZONES_H

#include "checker/algorithm.h"
#include "checker/answer.h"
#include "checker/ref_map.h"
#include "checker/zone_line.h"

#include <stdbool.h>
#include <stdint.h>

#define ZONES_NONE UINT32_MAX
enum { ZONES_INITIAL = 0 };

enum zones_flag {
    ZONES_MAYBE = 1,      /* its writer crashed */
    ZONES_CAS = 2,        /* its writer is a cas */
    ZONES_LINKED = 4,     /* that cas stands in its chain */
    ZONES_AMBIGUOUS = 8,  /* a crashed operation may have written it as well */
    ZONES_DUPLICATE = 16, /* certainly written twice */
};

/* Cluster 0 is the initial value, written before everything. */
struct zones_cluster {
    uint32_t writer; /* index of the operation; ZONES_NONE if there is none */
    uint32_t next;   /* the cluster of the cas that replaced the value */
    uint32_t last;   /* the read that started last */
    position end;    /* of the read that ended first */
    uint32_t flags;
};

enum zones_rule {
    ZONES_UNWRITTEN, /* x needs a value that nothing can have written */
    ZONES_REPLACED,  /* clusters a and b are both of a cas from the same value */
    ZONES_ROOTLESS,  /* the chain of cluster a has no beginning */
    ZONES_DISORDER,  /* operation x ended before y began, which stands in front of it in a chain */
    ZONES_CROSSED,   /* chains a and b must each stand before the other; a is a forward zone that
                        starts later */
};

struct zones_violation {
    enum zones_rule rule;
    uint32_t x, y;
    uint32_t a, b;
};

struct zones {
    const struct algorithm_input *input;
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    value_ref initial;    /* the value it begins with */
    bool frees_values;    /* a witness may leave values free: there is one initial value only */
    uint32_t writers;     /* operations that write */
    uint32_t cas_writers; /* cas among them */
    bool failed_cas_says; /* a failed cas proves something */
    uint32_t low, high;   /* bounds of the values they write, as ref_map_order */
    struct ref_map map;   /* from a value to its cluster; not of the initial one */
    struct zones_cluster *clusters;
    uint32_t cluster_count, cluster_capacity;
    uint32_t linked;       /* clusters with ZONES_LINKED */
    struct zone_line line; /* the chains, by their roots */
    uint32_t *next_read;   /* with want_order: by operation, the next read of the same value */
    uint32_t *first_read;  /* with want_order: by cluster */
    struct zones_violation violation;
    const char *unfit; /* why it is not for this algorithm */
};

enum zones_end { ZONES_GO_ON, ZONES_VIOLATED, ZONES_UNFIT, ZONES_NO_TIME, ZONES_NO_MEMORY };

/* What an operation says about the value. */
enum zones_kind { ZONES_SAYS_NOTHING, ZONES_READ, ZONES_WRITE, ZONES_REPLACE };

struct zones_call {
    enum zones_kind kind;
    value_ref needs, gives; /* as the kind has them */
};

/* The two values of a cas; false if it has none. */
bool zones_cas_values(const struct zones *zones, const struct operation *op, value_ref *expected,
                      value_ref *next);

struct zones_call zones_read_cas(const struct zones *zones, const struct operation *op);

static inline struct zones_call zones_read_call(const struct zones *zones,
                                                const struct operation *op)
{
    struct zones_call call = {ZONES_SAYS_NOTHING, VALUE_REF_NIL, VALUE_REF_NIL};
    if (op->f == F_CAS)
        return zones_read_cas(zones, op);
    if (op->f == F_WRITE && op->outcome != OP_FAIL) {
        call.kind = ZONES_WRITE;
        call.gives = operation_value(op);
    } else if (op->f == F_READ && op->outcome == OP_OK &&
               !(op->result == VALUE_REF_NIL && zones->input->semantics->nil_read_is_unknown)) {
        call.kind = ZONES_READ;
        call.needs = op->result;
    }
    return call;
}

/* The cluster of a value; ZONES_NONE if nothing writes it. */
static inline uint32_t zones_find(const struct zones *zones, value_ref value)
{
    return value == zones->initial ? ZONES_INITIAL : ref_map_find(&zones->map, value);
}

/* Whether something that certainly happened reads or replaces the value. */
static inline bool zones_is_needed(const struct zones_cluster *cluster)
{
    return cluster->last != ZONES_NONE || cluster->next != ZONES_NONE;
}

/* Makes the clusters and ties them into chains. */
enum zones_end zones_gather(struct zones *zones);

/* What zones_gather has allocated. */
void zones_fini(struct zones *zones);

/* What refutes a history: struct refutation (checker/verify.h), and what to say. */
struct zones_proof {
    struct kept kept;
    value_ref free_values[4];
    uint32_t free_count;
    bool any_state;
    position from;
    const char *reason; /* as in struct algorithm_result */
    uint32_t failing;
};

/* Adds what proves zones->violation; ZONES_VIOLATED, or ZONES_UNFIT if it needs an ambiguous value.
 * O(n). */
enum zones_end zones_prove(struct zones *zones, struct zones_proof *proof);

#endif
