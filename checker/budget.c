#include "checker/budget.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_PER_CLOCK = 64 };

void budget_init(struct budget *budget, int64_t time_limit_ns, size_t bytes_max)
{
    *budget = (struct budget){.bytes_max = bytes_max};
    if (time_limit_ns > 0)
        budget->deadline_ns = monotonic_ns() + time_limit_ns;
}

bool budget_time_over(struct budget *budget)
{
    if (budget->deadline_ns == 0)
        return false;
    if (budget->until_clock > 0) {
        budget->until_clock--;
        return budget->time_is_over;
    }
    budget->until_clock = QUESTIONS_PER_CLOCK - 1;
    budget->time_is_over = monotonic_ns() >= budget->deadline_ns;
    return budget->time_is_over;
}

void budget_set_deadline(struct budget *budget, int64_t deadline_ns)
{
    budget->deadline_ns = deadline_ns;
    budget->until_clock = 0;
    budget->time_is_over = false;
}

static bool charge(struct budget *budget, size_t size)
{
    if (size > SIZE_MAX / 2 ||
        (budget->bytes_max &&
         (size > budget->bytes_max || budget->bytes_used > budget->bytes_max - size)))
        return false;
    budget->bytes_used += size;
    if (budget->bytes_used > budget->bytes_peak)
        budget->bytes_peak = budget->bytes_used;
    return true;
}

void *budget_alloc(struct budget *budget, size_t size)
{
    if (!charge(budget, size))
        return NULL;
    void *block = malloc(size ? size : 1);
    if (!block)
        budget->bytes_used -= size;
    return block;
}

void *budget_zalloc(struct budget *budget, size_t size)
{
    void *block = budget_alloc(budget, size);
    if (block)
        memset(block, 0, size);
    return block;
}

void *budget_resize(struct budget *budget, void *block, size_t old_size, size_t new_size)
{
    if (!charge(budget, new_size))
        return NULL;
    void *moved = realloc(block, new_size ? new_size : 1);
    budget->bytes_used -= moved ? old_size : new_size;
    return moved;
}

bool budget_adopt(struct budget *budget, void *block, size_t size)
{
    if (charge(budget, size))
        return true;
    free(block);
    return false;
}

void budget_free(struct budget *budget, void *block, size_t size)
{
    if (!block)
        return;
    free(block);
    budget->bytes_used -= size;
}
