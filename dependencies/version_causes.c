#include "dependencies/version_causes.h"

#include "checker/budget.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/version_intervals.h"
#include "transactions/key_writers.h"

struct causes {
    const struct transactions *all;
    const struct key_accesses *accesses;
    struct version_graph *out;
    struct committed done;
    struct session_clocks clocks;
    struct key_writers writers;
};

static const struct key_access *find_access(const struct causes *run, uint32_t key, uint32_t txn)
{
    const struct key_access *items = run->accesses->items;
    uint32_t low = run->accesses->first[key], high = run->accesses->first[key + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (items[middle].txn < txn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < run->accesses->first[key + 1] && items[low].txn == txn ? &items[low] : NULL;
}

/* Who wrote the key before a place accessed it; of each session the last. What came before the
 * writer of the version that was read is told where that writer is. */
static int look_back(struct causes *run, const int32_t *clock, uint32_t place, uint32_t key)
{
    uint32_t txn = run->done.txns[place].txn;
    const struct key_access *access = find_access(run, key, txn);
    if (!access || access->found == ACCESS_UNKNOWN)
        return 0;
    struct visible_writers search = {
        .writers = &run->writers, .clocks = &run->clocks, .clock = clock, .key = key};
    uint32_t writer = run->all->versions[access->found].txn;
    if (writer != TXN_NONE && writer != txn)
        search.known = session_clocks_of(&run->clocks, run->done.places[writer]);
    int rc = 0;
    visible_writers_begin(&search);
    for (uint32_t from; rc == 0 && (from = visible_writers_next(&search, &rc)) != PLACE_NONE;) {
        const struct key_access *earlier = find_access(run, key, run->done.txns[from].txn);
        if (earlier && earlier->left != access->found &&
            !version_graph_add(run->out, earlier->left, access->found))
            rc = ERR_NOMEM;
    }
    return rc;
}

static int look_from(struct causes *run, uint32_t place)
{
    const struct committed_txn *own = &run->done.txns[place];
    const int32_t *clock = session_clocks_enter(&run->clocks, place);
    int rc = 0;
    for (uint32_t i = own->writes; i < own[1].writes && rc == 0; i++)
        rc = look_back(run, clock, place, run->done.writes[i]);
    for (uint32_t i = own->reads; i < own[1].reads && rc == 0; i++) {
        uint32_t key = run->done.reads[i].key;
        bool is_again = i > own->reads && run->done.reads[i - 1].key == key;
        if (!is_again && !committed_writes(&run->done, place, key))
            rc = look_back(run, clock, place, key);
    }
    session_clocks_leave(&run->clocks, place);
    key_writers_pass(&run->writers, place);
    return rc;
}

static int pass(struct causes *run, uint32_t base)
{
    int rc = 0;
    session_clocks_begin(&run->clocks, base);
    key_writers_begin(&run->writers);
    for (uint32_t place = 0; place < run->done.count && rc == 0; place++)
        rc = budget_time_over(run->out->budget) ? ERR_TIMEOUT : look_from(run, place);
    return rc;
}

static int look(struct causes *run)
{
    struct budget *budget = run->out->budget;
    int rc = session_clocks_init(&run->clocks, &run->done, 0, budget);
    if (rc == 0)
        rc = key_writers_init(&run->writers, &run->done, budget);
    for (uint32_t base = 0; rc == 0 && base < run->all->session_count; base += run->clocks.width)
        rc = pass(run, base);
    session_clocks_fini(&run->clocks);
    if (run->writers.done)
        key_writers_fini(&run->writers);
    return rc;
}

/* Versions are numbered by key. */
static int sort_by_key(struct version_graph *graph)
{
    uint64_t *words = budget_alloc(graph->budget, graph->count * sizeof *words);
    int rc = words ? 0 : ERR_NOMEM;
    for (uint32_t i = 0; rc == 0 && i < graph->count; i++)
        words[i] = sort_word(graph->pairs[i].before, graph->pairs[i].after);
    if (rc == 0) {
        enum sort_end end = sort_words(words, graph->count, graph->budget);
        rc = end == SORT_DONE ? 0 : end == SORT_OUT_OF_TIME ? ERR_TIMEOUT : ERR_NOMEM;
    }
    for (uint32_t i = 0; rc == 0 && i < graph->count; i++)
        graph->pairs[i] = (struct version_pair){(uint32_t)(words[i] >> 32), (uint32_t)words[i]};
    budget_free(graph->budget, words, graph->count * sizeof *words);
    return rc;
}

int version_causes_find(const struct transactions *all, const struct key_accesses *accesses,
                        struct version_graph *out, struct errbuf *err)
{
    struct causes run = {.all = all, .accesses = accesses, .out = out};
    int rc = committed_build(all, false, out->budget, &run.done);
    if (rc == 0 && run.done.is_acyclic)
        rc = look(&run);
    committed_fini(&run.done);
    if (rc == 0)
        rc = sort_by_key(out);
    return rc ? errbuf_set(err, rc, "the order of versions by what came before was not found") : 0;
}
