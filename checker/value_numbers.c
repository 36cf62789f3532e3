#include "checker/value_numbers.h"

#include "checker/budget.h"

#include <string.h>

enum { CAPACITY_MIN = 16 };

void value_numbers_init(struct value_numbers *numbers, struct budget *budget)
{
    *numbers = (struct value_numbers){.budget = budget, .count = 1};
}

void value_numbers_fini(struct value_numbers *numbers)
{
    budget_free(numbers->budget, numbers->refs, numbers->capacity * sizeof *numbers->refs);
    budget_free(numbers->budget, numbers->slots, numbers->slot_count * sizeof *numbers->slots);
    value_numbers_init(numbers, numbers->budget);
}

/* Neighbouring integers, and references of a pool, which are regular too, fall on different
 * slots: the high bits of a product with 2^32 / phi (Knuth, TAOCP 3, 6.4). */
static uint32_t hash(value_ref ref)
{
    uint32_t product = ref * UINT32_C(2654435769);
    return product ^ product >> 16;
}

/* The slot that holds ref, or the empty one where it belongs. */
static uint32_t probe(const struct value_numbers *numbers, value_ref ref)
{
    uint32_t mask = numbers->slot_count - 1;
    uint32_t at = hash(ref) & mask;
    while (numbers->slots[at] != 0 && numbers->refs[numbers->slots[at]] != ref)
        at = (at + 1) & mask;
    return at;
}

static int grow(struct value_numbers *numbers)
{
    uint32_t capacity = numbers->capacity ? numbers->capacity * 2 : CAPACITY_MIN;
    if (capacity > INT32_MAX / 2)
        return -1;
    uint32_t *slots = budget_zalloc(numbers->budget, (size_t)capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    value_ref *refs = budget_resize(numbers->budget, numbers->refs,
                                    numbers->capacity * sizeof *refs, capacity * sizeof *refs);
    if (!refs) {
        budget_free(numbers->budget, slots, (size_t)capacity * 2 * sizeof *slots);
        return -1;
    }
    budget_free(numbers->budget, numbers->slots, numbers->slot_count * sizeof *slots);
    numbers->refs = refs;
    numbers->capacity = capacity;
    numbers->slots = slots;
    numbers->slot_count = capacity * 2;
    for (uint32_t i = 1; i < numbers->count; i++)
        slots[probe(numbers, refs[i])] = i;
    return 0;
}

int32_t value_numbers_add(struct value_numbers *numbers, value_ref ref)
{
    int32_t found = value_numbers_find(numbers, ref);
    if (found)
        return found;
    if (numbers->free_count == 0 && numbers->count >= numbers->capacity && grow(numbers) != 0)
        return -1;
    uint32_t number = numbers->free_first;
    if (numbers->free_count > 0) {
        numbers->free_first = numbers->refs[number];
        numbers->free_count--;
    } else {
        number = numbers->count++;
    }
    numbers->slots[probe(numbers, ref)] = number;
    numbers->refs[number] = ref;
    return (int32_t)number;
}

void value_numbers_forget(struct value_numbers *numbers, const bool *used)
{
    if (numbers->slot_count)
        memset(numbers->slots, 0, numbers->slot_count * sizeof *numbers->slots);
    numbers->free_count = 0;
    for (uint32_t i = 1; i < numbers->count; i++) {
        if (used[i]) {
            numbers->slots[probe(numbers, numbers->refs[i])] = i;
            continue;
        }
        numbers->refs[i] = numbers->free_first;
        numbers->free_first = i;
        numbers->free_count++;
    }
}

int32_t value_numbers_find(const struct value_numbers *numbers, value_ref ref)
{
    return numbers->slot_count ? (int32_t)numbers->slots[probe(numbers, ref)] : 0;
}
