/* The orders of lists, as reads tell them. */
#include "checker/budget.h"
#include "evidence/evidence_facts.h"

#include <stdlib.h>

/* --- where the elements of a list are --- */

static int compare_places(const void *a, const void *b)
{
    const struct judge_place *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static void forget_places(struct evidence_judge *judge, struct judge_list *list)
{
    budget_free(judge->budget, list->places, list->count * sizeof *list->places);
    list->places = NULL;
}

/* False if an element is there twice. */
static bool sort_places(struct evidence_judge *judge, struct judge_list *list)
{
    list->places = budget_alloc(judge->budget, list->count * sizeof *list->places);
    bool differ = list->places != NULL;
    judge->is_out_of_memory |= !differ;
    for (uint32_t i = 0; differ && i < list->count; i++)
        list->places[i] = (struct judge_place){.item = list->items[i], .at = i};
    if (differ)
        qsort(list->places, list->count, sizeof *list->places, compare_places);
    for (uint32_t i = 1; differ && i < list->count; i++)
        differ = list->places[i].item != list->places[i - 1].item;
    if (!differ)
        forget_places(judge, list);
    return differ;
}

uint32_t judge_list_find(const struct judge_list *list, value_ref item)
{
    uint32_t low = 0, high = list->places ? list->count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->places[middle].item == item)
            return list->places[middle].at;
        if (list->places[middle].item < item)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX;
}

/* --- which read tells the order --- */

/* Keeps the reads of a transaction that are longer than what is known of their keys: any; or, once
 * it is known what has duplicates, those of such keys that have none themselves. */
static void note_lists(struct evidence_judge *judge, uint32_t txn, bool again)
{
    struct micro_cursor cursor =
        micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
    const struct micro *micro = &judge->all->micros[judge->all->txns[txn].micros];
    for (struct micro_op op; micro_ops_next(&cursor, &op); micro++) {
        struct judge_list *longest = &judge->lists[micro->key];
        struct judge_list list = {.items = op.items, .count = op.item_count};
        list.had_duplicates = again;
        if (op.f != MICRO_READ || !op.is_list || op.item_count <= longest->count ||
            op.key != txn_key_value(judge->all, micro->key) ||
            (again && (!longest->had_duplicates || !sort_places(judge, &list))))
            continue;
        forget_places(judge, longest);
        *longest = list;
    }
}

static bool note_all_lists(struct evidence_judge *judge, bool again)
{
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++) {
        if (judge_time_over(judge))
            return false;
        if (fact_is_acknowledged(judge, txn))
            note_lists(judge, txn, again);
    }
    return !judge->is_out_of_memory;
}

/* Of keys whose longest read has an element twice, the longest that has not: of all such keys at
 * once, as that takes another look at the whole history. */
static bool choose_again(struct evidence_judge *judge)
{
    for (uint32_t key = 0; key < judge->all->key_count; key++) {
        struct judge_list *list = &judge->lists[key];
        if (judge_time_over(judge) || judge->is_out_of_memory)
            return false;
        if (!list->places && list->count > 0 && !sort_places(judge, list))
            *list = (struct judge_list){.had_duplicates = true};
    }
    return note_all_lists(judge, true);
}

struct judge_list fact_order(struct evidence_judge *judge, uint32_t key)
{
    const struct judge_list none = {0};
    size_t size = judge->all->key_count * sizeof *judge->lists;
    if (!judge->lists) {
        judge->lists = budget_zalloc(judge->budget, size);
        judge->is_out_of_memory |= !judge->lists;
        if (!judge->lists || !note_all_lists(judge, false))
            return none;
    }
    struct judge_list *list = &judge->lists[key];
    bool is_known = list->places || list->count == 0 || sort_places(judge, list) ||
                    (!judge->is_out_of_memory && choose_again(judge));
    return is_known && !judge->is_out_of_memory && !judge->is_time_over ? *list : none;
}

void judge_forget_orders(struct evidence_judge *judge)
{
    size_t size = judge->all->key_count * sizeof *judge->lists;
    for (uint32_t key = 0; judge->lists && key < judge->all->key_count; key++)
        forget_places(judge, &judge->lists[key]);
    budget_free(judge->budget, judge->lists, size);
    judge->lists = NULL;
}
