#include "isolation/order_cases.h"

#include "checker/budget.h"
#include "isolation/order_search_parts.h"

#define WORK_MAX (UINT64_C(1) << 30)

struct case_search {
    struct order_search *search;
    struct order_proof *proof;
    uint32_t *weights;  /* of each choice: how often it was learned about */
    uint32_t *contrary; /* of each choice: the literal to suppose first */
    uint32_t choices, cases;
    uint64_t work_end;
};

/* --- what to suppose --- */

/* What was learned from cases and holds in any case is worth the most. */
static void weigh(struct case_search *run)
{
    struct order_choices *choices = &run->search->choices;
    for (uint32_t i = 0; i < run->choices; i++) {
        const struct order_choice *choice = &choices->items[i];
        bool is_learned = choice->value != 0 && choice->level == 0 && !choice->is_direct;
        run->contrary[i] = 2 * i + (choice->value == 1);
        run->weights[i] = is_learned ? choices->clauses_used + 1 : 0;
    }
    for (uint32_t clause = 0, count; clause < choices->clauses_used; clause += 3 + count) {
        const uint32_t *literals = order_choices_clause(choices, clause, &count);
        for (uint32_t i = 0; i < count; i++)
            run->weights[literals[i] / 2]++;
    }
}

static uint32_t find_open(const struct case_search *run)
{
    const struct order_choices *choices = &run->search->choices;
    uint32_t best = ORDER_NONE;
    for (uint32_t i = 0; i < run->choices; i++)
        if (literal_is_open(choices, 2 * i) &&
            (best == ORDER_NONE || run->weights[i] > run->weights[best]))
            best = i;
    return best == ORDER_NONE ? ORDER_NONE : run->contrary[best];
}

/* --- cases --- */

static bool is_over(const struct case_search *run)
{
    const struct order_problem *problem = run->search->problem;
    return run->cases >= CASES_MAX || run->search->choices.level >= CASES_DEEP_MAX ||
           budget_time_over(problem->budget);
}

static enum choice_result refute(struct case_search *run);

static enum choice_result keep(struct case_search *run, enum choice_result result)
{
    if (result == CHOICE_CONFLICT && !order_proof_take_cycle(run->proof))
        return CHOICE_NO_MEMORY;
    return result;
}

/* CHOICE_CONFLICT: the case cannot be. */
static enum choice_result enter(struct case_search *run, uint32_t literal)
{
    run->cases++;
    order_choices_decide(&run->search->choices, literal);
    enum choice_result result = order_search_make_true(run->search, literal);
    return result == CHOICE_DONE ? refute(run) : keep(run, result);
}

/* CHOICE_CONFLICT: it did not rest on the case. CHOICE_DONE: the contrary is so. */
static enum choice_result leave(struct case_search *run, uint32_t literal)
{
    struct order_choices *choices = &run->search->choices;
    bool rests;
    if (!order_proof_close(run->proof, &rests))
        return CHOICE_NO_MEMORY;
    order_search_back_to(run->search, choices->level - 1);
    if (!rests)
        return CHOICE_CONFLICT;
    uint32_t contrary = literal_not(literal);
    if (order_proof_conclude(run->proof, contrary) == ORDER_NONE)
        return CHOICE_NO_MEMORY;
    order_choices_set(choices, contrary, ORDER_NONE);
    choices->items[contrary / 2].is_direct = false;
    return keep(run, order_search_make_true(run->search, contrary));
}

/* CHOICE_CONFLICT: what is supposed so far cannot be; proof->last is why. CHOICE_DONE: nothing
 * refutes it. */
static enum choice_result refute(struct case_search *run)
{
    for (;;) {
        enum choice_result result = order_search_conclude(run->search, run->work_end);
        if (result != CHOICE_DONE)
            return keep(run, result);
        uint32_t literal = find_open(run);
        if (literal == ORDER_NONE)
            return CHOICE_DONE;
        if (is_over(run))
            return CHOICE_NO_MEMORY;
        result = enter(run, literal);
        if (result == CHOICE_CONFLICT)
            result = leave(run, literal);
        else if (result == CHOICE_DONE)
            return CHOICE_DONE;
        if (result != CHOICE_DONE)
            return result;
    }
}

enum order_found order_cases_refute(struct order_search *search, struct order_proof *proof)
{
    struct order_choices *choices = &search->choices;
    struct budget *budget = search->problem->budget;
    struct case_search run = {.search = search,
                              .proof = proof,
                              .choices = choices->count,
                              .work_end = search->problem->graph.work_done + WORK_MAX};
    bool rests;
    enum choice_result result = CHOICE_NO_MEMORY;
    run.weights = budget_alloc(budget, run.choices * sizeof *run.weights);
    run.contrary = budget_alloc(budget, run.choices * sizeof *run.contrary);
    if (run.weights && run.contrary) {
        order_choices_back_to(choices, 0);
        weigh(&run);
        order_choices_reset(choices);
        order_graph_remove(&search->problem->graph, 0);
        result = refute(&run);
    }
    if (result == CHOICE_CONFLICT && !order_proof_close(proof, &rests))
        result = CHOICE_NO_MEMORY;
    budget_free(budget, run.weights, run.choices * sizeof *run.weights);
    budget_free(budget, run.contrary, run.choices * sizeof *run.contrary);
    return result == CHOICE_CONFLICT ? ORDER_IMPOSSIBLE : ORDER_UNDECIDED;
}
