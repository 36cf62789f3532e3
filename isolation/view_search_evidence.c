/* Why no order explains what a session read: a lemma for each choice that had no contrary. */
#include "checker/budget.h"
#include "core/err.h"
#include "evidence/step_list.h"
#include "isolation/view_search.h"

struct search_telling {
    struct view_search *search;
    uint32_t *path;   /* vertices, from the first to the last */
    uint32_t *labels; /* of the edge behind each of them */
    uint32_t length;
    struct step_list premises, cycle; /* a step's lemma is a choice, until they are numbered */
    bool *needed;                     /* by choice */
    struct lemma *lemmas;
    uint32_t *numbers;
};

static uint32_t txn_at(const struct search_telling *run, uint32_t place)
{
    return run->search->done->txns[place].txn;
}

static bool is_place(const struct search_telling *run, uint32_t vertex)
{
    return vertex < run->search->done->count;
}

/* --- paths --- */

/* What the graph's last search found: from `from` to `to`. A cycle begins and ends at a place. */
static void take_path(struct search_telling *run, uint32_t from, uint32_t to)
{
    const struct order_graph *graph = &run->search->graph;
    uint32_t vertex = to;
    while (from == to && !is_place(run, vertex))
        vertex = graph->steps[vertex].before;
    uint32_t last = vertex, first = from == to ? vertex : from;
    run->length = 0;
    do {
        run->length++;
        vertex = graph->steps[vertex].before;
    } while (vertex != first);
    run->path[run->length] = last;
    vertex = last;
    for (uint32_t at = run->length; at > 0; at--) {
        run->labels[at - 1] = graph->steps[vertex].label;
        vertex = graph->steps[vertex].before;
        run->path[at - 1] = vertex;
    }
}

static int find_path(struct search_telling *run, uint32_t from, uint32_t to, uint32_t limit)
{
    if (order_graph_find_path(&run->search->graph, from, to, limit) == ORDER_OUT_OF_BUDGET)
        return view_search_error(run->search);
    take_path(run, from, to);
    return 0;
}

/* --- steps --- */

/* Which of a place's reads is from a writer; of `to`, a key of which a first version was read. */
static bool find_read(const struct search_telling *run, uint32_t reader, uint32_t writer,
                      uint32_t to, uint32_t *key)
{
    const struct committed *done = run->search->done;
    for (uint32_t i = done->txns[reader].reads; i < done->txns[reader + 1].reads; i++)
        if (done->reads[i].writer == writer &&
            (to == PLACE_NONE || committed_writes(done, to, done->reads[i].key))) {
            *key = done->reads[i].key;
            return true;
        }
    return false;
}

static int tell(const struct search_telling *run, struct step_list *out, uint8_t kind,
                uint32_t from, uint32_t to, uint32_t key, uint32_t lemma)
{
    if (lemma != LEMMA_NONE)
        run->needed[lemma] = true;
    struct step step = {
        .from = txn_at(run, from), .to = txn_at(run, to), .key = key, .lemma = lemma, .kind = kind};
    return step_list_add(out, &step);
}

/* From place to place. */
static int tell_edge(const struct search_telling *run, struct step_list *out, uint32_t from,
                     uint32_t to, uint32_t label)
{
    const struct committed *done = run->search->done;
    uint32_t key = 0;
    if (label != ORDER_NONE) {
        const struct view_choice *choice = &run->search->choices[label];
        return tell(run, out, choice->is_after ? STEP_RW : STEP_WW, from, to,
                    done->reads[choice->pair.read].key, label);
    }
    if (done->txns[to].session == run->search->session &&
        find_read(run, to, from, PLACE_NONE, &key))
        return tell(run, out, STEP_WR, from, to, key, LEMMA_NONE);
    if (done->txns[from].session == done->txns[to].session &&
        done->txns[from].turn < done->txns[to].turn)
        return tell(run, out, STEP_SESSION, from, to, key, LEMMA_NONE);
    find_read(run, from, PLACE_NONE, to, &key);
    return tell(run, out, STEP_RW, from, to, key, LEMMA_NONE);
}

/* By what a session read, from the one who wrote it to one who then wrote; or by a key. */
static int tell_detour(const struct search_telling *run, struct step_list *out, uint32_t from,
                       uint32_t by, uint32_t to)
{
    uint32_t places = run->search->done->count, key = 0;
    if (by >= 2 * places)
        return tell(run, out, STEP_RW, from, to, by - 2 * places, LEMMA_NONE);
    find_read(run, by - places, from, PLACE_NONE, &key);
    int rc = tell(run, out, STEP_WR, from, by - places, key, LEMMA_NONE);
    if (rc == 0 && by - places != to)
        rc = tell(run, out, STEP_SESSION, by - places, to, 0, LEMMA_NONE);
    return rc;
}

static int tell_path(const struct search_telling *run, struct step_list *out)
{
    int rc = 0;
    for (uint32_t at = 0, next; at < run->length && rc == 0; at = next) {
        for (next = at + 1; !is_place(run, run->path[next]);)
            next++;
        rc = next == at + 1
                 ? tell_edge(run, out, run->path[at], run->path[next], run->labels[at])
                 : tell_detour(run, out, run->path[at], run->path[at + 1], run->path[next]);
    }
    return rc;
}

/* --- lemmas --- */

/* Before whom it read from: as it comes before the reader. After the reader: as it comes after whom
 * that read from. */
static int tell_lemma(struct search_telling *run, const struct view_pair *pair, bool is_after,
                      uint32_t limit, struct lemma *out)
{
    const struct committed_read *read = &run->search->done->reads[pair->read];
    uint32_t first = run->premises.count;
    uint32_t from = is_after ? read->writer : pair->other;
    uint32_t via = is_after ? pair->other : pair->reader;
    int rc = find_path(run, from, via, limit);
    if (rc == 0)
        rc = tell_path(run, &run->premises);
    *out = (struct lemma){.from = txn_at(run, from),
                          .to = txn_at(run, is_after ? pair->other : read->writer),
                          .key = read->key,
                          .via = txn_at(run, via),
                          .first = first,
                          .count = run->premises.count - first};
    return rc;
}

/* The last pair's reader came after the other writer, which so came before whom was read from; but
 * it came after that one. */
static int tell_last(struct search_telling *run)
{
    struct view_search *search = run->search;
    const struct view_pair *pair = &search->last_pair;
    uint32_t count = search->choice_count, writer = search->done->reads[pair->read].writer;
    int rc = tell(run, &run->cycle, STEP_WW, pair->other, writer,
                  search->done->reads[pair->read].key, count);
    if (rc == 0)
        rc = find_path(run, writer, pair->other, ORDER_NONE);
    if (rc == 0)
        rc = tell_path(run, &run->cycle);
    return rc == 0 ? tell_lemma(run, pair, false, ORDER_NONE, &run->lemmas[count]) : rc;
}

static int tell_choices(struct search_telling *run)
{
    struct view_search *search = run->search;
    int rc = 0;
    for (uint32_t i = search->choice_count; i > 0 && rc == 0; i--) {
        const struct view_choice *choice = &search->choices[i - 1];
        if (run->needed[i - 1])
            rc = tell_lemma(run, &choice->pair, choice->is_after, i - 1, &run->lemmas[i - 1]);
    }
    return rc;
}

static uint32_t number_lemmas(struct search_telling *run)
{
    uint32_t count = 0;
    struct step_list *lists[] = {&run->premises, &run->cycle};
    for (uint32_t i = 0; i <= run->search->choice_count; i++)
        if (run->needed[i]) {
            run->lemmas[count] = run->lemmas[i];
            run->numbers[i] = count++;
        }
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < lists[i]->count; k++)
            if (lists[i]->steps[k].lemma != LEMMA_NONE)
                lists[i]->steps[k].lemma = run->numbers[lists[i]->steps[k].lemma];
    return count;
}

static int tell_all(struct search_telling *run, struct arena *arena, struct evidence *out)
{
    int rc = 0;
    if (run->search->cycle == ORDER_NONE) {
        rc = tell_last(run);
        if (rc == 0)
            rc = tell_choices(run);
    } else {
        take_path(run, run->search->cycle, run->search->cycle);
        rc = tell_path(run, &run->cycle);
    }
    if (rc != 0)
        return rc;
    uint32_t lemmas = number_lemmas(run);
    return step_list_tell(&run->premises, &run->cycle, run->lemmas, lemmas, arena, out);
}

int view_search_evidence(struct view_search *search, struct arena *arena, struct evidence *out)
{
    struct budget *budget = search->budget;
    struct search_telling run = {
        .search = search, .premises = {.budget = budget}, .cycle = {.budget = budget}};
    size_t vertices = (size_t)search->graph.vertex_count + 1, choices = search->choice_count + 1;
    if (search->by_cases)
        return 0;
    run.path = budget_alloc(budget, vertices * sizeof *run.path);
    run.labels = budget_alloc(budget, vertices * sizeof *run.labels);
    run.needed = budget_zalloc(budget, choices * sizeof *run.needed);
    run.lemmas = budget_alloc(budget, choices * sizeof *run.lemmas);
    run.numbers = budget_alloc(budget, choices * sizeof *run.numbers);
    bool is_ready = run.path && run.labels && run.needed && run.lemmas && run.numbers;
    int rc = is_ready ? tell_all(&run, arena, out) : ERR_NOMEM;
    budget_free(budget, run.path, vertices * sizeof *run.path);
    budget_free(budget, run.labels, vertices * sizeof *run.labels);
    budget_free(budget, run.needed, choices * sizeof *run.needed);
    budget_free(budget, run.lemmas, choices * sizeof *run.lemmas);
    budget_free(budget, run.numbers, choices * sizeof *run.numbers);
    step_list_fini(&run.premises);
    step_list_fini(&run.cycle);
    return rc;
}
