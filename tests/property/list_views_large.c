/* What sessions see of lists, on histories too long to try all orders of, against what must come
 * before what, spelled out. */
#include "property/many_levels.h"
#include "property/property_runs.h"
#include "property/tally.h"

enum { TXNS_MAX = 40, KEYS_MAX = 8, SESSIONS_MAX = 6, LEVELS = 7 };

static const enum level levels[LEVELS] = {
    LEVEL_WEAK_CAUSAL,        LEVEL_CAUSAL_MEMORY,    LEVEL_PRAM,
    LEVEL_MONOTONIC_READS,    LEVEL_READ_YOUR_WRITES, LEVEL_MONOTONIC_WRITES,
    LEVEL_WRITES_FOLLOW_READS};

/* --- the histories --- */

/* A store of lists in which sessions are behind, reads are stale now and then, and appends that
 * nobody saw yet stand in any order. */
struct list_world {
    uint32_t txns, sessions, keys, stale_percent, swap_percent, read_percent;
    uint32_t elements[KEYS_MAX][TXNS_MAX], counts[KEYS_MAX], shown[KEYS_MAX];
    uint32_t seen[SESSIONS_MAX]; /* so many transactions */
};

static uint32_t pick(struct many_transactions *many, uint32_t bound)
{
    return (uint32_t)random_below(&many->random, bound);
}

static void choose_options(struct many_transactions *many, struct list_world *world)
{
    static const uint32_t percents[] = {0, 0, 3, 30};
    *world = (struct list_world){.txns = 5 + pick(many, TXNS_MAX - 4),
                                 .sessions = 1 + pick(many, SESSIONS_MAX),
                                 .keys = 1 + pick(many, KEYS_MAX),
                                 .stale_percent = percents[pick(many, 4)],
                                 .swap_percent = percents[pick(many, 4)],
                                 .read_percent = 20 + pick(many, 70)};
}

/* The elements are the numbers of transactions, from 1. */
static void read_list(struct many_transactions *many, struct list_world *world, uint32_t session,
                      uint32_t key)
{
    uint32_t count = 0;
    while (count < world->counts[key] && world->elements[key][count] <= world->seen[session])
        count++;
    if (pick(many, 100) < world->stale_percent)
        count = pick(many, world->counts[key] + 1);
    if (world->shown[key] < count)
        world->shown[key] = count;
    micro_ops_begin_list(&many->micros, value_ref_int((int32_t)key));
    for (uint32_t i = 0; i < count; i++)
        micro_ops_add_item(&many->micros, value_ref_int((int32_t)world->elements[key][i]));
    micro_ops_end_list(&many->micros);
}

static void append(struct many_transactions *many, struct list_world *world, uint32_t txn,
                   uint32_t key)
{
    uint32_t *elements = world->elements[key], at = world->counts[key]++;
    elements[at] = txn;
    for (; at > world->shown[key] && pick(many, 100) < world->swap_percent; at--) {
        elements[at] = elements[at - 1];
        elements[at - 1] = txn;
    }
    micro_ops_add(&many->micros, MICRO_APPEND, value_ref_int((int32_t)key),
                  value_ref_int((int32_t)txn));
}

/* Reads come first; of each key there is one read and one append at most. */
static void run_txn(struct many_transactions *many, struct list_world *world, uint32_t txn)
{
    uint32_t session = pick(many, world->sessions), count = 0;
    world->seen[session] += pick(many, txn - world->seen[session]);
    many_emit(many, session, OP_INVOKE, VALUE_REF_NIL);
    micro_ops_begin(&many->micros);
    for (uint32_t key = 0; key < world->keys && count < 3; key++)
        if (pick(many, 100) < world->read_percent && pick(many, world->keys) < 2 && ++count)
            read_list(many, world, session, key);
    for (uint32_t key = 0; key < world->keys && count < 4; key++)
        if (pick(many, 100) >= world->read_percent && pick(many, world->keys) < 2 && ++count)
            append(many, world, txn, key);
    if (count == 0)
        read_list(many, world, session, 0);
    many_emit(many, session, OP_OK, micro_ops_end(&many->micros));
    if (pick(many, 10))
        world->seen[session] = txn;
}

static void open_lists(struct many_transactions *many, uint64_t number)
{
    struct errbuf err = ERRBUF_INIT;
    struct list_world world;
    memset(many, 0, sizeof *many);
    random_init(&many->random, 11, RANDOM_TEST, number);
    budget_init(&many->budget, 0, 0);
    cr_assert_eq(operations_init(&many->all, 0), 0);
    cr_assert_eq(operations_open_writer(&many->all, &many->events, &err), 0);
    micro_ops_writer_init(&many->micros, many->all.values);
    choose_options(many, &world);
    for (uint32_t txn = 1; txn <= world.txns; txn++)
        run_txn(many, &world, txn);
    many_make_object(many);
    struct transactions_source source = {.object = &many->object};
    cr_assert_eq(transactions_build(&source, &many->budget, &many->txns, &err), 0);
}

/* --- what must come before what --- */

/* Bit b of row a: a comes before b. */
struct rows {
    const struct transactions *all;
    uint64_t rows[TXNS_MAX];
};

static void put(struct rows *rows, uint32_t before, uint32_t after)
{
    if (before != after)
        rows->rows[before] |= UINT64_C(1) << after;
}

static bool is_acyclic(struct rows *rows)
{
    uint32_t count = rows->all->txn_count;
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < count; i++)
            if (rows->rows[i] >> k & 1)
                rows->rows[i] |= rows->rows[k];
    for (uint32_t i = 0; i < count; i++)
        if (rows->rows[i] >> i & 1)
            return false;
    return true;
}

static bool has(const struct transactions *all, uint32_t txn, bool reads)
{
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if ((all->micros[i].f == MICRO_READ) == reads)
            return true;
    return false;
}

/* The transaction that appended an element, a number, is the one before it. */
static const value_ref *elements_of(const struct transactions *all, uint32_t txn, uint32_t key,
                                    uint32_t *count)
{
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f == MICRO_READ && op.key == txn_key_value(all, key)) {
            *count = op.item_count;
            return op.items;
        }
    return NULL;
}

static uint32_t appender(value_ref element)
{
    return (uint32_t)value_ref_as_int(element) - 1;
}

/* Whether a place in the order of a session is kept, that of another one's or of the view's own. */
static bool keeps(const struct transactions *all, enum level level, bool is_own, uint32_t a,
                  uint32_t b)
{
    bool both_write = has(all, a, false) && has(all, b, false);
    switch (level) {
    case LEVEL_MONOTONIC_WRITES:
        return both_write;
    case LEVEL_MONOTONIC_READS:
        return is_own && (both_write || (has(all, a, true) && has(all, b, true)));
    case LEVEL_READ_YOUR_WRITES:
        return is_own && has(all, a, false);
    case LEVEL_WRITES_FOLLOW_READS:
        return is_own && both_write;
    default:
        return true;
    }
}

/* Who reads from somebody comes after it, or only what its session writes from then on. */
static void put_read(struct rows *rows, enum level level, uint32_t from, uint32_t reader)
{
    const struct transactions *all = rows->all;
    if (level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY)
        put(rows, from, reader);
    for (uint32_t b = reader; b < all->txn_count && level == LEVEL_WRITES_FOLLOW_READS; b++)
        if (all->txns[b].session == all->txns[reader].session && has(all, b, false))
            put(rows, from, b);
}

static void put_kept(struct rows *rows, enum level level, uint32_t session)
{
    const struct transactions *all = rows->all;
    for (uint32_t a = 0; a < all->txn_count; a++) {
        for (uint32_t b = a + 1; b < all->txn_count; b++)
            if (all->txns[a].session == all->txns[b].session &&
                keeps(all, level, all->txns[a].session == session, a, b))
                put(rows, a, b);
        for (uint32_t key = 0; key < all->key_count; key++) {
            uint32_t count = 0;
            const value_ref *elements = elements_of(all, a, key, &count);
            for (uint32_t i = 0; i < count; i++)
                put_read(rows, level, appender(elements[i]), a);
        }
    }
}

/* What one transaction read of one key, as far as these are there. */
static void put_list(struct rows *rows, uint64_t members, uint32_t txn, uint32_t key)
{
    const struct transactions *all = rows->all;
    uint32_t count = 0;
    const value_ref *elements = elements_of(all, txn, key, &count);
    uint64_t listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        listed |= UINT64_C(1) << appender(elements[i]);
        put(rows, appender(elements[i]), txn);
        for (uint32_t k = 0; k < i; k++)
            put(rows, appender(elements[k]), appender(elements[i]));
    }
    for (uint32_t i = 0; elements && i < all->micro_count; i++) {
        uint32_t other = 0;
        while (all->txns[other + 1].micros <= i)
            other++;
        if (all->micros[i].f == MICRO_APPEND && all->micros[i].key == key &&
            (members >> other & 1) && !(listed >> other & 1))
            put(rows, txn, other);
    }
}

/* One order explains those whose bits are set, of what comes before the last of them or of all. */
static bool explains(const struct transactions *all, enum level level, uint32_t session,
                     uint64_t explained, uint32_t last)
{
    struct rows rows = {.all = all};
    put_kept(&rows, level, session);
    if (!is_acyclic(&rows))
        return false;
    uint64_t members = UINT64_MAX;
    for (uint32_t i = 0; i < all->txn_count && last < all->txn_count; i++)
        if (i != last && !(rows.rows[i] >> last & 1))
            members &= ~(UINT64_C(1) << i);
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t key = 0; key < all->key_count; key++)
            if (explained >> txn & 1)
                put_list(&rows, members, txn, key);
    return is_acyclic(&rows);
}

static bool holds(const struct transactions *all, enum level level)
{
    for (uint32_t session = 0; session < all->session_count; session++) {
        uint64_t own = 0;
        uint32_t last = 0;
        for (uint32_t txn = 0; txn < all->txn_count; txn++) {
            if (all->txns[txn].session != session)
                continue;
            last = txn;
            own |= UINT64_C(1) << txn;
            if (level == LEVEL_WEAK_CAUSAL &&
                !explains(all, level, session, UINT64_C(1) << txn, txn))
                return false;
        }
        if (level != LEVEL_WEAK_CAUSAL &&
            !explains(all, level, session, own, level == LEVEL_CAUSAL_MEMORY ? last : UINT32_MAX))
            return false;
    }
    return true;
}

Test(list_views_large, agree_with_what_must_come_before_what)
{
    static struct many_transactions many;
    uint32_t runs = property_runs(2000), held[LEVELS] = {0}, weak_only = 0;
    struct tally tally = {.model = "list-append", .algorithm = "views-large", .histories = runs};
    for (uint32_t number = 0; number < runs; number++) {
        bool expected[LEVELS];
        open_lists(&many, number);
        for (int i = 0; i < LEVELS; i++) {
            expected[i] = holds(&many.txns, levels[i]);
            cr_assert_eq(many_levels_decide(&many, &decider_causal, levels[i]),
                         expected[i] ? VERDICT_VALID : VERDICT_INVALID, "history %u, %s", number,
                         level_row(levels[i])->name);
            held[i] += expected[i];
            tally_add_levels(&tally, expected[i], 1);
        }
        weak_only += expected[0] && !expected[1];
        many_transactions_close(&many);
    }
    tally_print(&tally);
    for (int i = 0; i < LEVELS; i++)
        cr_expect(held[i] > runs / 20 && held[i] < runs * 19 / 20, "%s: %u of %u",
                  level_row(levels[i])->name, held[i], runs);
    cr_expect_gt(weak_only, runs / 50, "%u", weak_only);
}

Test(list_views_large, a_budget_that_ends_makes_the_answer_unknown_and_is_given_back)
{
    static struct many_transactions many;
    uint32_t unknown = 0, decided = 0;
    open_lists(&many, 3);
    size_t used = many.budget.bytes_used;
    for (size_t more = 0; more < 60000; more += 97) {
        many.budget.bytes_max = used + more;
        for (int i = 0; i < LEVELS; i++) {
            enum verdict verdict = many_levels_decide(&many, &decider_causal, levels[i]);
            unknown += verdict == VERDICT_UNKNOWN;
            decided += verdict != VERDICT_UNKNOWN;
        }
    }
    many.budget.bytes_max = 0;
    many_transactions_close(&many);
    cr_expect(unknown > 100 && decided > 100, "%u, %u", unknown, decided);
}
