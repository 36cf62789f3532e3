/* What shrinking for a model and for a checker have in common. Private to shrink*.c. */
#ifndef CHECKER_SHRINK_PARTS_H
#define CHECKER_SHRINK_PARTS_H

#include "checker/shrink.h"

struct budget;
struct errbuf;

/* Leaves out what is not needed to be refuted by the checker (shrink_checker.c): out->smaller,
 * after and smallest. Errors: ERR_NOMEM. */
int shrink_for_checker(struct operations *all, const struct check_options *options,
                       const struct check_result *result, struct budget *budget,
                       struct shrink_result *out, struct errbuf *err);

/* A history of these operations of `all`, in order of invocation; the result is new also if this
 * fails. Errors: ERR_NOMEM, ERR_INPUT. O(count x keys). */
int shrink_write(const struct operations *all, const struct operation *ops, uint32_t count,
                 struct operations *to, struct errbuf *err);

#endif
