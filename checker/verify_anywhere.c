/* The states an object may be in when nothing is known about what happened before, as far as the
 * kept operations can tell them apart. A value that none of them names is VALUE_REF_NOMEM, which
 * equals no value of a history. */
#include "checker/specification_common.h"
#include "checker/user_model.h"
#include "checker/verify_reduction.h"

#include <string.h>

enum { STATES_MAX = 4096 };

static enum specification_step with_items(struct specification_state *state, const value_ref *items,
                                          uint32_t count)
{
    state->count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!specification_state_insert(state, i, items[i]))
            return SPECIFICATION_NOMEM;
    return SPECIFICATION_APPLIED;
}

/* Any needed value, or another one. */
static enum specification_step any_register(const struct verify_reduced *reduced, uint32_t choice,
                                            struct specification_state *state)
{
    const struct verify_facts *needed = &reduced->needed;
    value_ref value = VALUE_REF_NOMEM;
    if (choice > needed->count)
        return SPECIFICATION_NO_CHOICE;
    if (choice < needed->count)
        value = (value_ref)needed->items[choice];
    return with_items(state, &value, 1);
}

/* As above, each of the registers by itself: choice is a number whose digits choose. The facts
 * are sorted by register. */
static enum specification_step any_registers(const struct verify_reduced *reduced, uint32_t choice,
                                             struct specification_state *state)
{
    const struct verify_facts *needed = &reduced->needed;
    value_ref others = VALUE_REF_NOMEM;
    uint64_t states = 1;
    enum specification_step step = with_items(state, &others, 1);
    for (uint32_t i = 0; i < needed->count && step == SPECIFICATION_APPLIED;) {
        value_ref name = (value_ref)(needed->items[i] >> 32);
        uint32_t end = i;
        while (end < needed->count && needed->items[end] >> 32 == name)
            end++;
        uint32_t digit = choice % (end - i + 1);
        choice /= end - i + 1;
        states *= end - i + 1;
        if (states > STATES_MAX)
            return SPECIFICATION_REFUSED;
        if (digit < end - i &&
            (!specification_state_insert(state, state->count, name) ||
             !specification_state_insert(state, state->count, (value_ref)needed->items[i + digit])))
            step = SPECIFICATION_NOMEM;
        i = end;
    }
    return choice > 0 ? SPECIFICATION_NO_CHOICE : step;
}

static enum specification_step any_mutex(uint32_t choice, struct specification_state *state)
{
    const value_ref held = VALUE_REF_TRUE;
    return choice > 1 ? SPECIFICATION_NO_CHOICE : with_items(state, &held, choice);
}

/* Free, or held by one of the owners, or by another one; depth: how often at most. */
static enum specification_step any_owned(const struct verify_reduced *reduced, uint32_t depth,
                                         uint32_t choice, struct specification_state *state)
{
    const struct verify_facts *owners = &reduced->used;
    uint32_t owner = choice / depth, times = choice % depth + 1;
    state->count = 0;
    if ((uint64_t)(owners->count + 1) * depth > STATES_MAX)
        return SPECIFICATION_REFUSED;
    if (choice == (owners->count + 1) * depth)
        return SPECIFICATION_APPLIED;
    if (choice > (owners->count + 1) * depth)
        return SPECIFICATION_NO_CHOICE;
    value_ref item = owner < owners->count ? (value_ref)owners->items[owner] : VALUE_REF_NOMEM;
    for (uint32_t i = 0; i < times; i++)
        if (!specification_state_insert(state, i, item))
            return SPECIFICATION_NOMEM;
    return SPECIFICATION_APPLIED;
}

/* Held more often than it is released is as good as held for ever. */
static uint32_t releases(const struct verify_reduced *reduced)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < reduced->kept_count; i++)
        count += symbol_canonical(reduced->kept[i].op.f) == F_RELEASE;
    return count;
}

static enum specification_step any_semaphore(const struct verify_input *input, uint32_t choice,
                                             struct specification_state *state)
{
    uint32_t permits = input->context.semantics->permits;
    permits = permits > 0 ? permits : 1;
    if (permits > STATES_MAX)
        return SPECIFICATION_REFUSED;
    value_ref held = value_ref_int((int32_t)choice);
    return choice > permits ? SPECIFICATION_NO_CHOICE : with_items(state, &held, 1);
}

/* Every set of the elements that kept operations are about. */
static enum specification_step any_set(const struct verify_reduced *reduced, uint32_t choice,
                                       struct specification_state *state)
{
    const struct verify_facts *elements = &reduced->used;
    if (elements->count > 12)
        return SPECIFICATION_REFUSED;
    if (choice >> elements->count)
        return SPECIFICATION_NO_CHOICE;
    state->count = 0;
    for (uint32_t i = 0; i < elements->count; i++)
        if ((choice >> i & 1) &&
            !specification_state_insert(state, state->count, (value_ref)elements->items[i]))
            return SPECIFICATION_NOMEM;
    return SPECIFICATION_APPLIED;
}

/* The value that an operation saw, if it saw one. */
static bool seen_value(const struct verify_input *input, const struct operation *op, int64_t *out)
{
    if (op->f == F_READ)
        return specification_integer(&input->context, op->result, out);
    return specification_new_value(&input->context, op, out);
}

/* A value that was seen is no further from the first one than all the steps together. */
static enum specification_step any_counter(const struct verify_input *input,
                                           const struct verify_reduced *reduced, uint32_t choice,
                                           struct specification_state *state)
{
    int64_t lowest = 0, highest = 0, steps = 0;
    bool any = false;
    for (uint32_t i = 0; i < reduced->kept_count; i++) {
        const struct operation *op = &reduced->kept[i].op;
        int64_t amount = 0, seen;
        if (op->f != F_READ && (!specification_amount(&input->context, op, &amount) ||
                                amount > STATES_MAX || amount < -STATES_MAX))
            return SPECIFICATION_REFUSED;
        steps += amount < 0 ? -amount : amount;
        if (!seen_value(input, op, &seen))
            continue;
        if (seen > INT64_MAX / 4 || seen < INT64_MIN / 4)
            return SPECIFICATION_REFUSED;
        lowest = !any || seen < lowest ? seen : lowest;
        highest = !any || seen > highest ? seen : highest;
        any = true;
    }
    if (highest - lowest + 2 * steps > STATES_MAX)
        return SPECIFICATION_REFUSED;
    if (choice > highest - lowest + 2 * steps)
        return SPECIFICATION_NO_CHOICE;
    value_ref value = specification_intern_integer(&input->context, lowest - steps + choice);
    return value == VALUE_REF_NOMEM ? SPECIFICATION_NOMEM : with_items(state, &value, 1);
}

static enum specification_step any_user(const struct verify_input *input, uint32_t choice,
                                        struct specification_state *state)
{
    value_ref number = value_ref_int((int32_t)choice);
    if (choice >= input->context.semantics->user->state_count)
        return SPECIFICATION_NO_CHOICE;
    return with_items(state, &number, 1);
}

enum specification_step verify_anywhere(const struct verify_input *input,
                                        const struct verify_reduced *reduced, uint32_t choice,
                                        struct specification_state *state)
{
    const char *model = input->specification->model;
    if (strcmp(model, "register") == 0 || strcmp(model, "cas-register") == 0)
        return any_register(reduced, choice, state);
    if (strcmp(model, "multi-register") == 0)
        return any_registers(reduced, choice, state);
    if (strcmp(model, "mutex") == 0)
        return any_mutex(choice, state);
    if (strcmp(model, "owned-mutex") == 0)
        return any_owned(reduced, 1, choice, state);
    if (strcmp(model, "reentrant-mutex") == 0)
        return any_owned(reduced, releases(reduced) + 1, choice, state);
    if (strcmp(model, "semaphore") == 0)
        return any_semaphore(input, choice, state);
    if (strcmp(model, "linear-set") == 0)
        return any_set(reduced, choice, state);
    if (strcmp(model, "linear-counter") == 0)
        return any_counter(input, reduced, choice, state);
    if (strcmp(model, "user") == 0)
        return any_user(input, choice, state);
    return SPECIFICATION_REFUSED;
}
