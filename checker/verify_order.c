#include "checker/verify.h"

#include "checker/budget.h"
#include "core/errbuf.h"

#include <stdlib.h>

enum { STATES_MAX = 4096, SMALL = 64 };

/* The states that the object may be in: almost always one. */
struct states {
    struct specification_state *items;
    uint32_t count, capacity;
    bool failed; /* no memory */
};

static void states_fini(struct states *states)
{
    for (uint32_t i = 0; i < states->capacity; i++)
        specification_state_fini(&states->items[i]);
    free(states->items);
}

/* Room for one more, which does not count yet. */
static struct specification_state *states_next(struct states *states)
{
    if (states->count < states->capacity)
        return &states->items[states->count];
    uint32_t capacity = states->capacity ? states->capacity * 2 : 2;
    struct specification_state *items = NULL;
    if (capacity <= STATES_MAX)
        items = realloc(states->items, capacity * sizeof *items);
    if (!items) {
        states->failed = true;
        return NULL;
    }
    for (uint32_t i = states->capacity; i < capacity; i++)
        items[i] = (struct specification_state){0};
    states->items = items;
    states->capacity = capacity;
    return &items[states->count];
}

/* Counts the one that states_next gave, unless it is there already. */
static void states_keep(struct states *states)
{
    for (uint32_t i = 0; i < states->count; i++)
        if (specification_state_equal(&states->items[i], &states->items[states->count]))
            return;
    states->count++;
}

static void states_begin(const struct verify_input *input, struct states *states)
{
    for (uint32_t choice = 0;; choice++) {
        struct specification_state *state = states_next(states);
        if (!state)
            return;
        enum specification_step step = input->specification->begin(&input->context, choice, state);
        states->failed = states->failed || step == SPECIFICATION_NOMEM;
        if (step != SPECIFICATION_APPLIED)
            return;
        states_keep(states);
    }
}

static void branch(const struct verify_input *input, const struct operation *op,
                   const struct specification_state *from, struct states *to)
{
    for (uint32_t choice = 0;; choice++) {
        struct specification_state *state = states_next(to);
        if (!state || !specification_state_copy(state, from)) {
            to->failed = true;
            return;
        }
        enum specification_step step =
            input->specification->apply(&input->context, op, choice, state);
        if (step == SPECIFICATION_APPLIED)
            states_keep(to);
        to->failed = to->failed || step == SPECIFICATION_NOMEM;
        if (step == SPECIFICATION_NO_CHOICE || step == SPECIFICATION_NOMEM)
            return;
    }
}

/* All states that the operation may leave behind. A large state is changed in place, for copying
 * it would make long queues quadratic: only crashed operations lead from there to several. */
static void states_apply(const struct verify_input *input, const struct operation *op,
                         struct states *states, struct states *scratch)
{
    if (states->count == 1 && states->items[0].count > SMALL && op->outcome != OP_INFO) {
        enum specification_step step =
            input->specification->apply(&input->context, op, 0, &states->items[0]);
        states->failed = step == SPECIFICATION_NOMEM;
        states->count = step == SPECIFICATION_APPLIED;
        return;
    }
    scratch->count = 0;
    scratch->failed = false;
    for (uint32_t i = 0; i < states->count && !scratch->failed; i++)
        branch(input, op, &states->items[i], scratch);
    struct states old = *states;
    *states = *scratch;
    *scratch = old;
}

static enum verify_end replay(const struct verify_input *input, const uint32_t *order,
                              uint32_t count, struct errbuf *why)
{
    struct states states = {0}, scratch = {0};
    enum verify_end end = VERIFY_ACCEPTED;
    states_begin(input, &states);
    for (uint32_t i = 0; i < count && end == VERIFY_ACCEPTED && !states.failed; i++) {
        states_apply(input, &input->object->ops[order[i]], &states, &scratch);
        if (states.count == 0 && !states.failed) {
            errbuf_set(why, 0, "operation %u at place %u: the object does not answer like this",
                       order[i], i);
            end = VERIFY_REJECTED;
        }
        if (budget_time_over(input->budget))
            states.failed = true;
    }
    if (end == VERIFY_ACCEPTED && states.failed) {
        errbuf_set(why, 0, "time or memory ran out");
        end = VERIFY_OUT_OF_BUDGET;
    }
    states_fini(&states);
    states_fini(&scratch);
    return end;
}

/* The right operations, each once, and none that was over before one placed earlier began. */
static enum verify_end right_operations(const struct verify_input *input, const uint32_t *order,
                                        uint32_t count, bool *placed, struct errbuf *why)
{
    const struct object *object = input->object;
    const struct specification *specification = input->specification;
    position latest = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (order[i] >= object->count || placed[order[i]]) {
            errbuf_set(why, 0, "operation %u at place %u: %s", order[i], i,
                       order[i] >= object->count ? "there is none" : "placed twice");
            return VERIFY_REJECTED;
        }
        const struct operation *op = &object->ops[order[i]];
        placed[order[i]] = true;
        if (operation_end(op) < latest) {
            errbuf_set(why, 0, "operation %u at place %u was over before one placed earlier began",
                       order[i], i);
            return VERIFY_REJECTED;
        }
        latest = op->invoke > latest ? op->invoke : latest;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        enum specification_effect effect = specification->effect(&input->context, &object->ops[i]);
        if (placed[i] ? effect != SPECIFICATION_NOTHING : effect != SPECIFICATION_MUST)
            continue;
        errbuf_set(why, 0,
                   placed[i] ? "operation %u did nothing, and is in the order"
                             : "operation %u happened, and is not in the order",
                   i);
        return VERIFY_REJECTED;
    }
    return VERIFY_ACCEPTED;
}

enum verify_end verify_order(const struct verify_input *input, const uint32_t *order,
                             uint32_t count, struct errbuf *why)
{
    size_t size = input->object->count * sizeof(bool);
    bool *placed = budget_zalloc(input->budget, size);
    if (!placed) {
        errbuf_set(why, 0, "memory ran out");
        return VERIFY_OUT_OF_BUDGET;
    }
    enum verify_end end = right_operations(input, order, count, placed, why);
    budget_free(input->budget, placed, size);
    return end == VERIFY_ACCEPTED ? replay(input, order, count, why) : end;
}
