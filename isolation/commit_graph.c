#include "isolation/commit_graph.h"

#include "checker/budget_array.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "isolation/commit_cycle.h"

#include <string.h>

enum { EDGES_MIN = 1024 };

void commit_graph_init(struct commit_graph *graph, const struct committed *done,
                       struct budget *budget)
{
    *graph = (struct commit_graph){
        .done = done, .budget = budget, .early_writer = PLACE_NONE, .early_read = PLACE_NONE};
}

static size_t stale_size(const struct committed *done)
{
    return done->txns[done->count].reads / 8 + 1;
}

void commit_graph_fini(struct commit_graph *graph)
{
    size_t places = (size_t)graph->done->count + 1;
    budget_free(graph->budget, graph->opened, places * sizeof *graph->opened);
    budget_free(graph->budget, graph->stale, stale_size(graph->done));
    budget_free(graph->budget, graph->doubted, stale_size(graph->done));
    budget_free(graph->budget, graph->blocks, places * sizeof *graph->blocks);
    budget_free(graph->budget, graph->edges, graph->capacity * sizeof *graph->edges);
}

int commit_graph_add(struct commit_graph *graph, uint32_t from, uint32_t to, uint32_t cause)
{
    if (graph->count == graph->capacity) {
        size_t more = graph->capacity ? graph->capacity + graph->capacity / 2 : EDGES_MIN;
        struct commit_edge *edges = budget_resize(
            graph->budget, graph->edges, graph->capacity * sizeof *edges, more * sizeof *edges);
        if (!edges || more > UINT32_MAX)
            return ERR_NOMEM;
        graph->edges = edges;
        graph->capacity = more;
    }
    graph->edges[graph->count++] = (struct commit_edge){from, to, cause};
    return 0;
}

/* --- stale reads --- */

static bool find_stale_in(struct commit_graph *graph, uint32_t *last)
{
    const struct committed *done = graph->done;
    bool any = false;
    for (uint32_t place = 0; place < done->count; place++) {
        const struct committed_txn *txn = &done->txns[place];
        for (uint32_t i = txn->reads; i < txn[1].reads; i++) {
            bool is_stale = last[done->reads[i].key] != done->reads[i].writer;
            graph->stale[i / 8] |= (uint8_t)(is_stale << i % 8);
            any |= is_stale;
        }
        for (uint32_t i = txn->writes; i < txn[1].writes; i++)
            last[done->writes[i]] = place;
    }
    return any;
}

/* Marks what the stale reads tell. */
static int mark(struct commit_graph *graph, commit_rule *rule)
{
    const struct committed *done = graph->done;
    struct budget *budget = graph->budget;
    size_t places = (size_t)done->count + 1, keys = done->all->key_count;
    graph->stale = budget_zalloc(budget, stale_size(done));
    uint32_t *last = budget_alloc(budget, keys * sizeof *last);
    bool is_done = graph->stale && last, any = false;
    if (is_done) {
        memset(last, 0xff, keys * sizeof *last);
        any = find_stale_in(graph, last);
    }
    budget_free(budget, last, keys * sizeof *last);
    if (!any)
        return is_done ? 0 : ERR_NOMEM;
    graph->opened = budget_zalloc(budget, places * sizeof *graph->opened);
    graph->doubted = budget_zalloc(budget, stale_size(done));
    return graph->opened && graph->doubted ? rule(graph) : ERR_NOMEM;
}

/* --- blocks --- */

/* Everything is one block where the places agree with nothing. */
static int make_blocks(struct commit_graph *graph)
{
    uint32_t count = graph->done->count, first = graph->done->is_acyclic ? PLACE_NONE : 0;
    int64_t open = graph->done->is_acyclic ? 0 : 1;
    graph->blocks = budget_alloc(graph->budget, ((size_t)count + 1) * sizeof *graph->blocks);
    if (!graph->blocks)
        return ERR_NOMEM;
    for (uint32_t place = 0; place < count; place++) {
        int64_t before = open;
        open += graph->opened ? graph->opened[place] : 0;
        first = before == 0 && open > 0 ? place : first;
        graph->blocks[place] = before > 0 || open > 0 ? first : PLACE_NONE;
    }
    return 0;
}

static bool share_block(const struct commit_graph *graph, uint32_t one, uint32_t other)
{
    return other != PLACE_NONE && graph->blocks[one] == graph->blocks[other];
}

static int add_lists(struct commit_graph *graph, uint32_t place)
{
    const struct committed *done = graph->done;
    const struct txn *txn = &done->all->txns[done->txns[place].txn];
    int rc = 0;
    for (uint32_t i = txn->micros; i < txn[1].micros && rc == 0; i++) {
        const struct micro *micro = &done->all->micros[i];
        uint32_t before = committed_list_previous(done, micro);
        uint32_t from = before == TXN_NONE ? PLACE_NONE : done->places[before];
        if (from != place && share_block(graph, place, from))
            rc = commit_graph_add(graph, from, place, COMMIT_LIST | micro->key);
    }
    return rc;
}

/* Who appended the elements of a list that was read, where the order of lists does not tell it. */
static int add_elements(struct commit_graph *graph, uint32_t place, uint32_t read)
{
    const struct committed *done = graph->done;
    if (done->list_ends || !done->fresh)
        return 0;
    struct committed_elements elements =
        committed_fresh_elements(done, done->txns[place].txn, read);
    int rc = 0;
    for (; elements.at < elements.end && rc == 0; elements.at++) {
        uint32_t from = committed_appender(done, elements.at);
        if (from != place && share_block(graph, place, from))
            rc = commit_graph_add(graph, from, place, read);
    }
    return rc;
}

/* What a place must follow, if it is in the same block. */
static int add_known(struct commit_graph *graph, uint32_t place)
{
    const struct committed *done = graph->done;
    int rc = 0;
    if (share_block(graph, place, done->txns[place].previous))
        rc = commit_graph_add(graph, done->txns[place].previous, place, COMMIT_SESSION);
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads && rc == 0; i++) {
        if (share_block(graph, place, done->reads[i].writer))
            rc = commit_graph_add(graph, done->reads[i].writer, place, i);
        if (rc == 0)
            rc = add_elements(graph, place, i);
    }
    return rc == 0 && done->list_ends ? add_lists(graph, place) : rc;
}

static int gather(struct commit_graph *graph, commit_rule *rule)
{
    int rc = make_blocks(graph);
    graph->is_gathering = true;
    for (uint32_t place = 0; place < graph->done->count && rc == 0; place++) {
        if (budget_time_over(graph->budget))
            return ERR_TIMEOUT;
        if (graph->blocks[place] != PLACE_NONE)
            rc = add_known(graph, place);
    }
    return rc == 0 && graph->done->is_acyclic ? rule(graph) : rc;
}

int commit_graph_search(struct commit_graph *graph, commit_rule *rule, struct commit_cycle *cycle)
{
    const struct committed *done = graph->done;
    *cycle = (struct commit_cycle){0};
    int rc = 0;
    if (done->is_acyclic) {
        rc = mark(graph, rule);
        if (rc != 0 || !graph->has_blocks || graph->early_read != PLACE_NONE)
            return rc;
    }
    rc = gather(graph, rule);
    return rc == 0 ? commit_cycle_find(graph, cycle) : rc;
}

/* --- for rules --- */

struct common_keys common_keys_of(const struct committed *done, uint32_t reader, uint32_t writer)
{
    return (struct common_keys){.done = done,
                                .read = done->txns[reader].reads,
                                .read_end = done->txns[reader + 1].reads,
                                .write = done->txns[writer].writes,
                                .write_end = done->txns[writer + 1].writes};
}

/* From `at` on, the first read of this key or a greater one. */
static uint32_t gallop_reads(const struct committed *done, uint32_t at, uint32_t end, uint32_t key)
{
    uint32_t step = 1;
    while (end - at > step && done->reads[at + step].key < key) {
        at += step;
        step *= 2;
    }
    uint32_t high = end - at > step ? at + step : end;
    while (at < high) {
        uint32_t middle = at + (high - at) / 2;
        if (done->reads[middle].key < key)
            at = middle + 1;
        else
            high = middle;
    }
    return at;
}

static uint32_t gallop_writes(const struct committed *done, uint32_t at, uint32_t end, uint32_t key)
{
    uint32_t step = 1;
    while (end - at > step && done->writes[at + step] < key) {
        at += step;
        step *= 2;
    }
    uint32_t high = end - at > step ? at + step : end;
    while (at < high) {
        uint32_t middle = at + (high - at) / 2;
        if (done->writes[middle] < key)
            at = middle + 1;
        else
            high = middle;
    }
    return at;
}

bool common_keys_next(struct common_keys *keys)
{
    const struct committed *done = keys->done;
    while (keys->read < keys->read_end && keys->write < keys->write_end) {
        uint32_t read = done->reads[keys->read].key, written = done->writes[keys->write];
        if (read == written)
            return true;
        if (read < written)
            keys->read = gallop_reads(done, keys->read + 1, keys->read_end, written);
        else
            keys->write = gallop_writes(done, keys->write + 1, keys->write_end, read);
    }
    return false;
}

void common_keys_skip(struct common_keys *keys)
{
    uint32_t key = keys->done->writes[keys->write++];
    keys->read = gallop_reads(keys->done, keys->read + 1, keys->read_end, key + 1);
}

/* --- sources --- */

static int push_source(struct commit_sources *sources, uint32_t place, uint32_t micro,
                       struct budget *budget)
{
    void *words = sources->words;
    if (sources->count == sources->capacity &&
        !budget_array_grow(budget, &words, &sources->capacity, sizeof *sources->words))
        return ERR_NOMEM;
    sources->words = words;
    sources->words[sources->count++] = sort_word(place, micro);
    return 0;
}

/* From which place on somebody who is visible to any of a place's reads tells anything. */
static uint32_t after_of_all(const struct commit_graph *graph, uint32_t place)
{
    uint32_t first = PLACE_NONE;
    for (uint32_t i = graph->done->txns[place].reads; i < graph->done->txns[place + 1].reads; i++) {
        uint32_t after = commit_graph_asks(graph, i) ? commit_graph_after(graph, i) : PLACE_NONE;
        first = after < first ? after : first;
    }
    return first;
}

/* A list's appenders are in its order. */
static int push_elements(struct commit_sources *sources, const struct commit_graph *graph,
                         uint32_t place, uint32_t read, uint32_t after)
{
    const struct committed *done = graph->done;
    struct committed_elements elements = committed_elements(done, done->txns[place].txn, read);
    int rc = 0;
    while (elements.end > elements.at && rc == 0) {
        uint32_t from = committed_appender(done, --elements.end);
        if (from < after)
            break;
        if (from != PLACE_NONE && from != place)
            rc = push_source(sources, from, done->reads[read].micro, graph->budget);
    }
    return rc;
}

static void keep_each_once(struct commit_sources *sources)
{
    uint64_t *words = sources->words;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sources->count; i++)
        if (kept == 0 || words[kept - 1] >> 32 != words[i] >> 32)
            words[kept++] = words[i];
        else if (words[i] < words[kept - 1])
            words[kept - 1] = words[i];
    sources->count = kept;
}

int commit_sources_find(struct commit_sources *sources, const struct commit_graph *graph,
                        uint32_t place)
{
    static const int errors[] = {
        [SORT_DONE] = 0, [SORT_OUT_OF_TIME] = ERR_TIMEOUT, [SORT_OUT_OF_MEMORY] = ERR_NOMEM};
    const struct committed *done = graph->done;
    uint32_t after = done->fresh ? after_of_all(graph, place) : PLACE_NONE;
    int rc = 0;
    sources->count = 0;
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads && rc == 0; i++) {
        rc = push_source(sources, done->reads[i].writer, done->reads[i].micro, graph->budget);
        if (rc == 0 && after != PLACE_NONE)
            rc = push_elements(sources, graph, place, i, after);
    }
    if (rc == 0)
        rc = errors[sort_words(sources->words, sources->count, graph->budget)];
    if (rc == 0)
        keep_each_once(sources);
    return rc;
}

void commit_sources_fini(struct commit_sources *sources, struct budget *budget)
{
    budget_free(budget, sources->words, sources->capacity * sizeof *sources->words);
}
