/* Checks the answers of the checker by separate, simple code: it shares nothing with the models and
 * algorithms but the specification of the object (specification.h).
 *
 * An order is replayed. A refutation keeps a few operations of an object and claims that they alone
 * cannot be linearized; it proves something about the whole object because leaving out the others
 * is a *sound reduction*: what can be linearized still can be after it. The sound reductions, each
 * proved where it is checked (verify_reduction.c), are:
 *
 *   - every model: an operation invoked after `until` is left out; one that completes after it may
 *     have happened, as it was answered;
 *   - every model: an operation that says nothing, or only observes, is left out;
 *   - register, cas-register, multi-register, mutex, owned-mutex, linear-set: an operation that
 *     leaves no state behind that a kept one needs is left out - another value, another holder, an
 *     element in or not in the set - or only what those need that completed before it was invoked.
 *     If a failed cas is kept, which any other value satisfies: only if invoked after that had
 *     completed, or if it writes what that expected;
 *   - fifo-queue, unordered-queue, priority-queue, stack, linear-set, grow-only-set: all operations
 *     on a value are left out together (reads of a whole set then lose the value). Takes of unknown
 *     outcome stay, unless every element that is kept was taken by a kept take that must
 *     have happened;
 *   - owned-mutex, reentrant-mutex: all operations of an owner are left out together;
 *   - any_state (registers, mutexes, semaphore, linear-counter, linear-set, a user's model): what
 *     completed before `from` is left out, what is open there may have happened before it, and the
 *     object may be in any state to begin with;
 *   - register, cas-register: a free value: operations that write it are left out, and anybody may
 *     write it at any time. */
#ifndef CHECKER_VERIFY_H
#define CHECKER_VERIFY_H

#include "checker/object.h"
#include "checker/specification.h"

struct budget;
struct errbuf;

enum verify_end {
    VERIFY_ACCEPTED,
    VERIFY_REJECTED,      /* it proves nothing: *why says what is wrong */
    VERIFY_OUT_OF_BUDGET, /* time or memory ended the search */
};

struct refutation {
    const uint32_t *keep; /* indexes of object->ops, ascending */
    uint32_t keep_count;
    position until; /* the last event that counts; POSITION_NONE: all do */
    bool any_state;
    position from; /* with any_state: the first event that counts */
    const value_ref *free_values;
    uint32_t free_count;
};

struct verify_input {
    const struct object *object;
    const struct specification *specification;
    struct specification_context context;
    struct budget *budget;
};

/* Whether the operations, as indexes of object->ops, took effect in this order: it respects real
 * time, holds every operation that must have happened and none that did not, none twice, and the
 * object answers as recorded. Linear, but for crashed takes of an unordered queue, each of which
 * may leave several states. */
enum verify_end verify_order(const struct verify_input *input, const uint32_t *order,
                             uint32_t count, struct errbuf *why);

/* Whether the refutation is sound, and what it keeps has no linearization. The first part is
 * O(operations x log kept), and allocates for the kept ones only; the second follows all states
 * that the object can be in, completion by completion, and is exponential in the number of kept
 * operations that overlap, in the worst case. */
enum verify_end verify_refutation(const struct verify_input *input,
                                  const struct refutation *refutation, struct errbuf *why);

#endif
