/* Mutexes and a semaphore. The state of a mutex is its holder, or nothing while it is free; of the
 * reentrant one, its holder once for each time it is held. That of a semaphore is how many permits
 * are held. */
#include "checker/specification_common.h"

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    (void)context;
    return specification_usual_effect(op);
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    (void)context, (void)op;
    return false;
}

static bool acquires(const struct operation *op)
{
    return symbol_canonical(op->f) == F_ACQUIRE;
}

static int accepts(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err)
{
    (void)context;
    if (acquires(op) || symbol_canonical(op->f) == F_RELEASE)
        return 0;
    return specification_unknown("mutex", "acquire and release", op, err);
}

static enum specification_step applied(bool possible)
{
    return possible ? SPECIFICATION_APPLIED : SPECIFICATION_NOMEM;
}

static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    (void)context;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (acquires(op) != (state->count == 0))
        return SPECIFICATION_REFUSED;
    if (acquires(op))
        return applied(specification_state_insert(state, 0, VALUE_REF_TRUE));
    state->count = 0;
    return SPECIFICATION_APPLIED;
}

value_ref specification_owner(const struct specification_context *context,
                              const struct operation *op)
{
    return op->argument != VALUE_REF_NIL ? op->argument
                                         : specification_intern_integer(context, op->process);
}

static enum specification_step apply_owned(const struct specification_context *context,
                                           const struct operation *op, uint32_t choice,
                                           struct specification_state *state)
{
    value_ref owner = specification_owner(context, op);
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (owner == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    if (acquires(op) != (state->count == 0))
        return SPECIFICATION_REFUSED;
    if (acquires(op))
        return applied(specification_state_insert(state, 0, owner));
    if (state->items[0] != owner)
        return SPECIFICATION_REFUSED;
    state->count = 0;
    return SPECIFICATION_APPLIED;
}

static enum specification_step apply_reentrant(const struct specification_context *context,
                                               const struct operation *op, uint32_t choice,
                                               struct specification_state *state)
{
    value_ref owner = specification_owner(context, op);
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (owner == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    bool free = state->count == 0, mine = !free && state->items[0] == owner;
    if (acquires(op) && (free || mine))
        return applied(specification_state_insert(state, state->count, owner));
    if (acquires(op) || !mine)
        return SPECIFICATION_REFUSED;
    state->count--;
    return SPECIFICATION_APPLIED;
}

/* --- semaphore --- */

static bool permits_of(const struct specification_context *context, const struct operation *op,
                       int64_t *out)
{
    *out = 1;
    return op->argument == VALUE_REF_NIL ||
           (specification_integer(context, op->argument, out) && *out > 0 && *out <= UINT32_MAX);
}

static enum specification_step begin_semaphore(const struct specification_context *context,
                                               uint32_t choice, struct specification_state *state)
{
    (void)context;
    return specification_begin_with(value_ref_int(0), choice, state);
}

static enum specification_step apply_semaphore(const struct specification_context *context,
                                               const struct operation *op, uint32_t choice,
                                               struct specification_state *state)
{
    int64_t permits = context->semantics->permits > 0 ? context->semantics->permits : 1;
    int64_t held = 0, amount = 0;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (!permits_of(context, op, &amount) ||
        !specification_integer(context, state->items[0], &held))
        return SPECIFICATION_REFUSED;
    int64_t after = acquires(op) ? held + amount : held - amount;
    if (after < 0 || after > permits)
        return SPECIFICATION_REFUSED;
    value_ref ref = specification_intern_integer(context, after);
    if (ref == VALUE_REF_NOMEM)
        return SPECIFICATION_NOMEM;
    state->items[0] = ref;
    return SPECIFICATION_APPLIED;
}

static int accepts_semaphore(const struct specification_context *context,
                             const struct operation *op, struct errbuf *err)
{
    int64_t amount;
    if (!acquires(op) && symbol_canonical(op->f) != F_RELEASE)
        return specification_unknown("semaphore", "acquire and release", op, err);
    if (op->outcome == OP_FAIL || permits_of(context, op, &amount))
        return 0;
    return specification_odd_value(
        context, "a semaphore is acquired and released by a positive number or nil", op->argument,
        err);
}

const struct specification specification_mutex = {
    .model = "mutex",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts,
};

const struct specification specification_owned_mutex = {
    .model = "owned-mutex",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_owned,
    .observes = observes,
    .accepts = accepts,
};

const struct specification specification_reentrant_mutex = {
    .model = "reentrant-mutex",
    .begin = specification_begin_empty,
    .effect = effect,
    .apply = apply_reentrant,
    .observes = observes,
    .accepts = accepts,
};

const struct specification specification_semaphore = {
    .model = "semaphore",
    .begin = begin_semaphore,
    .effect = effect,
    .apply = apply_semaphore,
    .observes = observes,
    .accepts = accepts_semaphore,
};
