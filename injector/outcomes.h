/* Why operations did not succeed: the errors of a history, counted. */
#ifndef INJECTOR_OUTCOMES_H
#define INJECTOR_OUTCOMES_H

#include "core/history.h"

#include <stddef.h>
#include <stdint.h>

enum { OUTCOMES_MAX = 64, OUTCOME_TEXT_MAX = 120 };

struct outcome_count {
    enum op_type type; /* OP_FAIL or OP_INFO */
    const char *error; /* borrowed from the history */
    uint64_t count;
};

struct outcomes {
    struct outcome_count items[OUTCOMES_MAX]; /* most frequent first */
    size_t count;
    uint64_t others; /* with an error that found no place */
};

/* Counts the errors of clients' completions, equal ones (in their first OUTCOME_TEXT_MAX bytes)
 * together. O(events x different errors). */
void outcomes_count(const struct history *history, struct outcomes *out);

#endif
