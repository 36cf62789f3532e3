#include "isolation/weak_evidence.h"

#include "checker/budget.h"
#include "core/err.h"
#include "dependencies/happened_before.h"

struct weak_telling {
    const struct commit_graph *graph;
    enum level level;
    struct step_list premises, cycle;
    struct lemma *lemmas;
    uint32_t lemma_count;
};

static uint32_t txn_at(const struct weak_telling *run, uint32_t place)
{
    return run->graph->done->txns[place].txn;
}

/* The place of a read. O(log places). */
static uint32_t reader_of(const struct committed *done, uint32_t read)
{
    uint32_t low = 0, high = done->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (done->txns[middle].reads <= read)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* One step from a place to another: a read, the first one there is, or else their session. */
static int tell_step(struct weak_telling *run, uint32_t from, uint32_t to, struct step_list *out)
{
    const struct committed *done = run->graph->done;
    uint32_t found = UINT32_MAX;
    for (uint32_t i = done->txns[to].reads; i < done->txns[to + 1].reads; i++)
        if ((found == UINT32_MAX || done->reads[i].micro < done->reads[found].micro) &&
            committed_reads_from(done, to, i, from))
            found = i;
    struct step step = {.from = txn_at(run, from),
                        .to = txn_at(run, to),
                        .lemma = LEMMA_NONE,
                        .kind = STEP_SESSION};
    if (found != UINT32_MAX) {
        step.kind = STEP_WR;
        step.key = done->reads[found].key;
    }
    return step_list_add(out, &step);
}

/* Why `from` is visible to `to`. */
static int tell_premise(struct weak_telling *run, uint32_t from, uint32_t to, struct step_list *out)
{
    if (run->level == LEVEL_CAUSAL)
        return happened_before(run->graph->done, from, to, out);
    return tell_step(run, from, to, out);
}

/* --- the cycle --- */

static int tell_lemma(struct weak_telling *run, const struct commit_edge *edge, struct step *step)
{
    const struct committed_read *read = &run->graph->done->reads[edge->cause];
    uint32_t via = reader_of(run->graph->done, edge->cause), first = run->premises.count;
    int rc = tell_premise(run, edge->from, via, &run->premises);
    step->kind = STEP_WW;
    step->key = read->key;
    step->lemma = run->lemma_count;
    run->lemmas[run->lemma_count++] = (struct lemma){.from = step->from,
                                                     .to = step->to,
                                                     .key = read->key,
                                                     .via = txn_at(run, via),
                                                     .first = first,
                                                     .count = run->premises.count - first};
    return rc;
}

/* Of a list's order several steps in a row are one, if what each transaction appended stands
 * together. */
static int add_to_cycle(struct weak_telling *run, const struct step *step)
{
    struct step_list *cycle = &run->cycle;
    struct step *last = cycle->count > 0 ? &cycle->steps[cycle->count - 1] : NULL;
    bool joins = run->graph->done->is_acyclic && last && step->kind == STEP_WW &&
                 step->lemma == LEMMA_NONE && last->kind == STEP_WW && last->lemma == LEMMA_NONE &&
                 last->key == step->key && last->from != step->to;
    if (!joins)
        return step_list_add(cycle, step);
    last->to = step->to;
    return 0;
}

static int tell_edge(struct weak_telling *run, const struct commit_edge *edge)
{
    const struct committed *done = run->graph->done;
    struct step step = {.from = txn_at(run, edge->from),
                        .to = txn_at(run, edge->to),
                        .lemma = LEMMA_NONE,
                        .kind = STEP_SESSION};
    int rc = 0;
    if (edge->cause == COMMIT_SESSION) {
        step.kind = STEP_SESSION;
    } else if (edge->cause & COMMIT_LIST) {
        step.kind = STEP_WW;
        step.key = edge->cause & ~COMMIT_LIST;
    } else if (done->txns[edge->to].reads <= edge->cause &&
               edge->cause < done->txns[edge->to + 1].reads) {
        step.kind = STEP_WR;
        step.key = done->reads[edge->cause].key;
    } else {
        rc = tell_lemma(run, edge, &step);
    }
    return rc == 0 ? add_to_cycle(run, &step) : rc;
}

/* Who read a key's first version did so before anybody wrote it. */
static int tell_early(struct weak_telling *run)
{
    const struct commit_graph *graph = run->graph;
    uint32_t reader = reader_of(graph->done, graph->early_read);
    struct step step = {.from = txn_at(run, reader),
                        .to = txn_at(run, graph->early_writer),
                        .key = graph->done->reads[graph->early_read].key,
                        .lemma = LEMMA_NONE,
                        .kind = STEP_RW};
    int rc = step_list_add(&run->cycle, &step);
    return rc == 0 ? tell_premise(run, graph->early_writer, reader, &run->cycle) : rc;
}

int weak_evidence(const struct commit_graph *graph, const struct commit_cycle *cycle,
                  enum level level, struct arena *arena, struct evidence *out)
{
    struct weak_telling run = {.graph = graph,
                               .level = level,
                               .premises = {.budget = graph->budget},
                               .cycle = {.budget = graph->budget}};
    run.lemmas = budget_alloc(graph->budget, cycle->count * sizeof *run.lemmas);
    int rc = run.lemmas ? 0 : ERR_NOMEM;
    if (rc == 0 && graph->early_read != PLACE_NONE)
        rc = tell_early(&run);
    else
        for (size_t i = 0; i < cycle->count && rc == 0; i++)
            rc = tell_edge(&run, &cycle->edges[i]);
    if (rc == 0)
        rc = step_list_tell(&run.premises, &run.cycle, run.lemmas, run.lemma_count, arena, out);
    budget_free(graph->budget, run.lemmas, cycle->count * sizeof *run.lemmas);
    step_list_fini(&run.premises);
    step_list_fini(&run.cycle);
    return rc;
}
