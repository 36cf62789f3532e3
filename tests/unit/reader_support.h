/* Reading texts in tests: what a reader makes of them, as a history. */
#ifndef TESTS_READER_SUPPORT_H
#define TESTS_READER_SUPPORT_H

#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader.h"

#include <stdlib.h>
#include <string.h>

/* Reads a text that lies on the heap at its exact length, so that a sanitizer sees a read past its
 * end. *history is initialised and freed by the caller in any case. */
static inline int read_bytes(const struct reader *reader, const char *text, size_t length,
                             struct reader_options options, struct history *history,
                             struct errbuf *err)
{
    char *copy = malloc(length ? length : 1);
    if (length)
        memcpy(copy, text, length);
    struct reader_input input = {
        .name = "FILE", .text = copy, .length = length, .options = options};
    struct operations all;
    history_init(history);
    int rc = reader_read(reader, &input, &all, err);
    if (rc == 0) {
        struct op_sink sink = history_sink(history);
        rc = operations_for_each_event(&all, &sink, err);
        history->truncated = all.truncated;
        operations_fini(&all);
    }
    free(copy);
    return rc;
}

static inline bool same_events(const struct history *a, const struct history *b)
{
    if (a->count != b->count || a->truncated != b->truncated)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct op *one = &a->ops[i], *other = &b->ops[i];
        bool same_error = one->error && other->error ? strcmp(one->error, other->error) == 0
                                                     : one->error == other->error;
        if (!same_error || one->time_ns != other->time_ns || one->process != other->process ||
            one->f != other->f || one->type != other->type || one->has_key != other->has_key ||
            (one->has_key && !value_equal(one->key, other->key)) ||
            !value_equal(one->value, other->value))
            return false;
    }
    return true;
}

#endif
