#include "checker/waiting.h"

#include "checker/budget.h"

enum { FAN = 8 };

bool waiting_init(struct waiting *waiting, uint32_t count, struct budget *budget)
{
    uint32_t sizes[WAITING_LEVELS], size = count;
    *waiting = (struct waiting){.budget = budget};
    do {
        size = size / FAN * FAN + FAN; /* whole groups, and one that ends them */
        sizes[waiting->level_count++] = size;
        waiting->capacity += size;
        size /= FAN;
    } while (size > 1);
    waiting->ends = budget_zalloc(budget, waiting->capacity * sizeof *waiting->ends);
    if (!waiting->ends)
        return false;
    uint32_t *level = waiting->ends;
    for (uint32_t i = 0; i < waiting->level_count; level += sizes[i++])
        waiting->levels[i] = level;
    return true;
}

void waiting_fini(struct waiting *waiting)
{
    budget_free(waiting->budget, waiting->ends, waiting->capacity * sizeof *waiting->ends);
    waiting->ends = NULL;
}

static uint32_t latest(const uint32_t *group)
{
    uint32_t end = 0;
    for (int i = 0; i < FAN; i++)
        end = group[i] > end ? group[i] : end;
    return end;
}

void waiting_begin(struct waiting *waiting)
{
    for (uint32_t i = 0; i + 1 < waiting->level_count; i++) {
        size_t groups = (size_t)(waiting->levels[i + 1] - waiting->levels[i]) / FAN;
        for (size_t group = 0; group < groups; group++)
            waiting->levels[i + 1][group] = latest(&waiting->levels[i][group * FAN]);
    }
}

/* Looks through the groups that lie whole before `count`, level by level. */
uint32_t waiting_find(const struct waiting *waiting, uint32_t count, uint32_t point)
{
    uint32_t level = 0;
    for (;; level++, count /= FAN) {
        if (level == waiting->level_count)
            return WAITING_NONE;
        uint32_t first = count / FAN * FAN;
        while (count > first && waiting->levels[level][count - 1] <= point)
            count--;
        if (count > first)
            break;
    }
    for (count--; level > 0; level--) {
        count = count * FAN + FAN - 1;
        while (waiting->levels[level - 1][count] <= point)
            count--;
    }
    return count;
}

void waiting_leave(struct waiting *waiting, uint32_t window)
{
    waiting->levels[0][window] = 0;
    for (uint32_t level = 1; level < waiting->level_count; level++) {
        window /= FAN;
        uint32_t end = latest(&waiting->levels[level - 1][(size_t)window * FAN]);
        if (waiting->levels[level][window] == end)
            return;
        waiting->levels[level][window] = end;
    }
}
