/* From the values of the operations to transactions and micro-operations. */
#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/micro_ops_ahead.h"
#include "core/strbuf.h"
#include "core/value.h"
#include "transactions/txn_build.h"

#include <string.h>

enum { KEYS_MIN = 64 };

#define MICROS_MAX (UINT32_C(1) << 31)

/* --- values --- */

/* The first item of a list that is no micro-operation, or what is no list at all. */
static struct value find_odd(struct txn_build *build, struct value value)
{
    struct micro_ops_writer writer;
    value_ref packed;
    micro_ops_writer_init(&writer, build->pool);
    for (uint32_t i = 0; value.kind == VALUE_LIST && i < value.count; i++)
        if (micro_ops_pack(&writer, value_items(VALUE_LIST, &value.items[i], 1), &packed) &&
            packed == VALUE_REF_NIL)
            return value.items[i];
    return value;
}

static int odd_value(struct txn_build *build, const struct operation *op, struct errbuf *err)
{
    struct strbuf odd = STRBUF_INIT;
    value_write_text(&odd, find_odd(build, value_pool_get(build->pool, operation_value(op))));
    errbuf_set(
        err, ERR_INPUT,
        "event %llu: %.80s%s is no micro-operation; the value of a transaction is a list of "
        "[:append key element], [:w key value] and [:r key what-was-read]",
        (unsigned long long)operations_index(build->source->object->all, operation_value_at(op)),
        odd.text ? odd.text : "", odd.length > 80 ? " ..." : "");
    strbuf_fini(&odd);
    return ERR_INPUT;
}

/* Every transaction packed, as what its completion said or else its invocation. */
static int pack(struct txn_build *build, struct errbuf *err)
{
    struct transactions *all = build->out;
    const struct object *object = build->source->object;
    struct micro_ops_writer writer;
    micro_ops_writer_init(&writer, build->pool);
    size_t micros = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        if (budget_time_over(all->budget))
            return txn_time_over(err);
        if (object->count - i > MICRO_OPS_AHEAD)
            micro_ops_ahead(build->pool, operation_value(&object->ops[i + MICRO_OPS_AHEAD]));
        value_ref value = operation_value(&object->ops[i]);
        if (!micro_ops_is(value) &&
            !micro_ops_pack(&writer, value_pool_get(build->pool, value), &value))
            return txn_no_memory(err);
        if (value == VALUE_REF_NIL)
            return odd_value(build, &object->ops[i], err);
        all->packed[i] = value;
        micros += micro_ops_open(build->pool, value).left;
    }
    if (micros > MICROS_MAX)
        return errbuf_set(err, ERR_INPUT, "more than 2^31 micro-operations in one history");
    all->micro_count = (uint32_t)micros;
    return 0;
}

/* --- keys --- */

static bool grow_keys(struct txn_build *build)
{
    uint32_t old = build->key_capacity, more = old ? 2 * old : KEYS_MIN;
    struct key_build *keys =
        budget_resize(build->out->budget, build->keys, old * sizeof *keys, more * sizeof *keys);
    if (!keys)
        return false;
    memset(keys + old, 0, (more - old) * sizeof *keys);
    build->keys = keys;
    build->key_capacity = more;
    return true;
}

/* The number of a key, and room for it. */
static int number_key(struct txn_build *build, value_ref key, uint32_t *out, struct errbuf *err)
{
    int32_t number = value_numbers_add(&build->out->key_values, key);
    if (number < 0)
        return txn_no_memory(err);
    if ((uint32_t)number > build->keys_max)
        return errbuf_set(err, ERR_INPUT, "more than %u keys in one history", build->keys_max);
    if ((uint32_t)number > build->key_capacity && !grow_keys(build))
        return txn_no_memory(err);
    *out = (uint32_t)number - 1;
    return 0;
}

/* --- micro-operations --- */

static void note_list(struct key_build *key, const struct micro_op *op)
{
    key->has_list = true;
    if (op->item_count > key->longest.count)
        key->longest = (struct longest_list){op->items, op->item_count};
}

/* What a micro-operation says, if anybody knows it: what an uncertain or failed transaction read
 * nobody does. */
static void take(struct txn_build *build, uint32_t txn, const struct micro_op *op, uint32_t key,
                 struct micro *out)
{
    struct key_build *known = &build->keys[key];
    bool is_answered = build->out->txns[txn].fate == TXN_COMMITTED;
    *out = (struct micro){.key = key & (TXN_KEYS_MAX - 1), .f = op->f & 3u};
    known->has_append |= op->f == MICRO_APPEND;
    known->has_write |= op->f == MICRO_WRITE;
    if (op->f == MICRO_READ && !is_answered) {
        out->version = VALUE_UNREAD;
    } else if (op->is_list) {
        out->is_list = 1;
        out->version = op->place;
        note_list(known, op);
    } else {
        out->version = op->value;
        known->values++;
    }
}

/* Which accesses of a transaction other transactions can tell: see struct micro. */
static void mark_outer(struct txn_build *build, uint32_t txn, uint32_t index)
{
    struct micro *micro = &build->out->micros[index];
    struct key_build *key = &build->keys[micro->key];
    if (micro->f == MICRO_READ) {
        micro->is_outer = key->accessed_by != txn + 1;
    } else {
        if (key->written_by == txn + 1)
            build->out->micros[key->last_write].is_outer = 0;
        micro->is_outer = 1;
        key->written_by = txn + 1;
        key->last_write = index;
    }
    key->accessed_by = txn + 1;
}

static int decode(struct txn_build *build, uint32_t txn, struct errbuf *err)
{
    struct transactions *all = build->out;
    if (all->txn_count - txn > MICRO_OPS_AHEAD)
        micro_ops_ahead(build->pool, all->packed[txn + MICRO_OPS_AHEAD]);
    struct micro_cursor cursor = micro_ops_open(build->pool, all->packed[txn]);
    uint32_t at = all->txns[txn].micros;
    for (struct micro_op op; micro_ops_next(&cursor, &op); at++) {
        uint32_t key = 0;
        int rc = number_key(build, op.key, &key, err);
        if (rc != 0)
            return rc;
        take(build, txn, &op, key, &all->micros[at]);
        mark_outer(build, txn, at);
    }
    all->txns[txn + 1].micros = at;
    return 0;
}

/* --- transactions --- */

static const uint8_t fates[] = {
    [OP_OK] = TXN_COMMITTED, [OP_FAIL] = TXN_ABORTED, [OP_INFO] = TXN_UNSEEN};

static int number_sessions(struct transactions *all, struct errbuf *err)
{
    struct value_numbers processes;
    value_numbers_init(&processes, all->budget);
    int rc = 0;
    for (uint32_t i = 0; i < all->txn_count && rc == 0; i++) {
        int32_t number = value_numbers_add(&processes, (value_ref)all->object->ops[i].process);
        all->txns[i].session = (uint32_t)number - 1;
        rc = number < 0 ? txn_no_memory(err) : 0;
    }
    all->session_count = processes.count - 1;
    value_numbers_fini(&processes);
    return rc;
}

static int make_txns(struct transactions *all, struct errbuf *err)
{
    uint32_t count = all->object->count;
    all->packed = budget_alloc(all->budget, count * sizeof *all->packed);
    all->txns = budget_zalloc(all->budget, ((size_t)count + 1) * sizeof *all->txns);
    all->txn_count = all->txns && all->packed ? count : 0;
    if (!all->txns || !all->packed)
        return txn_no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        all->txns[i].op = i;
        all->txns[i].fate = fates[all->object->ops[i].outcome];
    }
    return number_sessions(all, err);
}

int txn_decode(struct txn_build *build, struct errbuf *err)
{
    struct transactions *all = build->out;
    int rc = make_txns(all, err);
    if (rc == 0)
        rc = pack(build, err);
    if (rc != 0)
        return rc;
    all->micros = budget_alloc(all->budget, all->micro_count * sizeof *all->micros);
    if (!all->micros)
        return txn_no_memory(err);
    for (uint32_t txn = 0; txn < all->txn_count && rc == 0; txn++)
        rc = budget_time_over(all->budget) ? txn_time_over(err) : decode(build, txn, err);
    all->key_count = all->key_values.count - 1;
    return rc;
}
