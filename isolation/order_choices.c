#include "isolation/order_choices.h"

#include "checker/budget.h"

#include <string.h>

void order_choices_init(struct order_choices *choices, struct budget *budget)
{
    *choices = (struct order_choices){.budget = budget};
}

void order_choices_fini(struct order_choices *choices)
{
    struct budget *budget = choices->budget;
    size_t words = choices->capacity * sizeof(uint32_t);
    budget_free(budget, choices->items, choices->capacity * sizeof *choices->items);
    budget_free(budget, choices->trail, words);
    budget_free(budget, choices->levels, words + (choices->levels ? sizeof(uint32_t) : 0));
    budget_free(budget, choices->slots, choices->slot_count * sizeof *choices->slots);
    budget_free(budget, choices->clauses, choices->clauses_capacity * sizeof *choices->clauses);
    budget_free(budget, choices->conflict, choices->conflict_capacity * sizeof(uint32_t));
}

/* --- choices by their blocks --- */

static uint32_t *find_slot(struct order_choices *choices, uint32_t low, uint32_t high)
{
    uint64_t hash = ((uint64_t)low << 32 | high) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t mask = choices->slot_count - 1;
    for (uint32_t i = (uint32_t)(hash >> 32) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &choices->slots[i];
        if (*slot == 0)
            return slot;
        const struct order_choice *choice = &choices->items[*slot - 1];
        if (choice->low == low && choice->high == high)
            return slot;
    }
}

static bool grow_slots(struct order_choices *choices, uint32_t count)
{
    uint32_t *slots = budget_zalloc(choices->budget, count * sizeof *slots);
    if (!slots)
        return false;
    budget_free(choices->budget, choices->slots, choices->slot_count * sizeof *slots);
    choices->slots = slots;
    choices->slot_count = count;
    for (uint32_t i = 0; i < choices->count; i++)
        *find_slot(choices, choices->items[i].low, choices->items[i].high) = i + 1;
    return true;
}

/* A row of so many more words; the old one if there is no memory. */
static bool grow_row(struct budget *budget, uint32_t **row, size_t old, size_t more)
{
    uint32_t *grown = budget_resize(budget, *row, old * sizeof **row, more * sizeof **row);
    if (grown)
        *row = grown;
    return grown != NULL;
}

static bool grow(struct order_choices *choices)
{
    uint32_t old = choices->capacity, more = old ? 2 * old : 64;
    struct budget *budget = choices->budget;
    if (more > UINT32_MAX / 4 || !grow_slots(choices, 2 * more))
        return false;
    struct order_choice *items =
        budget_resize(budget, choices->items, old * sizeof *items, more * sizeof *items);
    if (!items)
        return false;
    choices->items = items;
    /* All three have the same size, or none has: on failure the larger ones are cut again. */
    if (!grow_row(budget, &choices->trail, old, more))
        goto no_trail;
    if (!grow_row(budget, &choices->levels, old ? old + 1 : 0, (size_t)more + 1))
        goto no_levels;
    choices->capacity = more;
    return true;
no_levels:
    grow_row(budget, &choices->trail, more, old);
no_trail:
    items = budget_resize(budget, choices->items, more * sizeof *items, old * sizeof *items);
    choices->items = items ? items : choices->items;
    return false;
}

uint32_t order_choices_literal(struct order_choices *choices, uint32_t before, uint32_t after)
{
    uint32_t low = before < after ? before : after, high = before < after ? after : before;
    if (choices->count == choices->capacity && !grow(choices))
        return ORDER_NONE;
    uint32_t *slot = find_slot(choices, low, high);
    if (*slot == 0) {
        *slot = ++choices->count;
        choices->items[*slot - 1] = (struct order_choice){.low = low,
                                                          .high = high,
                                                          .reason = ORDER_NONE,
                                                          .edges = ORDER_NONE,
                                                          .watched = {ORDER_NONE, ORDER_NONE}};
    }
    return 2 * (*slot - 1) + (before != low);
}

/* --- the trail --- */

void order_choices_set(struct order_choices *choices, uint32_t literal, uint32_t reason)
{
    struct order_choice *choice = &choices->items[literal / 2];
    choice->value = (uint8_t)(1 + (literal & 1));
    choice->level = choices->level;
    choice->reason = reason;
    choice->edges = ORDER_NONE;
    choices->trail[choices->trail_count++] = literal;
}

void order_choices_decide(struct order_choices *choices, uint32_t literal)
{
    choices->levels[++choices->level] = choices->trail_count;
    order_choices_set(choices, literal, ORDER_NONE);
}

uint32_t order_choices_back_to(struct order_choices *choices, uint32_t level)
{
    uint32_t edges = ORDER_NONE;
    if (level >= choices->level)
        return edges;
    uint32_t keep = choices->levels[level + 1];
    while (choices->trail_count > keep) {
        struct order_choice *choice = &choices->items[choices->trail[--choices->trail_count] / 2];
        choice->value = 0;
        if (choice->edges != ORDER_NONE)
            edges = choice->edges;
    }
    choices->level = level;
    if (choices->done > keep)
        choices->done = keep;
    return edges;
}

void order_choices_reset(struct order_choices *choices)
{
    order_choices_back_to(choices, 0);
    while (choices->trail_count > 0)
        choices->items[choices->trail[--choices->trail_count] / 2].value = 0;
    choices->done = 0;
}

/* --- clauses --- */

enum { CLAUSE_LENGTH = 0, CLAUSE_NEXT = 1, CLAUSE_LITERALS = 3 };

static void watch(struct order_choices *choices, uint32_t clause, uint32_t which)
{
    uint32_t *own = &choices->clauses[clause];
    uint32_t literal = own[CLAUSE_LITERALS + which];
    uint32_t *first = &choices->items[literal / 2].watched[literal & 1];
    own[CLAUSE_NEXT + which] = *first;
    *first = 2 * clause + which;
}

uint32_t order_choices_add_clause(struct order_choices *choices)
{
    uint32_t count = choices->conflict_count, size = CLAUSE_LITERALS + count;
    if (choices->clauses_capacity - choices->clauses_used < size) {
        uint64_t more = choices->clauses_capacity + choices->clauses_capacity / 2 + size + 256;
        if (more > UINT32_MAX / 2 ||
            !grow_row(choices->budget, &choices->clauses, choices->clauses_capacity, (size_t)more))
            return ORDER_NONE;
        choices->clauses_capacity = (uint32_t)more;
    }
    uint32_t clause = choices->clauses_used, *own = &choices->clauses[clause];
    choices->clauses_used += size;
    choices->clause_count++;
    own[CLAUSE_LENGTH] = count;
    memcpy(own + CLAUSE_LITERALS, choices->conflict, count * sizeof *own);
    watch(choices, clause, 0);
    watch(choices, clause, 1);
    return clause;
}

/* Another literal to watch than the false one at `which`; false if there is none. */
static bool watch_another(struct order_choices *choices, uint32_t clause, uint32_t which)
{
    uint32_t *own = &choices->clauses[clause];
    uint32_t *literals = own + CLAUSE_LITERALS;
    for (uint32_t i = 2; i < own[CLAUSE_LENGTH]; i++) {
        if (literal_is_false(choices, literals[i]))
            continue;
        uint32_t literal = literals[which];
        literals[which] = literals[i];
        literals[i] = literal;
        watch(choices, clause, which);
        return true;
    }
    return false;
}

bool order_choices_add_conflict(struct order_choices *choices, uint32_t literal)
{
    if (choices->conflict_count == choices->conflict_capacity) {
        uint32_t old = choices->conflict_capacity, more = old ? 2 * old : 64;
        if (!grow_row(choices->budget, &choices->conflict, old, more))
            return false;
        choices->conflict_capacity = more;
    }
    choices->conflict[choices->conflict_count++] = literal;
    return true;
}

static enum choice_result take_conflict(struct order_choices *choices, uint32_t clause)
{
    const uint32_t *own = &choices->clauses[clause];
    choices->conflict_count = 0;
    for (uint32_t i = 0; i < own[CLAUSE_LENGTH]; i++)
        if (!order_choices_add_conflict(choices, own[CLAUSE_LITERALS + i]))
            return CHOICE_NO_MEMORY;
    return CHOICE_CONFLICT;
}

enum choice_result order_choices_propagate(struct order_choices *choices, uint32_t literal)
{
    uint32_t gone = literal_not(literal);
    uint32_t *link = &choices->items[gone / 2].watched[gone & 1];
    while (*link != ORDER_NONE) {
        uint32_t clause = *link / 2, which = *link & 1;
        uint32_t *own = &choices->clauses[clause];
        uint32_t other = own[CLAUSE_LITERALS + !which], next = own[CLAUSE_NEXT + which];
        if (literal_is_true(choices, other)) {
            link = &own[CLAUSE_NEXT + which];
            continue;
        }
        uint32_t *old_link = link;
        if (watch_another(choices, clause, which)) {
            *old_link = next;
            continue;
        }
        if (literal_is_false(choices, other))
            return take_conflict(choices, clause);
        order_choices_set(choices, other, clause);
        link = &own[CLAUSE_NEXT + which];
    }
    return CHOICE_DONE;
}

/* --- learning --- */

static uint32_t highest_level(const struct order_choices *choices)
{
    uint32_t level = 0;
    for (uint32_t i = 0; i < choices->conflict_count; i++)
        if (choices->items[choices->conflict[i] / 2].level > level)
            level = choices->items[choices->conflict[i] / 2].level;
    return level;
}

/* Takes what a clause says into account: its literals of this level are still to be resolved, which
 * are counted, and the others are kept. */
struct learning {
    struct order_choices *choices;
    uint32_t level, open;
    uint32_t kept; /* of conflict */
};

static bool take_literal(struct learning *run, uint32_t literal)
{
    struct order_choice *choice = &run->choices->items[literal / 2];
    if (choice->is_seen || choice->level == 0)
        return true;
    choice->is_seen = true;
    if (choice->level == run->level) {
        run->open++;
        return true;
    }
    run->choices->conflict_count = run->kept;
    bool ok = order_choices_add_conflict(run->choices, literal);
    run->kept = run->choices->conflict_count;
    return ok;
}

/* Goes back over the trail to the first literal that alone explains the conflict. */
static bool resolve(struct learning *run, uint32_t *literal)
{
    struct order_choices *choices = run->choices;
    for (uint32_t at = choices->trail_count; at-- > 0;) {
        uint32_t own = choices->trail[at];
        struct order_choice *choice = &choices->items[own / 2];
        if (!choice->is_seen || choice->level != run->level)
            continue;
        choice->is_seen = false;
        if (--run->open == 0) {
            *literal = literal_not(own);
            return true;
        }
        uint32_t clause = choice->reason;
        for (uint32_t i = 0; i < choices->clauses[clause + CLAUSE_LENGTH]; i++) {
            uint32_t other = choices->clauses[clause + CLAUSE_LITERALS + i];
            if (other != own && !take_literal(run, other))
                return false;
        }
    }
    return false;
}

/* The second literal is one of the highest level among the others: where the clause is left. */
static uint32_t put_highest_second(struct order_choices *choices)
{
    uint32_t best = 1;
    for (uint32_t i = 2; i < choices->conflict_count; i++)
        if (choices->items[choices->conflict[i] / 2].level >
            choices->items[choices->conflict[best] / 2].level)
            best = i;
    uint32_t literal = choices->conflict[best];
    choices->conflict[best] = choices->conflict[1];
    choices->conflict[1] = literal;
    return choices->items[literal / 2].level;
}

enum choice_result order_choices_learn(struct order_choices *choices, uint32_t *level,
                                       uint32_t *literal, uint32_t *clause)
{
    struct learning run = {.choices = choices, .level = highest_level(choices)};
    choices->conflicts++;
    if (run.level == 0)
        return CHOICE_CONFLICT;
    uint32_t count = choices->conflict_count;
    bool ok = true;
    /* Literals kept are written over those already looked at. */
    for (uint32_t i = 0; i < count && ok; i++)
        ok = take_literal(&run, choices->conflict[i]);
    choices->conflict_count = run.kept;
    ok = ok && resolve(&run, literal);
    for (uint32_t i = 0; i < run.kept; i++)
        choices->items[choices->conflict[i] / 2].is_seen = false;
    choices->conflict_count = run.kept;
    if (!ok || !order_choices_add_conflict(choices, *literal))
        return CHOICE_NO_MEMORY;
    uint32_t last = choices->conflict_count - 1;
    choices->conflict[last] = choices->conflict[0];
    choices->conflict[0] = *literal;
    *clause = ORDER_NONE;
    *level = 0;
    if (last == 0)
        return CHOICE_DONE;
    *level = put_highest_second(choices);
    *clause = order_choices_add_clause(choices);
    return *clause == ORDER_NONE ? CHOICE_NO_MEMORY : CHOICE_DONE;
}
