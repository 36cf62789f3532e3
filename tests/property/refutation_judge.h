/* An independent judge of refutations, for the tests of the verification: whether leaving out what
 * a refutation leaves out is one of the sound reductions of checker/verify.h, and what it keeps has
 * no order. Both are said here once more, naively: what an operation needs is found out by asking
 * the specification in every state, and all orders are tried. */
#ifndef TESTS_REFUTATION_JUDGE_H
#define TESTS_REFUTATION_JUDGE_H

#include "checker/specification_common.h"
#include "checker/verify.h"
#include "property/brute_force.h"
#include "property/random_objects_types.h"

enum { JUDGE_STATES_MAX = 1024, JUDGE_VALUES_MAX = 64, JUDGE_REGISTERS = 2 };

struct judge {
    enum random_kind kind;
    struct verify_input input;
    const struct refutation *refutation;
    struct brute_force *memo;
    const value_ref *names; /* of the registers of a multi-register */

    struct operation kept[BRUTE_FORCE_OPS_MAX];
    position end[BRUTE_FORCE_OPS_MAX]; /* POSITION_NONE: none */
    uint32_t count, must;              /* a set of kept ones */
};

static inline bool judge_is_kept(const struct judge *judge, uint32_t index)
{
    for (uint32_t i = 0; i < judge->refutation->keep_count; i++)
        if (judge->refutation->keep[i] == index)
            return true;
    return false;
}

static inline bool judge_is_cut_off(const struct judge *judge, const struct operation *op)
{
    const struct refutation *refutation = judge->refutation;
    return op->invoke > refutation->until ||
           (refutation->any_state && operation_end(op) < refutation->from);
}

/* False if something is kept that does not count. */
static inline bool judge_keep(struct judge *judge)
{
    const struct refutation *refutation = judge->refutation;
    const struct specification *specification = judge->input.specification;
    judge->count = judge->must = 0;
    for (uint32_t i = 0; i < refutation->keep_count; i++) {
        if (i > 0 && refutation->keep[i] <= refutation->keep[i - 1])
            return false;
        const struct operation *op = &judge->input.object->ops[refutation->keep[i]];
        enum specification_effect effect = specification->effect(&judge->input.context, op);
        if (effect == SPECIFICATION_NOTHING)
            continue;
        if (judge_is_cut_off(judge, op))
            return false;
        position end = operation_end(op) > refutation->until ? POSITION_NONE : operation_end(op);
        bool open = refutation->any_state && op->invoke < refutation->from;
        bool must = effect == SPECIFICATION_MUST && end != POSITION_NONE && !open;
        if (!must && specification->observes(&judge->input.context, op))
            continue;
        judge->must |= (uint32_t)must << judge->count;
        judge->kept[judge->count] = *op;
        judge->end[judge->count++] = end;
    }
    return true;
}

static inline bool judge_is_free(const struct judge *judge, value_ref value)
{
    for (uint32_t i = 0; i < judge->refutation->free_count; i++)
        if (judge->refutation->free_values[i] == value)
            return true;
    return false;
}

/* --- states that an object may be in --- */

struct judge_state {
    value_ref parts[JUDGE_REGISTERS]; /* of a set: one element, and whether it is there */
    uint32_t times;                   /* a reentrant mutex: how often it is held */
};

static inline void judge_put(struct specification_state *out, value_ref item)
{
    bool done = specification_state_insert(out, out->count, item);
    assert(done);
    (void)done;
}

static inline void judge_make(const struct judge *judge, const struct judge_state *state,
                              struct specification_state *out)
{
    out->count = 0;
    if (random_is_mutex(judge->kind) && judge->kind != RANDOM_SEMAPHORE) {
        for (uint32_t i = 0; i < state->times && state->parts[0] != VALUE_REF_NIL; i++)
            judge_put(out, state->parts[0]);
    } else if (judge->kind == RANDOM_LINEAR_SET) {
        if (state->parts[1] == VALUE_REF_TRUE)
            judge_put(out, state->parts[0]);
    } else if (judge->kind == RANDOM_MULTI_REGISTER) {
        judge_put(out, VALUE_REF_NOMEM); /* all others */
        for (uint32_t i = 0; i < JUDGE_REGISTERS; i++) {
            judge_put(out, judge->names[i]);
            judge_put(out, state->parts[i]);
        }
    } else {
        judge_put(out, state->parts[0]);
    }
}

static inline bool judge_accepts(const struct judge *judge, const struct operation *op,
                                 const struct judge_state *state)
{
    struct specification_state full = {0};
    judge_make(judge, state, &full);
    bool accepts = judge->input.specification->apply(&judge->input.context, op, 0, &full) ==
                   SPECIFICATION_APPLIED;
    specification_state_fini(&full);
    return accepts;
}

struct judge_values {
    value_ref items[JUDGE_VALUES_MAX];
    uint32_t count;
};

static inline void judge_add(struct judge_values *values, value_ref value)
{
    for (uint32_t i = 0; i < values->count; i++)
        if (values->items[i] == value)
            return;
    assert(values->count < JUDGE_VALUES_MAX);
    values->items[values->count++] = value;
}

/* The values, or owners, that an operation can tell from others. */
static inline void judge_add_words(const struct judge *judge, const struct operation *op,
                                   struct judge_values *values)
{
    const struct specification_context *context = &judge->input.context;
    struct specification_part part;
    value_ref expected, next;
    if (judge->kind == RANDOM_MULTI_REGISTER) {
        for (uint32_t i = 0; i < specification_part_count(context, op); i++)
            if (specification_part(context, op, i, &part))
                judge_add(values, part.value);
    } else if (judge->kind == RANDOM_MUTEX) {
        judge_add(values, VALUE_REF_TRUE);
    } else if (random_is_mutex(judge->kind)) {
        judge_add(values, specification_owner(context, op));
    } else if (op->f == F_CAS && specification_cas(context, op, &expected, &next)) {
        judge_add(values, expected);
        judge_add(values, next);
    } else {
        judge_add(values, op->argument);
        judge_add(values, op->result);
    }
}

/* Whether the operation is possible while a part of the state is this, only because it is. */
static inline bool judge_needs(const struct judge *judge, const struct operation *op, uint32_t part,
                               value_ref element, value_ref value)
{
    struct judge_values values = {.items = {VALUE_REF_NIL, VALUE_REF_NOMEM}, .count = 2};
    bool set = judge->kind == RANDOM_LINEAR_SET;
    if (set)
        values = (struct judge_values){.items = {VALUE_REF_TRUE, VALUE_REF_FALSE}, .count = 2};
    else
        judge_add_words(judge, op, &values);
    judge_add(&values, value);
    for (uint32_t i = 0; i < (judge->kind == RANDOM_MULTI_REGISTER ? values.count : 1); i++) {
        struct judge_state state = {.times = 1};
        state.parts[!part] = set ? element : values.items[i];
        state.parts[part] = value;
        if (!judge_accepts(judge, op, &state))
            continue;
        for (uint32_t j = 0; j < values.count; j++) {
            struct judge_state other = state;
            other.parts[part] = values.items[j];
            if (!judge_accepts(judge, op, &other))
                return true;
        }
    }
    return false;
}

/* --- what is left out --- */

/* What it leaves behind is needed by no kept operation that may come after it. */
static inline bool judge_harmless(const struct judge *judge, const struct operation *op,
                                  uint32_t part, value_ref element, value_ref value)
{
    bool is_register = judge->kind <= RANDOM_CAS_REGISTER;
    if (is_register && judge_is_free(judge, value))
        return true;
    for (uint32_t i = 0; i < judge->count; i++)
        if (judge->end[i] > op->invoke && judge_needs(judge, &judge->kept[i], part, element, value))
            return false;
    return true;
}

static inline bool judge_state_rule(const struct judge *judge, const struct operation *op)
{
    const struct specification_context *context = &judge->input.context;
    struct specification_part part;
    value_ref expected, next;
    switch (judge->kind) {
    case RANDOM_REGISTER:
    case RANDOM_CAS_REGISTER:
        if (op->f == F_CAS && !specification_cas(context, op, &expected, &next))
            return false;
        return judge_harmless(judge, op, 0, VALUE_REF_NIL, op->f == F_CAS ? next : op->argument);
    case RANDOM_MULTI_REGISTER:
        for (uint32_t i = 0; i < specification_part_count(context, op); i++)
            if (specification_part(context, op, i, &part) && part.writes &&
                !judge_harmless(judge, op, part.name == judge->names[1], VALUE_REF_NIL, part.value))
                return false;
        return true;
    case RANDOM_MUTEX:
    case RANDOM_OWNED_MUTEX:
        next = judge->kind == RANDOM_MUTEX ? VALUE_REF_TRUE : specification_owner(context, op);
        if (symbol_canonical(op->f) == F_RELEASE)
            next = VALUE_REF_NIL;
        return judge_harmless(judge, op, 0, VALUE_REF_NIL, next);
    case RANDOM_LINEAR_SET:
        return judge_harmless(judge, op, 1, op->argument,
                              op->f == F_ADD ? VALUE_REF_TRUE : VALUE_REF_FALSE);
    default:
        return false;
    }
}

/* The element or owner it is about; false if it is about none, or nobody knows. */
static inline bool judge_subject(const struct judge *judge, const struct operation *op,
                                 value_ref *out)
{
    const struct specification_context *context = &judge->input.context;
    *out = op->argument;
    if (judge->kind == RANDOM_OWNED_MUTEX || judge->kind == RANDOM_REENTRANT_MUTEX)
        *out = specification_owner(context, op);
    else if (random_is_container(judge->kind) && !specification_adds(op)) {
        *out = op->result;
        return op->outcome == OP_OK && !specification_found_nothing(context, op->result);
    }
    return op->f != F_READ;
}

static inline bool judge_has_subjects(enum random_kind kind)
{
    return random_is_container(kind) || kind == RANDOM_LINEAR_SET || kind == RANDOM_GROW_ONLY_SET ||
           kind == RANDOM_OWNED_MUTEX || kind == RANDOM_REENTRANT_MUTEX;
}

static inline bool judge_keeps_subject(const struct judge *judge, value_ref subject)
{
    value_ref other;
    for (uint32_t i = 0; i < judge->count; i++)
        if (judge_subject(judge, &judge->kept[i], &other) && other == subject)
            return true;
    return false;
}

/* Every kept element was taken, as often as it was put in, by kept takes that must have been. */
static inline bool judge_all_taken(const struct judge *judge)
{
    for (uint32_t i = 0; i < judge->count; i++) {
        const value_ref element = judge->kept[i].argument;
        uint32_t put = 0, taken = 0;
        for (uint32_t j = 0; j < judge->count && specification_adds(&judge->kept[i]); j++) {
            const struct operation *op = &judge->kept[j];
            value_ref other;
            put += specification_adds(op) && op->argument == element;
            taken += !specification_adds(op) && (judge->must >> j & 1) &&
                     judge_subject(judge, op, &other) && other == element;
        }
        if (put > taken)
            return false;
    }
    return true;
}

static inline bool judge_subject_rule(const struct judge *judge, const struct operation *op)
{
    value_ref subject;
    if (!judge_has_subjects(judge->kind))
        return false;
    if (!judge_subject(judge, op, &subject))
        return random_is_container(judge->kind) && judge_all_taken(judge);
    return !judge_keeps_subject(judge, subject);
}

/* Reads of a whole set lose what is left out. */
static inline void judge_lose(struct judge *judge, value_ref element)
{
    struct value_pool *values = judge->input.context.values;
    for (uint32_t i = 0; i < judge->count; i++) {
        struct operation *op = &judge->kept[i];
        struct value left[64], read = value_pool_get(values, op->result);
        uint32_t count = 0;
        for (uint32_t j = 0; j < read.count && op->f == F_READ; j++)
            if (value_pool_intern(values, read.items[j]) != element)
                left[count++] = read.items[j];
        if (op->f == F_READ)
            op->result = value_pool_intern(values, value_items(VALUE_LIST, left, count));
    }
}

static inline bool judge_is_sound(struct judge *judge)
{
    const struct specification *specification = judge->input.specification;
    if (judge->refutation->free_count > 0 && judge->kind > RANDOM_CAS_REGISTER)
        return false;
    if (!judge_keep(judge))
        return false;
    for (uint32_t i = 0; i < judge->input.object->count; i++) {
        const struct operation *op = &judge->input.object->ops[i];
        if (judge_is_kept(judge, i) || judge_is_cut_off(judge, op) ||
            specification->effect(&judge->input.context, op) == SPECIFICATION_NOTHING ||
            specification->observes(&judge->input.context, op))
            continue;
        if (!judge_subject_rule(judge, op) && !judge_state_rule(judge, op))
            return false;
        if (judge->kind == RANDOM_GROW_ONLY_SET)
            judge_lose(judge, op->argument);
    }
    return true;
}

/* --- what is left has no order --- */

static inline bool judge_orders(struct judge *judge, uint32_t used, uint32_t depth);

/* The operation comes next, at once or after somebody wrote a free value. */
static inline bool judge_next(struct judge *judge, uint32_t used, uint32_t depth, uint32_t next)
{
    struct brute_force *memo = judge->memo;
    for (uint32_t first = 0; first <= judge->refutation->free_count; first++)
        for (uint32_t choice = 0;; choice++) {
            struct specification_state *after = &memo->states[depth + 1];
            specification_state_copy(after, &memo->states[depth]);
            if (first > 0)
                after->items[0] = judge->refutation->free_values[first - 1];
            enum specification_step step = judge->input.specification->apply(
                &judge->input.context, &judge->kept[next], choice, after);
            if (step == SPECIFICATION_NO_CHOICE)
                break;
            if (step == SPECIFICATION_APPLIED &&
                judge_orders(judge, used | UINT32_C(1) << next, depth + 1))
                return true;
        }
    return false;
}

/* What must have been over by then was placed, and nothing that had begun only after its end. */
static inline bool judge_may_come(const struct judge *judge, uint32_t used, uint32_t next)
{
    for (uint32_t i = 0; i < judge->count; i++) {
        if (i == next)
            continue;
        bool placed = used >> i & 1;
        if (!placed && (judge->must >> i & 1) && judge->end[i] < judge->kept[next].invoke)
            return false;
        if (placed && judge->end[next] < judge->kept[i].invoke)
            return false;
    }
    return true;
}

static inline bool judge_orders(struct judge *judge, uint32_t used, uint32_t depth)
{
    if ((judge->must & ~used) == 0)
        return true;
    if (brute_force_tried_before(judge->memo, used, &judge->memo->states[depth]))
        return false;
    for (uint32_t next = 0; next < judge->count; next++)
        if (!(used >> next & 1) && judge_may_come(judge, used, next) &&
            judge_next(judge, used, depth, next))
            return true;
    return false;
}

static inline bool judge_has_any_state(enum random_kind kind)
{
    return kind <= RANDOM_MULTI_REGISTER || random_is_mutex(kind) || kind == RANDOM_LINEAR_SET ||
           kind == RANDOM_LINEAR_COUNTER || kind == RANDOM_USER;
}

/* The number-th state of all that the kept operations can tell apart; false past the last. */
static inline bool judge_any_state(const struct judge *judge, uint32_t number,
                                   struct specification_state *out)
{
    const struct history_semantics *semantics = judge->input.context.semantics;
    struct judge_values values = {.items = {VALUE_REF_NIL, VALUE_REF_NOMEM}, .count = 2};
    struct judge_state state = {.times = 1};
    out->count = 0;
    if (judge->kind == RANDOM_LINEAR_SET) {
        for (int32_t i = 0; i < 8; i++)
            if (number >> i & 1)
                judge_put(out, value_ref_int(i));
        return number < 256;
    }
    if (judge->kind == RANDOM_LINEAR_COUNTER || judge->kind == RANDOM_SEMAPHORE ||
        judge->kind == RANDOM_USER) {
        int32_t first = judge->kind == RANDOM_LINEAR_COUNTER ? -200 : 0;
        uint32_t last = judge->kind == RANDOM_USER ? semantics->user->state_count - 1
                        : judge->kind == RANDOM_SEMAPHORE
                            ? (semantics->permits ? semantics->permits : 1)
                            : 400;
        judge_put(out, value_ref_int(first + (int32_t)number));
        return number <= last;
    }
    for (uint32_t i = 0; i < judge->count; i++)
        judge_add_words(judge, &judge->kept[i], &values);
    uint32_t width = judge->kind == RANDOM_MULTI_REGISTER    ? values.count
                     : judge->kind == RANDOM_REENTRANT_MUTEX ? judge->count + 1
                                                             : 1;
    if (number >= values.count * width)
        return false;
    state.parts[0] = values.items[number / width];
    state.parts[1] = values.items[number % width % values.count];
    if (judge->kind == RANDOM_REENTRANT_MUTEX)
        state.times = 1 + number % width;
    judge_make(judge, &state, out);
    return true;
}

static inline bool judge_begins(const struct judge *judge, uint32_t number)
{
    struct specification_state *first = &judge->memo->states[0];
    if (judge->refutation->any_state)
        return judge_any_state(judge, number, first);
    return judge->input.specification->begin(&judge->input.context, number, first) ==
           SPECIFICATION_APPLIED;
}

/* Whether it is a proof. kind, input, refutation, memo and names are set. */
static inline bool judge_refutes(struct judge *judge)
{
    if (!judge_is_sound(judge) ||
        (judge->refutation->any_state && !judge_has_any_state(judge->kind)))
        return false;
    for (uint32_t number = 0; judge_begins(judge, number); number++) {
        judge->memo->call++;
        judge->memo->memo.count = 0;
        if (judge_orders(judge, 0, 0))
            return false;
    }
    return true;
}

#endif
