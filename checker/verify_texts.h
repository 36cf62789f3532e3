/* A kv: which texts no kept get can tell apart any more.
 *
 * A text that is no beginning of any answer stays so, whatever is appended to it, until it is
 * replaced: no get can answer it, so all of those texts are as good as one. */
#ifndef CHECKER_VERIFY_TEXTS_H
#define CHECKER_VERIFY_TEXTS_H

#include "checker/verify_reduction.h"

struct verify_texts {
    struct value *answers; /* of the kept gets, sorted; from the budget */
    uint32_t count, capacity;
    value_ref other; /* a text that is no beginning of any of them */
};

/* False: no memory; then there is nothing to free. O(answers x log answers) comparisons. */
bool verify_texts_init(struct verify_texts *texts, const struct verify_input *input,
                       const struct verify_reduced *reduced);
void verify_texts_fini(struct verify_texts *texts, struct budget *budget);

/* The text, or `other` if it is no beginning of an answer. O(log answers) comparisons. */
value_ref verify_texts_alike(const struct verify_texts *texts, const struct value_pool *values,
                             value_ref text);

#endif
