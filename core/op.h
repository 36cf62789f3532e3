/* One event of a history: the invocation or the completion of an operation. */
#ifndef CORE_OP_H
#define CORE_OP_H

#include "core/symbol.h"
#include "core/value.h"

#include <stdint.h>

enum op_type {
    OP_INVOKE,
    OP_OK,   /* took effect */
    OP_FAIL, /* certainly did not take effect */
    OP_INFO, /* nobody knows: concurrent with everything after its invocation */
};

enum {
    PROCESS_NEMESIS = -1, /* the process that injects faults */
    PROCESS_NONE = -2,    /* none was recorded, or a name that is not a client */
};

struct op {
    int64_t index;   /* position in the history, from 0 */
    int64_t time_ns; /* since the start of the run; -1 if not recorded */
    int32_t process; /* >= 0: a logical single-threaded client */
    symbol f;        /* what was done: F_READ, F_WRITE, ... */
    uint8_t type;    /* enum op_type */
    bool has_key;    /* the operation is on one of several independent objects */
    struct value key;
    struct value value;
    const char *error; /* borrowed like the values' text; NULL if there is none */
};

struct arena;

/* What a history's error says, as the text an op has: a string is its own text, anything else is
 * written for people. NULL for nil, or without memory. */
const char *op_error_text(struct value error, struct arena *arena);

/* "invoke", "ok", "fail", "info". */
const char *op_type_name(enum op_type type);

/* The type with this name; -1 if there is none. */
int op_type_parse(const char *name, size_t length);

#endif
