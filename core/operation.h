/* One operation, as the checkers see it: an invocation together with its completion. */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "core/op.h"
#include "core/value_pool.h"

/* Where an event stands among all events of its history: later events have larger positions. Not an
 * index: operations_index (core/operations.h) gives that. */
typedef uint32_t position;

#define POSITION_NONE UINT32_MAX

struct operation {
    position invoke;
    position complete; /* of the completion, whatever it said; POSITION_NONE if there is none */
    int32_t process;
    value_ref argument; /* of the invocation */
    value_ref result;   /* of the completion; nil without one */
    symbol f;
    uint8_t outcome; /* OP_OK, OP_FAIL; OP_INFO also if there is no completion */
    uint8_t reserved;
};

/* When it was certainly over: POSITION_NONE for one that nobody knows the outcome of. */
static inline position operation_end(const struct operation *op)
{
    return op->outcome == OP_INFO ? POSITION_NONE : op->complete;
}

/* Whether a was over before b began: the real-time order. */
static inline bool operation_precedes(const struct operation *a, const struct operation *b)
{
    return operation_end(a) < b->invoke;
}

/* What a write wrote or a cas was asked: the completion's value where there is one, else the
 * invocation's. */
static inline value_ref operation_value(const struct operation *op)
{
    bool ok = op->outcome == OP_OK && op->result != VALUE_REF_NIL;
    return ok ? op->result : op->argument;
}

/* The event that says it. */
static inline position operation_value_at(const struct operation *op)
{
    return op->outcome == OP_OK && op->result != VALUE_REF_NIL ? op->complete : op->invoke;
}

#endif
