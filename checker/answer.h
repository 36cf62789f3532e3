/* How the specialised algorithms answer: the parts of struct algorithm_result that they fill in the
 * same way. All memory is of input->budget; algorithm_result_fini gives the result's back. */
#ifndef CHECKER_ANSWER_H
#define CHECKER_ANSWER_H

#include "checker/algorithm.h"

#include <stdbool.h>
#include <stdint.h>

/* A set of operations of an object, for a witness. */
struct kept {
    struct budget *budget;
    uint64_t *bits;
    uint32_t limit; /* indexes are below it */
    uint32_t count;
};

/* False: no memory. */
bool kept_init(struct kept *kept, struct budget *budget, uint32_t limit);
void kept_fini(struct kept *kept);
void kept_add(struct kept *kept, uint32_t index);
bool kept_has(const struct kept *kept, uint32_t index);

/* The smallest index >= from that is kept; kept->limit if there is none. */
uint32_t kept_next(const struct kept *kept, uint32_t from);

/* These set out->end and return 0. */
int answer_accepted(struct algorithm_result *out);
int answer_not_for_this(struct algorithm_result *out, const char *reason);
int answer_out_of_memory(struct algorithm_result *out);
int answer_out_of_time(struct algorithm_result *out);

/* Rejected, with the kept operations as the witness; out of memory if they do not fit. */
int answer_rejected(struct algorithm_result *out, const struct kept *kept, const char *reason,
                    uint32_t failing);

/* Makes room for an order of `count` operations; false: no memory. */
bool answer_reserve_order(const struct algorithm_input *input, struct algorithm_result *out,
                          uint32_t count);

/* ERR_INPUT for an operation the model's specification does not accept: the text names its
 * invocation by index. */
int answer_bad_operation(const struct algorithm_input *input, uint32_t op, struct errbuf *err);

#endif
