#include "isolation/order_proof.h"

#include "checker/budget.h"

/* --- rows --- */

void *proof_row_push(struct budget *budget, struct proof_row *row)
{
    if (row->count == row->capacity) {
        uint32_t more = row->capacity ? 2 * row->capacity : 32;
        void *items =
            budget_resize(budget, row->items, row->capacity * row->size, more * row->size);
        if (!items)
            return NULL;
        row->items = items;
        row->capacity = more;
    }
    return (char *)row->items + row->size * row->count++;
}

void proof_row_fini(struct budget *budget, struct proof_row *row)
{
    budget_free(budget, row->items, row->capacity * row->size);
}

static bool push_number(struct order_proof *proof, struct proof_row *row, uint32_t number)
{
    uint32_t *own = proof_row_push(proof->budget, row);
    if (own)
        *own = number;
    return own != NULL;
}

bool order_proof_init(struct order_proof *proof, struct order_search *search)
{
    struct budget *budget = search->problem->budget;
    /* One choice more may come into being. */
    uint32_t choices = search->choices.count + 1;
    *proof = (struct order_proof){.search = search,
                                  .budget = budget,
                                  .hops.size = sizeof(struct proof_hop),
                                  .grounds.size = sizeof(struct order_ground),
                                  .sequence.size = sizeof(uint32_t),
                                  .needs.size = sizeof(uint32_t),
                                  .choice_count = choices};
    proof->ground_of = budget_alloc(budget, choices * sizeof *proof->ground_of);
    proof->is_needed = budget_zalloc(budget, choices * sizeof *proof->is_needed);
    for (uint32_t i = 0; proof->ground_of && i < choices; i++)
        proof->ground_of[i] = ORDER_NONE;
    return proof->ground_of && proof->is_needed;
}

void order_proof_fini(struct order_proof *proof)
{
    struct budget *budget = proof->budget;
    struct proof_row *rows[] = {&proof->hops, &proof->grounds, &proof->sequence, &proof->needs};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        proof_row_fini(budget, rows[i]);
    budget_free(budget, proof->ground_of, proof->choice_count * sizeof *proof->ground_of);
    budget_free(budget, proof->is_needed, proof->choice_count * sizeof *proof->is_needed);
}

/* --- paths --- */

static bool push_hop(struct order_proof *proof, uint32_t from, uint32_t to, uint32_t label)
{
    struct proof_hop *hop = proof_row_push(proof->budget, &proof->hops);
    if (hop)
        *hop = (struct proof_hop){from, to, label};
    return hop != NULL;
}

bool proof_keep_path(struct proof_row *hops, const struct order_problem *problem, uint32_t vertex,
                     uint32_t stop)
{
    const struct order_step *steps = problem->graph.steps;
    uint32_t first = hops->count, at = vertex;
    do {
        if (steps[at].before == ORDER_NONE)
            break;
        struct proof_hop *hop = proof_row_push(problem->budget, hops);
        if (!hop)
            return false;
        *hop = (struct proof_hop){steps[at].before, at, steps[at].label};
        at = steps[at].before;
    } while (at != stop);
    struct proof_hop *items = hops->items;
    for (uint32_t i = first, k = hops->count; i + 1 < k; i++) {
        struct proof_hop hop = items[--k];
        items[k] = items[i];
        items[i] = hop;
    }
    return true;
}

static bool keep_path(struct order_proof *proof, uint32_t vertex, uint32_t stop)
{
    return proof_keep_path(&proof->hops, proof->search->problem, vertex, stop);
}

static bool need(struct order_proof *proof, uint32_t literal)
{
    proof->is_needed[literal / 2] = true;
    return literal_is_true(&proof->search->choices, literal);
}

static bool need_hops(struct order_proof *proof, uint32_t first)
{
    const struct proof_hop *hops = proof->hops.items;
    for (uint32_t i = first; i < proof->hops.count; i++)
        if (hops[i].label != ORDER_NONE && !need(proof, hops[i].label / 2))
            return false;
    return true;
}

/* The choice that puts a version before the one that follows upon it, as the label of its edge;
 * ORDER_NONE: none does. */
static bool find_last_choice(struct order_proof *proof, uint32_t version, uint32_t *label)
{
    const struct order_search *search = proof->search;
    const struct order_problem *problem = search->problem;
    *label = ORDER_NONE;
    if (version == ORDER_NONE || problem->next[version] != ORDER_NONE)
        return true;
    uint32_t block = problem->block_of[version], key = problem->blocks[block].key;
    for (uint32_t i = problem->first_block[key]; i < problem->first_block[key + 1]; i++) {
        if (block == problem->first_block[key] || i == block ||
            order_writer(problem, problem->blocks[i].head) != search->last_to)
            continue;
        uint32_t literal = order_choices_literal(&proof->search->choices, block, i);
        if (literal == ORDER_NONE || literal / 2 >= proof->choice_count)
            return false;
        *label = order_label(literal, true);
        return need(proof, literal);
    }
    return block == problem->first_block[key];
}

bool order_proof_take_cycle(struct order_proof *proof)
{
    const struct order_search *search = proof->search;
    struct order_refutation *last = &proof->last;
    *last = (struct order_refutation){.first_ground = proof->sequence.count,
                                      .first_hop = proof->hops.count,
                                      .last_version = search->last_version,
                                      .last_to = search->last_to};
    if (!keep_path(proof, search->last_from, search->last_to))
        return false;
    if (search->last_version == ORDER_NONE &&
        !push_hop(proof, search->last_from, search->last_to, search->last_label))
        return false;
    last->hop_count = proof->hops.count - last->first_hop;
    return need_hops(proof, last->first_hop) &&
           find_last_choice(proof, search->last_version, &last->last_label);
}

/* --- grounds --- */

/* How the contrary of a choice closes a cycle with what was known before it. */
static bool find_ground(struct order_proof *proof, struct order_ground *ground)
{
    struct order_problem *problem = proof->search->problem;
    struct order_graph *graph = &problem->graph;
    const struct order_choices *choices = &proof->search->choices;
    uint32_t first = literal_before(choices, ground->literal);
    uint32_t other = literal_after(choices, ground->literal);
    uint32_t limit = choices->items[ground->literal / 2].edges, from = ORDER_NONE, reader;
    struct order_pair_edges contrary =
        order_edges_between(problem, &problem->blocks[other], &problem->blocks[first]);
    if (contrary.ww_from != ORDER_NONE &&
        order_graph_find_path(graph, contrary.ww_to, contrary.ww_from, limit) == ORDER_CYCLE)
        from = contrary.ww_from;
    ground->is_rw = from == ORDER_NONE;
    if (ground->is_rw && contrary.rw_from != ORDER_NONE &&
        order_graph_find_path(graph, contrary.rw_to, contrary.rw_from, limit) == ORDER_CYCLE)
        from = contrary.rw_from;
    if (from == ORDER_NONE && problem->rules.views &&
        order_search_find_view(proof->search, other, first, limit, &reader) == ORDER_CYCLE)
        from = reader;
    ground->first_hop = proof->hops.count;
    if (from == ORDER_NONE || !keep_path(proof, from, ORDER_NONE))
        return false;
    ground->hop_count = proof->hops.count - ground->first_hop;
    return need_hops(proof, ground->first_hop);
}

/* Marks what it rests on. Returns its number; ORDER_NONE if there is none, or no memory. */
static uint32_t ground_choice(struct order_proof *proof, uint32_t literal)
{
    uint32_t number = proof->ground_of[literal / 2];
    if (!proof->search->choices.items[literal / 2].is_direct) {
        if (number == ORDER_NONE)
            return ORDER_NONE;
        const struct order_ground *own = (struct order_ground *)proof->grounds.items + number;
        for (uint32_t i = 0; i < own->need_count; i++)
            proof->is_needed[((uint32_t *)proof->needs.items)[own->first_need + i]] = true;
        return number;
    }
    struct order_ground ground = {.literal = literal};
    if (!find_ground(proof, &ground))
        return ORDER_NONE;
    struct order_ground *own = proof_row_push(proof->budget, &proof->grounds);
    if (own)
        *own = ground;
    return own ? proof->grounds.count - 1 : ORDER_NONE;
}

/* The grounds found last come first, and then those that `last` has. */
static bool put_in_sequence(struct order_proof *proof, uint32_t first)
{
    struct order_refutation *last = &proof->last;
    uint32_t *numbers = proof->sequence.items, end = proof->sequence.count;
    for (uint32_t i = first, k = end; i + 1 < k; i++) {
        uint32_t number = numbers[--k];
        numbers[k] = numbers[i];
        numbers[i] = number;
    }
    for (uint32_t i = 0; i < last->ground_count; i++) {
        uint32_t number = ((uint32_t *)proof->sequence.items)[last->first_ground + i];
        if (!push_number(proof, &proof->sequence, number))
            return false;
    }
    last->first_ground = first;
    last->ground_count += end - first;
    return true;
}

/* Later choices first, as they rest on earlier ones only. */
bool order_proof_close(struct order_proof *proof, bool *rests)
{
    const struct order_choices *choices = &proof->search->choices;
    uint32_t start = choices->level > 0 ? choices->levels[choices->level] : 0;
    uint32_t end = choices->level > 0 ? start + 1 : 0, first = proof->sequence.count;
    for (uint32_t at = choices->trail_count; at-- > end;) {
        uint32_t literal = choices->trail[at];
        if (!proof->is_needed[literal / 2])
            continue;
        proof->is_needed[literal / 2] = false;
        uint32_t number = ground_choice(proof, literal);
        if (number == ORDER_NONE || !push_number(proof, &proof->sequence, number))
            return false;
    }
    *rests = end > start && proof->is_needed[choices->trail[start] / 2];
    if (end > start)
        proof->is_needed[choices->trail[start] / 2] = false;
    return put_in_sequence(proof, first);
}

uint32_t order_proof_conclude(struct order_proof *proof, uint32_t contrary)
{
    const struct order_choices *choices = &proof->search->choices;
    struct order_ground ground = {.literal = contrary,
                                  .is_case = true,
                                  .of_contrary = proof->last,
                                  .first_need = proof->needs.count};
    for (uint32_t at = 0; at < choices->trail_count; at++) {
        uint32_t choice = choices->trail[at] / 2;
        if (proof->is_needed[choice] && !push_number(proof, &proof->needs, choice))
            return ORDER_NONE;
        proof->is_needed[choice] = false;
    }
    ground.need_count = proof->needs.count - ground.first_need;
    struct order_ground *own = proof_row_push(proof->budget, &proof->grounds);
    if (!own)
        return ORDER_NONE;
    *own = ground;
    proof->ground_of[contrary / 2] = proof->grounds.count - 1;
    return proof->grounds.count - 1;
}
