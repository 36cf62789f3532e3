#include "checker/explain_states.h"

#include "checker/budget.h"
#include "checker/state_table.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAST_MAX = 4096,  /* operations before the failing one */
    OPEN_MAX = 64,    /* of them at once */
    LAYER_MAX = 1024, /* configurations at once */
};

/* A state, and which of the open operations have taken effect. */
struct config {
    int32_t state;
    uint64_t taken; /* by slot */
};

struct layer {
    struct config items[LAYER_MAX];
    uint32_t count;
};

struct walk {
    const struct explain_past *past;
    struct operation failing; /* with the answer that is tried */
    bool with_failing;
    const uint64_t *ends; /* end << 32 | number, ascending, up to the failing operation's */
    uint32_t end_count;
    uint32_t open[OPEN_MAX]; /* by slot: number of the operation */
    uint64_t used;           /* slots */
    uint32_t begun;          /* operations that have had their turn to begin */
    struct state_table states;
    struct specification_state state; /* scratch */
    struct layer *now, *next;
    uint64_t *steps_left;
    bool failed;
};

static position until_of(const struct explain_past *past)
{
    return past->object->ops[past->failing].complete;
}

static const struct operation *operation_at(const struct walk *walk, uint32_t number)
{
    return number == walk->past->failing ? &walk->failing : &walk->past->object->ops[number];
}

/* --- layers --- */

static void add(struct walk *walk, struct layer *layer, int32_t state, uint64_t taken)
{
    for (uint32_t i = 0; i < layer->count; i++)
        if (layer->items[i].state == state && layer->items[i].taken == taken)
            return;
    if (state < 0 || layer->count == LAYER_MAX)
        walk->failed = true;
    else
        layer->items[layer->count++] = (struct config){state, taken};
}

static bool load(struct walk *walk, int32_t state)
{
    uint32_t count;
    const int32_t *words = state_table_get(&walk->states, state, &count);
    struct specification_state view = {.items = (value_ref *)(uintptr_t)words, .count = count};
    if (!specification_state_copy(&walk->state, &view))
        walk->failed = true;
    return !walk->failed;
}

static int32_t store(struct walk *walk)
{
    return state_table_intern(&walk->states, (const int32_t *)(const void *)walk->state.items,
                              walk->state.count);
}

static bool may_step(struct walk *walk)
{
    if (*walk->steps_left == 0 || budget_time_over(walk->past->budget))
        walk->failed = true;
    else
        --*walk->steps_left;
    return !walk->failed;
}

/* The operation in a slot takes effect, in every way it can. */
static void take_effect(struct walk *walk, struct config config, unsigned slot, bool is_ending)
{
    const struct explain_past *past = walk->past;
    const struct operation *op = operation_at(walk, walk->open[slot]);
    for (uint32_t choice = 0; may_step(walk) && load(walk, config.state); choice++) {
        enum specification_step step =
            past->specification->apply(&past->context, op, choice, &walk->state);
        if (step == SPECIFICATION_NOMEM)
            walk->failed = true;
        if (step == SPECIFICATION_NO_CHOICE || walk->failed)
            return;
        if (step != SPECIFICATION_APPLIED)
            continue;
        uint64_t taken = config.taken | UINT64_C(1) << slot;
        if (is_ending)
            add(walk, walk->next, store(walk), taken & ~(UINT64_C(1) << slot));
        else
            add(walk, walk->now, store(walk), taken);
    }
}

/* All that may take effect does, one after another; the operation in `ending` leads to the next
 * layer. OPEN_MAX: there is none. */
static void spread(struct walk *walk, unsigned ending)
{
    for (uint32_t i = 0; i < walk->now->count && !walk->failed; i++) {
        struct config config = walk->now->items[i];
        if (ending < OPEN_MAX && config.taken >> ending & 1) {
            add(walk, walk->next, config.state, config.taken & ~(UINT64_C(1) << ending));
            continue;
        }
        for (unsigned slot = 0; slot < OPEN_MAX && !walk->failed; slot++)
            if ((walk->used & ~config.taken) >> slot & 1)
                take_effect(walk, config, slot, slot == ending);
    }
}

/* --- from end to end --- */

static void begin_until(struct walk *walk, position end)
{
    const struct explain_past *past = walk->past;
    for (; walk->begun < past->object->count && !walk->failed; walk->begun++) {
        const struct operation *op = operation_at(walk, walk->begun);
        if (op->invoke >= end)
            return;
        if ((walk->begun == past->failing && !walk->with_failing) ||
            past->specification->effect(&past->context, op) == SPECIFICATION_NOTHING)
            continue;
        if (walk->used == UINT64_MAX) {
            walk->failed = true;
            return;
        }
        unsigned slot = (unsigned)__builtin_ctzll(~walk->used);
        walk->used |= UINT64_C(1) << slot;
        walk->open[slot] = walk->begun;
    }
}

static unsigned slot_of(const struct walk *walk, uint32_t number)
{
    for (unsigned slot = 0; slot < OPEN_MAX; slot++)
        if (walk->used >> slot & 1 && walk->open[slot] == number)
            return slot;
    return OPEN_MAX;
}

static void pass_end(struct walk *walk, uint64_t end)
{
    begin_until(walk, (position)(end >> 32));
    unsigned slot = slot_of(walk, (uint32_t)end);
    if (slot == OPEN_MAX)
        return;
    walk->next->count = 0;
    spread(walk, slot);
    struct layer *over = walk->now;
    walk->now = walk->next;
    walk->next = over;
    walk->used &= ~(UINT64_C(1) << slot);
}

static void begin(struct walk *walk)
{
    const struct explain_past *past = walk->past;
    for (uint32_t choice = 0; !walk->failed; choice++) {
        enum specification_step step =
            past->specification->begin(&past->context, choice, &walk->state);
        if (step == SPECIFICATION_NOMEM)
            walk->failed = true;
        if (step != SPECIFICATION_APPLIED)
            return;
        add(walk, walk->now, store(walk), 0);
    }
}

/* Whether there is an order of everything up to the end of the failing operation. Without that:
 * leaves in walk->now all that could be then. */
static bool run(struct walk *walk)
{
    begin(walk);
    for (uint32_t i = 0; i < walk->end_count && !walk->failed && walk->now->count > 0; i++)
        pass_end(walk, walk->ends[i]);
    if (!walk->with_failing && !walk->failed) {
        begin_until(walk, until_of(walk->past));
        spread(walk, OPEN_MAX);
    }
    return !walk->failed && walk->now->count > 0;
}

static bool walk_init(struct walk *walk, const struct walk *like)
{
    *walk = *like;
    state_table_init(&walk->states, walk->past->budget);
    walk->now = budget_alloc(walk->past->budget, sizeof *walk->now);
    walk->next = budget_alloc(walk->past->budget, sizeof *walk->next);
    walk->failed = !walk->now || !walk->next;
    if (!walk->failed)
        walk->now->count = walk->next->count = 0;
    return !walk->failed;
}

static void walk_fini(struct walk *walk)
{
    budget_free(walk->past->budget, walk->now, sizeof *walk->now);
    budget_free(walk->past->budget, walk->next, sizeof *walk->next);
    state_table_fini(&walk->states);
    specification_state_fini(&walk->state);
}

/* --- states --- */

static bool is_first(const struct layer *layer, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (layer->items[i].state == layer->items[index].state)
            return false;
    return true;
}

static void keep_states(struct walk *walk, struct explain_states *out)
{
    for (uint32_t i = 0; i < walk->now->count; i++) {
        if (!is_first(walk->now, i))
            continue;
        out->count++;
        if (out->shown < EXPLAIN_STATES_MAX && load(walk, walk->now->items[i].state) &&
            specification_state_copy(&out->states[out->shown], &walk->state))
            out->shown++;
    }
}

/* --- answers --- */

struct answers {
    value_ref items[EXPLAIN_ANSWERS_MAX];
    uint32_t count;
    bool too_many;
};

static void add_answer(struct answers *answers, value_ref answer)
{
    for (uint32_t i = 0; i < answers->count; i++)
        if (answers->items[i] == answer)
            return;
    if (answer == VALUE_REF_NOMEM || answers->count == EXPLAIN_ANSWERS_MAX)
        answers->too_many = true;
    else
        answers->items[answers->count++] = answer;
}

/* Whatever the object ever held may be an answer of an operation that asks for one thing. */
static void collect_answers(struct walk *walk, struct answers *answers)
{
    if (symbol_canonical(walk->failing.f) != F_GET) /* there nil is the same as "" */
        add_answer(answers, VALUE_REF_NIL);
    for (uint32_t state = 1; state < walk->states.count && !answers->too_many; state++) {
        uint32_t count;
        const int32_t *words = state_table_get(&walk->states, (int32_t)state, &count);
        for (uint32_t i = 0; i < count && !answers->too_many; i++)
            add_answer(answers, (value_ref)words[i]);
    }
}

/* Whether it asks for one thing that the state holds, so that the above are all its answers. */
static bool is_question(const struct explain_past *past, symbol f)
{
    const char *model = past->specification->model;
    if (f == F_CONTAINS)
        return true;
    if (f == F_READ)
        return strcmp(model, "linear-counter") == 0 || strcmp(model, "register") == 0 ||
               strcmp(model, "cas-register") == 0;
    return f == F_DEQUEUE || f == F_POP || f == F_GET;
}

static void find_answers(struct walk *like, struct answers *candidates, struct explain_states *out)
{
    const struct explain_past *past = like->past;
    value_ref given = past->object->ops[past->failing].result;
    for (uint32_t i = 0; i < candidates->count; i++) {
        struct walk walk;
        like->failing.result = candidates->items[i];
        if (candidates->items[i] == given ||
            past->specification->effect(&past->context, &like->failing) == SPECIFICATION_NOTHING)
            continue;
        like->with_failing = true;
        bool possible = walk_init(&walk, like) && run(&walk);
        bool failed = walk.failed;
        walk_fini(&walk);
        if (failed)
            return;
        if (possible)
            out->answers[out->answer_count++] = candidates->items[i];
    }
    out->answers_known = true;
}

/* --- all together --- */

static int compare_ends(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Of all that must have happened by the end of the failing operation, itself the last. */
static uint32_t sort_ends(const struct explain_past *past, uint64_t *ends)
{
    position until = until_of(past);
    uint32_t count = 0;
    for (uint32_t i = 0; i < past->object->count && past->object->ops[i].invoke < until; i++) {
        const struct operation *op = &past->object->ops[i];
        bool must = past->specification->effect(&past->context, op) == SPECIFICATION_MUST;
        if (must && op->complete <= until)
            ends[count++] = (uint64_t)op->complete << 32 | i;
    }
    if (count > 0)
        qsort(ends, count, sizeof *ends, compare_ends);
    return count;
}

static uint32_t length_of(const struct explain_past *past)
{
    uint32_t length = 0;
    while (length < past->object->count && length <= PAST_MAX &&
           past->object->ops[length].invoke < until_of(past))
        length++;
    return length;
}

static void find_all(const struct walk *like, struct explain_states *out)
{
    struct walk walk, again = *like;
    struct answers answers = {.count = 0};
    const struct explain_past *past = like->past;
    if (walk_init(&walk, like) && run(&walk)) {
        keep_states(&walk, out);
        symbol f = symbol_canonical(like->failing.f);
        if (is_question(past, f))
            collect_answers(&walk, &answers);
        if (f == F_CONTAINS) {
            answers = (struct answers){.count = 0};
            add_answer(&answers, VALUE_REF_TRUE);
            add_answer(&answers, VALUE_REF_FALSE);
        }
    }
    walk_fini(&walk);
    if (answers.count > 0 && !answers.too_many)
        find_answers(&again, &answers, out);
}

void explain_find_states(const struct explain_past *past, struct explain_states *out)
{
    uint32_t length = length_of(past);
    uint64_t steps_left = past->steps_max;
    struct walk walk = {
        .past = past, .failing = past->object->ops[past->failing], .steps_left = &steps_left};
    memset(out, 0, sizeof *out);
    if (length > PAST_MAX || walk.failing.complete == POSITION_NONE)
        return;
    uint64_t *ends = budget_alloc(past->budget, length * sizeof *ends);
    if (!ends)
        return;
    walk.ends = ends;
    walk.end_count = sort_ends(past, ends);
    find_all(&walk, out);
    budget_free(past->budget, ends, length * sizeof *ends);
}

void explain_states_fini(struct explain_states *states)
{
    for (uint32_t i = 0; i < EXPLAIN_STATES_MAX; i++)
        specification_state_fini(&states->states[i]);
}
