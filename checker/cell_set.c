#include "checker/cell_set.h"

#include "checker/budget.h"

bool cell_set_init(struct cell_set *set, uint32_t count, struct budget *budget)
{
    *set = (struct cell_set){.budget = budget};
    uint32_t size = count;
    do {
        size = size / 64 + 1;
        set->sizes[set->level_count++] = size;
        set->word_count += size;
    } while (size > 1);
    set->words = budget_zalloc(budget, set->word_count * sizeof *set->words);
    if (!set->words)
        return false;
    set->levels[0] = set->words;
    for (uint32_t level = 1; level < set->level_count; level++)
        set->levels[level] = set->levels[level - 1] + set->sizes[level - 1];
    return true;
}

void cell_set_fini(struct cell_set *set)
{
    budget_free(set->budget, set->words, set->word_count * sizeof *set->words);
    set->words = NULL;
}

void cell_set_add(struct cell_set *set, uint32_t word, uint64_t bits)
{
    for (uint32_t level = 0; level < set->level_count && bits; level++) {
        uint64_t *at = &set->levels[level][word];
        bool was_empty = *at == 0;
        *at |= bits;
        bits = was_empty ? UINT64_C(1) << word % 64 : 0;
        word /= 64;
    }
}

uint32_t cell_set_next(const struct cell_set *set, uint32_t number)
{
    uint32_t level = 0;
    for (;; level++) {
        if (level == set->level_count || number / 64 >= set->sizes[level])
            return CELL_SET_NONE;
        uint64_t bits = set->levels[level][number / 64] >> number % 64;
        if (bits) {
            number += (uint32_t)__builtin_ctzll(bits);
            break;
        }
        number = number / 64 + 1;
    }
    for (; level > 0; level--)
        number = number * 64 + (uint32_t)__builtin_ctzll(set->levels[level - 1][number]);
    return number;
}

uint32_t cell_set_last(const struct cell_set *set, uint32_t number)
{
    uint32_t level = 0;
    for (;; level++) { /* of this level, those before `number` */
        if (level == set->level_count || number == 0)
            return CELL_SET_NONE;
        uint64_t below = number % 64 ? (UINT64_C(1) << number % 64) - 1 : 0;
        uint64_t bits = below ? set->levels[level][number / 64] & below : 0;
        if (bits) {
            number = number / 64 * 64 + 63 - (uint32_t)__builtin_clzll(bits);
            break;
        }
        number /= 64;
    }
    for (; level > 0; level--)
        number = number * 64 + 63 - (uint32_t)__builtin_clzll(set->levels[level - 1][number]);
    return number;
}
