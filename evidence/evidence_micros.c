#include "evidence/evidence_micros.h"

#include "evidence/evidence_eventual.h"
#include "evidence/evidence_facts.h"

#include <string.h>

#define BIT(level) (UINT32_C(1) << (LEVEL_##level))

/* Levels that ask nothing of what was read, or nothing of how a transaction sees itself. */
#define UNCOMMITTED                                                                                \
    (BIT(READ_UNCOMMITTED) | BIT(SESSION_READ_UNCOMMITTED) | BIT(STRONG_READ_UNCOMMITTED))
#define LOOSE                                                                                      \
    (UNCOMMITTED | BIT(READ_COMMITTED) | BIT(SESSION_READ_COMMITTED) |                             \
     BIT(STRONG_READ_COMMITTED) | BIT(CURSOR_STABILITY) | BIT(CONSISTENT_VIEW) |                   \
     BIT(REPEATABLE_READ))

/* Of eventual consistency one transaction by itself says nothing. */
#define ASKED (LEVELS_ALL & ~BIT(EVENTUAL))

level_set micros_refute(enum anomaly anomaly)
{
    switch (anomaly) {
    case ANOMALY_DUPLICATE_ELEMENTS:
        return ASKED;
    case ANOMALY_INCOMPATIBLE_ORDER:
    case ANOMALY_UNWRITTEN_READ:
    case ANOMALY_G1A:
    case ANOMALY_DIRTY_UPDATE:
    case ANOMALY_G1B:
    case ANOMALY_FUTURE_READ:
        return ASKED & ~UNCOMMITTED;
    case ANOMALY_INTERNAL:
        return ASKED & ~LOOSE;
    case ANOMALY_UNREPEATABLE_READ:
        return ASKED & ~(LOOSE | BIT(MONOTONIC_ATOMIC_VIEW));
    case ANOMALY_CYCLIC_VERSIONS:
        return level_refuted(LEVEL_READ_UNCOMMITTED) | level_refuted(LEVEL_READ_YOUR_WRITES) |
               level_refuted(LEVEL_MONOTONIC_READS) | level_refuted(LEVEL_MONOTONIC_WRITES) |
               level_refuted(LEVEL_WRITES_FOLLOW_READS) | level_refuted(LEVEL_WEAK_CAUSAL);
    case ANOMALY_LOST_UPDATE:
        return level_refuted(LEVEL_CURSOR_STABILITY);
    case ANOMALY_DIVERGENCE:
    case ANOMALY_LOST_WRITE:
        return BIT(EVENTUAL);
    default:
        return 0;
    }
}

/* --- single micro-operations --- */

struct located {
    struct micro_op op;
    uint32_t txn, key;
    int place;
};

static bool locate(const struct evidence_judge *judge, uint32_t txn, uint32_t micro,
                   struct located *out)
{
    const struct transactions *all = judge->all;
    if (txn >= all->txn_count || micro < all->txns[txn].micros ||
        micro >= all->txns[txn + 1].micros)
        return false;
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    *out = (struct located){.txn = txn, .key = all->micros[micro].key, .place = -1};
    for (uint32_t i = all->txns[txn].micros; i <= micro; i++, out->place++)
        if (!micro_ops_next(&cursor, &out->op))
            return false;
    return out->op.key == txn_key_value(all, out->key);
}

/* A read whose answer is known. */
static bool locate_read(const struct evidence_judge *judge, const struct evidence *evidence, int i,
                        struct located *out)
{
    return locate(judge, evidence->txns[i], evidence->micros[i], out) && out->op.f == MICRO_READ &&
           fact_is_acknowledged(judge, out->txn);
}

static value_ref last_of(const struct micro_op *op)
{
    if (!op->is_list)
        return op->value;
    return op->item_count > 0 ? op->items[op->item_count - 1] : VALUE_REF_NIL;
}

static bool saw_something(const struct micro_op *op)
{
    return op->is_list ? op->item_count > 0 : op->value != VALUE_REF_NIL;
}

/* How often a transaction wrote the value to the key, and what it wrote to it last. */
struct writes {
    uint32_t count;
    int last_place; /* of that value */
    value_ref last; /* of any */
};

static struct writes find_writes(const struct evidence_judge *judge, uint32_t txn, value_ref key,
                                 value_ref value)
{
    struct writes found = {.last_place = PLACE_NONE, .last = VALUE_REF_NIL};
    struct micro_cursor cursor =
        micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
    int place = 0;
    for (struct micro_op op; micro_ops_next(&cursor, &op); place++) {
        if (op.f == MICRO_READ || op.key != key)
            continue;
        found.last = op.value;
        if (op.value == value) {
            found.count++;
            found.last_place = place;
        }
    }
    return found;
}

/* --- what each anomaly is --- */

static bool shows_duplicates(const struct located *read)
{
    for (uint32_t i = 0; read->op.is_list && i < read->op.item_count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (read->op.items[i] == read->op.items[k])
                return true;
    return false;
}

static bool shows_incompatible_order(const struct evidence_judge *judge,
                                     const struct evidence *evidence, const struct located *read)
{
    struct located other;
    if (!locate_read(judge, evidence, 1, &other) || other.key != read->key)
        return false;
    uint32_t shorter =
        other.op.item_count < read->op.item_count ? other.op.item_count : read->op.item_count;
    return shorter > 0 &&
           memcmp(read->op.items, other.op.items, shorter * sizeof *other.op.items) != 0;
}

/* What a read saw: a value, or every element of a list. */
static uint32_t count_seen(const struct micro_op *op)
{
    return op->is_list ? op->item_count : saw_something(op);
}

static value_ref seen(const struct micro_op *op, uint32_t i)
{
    return op->is_list ? op->items[i] : op->value;
}

static bool is_written(const struct evidence_judge *judge, value_ref key, value_ref value)
{
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++)
        if (find_writes(judge, txn, key, value).count > 0)
            return true;
    return false;
}

static bool shows_unwritten(const struct evidence_judge *judge, const struct evidence *evidence,
                            const struct located *read)
{
    const struct transactions *all = judge->all;
    if (all->micros[evidence->micros[0]].version == all->keys[read->key].first_version)
        return false;
    for (uint32_t i = 0; i < count_seen(&read->op); i++)
        if (!is_written(judge, read->op.key, seen(&read->op, i)))
            return true;
    return false;
}

static bool shows_aborted(const struct evidence_judge *judge, const struct evidence *evidence,
                          const struct located *read)
{
    uint32_t writer = evidence->txns[1];
    if (writer >= judge->all->txn_count || txn_operation(judge->all, writer)->outcome != OP_FAIL)
        return false;
    for (uint32_t i = 0; i < count_seen(&read->op); i++)
        if (find_writes(judge, writer, read->op.key, seen(&read->op, i)).count > 0)
            return true;
    return false;
}

static bool shows_intermediate(const struct evidence_judge *judge, const struct evidence *evidence,
                               const struct located *read)
{
    uint32_t writer = evidence->txns[1];
    value_ref value = last_of(&read->op);
    if (!saw_something(&read->op) || writer >= judge->all->txn_count || writer == read->txn ||
        txn_operation(judge->all, writer)->outcome == OP_FAIL)
        return false;
    struct writes writes = find_writes(judge, writer, read->op.key, value);
    return writes.count > 0 && writes.last != value;
}

static bool shows_future(const struct evidence_judge *judge, const struct located *read)
{
    return saw_something(&read->op) &&
           find_writes(judge, read->txn, read->op.key, last_of(&read->op)).last_place > read->place;
}

/* Where a list has an element; UINT32_MAX if it has not. */
static uint32_t find_item(const struct micro_op *list, value_ref item)
{
    for (uint32_t i = 0; list->is_list && i < list->item_count; i++)
        if (list->items[i] == item)
            return i;
    return UINT32_MAX;
}

/* Two appends to a list, the second of which stands before the first in a read of it, or alone:
 * what was not read comes after what was. */
static bool shows_order(const struct evidence_judge *judge, const struct evidence *evidence,
                        struct located *one, struct located *other)
{
    struct located read;
    return locate(judge, evidence->txns[0], evidence->micros[0], one) &&
           locate(judge, evidence->txns[1], evidence->micros[1], other) &&
           locate_read(judge, evidence, 2, &read) && one->op.f == MICRO_APPEND &&
           other->op.f == MICRO_APPEND && one->key == other->key && read.key == one->key &&
           find_item(&read.op, other->op.value) < find_item(&read.op, one->op.value);
}

static bool shows_dirty_update(const struct evidence_judge *judge, const struct evidence *evidence)
{
    struct located append, failed, read;
    return shows_order(judge, evidence, &append, &failed) &&
           locate_read(judge, evidence, 2, &read) &&
           find_item(&read.op, append.op.value) != UINT32_MAX &&
           fact_is_acknowledged(judge, append.txn) &&
           txn_operation(judge->all, failed.txn)->outcome == OP_FAIL;
}

/* One transaction's appends in another order than it made them. */
static bool shows_cyclic_versions(struct evidence_judge *judge, const struct evidence *evidence)
{
    struct located earlier, later, read;
    if (!shows_order(judge, evidence, &earlier, &later) || earlier.txn != later.txn ||
        earlier.place >= later.place || !locate_read(judge, evidence, 2, &read))
        return false;
    struct judge_list order = fact_order(judge, read.key);
    struct micro_op whole = {.is_list = true, .items = order.items, .item_count = order.count};
    return find_item(&whole, later.op.value) < find_item(&whole, earlier.op.value) &&
           fact_is_committed(judge, earlier.txn);
}

/* --- how a transaction sees a key it accessed before --- */

/* The previous read of the key, if it is asked for, and what the transaction wrote since, in order.
 */
struct expectation {
    const struct evidence_judge *judge;
    const struct located *read;
    struct micro_op base;
    int base_place; /* PLACE_NONE: it did not read the key before */
    uint32_t written;
};

static struct expectation expect(const struct evidence_judge *judge, const struct located *read,
                                 bool of_reads)
{
    struct expectation out = {.judge = judge, .read = read, .base_place = PLACE_NONE};
    struct micro_cursor cursor =
        micro_ops_open(judge->all->object->values, judge->all->packed[read->txn]);
    struct micro_op op;
    for (int place = 0; place < read->place && micro_ops_next(&cursor, &op); place++) {
        if (op.key != read->op.key || (op.f == MICRO_READ && !of_reads))
            continue;
        if (op.f == MICRO_READ) {
            out.base = op;
            out.base_place = place;
            out.written = 0;
        } else {
            out.written++;
        }
    }
    return out;
}

/* The number-th of what was written since. */
static struct micro_op written(const struct expectation *expected, uint32_t number)
{
    const struct transactions *all = expected->judge->all;
    struct micro_cursor cursor =
        micro_ops_open(all->object->values, all->packed[expected->read->txn]);
    struct micro_op op = {0};
    for (int place = 0; place < expected->read->place && micro_ops_next(&cursor, &op); place++)
        if (place > expected->base_place && op.f != MICRO_READ &&
            op.key == expected->read->op.key && number-- == 0)
            break;
    return op;
}

static bool register_fits(const struct expectation *expected)
{
    if (expected->written > 0)
        return expected->read->op.value == written(expected, expected->written - 1).value;
    return expected->base_place == PLACE_NONE || expected->read->op.value == expected->base.value;
}

/* What was read last, if anything was, and then what was appended since. */
static bool list_fits(const struct expectation *expected)
{
    const struct micro_op *read = &expected->read->op;
    uint32_t own = expected->written, before = expected->base.item_count;
    if (read->item_count < own)
        return false;
    uint32_t start = read->item_count - own;
    for (uint32_t i = 0; i < own; i++)
        if (read->items[start + i] != written(expected, i).value)
            return false;
    return expected->base_place == PLACE_NONE ||
           (start == before && (before == 0 || memcmp(read->items, expected->base.items,
                                                      before * sizeof *read->items) == 0));
}

static bool fits(const struct expectation *expected)
{
    bool is_list = expected->read->op.is_list || expected->base.is_list ||
                   (expected->written > 0 && written(expected, 0).f == MICRO_APPEND);
    return is_list ? list_fits(expected) : register_fits(expected);
}

/* By its writes, if it does not show what its transaction wrote to the key, whatever that read of
 * it. */
static bool contradicts_itself(const struct evidence_judge *judge, const struct located *read,
                               bool by_writes)
{
    struct expectation all = expect(judge, read, true), own = expect(judge, read, false);
    return !fits(&all) && fits(&own) != by_writes;
}

/* --- lost updates --- */

/* The version of the key that a transaction read of others; VERSION_UNREAD if none, or several. */
static bool reads_the_same(const struct evidence_judge *judge, const struct located *read,
                           uint32_t other)
{
    const struct transactions *all = judge->all;
    uint32_t micro = all->txns[read->txn].micros + (uint32_t)read->place;
    bool is_initial = all->micros[micro].version == all->keys[read->key].first_version;
    for (uint32_t i = all->txns[other].micros; i < all->txns[other + 1].micros; i++) {
        struct located op;
        if (!locate(judge, other, i, &op) || op.key != read->key || op.op.f != MICRO_READ)
            continue;
        bool is_same = is_initial ? all->micros[i].version == all->micros[micro].version
                                  : saw_something(&op.op) && last_of(&op.op) == last_of(&read->op);
        if (is_same)
            return true;
    }
    return false;
}

static bool shows_lost_update(struct evidence_judge *judge, const struct evidence *evidence,
                              const struct located *read)
{
    uint32_t other = evidence->txns[1];
    const struct transactions *all = judge->all;
    value_ref value = last_of(&read->op);
    uint32_t micro = all->txns[read->txn].micros + (uint32_t)read->place;
    bool is_initial = all->micros[micro].version == all->keys[read->key].first_version;
    if (other >= all->txn_count || other == read->txn || !fact_is_acknowledged(judge, other) ||
        !fact_wrote(judge, read->txn, read->key) || !fact_wrote(judge, other, read->key) ||
        !reads_the_same(judge, read, other))
        return false;
    if (is_initial)
        return true;
    uint32_t writer = all->versions[all->micros[micro].version].txn;
    return writer != TXN_NONE && writer != read->txn && writer != other &&
           fact_is_committed(judge, writer) &&
           find_writes(judge, writer, read->op.key, value).last == value;
}

bool micros_show(struct evidence_judge *judge, const struct evidence *evidence)
{
    struct located read;
    if (evidence->anomaly == ANOMALY_DIRTY_UPDATE)
        return shows_dirty_update(judge, evidence);
    if (evidence->anomaly == ANOMALY_CYCLIC_VERSIONS)
        return shows_cyclic_versions(judge, evidence);
    if (evidence->anomaly == ANOMALY_DIVERGENCE || evidence->anomaly == ANOMALY_LOST_WRITE)
        return eventual_shows(judge, evidence, evidence->anomaly == ANOMALY_LOST_WRITE);
    if (!locate_read(judge, evidence, 0, &read))
        return false;
    switch (evidence->anomaly) {
    case ANOMALY_DUPLICATE_ELEMENTS:
        return shows_duplicates(&read);
    case ANOMALY_INCOMPATIBLE_ORDER:
        return shows_incompatible_order(judge, evidence, &read);
    case ANOMALY_UNWRITTEN_READ:
        return shows_unwritten(judge, evidence, &read);
    case ANOMALY_G1A:
        return shows_aborted(judge, evidence, &read);
    case ANOMALY_G1B:
        return shows_intermediate(judge, evidence, &read);
    case ANOMALY_FUTURE_READ:
        return shows_future(judge, &read);
    case ANOMALY_INTERNAL:
        return contradicts_itself(judge, &read, true);
    case ANOMALY_UNREPEATABLE_READ:
        return contradicts_itself(judge, &read, false);
    case ANOMALY_LOST_UPDATE:
        return shows_lost_update(judge, evidence, &read);
    default:
        return false;
    }
}
