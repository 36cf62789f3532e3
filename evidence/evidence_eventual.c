#include "evidence/evidence_eventual.h"

#include "evidence/evidence_facts.h"

/* One micro-operation of the evidence. */
struct exhibit {
    struct micro_op op;
    uint32_t txn, micro;
};

static bool take_exhibit(const struct evidence_judge *judge, const struct evidence *evidence, int i,
                         struct exhibit *out)
{
    const struct transactions *all = judge->all;
    out->txn = evidence->txns[i];
    out->micro = evidence->micros[i];
    if (out->txn >= all->txn_count || evidence->micros[i] < all->txns[out->txn].micros ||
        evidence->micros[i] >= all->txns[out->txn + 1].micros)
        return false;
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[out->txn]);
    for (uint32_t at = all->txns[out->txn].micros; at <= evidence->micros[i]; at++)
        if (!micro_ops_next(&cursor, &out->op))
            return false;
    return fact_is_acknowledged(judge, out->txn);
}

/* The transaction reads the key once more in the session of a read of it. */
static bool reads_again(const struct evidence_judge *judge, const struct exhibit *read,
                        uint32_t txn)
{
    const struct transactions *all = judge->all;
    uint32_t at = all->txns[txn].micros;
    if (!fact_is_acknowledged(judge, txn) || !fact_same_session(judge, txn, read->txn))
        return false;
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    for (struct micro_op op; micro_ops_next(&cursor, &op); at++)
        if (op.f == MICRO_READ && op.key == read->op.key && at > read->micro)
            return true;
    return false;
}

/* Every acknowledged write, to whatever key, was over before the read began, and its session did
 * not read the key again. */
static bool is_final(const struct evidence_judge *judge, const struct exhibit *read)
{
    if (read->op.f != MICRO_READ)
        return false;
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++) {
        bool is_over = !fact_is_acknowledged(judge, txn) || !fact_wrote_any(judge, txn) ||
                       fact_realtime(judge, txn, read->txn);
        if (!is_over || reads_again(judge, read, txn))
            return false;
    }
    return true;
}

enum standing { NOBODYS, UNCERTAIN, OVERWRITTEN, ACKNOWLEDGED };

/* Who wrote a value to a key: ACKNOWLEDGED if it is also the last, or the element of a list. */
static enum standing standing_of(const struct evidence_judge *judge, value_ref key, value_ref value)
{
    const struct transactions *all = judge->all;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
        enum standing standing = NOBODYS;
        for (struct micro_op op; micro_ops_next(&cursor, &op);) {
            if (op.f == MICRO_READ || op.key != key)
                continue;
            if (op.value == value)
                standing = ACKNOWLEDGED;
            else if (standing == ACKNOWLEDGED && op.f == MICRO_WRITE)
                standing = OVERWRITTEN;
        }
        uint8_t outcome = txn_operation(all, txn)->outcome;
        if (standing != NOBODYS && outcome != OP_FAIL)
            return outcome == OP_OK ? standing : UNCERTAIN;
    }
    return NOBODYS;
}

static bool has_item(const struct micro_op *op, value_ref item)
{
    for (uint32_t i = 0; i < op->item_count; i++)
        if (op->items[i] == item)
            return true;
    return false;
}

/* --- two reads --- */

/* The next acknowledged item of a list; false past the last one. */
static bool next_item(const struct evidence_judge *judge, const struct micro_op *op, uint32_t *at,
                      value_ref *item)
{
    while (*at < op->item_count) {
        *item = op->items[(*at)++];
        if (standing_of(judge, op->key, *item) == ACKNOWLEDGED)
            return true;
    }
    return false;
}

static bool lists_differ(const struct evidence_judge *judge, const struct micro_op *one,
                         const struct micro_op *other)
{
    uint32_t at = 0, there = 0;
    for (;;) {
        value_ref a = VALUE_REF_NIL, b = VALUE_REF_NIL;
        bool has_one = next_item(judge, one, &at, &a),
             has_other = next_item(judge, other, &there, &b);
        if (!has_one || !has_other)
            return has_one != has_other;
        if (a != b)
            return true;
    }
}

static bool diverge(const struct evidence_judge *judge, const struct exhibit *one,
                    const struct exhibit *other)
{
    if (one->op.key != other->op.key || !is_final(judge, other))
        return false;
    if (one->op.is_list || other->op.is_list)
        return lists_differ(judge, &one->op, &other->op);
    return one->op.value != other->op.value &&
           standing_of(judge, one->op.key, one->op.value) == ACKNOWLEDGED &&
           standing_of(judge, other->op.key, other->op.value) == ACKNOWLEDGED;
}

/* --- a read without a write --- */

static bool lacks(const struct evidence_judge *judge, const struct exhibit *read,
                  const struct exhibit *write)
{
    if (write->op.f == MICRO_READ || write->op.key != read->op.key)
        return false;
    if (write->op.f == MICRO_APPEND)
        return !has_item(&read->op, write->op.value);
    enum standing standing = standing_of(judge, read->op.key, read->op.value);
    return !read->op.is_list && (standing == NOBODYS || standing == OVERWRITTEN);
}

bool eventual_shows(struct evidence_judge *judge, const struct evidence *evidence, bool is_loss)
{
    struct exhibit read, other;
    return take_exhibit(judge, evidence, 0, &read) && take_exhibit(judge, evidence, 1, &other) &&
           is_final(judge, &read) &&
           (is_loss ? lacks(judge, &read, &other) : diverge(judge, &read, &other));
}
