/* What is inferred of the order of a register's versions holds in every order that the promise
 * allows, found by trying all of them. */
#include "dependencies/version_inference.h"

#include "checker/budget.h"
#include "isolation/version_search.h"
#include "property/contested_transactions.h"
#include "property/evidence_mutations.h"
#include "property/isolation_oracle.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum { VERSIONS = 32, ORDERS_MAX = 5040 };

/* Versions by number: row a has those that come after a. */
struct version_order {
    uint32_t after[VERSIONS];
};

/* One key's history, or all keys', as transactions one after the other. */
struct promise {
    const struct transactions *all;
    uint32_t key; /* UINT32_MAX: every key */
    bool by_session, by_time;
    uint32_t txns[ORACLE_TXNS_MAX];
    int count;
    struct version_order always; /* in all orders */
    uint64_t orders;
};

static bool is_of_promise(const struct promise *promise, const struct micro *micro)
{
    return promise->key == UINT32_MAX || micro->key == promise->key;
}

/* Whether a later one of them may not come before an earlier one. */
static bool must_precede(const struct promise *promise, uint32_t a, uint32_t b)
{
    const struct transactions *all = promise->all;
    if (promise->by_session && all->txns[a].session == all->txns[b].session && a < b)
        return true;
    return promise->by_time && operation_precedes(txn_operation(all, a), txn_operation(all, b));
}

static bool is_committed_version(const struct transactions *all, uint32_t version, uint32_t key)
{
    uint32_t writer = all->versions[version].txn;
    return version == all->keys[key].first_version ||
           (writer != TXN_NONE && txn_is_committed(all, writer) &&
            !oracle_is_intermediate(all, version));
}

/* Runs a transaction; false if it reads what is not there. Of one key by itself only the first read
 * counts, and only if anybody else may see the version. */
static bool step(const struct promise *promise, uint32_t txn, uint32_t now[])
{
    const struct transactions *all = promise->all;
    bool is_whole = promise->key == UINT32_MAX;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (!is_of_promise(promise, micro) || (!micro->is_outer && !is_whole))
            continue;
        if (micro->f != MICRO_READ)
            now[micro->key] = micro->version;
        else if (micro->version != VERSION_UNREAD && now[micro->key] != micro->version &&
                 (is_whole || is_committed_version(all, micro->version, micro->key)))
            return false;
    }
    return true;
}

static void take_order(struct promise *promise, const uint32_t order[])
{
    const struct transactions *all = promise->all;
    struct version_order own = {{0}};
    uint32_t seen[ORACLE_KEYS_MAX] = {0};
    for (int i = 0; i < promise->count; i++)
        for (uint32_t k = all->txns[order[i]].micros; k < all->txns[order[i] + 1].micros; k++) {
            const struct micro *micro = &all->micros[k];
            if (micro->f == MICRO_READ || !micro->is_outer || !is_of_promise(promise, micro))
                continue;
            for (uint32_t v = 0; v < all->version_count; v++)
                if (seen[micro->key] >> v & 1)
                    own.after[v] |= UINT32_C(1) << micro->version;
            seen[micro->key] |= UINT32_C(1) << micro->version;
        }
    for (int v = 0; v < VERSIONS; v++)
        promise->always.after[v] &= own.after[v];
    promise->orders++;
}

static void try_orders(struct promise *promise, uint32_t order[], int at, uint32_t placed,
                       const uint32_t now[])
{
    if (at == promise->count)
        take_order(promise, order);
    for (int i = 0; i < promise->count; i++) {
        bool is_free = !(placed >> i & 1);
        for (int k = 0; k < promise->count && is_free; k++)
            is_free = (placed >> k & 1) || k == i ||
                      !must_precede(promise, promise->txns[k], promise->txns[i]);
        uint32_t then[ORACLE_KEYS_MAX];
        memcpy(then, now, sizeof then);
        order[at] = promise->txns[i];
        if (is_free && step(promise, promise->txns[i], then))
            try_orders(promise, order, at + 1, placed | 1u << i, then);
    }
}

static void find_always(struct promise *promise)
{
    const struct transactions *all = promise->all;
    uint32_t order[ORACLE_TXNS_MAX], now[ORACLE_KEYS_MAX];
    promise->count = 0;
    promise->orders = 0;
    memset(&promise->always, 0xff, sizeof promise->always);
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        if (txn_is_committed(all, txn))
            promise->txns[promise->count++] = txn;
    for (uint32_t key = 0; key < all->key_count; key++)
        now[key] = all->keys[key].first_version;
    try_orders(promise, order, 0, 0, now);
}

/* What pairs say, with what follows from them; initial versions are before all. */
static void close_pairs(const struct transactions *all, const struct version_graph *graph,
                        struct version_order *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < graph->count; i++)
        out->after[graph->pairs[i].before] |= UINT32_C(1) << graph->pairs[i].after;
    for (uint32_t k = 0; k < all->version_count; k++)
        for (uint32_t i = 0; i < all->version_count; i++)
            if (out->after[i] >> k & 1)
                out->after[i] |= out->after[k];
}

/* Versions of the key that committed transactions left there. */
static uint32_t versions_of(const struct transactions *all, uint32_t key)
{
    uint32_t set = 0;
    for (uint32_t v = all->keys[key].first_version + 1; v < all->keys[key + 1].first_version; v++)
        if (is_committed_version(all, v, key))
            set |= UINT32_C(1) << v;
    return set;
}

static bool has_updates(const struct transactions *all)
{
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
            for (uint32_t k = i + 1; k < all->txns[txn + 1].micros; k++)
                if (all->micros[i].f == MICRO_READ && all->micros[k].f != MICRO_READ &&
                    all->micros[i].key == all->micros[k].key)
                    return true;
    return false;
}

struct expectation {
    unsigned how;
    bool by_session, by_time;
    bool is_exact;   /* where nobody reads and then writes, nothing else can be told, and broken
                        promises are found */
    bool is_of_keys; /* each by itself */
};

static void expect_inferred(const struct transactions *all, const struct expectation *expected,
                            uint64_t number, struct tally *tally)
{
    struct budget budget;
    struct version_graph graph;
    struct anomalies anomalies = {.found = 0};
    struct errbuf err = ERRBUF_INIT;
    budget_init(&budget, 0, 0);
    cr_assert_eq(version_graph_infer(all, expected->how, &budget, &graph, &anomalies, &err), 0);
    struct version_order told;
    close_pairs(all, &graph, &told);
    uint64_t broken = 0;
    bool is_exact = expected->is_exact && !has_updates(all);
    for (uint32_t key = 0; key < all->key_count; key++) {
        struct promise promise = {.all = all,
                                  .key = expected->is_of_keys ? key : UINT32_MAX,
                                  .by_session = expected->by_session,
                                  .by_time = expected->by_time};
        uint32_t versions = versions_of(all, key);
        find_always(&promise);
        broken += promise.orders == 0;
        for (uint32_t v = 0; v < all->version_count && promise.orders > 0; v++) {
            if (!(versions >> v & 1))
                continue;
            uint32_t always = promise.always.after[v] & versions, own = told.after[v] & versions;
            cr_assert_eq(own & ~always, 0, "history %llu, version %u: %#x, not %#x",
                         (unsigned long long)number, v, own, always);
            cr_assert(!is_exact || own == always, "history %llu, version %u: only %#x, not %#x",
                      (unsigned long long)number, v, own, always);
            tally->proofs += own != 0;
        }
    }
    uint64_t found = anomalies.kinds[ANOMALY_CYCLIC_VERSIONS].count;
    cr_assert(is_exact ? found == broken : found <= broken, "history %llu: %llu, not %llu",
              (unsigned long long)number, (unsigned long long)found, (unsigned long long)broken);
    tally->valid += broken == 0;
    tally->invalid += broken > 0;
    version_graph_fini(&graph);
    cr_assert_eq(budget.bytes_used, 0);
}

static void expect_all_inferred(const char *name, const struct expectation *expected,
                                uint64_t histories)
{
    struct tally tally = {.model = "rw-register", .algorithm = name};
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, false, i);
        expect_inferred(&world.txns, expected, i, &tally);
        tally.histories++;
        random_transactions_close(&world);
    }
    tally_print(&tally);
    cr_expect_gt(tally.valid, 0);
    cr_expect_gt(tally.invalid, 0);
    cr_expect_gt(tally.proofs, histories / 20);
}

Test(version_inference, read_before_write_holds_in_every_order)
{
    struct expectation expected = {.how = INFER_READ_BEFORE_WRITE, .is_of_keys = true};
    expect_all_inferred("wfr-keys", &expected, property_runs(20000));
}

Test(version_inference, sequential_keys_hold_in_every_order)
{
    struct expectation expected = {.how = INFER_SEQUENTIAL, .by_session = true, .is_of_keys = true};
    expect_all_inferred("sequential-keys", &expected, property_runs(20000));
}

Test(version_inference, linearizable_keys_are_all_that_time_tells)
{
    struct expectation expected = {
        .how = INFER_LINEARIZABLE, .by_time = true, .is_exact = true, .is_of_keys = true};
    expect_all_inferred("linearizable-keys", &expected, property_runs(20000));
}

Test(version_inference, orders_through_other_keys_hold_in_every_serial_order)
{
    struct expectation expected = {.how = INFER_TRANSACTIONS, .by_session = true};
    expect_all_inferred("transaction-order", &expected, property_runs(20000));
}

/* --- levels under a promise --- */

static bool agrees(const struct oracle *oracle, const struct version_order *told)
{
    for (int key = 0; key < oracle->key_count; key++)
        for (int i = 0; i < oracle->keys[key].count; i++)
            for (int k = 0; k < i; k++) {
                uint32_t later = oracle->version_numbers[oracle->keys[key].versions[i]];
                uint32_t earlier = oracle->version_numbers[oracle->keys[key].versions[k]];
                if (told->after[later] >> earlier & 1)
                    return false;
            }
    return true;
}

static void try_promised(struct oracle *oracle, const struct version_order *told, int key, int at,
                         level_set *held)
{
    if (key == oracle->key_count) {
        if (agrees(oracle, told))
            *held |= oracle_by_graph(oracle);
        return;
    }
    struct oracle_key *own = &oracle->keys[key];
    if (at >= own->count) {
        try_promised(oracle, told, key + 1, 0, held);
        return;
    }
    for (int i = at; i < own->count; i++) {
        uint8_t version = own->versions[at];
        own->versions[at] = own->versions[i];
        own->versions[i] = version;
        try_promised(oracle, told, key, at + 1, held);
        own->versions[i] = own->versions[at];
        own->versions[at] = version;
    }
}

/* Whether sessions and reads-from tell an order of the transactions, each of which saw whole ones:
 * otherwise a promise may be broken without being told of. */
static bool has_causal_order(const struct oracle *oracle)
{
    if (oracle->has_aborted_read || oracle->has_intermediate_read || oracle->has_future_read ||
        !oracle->sees_own_writes || !oracle->is_repeatable)
        return false;
    oracle_set rows[ORACLE_TXNS_MAX];
    memcpy(rows, oracle->so, sizeof rows);
    for (int i = 0; i < oracle->read_count; i++) {
        int writer = oracle->version_txn[oracle->reads[i].version];
        if (oracle->reads[i].version > 0 && writer >= 0 && writer != oracle->reads[i].txn)
            rows[writer] |= (oracle_set)(1 << oracle->reads[i].txn);
    }
    return oracle_is_acyclic(rows, oracle->count);
}

static void expect_promised(struct random_transactions *world, unsigned how, struct arena *arena,
                            uint64_t number, struct tally *tally, uint64_t *refused)
{
    static struct oracle oracle;
    struct version_graph graph;
    struct version_order told;
    struct anomalies anomalies = {.found = 0};
    const struct transactions *all = &world->txns;
    oracle_init(&oracle, all);
    version_graph_infer(all, how, &world->budget, &graph, &anomalies, NULL);
    close_pairs(all, &graph, &told);
    level_set held = 0, plain = 0, excluded = oracle_excluded(&oracle);
    try_promised(&oracle, &told, 0, 0, &held);
    oracle_try_orders(&oracle, 0, oracle.key_count ? oracle.keys[0].ordered : 0, &plain);
    for (int at = 0; at < LEVEL_COUNT; at++) {
        enum level level = (enum level)at;
        if (!((LEVELS_OF_VERSION_SEARCH & ~excluded) >> level & 1))
            continue;
        struct version_question question = {.all = all,
                                            .versions = &graph,
                                            .level = level,
                                            .budget = &world->budget,
                                            .arena = arena};
        struct level_answer answer;
        cr_assert_eq(version_search(&question, &answer, NULL), 0);
        bool holds = held >> level & 1;
        tally->undecided += answer.verdict == VERDICT_UNKNOWN;
        tally->valid += answer.verdict == VERDICT_VALID;
        tally->invalid += answer.verdict == VERDICT_INVALID;
        *refused += answer.verdict == VERDICT_INVALID && (plain >> level & 1);
        cr_assert(answer.verdict == VERDICT_UNKNOWN || (answer.verdict == VERDICT_VALID) == holds,
                  "history %llu: %s", (unsigned long long)number, level_row(level)->name);
        /* What a broken promise says is not taken for granted, but of the keys it is kept for. */
        if (answer.verdict == VERDICT_INVALID)
            expect_promised_evidence(all, level, &answer.evidence, how,
                                     anomalies.found == 0 && has_causal_order(&oracle) ? held : 0,
                                     number, tally);
    }
    version_graph_fini(&graph);
    arena_reset(arena);
}

static void expect_all_promised(const char *name, unsigned how)
{
    uint64_t histories = property_runs(10000), refused = 0;
    struct tally tally = {.model = "rw-register", .algorithm = name, .histories = histories};
    struct arena arena;
    arena_init(&arena, 0);
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        if (i % 2)
            contested_transactions_open(&world, i);
        else
            random_transactions_open(&world, false, i);
        expect_promised(&world, how, &arena, i, &tally, &refused);
        random_transactions_close(&world);
    }
    tally_print(&tally);
    cr_expect_gt(refused, 0, "no promise refuted a level");
    cr_expect_eq(tally.undecided, 0, "%llu", (unsigned long long)tally.undecided);
    arena_fini(&arena);
}

Test(version_inference, levels_under_a_promise_hold_for_an_order_that_keeps_it)
{
    expect_all_promised("promised-orders", INFER_LINEARIZABLE | INFER_SEQUENTIAL);
}

Test(version_inference, levels_under_transaction_order_hold_for_an_order_that_keeps_it)
{
    expect_all_promised("promised-causes", INFER_TRANSACTIONS);
}
