/* What lists show element by element. */
#include "evidence/evidence_facts.h"

static struct micro_cursor open_txn(const struct evidence_judge *judge, uint32_t txn)
{
    return micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
}

static bool appended(const struct evidence_judge *judge, uint32_t txn, value_ref key,
                     value_ref element)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f == MICRO_APPEND && op.key == key && op.value == element)
            return true;
    return false;
}

/* The first place in the list, from one on, of an element that the transaction appended; the list's
 * length if there is none. */
static uint32_t find_appended(const struct evidence_judge *judge, const struct micro_op *list,
                              uint32_t at, uint32_t txn)
{
    while (at < list->item_count && !appended(judge, txn, list->key, list->items[at]))
        at++;
    return at;
}

static bool has_element(const struct micro_op *list, value_ref element)
{
    for (uint32_t i = 0; i < list->item_count; i++)
        if (list->items[i] == element)
            return true;
    return false;
}

static bool lacks_some(const struct evidence_judge *judge, const struct micro_op *list,
                       uint32_t txn)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f == MICRO_APPEND && op.key == list->key && !has_element(list, op.value))
            return true;
    return false;
}

/* The next answered read of the key that is a list. */
static bool next_list(const struct evidence_judge *judge, uint32_t txn, uint32_t key,
                      struct micro_cursor *cursor, struct micro_op *op)
{
    while (fact_is_acknowledged(judge, txn) && micro_ops_next(cursor, op))
        if (op->f == MICRO_READ && op->is_list && op->key == txn_key_value(judge->all, key))
            return true;
    return false;
}

bool fact_lacks_element(const struct evidence_judge *judge, uint32_t reader, uint32_t txn,
                        uint32_t key)
{
    struct micro_cursor cursor = open_txn(judge, reader);
    for (struct micro_op op; reader != txn && next_list(judge, reader, key, &cursor, &op);)
        if (lacks_some(judge, &op, txn))
            return true;
    return false;
}

bool fact_shows_before(const struct evidence_judge *judge, uint32_t reader, uint32_t from,
                       uint32_t to, uint32_t key)
{
    struct micro_cursor cursor = open_txn(judge, reader);
    for (struct micro_op op; from != to && next_list(judge, reader, key, &cursor, &op);) {
        uint32_t at = find_appended(judge, &op, 0, from);
        if (at < op.item_count && find_appended(judge, &op, at, to) < op.item_count)
            return true;
    }
    return false;
}
