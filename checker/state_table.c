#include "checker/state_table.h"

#include "checker/budget.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { NOMEM = -2, CAPACITY_MIN = 16, WORDS_MIN = 64 };

void state_table_init(struct state_table *table, struct budget *budget)
{
    *table = (struct state_table){.budget = budget, .count = 1};
    step_memo_init(&table->memo, budget);
}

static size_t starts_size(uint32_t capacity)
{
    return capacity ? ((size_t)capacity + 1) * sizeof(uint32_t) : 0;
}

void state_table_fini(struct state_table *table)
{
    step_memo_fini(&table->memo);
    budget_free(table->budget, table->words, (size_t)table->word_capacity * sizeof *table->words);
    budget_free(table->budget, table->starts, starts_size(table->capacity));
    budget_free(table->budget, table->slots, (size_t)table->slot_count * sizeof *table->slots);
    state_table_init(table, table->budget);
}

static uint64_t hash_words(const int32_t *words, uint32_t length)
{
    uint64_t hash = length;
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ (uint32_t)words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash * UINT64_C(0xd6e8feb86659fd93) >> 32;
}

/* The slot that holds the words, or the empty one where they belong. */
static uint32_t probe(const struct state_table *table, const int32_t *words, uint32_t length)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t at = (uint32_t)hash_words(words, length) & mask;
    for (; table->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t known;
        const int32_t *there = state_table_get(table, (int32_t)table->slots[at], &known);
        if (known == length && (length == 0 || memcmp(there, words, length * sizeof *words) == 0))
            break;
    }
    return at;
}

static int grow_states(struct state_table *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_MIN;
    if (capacity > INT32_MAX / 2)
        return -1;
    uint32_t *slots = budget_zalloc(table->budget, (size_t)capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    uint32_t *starts = budget_resize(table->budget, table->starts, starts_size(table->capacity),
                                     starts_size(capacity));
    if (!starts) {
        budget_free(table->budget, slots, (size_t)capacity * 2 * sizeof *slots);
        return -1;
    }
    budget_free(table->budget, table->slots, (size_t)table->slot_count * sizeof *table->slots);
    table->starts = starts;
    if (table->capacity == 0)
        starts[0] = starts[1] = 0;
    table->capacity = capacity;
    table->slots = slots;
    table->slot_count = capacity * 2;
    for (uint32_t i = 1; i < table->count; i++) {
        uint32_t length;
        const int32_t *words = state_table_get(table, (int32_t)i, &length);
        table->slots[probe(table, words, length)] = i;
    }
    return 0;
}

static int reserve_words(struct state_table *table, uint32_t length)
{
    if (length <= table->word_capacity - table->word_count)
        return 0;
    uint64_t capacity = table->word_capacity ? (uint64_t)table->word_capacity * 2 : WORDS_MIN;
    while (capacity - table->word_count < length)
        capacity *= 2;
    if (capacity > UINT32_MAX)
        return -1;
    int32_t *words =
        budget_resize(table->budget, table->words, (size_t)table->word_capacity * sizeof *words,
                      (size_t)capacity * sizeof *words);
    if (!words)
        return -1;
    table->words = words;
    table->word_capacity = (uint32_t)capacity;
    return 0;
}

int32_t *state_table_draft(struct state_table *table, uint32_t length)
{
    return reserve_words(table, length ? length : 1) == 0 ? table->words + table->word_count : NULL;
}

int32_t state_table_intern_draft(struct state_table *table, uint32_t length)
{
    const int32_t *draft = table->words + table->word_count;
    if (table->count >= table->capacity && grow_states(table) != 0)
        return NOMEM;
    uint32_t at = probe(table, draft, length);
    if (table->slots[at] != 0)
        return (int32_t)table->slots[at];
    table->word_count += length;
    table->slots[at] = table->count;
    table->starts[table->count + 1] = table->word_count;
    return (int32_t)table->count++;
}

int32_t state_table_intern(struct state_table *table, const int32_t *words, uint32_t length)
{
    int32_t known = state_table_find(table, words, length);
    if (known)
        return known;
    int32_t *draft = state_table_draft(table, length);
    if (!draft)
        return NOMEM;
    if (length > 0)
        memcpy(draft, words, length * sizeof *words);
    return state_table_intern_draft(table, length);
}

int32_t state_table_find(const struct state_table *table, const int32_t *words, uint32_t length)
{
    return table->slot_count ? (int32_t)table->slots[probe(table, words, length)] : 0;
}
