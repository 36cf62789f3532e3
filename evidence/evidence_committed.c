/* Who took effect, of the transactions of which nobody knows the end. */
#include "checker/budget.h"
#include "evidence/evidence_facts.h"

#include <stdlib.h>

/* What they wrote, sorted, and whether somebody saw it. */
struct open_write {
    value_ref key, value;
    uint32_t txn;
    uint32_t key_number; /* of an append; TXN_NONE of a write */
};

struct open_writes {
    struct evidence_judge *judge;
    struct open_write *items;
    uint32_t count;
};

static bool is_open(const struct evidence_judge *judge, uint32_t txn)
{
    return txn_operation(judge->all, txn)->outcome == OP_INFO;
}

/* Counts what they wrote, or takes it down where there is room. */
static bool gather(struct open_writes *writes, struct open_write *items)
{
    const struct transactions *all = writes->judge->all;
    writes->count = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (judge_time_over(writes->judge))
            return false;
        if (!is_open(writes->judge, txn))
            continue;
        struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
        const struct micro *micro = &all->micros[all->txns[txn].micros];
        for (struct micro_op op; micro_ops_next(&cursor, &op); micro++) {
            if (op.f == MICRO_READ)
                continue;
            if (items)
                items[writes->count] = (struct open_write){
                    op.key, op.value, txn, op.f == MICRO_APPEND ? micro->key : TXN_NONE};
            writes->count++;
        }
    }
    return true;
}

static int compare_writes(const void *a, const void *b)
{
    const struct open_write *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    return (x->value > y->value) - (x->value < y->value);
}

/* --- who saw them --- */

/* All that wrote it took effect; if it is listed, of those that appended it. */
static void note_seen(struct open_writes *writes, value_ref key, value_ref value, bool is_listed)
{
    const struct open_write sought = {.key = key, .value = value};
    uint32_t low = 0, high = writes->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_writes(&writes->items[middle], &sought) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < writes->count && compare_writes(&writes->items[low], &sought) == 0; low++)
        if (!is_listed || writes->items[low].key_number != TXN_NONE)
            writes->judge->took_effect[writes->items[low].txn] = true;
}

static bool note_reads(struct open_writes *writes)
{
    const struct transactions *all = writes->judge->all;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
        if (judge_time_over(writes->judge))
            return false;
        if (!fact_is_acknowledged(writes->judge, txn))
            continue;
        for (struct micro_op op; micro_ops_next(&cursor, &op);)
            if (op.f == MICRO_READ && !(op.is_list && op.item_count == 0))
                note_seen(writes, op.key, fact_last_read(&op), false);
    }
    return true;
}

/* Somewhere in the order of a list, not only at the end of what was read. */
static bool note_orders(struct open_writes *writes)
{
    const struct transactions *all = writes->judge->all;
    for (uint32_t i = 0; i < writes->count; i++) {
        const struct open_write *write = &writes->items[i];
        if (judge_time_over(writes->judge))
            return false;
        if (write->key_number == TXN_NONE || txn_key_value(all, write->key_number) != write->key)
            continue;
        struct judge_list order = fact_order(writes->judge, write->key_number);
        if (judge_list_find(&order, write->value) != UINT32_MAX)
            writes->judge->took_effect[write->txn] = true;
    }
    return true;
}

/* And in what was read that is no state of its list. */
static bool note_odd_reads(struct open_writes *writes)
{
    const struct transactions *all = writes->judge->all;
    for (uint32_t i = 0; i < all->odd_read_count; i++) {
        const struct odd_read *read = &all->odd_reads[i];
        value_ref key = txn_key_value(all, all->micros[read->micro].key);
        uint32_t count;
        const value_ref *items = txn_list(all, read->txn, read->place, &count);
        for (uint32_t k = 0; k < count; k++) {
            if (judge_time_over(writes->judge))
                return false;
            note_seen(writes, key, items[k], true);
        }
    }
    return true;
}

/* --- all together --- */

static bool fill(struct open_writes *writes)
{
    if (!gather(writes, writes->items))
        return false;
    if (writes->count == 0)
        return true;
    qsort(writes->items, writes->count, sizeof *writes->items, compare_writes);
    return note_reads(writes) && note_orders(writes) && note_odd_reads(writes) &&
           !writes->judge->is_out_of_memory && !writes->judge->is_time_over;
}

static bool look(struct evidence_judge *judge)
{
    struct open_writes writes = {.judge = judge};
    if (!gather(&writes, NULL))
        return false;
    size_t size = writes.count * sizeof *writes.items;
    writes.items = budget_alloc(judge->budget, size);
    judge->took_effect = budget_zalloc(judge->budget, judge->all->txn_count);
    judge->is_out_of_memory |= !writes.items || !judge->took_effect;
    bool is_known = writes.items && judge->took_effect && fill(&writes);
    budget_free(judge->budget, writes.items, size);
    if (!is_known)
        judge_forget_committed(judge);
    return is_known;
}

bool fact_is_committed(struct evidence_judge *judge, uint32_t txn)
{
    uint8_t outcome = txn_operation(judge->all, txn)->outcome;
    if (outcome != OP_INFO)
        return outcome == OP_OK;
    return (judge->took_effect || look(judge)) && judge->took_effect[txn];
}

void judge_forget_committed(struct evidence_judge *judge)
{
    budget_free(judge->budget, judge->took_effect, judge->all->txn_count);
    judge->took_effect = NULL;
}
