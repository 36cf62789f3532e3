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

static size_t entries_size(uint32_t capacity)
{
    return capacity ? ((size_t)capacity + 1) * sizeof(struct state_entry) : 0;
}

void state_table_fini(struct state_table *table)
{
    step_memo_fini(&table->memo);
    budget_free(table->budget, table->words, (size_t)table->word_capacity * sizeof *table->words);
    budget_free(table->budget, table->entries, entries_size(table->capacity));
    budget_free(table->budget, table->slots, (size_t)table->slot_count * sizeof *table->slots);
    state_table_init(table, table->budget);
}

static uint64_t mix(uint64_t hash, int32_t word)
{
    hash = (hash ^ (uint32_t)word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* States may be long: four chains of multiplications at a time. */
static uint32_t hash_words(const int32_t *words, uint32_t length)
{
    uint64_t lanes[4] = {length, 1, 2, 3};
    uint32_t i = 0;
    for (; length - i >= 4; i += 4)
        for (uint32_t lane = 0; lane < 4; lane++)
            lanes[lane] = mix(lanes[lane], words[i + lane]);
    for (; i < length; i++)
        lanes[0] = mix(lanes[0], words[i]);
    uint64_t hash = lanes[0];
    for (uint32_t lane = 1; length >= 4 && lane < 4; lane++)
        hash = (hash ^ lanes[lane]) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(hash * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

/* The slot that holds the words, or the empty one where they belong. */
static uint32_t probe(const struct state_table *table, uint32_t hash, const int32_t *words,
                      uint32_t length)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t at = hash & mask;
    for (; table->slots[at] != 0; at = (at + 1) & mask) {
        if (table->entries[table->slots[at]].hash != hash)
            continue;
        uint32_t known;
        const int32_t *there = state_table_get(table, (int32_t)table->slots[at], &known);
        if (known == length && (length == 0 || memcmp(there, words, length * sizeof *words) == 0))
            break;
    }
    return at;
}

/* Fills new slots, without a look at the words. */
static void fill_slots(struct state_table *table)
{
    uint32_t mask = table->slot_count - 1;
    for (uint32_t i = 1; i < table->count; i++) {
        uint32_t at = table->entries[i].hash & mask;
        while (table->slots[at] != 0)
            at = (at + 1) & mask;
        table->slots[at] = i;
    }
}

static int grow_states(struct state_table *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_MIN;
    if (capacity > INT32_MAX / 2)
        return -1;
    uint32_t *slots = budget_zalloc(table->budget, (size_t)capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    struct state_entry *entries = budget_resize(
        table->budget, table->entries, entries_size(table->capacity), entries_size(capacity));
    if (!entries) {
        budget_free(table->budget, slots, (size_t)capacity * 2 * sizeof *slots);
        return -1;
    }
    budget_free(table->budget, table->slots, (size_t)table->slot_count * sizeof *table->slots);
    table->entries = entries;
    if (table->capacity == 0)
        memset(entries, 0, 2 * sizeof *entries);
    table->capacity = capacity;
    table->slots = slots;
    table->slot_count = capacity * 2;
    fill_slots(table);
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
    uint32_t hash = hash_words(draft, length);
    uint32_t at = probe(table, hash, draft, length);
    if (table->slots[at] != 0)
        return (int32_t)table->slots[at];
    table->word_count += length;
    table->slots[at] = table->count;
    table->entries[table->count].hash = hash;
    table->entries[table->count + 1].start = table->word_count;
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
    if (!table->slot_count)
        return 0;
    return (int32_t)table->slots[probe(table, hash_words(words, length), words, length)];
}
