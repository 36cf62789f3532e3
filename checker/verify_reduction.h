/* The first half of verifying a refutation: whether leaving out what it leaves out is sound, and
 * what is then left. Private to verify*.c. */
#ifndef CHECKER_VERIFY_REDUCTION_H
#define CHECKER_VERIFY_REDUCTION_H

#include "checker/verify.h"

/* An operation that is left, and when it happened: after its invocation, and before `end`, or
 * never if it need not. */
struct verify_kept {
    struct operation op;
    uint32_t index; /* of object->ops */
    position end;   /* POSITION_NONE: at any time later */
    bool must;
};

/* What a kept operation wants to be so, or makes so: that a register has a value, an element is
 * used, an owner acts. */
struct verify_facts {
    uint64_t *items; /* sorted, each once; name << 32 | value */
    uint32_t count, capacity;
};

struct verify_reduced {
    struct verify_kept *kept; /* in order of invocation */
    uint32_t kept_count;
    uint32_t capacity;
    struct verify_facts needed; /* the states that kept operations need */
    struct verify_facts used;   /* elements or owners that kept operations are about */
    bool all_taken;             /* queues and stacks: see verify_all_taken */
    struct verify_facts read;   /* grow-only-set: elements of kept reads ... */
    bool *lost;                 /* ... and which of them were left out */
    position proven_until;      /* registers: no kept failed cas ended later; 0: there is none */
};

/* A fact of a register, or of one of several (name), an element or an owner (name 0). */
static inline uint64_t verify_fact(value_ref name, value_ref value)
{
    return (uint64_t)name << 32 | value;
}

/* False: no memory. */
bool verify_facts_add(struct verify_facts *facts, uint64_t fact, struct budget *budget);

/* Sorts, and leaves each once. */
void verify_facts_sort(struct verify_facts *facts);

/* Of sorted ones: where a fact is, or would be; whether it is there. */
uint32_t verify_facts_place(const struct verify_facts *facts, uint64_t fact);
bool verify_facts_have(const struct verify_facts *facts, uint64_t fact);

bool verify_model_is(const struct verify_input *input, const char *model);

typedef bool verify_take_fact(void *context, uint64_t fact, bool gives);

/* Calls take for every state that an operation needs (gives = false) or leaves behind: the value of
 * a register, whether an element is in a set, who holds a mutex. False if take said so, or without
 * memory. */
bool verify_state_facts(const struct verify_input *input, const struct operation *op,
                        verify_take_fact *take, void *context);

/* The element or owner that an operation is about; false if it is about none, or any. */
bool verify_subject(const struct verify_input *input, const struct operation *op, uint64_t *out);

/* Fills *out in every case; verify_reduced_fini gives it back. */
enum verify_end verify_reduce(const struct verify_input *input, const struct refutation *refutation,
                              struct verify_reduced *out, struct errbuf *why);
void verify_reduced_fini(struct verify_reduced *reduced, struct budget *budget);

/* Queues and stacks: sets all_taken if all kept elements that were put in, or may have been, were
 * taken by kept takes that must have happened, as often: in every order, then, takes of unknown
 * outcome took other elements or nothing (verify_takes.c). O(kept x log kept). */
enum verify_end verify_all_taken(const struct verify_input *input, struct verify_reduced *reduced);

/* The choice-th state that the object may be in when nothing is known, as far as the kept
 * operations can tell: NO_CHOICE when there are no more; REFUSED if they are too many, or the model
 * has no such thing (verify_anywhere.c). */
enum specification_step verify_anywhere(const struct verify_input *input,
                                        const struct verify_reduced *reduced, uint32_t choice,
                                        struct specification_state *state);

/* The second half: whether what is left has a linearization (verify_search.c). ACCEPTED: it has
 * none. */
enum verify_end verify_search(const struct verify_input *input, const struct refutation *refutation,
                              const struct verify_reduced *reduced, struct errbuf *why);

#endif
