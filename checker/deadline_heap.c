#include "checker/deadline_heap.h"

#include "checker/budget.h"

#include <assert.h>

void deadline_heap_init(struct deadline_heap *heap, struct budget *budget,
                        const struct operation *ops)
{
    *heap = (struct deadline_heap){.budget = budget, .ops = ops};
}

void deadline_heap_fini(struct deadline_heap *heap)
{
    budget_free(heap->budget, heap->items, heap->capacity * sizeof *heap->items);
    heap->items = NULL;
    heap->count = heap->capacity = 0;
}

static bool grow(struct deadline_heap *heap)
{
    enum { FIRST = 64 };
    uint32_t capacity = heap->capacity ? heap->capacity * 2 : FIRST;
    uint32_t *items = budget_resize(heap->budget, heap->items, heap->capacity * sizeof *items,
                                    capacity * sizeof *items);
    if (!items)
        return false;
    heap->items = items;
    heap->capacity = capacity;
    return true;
}

static position end_of(const struct deadline_heap *heap, uint32_t at)
{
    return operation_end(&heap->ops[heap->items[at]]);
}

bool deadline_heap_push(struct deadline_heap *heap, uint32_t op)
{
    if (heap->count == heap->capacity && !grow(heap))
        return false;
    position end = operation_end(&heap->ops[op]);
    uint32_t at = heap->count++;
    for (; at > 0 && end < end_of(heap, (at - 1) / 2); at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = op;
    return true;
}

uint32_t deadline_heap_pop(struct deadline_heap *heap)
{
    assert(heap->count > 0);
    uint32_t first = heap->items[0], moved = heap->items[--heap->count], at = 0;
    position end = operation_end(&heap->ops[moved]);
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && end_of(heap, child + 1) < end_of(heap, child))
            child++;
        if (end <= end_of(heap, child))
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at] = moved;
    return first;
}
