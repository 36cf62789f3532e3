/* What a register could have held where one of its operations cannot be placed: found by searching
 * the time of the refutation again, with each value in turn that occurs there or that an operation
 * still open may have left behind.
 *
 * What is not found is not possible. Where that is too much to try, nothing is said. */
#ifndef CHECKER_EXPLAIN_VALUES_H
#define CHECKER_EXPLAIN_VALUES_H

#include "checker/explain.h"

enum { EXPLAIN_VALUES_MAX = 64 };

struct explain_values {
    bool was_expected; /* a cas that failed although the value was the expected one all the time */
    uint32_t count;    /* 0: not known */
    value_ref values[EXPLAIN_VALUES_MAX]; /* what the operation could have seen, and nothing else */
};

/* Fills *out in every case. */
void explain_find_values(const struct explain_input *input, struct explain_values *out);

/* Whether a register holds *value after the operation, if it took effect. */
bool explain_leaves_value(const struct explain_input *input, const struct operation *op,
                          value_ref *value);

#endif
