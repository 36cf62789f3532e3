/* What a session's view must keep, as a graph: see tests/property/isolation_oracle_causal.h. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/view_search_parts.h"

struct view_building {
    struct view_search *search;
    bool is_filling;
};

static void add(const struct view_building *run, uint32_t from, uint32_t to)
{
    struct order_graph *graph = &run->search->graph;
    if (run->is_filling)
        order_graph_fill(graph, from, to);
    else
        order_graph_count(graph, from, to);
}

static bool is_writer(const struct committed *done, uint32_t place)
{
    return done->txns[place].writes < done->txns[place + 1].writes;
}

static uint32_t previous_writer(const struct committed *done, uint32_t place)
{
    do
        place = done->txns[place].previous;
    while (place != PLACE_NONE && !is_writer(done, place));
    return place;
}

/* What its session read so far, and then this one, comes before what it writes. */
static void add_past(const struct view_building *run, uint32_t place)
{
    struct view_search *search = run->search;
    const struct committed_txn *txn = &search->done->txns[place];
    uint32_t past = view_past_vertex(search, place);
    if (txn->previous != PLACE_NONE)
        add(run, view_past_vertex(search, txn->previous), past);
    for (uint32_t i = txn->reads; i < txn[1].reads; i++)
        if (search->done->reads[i].writer != PLACE_NONE)
            add(run, search->done->reads[i].writer, past);
    if (is_writer(search->done, place))
        add(run, past, place);
}

/* Who wrote a key comes after the session's reads of its first version. */
static void add_initial(const struct view_building *run, uint32_t place, uint32_t key)
{
    struct view_search *search = run->search;
    const struct key_writers *writers = &search->writers;
    if (!committed_writes(search->done, place, key)) {
        add(run, place, view_key_vertex(search, key));
        return;
    }
    for (uint32_t i = writers->first[key]; i < writers->first[key + 1]; i++)
        if (writers->places[i] != place)
            add(run, place, writers->places[i]);
}

static void add_reads(const struct view_building *run, uint32_t place)
{
    const struct committed *done = run->search->done;
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++) {
        if (done->reads[i].writer != PLACE_NONE)
            add(run, done->reads[i].writer, place);
        else
            add_initial(run, place, done->reads[i].key);
    }
}

static void add_place(const struct view_building *run, uint32_t place)
{
    struct view_search *search = run->search;
    const struct committed *done = search->done;
    bool is_own = done->txns[place].session == search->session;
    bool keeps_writes = is_own || search->level == LEVEL_MONOTONIC_WRITES;
    bool keeps_reads = is_own && search->level == LEVEL_READ_YOUR_WRITES;
    if ((is_writer(done, place) && keeps_writes) || keeps_reads) {
        uint32_t before = previous_writer(done, place);
        if (before != PLACE_NONE)
            add(run, before, place);
    }
    if (is_own)
        add_reads(run, place);
    if (search->level == LEVEL_WRITES_FOLLOW_READS)
        add_past(run, place);
}

static int add_all(struct view_search *search, bool is_filling)
{
    struct view_building run = {.search = search, .is_filling = is_filling};
    const struct key_writers *writers = &search->writers;
    for (uint32_t place = 0; place < search->done->count; place++) {
        if (budget_time_over(search->budget))
            return ERR_TIMEOUT;
        add_place(&run, place);
    }
    for (uint32_t key = 0; key < search->done->all->key_count; key++)
        for (uint32_t i = writers->first[key]; i < writers->first[key + 1]; i++)
            add(&run, view_key_vertex(search, key), writers->places[i]);
    return 0;
}

int view_search_build(struct view_search *search)
{
    struct order_graph *graph = &search->graph;
    uint32_t vertices = 2 * search->done->count + search->done->all->key_count;
    search->has_graph = true;
    if (!order_graph_init(graph, search->budget, vertices))
        return ERR_NOMEM;
    int rc = add_all(search, false);
    if (rc == 0 && !order_graph_begin_filling(graph))
        rc = ERR_NOMEM;
    if (rc == 0)
        rc = add_all(search, true);
    if (rc == 0)
        order_graph_end_filling(graph);
    return rc;
}
