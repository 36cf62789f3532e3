#include "evidence/evidence_facts.h"

static const struct operation *operation_of(const struct evidence_judge *judge, uint32_t txn)
{
    return txn_operation(judge->all, txn);
}

static struct micro_cursor open_txn(const struct evidence_judge *judge, uint32_t txn)
{
    return micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
}

value_ref fact_last_read(const struct micro_op *op)
{
    if (!op->is_list)
        return op->value;
    return op->item_count > 0 ? op->items[op->item_count - 1] : VALUE_REF_NIL;
}

bool fact_is_acknowledged(const struct evidence_judge *judge, uint32_t txn)
{
    return operation_of(judge, txn)->outcome == OP_OK;
}

/* --- writes --- */

bool fact_wrote(const struct evidence_judge *judge, uint32_t txn, uint32_t key)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    value_ref name = txn_key_value(judge->all, key);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f != MICRO_READ && op.key == name)
            return true;
    return false;
}

bool fact_wrote_any(const struct evidence_judge *judge, uint32_t txn)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f != MICRO_READ)
            return true;
    return false;
}

bool fact_read_any(const struct evidence_judge *judge, uint32_t txn)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f == MICRO_READ && fact_is_acknowledged(judge, txn))
            return true;
    return false;
}

static bool wrote_value(const struct evidence_judge *judge, uint32_t txn, value_ref key,
                        value_ref value)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f != MICRO_READ && op.key == key && op.value == value)
            return true;
    return false;
}

/* --- reads --- */

/* Packed transactions without lists do not tell the answer nil from no answer; what was answered
 * is known only of those that were acknowledged. A read that saw the beginning of a register is
 * known by its version, as only the format knows what is there then. */
static bool saw_beginning(const struct evidence_judge *judge, uint32_t txn, int place,
                          const struct micro_op *op, uint32_t key)
{
    const struct transactions *all = judge->all;
    const struct micro *micro = &all->micros[all->txns[txn].micros + (uint32_t)place];
    uint32_t first = all->keys[key].first_version;
    return micro->version == first && (fact_last_read(op) == all->versions[first].value ||
                                       fact_last_read(op) == VALUE_REF_NIL);
}

/* How many elements of a list stand before those at its end that the reader itself appended. */
static uint32_t count_of_others(const struct evidence_judge *judge, uint32_t reader,
                                const struct micro_op *op)
{
    uint32_t count = op->item_count;
    while (count > 0 && wrote_value(judge, reader, op->key, op->items[count - 1]))
        count--;
    return count;
}

/* Whether the list is the beginning of its order as far as an element of `from`. */
static bool has_element_of(struct evidence_judge *judge, uint32_t from, uint32_t key,
                           const struct micro_op *list)
{
    struct micro_cursor cursor = open_txn(judge, from);
    struct judge_list order = fact_order(judge, key);
    for (struct micro_op op; micro_ops_next(&cursor, &op);) {
        if (op.f != MICRO_APPEND || op.key != list->key)
            continue;
        uint32_t at = judge_list_find(&order, op.value);
        if (at < list->item_count && list->items[at] == op.value)
            return true;
    }
    return false;
}

/* Whether a read that was answered shows what `from` wrote. */
static bool shows(struct evidence_judge *judge, uint32_t from, uint32_t reader, uint32_t key,
                  const struct micro_op *op, enum list_part part)
{
    if (!op->is_list)
        return wrote_value(judge, from, op->key, op->value);
    uint32_t count =
        part == LIST_LAST_OF_OTHERS ? count_of_others(judge, reader, op) : op->item_count;
    return (count > 0 && wrote_value(judge, from, op->key, op->items[count - 1])) ||
           (part == LIST_ALL && has_element_of(judge, from, key, op));
}

int fact_reads_from(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                    int after, enum list_part part)
{
    struct micro_cursor cursor = open_txn(judge, to);
    value_ref name = txn_key_value(judge->all, key);
    int place = 0;
    if (from == to || !fact_is_acknowledged(judge, to))
        return PLACE_NONE;
    for (struct micro_op op; micro_ops_next(&cursor, &op); place++)
        if (op.f == MICRO_READ && op.key == name && place > after &&
            shows(judge, from, to, key, &op, part))
            return place;
    return PLACE_NONE;
}

/* --- lists --- */

/* The first and the last of the transaction's elements; false if it appended none. */
static bool find_elements(const struct evidence_judge *judge, const struct judge_list *list,
                          uint32_t txn, uint32_t key, uint32_t *first, uint32_t *last)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    value_ref name = txn_key_value(judge->all, key);
    bool any = false;
    *first = UINT32_MAX;
    *last = 0;
    for (struct micro_op op; micro_ops_next(&cursor, &op);) {
        if (op.f != MICRO_APPEND || op.key != name)
            continue;
        uint32_t at = judge_list_find(list, op.value);
        *first = at < *first ? at : *first;
        *last = at > *last ? at : *last;
        any = true;
    }
    return any;
}

bool fact_installed_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key)
{
    struct judge_list order = fact_order(judge, key);
    uint32_t first, last, others_first, others_last;
    return find_elements(judge, &order, from, key, &first, &last) &&
           find_elements(judge, &order, to, key, &others_first, &others_last) &&
           first < others_last;
}

/* Whether a list was read as it was before some version of `to`. */
static bool list_precedes(struct evidence_judge *judge, const struct micro_op *op, uint32_t reader,
                          uint32_t to, uint32_t key)
{
    struct judge_list order = fact_order(judge, key);
    uint32_t first, last;
    uint32_t at = judge_list_find(&order, fact_last_read(op));
    return at != UINT32_MAX && !wrote_value(judge, reader, op->key, fact_last_read(op)) &&
           find_elements(judge, &order, to, key, &first, &last) && at < last;
}

bool fact_read_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                      int after, bool lists_count, enum list_part part)
{
    struct micro_cursor cursor = open_txn(judge, from);
    value_ref name = txn_key_value(judge->all, key);
    int place = 0;
    if (from == to || !fact_is_acknowledged(judge, from) || !fact_wrote(judge, to, key))
        return false;
    for (struct micro_op op; micro_ops_next(&cursor, &op); place++) {
        if (op.f != MICRO_READ || op.key != name || place <= after)
            continue;
        if (saw_beginning(judge, from, place, &op, key) ||
            (op.is_list && part == LIST_LAST_OF_OTHERS && count_of_others(judge, from, &op) == 0) ||
            (lists_count && op.is_list && op.item_count > 0 &&
             list_precedes(judge, &op, from, to, key)))
            return true;
    }
    return false;
}

/* --- orders --- */

bool fact_same_session(const struct evidence_judge *judge, uint32_t one, uint32_t other)
{
    return operation_of(judge, one)->process == operation_of(judge, other)->process;
}

bool fact_session(const struct evidence_judge *judge, uint32_t from, uint32_t to)
{
    return fact_same_session(judge, from, to) &&
           operation_of(judge, from)->invoke < operation_of(judge, to)->invoke;
}

bool fact_realtime(const struct evidence_judge *judge, uint32_t from, uint32_t to)
{
    return operation_precedes(operation_of(judge, from), operation_of(judge, to));
}
