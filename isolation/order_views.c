/* Cycles of exactly one RW: nobody who read a version may come after who wrote the next one, by the
 * other dependencies. They are looked for in the whole proposal, once nothing else is amiss. */
#include "isolation/order_search_parts.h"

#include "checker/budget.h"

#include <assert.h>

static struct order_graph *graph_of(struct order_search *search)
{
    return &search->problem->graph;
}

/* A search that goes on from the last version of a block to the first of the next in the proposal
 * as well: the label of such an edge is the block's. */
#define PROPOSED (UINT32_C(1) << 31)

struct view_search {
    struct order_search *search;
    uint32_t count, last;
};

static void visit(struct view_search *run, uint32_t vertex, uint32_t before, uint32_t label)
{
    struct order_graph *graph = graph_of(run->search);
    if (graph->place[vertex] > run->last || graph->seen[vertex] == graph->search)
        return;
    graph->seen[vertex] = graph->search;
    graph->steps[vertex] = (struct order_step){before, label};
    graph->queue[run->count++] = vertex;
}

static void visit_proposed(struct view_search *run, uint32_t txn)
{
    const struct order_problem *problem = run->search->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        uint32_t version = all->micros[i].version;
        if (all->micros[i].f == MICRO_READ || problem->next[version] != ORDER_NONE)
            continue;
        uint32_t block = problem->block_of[version], next = proposal_next(run->search, block);
        if (next != ORDER_NONE)
            visit(run, order_writer(problem, problem->blocks[next].head), txn, PROPOSED | block);
    }
}

/* Whether one transaction comes before another in the proposal, by steps of the level. */
static enum order_result proposal_leads(struct order_search *search, uint32_t from, uint32_t to)
{
    struct order_graph *graph = graph_of(search);
    struct view_search run = {.search = search, .last = graph->place[to]};
    if (graph->place[from] >= run.last)
        return ORDER_DONE;
    order_graph_begin_search(graph);
    visit(&run, from, ORDER_NONE, ORDER_NONE);
    for (uint32_t i = 0; i < run.count; i++) {
        uint32_t vertex = graph->queue[i];
        if (budget_time_over(graph->budget))
            return ORDER_OUT_OF_BUDGET;
        if (vertex == to)
            return ORDER_CYCLE;
        graph->work_done += graph->out_first[vertex + 1] - graph->out_first[vertex] + 1;
        for (uint32_t k = graph->out_first[vertex]; k < graph->out_first[vertex + 1]; k++)
            visit(&run, graph->out[k], vertex, ORDER_NONE);
        for (uint32_t k = graph->dynamic_out[vertex]; k != ORDER_NONE;
             k = graph->dynamic[k].next_out)
            visit(&run, graph->dynamic[k].to, vertex, graph->dynamic[k].label);
        if (order_txn_of(search->problem, vertex) != TXN_NONE)
            visit_proposed(&run, vertex);
    }
    return ORDER_DONE;
}

/* The choice that has a block before the next one in the proposal, as the label of its edge;
 * ORDER_NONE if that is known. */
static bool find_pair(struct order_search *search, uint32_t block, uint32_t *label)
{
    uint32_t key = search->problem->blocks[block].key, literal = ORDER_NONE;
    *label = ORDER_NONE;
    if (block == search->problem->first_block[key])
        return true;
    literal = order_choices_literal(&search->choices, block, proposal_next(search, block));
    if (literal != ORDER_NONE)
        *label = order_label(literal, false);
    return literal != ORDER_NONE;
}

/* `conflict`: not all of the proposal that lets a reader of a block's last version come after the
 * next one; block == ORDER_NONE: that is known. */
static enum choice_result explain_view(struct order_search *search, uint32_t reader, uint32_t block)
{
    struct order_choices *choices = &search->choices;
    const struct order_graph *graph = graph_of(search);
    uint32_t pair = ORDER_NONE;
    choices->conflict_count = 0;
    if (block != ORDER_NONE && !find_pair(search, block, &pair))
        return CHOICE_NO_MEMORY;
    if (pair != ORDER_NONE && !order_choices_add_conflict(choices, literal_not(pair / 2)))
        return CHOICE_NO_MEMORY;
    for (uint32_t at = reader; graph->steps[at].before != ORDER_NONE;
         at = graph->steps[at].before) {
        uint32_t *label = &graph->steps[at].label;
        if (*label != ORDER_NONE && *label & PROPOSED &&
            !find_pair(search, *label & ~PROPOSED, label))
            return CHOICE_NO_MEMORY;
        if (*label != ORDER_NONE && !order_choices_add_conflict(choices, literal_not(*label / 2)))
            return CHOICE_NO_MEMORY;
    }
    return CHOICE_CONFLICT;
}

/* CHOICE_CONFLICT: `conflict` is a clause that the proposal breaks. */
static enum choice_result look_at_readers(struct order_search *search, uint32_t version)
{
    const struct order_problem *problem = search->problem;
    uint32_t next = problem->next[version], block = ORDER_NONE;
    if (next == ORDER_NONE) {
        block = problem->block_of[version];
        uint32_t after = proposal_next(search, block);
        if (after == ORDER_NONE)
            return CHOICE_DONE;
        next = problem->blocks[after].head;
    }
    uint32_t writer = order_writer(problem, next);
    for (uint32_t i = problem->first_reader[version]; i < problem->first_reader[version + 1]; i++) {
        uint32_t reader = problem->readers[i];
        enum order_result result =
            reader == writer ? ORDER_DONE : proposal_leads(search, writer, reader);
        if (result == ORDER_OUT_OF_BUDGET)
            return CHOICE_NO_MEMORY;
        if (result == ORDER_DONE)
            continue;
        search->last_from = reader;
        search->last_to = writer;
        search->last_version = version;
        return explain_view(search, reader, block);
    }
    return CHOICE_DONE;
}

/* Puts open literals first, and then those of the highest level. Returns how many are open. */
static uint32_t arrange(struct order_search *search)
{
    const struct order_choices *choices = &search->choices;
    uint32_t count = choices->conflict_count, *literals = choices->conflict, open = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t literal = literals[i];
        if (!literal_is_open(choices, literal))
            continue;
        literals[i] = literals[open];
        literals[open++] = literal;
    }
    for (uint32_t i = open + 1; i < count; i++) {
        uint32_t literal = literals[i];
        if (choices->items[literal / 2].level <= choices->items[literals[open] / 2].level)
            continue;
        literals[i] = literals[open];
        literals[open] = literal;
    }
    return open;
}

/* Makes the choices that a clause would not have, until it settles the last one. */
static enum choice_result press(struct order_search *search, uint32_t clause)
{
    for (;;) {
        uint32_t count, *literals = order_choices_clause(&search->choices, clause, &count);
        uint32_t open = ORDER_NONE;
        for (uint32_t i = 0; i < count; i++) {
            if (literal_is_true(&search->choices, literals[i]))
                return CHOICE_DONE;
            if (literal_is_open(&search->choices, literals[i]))
                open = literals[i];
        }
        assert(open != ORDER_NONE);
        order_choices_decide(&search->choices, literal_not(open));
        enum choice_result result = order_search_settle(search);
        if (result != CHOICE_DONE)
            return result;
    }
}

/* Takes up the clause in `conflict`. */
static enum choice_result take_clause(struct order_search *search)
{
    struct order_choices *choices = &search->choices;
    uint32_t open = arrange(search), clause = ORDER_NONE;
    /* Then the proposal is not yet sorted anew: it is looked at again. */
    for (uint32_t i = open; i < choices->conflict_count; i++)
        if (literal_is_true(choices, choices->conflict[i]))
            return CHOICE_DONE;
    if (open == 0) {
        enum choice_result result = order_search_learn(search);
        return result == CHOICE_DONE ? order_search_settle(search) : result;
    }
    uint32_t first = choices->conflict[0];
    uint32_t level = open == 1 && choices->conflict_count > 1
                         ? choices->items[choices->conflict[1] / 2].level
                         : 0;
    if (choices->conflict_count > 1) {
        clause = order_choices_add_clause(choices);
        if (clause == ORDER_NONE)
            return CHOICE_NO_MEMORY;
    }
    if (open > 1)
        return press(search, clause);
    order_search_back_to(search, level);
    order_choices_set(choices, first, clause);
    return order_search_settle(search);
}

enum choice_result views_settle(struct order_search *search, bool *is_settled)
{
    const struct order_problem *problem = search->problem;
    *is_settled = true;
    for (uint32_t version = 0; version < problem->all->version_count; version++) {
        if (problem->next[version] == ORDER_ABSENT)
            continue;
        if (order_search_makes_pause(search)) {
            *is_settled = false;
            return CHOICE_NO_MEMORY;
        }
        enum choice_result result = look_at_readers(search, version);
        if (result == CHOICE_DONE)
            continue;
        *is_settled = false;
        if (result == CHOICE_CONFLICT)
            result = take_clause(search);
        if (result == CHOICE_DONE)
            result = order_search_settle_overlaps(search);
        if (result != CHOICE_DONE)
            return result;
    }
    return CHOICE_DONE;
}

/* --- without learning --- */

/* Readers of a version whose next one is known. */
static enum choice_result is_next_refused(struct order_search *search, uint32_t version)
{
    const struct order_problem *problem = search->problem;
    uint32_t writer = order_writer(problem, problem->next[version]);
    for (uint32_t i = problem->first_reader[version]; i < problem->first_reader[version + 1]; i++) {
        uint32_t reader = problem->readers[i];
        enum order_result result =
            reader == writer ? ORDER_DONE
                             : order_graph_find_path(graph_of(search), writer, reader, ORDER_NONE);
        if (result == ORDER_OUT_OF_BUDGET)
            return CHOICE_NO_MEMORY;
        if (result == ORDER_DONE)
            continue;
        search->last_from = reader;
        search->last_to = writer;
        search->last_version = version;
        return CHOICE_CONFLICT;
    }
    return CHOICE_DONE;
}

/* Readers of the last version of a key's first block. */
static enum choice_result is_first_refused(struct order_search *search, uint32_t block)
{
    const struct order_problem *problem = search->problem;
    uint32_t first = problem->first_block[problem->blocks[block].key];
    if (block == first)
        return CHOICE_DONE;
    switch (order_search_find_view(search, first, block, ORDER_NONE, &search->last_from)) {
    case ORDER_DONE:
        return CHOICE_DONE;
    case ORDER_CYCLE:
        search->last_to = order_writer(problem, problem->blocks[block].head);
        search->last_version = problem->blocks[first].tail;
        return CHOICE_CONFLICT;
    default:
        return CHOICE_NO_MEMORY;
    }
}

enum choice_result views_refuse(struct order_search *search)
{
    const struct order_problem *problem = search->problem;
    const struct order_choices *choices = &search->choices;
    enum choice_result result = CHOICE_DONE;
    for (uint32_t i = 0; i < choices->trail_count && result == CHOICE_DONE; i++)
        result = order_search_is_view_refused(search, choices->trail[i]);
    for (uint32_t i = 0; i < problem->block_count && result == CHOICE_DONE; i++)
        result = is_first_refused(search, i);
    for (uint32_t i = 0; i < problem->all->version_count && result == CHOICE_DONE; i++)
        if (problem->next[i] < ORDER_ABSENT)
            result = is_next_refused(search, i);
    return result;
}
