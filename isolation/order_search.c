#include "isolation/order_search.h"

#include "checker/budget.h"
#include "isolation/order_search_parts.h"

#include <assert.h>

static struct order_graph *graph_of(struct order_search *search)
{
    return &search->problem->graph;
}

/* --- choices and their edges --- */

/* `conflict`: not all that closed a cycle, and the literal itself. */
static enum choice_result explain_cycle(struct order_search *search, uint32_t from, uint32_t label)
{
    struct order_choices *choices = &search->choices;
    const struct order_graph *graph = graph_of(search);
    choices->conflict_count = 0;
    search->last_from = from;
    search->last_label = label;
    search->last_version = ORDER_NONE;
    if (!order_choices_add_conflict(choices, literal_not(label / 2)))
        return CHOICE_NO_MEMORY;
    for (uint32_t at = from; graph->steps[at].before != ORDER_NONE; at = graph->steps[at].before) {
        uint32_t other = graph->steps[at].label;
        if (other != ORDER_NONE && !order_choices_add_conflict(choices, literal_not(other / 2)))
            return CHOICE_NO_MEMORY;
    }
    return CHOICE_CONFLICT;
}

static enum choice_result insert(struct order_search *search, uint32_t from, uint32_t to,
                                 uint32_t label)
{
    if (from == ORDER_NONE)
        return CHOICE_DONE;
    switch (order_graph_insert(graph_of(search), from, to, label)) {
    case ORDER_DONE:
        proposal_note_moves(search);
        return CHOICE_DONE;
    case ORDER_CYCLE:
        search->last_to = to;
        return explain_cycle(search, from, label);
    default:
        return CHOICE_NO_MEMORY;
    }
}

static enum choice_result insert_edges(struct order_search *search, uint32_t literal)
{
    const struct order_choices *choices = &search->choices;
    struct order_pair_edges edges =
        proposal_edges(search, literal_before(choices, literal), literal_after(choices, literal));
    enum choice_result result =
        insert(search, edges.ww_from, edges.ww_to, order_label(literal, false));
    return result != CHOICE_DONE
               ? result
               : insert(search, edges.rw_from, edges.rw_to, order_label(literal, true));
}

enum order_result order_search_find_view(struct order_search *search, uint32_t before,
                                         uint32_t after, uint32_t limit, uint32_t *reader)
{
    const struct order_problem *problem = search->problem;
    uint32_t tail = problem->blocks[before].tail;
    uint32_t writer = order_writer(problem, problem->blocks[after].head);
    for (uint32_t i = problem->first_reader[tail]; i < problem->first_reader[tail + 1]; i++) {
        *reader = problem->readers[i];
        if (*reader == writer)
            continue;
        enum order_result result = order_graph_find_path(graph_of(search), writer, *reader, limit);
        if (result != ORDER_DONE)
            return result;
    }
    return ORDER_DONE;
}

enum choice_result order_search_is_view_refused(struct order_search *search, uint32_t literal)
{
    const struct order_choices *choices = &search->choices;
    uint32_t before = literal_before(choices, literal), after = literal_after(choices, literal);
    switch (order_search_find_view(search, before, after, ORDER_NONE, &search->last_from)) {
    case ORDER_DONE:
        return CHOICE_DONE;
    case ORDER_CYCLE:
        search->last_to = order_writer(search->problem, search->problem->blocks[after].head);
        search->last_version = search->problem->blocks[before].tail;
        return CHOICE_CONFLICT;
    default:
        return CHOICE_NO_MEMORY;
    }
}

/* Whether what is known refuses a literal: then its contrary needs no cases. */
static enum choice_result is_refused(struct order_search *search, uint32_t literal)
{
    struct order_graph *graph = graph_of(search);
    uint32_t edges = graph->dynamic_count;
    enum choice_result result = insert_edges(search, literal);
    order_graph_remove(graph, edges);
    if (result != CHOICE_DONE || !search->problem->rules.views)
        return result;
    return order_search_is_view_refused(search, literal);
}

/* A literal that is true without a decision is a lemma, or learned from cases. */
static enum choice_result note_known(struct order_search *search, uint32_t literal)
{
    enum choice_result result = is_refused(search, literal_not(literal));
    search->choices.items[literal / 2].is_direct = result == CHOICE_CONFLICT;
    return result == CHOICE_NO_MEMORY ? result : CHOICE_DONE;
}

static enum choice_result follow_up(struct order_search *search)
{
    struct order_choices *choices = &search->choices;
    while (choices->done < choices->trail_count) {
        uint32_t literal = choices->trail[choices->done];
        enum choice_result result = CHOICE_DONE;
        if (choices->level == 0)
            result = note_known(search, literal);
        if (result != CHOICE_DONE)
            return result;
        choices->items[literal / 2].edges = graph_of(search)->dynamic_count;
        choices->done++;
        result = insert_edges(search, literal);
        if (result != CHOICE_DONE)
            return result;
        result = order_choices_propagate(choices, literal);
        if (result == CHOICE_CONFLICT)
            search->last_from = ORDER_NONE;
        if (result != CHOICE_DONE)
            return result;
    }
    return CHOICE_DONE;
}

void order_search_back_to(struct order_search *search, uint32_t level)
{
    uint32_t edges = order_choices_back_to(&search->choices, level);
    if (edges != ORDER_NONE)
        order_graph_remove(graph_of(search), edges);
}

enum choice_result order_search_learn(struct order_search *search)
{
    uint32_t level, literal, clause;
    enum choice_result result = order_choices_learn(&search->choices, &level, &literal, &clause);
    if (result != CHOICE_DONE)
        return result;
    order_search_back_to(search, level);
    order_choices_set(&search->choices, literal, clause);
    return CHOICE_DONE;
}

bool order_search_makes_pause(struct order_search *search)
{
    search->is_paused = graph_of(search)->work_done > search->work_end;
    return search->is_paused;
}

enum choice_result order_search_settle(struct order_search *search)
{
    enum choice_result result = follow_up(search);
    while (result == CHOICE_CONFLICT) {
        result = order_search_learn(search);
        if (result != CHOICE_DONE)
            return result;
        result = order_search_makes_pause(search) ? CHOICE_NO_MEMORY : follow_up(search);
    }
    return result;
}

static enum choice_result decide(struct order_search *search, const uint32_t pair[2])
{
    uint32_t literal = order_choices_literal(&search->choices, pair[0], pair[1]);
    if (literal == ORDER_NONE)
        return CHOICE_NO_MEMORY;
    assert(literal_is_open(&search->choices, literal));
    if (proposal_distance(search, pair[0], pair[1]) > proposal_distance(search, pair[1], pair[0]))
        literal = literal_not(literal);
    order_choices_decide(&search->choices, literal);
    return order_search_settle(search);
}

enum choice_result order_search_settle_overlaps(struct order_search *search)
{
    while (search->dirty_count > 0) {
        uint32_t block = search->dirty[search->dirty_count - 1], pair[2];
        graph_of(search)->work_done++;
        if (budget_time_over(search->problem->budget) || order_search_makes_pause(search))
            return CHOICE_NO_MEMORY;
        proposal_put_in_place(search, block);
        if (!proposal_find_overlap(search, block, pair)) {
            search->dirty_count--;
            search->is_dirty[block] = false;
            continue;
        }
        enum choice_result result = decide(search, pair);
        if (result != CHOICE_DONE)
            return result;
    }
    return CHOICE_DONE;
}

/* --- all of it --- */

bool order_search_init(struct order_search *search, struct order_problem *problem)
{
    struct budget *budget = problem->budget;
    uint32_t blocks = problem->block_count, points = problem->vertex_count - problem->first_point;
    *search = (struct order_search){.problem = problem, .work_end = UINT64_MAX};
    order_choices_init(&search->choices, budget);
    search->sorted = budget_alloc(budget, blocks * sizeof *search->sorted);
    search->spot = budget_alloc(budget, blocks * sizeof *search->spot);
    search->dirty = budget_alloc(budget, blocks * sizeof *search->dirty);
    search->is_dirty = budget_zalloc(budget, blocks * sizeof *search->is_dirty);
    search->point_blocks = budget_alloc(budget, points * sizeof *search->point_blocks);
    if (!search->sorted || !search->spot || !search->dirty || !search->is_dirty ||
        !search->point_blocks)
        return false;
    for (uint32_t i = 0; i < blocks; i++)
        search->sorted[i] = search->spot[i] = i;
    for (uint32_t i = 0; i < problem->all->version_count; i++)
        if (problem->overwritten[i] != ORDER_NONE &&
            problem->overwritten[i] >= problem->first_point)
            search->point_blocks[problem->overwritten[i] - problem->first_point] =
                problem->block_of[i];
    return true;
}

void order_search_fini(struct order_search *search)
{
    struct order_problem *problem = search->problem;
    struct budget *budget = problem->budget;
    uint32_t blocks = problem->block_count, points = problem->vertex_count - problem->first_point;
    order_choices_fini(&search->choices);
    budget_free(budget, search->sorted, blocks * sizeof *search->sorted);
    budget_free(budget, search->spot, blocks * sizeof *search->spot);
    budget_free(budget, search->dirty, blocks * sizeof *search->dirty);
    budget_free(budget, search->is_dirty, blocks * sizeof *search->is_dirty);
    budget_free(budget, search->point_blocks, points * sizeof *search->point_blocks);
}

static enum order_found found(enum choice_result result)
{
    if (result == CHOICE_DONE)
        return ORDER_EXISTS;
    if (result == CHOICE_NO_MEMORY)
        return ORDER_UNDECIDED;
    return ORDER_IMPOSSIBLE;
}

enum order_found order_search_run(struct order_search *search)
{
    enum choice_result result = order_search_settle(search); /* what a pause left open */
    bool is_settled = false;
    while (result == CHOICE_DONE && !is_settled) {
        if (!proposal_look_at_all(search))
            return ORDER_UNDECIDED;
        is_settled = search->dirty_count == 0;
        result = order_search_settle_overlaps(search);
        if (result == CHOICE_DONE && is_settled && search->problem->rules.views)
            result = views_settle(search, &is_settled);
    }
    return found(result);
}

/* --- without learning --- */

enum choice_result order_search_make_true(struct order_search *search, uint32_t literal)
{
    struct order_choices *choices = &search->choices;
    choices->items[literal / 2].edges = graph_of(search)->dynamic_count;
    choices->done++;
    enum choice_result result = insert_edges(search, literal);
    if (result == CHOICE_DONE && search->problem->rules.views)
        result = order_search_is_view_refused(search, literal);
    return result;
}

/* Makes true what the known refuses the contrary of. CHOICE_CONFLICT: it refuses both. */
static enum choice_result try_literal(struct order_search *search, uint32_t literal)
{
    struct order_choices *choices = &search->choices;
    for (int i = 0; i < 2 && literal_is_open(choices, literal);
         i++, literal = literal_not(literal)) {
        enum choice_result result = is_refused(search, literal_not(literal));
        if (result == CHOICE_DONE)
            continue;
        if (result == CHOICE_NO_MEMORY)
            return result;
        order_choices_set(choices, literal, ORDER_NONE);
        choices->items[literal / 2].is_direct = true;
        return order_search_make_true(search, literal);
    }
    return CHOICE_DONE;
}

enum choice_result order_search_conclude(struct order_search *search, uint64_t work_end)
{
    struct order_choices *choices = &search->choices;
    enum choice_result result = CHOICE_DONE;
    for (uint32_t known = UINT32_MAX; known != choices->trail_count;) {
        known = choices->trail_count;
        for (uint32_t i = 0; i < choices->count && result == CHOICE_DONE; i++)
            result = graph_of(search)->work_done > work_end ? CHOICE_NO_MEMORY
                                                            : try_literal(search, 2 * i);
        if (result != CHOICE_DONE)
            return result;
    }
    return search->problem->rules.views ? views_refuse(search) : result;
}
