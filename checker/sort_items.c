#include "checker/sort_items.h"

#include <string.h>

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    WORD_DIGITS = 3,    /* of the 32 bits of a word's key */
    INSERTION_MAX = 48, /* so many are sorted faster one by one */
    CHUNK = 4096,       /* items between two questions for the time */
};

static void insertion_sort(struct sort_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_item moved = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > moved.key; at--)
            items[at] = items[at - 1];
        items[at] = moved;
    }
}

static size_t chunk_end(size_t from, size_t count)
{
    return count - from < CHUNK ? count : from + CHUNK;
}

/* The bits in which keys differ; *sorted if they ascend already. */
static uint64_t differing_bits(const struct sort_item *items, size_t count, bool *sorted)
{
    uint64_t all = items[0].key, any = items[0].key;
    bool descends = false;
    for (size_t i = 1; i < count; i++) {
        all &= items[i].key;
        any |= items[i].key;
        descends |= items[i].key < items[i - 1].key;
    }
    *sorted = !descends;
    return all ^ any;
}

/* One pass: from one array to the other, by the digit at `shift`. False when time is over. */
static bool sort_digit(const struct sort_item *from, struct sort_item *to, size_t count,
                       unsigned shift, struct budget *budget)
{
    size_t places[DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        places[from[i].key >> shift & (DIGITS - 1)]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t here = places[digit];
        places[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count;) {
        if (budget_time_over(budget))
            return false;
        for (size_t end = chunk_end(i, count); i < end; i++)
            to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
    }
    return true;
}

enum sort_end sort_items(struct sort_item *items, size_t count, struct budget *budget)
{
    bool sorted = true;
    if (count <= INSERTION_MAX) {
        insertion_sort(items, count);
        return SORT_DONE;
    }
    uint64_t bits = differing_bits(items, count, &sorted);
    if (sorted)
        return SORT_DONE;
    struct sort_item *scratch = budget_alloc(budget, count * sizeof *scratch);
    if (!scratch)
        return SORT_OUT_OF_MEMORY;
    struct sort_item *from = items, *to = scratch;
    enum sort_end end = SORT_DONE;
    for (unsigned shift = 0; shift < 64 && end == SORT_DONE; shift += DIGIT_BITS) {
        if ((bits >> shift & (DIGITS - 1)) == 0)
            continue;
        if (!sort_digit(from, to, count, shift, budget))
            end = SORT_OUT_OF_TIME;
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    if (end == SORT_DONE && from != items)
        memcpy(items, from, count * sizeof *items);
    budget_free(budget, scratch, count * sizeof *scratch);
    return end;
}

/* --- words --- */

static void insertion_sort_words(uint64_t *words, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t moved = words[i];
        size_t at = i;
        for (; at > 0 && words[at - 1] >> 32 > moved >> 32; at--)
            words[at] = words[at - 1];
        words[at] = moved;
    }
}

static uint64_t differing_word_bits(const uint64_t *words, size_t count, bool *sorted)
{
    uint64_t all = words[0], any = words[0];
    bool descends = false;
    for (size_t i = 1; i < count; i++) {
        all &= words[i];
        any |= words[i];
        descends |= words[i] >> 32 < words[i - 1] >> 32;
    }
    *sorted = !descends;
    return all ^ any;
}

/* How many words have each digit, for all digits at once: places[d] is of the digit at 32 + 11d. */
static void count_digits(const uint64_t *words, size_t count, uint32_t places[WORD_DIGITS][DIGITS])
{
    memset(places, 0, WORD_DIGITS * sizeof *places);
    for (size_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < WORD_DIGITS; digit++)
            places[digit][words[i] >> (32 + digit * DIGIT_BITS) & (DIGITS - 1)]++;
}

static bool sort_word_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift,
                            uint32_t *places, struct budget *budget)
{
    uint32_t sum = 0;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t here = places[digit];
        places[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count;) {
        if (budget_time_over(budget))
            return false;
        for (size_t end = chunk_end(i, count); i < end; i++)
            to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    }
    return true;
}

enum sort_end sort_words(uint64_t *words, size_t count, struct budget *budget)
{
    uint32_t places[WORD_DIGITS][DIGITS];
    bool sorted = true;
    if (count <= INSERTION_MAX) {
        insertion_sort_words(words, count);
        return SORT_DONE;
    }
    uint64_t bits = differing_word_bits(words, count, &sorted);
    if (sorted)
        return SORT_DONE;
    uint64_t *scratch = budget_alloc(budget, count * sizeof *scratch);
    if (!scratch)
        return SORT_OUT_OF_MEMORY;
    uint64_t *from = words, *to = scratch;
    enum sort_end end = SORT_DONE;
    count_digits(words, count, places);
    for (unsigned digit = 0; digit < WORD_DIGITS && end == SORT_DONE; digit++) {
        unsigned shift = 32 + digit * DIGIT_BITS;
        if ((bits >> shift & (DIGITS - 1)) == 0)
            continue;
        if (!sort_word_digit(from, to, count, shift, places[digit], budget))
            end = SORT_OUT_OF_TIME;
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (end == SORT_DONE && from != words)
        memcpy(words, from, count * sizeof *words);
    budget_free(budget, scratch, count * sizeof *scratch);
    return end;
}
