/* The definition of linearizability, spelled out and slow: tries every order of the operations of
 * an object. Shares nothing with the checker but the specification of the object.
 *
 * Every operation that must have happened is put somewhere in one order, every one that may have
 * happened is put there or left out; an operation that completed before another was invoked comes
 * before it; and the object, used in this order by one client, answers what was recorded.
 *
 * The only liberty: what was tried once, the same operations placed and the object in the same
 * state, is not tried again. Memory is kept from call to call; brute_force_free gives it back. */
#ifndef TESTS_BRUTE_FORCE_H
#define TESTS_BRUTE_FORCE_H

#include "checker/object.h"
#include "checker/specification.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BRUTE_FORCE_OPS_MAX = 24 };

/* What was tried: for each set of operations the states that were reached by it. */
struct brute_force_memo {
    struct brute_force_tried {
        uint32_t call; /* of another call: empty */
        uint32_t used;
        struct specification_state state;
    } * slots;
    uint32_t slot_count, count;
};

struct brute_force {
    const struct object *object;
    const struct specification *specification;
    const struct specification_context *context;
    uint32_t must, may;                                         /* sets of operations */
    uint32_t before[BRUTE_FORCE_OPS_MAX];                       /* those that come before it */
    uint32_t order[BRUTE_FORCE_OPS_MAX], count;                 /* in which they are placed */
    struct specification_state states[BRUTE_FORCE_OPS_MAX + 1]; /* by how many are placed */
    struct brute_force_memo memo;
    uint32_t call;
};

static inline uint64_t brute_force_hash(uint32_t used, const struct specification_state *state)
{
    uint64_t hash = used * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = 0; i < state->count; i++)
        hash = (hash ^ (hash >> 29) ^ state->items[i]) * UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ (hash >> 32);
}

static inline struct brute_force_tried *brute_force_find(const struct brute_force *brute,
                                                         uint32_t used,
                                                         const struct specification_state *state)
{
    uint64_t at = brute_force_hash(used, state);
    for (;; at++) {
        struct brute_force_tried *tried = &brute->memo.slots[at & (brute->memo.slot_count - 1)];
        if (tried->call != brute->call ||
            (tried->used == used && specification_state_equal(&tried->state, state)))
            return tried;
    }
}

static inline void brute_force_grow(struct brute_force *brute)
{
    struct brute_force_memo old = brute->memo;
    if (old.count * 2 < old.slot_count)
        return;
    brute->memo.slot_count = old.slot_count ? old.slot_count * 2 : 256;
    brute->memo.slots = calloc(brute->memo.slot_count, sizeof *old.slots);
    assert(brute->memo.slots);
    for (uint32_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].call == brute->call)
            *brute_force_find(brute, old.slots[i].used, &old.slots[i].state) = old.slots[i];
        else
            specification_state_fini(&old.slots[i].state);
    }
    free(old.slots);
}

/* Whether it was there already. */
static inline bool brute_force_tried_before(struct brute_force *brute, uint32_t used,
                                            const struct specification_state *state)
{
    brute_force_grow(brute);
    struct brute_force_tried *tried = brute_force_find(brute, used, state);
    if (tried->call == brute->call)
        return true;
    tried->call = brute->call;
    tried->used = used;
    bool copied = specification_state_copy(&tried->state, state);
    assert(copied);
    (void)copied;
    brute->memo.count++;
    return false;
}

/* Goes on from `used`, placed, with states[count] as the state. */
static inline bool brute_force_orders(struct brute_force *brute, uint32_t used)
{
    const struct specification_state *state = &brute->states[brute->count];
    if ((brute->must & ~used) == 0)
        return true;
    if (brute_force_tried_before(brute, used, state))
        return false;
    for (uint32_t next = 0; next < brute->object->count; next++) {
        uint32_t bit = UINT32_C(1) << next;
        if (!((brute->must | brute->may) & ~used & bit) || (brute->before[next] & ~used))
            continue;
        for (uint32_t choice = 0;; choice++) {
            struct specification_state *after = &brute->states[brute->count + 1];
            bool copied = specification_state_copy(after, state);
            assert(copied);
            (void)copied;
            enum specification_step step = brute->specification->apply(
                brute->context, &brute->object->ops[next], choice, after);
            assert(step != SPECIFICATION_NOMEM);
            if (step == SPECIFICATION_NO_CHOICE)
                break;
            if (step == SPECIFICATION_REFUSED)
                continue;
            brute->order[brute->count++] = next;
            if (brute_force_orders(brute, used | bit))
                return true;
            brute->count--;
        }
    }
    return false;
}

static inline void brute_force_prepare(struct brute_force *brute, const struct object *object)
{
    brute->object = object;
    brute->must = brute->may = brute->count = 0;
    assert(object->count <= BRUTE_FORCE_OPS_MAX);
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        enum specification_effect effect = brute->specification->effect(brute->context, op);
        if (effect == SPECIFICATION_MUST)
            brute->must |= UINT32_C(1) << i;
        else if (effect == SPECIFICATION_MAY)
            brute->may |= UINT32_C(1) << i;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        brute->before[i] = 0;
        for (uint32_t j = 0; j < object->count; j++)
            if (brute->must >> j & 1 && operation_precedes(&object->ops[j], &object->ops[i]))
                brute->before[i] |= UINT32_C(1) << j;
    }
}

/* Whether there is an order; then brute->order has it. *brute begins as zero. */
static inline bool brute_force_is_linearizable(struct brute_force *brute,
                                               const struct specification *specification,
                                               const struct specification_context *context,
                                               const struct object *object)
{
    brute->specification = specification;
    brute->context = context;
    brute_force_prepare(brute, object);
    for (uint32_t choice = 0;; choice++) {
        brute->call++;
        brute->memo.count = 0;
        enum specification_step step = specification->begin(context, choice, &brute->states[0]);
        assert(step != SPECIFICATION_NOMEM);
        if (step != SPECIFICATION_APPLIED)
            return false;
        if (brute_force_orders(brute, 0))
            return true;
    }
}

static inline void brute_force_free(struct brute_force *brute)
{
    for (uint32_t i = 0; i < brute->memo.slot_count; i++)
        specification_state_fini(&brute->memo.slots[i].state);
    free(brute->memo.slots);
    for (uint32_t i = 0; i <= BRUTE_FORCE_OPS_MAX; i++)
        specification_state_fini(&brute->states[i]);
    *brute = (struct brute_force){0};
}

/* --- one order, by the definition alone --- */

/* Whether the operations answer as recorded, one after the other from `at` on. */
static inline bool brute_force_replays(const struct specification *specification,
                                       const struct specification_context *context,
                                       const struct object *object, const uint32_t *order,
                                       uint32_t count, const struct specification_state *state)
{
    if (count == 0)
        return true;
    for (uint32_t choice = 0;; choice++) {
        struct specification_state after = {0};
        specification_state_copy(&after, state);
        enum specification_step step =
            specification->apply(context, &object->ops[order[0]], choice, &after);
        bool found =
            step == SPECIFICATION_APPLIED &&
            brute_force_replays(specification, context, object, order + 1, count - 1, &after);
        specification_state_fini(&after);
        if (found || step == SPECIFICATION_NO_CHOICE)
            return found;
    }
}

static inline bool brute_force_begins(const struct specification *specification,
                                      const struct specification_context *context,
                                      const struct object *object, const uint32_t *order,
                                      uint32_t count)
{
    for (uint32_t choice = 0;; choice++) {
        struct specification_state state = {0};
        bool begins = specification->begin(context, choice, &state) == SPECIFICATION_APPLIED;
        bool found =
            begins && brute_force_replays(specification, context, object, order, count, &state);
        specification_state_fini(&state);
        if (found || !begins)
            return found;
    }
}

/* Whether an order of different operations explains the history: all that must be there are, none
 * that must not, and none comes before one that was over when it began. */
static inline bool brute_force_explains(const struct specification *specification,
                                        const struct specification_context *context,
                                        const struct object *object, const uint32_t *order,
                                        uint32_t count)
{
    const struct operation *ops = object->ops;
    uint32_t placed = 0;
    for (uint32_t i = 0; i < count; i++) {
        placed |= UINT32_C(1) << order[i];
        for (uint32_t j = i + 1; j < count; j++)
            if (ops[order[j]].outcome != OP_INFO && ops[order[j]].complete < ops[order[i]].invoke)
                return false;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        enum specification_effect effect = specification->effect(context, &ops[i]);
        if (placed >> i & 1 ? effect == SPECIFICATION_NOTHING : effect == SPECIFICATION_MUST)
            return false;
    }
    return brute_force_begins(specification, context, object, order, count);
}

#endif
