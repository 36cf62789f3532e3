/* A list of values under construction, for readers: grows inside an arena. */
#ifndef CORE_VALUE_LIST_H
#define CORE_VALUE_LIST_H

#include "core/value.h"

struct arena;

struct value_list {
    struct value *items; /* in the arena */
    size_t count, capacity;
};

#define VALUE_LIST_INIT                                                                            \
    {                                                                                              \
        0                                                                                          \
    }

/* -1 when the arena is full. Amortised O(1); what it outgrew stays in the arena. */
int value_list_add(struct value_list *list, struct arena *arena, struct value item);

#endif
