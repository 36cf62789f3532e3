#include "isolation/version_evidence.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/version_telling.h"

#include <string.h>

/* Keeps the path of the last search, back from a vertex, in order. */
static bool keep_path(struct telling *run, uint32_t vertex, uint32_t stop)
{
    const struct order_step *steps = run->problem->graph.steps;
    uint32_t first = run->hops.count;
    uint32_t at = vertex;
    do {
        if (steps[at].before == ORDER_NONE)
            break;
        struct hop *hop = telling_push(run, &run->hops);
        if (!hop)
            return false;
        *hop = (struct hop){steps[at].before, at, steps[at].label};
        at = steps[at].before;
    } while (at != stop);
    struct hop *hops = run->hops.items;
    for (uint32_t i = first, k = run->hops.count; i + 1 < k; i++) {
        struct hop hop = hops[--k];
        hops[k] = hops[i];
        hops[i] = hop;
    }
    return true;
}

/* Marks a choice as needed. */
static bool need(struct telling *run, uint32_t literal)
{
    uint32_t *own = &run->ground_of[literal / 2];
    if (*own != 0)
        return true;
    const struct order_choice *choice = &run->search->choices.items[literal / 2];
    struct ground *ground = telling_push(run, &run->grounds);
    if (!ground || !literal_is_true(&run->search->choices, literal) || choice->level > 0 ||
        !choice->is_direct)
        return false;
    *ground = (struct ground){.literal = literal, .lemma = LEMMA_NONE};
    *own = run->grounds.count;
    return true;
}

static bool need_all(struct telling *run, uint32_t first)
{
    const struct hop *hops = run->hops.items;
    for (uint32_t i = first; i < run->hops.count; i++)
        if (hops[i].label != ORDER_NONE && !need(run, hops[i].label / 2))
            return false;
    return true;
}

/* How the contrary of a choice closes a cycle with what was known before it. */
static bool find_ground(struct telling *run, struct ground *ground)
{
    struct order_graph *graph = &run->problem->graph;
    const struct order_choices *choices = &run->search->choices;
    uint32_t first = literal_before(choices, ground->literal);
    uint32_t other = literal_after(choices, ground->literal);
    uint32_t limit = choices->items[ground->literal / 2].edges, from = ORDER_NONE, reader;
    struct order_pair_edges contrary =
        order_edges_between(run->problem, telling_block(run, other), telling_block(run, first));
    if (contrary.ww_from != ORDER_NONE &&
        order_graph_find_path(graph, contrary.ww_to, contrary.ww_from, limit) == ORDER_CYCLE)
        from = contrary.ww_from;
    ground->is_rw = from == ORDER_NONE;
    if (ground->is_rw && contrary.rw_from != ORDER_NONE &&
        order_graph_find_path(graph, contrary.rw_to, contrary.rw_from, limit) == ORDER_CYCLE)
        from = contrary.rw_from;
    if (from == ORDER_NONE && run->problem->rules.views &&
        order_search_find_view(run->search, other, first, limit, &reader) == ORDER_CYCLE)
        from = reader;
    ground->first = run->hops.count;
    if (from == ORDER_NONE || !keep_path(run, from, ORDER_NONE))
        return false;
    ground->count = run->hops.count - ground->first;
    return true;
}

/* Every choice needed, and what it needs: later ones first, as they rest on earlier ones only. */
static bool find_grounds(struct telling *run)
{
    const struct order_choices *choices = &run->search->choices;
    for (uint32_t at = choices->trail_count; at-- > 0;) {
        uint32_t number = run->ground_of[choices->trail[at] / 2];
        if (number == 0)
            continue;
        struct ground ground = ((struct ground *)run->grounds.items)[number - 1];
        if (!find_ground(run, &ground) || !need_all(run, ground.first))
            return false;
        ((struct ground *)run->grounds.items)[number - 1] = ground;
    }
    return true;
}

static bool tell_grounds(struct telling *run)
{
    const struct order_choices *choices = &run->search->choices;
    for (uint32_t at = 0; at < choices->trail_count; at++) {
        uint32_t number = run->ground_of[choices->trail[at] / 2];
        if (number > 0 && !telling_ground(run, &((struct ground *)run->grounds.items)[number - 1]))
            return false;
    }
    return true;
}

/* --- the last cycle --- */

/* The first hop of the cycle is one from a transaction. */
static bool turn(struct telling *run, uint32_t first)
{
    struct hop *hops = run->hops.items;
    uint32_t count = run->hops.count - first, at = 0;
    while (at < count && order_txn_of(run->problem, hops[first + at].from) == TXN_NONE)
        at++;
    for (uint32_t i = 0; i < at; i++) {
        struct hop hop = hops[first];
        memmove(&hops[first], &hops[first + 1], (count - 1) * sizeof *hops);
        hops[first + count - 1] = hop;
    }
    return at < count;
}

/* How the search ended: a choice that closes a cycle, or a reader that would have to come before
 * somebody whom it follows. */
static bool keep_last(struct telling *run)
{
    const struct order_search *search = run->search;
    if (!keep_path(run, search->last_from, search->last_to))
        return false;
    if (search->last_version != ORDER_NONE)
        return true;
    struct hop *hop = telling_push(run, &run->hops);
    if (hop)
        *hop = (struct hop){search->last_from, search->last_to, search->last_label};
    return hop != NULL;
}

/* The choice that puts a version before the one that follows upon it; ORDER_NONE: none does. */
static bool find_last_choice(struct telling *run, uint32_t *label)
{
    const struct order_problem *problem = run->problem;
    uint32_t version = run->search->last_version;
    *label = ORDER_NONE;
    if (version == ORDER_NONE || problem->next[version] != ORDER_NONE)
        return true;
    uint32_t block = problem->block_of[version], key = problem->blocks[block].key;
    for (uint32_t i = problem->first_block[key]; i < problem->first_block[key + 1]; i++) {
        if (block == problem->first_block[key] || i == block ||
            order_writer(problem, problem->blocks[i].head) != run->search->last_to)
            continue;
        uint32_t literal = order_choices_literal(&run->search->choices, block, i);
        *label = literal == ORDER_NONE ? ORDER_NONE : order_label(literal, true);
        return literal != ORDER_NONE && need(run, literal);
    }
    return block == problem->first_block[key];
}

static bool tell_cycle(struct telling *run, uint32_t hops, uint32_t label)
{
    uint32_t end, lemma, version = run->search ? run->search->last_version : ORDER_NONE;
    if (!telling_path(run, 0, hops, &end))
        return false;
    if (version == ORDER_NONE)
        return true;
    uint32_t to = run->search->last_to;
    uint32_t key = telling_block(run, run->problem->block_of[version])->key;
    return telling_order(run, version, label, to, &lemma) &&
           telling_add_step(run, (struct step){end, to, key, lemma, STEP_RW});
}

static bool tell(struct telling *run, uint32_t cycle)
{
    uint32_t label = ORDER_NONE;
    if (run->search ? !keep_last(run) : !keep_path(run, cycle, cycle))
        return false;
    uint32_t hops = run->hops.count;
    if (!run->search)
        return turn(run, 0) && tell_cycle(run, hops, label);
    return need_all(run, 0) && find_last_choice(run, &label) && find_grounds(run) &&
           tell_grounds(run) && tell_cycle(run, hops, label);
}

/* --- all of it --- */

static int keep_evidence(struct telling *run, struct arena *arena, struct evidence *out,
                         struct errbuf *err)
{
    uint32_t cycle = run->steps.count;
    if (!telling_flush(run))
        return 0;
    struct evidence evidence = {
        .kind = EVIDENCE_CYCLE,
        .anomaly = ANOMALY_COUNT,
        .txns = {TXN_NONE, TXN_NONE, TXN_NONE},
        .steps = arena_copy(arena, run->steps.items, run->steps.count * sizeof(struct step)),
        .step_count = run->steps.count,
        .cycle = cycle,
        .lemmas = arena_copy(arena, run->lemmas.items, run->lemmas.count * sizeof(struct lemma)),
        .lemma_count = run->lemmas.count};
    if (!evidence.steps || !evidence.lemmas)
        return errbuf_set(err, ERR_NOMEM, "no memory for the evidence");
    *out = evidence;
    return 0;
}

static int tell_all(struct telling *run, uint32_t cycle, struct arena *arena, struct evidence *out,
                    struct errbuf *err)
{
    struct budget *budget = run->budget = run->problem->budget;
    size_t blocks = run->problem->block_count;
    int rc = 0;
    run->hops.size = sizeof(struct hop);
    run->grounds.size = sizeof(struct ground);
    run->steps.size = run->path.size = sizeof(struct step);
    run->lemmas.size = sizeof(struct lemma);
    run->chain.size = sizeof(uint32_t);
    /* One choice more may come into being. */
    run->choices = run->search ? run->search->choices.count + 1 : 0;
    run->ground_of = budget_zalloc(budget, run->choices * sizeof *run->ground_of);
    run->first_lemmas = budget_zalloc(budget, blocks * sizeof *run->first_lemmas);
    *out = (struct evidence){.kind = EVIDENCE_NONE};
    if (run->ground_of && run->first_lemmas && tell(run, cycle))
        rc = keep_evidence(run, arena, out, err);
    struct telling_row *rows[] = {&run->hops,   &run->grounds, &run->steps,
                                  &run->lemmas, &run->path,    &run->chain};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        budget_free(budget, rows[i]->items, rows[i]->capacity * rows[i]->size);
    budget_free(budget, run->ground_of, run->choices * sizeof *run->ground_of);
    budget_free(budget, run->first_lemmas, blocks * sizeof *run->first_lemmas);
    return rc;
}

int version_evidence_known(struct order_problem *problem, uint32_t cycle, struct arena *arena,
                           struct evidence *out, struct errbuf *err)
{
    struct telling run = {.problem = problem};
    return tell_all(&run, cycle, arena, out, err);
}

int version_evidence_found(struct order_search *search, struct arena *arena, struct evidence *out,
                           struct errbuf *err)
{
    struct telling run = {.search = search, .problem = search->problem};
    return tell_all(&run, ORDER_NONE, arena, out, err);
}
