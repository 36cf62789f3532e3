/* What single reads and writes show is found, as often as it is there by definition, and refutes
 * the levels it is listed for. */
#include "dependencies/anomalies.h"

#include "property/isolation_oracle.h"

#include "property/evidence_mutations.h"
#include "property/isolation_oracle_axioms.h"
#include "property/isolation_oracle_causal.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>

enum { MICROS = 64, ITEMS = 32 };

/* A micro-operation as its transaction has it. */
struct access {
    uint32_t txn, place; /* among those of its transaction */
    struct micro_op op;
};

struct plain {
    const struct transactions *all;
    struct access accesses[MICROS];
    int count;
};

static void read_plain(const struct transactions *all, struct plain *out)
{
    *out = (struct plain){.all = all};
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
        uint32_t place = 0;
        for (struct micro_op op; micro_ops_next(&cursor, &op);)
            out->accesses[out->count++] = (struct access){txn, place++, op};
    }
}

/* --- what a read shows --- */

static bool is_read(const struct plain *plain, const struct access *access)
{
    return access->op.f == MICRO_READ && plain->all->txns[access->txn].fate == TXN_COMMITTED;
}

static uint32_t items_of(const struct access *read, const value_ref **items)
{
    *items = read->op.is_list ? read->op.items : &read->op.value;
    return read->op.is_list ? read->op.item_count : read->op.value != VALUE_REF_NIL;
}

static const struct access *writer_of(const struct plain *plain, value_ref key, value_ref value)
{
    for (int i = 0; i < plain->count; i++)
        if (plain->accesses[i].op.f != MICRO_READ && plain->accesses[i].op.key == key &&
            plain->accesses[i].op.value == value)
            return &plain->accesses[i];
    return NULL;
}

static bool writes_later(const struct plain *plain, const struct access *access, value_ref value)
{
    for (int i = 0; i < plain->count; i++) {
        const struct access *other = &plain->accesses[i];
        if (other->txn == access->txn && other->place > access->place &&
            other->op.f != MICRO_READ && other->op.key == access->op.key &&
            (value == VALUE_REF_NIL || other->op.value == value))
            return true;
    }
    return false;
}

static bool has_duplicates(const struct access *read)
{
    const value_ref *items;
    uint32_t count = items_of(read, &items);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (items[i] == items[k])
                return true;
    return false;
}

static void count_read(const struct plain *plain, const struct access *read, uint64_t counts[])
{
    const value_ref *items;
    uint32_t count = items_of(read, &items);
    bool is_aborted = false, is_unwritten = false;
    for (uint32_t i = 0; i < count; i++) {
        const struct access *writer = writer_of(plain, read->op.key, items[i]);
        is_unwritten |= !writer;
        is_aborted |= writer && plain->all->txns[writer->txn].fate == TXN_ABORTED;
    }
    counts[ANOMALY_G1A] += is_aborted;
    counts[ANOMALY_UNWRITTEN_READ] += is_unwritten;
    counts[ANOMALY_DUPLICATE_ELEMENTS] += has_duplicates(read);
    const struct access *last = count ? writer_of(plain, read->op.key, items[count - 1]) : NULL;
    if (!last || plain->all->txns[last->txn].fate == TXN_ABORTED)
        return;
    if (last->txn == read->txn)
        counts[ANOMALY_FUTURE_READ] += last->place > read->place;
    else
        counts[ANOMALY_G1B] += writes_later(plain, last, VALUE_REF_NIL);
}

/* --- what reads of one key show together --- */

static bool is_prefix(const struct access *a, const struct access *b)
{
    const value_ref *one, *other;
    uint32_t count = items_of(a, &one);
    return count <= items_of(b, &other) && memcmp(one, other, count * sizeof *one) == 0;
}

static void count_incompatible(const struct plain *plain, uint64_t counts[])
{
    for (int i = 0; i < plain->count; i++)
        for (int k = 0; k < i; k++) {
            const struct access *a = &plain->accesses[i], *b = &plain->accesses[k];
            if (is_read(plain, a) && is_read(plain, b) && a->op.is_list && b->op.is_list &&
                a->op.key == b->op.key && !has_duplicates(a) && !has_duplicates(b))
                counts[ANOMALY_INCOMPATIBLE_ORDER] += !is_prefix(a, b) && !is_prefix(b, a);
        }
}

/* Whether a read saw what another transaction left in the key, or the beginning. */
static bool saw_installed(const struct plain *plain, const struct access *read)
{
    const value_ref *items;
    uint32_t count = items_of(read, &items);
    const struct access *last = count ? writer_of(plain, read->op.key, items[count - 1]) : NULL;
    return count == 0 ||
           (last && last->txn != read->txn && txn_is_committed(plain->all, last->txn) &&
            !writes_later(plain, last, VALUE_REF_NIL));
}

/* The read of a key before it accesses it otherwise, if it then writes it. */
static bool is_update(const struct plain *plain, const struct access *read)
{
    if (!saw_installed(plain, read))
        return false;
    for (int i = 0; i < plain->count; i++)
        if (plain->accesses[i].txn == read->txn && plain->accesses[i].place < read->place &&
            plain->accesses[i].op.key == read->op.key)
            return false;
    return is_read(plain, read) && writes_later(plain, read, VALUE_REF_NIL);
}

static bool saw_the_same(const struct access *a, const struct access *b)
{
    return a->op.key == b->op.key && is_prefix(a, b) && is_prefix(b, a);
}

static void count_lost_updates(const struct plain *plain, uint64_t counts[])
{
    for (int i = 0; i < plain->count; i++) {
        const struct access *read = &plain->accesses[i];
        int before = 0;
        for (int k = 0; k < i && is_update(plain, read); k++)
            before +=
                is_update(plain, &plain->accesses[k]) && saw_the_same(read, &plain->accesses[k]);
        counts[ANOMALY_LOST_UPDATE] += before == 1; /* the second one makes it a group */
    }
}

/* --- what the longest read of a list shows --- */

static const struct access *longest_of(const struct plain *plain, value_ref key)
{
    const struct access *longest = NULL;
    for (int i = 0; i < plain->count; i++) {
        const struct access *read = &plain->accesses[i];
        if (is_read(plain, read) && read->op.is_list && read->op.key == key &&
            !has_duplicates(read) && (!longest || read->op.item_count > longest->op.item_count))
            longest = read;
    }
    return longest;
}

static int place_in(const struct access *longest, value_ref value)
{
    for (uint32_t i = 0; longest && i < longest->op.item_count; i++)
        if (longest->op.items[i] == value)
            return (int)i;
    return ITEMS;
}

static void count_order(const struct plain *plain, const struct access *longest, uint64_t counts[])
{
    bool is_dirty = false;
    for (uint32_t i = 0; i < longest->op.item_count; i++) {
        const struct access *writer = writer_of(plain, longest->op.key, longest->op.items[i]);
        enum txn_fate fate = writer ? plain->all->txns[writer->txn].fate : TXN_COMMITTED;
        counts[ANOMALY_DIRTY_UPDATE] += writer && is_dirty && fate == TXN_COMMITTED;
        is_dirty = fate == TXN_ABORTED || (is_dirty && fate == TXN_OBSERVED);
    }
}

/* A transaction's appends to a key that follow one another, in the other order in the list. */
static void count_cyclic(const struct plain *plain, uint64_t counts[])
{
    for (int i = 0; i < plain->count; i++) {
        const struct access *later = &plain->accesses[i], *earlier = NULL;
        if (later->op.f != MICRO_APPEND || !txn_is_committed(plain->all, later->txn))
            continue;
        for (int k = 0; k < i; k++)
            if (plain->accesses[k].txn == later->txn && plain->accesses[k].op.f == MICRO_APPEND &&
                plain->accesses[k].op.key == later->op.key)
                earlier = &plain->accesses[k];
        const struct access *longest = longest_of(plain, later->op.key);
        counts[ANOMALY_CYCLIC_VERSIONS] +=
            earlier && place_in(longest, later->op.value) < place_in(longest, earlier->op.value);
    }
}

static void count_all(const struct plain *plain, uint64_t counts[])
{
    for (int i = 0; i < plain->count; i++) {
        const struct access *read = &plain->accesses[i];
        if (!is_read(plain, read))
            continue;
        count_read(plain, read, counts);
        if (read->op.is_list && longest_of(plain, read->op.key) == read)
            count_order(plain, read, counts);
    }
    count_incompatible(plain, counts);
    count_lost_updates(plain, counts);
    count_cyclic(plain, counts);
}

/* --- both --- */

static struct anomalies scan(struct random_transactions *world, struct arena *arena)
{
    struct anomalies found = {0};
    struct anomalies_options options = {
        .wanted = (1u << ANOMALY_COUNT) - 1, .examples_max = 3, .arena = arena};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(anomalies_scan(&world->txns, &options, &world->budget, &found, &err), 0);
    cr_expect_eq(found.settled, (1u << (ANOMALY_CYCLIC_VERSIONS + 1)) - 1);
    return found;
}

static void expect_proof(const struct transactions *all, const struct evidence *example,
                         uint64_t number)
{
    cr_assert(evidence_verify_anomaly(all, example), "history %llu: %s", (unsigned long long)number,
              anomaly_name(example->anomaly));
    for (int level = 0; level < LEVEL_COUNT; level++)
        if (anomalies_of_level((enum level)level) & anomaly_bit(example->anomaly))
            cr_assert(evidence_verify(all, (enum level)level, example), "history %llu: %s, %s",
                      (unsigned long long)number, anomaly_name(example->anomaly),
                      level_row((enum level)level)->name);
}

/* The number of examples. */
static uint64_t expect_examples(const struct transactions *all, const struct anomalies *found,
                                uint64_t number)
{
    uint64_t count = 0;
    for (int kind = 0; kind < ANOMALY_G0; kind++) {
        const struct anomalies_of_kind *of = &found->kinds[kind];
        cr_expect_eq(of->count > 0, found->found >> kind & 1);
        cr_expect_eq(of->example_count, of->count < 3 ? of->count : 3);
        count += of->example_count;
        for (uint32_t i = 0; i < of->example_count; i++) {
            const struct evidence *example = &of->examples[i];
            cr_expect_eq(example->kind, EVIDENCE_MICROS);
            cr_expect_eq(example->anomaly, (enum anomaly)kind);
            expect_proof(all, example, number);
            cr_expect_neq(example->txns[0], TXN_NONE);
            for (int k = 0; k < EVIDENCE_MICROS_MAX; k++) {
                uint32_t txn = example->txns[k];
                cr_expect(txn == TXN_NONE || (example->micros[k] >= all->txns[txn].micros &&
                                              example->micros[k] < all->txns[txn + 1].micros));
            }
        }
    }
    return count;
}

struct kind_counts {
    struct tally all;
    uint64_t counts[ANOMALY_G0];
};

static void compare(struct random_transactions *world, uint64_t number, struct kind_counts *kinds)
{
    struct plain plain;
    static struct oracle oracle;
    uint64_t counts[ANOMALY_COUNT] = {0};
    struct arena arena;
    arena_init(&arena, 0);
    struct anomalies found = scan(world, &arena);
    read_plain(&world->txns, &plain);
    count_all(&plain, counts);
    oracle_init(&oracle, &world->txns);
    bool is_odd = world->txns.odd_read_count > 0;
    for (int kind = 0; kind < ANOMALY_G0; kind++) {
        uint64_t count = found.kinds[kind].count;
        kinds->counts[kind] += count;
        if (kind == ANOMALY_INTERNAL)
            cr_assert_eq(count > 0, !oracle.sees_own_writes, "%llu", (unsigned long long)number);
        else if (kind == ANOMALY_UNREPEATABLE_READ)
            cr_assert_eq(count > 0, !oracle.is_repeatable, "%llu", (unsigned long long)number);
        else if (kind == ANOMALY_INCOMPATIBLE_ORDER)
            cr_assert_eq(count > 0, counts[kind] > 0, "%llu", (unsigned long long)number);
        else if (kind != ANOMALY_LOST_UPDATE || !is_odd)
            cr_assert_eq(count, counts[kind], "history %llu: %llu of %s instead of %llu",
                         (unsigned long long)number, (unsigned long long)count,
                         anomaly_name((enum anomaly)kind), (unsigned long long)counts[kind]);
    }
    kinds->all.valid += found.found == 0;
    kinds->all.invalid += found.found != 0;
    kinds->all.proofs += expect_examples(&world->txns, &found, number);
    arena_fini(&arena);
}

static void expect_counts(bool lists, uint32_t histories)
{
    struct kind_counts kinds = {.all = {.model = lists ? "list-append" : "rw-register",
                                        .algorithm = "anomalies",
                                        .histories = histories}};
    for (uint32_t i = 0; i < histories; i++) {
        struct random_transactions world;
        random_transactions_open(&world, lists, i);
        compare(&world, i, &kinds);
        random_transactions_close(&world);
    }
    tally_print(&kinds.all);
    for (int kind = 0; kind < ANOMALY_G0; kind++) {
        bool is_of_lists = kind == ANOMALY_DUPLICATE_ELEMENTS ||
                           kind == ANOMALY_INCOMPATIBLE_ORDER || kind == ANOMALY_DIRTY_UPDATE ||
                           kind == ANOMALY_CYCLIC_VERSIONS;
        bool is_for_others = kind == ANOMALY_DIVERGENCE || kind == ANOMALY_LOST_WRITE;
        bool is_possible = (lists || !is_of_lists) && kind != ANOMALY_UNWRITTEN_READ &&
                           kind != ANOMALY_FUTURE_READ && !is_for_others;
        if (is_possible)
            cr_expect_gt(kinds.counts[kind], histories / 1000, "%s",
                         anomaly_name((enum anomaly)kind));
    }
}

Test(anomalies, of_single_reads_and_writes_of_lists_are_counted)
{
    expect_counts(true, property_runs(100000));
}

Test(anomalies, of_single_reads_and_writes_of_registers_are_counted)
{
    expect_counts(false, property_runs(100000));
}

/* --- what they refute --- */

static void expect_refuted(const struct transactions *all, const struct anomalies *found,
                           level_set held, uint64_t number, struct tally *tally)
{
    for (int level = 0; level < LEVEL_COUNT; level++) {
        anomaly_set forbidden = anomalies_of_level((enum level)level) & found->found;
        cr_assert(!forbidden || !(held >> level & 1), "history %llu: %s with %#x",
                  (unsigned long long)number, level_row((enum level)level)->name, forbidden);
        for (int kind = 0; kind < ANOMALY_G0; kind++)
            for (uint32_t i = 0; forbidden >> kind & 1 && i < found->kinds[kind].example_count; i++)
                expect_evidence(all, (enum level)level, &found->kinds[kind].examples[i], held,
                                number, tally);
    }
}

Test(anomalies, of_single_reads_and_writes_refute_their_levels)
{
    uint32_t histories = property_runs(20000);
    uint64_t refuted = 0;
    struct tally tallies[] = {
        {.model = "rw-register", .algorithm = "anomalies-levels"},
        {.model = "list-append", .algorithm = "anomalies-levels"},
    };
    for (uint32_t i = 0; i < histories; i++) {
        struct random_transactions world;
        static struct oracle oracle;
        struct arena arena;
        arena_init(&arena, 0);
        random_transactions_open(&world, i % 4 != 0, i);
        struct anomalies found = scan(&world, &arena);
        struct tally *tally = &tallies[i % 4 != 0];
        refuted += found.found != 0;
        tally->histories++;
        tally->valid += found.found == 0;
        tally->invalid += found.found != 0;
        if (found.found) {
            oracle_init(&oracle, &world.txns);
            expect_refuted(&world.txns, &found,
                           oracle_levels_by_dependencies(&oracle) |
                               oracle_levels_by_axioms(&oracle) |
                               oracle_levels_of_sessions(&oracle),
                           i, tally);
        }
        random_transactions_close(&world);
        arena_fini(&arena);
    }
    for (int i = 0; i < 2; i++)
        tally_print(&tallies[i]);
    cr_expect_gt(refuted, histories / 20);
}
