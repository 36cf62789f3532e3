#include "injector/outcomes.h"

#include <stdlib.h>
#include <string.h>

static struct outcome_count *find(struct outcomes *outcomes, const struct op *op)
{
    for (size_t i = 0; i < outcomes->count; i++) {
        struct outcome_count *item = &outcomes->items[i];
        if (item->type == (enum op_type)op->type &&
            strncmp(item->error, op->error, OUTCOME_TEXT_MAX) == 0)
            return item;
    }
    if (outcomes->count == OUTCOMES_MAX)
        return NULL;
    struct outcome_count *item = &outcomes->items[outcomes->count++];
    *item = (struct outcome_count){.type = (enum op_type)op->type, .error = op->error};
    return item;
}

static int most_first(const void *a, const void *b)
{
    const struct outcome_count *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

void outcomes_count(const struct history *history, struct outcomes *out)
{
    out->count = 0;
    out->others = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        if (op->process < 0 || !op->error || (op->type != OP_FAIL && op->type != OP_INFO))
            continue;
        struct outcome_count *item = find(out, op);
        if (item)
            item->count++;
        else
            out->others++;
    }
    qsort(out->items, out->count, sizeof out->items[0], most_first);
}
