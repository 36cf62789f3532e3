#include "dependencies/found_cycles.h"

#include "checker/budget.h"

#include <string.h>

bool found_cycles_init(struct found_cycles *found, uint32_t max, struct budget *budget)
{
    *found = (struct found_cycles){.budget = budget, .max = max};
    found->cycles = budget_alloc(budget, max * sizeof *found->cycles);
    return found->cycles != NULL;
}

static void drop_last(struct found_cycles *found)
{
    const struct found_cycle *last = &found->cycles[--found->count];
    budget_free(found->budget, last->steps, last->count * sizeof *last->steps);
}

void found_cycles_clear(struct found_cycles *found)
{
    while (found->count > 0)
        drop_last(found);
}

void found_cycles_fini(struct found_cycles *found)
{
    found_cycles_clear(found);
    budget_free(found->budget, found->cycles, found->max * sizeof *found->cycles);
}

/* Where the transaction with the lowest number is: there a cycle begins when it is kept. */
static uint32_t place_of_first(const struct step *steps, uint32_t count)
{
    uint32_t place = 0;
    for (uint32_t i = 1; i < count; i++)
        if (steps[i].from < steps[place].from)
            place = i;
    return place;
}

static bool is_same(const struct found_cycle *kept, const struct step *steps, uint32_t count,
                    uint32_t place)
{
    if (kept->count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct step *one = &kept->steps[i], *other = &steps[(place + i) % count];
        if (one->from != other->from || one->kind != other->kind)
            return false;
    }
    return true;
}

static bool is_worse(const struct found_cycle *kept, uint32_t count, bool is_further)
{
    return kept->is_further != is_further ? kept->is_further : kept->count > count;
}

bool found_cycles_add(struct found_cycles *found, const struct step *steps, uint32_t count,
                      bool is_further)
{
    uint32_t place = place_of_first(steps, count), at = found->count;
    for (uint32_t i = 0; i < found->count; i++)
        if (is_same(&found->cycles[i], steps, count, place))
            return true;
    while (at > 0 && is_worse(&found->cycles[at - 1], count, is_further))
        at--;
    if (at == found->max)
        return true;
    struct step *copy = budget_alloc(found->budget, count * sizeof *copy);
    if (!copy)
        return false;
    for (uint32_t i = 0; i < count; i++)
        copy[i] = steps[(place + i) % count];
    if (found->count == found->max)
        drop_last(found);
    memmove(found->cycles + at + 1, found->cycles + at,
            (found->count - at) * sizeof *found->cycles);
    found->cycles[at] = (struct found_cycle){copy, count, is_further};
    found->count++;
    return true;
}
