#include "evidence/evidence_facts.h"

#include "checker/budget.h"

#include <stdlib.h>
#include <string.h>

static const struct operation *operation_of(const struct evidence_judge *judge, uint32_t txn)
{
    return txn_operation(judge->all, txn);
}

static struct micro_cursor open_txn(const struct evidence_judge *judge, uint32_t txn)
{
    return micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
}

/* The value that a read saw, of a list its last element; nil for the beginning of a list. */
static value_ref last_read(const struct micro_op *op)
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
    return micro->version == first &&
           (last_read(op) == all->versions[first].value || last_read(op) == VALUE_REF_NIL);
}

int fact_reads_from(const struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                    int after)
{
    struct micro_cursor cursor = open_txn(judge, to);
    value_ref name = txn_key_value(judge->all, key);
    int place = 0;
    if (from == to || !fact_is_acknowledged(judge, to))
        return PLACE_NONE;
    for (struct micro_op op; micro_ops_next(&cursor, &op); place++)
        if (op.f == MICRO_READ && op.key == name && place > after &&
            !(op.is_list && op.item_count == 0) && wrote_value(judge, from, name, last_read(&op)))
            return place;
    return PLACE_NONE;
}

/* --- lists --- */

static void note_lists(struct evidence_judge *judge, uint32_t txn)
{
    struct micro_cursor cursor = open_txn(judge, txn);
    const struct micro *micro = &judge->all->micros[judge->all->txns[txn].micros];
    for (struct micro_op op; micro_ops_next(&cursor, &op); micro++) {
        struct judge_list *longest = &judge->lists[micro->key];
        if (op.f == MICRO_READ && op.is_list && op.item_count > longest->count &&
            op.key == txn_key_value(judge->all, micro->key))
            *longest = (struct judge_list){.items = op.items, .count = op.item_count};
    }
}

static bool make_lists(struct evidence_judge *judge)
{
    if (judge->lists)
        return true;
    judge->lists = budget_zalloc(judge->budget, judge->all->key_count * sizeof *judge->lists);
    if (!judge->lists) {
        judge->is_out_of_memory = true;
        return false;
    }
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++)
        if (fact_is_acknowledged(judge, txn))
            note_lists(judge, txn);
    return true;
}

static int compare_refs(const void *a, const void *b)
{
    value_ref x = *(const value_ref *)a, y = *(const value_ref *)b;
    return (x > y) - (x < y);
}

static bool all_differ(struct evidence_judge *judge, const struct judge_list *list)
{
    size_t size = list->count * sizeof *list->items;
    value_ref *sorted = budget_alloc(judge->budget, size);
    bool differ = sorted != NULL;
    judge->is_out_of_memory |= !sorted;
    if (sorted) {
        memcpy(sorted, list->items, size);
        qsort(sorted, list->count, sizeof *sorted, compare_refs);
    }
    for (uint32_t i = 1; differ && i < list->count; i++)
        differ = sorted[i] != sorted[i - 1];
    budget_free(judge->budget, sorted, size);
    return differ;
}

/* The longest read of the key that has no duplicates. */
static struct judge_list choose_again(struct evidence_judge *judge, uint32_t key)
{
    struct judge_list best = {0};
    value_ref name = txn_key_value(judge->all, key);
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++) {
        if (!fact_is_acknowledged(judge, txn))
            continue;
        struct micro_cursor cursor = open_txn(judge, txn);
        for (struct micro_op op; micro_ops_next(&cursor, &op);) {
            struct judge_list list = {.items = op.items, .count = op.item_count};
            if (op.f == MICRO_READ && op.key == name && op.is_list && list.count > best.count &&
                all_differ(judge, &list))
                best = list;
        }
    }
    return best;
}

struct judge_list fact_order(struct evidence_judge *judge, uint32_t key)
{
    if (!make_lists(judge))
        return (struct judge_list){0};
    struct judge_list *list = &judge->lists[key];
    if (!list->has_no_duplicates && list->count > 0 && !all_differ(judge, list))
        *list = choose_again(judge, key);
    list->has_no_duplicates = true;
    return judge->is_out_of_memory ? (struct judge_list){0} : *list;
}

/* UINT32_MAX for what is not in the list: it comes after all that is. */
static uint32_t find_item(const struct judge_list *list, value_ref item)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == item)
            return i;
    return UINT32_MAX;
}

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
        uint32_t at = find_item(list, op.value);
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
    uint32_t at = find_item(&order, last_read(op));
    return at != UINT32_MAX && !wrote_value(judge, reader, op->key, last_read(op)) &&
           find_elements(judge, &order, to, key, &first, &last) && at < last;
}

bool fact_read_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                      int after, bool lists_count)
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
            (lists_count && op.is_list && op.item_count > 0 &&
             list_precedes(judge, &op, from, to, key)))
            return true;
    }
    return false;
}

/* --- who took effect --- */

static bool read_any_of(const struct evidence_judge *judge, uint32_t reader, uint32_t txn)
{
    struct micro_cursor cursor = open_txn(judge, reader);
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.f == MICRO_READ && !(op.is_list && op.item_count == 0) &&
            wrote_value(judge, txn, op.key, last_read(&op)))
            return true;
    return false;
}

/* Somewhere in a list, not only at its end. */
static bool is_listed(struct evidence_judge *judge, uint32_t txn)
{
    const struct transactions *all = judge->all;
    uint32_t first, last;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        struct judge_list order = fact_order(judge, all->micros[i].key);
        if (find_elements(judge, &order, txn, all->micros[i].key, &first, &last) &&
            first != UINT32_MAX)
            return true;
    }
    for (uint32_t i = 0; i < all->odd_read_count; i++) {
        const struct odd_read *read = &all->odd_reads[i];
        struct judge_list list = {0};
        list.items = txn_list(all, read->txn, read->place, &list.count);
        if (find_elements(judge, &list, txn, all->micros[read->micro].key, &first, &last) &&
            first != UINT32_MAX)
            return true;
    }
    return false;
}

bool fact_is_committed(struct evidence_judge *judge, uint32_t txn)
{
    uint8_t outcome = operation_of(judge, txn)->outcome;
    if (outcome != OP_INFO)
        return outcome == OP_OK;
    for (uint32_t reader = 0; reader < judge->all->txn_count; reader++)
        if (fact_is_acknowledged(judge, reader) && read_any_of(judge, reader, txn))
            return true;
    return is_listed(judge, txn);
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
