#include "dependencies/version_inference.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/version_causes.h"
#include "dependencies/version_intervals.h"
#include "transactions/key_accesses.h"

#include <string.h>

struct inferring {
    const struct transactions *all;
    struct version_graph *out;
    struct anomalies *anomalies;
    struct key_accesses accesses;
    struct version_graph causes; /* what transaction-order gives, by key */
    uint32_t cause;              /* so many of its pairs are of earlier keys */
    /* Of one key: */
    uint32_t key, first_pair;
    bool has_read_before_write; /* each of the sources says it as well */
    struct version_interval *intervals;
    uint32_t *counts, *after, *ready; /* for sorting: of each version, and of each pair */
    size_t versions_max, pairs_max;
    struct session_state {
        uint32_t key; /* one more than it */
        uint32_t left;
    } * sessions;
};

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the order of versions");
}

static uint32_t initial_of(const struct inferring *run)
{
    return run->all->keys[run->key].first_version;
}

/* --- what the sources say --- */

/* Each returns whether there was memory. *is_cyclic is set if it is known already. */
typedef bool source(struct inferring *run, bool *is_cyclic);

static bool add(struct inferring *run, uint32_t before, uint32_t after, bool *is_cyclic)
{
    if (before == ACCESS_UNKNOWN || after == ACCESS_UNKNOWN || before == after)
        return true;
    if (after == initial_of(run)) {
        *is_cyclic = true;
        return true;
    }
    return before == initial_of(run) || version_graph_add(run->out, before, after);
}

static bool say_read_before_write(struct inferring *run, bool *is_cyclic)
{
    uint32_t first = run->accesses.first[run->key], end = run->accesses.first[run->key + 1];
    for (uint32_t i = first; i < end && !run->has_read_before_write; i++)
        if (!add(run, run->accesses.items[i].found, run->accesses.items[i].left, is_cyclic))
            return false;
    return true;
}

static bool say_sequential(struct inferring *run, bool *is_cyclic)
{
    for (uint32_t i = run->accesses.first[run->key]; i < run->accesses.first[run->key + 1]; i++) {
        const struct key_access *access = &run->accesses.items[i];
        struct session_state *state = &run->sessions[run->all->txns[access->txn].session];
        if (state->key == run->key + 1 && !add(run, state->left, access->found, is_cyclic))
            return false;
        if (access->left != ACCESS_UNKNOWN)
            *state = (struct session_state){run->key + 1, access->left};
    }
    return say_read_before_write(run, is_cyclic);
}

static void find_intervals(struct inferring *run)
{
    const struct transactions *all = run->all;
    uint32_t first = initial_of(run), count = txn_key_versions(all, run->key);
    for (uint32_t i = 0; i < count; i++)
        run->intervals[i] = (struct version_interval){INT64_MAX, -1, first + i};
    for (uint32_t i = run->accesses.first[run->key]; i < run->accesses.first[run->key + 1]; i++) {
        const struct key_access *access = &run->accesses.items[i];
        const struct operation *op = txn_operation(all, access->txn);
        if (access->found != ACCESS_UNKNOWN) {
            struct version_interval *found = &run->intervals[access->found - first];
            found->found = op->invoke > found->found ? op->invoke : found->found;
        }
        if (access->left != ACCESS_UNKNOWN && operation_end(op) != POSITION_NONE) {
            struct version_interval *left = &run->intervals[access->left - first];
            left->left = op->complete < left->left ? op->complete : left->left;
        }
    }
}

static bool say_linearizable(struct inferring *run, bool *is_cyclic)
{
    find_intervals(run);
    switch (
        version_intervals_order(run->intervals, txn_key_versions(run->all, run->key), run->out)) {
    case INTERVALS_CYCLIC:
        *is_cyclic = true;
        return true;
    case INTERVALS_DONE:
        return say_read_before_write(run, is_cyclic);
    default:
        return false;
    }
}

static bool say_causes(struct inferring *run, bool *is_cyclic)
{
    uint32_t end = run->all->keys[run->key + 1].first_version;
    for (; run->cause < run->causes.count && run->causes.pairs[run->cause].before < end;
         run->cause++) {
        const struct version_pair *pair = &run->causes.pairs[run->cause];
        if (!add(run, pair->before, pair->after, is_cyclic))
            return false;
    }
    return say_read_before_write(run, is_cyclic);
}

/* --- cycles --- */

static bool grow(struct inferring *run, uint32_t **row, size_t *size, size_t needed)
{
    struct budget *budget = run->out->budget;
    if (needed <= *size)
        return true;
    uint32_t *grown =
        budget_resize(budget, *row, *size * sizeof *grown, (needed + needed / 2) * sizeof *grown);
    if (!grown)
        return false;
    *row = grown;
    *size = needed + needed / 2;
    return true;
}

/* Takes away versions that none is before, until none is left (Kahn 1962). `counts`: where the
 * pairs of each version end in `after`; behind them how many are before each. */
static bool is_acyclic(struct inferring *run, uint32_t count)
{
    const struct version_pair *pairs = run->out->pairs + run->first_pair;
    uint32_t pair_count = run->out->count - run->first_pair, first = initial_of(run);
    uint32_t *ends = run->counts, *left = run->counts + count, ready = 0, done = 0;
    memset(run->counts, 0, 2 * (size_t)count * sizeof *run->counts);
    for (uint32_t i = 0; i < pair_count; i++) {
        ends[pairs[i].before - first]++;
        left[pairs[i].after - first]++;
    }
    for (uint32_t i = 1; i < count; i++)
        ends[i] += ends[i - 1];
    for (uint32_t i = 0; i < pair_count; i++)
        run->after[--ends[pairs[i].before - first]] = pairs[i].after - first;
    for (uint32_t i = 0; i < count; i++)
        if (left[i] == 0)
            run->ready[ready++] = i;
    for (; done < ready; done++) {
        uint32_t version = run->ready[done];
        uint32_t end = version + 1 < count ? ends[version + 1] : pair_count;
        for (uint32_t i = ends[version]; i < end; i++)
            if (--left[run->after[i]] == 0)
                run->ready[ready++] = run->after[i];
    }
    return done == count;
}

/* Adds what a source says of the key, unless it goes round in a circle. */
static bool take_source(struct inferring *run, source *say, enum version_inference which)
{
    uint32_t before = run->out->count, count = txn_key_versions(run->all, run->key);
    bool is_cyclic = false;
    if (!say(run, &is_cyclic) ||
        !grow(run, &run->after, &run->pairs_max, run->out->count - run->first_pair))
        return false;
    if (!is_cyclic && is_acyclic(run, count)) {
        run->out->inferred |= which;
        run->has_read_before_write = true;
        return true;
    }
    run->out->count = before;
    run->anomalies->kinds[ANOMALY_CYCLIC_VERSIONS].count++;
    run->anomalies->found |= anomaly_bit(ANOMALY_CYCLIC_VERSIONS);
    return true;
}

/* --- all of it --- */

static int infer_keys(struct inferring *run, unsigned how, struct errbuf *err)
{
    static const struct {
        enum version_inference which;
        source *say;
    } sources[] = {
        {INFER_READ_BEFORE_WRITE, say_read_before_write},
        {INFER_SEQUENTIAL, say_sequential},
        {INFER_LINEARIZABLE, say_linearizable},
        {INFER_TRANSACTIONS, say_causes},
    };
    for (run->key = 0; run->key < run->all->key_count; run->key++) {
        if (run->accesses.first[run->key] == run->accesses.first[run->key + 1])
            continue;
        run->first_pair = run->out->count;
        run->has_read_before_write = false;
        for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
            if (budget_time_over(run->out->budget))
                return errbuf_set(err, ERR_TIMEOUT,
                                  "the time was over before the versions were ordered");
            if (how & sources[i].which && !take_source(run, sources[i].say, sources[i].which))
                return no_memory(err);
        }
    }
    return 0;
}

static uint32_t most_versions(const struct transactions *all)
{
    uint32_t most = 0;
    for (uint32_t key = 0; key < all->key_count; key++)
        most = txn_key_versions(all, key) > most ? txn_key_versions(all, key) : most;
    return most;
}

int version_graph_infer(const struct transactions *all, unsigned how, struct budget *budget,
                        struct version_graph *out, struct anomalies *anomalies, struct errbuf *err)
{
    struct inferring run = {.all = all, .out = out, .anomalies = anomalies};
    size_t most = most_versions(all), sessions = all->session_count;
    *out = (struct version_graph){.budget = budget};
    run.causes.budget = budget;
    run.intervals = budget_alloc(budget, most * sizeof *run.intervals);
    run.counts = budget_alloc(budget, 2 * most * sizeof *run.counts);
    run.ready = budget_alloc(budget, most * sizeof *run.ready);
    run.sessions = budget_zalloc(budget, sessions * sizeof *run.sessions);
    bool ok = key_accesses_build(all, budget, &run.accesses) && run.intervals && run.counts &&
              run.ready && run.sessions;
    int rc = ok ? 0 : no_memory(err);
    if (rc == 0 && how & INFER_TRANSACTIONS)
        rc = version_causes_find(all, &run.accesses, &run.causes, err);
    if (rc == 0)
        rc = infer_keys(&run, how, err);
    budget_free(budget, run.intervals, most * sizeof *run.intervals);
    budget_free(budget, run.counts, 2 * most * sizeof *run.counts);
    budget_free(budget, run.ready, most * sizeof *run.ready);
    budget_free(budget, run.sessions, sessions * sizeof *run.sessions);
    budget_free(budget, run.after, run.pairs_max * sizeof *run.after);
    version_graph_fini(&run.causes);
    key_accesses_fini(&run.accesses);
    return rc;
}

void version_graph_fini(struct version_graph *graph)
{
    budget_free(graph->budget, graph->pairs, graph->capacity * sizeof *graph->pairs);
}
