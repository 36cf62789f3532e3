/* What the formats of monitors of data structures, PolyLin's and LiMo's, have in common: events of
 * clients on one object without a key, none of which failed. */
#ifndef FORMATS_WRITER_MONITOR_H
#define FORMATS_WRITER_MONITOR_H

#include "core/op.h"

#include <stddef.h>

/* Why neither can hold the event; NULL if that is not so. not_known: what is said where the object
 * has no such method; NULL if it has. is_another: it is a method of another object than the ones
 * before. */
static inline const char *monitor_why_not(const struct op *op, const char *not_known,
                                          bool is_another)
{
    return op->process < 0       ? "an event that is no client's"
           : op->has_key         ? "a key"
           : not_known           ? not_known
           : is_another          ? "operations of two kinds of objects"
           : op->type == OP_FAIL ? "an operation that failed"
                                 : NULL;
}

#endif
