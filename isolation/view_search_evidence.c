/* Paths of a view_search's graph as steps of evidence. */
#include "isolation/view_proof.h"

#include "isolation/view_search_parts.h"

static uint32_t txn_at(const struct view_proof *proof, uint32_t place)
{
    return proof->search->done->txns[place].txn;
}

static bool is_place(const struct view_proof *proof, uint32_t vertex)
{
    return vertex < proof->search->done->count;
}

/* --- paths --- */

/* What the graph's last search found: from `from` to `to`. A cycle begins and ends at a place. */
static void take_path(struct view_proof *proof, uint32_t from, uint32_t to)
{
    const struct order_graph *graph = &proof->search->graph;
    uint32_t vertex = to;
    while (from == to && !is_place(proof, vertex))
        vertex = graph->steps[vertex].before;
    uint32_t last = vertex, first = from == to ? vertex : from;
    proof->length = 0;
    do {
        proof->length++;
        vertex = graph->steps[vertex].before;
    } while (vertex != first);
    proof->path[proof->length] = last;
    vertex = last;
    for (uint32_t at = proof->length; at > 0; at--) {
        proof->labels[at - 1] = graph->steps[vertex].label;
        vertex = graph->steps[vertex].before;
        proof->path[at - 1] = vertex;
    }
}

static int find_path(struct view_proof *proof, uint32_t from, uint32_t to, uint32_t limit)
{
    if (order_graph_find_path(&proof->search->graph, from, to, limit) == ORDER_OUT_OF_BUDGET)
        return view_search_error(proof->search);
    take_path(proof, from, to);
    return 0;
}

/* --- steps --- */

/* Which of a place's reads is from a writer; of `to`, a key of which a first version was read. */
static bool find_read(const struct view_proof *proof, uint32_t reader, uint32_t writer, uint32_t to,
                      uint32_t *key)
{
    const struct committed *done = proof->search->done;
    for (uint32_t i = done->txns[reader].reads; i < done->txns[reader + 1].reads; i++)
        if (done->reads[i].writer == writer &&
            (to == PLACE_NONE || committed_writes(done, to, done->reads[i].key))) {
            *key = done->reads[i].key;
            return true;
        }
    return false;
}

static int tell(struct view_proof *proof, uint8_t kind, uint32_t from, uint32_t to, uint32_t key,
                uint32_t lemma)
{
    if (lemma < proof->search->choice_count)
        proof->search->choices[lemma].is_needed = true;
    struct step step = {.from = txn_at(proof, from),
                        .to = txn_at(proof, to),
                        .key = key,
                        .lemma = lemma,
                        .kind = kind};
    return step_list_add(&proof->steps, &step);
}

/* From place to place. */
static int tell_edge(struct view_proof *proof, uint32_t from, uint32_t to, uint32_t label)
{
    const struct committed *done = proof->search->done;
    uint32_t key = 0;
    if (label != ORDER_NONE) {
        const struct view_choice *choice = &proof->search->choices[label];
        return tell(proof, choice->is_after ? STEP_RW : STEP_WW, from, to,
                    done->reads[choice->pair.read].key, label);
    }
    if (done->txns[to].session == proof->search->session &&
        find_read(proof, to, from, PLACE_NONE, &key))
        return tell(proof, STEP_WR, from, to, key, LEMMA_NONE);
    if (done->txns[from].session == done->txns[to].session &&
        done->txns[from].turn < done->txns[to].turn)
        return tell(proof, STEP_SESSION, from, to, key, LEMMA_NONE);
    find_read(proof, from, PLACE_NONE, to, &key);
    return tell(proof, STEP_RW, from, to, key, LEMMA_NONE);
}

/* By what a session read, from the one who wrote it to one who then wrote; or by a key. */
static int tell_detour(struct view_proof *proof, uint32_t from, uint32_t by, uint32_t to)
{
    uint32_t places = proof->search->done->count, key = 0;
    if (by >= 2 * places)
        return tell(proof, STEP_RW, from, to, by - 2 * places, LEMMA_NONE);
    find_read(proof, by - places, from, PLACE_NONE, &key);
    int rc = tell(proof, STEP_WR, from, by - places, key, LEMMA_NONE);
    if (rc == 0 && by - places != to)
        rc = tell(proof, STEP_SESSION, by - places, to, 0, LEMMA_NONE);
    return rc;
}

static int tell_path(struct view_proof *proof)
{
    int rc = 0;
    for (uint32_t at = 0, next; at < proof->length && rc == 0; at = next) {
        for (next = at + 1; !is_place(proof, proof->path[next]);)
            next++;
        rc = next == at + 1
                 ? tell_edge(proof, proof->path[at], proof->path[next], proof->labels[at])
                 : tell_detour(proof, proof->path[at], proof->path[at + 1], proof->path[next]);
    }
    return rc;
}

/* --- what rests on them --- */

/* What search->cycle is on; as `last`. Errors: as view_search_evidence. */
static int take_known(struct view_proof *proof)
{
    proof->last = (struct view_refutation){.first_step = proof->steps.count};
    take_path(proof, proof->search->cycle, proof->search->cycle);
    int rc = tell_path(proof);
    proof->last.step_count = proof->steps.count;
    return rc;
}

/* Its reader came after the other writer, which so came before whom was read from, as the next
 * choice would have it; but it came after that one. */
int view_proof_take_pair(struct view_proof *proof)
{
    struct view_search *search = proof->search;
    const struct view_pair *pair = &search->last_pair;
    const struct committed_read *read = &search->done->reads[pair->read];
    proof->last = (struct view_refutation){.first_step = proof->steps.count};
    int rc = tell(proof, STEP_WW, pair->other, read->writer, read->key, search->choice_count);
    if (rc == 0)
        rc = find_path(proof, read->writer, pair->other, ORDER_NONE);
    if (rc == 0)
        rc = tell_path(proof);
    proof->last.step_count = proof->steps.count - proof->last.first_step;
    return rc;
}

int view_proof_premise(struct view_proof *proof, const struct view_pair *pair, bool is_after,
                       uint32_t limit, struct view_refutation *out)
{
    uint32_t writer = proof->search->done->reads[pair->read].writer;
    *out = (struct view_refutation){.first_step = proof->steps.count};
    int rc = is_after ? find_path(proof, writer, pair->other, limit)
                      : find_path(proof, pair->other, pair->reader, limit);
    if (rc == 0)
        rc = tell_path(proof);
    out->step_count = proof->steps.count - out->first_step;
    return rc;
}

/* --- all of it --- */

static int prove(struct view_proof *proof, bool *is_refuted)
{
    *is_refuted = true;
    if (proof->search->cycle != ORDER_NONE)
        return take_known(proof);
    return view_proof_search(proof, is_refuted);
}

int view_search_evidence(struct view_search *search, struct arena *arena, struct evidence *out)
{
    struct view_proof proof;
    bool is_refuted = false;
    int rc = view_proof_init(&proof, search);
    if (rc == 0)
        rc = prove(&proof, &is_refuted);
    if (rc == 0 && is_refuted)
        rc = view_proof_tell(&proof, arena, out);
    view_proof_fini(&proof);
    return rc;
}
