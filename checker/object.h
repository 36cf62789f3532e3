/* One of the independent objects of a history, with all its operations: what an algorithm gets. */
#ifndef CHECKER_OBJECT_H
#define CHECKER_OBJECT_H

#include "core/operations.h"

struct object {
    const struct operations *all; /* values, times and indexes; NULL only in tests without them */
    struct value_pool *values;    /* models intern parts of values */
    bool has_key;
    value_ref key;
    const struct operation *ops; /* in order of invocation */
    uint32_t count;
    uint32_t ok, failed, crashed;
};

#endif
