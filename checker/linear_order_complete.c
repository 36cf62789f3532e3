/* The operations that the search never saw. */
#include "checker/linear_order.h"

#include "checker/budget.h"
#include "checker/specification.h"
#include "core/err.h"

#include <string.h>

struct completion {
    const struct object *object;
    const struct linear_order *order;
    struct budget *budget;
    bool *there;      /* by operation: it is in the order, or has no place there */
    position *latest; /* by place: the latest invocation among those up to it */
    uint32_t
        *places; /* by place: how many operations go right before it; then where the next goes */
};

static void completion_fini(struct completion *work)
{
    size_t places = (size_t)work->order->count + 1;
    budget_free(work->budget, work->there, work->object->count * sizeof *work->there);
    budget_free(work->budget, work->latest, places * sizeof *work->latest);
    budget_free(work->budget, work->places, places * sizeof *work->places);
}

static int completion_init(struct completion *work)
{
    size_t places = (size_t)work->order->count + 1;
    work->there = budget_zalloc(work->budget, work->object->count * sizeof *work->there);
    work->latest = budget_zalloc(work->budget, places * sizeof *work->latest);
    work->places = budget_zalloc(work->budget, places * sizeof *work->places);
    return work->there && work->latest && work->places ? 0 : ERR_NOMEM;
}

/* How many are missing. */
static uint32_t find_missing(struct completion *work, const struct model *model,
                             const struct model_context *context)
{
    const struct specification *specification = specification_find(model->name);
    struct specification_context definition = {
        .values = (struct value_pool *)(uintptr_t)context->pool, .semantics = context->semantics};
    uint32_t missing = 0;
    for (uint32_t i = 0; i < work->order->count; i++)
        work->there[work->order->numbers[i]] = true;
    for (uint32_t i = 0; i < work->object->count; i++) {
        const struct operation *op = &work->object->ops[i];
        bool takes_place = op->outcome == OP_OK && specification && !work->there[i] &&
                           specification->effect(&definition, op) == SPECIFICATION_MUST;
        work->there[i] = !takes_place;
        missing += takes_place;
    }
    return missing;
}

/* The first place whose operation was invoked after this one had completed: everything before it
 * may come before. */
static uint32_t find_place(const struct completion *work, const struct operation *op)
{
    uint32_t low = 0, high = work->order->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (work->latest[middle] > op->complete)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void merge(struct completion *work, uint32_t *out)
{
    const struct linear_order *order = work->order;
    const struct operation *ops = work->object->ops;
    position latest = 0;
    for (uint32_t i = 0; i < order->count; i++) {
        position invoke = ops[order->numbers[i]].invoke;
        latest = invoke > latest ? invoke : latest;
        work->latest[i] = latest;
    }
    for (uint32_t i = 0; i < work->object->count; i++)
        if (!work->there[i])
            work->places[find_place(work, &ops[i])]++;
    uint32_t at = 0;
    for (uint32_t i = 0; i <= order->count; i++) {
        uint32_t count = work->places[i];
        work->places[i] = at;
        at += count;
        if (i < order->count)
            out[at++] = order->numbers[i];
    }
    for (uint32_t i = 0; i < work->object->count; i++)
        if (!work->there[i])
            out[work->places[find_place(work, &ops[i])]++] = i;
}

int linear_order_complete(struct linear_order *order, const struct object *object,
                          const struct model *model, const struct model_context *context)
{
    struct completion work = {.object = object, .order = order, .budget = context->budget};
    int rc = completion_init(&work);
    uint32_t missing = rc == 0 ? find_missing(&work, model, context) : 0;
    uint32_t count = order->count + missing;
    uint32_t *numbers = missing ? budget_alloc(work.budget, count * sizeof *numbers) : NULL;
    if (numbers)
        merge(&work, numbers);
    else if (missing)
        rc = ERR_NOMEM;
    completion_fini(&work);
    if (numbers) {
        linear_order_fini(order, context->budget);
        *order = (struct linear_order){.numbers = numbers, .count = count, .capacity = count};
    }
    return rc;
}
