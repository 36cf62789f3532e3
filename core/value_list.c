#include "core/value_list.h"

#include "core/arena.h"

#include <string.h>

int value_list_add(struct value_list *list, struct arena *arena, struct value item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct value *items = arena_alloc(arena, capacity * sizeof *items);
        if (!items)
            return -1;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return 0;
}
